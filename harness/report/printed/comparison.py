"""What ``compare`` prints: a table a measure, then what it found in sentences."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from harness.compare.equivalence import MARGIN
from harness.report.table import MISSING, Column, DataTable, main_text, merged, picked
from harness.report.tables import paired_rows
from harness.text import flowing

if TYPE_CHECKING:
    from harness.compare import Comparison, Paired
    from harness.compare.equivalence import Equivalence
    from harness.stats import Interval


def comparison(found: Comparison) -> Iterator[DataTable | str]:
    """Everything that was compared."""
    for i, measure in enumerate(dict.fromkeys(result.measure for result in found.results)):
        rows = [result for result in found.results if result.measure == measure]
        yield paired_table(found.title if i == 0 else "", rows)
        yield ""
    yield from _sentences(found)


def paired_table(caption: str, rows: Sequence[Paired]) -> DataTable:
    """Comparisons by one measure, as wide as a terminal likes it: figures that belong together share a column."""
    counted = rows[0].wins is not None
    how = "sign-flip randomisation" if counted else "paired bootstrap"
    exact = " (all sign assignments)" if counted and rows[0].n <= 15 else ""
    note = f"n = {rows[0].n:,}; p: {how}{exact}; {over_family(rows[0])}."
    table = paired_rows("comparison", caption, rows)
    table = merged(table, ("first_value", "second_value"), Column("values", "values", "figures"), " ")
    table = merged(table, ("wins", "ties", "losses"), Column("wins", "wins/ties/losses", "figures"), "/")
    shown = {
        "first": rows[0].measure,
        "second": "",
        "values": "",
        "delta": "Δ [95 %]",
        "p": "",
        "p_family": "p family",
    }
    return replace(
        picked(table, shown | dict.fromkeys(("effect_size", "wins", "detectable", "verdict"), "")),
        notes=(note,),
    )


def over_family(row: Paired) -> str:
    """Over what the intervals and the family's p of a comparison hold."""
    if row.family == 1:
        return "the only comparison there is"
    return (
        f"p family and the intervals hold for all {row.family:,} comparisons at once (max-t over every pair by every "
        "measure of these bundles, whichever are shown)"
    )


def _sentences(found: Comparison) -> list[str]:
    lines = []
    if found.indistinct:
        names = ", ".join(f"{first} – {second}" for first, second in found.indistinct)
        lines.append(
            f"Cannot be told apart by {found.primary} ({len(found.indistinct)} of {found.n_all_pairs} possible "
            f"pair{'s' if found.n_all_pairs > 1 else ''}, max-t over every pair and measure): {names}."
        )
    else:
        which = "The pair" if found.n_all_pairs == 1 else f"All {found.n_all_pairs} pairs"
        lines.append(f"{which} can be told apart by {found.primary} (max-t over every pair and measure).")
    lines += [line for one in found.unjudged for line in ("", one.words)]
    for (first, second), causes in found.causes.items():
        lines += ["", f"What differs between {first} and {second}:"]
        lines += [f"  {cause}" for cause in causes] or ["  nothing that was recorded, and no figure moved"]
    refusals: dict[str, list[str]] = {}
    for ratio in found.speed:
        pair = f"{ratio.first} against {ratio.second}"
        if ratio.ratio is None:
            refusals.setdefault(ratio.refusal or "", []).append(pair)
        else:
            between = f" {limits(ratio.interval)}" if ratio.interval else ""
            lacking = "" if ratio.interval else "; an interval needs 6"
            lines += [
                "",
                f"Latency of {pair}: {ratio.ratio:.3f} times{between} ({ratio.n_blocks} blocks measured side by "
                f"side{lacking}).",
            ]
    doubts = dict.fromkeys(doubt for ratio in found.speed for doubt in ratio.doubts)
    lines += [f"Warning: {doubt}." for doubt in doubts]
    for why, pairs in refusals.items():
        which = "" if len(pairs) == len(found.speed) else f" for {', '.join(pairs)}"
        lines += ["", f"No speed ratio{which}: {why}."]
    lines += _equivalences(found)
    lines += _losses(found)
    lines += _slices(found)
    lines += _changes(found)
    return lines


def _equivalences(found: Comparison) -> list[str]:
    lines = []
    for one in found.equivalences:
        first = (
            []
            if one.overlap is None
            else [f"{one.overlap:.2%} {limits(one.overlap_interval)} of the first 10 results"]
        )
        quality = f"{one.measure} {_number(one.delta, sign=True)} {limits(one.interval)}"
        speed = [] if one.speed is None else [f"latency {one.speed:.3f} times"]
        same = f"cosine of {one.texts:,} embeddings {one.cosine_mean:.5f}, the least {one.cosine_min:.5f}"
        lines += [
            "",
            f"{one.first} for {one.second}, one model: {'; '.join([same, *first, quality, *speed])}.",
            f"  Non-inferior by {MARGIN:g}{_one_sided(one)}: {one.verdict or 'not defined'}.",
        ]
    return lines


def _one_sided(one: Equivalence) -> str:
    if one.low is None or one.high is None:
        return ""
    return f" (one-sided 95 % limits [{_number(one.low, sign=True)}, {_number(one.high, sign=True)}])"


def _losses(found: Comparison) -> list[str]:
    lines = []
    for loss in found.losses:
        ceilings = ", ".join(f"{value:.4f} at {depth}" for depth, value in loss.ceilings.items())
        lines += [
            "",
            f"Where {loss.pipeline} loses ({loss.measure}): ideal {loss.ideal:.4f} = {loss.value:.4f} reached + "
            f"{loss.missed:.4f} missed by the first stage {limits(loss.missed_interval)} + {loss.misordered:.4f} "
            f"misordered by the reranker {limits(loss.misordered_interval)}.",
            f"  A perfect reranker would reach {ceilings}.",
        ]
    return lines


def _slices(found: Comparison) -> list[str]:
    lines = []
    for part in found.slices:
        few = " (too few for an interval)" if part.n < 2 else ""
        lines += ["", f"{part.kind}: {part.name}, n = {part.n}{few}"]
        for figure in part.figures:
            lines.append(
                f"  {figure.label}  {figure.measure} {_number(figure.value)} "
                f"{limits(figure.interval)}".rstrip()
            )
        for row in part.comparisons:
            lines.append(
                f"  {row.first} - {row.second}  {_number(row.delta, sign=True)} {limits(row.interval)}, p "
                f"family {main_text(row.p_adjusted, 'p')}: {row.words}"
            )
    if found.slices:
        lines += [
            "",
            "Slices are for looking around: each is corrected for its pairs and measures, not for their number.",
        ]
    return lines


def _changes(found: Comparison) -> list[str]:
    lines = []
    last = None
    for change in found.changes:
        if (change.first, change.second) != last:
            last = (change.first, change.second)
            lines += ["", f"Most changed queries, {change.first} against {change.second} ({change.measure}):"]
        text = flowing(change.text)
        text = text if len(text) <= 70 else text[:69] + "…"
        lines.append(
            f"  {change.delta:+z.4f}  {change.first_value:.4f} {change.second_value:.4f}  {change.query_id}  "
            f"{text}".rstrip()
        )
    return lines


def _number(value: float | None, *, sign: bool = False) -> str:
    return MISSING if value is None else f"{value:{'+' if sign else ''}.4f}"


def limits(interval: Interval | None) -> str:
    return "" if interval is None else f"[{interval.low:z.3f}, {interval.high:z.3f}]"
