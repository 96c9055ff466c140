"""gate: the rules, the verdicts, baselines, and how often a verdict is wrong."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats as scipy_stats

from harness.compare.evidence import load
from harness.compare.limits import paired_limits
from harness.errors import BundleError, ConfigError, NotComparableError, UsageError
from harness.gate import gate, update_baseline
from harness.gate.quality import fails_by_holm
from harness.gate.verdicts import Check, GateResult
from harness.results import bundle as bundles
from harness.results import writing
from harness.results.tables import SCORES
from harness.stats import multiplier, non_inferiority

NDCG = "pipelines: [good]\nquality: {ndcg@10: {rule: non-inferiority, margin: %s}}\n"


def _drop(by: float) -> Callable[[dict[str, Any]], None]:
    def change(result: dict[str, Any]) -> None:
        result["pipelines"]["good"]["measures"]["ndcg@10"]["value"] -= by

    return change


@pytest.fixture
def baseline(plain: Path, tmp_path: Path) -> Path:
    return update_baseline(bundles.read(plain), tmp_path / "base", "the first").path


def test_a_bundle_passes_against_itself(plain: Path, baseline: Path, policy: Callable[[str], Path]) -> None:
    rules = (
        "quality: {ndcg@10: {rule: golden}, map: {rule: non-inferiority, margin: 0.0001}, recall@20: "
        "{rule: floor, min: 0.1}}"
    )
    result = gate(plain, policy(rules), baseline)
    assert (result.verdict, result.exit_code) == ("pass", 0)
    assert len(result.checks) == 5 * 3
    assert list(result.frame()["status"].unique()) == ["pass"]


def test_a_worse_pipeline_fails_and_says_why(
    edited: Callable[..., Path], tmp_path: Path, policy: Callable[[str], Path]
) -> None:
    """The baseline's good is now what bad was."""

    def swap(result: dict[str, Any]) -> None:
        result["pipelines"] = {"good": result["pipelines"]["good"]}

    base = update_baseline(bundles.read(edited(swap, "b")), tmp_path / "base", "x").path
    worse = _renamed(edited(lambda r: None, "w", ("bad",)), "bad", "good")
    result = gate(worse, policy(NDCG % 0.02), base)
    (check,) = result.checks
    assert (check.status, result.exit_code) == ("fail", 1)
    assert check.high is not None
    assert check.high < -0.02
    assert check.detectable is not None
    mine, theirs = (load(bundles.read(p)).of("good", "ndcg@10") for p in (worse, base))
    upper = scipy_stats.ttest_rel(mine, theirs, alternative="less").confidence_interval(0.95).high
    assert check.high >= upper - 1e-12  # the outer of Student's and Hall's


def test_a_check_that_did_not_pass_names_the_queries_that_lost_most(
    edited: Callable[..., Path], tmp_path: Path, policy: Callable[[str], Path]
) -> None:
    base = update_baseline(bundles.read(edited(lambda r: None, "b", ("good",))), tmp_path / "base", "x").path
    worse = _renamed(edited(lambda r: None, "w", ("bad",)), "bad", "good")
    mine, theirs = (load(bundles.read(p)) for p in (worse, base))
    deltas = mine.of("good", "ndcg@10") - theirs.of("good", "ndcg@10")
    lowest = [mine.ids[i] for i in np.argsort(deltas, kind="stable")[:3]]
    for rule in ("{rule: non-inferiority, margin: 0.02}", "{rule: golden}"):
        (check,) = gate(worse, policy(f"pipelines: [good]\nquality: {{ndcg@10: {rule}}}"), base).checks
        assert [one.query_id for one in check.queries] == lowest
        assert check.queries[0].text.endswith(f"thing {lowest[0][1:]}")
        assert (check.queries[0].value, check.queries[0].baseline) == (
            mine.of("good", "ndcg@10")[mine.ids.index(lowest[0])],
            theirs.of("good", "ndcg@10")[theirs.ids.index(lowest[0])],
        )
    rose = gate(base, policy("pipelines: [good]\nquality: {ndcg@10: {rule: golden}}"), worse).checks[0]
    assert rose.status == "fail"
    assert set(lowest) & {one.query_id for one in rose.queries}
    assert [one.text for one in rose.queries] == ["", "", ""]  # a baseline holds no texts
    (passed,) = gate(worse, policy(NDCG % 0.9), base).checks
    assert passed.queries == ()


