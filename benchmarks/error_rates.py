"""How often the verdicts are wrong, and what they find: simulations of the rules themselves, seeded.

    python benchmarks/error_rates.py family              33 pipelines without a difference, and one that is perfect
    python benchmarks/error_rates.py power               pairs told apart by max-t and by Holm
    python benchmarks/error_rates.py gate                15 checks at no difference, and at the margin
    python benchmarks/error_rates.py limits              Student's limits, and the outer of Student's and Hall's
    python benchmarks/error_rates.py coverage            intervals of means and of differences
    python benchmarks/error_rates.py drift               ten changes that each lose half a margin
    python benchmarks/error_rates.py winner              the best of six, its cross-validated figure, and --dev
    python benchmarks/error_rates.py sets                speed ratios where sets of processes differ
    python benchmarks/error_rates.py rate                the highest rate within a bound, M/M/1
    python benchmarks/error_rates.py latency             percentiles of queries that are called again and again
    python benchmarks/error_rates.py load                percentiles under load, where they have an interval

Each draws queries from a population: the per-query scores of a bundle (--bundle), such as the six TREC DL 2019 runs, or
made-up ones of the same size. One thread, at most 3 minutes each.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from itertools import combinations, permutations
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from harness import stats
from harness.stats.student import t_quantile
from harness.timing.samples import Samples

FloatArray = NDArray[np.float64]


def population(bundle: Path | None, n_arms: int, n: int, seed: int = 7) -> FloatArray:
    """Scores [n_measures, n_arms, n]: a bundle's, or made-up ones with the queries' difficulty in common."""
    if bundle is not None:
        from harness.compare.evidence import load
        from harness.results.bundle import read

        return np.moveaxis(load(read(bundle)).values, 0, 1)
    generator = np.random.default_rng(seed)
    hard = generator.normal(0.0, 1.2, (4, 1, n))
    return 1.0 / (1.0 + np.exp(-(hard + generator.normal(0.6, 0.9, (4, n_arms, n)))))


def family(given: argparse.Namespace) -> None:
    """Any false "better" among all pairs of pipelines that are exchangeable, and a perfect run among them."""
    generator = np.random.default_rng(given.seed)
    scores = population(given.bundle, given.pipelines, given.queries)[0]
    if given.bundle is not None:  # more arms than were scored: exchangeable draws of each query's scores
        scores = scores[
            generator.integers(0, len(scores), (given.pipelines, scores.shape[1])), np.arange(scores.shape[1])
        ]
    pairs = list(combinations(range(given.pipelines), 2))
    wrong = 0
    for run in range(given.runs):
        drawn = generator.permuted(scores[:, generator.integers(0, scores.shape[1], given.queries)], axis=0)
        found = stats.max_t_means(drawn, pairs, n_flips=given.flips, seed=run)
        wrong += bool((found.adjusted <= 0.05).any())
    scores = np.vstack([scores[:-1, : given.queries], np.ones((1, min(given.queries, scores.shape[1])))])
    best = stats.max_t_means(scores, pairs)
    with_best = [i for i, pair in enumerate(pairs) if given.pipelines - 1 in pair]
    holm = stats.holm(best.p_values.tolist())
    print(
        f"family: {given.pipelines} pipelines, {len(pairs)} pairs, {given.queries} queries, {given.runs} runs"
    )
    print(f"  any false 'better' by max-t: {wrong / given.runs:.3f}")
    print(
        f"  a perfect run's largest p: max-t {best.adjusted[with_best].max():.4f}, Holm over Monte-Carlo p "
        f"{max(holm[i] for i in with_best):.4f}"
    )


def power(given: argparse.Namespace) -> None:
    """Shares of true differences found: max-t, and Holm over the same draws, among few and many pipelines."""
    for n_arms in (6, 33):
        generator = np.random.default_rng(given.seed)
        pairs = list(combinations(range(n_arms), 2))
        found = {"max-t": 0.0, "Holm": 0.0}
        runs = max(1, given.runs // 40)
        for run in range(runs):
            scores = population(None, n_arms, given.queries, seed=run)[0]
            scores += generator.permutation(np.linspace(-0.2, 0.2, n_arms))[:, None]
            made = stats.max_t_means(scores, pairs, seed=run)
            found["max-t"] += float((made.adjusted <= 0.05).mean()) / runs
            found["Holm"] += float((np.asarray(stats.holm(made.p_values.tolist())) <= 0.05).mean()) / runs
        print(
            f"power: {n_arms} pipelines of means 0.4 apart in all, {given.queries} queries: pairs told apart by max-t "
            f"{found['max-t']:.3f}, by Holm {found['Holm']:.3f}"
        )


def gate(given: argparse.Namespace) -> None:
    """Any false failure among 5 pipelines x 3 measures whose true difference is 0, or is the margin."""
    generator = np.random.default_rng(given.seed)
    scores = population(given.bundle, 6, given.queries)[:3, :6]
    for name, shrink in (("as different", 1.0), ("twins (a third)", 1.0 / 3.0)):
        differences = shrink * (scores[:, 1:] - scores[:, :1]).reshape(15, -1)
        differences -= differences.mean(axis=1, keepdims=True)
        for margin, shift in ((0.005, 0.0), (0.01, 0.0), (0.02, 0.0), (0.02, -0.02)):
            alone, holm = 0, 0
            for _ in range(given.runs):
                drawn = differences[:, generator.integers(0, differences.shape[1], given.queries)] + shift
                t = (drawn.mean(axis=1) + margin) / drawn.std(axis=1, ddof=1) * np.sqrt(given.queries)
                alone += bool((t < -t_quantile(given.queries - 1, 0.95)).any())
                evidence = [stats.mean_evidence(row) for row in drawn]
                p_values = [1.0 if one is None else one.p_below(-margin) for one in evidence]
                holm += bool((np.asarray(stats.holm(p_values)) <= 0.05).any())
            at = "no difference" if shift == 0.0 else "at the margin"
            print(
                f"gate: 15 checks, {name}, {at}, margin {margin:g}: fails each alone by t "
                f"{alone / given.runs:.3f}, Holm over the outer {holm / given.runs:.3f}"
            )


def limits(given: argparse.Namespace) -> None:
    """False failures at exactly the margin, and power, over every ordered pair and measure of a population."""
    generator = np.random.default_rng(given.seed)
    scores, runs = population(given.bundle, 6, 43), 6 * given.runs
    rows = [m[a] - m[b] for m in scores for a, b in permutations(range(m.shape[0]), 2)]
    rows = [row - row.mean() for row in rows if np.ptp(row) > 0]
    for n in (43, 93):
        found: dict[str, list[float]] = {"t": [], "outer": [], "t power": [], "outer power": []}
        for row in rows:
            drawn = row[generator.integers(0, len(row), (runs, n))]
            drawn = drawn[np.ptp(drawn, axis=1) > 0]
            step = stats.detectable_difference(float(row.std()), n, sides=1)
            for shift, power in ((0.0, ""), (-step, " power")):
                t, outer = p_below(drawn + shift)
                found[f"t{power}"].append(float((t <= 0.05).sum() / runs))
                found[f"outer{power}"].append(float((outer <= 0.05).sum() / runs))
        for name in ("t", "outer"):
            wrong, power = np.asarray(found[name]), np.asarray(found[f"{name} power"])
            print(
                f"limits: n = {n}, {name}: false failures above 6.4 % in {(wrong > 0.064).sum()} of {len(rows)} "
                f"(worst {wrong.max():.3f}, mean {wrong.mean():.3f}); power {power.mean():.3f} at the detectable effect"
            )


def p_below(drawn: FloatArray) -> tuple[FloatArray, FloatArray]:
    """p of "the mean is 0 or more" of each row: Student's, and the larger of Student's and Hall's."""
    from scipy import special

    n = drawn.shape[1]
    mean, sd = drawn.mean(axis=1), drawn.std(axis=1, ddof=1)
    centred = drawn - mean[:, None]
    g = (centred**3).mean(axis=1) / (centred**2).mean(axis=1) ** 1.5
    t = mean / sd
    hall = t + g * t**2 / 3 + g**2 * t**3 / 27 + g / (6 * n)
    student = special.stdtr(n - 1, np.sqrt(n) * t)
    return student, np.maximum(student, special.ndtr(np.sqrt(n) * hall))


