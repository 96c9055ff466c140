"""A choice in sentences, and its arithmetic in full."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from harness.errors import counted, listed
from harness.selection.costs import HOURS_PER_MONTH
from harness.selection.needs import AXES, Constraint, Needs
from harness.units import size_text

if TYPE_CHECKING:
    from harness.compare.evidence import Evidence
    from harness.compare.paired import Paired
    from harness.selection import Candidate, Selection
    from harness.selection.dev import Held


def reasons_of(chosen: Selection, needs: Needs, constraints: Sequence[Constraint]) -> tuple[str, ...]:
    """Why this one, which others would do as well, and what each constraint costs."""
    if chosen.recommended is None:
        return tuple(_none_fits(chosen, constraints))
    return tuple(_recommended(chosen, needs, constraints))


def _none_fits(chosen: Selection, constraints: Sequence[Constraint]) -> Iterator[str]:
    yield (
        f"No pipeline meets {'the constraint' if len(constraints) == 1 else 'all constraints'}: "
        f"{listed(c.name for c in constraints)}{_on_dev(chosen, constraints)}."
    )
    closest = _named(chosen, chosen.nearest)
    misses = [_miss(closest, c) for c in constraints if c.name in closest.missed]
    yield f"The nearest is {closest.label}, which misses {' and '.join(misses)}."


def _miss(candidate: Candidate, constraint: Constraint) -> str:
    figure, share = constraint.figure(candidate.quality, candidate.costs), candidate.missed[constraint.name]
    if figure is None or share is None:
        return f"{constraint.name} (not measured)"
    # The limit decides: that of the interval, where there is one.
    within = constraint.excess(figure) == 0.0
    why = "its limit, not the figure" if within else "by its limit"
    shown = amount(constraint.key, figure)
    if constraint.key == "p95_ms" and candidate.costs.requests is not None:
        shown += f" over {counted(candidate.costs.requests, 'request')}"
    return f"{constraint.name} by {share:.1%} ({shown}; {why})"


def _recommended(chosen: Selection, needs: Needs, constraints: Sequence[Constraint]) -> Iterator[str]:
    best = _named(chosen, chosen.recommended)
    fitting = [c for c in chosen.candidates if c.fits]
    among = _among(len(fitting), len(chosen.candidates), constraints)
    if needs.objective in AXES:
        figure = getattr(best.costs, AXES[needs.objective])
        yield (
            f"{best.label} has the lowest {needs.objective} of {among}: "
            f"{amount(AXES[needs.objective], figure)}{_requests(best, needs.objective)}; its {chosen.measure} is "
            f"{best.quality[chosen.measure]:.4f}{_on_dev(chosen)}."
        )
    else:
        figure = f"{best.quality[chosen.measure]:.4f}{_on_dev(chosen)}"
        yield f"{best.label} has the highest {chosen.measure} of {among}: {figure}."
    yield from _chosen_here(chosen, len(fitting))
    yield from _front(chosen, best)
    yield from _tied(chosen, needs)
    yield from _open(chosen, best, needs)
    for row in chosen.comparisons:
        if row.note:
            yield f"{row.first} does not compare by {chosen.measure}: {row.note}."
        elif row.verdict != "cannot be told apart" and row.delta is not None:
            yield (
                f"{row.first} is {'worse' if row.delta < 0 else 'better'}: Δ {_delta(row)}, p family "
                f"{_p(row.p_adjusted)}."
            )
    for price in chosen.prices:
        lost = None if price.comparison is None else price.comparison.delta
        if price.instead is not None and lost is not None and lost <= 0.0:  # on dev it was better
            yield (
                f"{price.constraint} costs no {chosen.measure} on the test queries: without it, {price.instead}, "
                f"Δ {lost:+z.4f}."
            )
            continue
        if price.instead is None or price.comparison is None or price.comparison.delta is None:
            yield f"{price.constraint} costs no quality: without it the choice is no better."
            continue
        told = " (cannot be told apart)" if price.comparison.verdict == "cannot be told apart" else ""
        if _named(chosen, price.instead).missed.get(price.constraint, 0.0) is None:
            told += "; whether that meets it was not measured"
        yield (
            f"{price.constraint} costs {price.comparison.delta:.4f} {chosen.measure}: without it, "
            f"{price.instead}, Δ {_delta(price.comparison)}{told}."
        )


def items(n: int, evidence: Evidence) -> str:
    """How many items, with their noun."""
    return counted(n, {"query": "judged query"}.get(evidence.item, evidence.unit[:-1]), evidence.unit)


def shares(held: Held | None) -> str:
    """How many of them were chosen on and how many measured on; empty where all were both."""
    return (
        ""
        if held is None
        else f", {held.n_dev:,} to choose on (dev) and {held.n_test:,} to measure on (test)"
    )


def _on_dev(chosen: Selection, constraints: Sequence[Constraint] | None = None) -> str:
    """Which queries a figure is of, where not of all; after constraints, if one is on a measure."""
    if chosen.held is None or (constraints is not None and not any(c.at_least for c in constraints)):
        return ""
    return f" on the {counted(chosen.held.n_dev, 'dev query', 'dev queries')}"


def _among(n: int, of: int, constraints: Sequence[Constraint]) -> str:
    """Of which pipelines it is the best."""
    if not constraints:
        return {1: "the only pipeline", 2: "both pipelines"}.get(of, f"all {of} pipelines")
    names = listed(c.name for c in constraints)
    return f"the {n} of {counted(of, 'pipeline')} that {'meets' if n == 1 else 'meet'} {names}"


def _requests(candidate: Candidate, objective: str) -> str:
    """Of how many requests a latency is."""
    n = candidate.costs.requests if objective == "p95" else None
    return "" if n is None else f" over {counted(n, 'request')}"


def _front(chosen: Selection, best: Candidate) -> Iterator[str]:
    front = [c for c in chosen.candidates if c.on_front]
    shown = ", ".join(
        f"{c.label} ({c.front_probability:.0%})"
        for c in chosen.candidates
        if c.on_front or c.front_probability >= 0.05
    )
    # Resamples of one item are that item, which would be certain of everything.
    dev = "" if chosen.held is None else " of the dev queries"
    single = any(row.n < 2 for row in chosen.comparisons)
    if chosen.axis is None:
        often = "" if single else f"; how often each is the best in 10,000 resamples{dev}: {shown}"
        yield f"No cost was measured for all of them, so quality alone decides{often}."
        return
    place = "is on" if best in front else "is not on"
    yield (
        f"It {place} the front of {chosen.measure} against {_AXIS_WORDS[chosen.axis]} "
        f"({listed(c.label for c in front)})"
        + ("." if single else f"; how often each is on it in 10,000 resamples{dev}: {shown}.")
    )


def _chosen_here(chosen: Selection, n: int) -> Iterator[str]:
    found, held = chosen.validated, chosen.held
    if held is not None:
        interval = "" if held.interval is None else f" [{held.interval.low:.4f}, {held.interval.high:.4f}]"
        shown = "not defined" if held.value is None else f"{held.value:.4f}"
        yield (
            f"On the {counted(held.n_test, 'test query', 'test queries')}, which had no part in the choice, its "
            f"{chosen.measure} is {shown}{interval}; every difference below is on these. "
            f"The dev queries are {held.said}."
        )
    elif found is not None:
        interval = "" if found.interval is None else f" [{found.interval.low:.4f}, {found.interval.high:.4f}]"
        yield (
            f"Chosen on four fifths of the queries and measured on the fifth, in turns, it is {found.value:.4f}"
            f"{interval}; chosen: {', '.join(f'{label} {times}×' for label, times in found.chosen)}."
        )
    elif n > 1:
        yield (
            f"That is the best of {n} on the queries it was chosen on, so it is likely to be a little high "
            "(--cross-validate says by how much)."
        )


def _tied(chosen: Selection, needs: Needs) -> Iterator[str]:
    if chosen.tied:
        yield f"Tied with it by {chosen.measure}, shown to differ by less than {needs.margin:g}: {listed(chosen.tied)}."


def _open(chosen: Selection, best: Candidate, needs: Needs) -> Iterator[str]:
    rows = {r.first: r for r in chosen.comparisons}
    for label in chosen.open:
        yield f"{label} cannot be told apart from it, and {_could_be(rows[label])}."
    axis = chosen.axis
    if axis is None or needs.objective in AXES:
        return
    mine = getattr(best.costs, AXES[axis])
    others = [c for c in chosen.candidates if c.label in (*chosen.tied, *chosen.open)]
    lower = [
        (cost, c)
        for c in others
        if (cost := getattr(c.costs, AXES[axis])) is not None and mine and cost < mine
    ]
    if lower:
        cost, candidate = min(lower, key=lambda pair: pair[0])
        tied = "tied" if candidate.label in chosen.tied else _could_be(rows[candidate.label])
        yield (
            f"The cheapest of these is {candidate.label}: {amount(AXES[axis], cost)} instead of "
            f"{amount(AXES[axis], mine)}; by {chosen.measure} it {'is ' if tied == 'tied' else ''}{tied}."
        )


def _could_be(row: Paired) -> str:
    """How far apart two pipelines may be that nothing tells apart."""
    if row.interval is None:
        return "could differ by any amount: there are too few items for an interval"
    lower, higher = max(0.0, -row.interval.low), max(0.0, row.interval.high)
    return f"could be up to {lower:.4f} lower or {higher:.4f} higher"


_AXIS_WORDS = {"p95": "p95 latency", "memory": "peak memory", "cost": "cost per million queries"}


def arithmetic(candidates: Sequence[Candidate], needs: Needs) -> tuple[str, ...]:
    """Every cost with the figures it was computed from."""
    price = needs.price
    if price is None:
        return ()
    lines = []
    for candidate in candidates:
        costs = candidate.costs
        if costs.queries_per_s is None or costs.per_million is None:
            lines.append(
                f"{candidate.label}: no cost, because {costs.missing or 'no throughput was measured'}"
            )
            continue
        hourly = costs.queries_per_s * price.utilisation * 3600
        served = (
            f"{costs.queries_per_s:.6g} queries/s ({costs.rate_from}) × {price.utilisation:g} × 3,600 s = "
            f"{hourly:,.0f} queries/h"
        )
        if costs.machines is None or price.queries_per_month is None:
            lines.append(
                f"{candidate.label}: {served}; {price.per_hour:g} × 1,000,000 / {hourly:,.0f} = "
                f"{costs.per_million:.6g} per million queries"
            )
        else:
            lines.append(
                f"{candidate.label}: {served}; {price.queries_per_month:g} / ({hourly:,.0f} × "
                f"{HOURS_PER_MONTH} h) → {costs.machines} machine"
                f"{'s' if costs.machines > 1 else ''}; {costs.machines} × {price.per_hour:g} × "
                f"{HOURS_PER_MONTH} h / "
                f"{price.queries_per_month / 1e6:g} million = {costs.per_million:.6g} per million queries"
            )
        if costs.index_build is not None and costs.index_build_s is not None:
            lines.append(
                f"{candidate.label}: index build {costs.index_build_s:.6g} s / 3,600 × {price.per_hour:g} = "
                f"{costs.index_build:.6g}"
            )
    return tuple(lines)


def amount(key: str, figure: float) -> str:
    """A figure with its unit."""
    match key:
        case "p95_ms":
            return f"{figure:.3g} ms"
        case "memory_bytes":
            return size_text(figure)
        case "per_million":
            return f"{figure:.4g} per million queries"
        case _:
            return f"{figure:.4f}"


def _named(chosen: Selection, label: str | None) -> Candidate:
    return next(c for c in chosen.candidates if c.label == label)


def _delta(row: Paired) -> str:
    interval = "" if row.interval is None else f" [{row.interval.low:z.3f}, {row.interval.high:z.3f}]"
    return "–" if row.delta is None else f"{row.delta:+z.4f}{interval}"


def _p(value: float | None) -> str:
    return "–" if value is None else "< 0.001" if value < 0.001 else f"{value:.3f}"