def _renamed(folder: Path, old: str, new: str) -> Path:
    rows = bundles.read(folder).table(SCORES)
    rows = rows.filter([name == old for name in rows["pipeline"].to_pylist()])
    names = [new if name == old else name for name in rows["pipeline"].to_pylist()]
    writing.write_table(
        folder, SCORES, {**{c: rows[c].combine_chunks() for c in rows.column_names}, "pipeline": names}
    )
    result = json.loads((folder / "result.json").read_text())
    result["pipelines"] = {new: result["pipelines"][old]}
    writing.write_result(folder, result)
    return folder


def test_a_margin_below_what_can_be_seen_is_inconclusive(
    edited: Callable[..., Path], tmp_path: Path, policy: Callable[[str], Path]
) -> None:
    base = update_baseline(bundles.read(edited(lambda r: None, "b", ("good",))), tmp_path / "base", "x").path
    near = _renamed(edited(lambda r: None, "n", ("near",)), "near", "good")
    warn = gate(near, policy(NDCG % 0.0001), base)
    assert (warn.verdict, warn.exit_code) == ("inconclusive", 3)
    assert "smallest detectable effect" in warn.checks[0].reason
    assert "queries" in warn.checks[0].reason
    strict = gate(near, policy(NDCG % 0.0001 + "on_inconclusive: fail\n"), base)
    assert (strict.verdict, strict.exit_code) == ("inconclusive", 1)


@pytest.mark.parametrize(("moved", "same_machine", "status"), [
    (0.0, True, "pass"), (9e-7, True, "pass"), (2e-6, True, "fail"), (2e-6, False, "pass"), (1.9e-4, False,
    "pass"), (3e-4, False, "fail"), (-3e-4, False, "fail"),
])  # fmt: skip
def test_golden_tolerances(
    edited: Callable[..., Path],
    baseline: Path,
    policy: Callable[[str], Path],
    moved: float,
    same_machine: bool,
    status: str,
) -> None:
    def change(result: dict[str, Any]) -> None:
        _drop(moved)(result)
        if not same_machine:
            result["perf_key"] = "another"

    now = edited(change, "now", ("good",))
    if moved:
        with pytest.raises(BundleError, match=r"good, ndcg@10: .* stands in result.json"):
            gate(now, policy("pipelines: [good]\nquality: {ndcg@10: {rule: golden}}"), baseline)
    _shifted(now, "ndcg@10", -moved)
    result = gate(now, policy("pipelines: [good]\nquality: {ndcg@10: {rule: golden}}"), baseline)
    assert [check.status for check in result.checks] == [status]


def _shifted(folder: Path, measure: str, by: float) -> None:
    """Add so much to every query's score, and seal the bundle again."""
    rows = bundles.read(folder).table(SCORES)
    values = rows["value"].to_numpy() + by * (np.asarray(rows["measure"].to_pylist()) == measure)
    columns = {name: rows[name].combine_chunks() for name in rows.column_names}
    writing.write_table(folder, SCORES, {**columns, "value": values})
    writing.seal(folder)


def test_a_floor_needs_no_baseline(plain: Path, policy: Callable[[str], Path]) -> None:
    rule = "pipelines: [good]\nquality: {ndcg@10: {rule: floor, min: %s}}"
    assert gate(plain, policy(rule % 0.1)).exit_code == 0
    assert gate(plain, policy(rule % 0.999)).exit_code == 1