def coverage(given: argparse.Namespace) -> None:
    """How often printed intervals hold the population's figure."""
    generator = np.random.default_rng(given.seed)
    scores = population(given.bundle, 6, 43)
    n, runs = given.queries, given.runs
    means, simultaneous = [], []
    pairs = list(combinations(range(scores.shape[1]), 2))
    truth = np.concatenate([[m[a].mean() - m[b].mean() for a, b in pairs] for m in scores])
    flat, places = (
        scores.reshape(-1, scores.shape[2]),
        [(k * scores.shape[1] + a, k * scores.shape[1] + b) for k in range(len(scores)) for a, b in pairs],
    )
    for run in range(runs):
        drawn = flat[:, generator.integers(0, flat.shape[1], n)]
        found = stats.max_t_means(drawn, places, n_flips=2_000, seed=run)
        simultaneous.append(
            all(i is None or i.contains(d) for i, d in zip(found.intervals, truth, strict=True))
        )
        if run < 300:
            bootstrapped = (stats.bootstrap_mean(row, n_resamples=1_000, seed=run) for row in drawn)
            means.append(
                [
                    i is not None and i.contains(m)
                    for i, m in zip(bootstrapped, flat.mean(axis=1), strict=True)
                ]
            )
    by_row = np.mean(means, axis=0)
    print(
        f"coverage: n = {n}: mean of scores {by_row.mean():.3f} (worst {by_row.min():.3f}); all {len(places)} "
        f"differences at once {np.mean(simultaneous):.3f}"
    )
    for share in (0.5, 0.8, 0.9, 0.98):
        hits = generator.binomial(n, share, 20_000)
        made = [stats.wilson(int(h), n) for h in range(n + 1)]
        held = np.asarray([interval.contains(share) for interval in made])[hits]
        print(f"coverage: Wilson, n = {n}, share {share}: {held.mean():.3f}")