def test_no_baseline_is_not_comparable(
    plain: Path, policy: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    result = gate(plain, policy(NDCG % 0.01))
    assert (result.verdict, result.exit_code) == ("not comparable", 4)
    assert "--update-baseline" in result.checks[0].reason
    with pytest.raises(BundleError, match="no such folder"):
        gate(plain, policy(NDCG % 0.01), tmp_path / "absent")


@pytest.mark.parametrize(("change", "words"), [
    (lambda r: r["suite"].update(version=2), "suite version"),
    (lambda r: r["manifest"]["data_sha256"].update(qrels="0" * 64), "SHA-256 of qrels"),
])  # fmt: skip
def test_other_data_is_not_comparable(
    edited: Callable[..., Path], baseline: Path, policy: Callable[[str], Path], change: Any, words: str
) -> None:
    result = gate(edited(change, "now", ("good",)), policy(NDCG % 0.01), baseline)
    assert result.exit_code == 4
    assert words in result.checks[0].reason


def test_missing_pipelines_and_measures_are_not_comparable(
    plain: Path, edited: Callable[..., Path], baseline: Path, policy: Callable[[str], Path]
) -> None:
    result = gate(plain, policy("pipelines: [goood]\nquality: {ndcg@10: {rule: golden}}"), baseline)
    assert result.exit_code == 4
    assert "did you mean 'good'" in result.checks[0].reason
    result = gate(plain, policy("pipelines: [good]\nquality: {ndcg@20: {rule: golden}}"), baseline)
    assert result.exit_code == 4
    lost = gate(
        edited(lambda r: None, "fewer", ("good", "near")),
        policy("quality: {ndcg@10: {rule: golden}}"),
        baseline,
    )
    assert lost.exit_code == 4
    assert [c.pipeline for c in lost.checks if c.status == "not comparable"] == ["bad", "first", "two"]


def test_an_empty_bundle_measured_nothing(edited: Callable[..., Path], policy: Callable[[str], Path]) -> None:
    with pytest.raises(NotComparableError, match="empty"):
        gate(edited(lambda r: r.update(pipelines={}), "empty"), policy(NDCG % 0.1))


def test_disjoint_pairs_are_not_comparable(sts: Callable[..., Path], policy: Callable[[str], Path]) -> None:
    rule = policy("quality: {spearman: {rule: non-inferiority, margin: 0.1}}")
    result = gate(sts({"a": 1.0}, name="x"), rule, sts({"a": 1.0}, n=60, name="y"))
    assert result.exit_code == 4
    assert "share only 60 pairs" in result.checks[0].reason


def test_correlations_are_judged_by_bootstrap(
    sts: Callable[..., Path], policy: Callable[[str], Path]
) -> None:
    sharp, dull = sts({"a": 0.3}, name="x"), sts({"a": 3.0}, name="y")
    rule = policy("quality: {spearman: {rule: non-inferiority, margin: 0.05}}")
    assert gate(sharp, rule, dull).verdict == "pass"
    assert gate(dull, rule, sharp).verdict == "fail"
    assert gate(sharp, rule, sharp).verdict == "pass"
    assert gate(sts({"a": None}, name="z"), rule, sharp).verdict == "not comparable"


SPEED = "pipelines: [good]\nspeed: {latency: {max_slowdown: 1.05}, memory: {max_growth: 1.02}}\n"


@pytest.mark.parametrize(("mine", "latency", "memory", "code"), [
    (10.0, "pass", "pass", 0), (13.0, "fail", "fail", 1), (10.15, "pass", "pass", 0), (10.4, "pass", "fail",
    1),
])  # fmt: skip
def test_arms_are_judged_by_the_ab_rule(
    timed: Callable[..., Path],
    policy: Callable[[str], Path],
    mine: float,
    latency: str,
    memory: str,
    code: int,
) -> None:
    result = gate(timed({"good": mine, "baseline:good": 10.0}), policy(SPEED))
    assert {c.subject: c.status for c in result.checks} == {"latency": latency, "memory": memory}
    assert result.exit_code == code


def test_a_noisy_machine_is_not_a_pass(timed: Callable[..., Path], policy: Callable[[str], Path]) -> None:
    result = gate(
        timed({"good": 10.0, "baseline:good": 10.0}, noisy=True),
        policy("pipelines: [good]\nspeed: {latency: {max_slowdown: 1.05}}"),
    )
    assert (result.verdict, result.exit_code) == ("not comparable", 4)
    assert "invalid" in result.checks[0].reason


def test_one_arm_is_not_judged_and_nothing_judged_is_no_pass(
    plain: Path, policy: Callable[[str], Path]
) -> None:
    result = gate(plain, policy(SPEED))
    assert [c.status for c in result.checks] == ["not judged", "not judged"]
    assert (result.verdict, result.exit_code) == ("not comparable", 4)


def test_quality_of_arms_within_the_bundle(scored: Path, policy: Callable[[str], Path]) -> None:
    result = gate(scored, policy(NDCG % 0.01))
    assert result.baseline == "arms within the bundle"
    assert result.exit_code == 0


def test_counters_are_exact(
    timed: Callable[..., Path], tmp_path: Path, policy: Callable[[str], Path]
) -> None:
    first = timed({"good": 10.0}, name="a")
    base = update_baseline(bundles.read(first), tmp_path / "base", "x").path
    rule = policy("pipelines: [good]\ncounters: exact")
    assert gate(timed({"good": 99.0}, name="b"), rule, base).exit_code == 0
    now = timed({"good": 10.0}, name="c")
    text = (now / "result.json").read_text().replace('"tokens": 500', '"tokens": 501')
    (now / "result.json").write_text(text)
    with pytest.raises(BundleError, match="was edited"):
        gate(now, rule, base)
    writing.seal(now)
    result = gate(now, rule, base)
    assert result.exit_code == 1
    assert "tokens 500 → 501" in result.checks[0].reason


def test_counters_that_went_missing_are_not_comparable(
    timed: Callable[..., Path], plain: Path, tmp_path: Path, policy: Callable[[str], Path]
) -> None:
    base = update_baseline(bundles.read(timed({"good": 10.0})), tmp_path / "base", "x").path
    rule = policy("pipelines: [good]\ncounters: exact")
    assert gate(plain, rule, base).exit_code == 4
    assert gate(plain, rule, plain).checks[0].status == "not judged"


def test_a_baseline_is_small_and_says_why(scored: Path, tmp_path: Path) -> None:
    made = update_baseline(bundles.read(scored), tmp_path / "base", "  because ")
    assert sorted(p.name for p in made.path.iterdir()) == ["result.json", "scores.parquet"]
    assert made.content["baseline"]["reason"] == "because"
    assert "baseline:good" not in made.pipelines
    assert "command" not in made.content["manifest"]
    assert "executable" not in (made.path / "result.json").read_text()
    assert made.value("good", "ndcg@10") == bundles.read(scored).value("good", "ndcg@10")


def test_a_baseline_of_pairs_holds_no_texts(sts: Callable[..., Path], tmp_path: Path) -> None:
    made = update_baseline(bundles.read(sts({"a": 1.0})), tmp_path / "base", "why")
    pairs = made.frame("pairs")
    assert set(pairs["first"]) == {""}
    assert len(pairs) == 120


def test_updating_needs_a_reason_and_never_overwrites_other_files(plain: Path, tmp_path: Path) -> None:
    bundle = bundles.read(plain)
    with pytest.raises(UsageError, match="--reason"):
        update_baseline(bundle, tmp_path / "base", " ")
    with pytest.raises(UsageError, match="the bundle itself"):
        update_baseline(bundle, plain, "why")
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "thesis.txt").write_text("mine")
    with pytest.raises(BundleError, match="something other"):
        update_baseline(bundle, tmp_path / "full", "why")
    assert (tmp_path / "full" / "thesis.txt").read_text() == "mine"


@given(
    st.lists(st.sampled_from(["pass", "fail", "inconclusive", "not comparable", "not judged"]), max_size=6)
)
def test_the_worst_check_decides(statuses: list[Any]) -> None:
    checks = tuple(Check("p", "m", "r", status, "why") for status in statuses)
    result = GateResult("b", "p", None, checks, "warn")
    if "fail" in statuses:
        assert result.exit_code == 1
    elif "not comparable" in statuses or not set(statuses) - {"not judged"}:
        assert result.exit_code == 4
    else:
        assert result.exit_code == (3 if "inconclusive" in statuses else 0)


def _rates(differences: Any, shift: float, margin: float) -> tuple[float, float]:
    """Share of passes and failures over 1,000 draws of queries, the difference's true mean being
    ``shift``.
    """
    n = len(differences)
    draws = (differences - differences.mean() + shift)[np.random.default_rng(1).integers(0, n, (1000, n))]
    usable = draws[np.ptp(draws, axis=1) > 0]
    passes, fails = (_p_below(sign * (usable + margin)) for sign in (-1.0, 1.0))
    # One draw through the gate's own function: the vectorised p values are the gate's.
    own = paired_limits(usable[0], np.zeros(n), 0.05)
    assert own.p_below is not None
    assert own.p_below(-margin) == pytest.approx(fails[0], abs=1e-9)
    assert (own.low or 0.0) > -margin or passes[0] > 0.05
    return float((passes < 0.05).sum() / len(draws)), float((fails <= 0.05).sum() / len(draws))


def _p_below(draws: Any) -> Any:
    """p of "the mean is 0 or more" of each row, as Hall (1992) and Student have it."""
    n = draws.shape[1]
    t = draws.mean(axis=1) / draws.std(axis=1, ddof=1)
    g = scipy_stats.skew(draws, axis=1)
    hall = t + g * t**2 / 3 + g**2 * t**3 / 27 + g / (6 * n)
    return np.maximum(scipy_stats.t.cdf(np.sqrt(n) * t, n - 1), scipy_stats.norm.cdf(np.sqrt(n) * hall))