def drift(given: argparse.Namespace) -> None:
    """Ten changes that each lose half a margin: a baseline that follows, and a reference that stays."""
    generator, n, margin, sd = np.random.default_rng(given.seed), 1_000, 0.01, 0.05
    passed = {"moving baseline": 0, "and a reference": 0}
    for _ in range(given.runs):
        steps = generator.normal(-margin / 2, sd, (10, n))
        moving = all(_passes(step, margin) for step in steps)
        passed["moving baseline"] += moving
        passed["and a reference"] += moving and all(_passes(row, margin) for row in steps.cumsum(axis=0))
    for name, count in passed.items():
        print(f"drift: ten losses of half a margin all pass, {name}: {count / given.runs:.3f}")


def _passes(differences: FloatArray, margin: float) -> bool:
    found = stats.mean_evidence(differences)
    return found is not None and found.limits(0.05)[0] > -margin


def winner(given: argparse.Namespace) -> None:
    """The best of six pipelines by their scores here, against what it is worth in the population."""
    from harness.compare.evidence import Evidence
    from harness.selection.dev import split
    from harness.selection.validation import cross_validated

    generator = np.random.default_rng(given.seed)
    scores = population(given.bundle, 6, 43)[0]
    scores = scores - scores.mean(axis=1, keepdims=True) + scores.mean()  # equals
    names, n = tuple(f"p{i}" for i in range(len(scores))), given.queries
    bias: dict[str, list[float]] = {"own": [], "five-fold": [], "test of --dev 0.3": []}
    covered: dict[str, list[bool]] = {name: [] for name in bias}
    for run in range(min(given.runs, 300)):
        drawn = scores[:, generator.integers(0, scores.shape[1], n)]
        best = drawn[drawn.mean(axis=1).argmax()]
        evidence = Evidence("query", tuple(f"{i:04}" for i in range(n)), names, ("m",), drawn[:, None, :])
        validated = cross_validated(evidence, names, "m")
        assert validated is not None
        dev, test, _ = split(0.3, evidence)
        kept = test.values[dev.values[:, 0].mean(axis=1).argmax(), 0]
        for name, value, interval in (
            ("own", float(best.mean()), stats.bootstrap_mean(best, n_resamples=1_000, seed=run)),
            ("five-fold", validated.value, validated.interval),
            (
                "test of --dev 0.3",
                float(kept.mean()),
                stats.bootstrap_mean(kept, n_resamples=1_000, seed=run),
            ),
        ):
            bias[name].append(value - float(scores.mean()))
            covered[name].append(interval is not None and interval.contains(float(scores.mean())))
    for name in bias:
        print(
            f"winner: best of {len(names)} equals at n = {n}, {name}: too high by {np.mean(bias[name]):+.4f}, "
            f"interval holds the truth in {np.mean(covered[name]):.3f}"
        )