def _judge_rates(bundle: Path) -> None:
    evidence = load(bundles.read(bundle))
    false_failures, passes, failures = [], [], []
    for measure in evidence.measures:
        for i, one in enumerate(evidence.labels):
            for other in evidence.labels[i + 1 :]:
                for sign in (1.0, -1.0):
                    differences = sign * (evidence.of(one, measure) - evidence.of(other, measure))
                    if np.ptp(differences) == 0:
                        continue
                    detectable = (
                        multiplier(len(differences), sides=1)
                        * differences.std(ddof=1)
                        / np.sqrt(len(differences))
                    )
                    margin = 1.0001 * detectable
                    false_failures.append(_rates(differences, -margin, margin)[1])
                    passes.append(_rates(differences, 0.0, margin)[0])
                    failures.append(_rates(differences, -margin - detectable, margin)[1])
    # Single pairs whose difference rests on a few queries go to 14 %: docs/gating.md says so, and the gate
    # does.
    assert np.mean(false_failures) <= 0.055, (np.mean(false_failures), np.max(false_failures))
    assert np.max(false_failures) <= 0.15, np.max(false_failures)
    # What the smallest detectable effect promises, less what the outer of the two limits costs.
    assert np.mean(passes) >= 0.77, np.mean(passes)
    assert np.mean(failures) >= 0.77, np.mean(failures)


def test_error_rates_over_drawn_queries(plain: Path) -> None:
    _judge_rates(plain)


def test_error_rates_over_dl19(real_data: Path, tmp_path: Path) -> None:
    import harness

    folder = real_data / "msmarco"
    suite = tmp_path / "dl19.yaml"
    suite.write_text(
        f"task: retrieval\nversion: 1\ndataset: {{queries: {folder}/queries.dl19.tsv, qrels: "
        f"{folder}/qrels.dl19.txt}}\n"
        "measures: [ndcg@10, mrr@10-l2, recall@100-l2, map-l2]\nprimary: ndcg@10\n"
    )
    made = harness.score(suite, *sorted((folder / "runs-dl19").glob("*.trec")), out=tmp_path / "bundle")
    _judge_rates(made.path)


@pytest.mark.long
def test_error_rates_over_vaswani(real_data: Path, tmp_path: Path, minilm: str) -> None:
    import harness

    folder = real_data / "vaswani"
    (tmp_path / "vaswani.yaml").write_text(
        f"task: retrieval\nversion: 1\ndataset: {{docs: {folder}/docs.tsv, queries: {folder}/queries.tsv, "
        f"qrels: {folder}/qrels.txt}}\n"
        "measures: [ndcg@10, mrr@10, recall@100, map@100]\nprimary: ndcg@10\n"
    )
    config = tmp_path / "v.yaml"
    config.write_text(
        f"suite: vaswani.yaml\ntiming: 'off'\nmodels: {{minilm: {{bi_encoder: {minilm}}}}}\n"
        "pipelines: {bi: {retrieve: minilm, depth: 100}, bm25: {retrieve: bm25, depth: 100}}\n"
    )
    _judge_rates(harness.run(config, out=tmp_path / "bundle").path)


def _check(p_value: float | None, status: Any = "fail") -> Check:
    return Check("p", "m", "non-inferiority", status, "worse", p_value=p_value)


def test_one_failure_of_many_checks_must_hold_among_all_of_them() -> None:
    """A failure is a union: 15 checks of which one errs by chance are no regression."""
    passed = [_check(0.5, "pass")] * 14
    (*_, lucky) = fails_by_holm([*passed, _check(0.03)], 0.05)
    assert (lucky.status, lucky.p_adjusted) == ("inconclusive", pytest.approx(0.45))
    assert "cannot be told among 15 checks" in lucky.reason
    (*_, real) = fails_by_holm([*passed, _check(0.001)], 0.05)
    assert (real.status, real.p_adjusted) == ("fail", pytest.approx(0.015))
    assert fails_by_holm([_check(0.03)], 0.05)[0].status == "fail"
    assert fails_by_holm([_check(None), _check(0.03)], 0.05)[0].status == "fail"  # golden: no chance in it


def test_family_of_checks_errs_as_often_as_it_says() -> None:
    """15 checks at a true difference of 0, margin 0.005: each alone, something fails in a third of cases."""
    random = np.random.default_rng(5)
    alone = family = 0
    for _ in range(200):
        checks = [
            _check(paired_limits(row, np.zeros(43), 0.05).p_below(-0.005))  # type: ignore[misc]
            for row in random.normal(0.0, 0.2, (15, 43))
        ]
        alone += any((check.p_value or 0) <= 0.05 for check in checks)
        family += any(check.status == "fail" for check in fails_by_holm(checks, 0.05))
    assert alone / 200 > 0.25
    assert family / 200 <= 0.064 + 0.02  # and a standard error of 200 draws


def test_too_few_queries_neither_pass_nor_fail(
    plain: Path, baseline: Path, policy: Callable[[str], Path]
) -> None:
    rules = (
        "quality: {map: {rule: non-inferiority, margin: 0.5}, ndcg@10: {rule: golden}}\nrequire_queries: %d\n"
    )
    few = gate(plain, policy(rules % 90), baseline)
    assert {c.status for c in few.checks if c.subject == "map"} == {"inconclusive"}
    assert {c.status for c in few.checks if c.subject == "ndcg@10"} == {"pass"}
    assert "fewer than the 90 that the policy requires" in few.checks[0].reason
    assert gate(plain, policy(rules % 40), baseline).verdict == "pass"


def test_a_fixed_reference_sees_what_many_small_losses_add_up_to(
    edited: Callable[..., Path], tmp_path: Path, policy: Callable[[str], Path]
) -> None:
    first = update_baseline(
        bundles.read(edited(lambda r: None, "b", ("good",))), tmp_path / "first", "x"
    ).path
    worse = _renamed(edited(lambda r: None, "w", ("bad",)), "bad", "good")
    rule = NDCG % 0.02
    assert gate(worse, policy(rule), worse).verdict == "pass"
    both = gate(worse, policy(f"{rule}reference: {first}\n"), worse)
    assert [check.status for check in both.checks] == ["pass", "fail"]
    assert "against the reference" in both.checks[1].rule
    missing = policy(f"{rule}reference: nowhere\n")
    with pytest.raises(BundleError):
        gate(worse, missing, worse)


def test_a_floor_is_a_rule_on_the_limit(plain: Path, policy: Callable[[str], Path]) -> None:
    value = bundles.read(plain).value("good", "ndcg@10")
    rule = "pipelines: [good]\nquality: {ndcg@10: {rule: floor, min: %r}}\n"
    near, low, high = (gate(plain, policy(rule % least)) for least in (value - 0.001, value - 0.3, 0.999))
    assert [r.verdict for r in (near, low, high)] == ["inconclusive", "pass", "fail"]
    assert "cannot be told from" in near.checks[0].reason


def test_the_smallest_detectable_effect_heeds_alpha_and_one_side() -> None:
    differences = np.random.default_rng(2).normal(0.0, 0.1, 43)
    found = [paired_limits(differences, np.zeros(43), alpha).detectable or 0.0 for alpha in (0.05, 0.01)]
    error = differences.std(ddof=1) / np.sqrt(43)
    assert [one / error for one in found] == pytest.approx([2.528, 3.274], abs=2e-3)


@pytest.mark.parametrize("margin", [0, -0.01])
def test_a_margin_of_0_or_below_is_refused(policy: Callable[[str], Path], plain: Path, margin: float) -> None:
    with pytest.raises(ConfigError, match="margin should be greater than 0"):
        gate(plain, policy(NDCG % margin), plain)


def test_a_reference_of_another_suite_does_not_compare(
    plain: Path, baseline: Path, sts: Callable[..., Path], policy: Callable[[str], Path]
) -> None:
    other = sts({"good": 1.0})
    result = gate(plain, policy(f"{NDCG % 0.5}reference: {other}\n"), baseline)
    assert [check.status for check in result.checks] == ["pass", "not comparable"]
    assert (result.verdict, result.exit_code) == ("not comparable", 4)


def test_constant_scores_and_one_query_prove_little() -> None:
    constant = paired_limits(np.full(40, 0.5), np.full(40, 0.6), 0.05)
    assert constant.low is not None
    assert constant.high is not None
    assert constant.p_below is not None
    assert constant.low < -0.1 < constant.high
    assert constant.p_below(constant.high) == pytest.approx(0.05)
    assert constant.p_below(-0.1) == 1.0
    same = paired_limits(np.full(40, 0.5), np.full(40, 0.5), 0.05)
    assert non_inferiority(same.low, same.high, 0.0001) == "pass"
    one = paired_limits(np.asarray([0.5]), np.asarray([0.6]), 0.05)
    assert (one.low, one.high, one.p_below) == (None, None, None)
    assert non_inferiority(one.low, one.high, 0.5) == "inconclusive"