def rate(given: argparse.Namespace) -> None:
    """How often the true p99 at the highest rate found breaks the bound: M/M/1 of mean 10 ms, bound 100 ms."""
    from harness.timing.load_curve import LatencyBound, LoadPoint, max_rate
    from harness.timing.waits import open_loop_summary

    mean, bound = 0.010, 0.100
    true_limit = 1.0 / mean + np.log(0.01) / bound  # P(sojourn > t) = exp(-(mu - lambda) t)
    generator = np.random.default_rng(given.seed)

    def samples(services: FloatArray, scheduled: FloatArray, ended: FloatArray) -> Samples:
        started, times, due = (
            np.round(x * 1e9).astype(np.int64) for x in (ended - services, services, scheduled)
        )
        return as_samples(due, started, times)

    def point(rate_per_s: float, n: int) -> LoadPoint:
        services, gaps = generator.exponential(mean, n), generator.exponential(1.0 / rate_per_s, n)
        arrivals = gaps.cumsum()
        done = services.cumsum()
        ended = done + np.maximum.accumulate(arrivals - done + services)
        made = samples(services, arrivals, ended)
        return LoadPoint(rate_per_s, made, open_loop_summary(made), None, overload=False)

    services = generator.exponential(mean, 5_000)
    closed = samples(services, services.cumsum() - services, services.cumsum())
    for n in (1_200, 12_000):
        wrong, none, by_point = 0, 0, 0
        for _ in range(given.runs // 5):
            found = max_rate(LatencyBound(round(bound * 1e9)), closed, lambda r, n=n: point(r, n))
            none += found.rate_per_s is None
            wrong += found.rate_per_s is not None and found.rate_per_s > true_limit
            within = [
                p.rate_per_s
                for p in found.points
                if p.summary
                and (p.summary.percentiles[0.99].value or np.inf) <= bound * 1e9
                and p.rate_per_s < found.broken_per_s
            ]
            by_point += max(within, default=0.0) > true_limit
        runs = given.runs // 5
        print(
            f"rate: {n} queries a point: true p99 breaks the bound by the figure {by_point / runs:.3f}, by its limit "
            f"{wrong / runs:.3f} (none found {none / runs:.3f})"
        )


def sets(given: argparse.Namespace) -> None:
    """The interval of a speed ratio where fresh sets of processes differ by themselves; and the rule's power."""
    generator = np.random.default_rng(given.seed)
    for n_sets, per_set in ((3, 4), (5, 4), (6, 2)):
        of_block = np.repeat(np.arange(n_sets), per_set)
        for between in (0.0, 0.01, 0.02):
            held, old, failed, old_failed = [], [], [], []
            for _ in range(given.runs):
                logs = (
                    generator.normal(0.0, 0.02, n_sets * per_set)
                    + generator.normal(0.0, between, n_sets)[of_block]
                )
                for made, into in (
                    (stats.estimate_ratio(logs), old),
                    (stats.estimate_ratio(logs, sets=of_block), held),
                ):
                    into.append(made.interval is not None and made.interval.contains(1.0))
                slower = logs + np.log(1.10)
                failed.append(stats.judge_slowdown(slower, sets=of_block) == "fail")
                old_failed.append(stats.judge_slowdown(slower) == "fail")
            print(
                f"sets: {n_sets} sets of {per_set} blocks (deviation 2 %), between sets {between:.0%}: holds the truth in "
                f"{np.mean(old):.3f} by blocks, {np.mean(held):.3f} with sets; a 10 % slow-down fails in "
                f"{np.mean(old_failed):.3f} and {np.mean(failed):.3f}"
            )


def latency(given: argparse.Namespace) -> None:
    """Intervals of closed-loop percentiles: for these queries in these processes, and for queries like them.

    The logarithm of a time is the query's own (deviation 0.3), the block's (0.02) and the call's (0.1); the
    queries go round in shuffles, as the driver sends them. Beside the binomial interval stands the one whose unit is the
    query: the share of calls at or below the percentile varies between queries, and its uncertainty gives the ranks (R.
    Woodruff, JASA 1952).
    """
    generator, calls, between = np.random.default_rng(given.seed), 0.10, 0.30
    for n, repeats in ((220, 3), (376, 10), (376, 42)):
        held: dict[tuple[str, float], list[bool]] = {}
        for _ in range(min(given.runs, 300)):
            own = generator.normal(0.0, between, n)
            shuffles = np.concatenate([generator.permutation(n) for _ in range(repeats)])
            of_block = generator.normal(0.0, 0.02, 8)
            drift = of_block[np.arange(len(shuffles)) * 8 // len(shuffles)]
            times = own[shuffles] + drift + generator.normal(0.0, calls, len(shuffles))
            these = (own[:, None] + of_block).ravel()
            wide = float(np.hypot(between, calls))
            for p in (0.5, 0.95, 0.99):
                binomial = stats.quantile_interval(times, p)
                clustered = by_query(times, shuffles, p)
                for name, interval, truth in (
                    ("these", binomial, mixture_quantile(these, calls, p)),
                    ("like them", binomial, mixture_quantile(of_block, wide, p)),
                    ("like them, by query", clustered, mixture_quantile(of_block, wide, p)),
                ):
                    if interval is not None:
                        held.setdefault((name, p), []).append(interval.contains(truth))
        for (name, p), some in held.items():
            print(
                f"latency: {n} queries called {repeats} times, p{100 * p:g}, {name}: holds in {np.mean(some):.3f} "
                f"(given in {len(some) / min(given.runs, 300):.2f})"
            )


def mixture_quantile(centres: FloatArray, deviation: float, p: float) -> float:
    """The p-quantile of an even mixture of normals."""
    from scipy import special

    low, high = float(centres.min()) - 6.0 * deviation, float(centres.max()) + 6.0 * deviation
    for _ in range(50):
        middle = (low + high) / 2.0
        low, high = (
            (middle, high) if special.ndtr((middle - centres) / deviation).mean() < p else (low, middle)
        )
    return high


def by_query(times: FloatArray, queries: NDArray[np.int64], p: float) -> stats.Interval | None:
    """The interval of a percentile with the query as the unit; None where its ranks lie beyond the samples."""
    value, n = stats.percentile(times, p), len(times)
    below = (times <= value) - p
    sums = np.bincount(queries, weights=below)
    n_queries = len(sums)
    error = float(np.sqrt((sums**2).sum() * n_queries / (n_queries - 1))) / n
    half = max(t_quantile(n_queries - 1, 0.975) * error, 1.96 * float(np.sqrt(p * (1 - p) / n)))
    ordered = np.sort(times)
    low, high = int(np.floor(n * (p - half))), int(np.ceil(n * (p + half))) + 1
    if low < 1 or high > n or n_queries < stats.smallest_count(p):
        return None
    return stats.Interval(float(ordered[low - 1]), float(ordered[high - 1]), 0.95, "clusters")


def load(given: argparse.Namespace) -> None:
    """Percentiles under load from an empty start, at counts of which an interval needs the multiple: M/M/1 and M/D/1."""
    from harness.timing.open_loop import draw_arrivals
    from harness.timing.waits import open_loop_summary

    for kind in ("M/M/1", "M/D/1"):
        exponential = kind == "M/M/1"
        for share in (0.5, 0.7, 0.9):

            def run(n: int, seed: int, share: float = share, exponential: bool = exponential) -> Samples:
                arrivals = draw_arrivals(100 * share, n, seed)
                drawn = np.random.default_rng([seed, 1]).exponential(1e7, n).astype(np.int64)
                times = drawn if exponential else np.full(n, 10_000_000)
                before = np.concatenate([[0], np.cumsum(times)[:-1]])
                return as_samples(arrivals, np.maximum.accumulate(arrivals - before) + before, times)

            stationary = None if exponential else run(2_000_000, 10**6).sojourn_ns
            for p in (0.5, 0.9):
                truth = (
                    float(np.quantile(stationary, p))
                    if stationary is not None
                    else -np.log(1 - p) / (1 - share) * 1e7
                )
                for times, by in ((1.05, None), (1.05, share), (2.5, share)):
                    n = int(times * 8 / (1 - p) / (1 - share) ** 2 * (2 if exponential else 1))
                    found = [
                        open_loop_summary(run(n, s), load=by).percentiles[p] for s in range(given.runs // 5)
                    ]
                    shown = [f for f in found if f.interval is not None and f.value is not None]
                    held = [f.interval.contains(truth) for f in shown if f.interval is not None]
                    print(
                        f"load: {kind} at {share}, p{100 * p:g}, {n:,} queries ({times:g} times what an interval needs, "
                        f"by the load {'of the run' if by is None else 'asked for'}): "
                        f"shown in {len(shown) / len(found):.2f}, over the stationary one "
                        f"{np.mean([(f.value or 0.0) / truth for f in shown]):.3f}, holds in {np.mean(held):.3f}"
                    )


def as_samples(scheduled: NDArray[np.int64], started: NDArray[np.int64], times: NDArray[np.int64]) -> Samples:
    """Served samples of one set from their times in ns."""
    from harness.timing.counters import COUNTER_NAMES
    from harness.timing.samples import from_columns

    zeros = np.zeros(len(times), dtype=np.int64)
    columns = {
        "set": zeros,
        "block": zeros,
        "request_id": np.full(len(times), "q"),
        "scheduled_ns": scheduled,
        "started_ns": started,
        "ended_ns": started + times,
        "service_ns": times,
        "dropped": zeros.astype(np.bool_),
    }
    return from_columns(columns | dict.fromkeys(COUNTER_NAMES, zeros))


COMMANDS: dict[str, Callable[[argparse.Namespace], None]] = {
    "family": family,
    "power": power,
    "gate": gate,
    "limits": limits,
    "coverage": coverage,
    "drift": drift,
    "winner": winner,
    "rate": rate,
    "sets": sets,
    "latency": latency,
    "load": load,
}


def main() -> None:
    """Run one simulation, or all."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("what", choices=[*COMMANDS, "all"])
    parser.add_argument("--bundle", type=Path, help="draw from its per-query scores")
    parser.add_argument("--runs", type=int, default=1_000)
    parser.add_argument("--queries", type=int, default=43)
    parser.add_argument("--pipelines", type=int, default=33)
    parser.add_argument("--flips", type=int, default=1_000)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    for name, command in COMMANDS.items():
        if given.what in (name, "all"):
            command(given)


if __name__ == "__main__":
    main()
