"""``harness compare BUNDLE...``."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from harness.cli.parsing import add_verb
from harness.text import flowing

if TYPE_CHECKING:
    from harness.compare import Comparison, Paired
    from harness.report.summary import SummaryTable
    from harness.stats import Interval


def add(verbs: Any) -> None:
    """Add the verb."""
    verb = add_verb(
        verbs,
        "compare",
        "compare pipelines within a bundle, or across several",
        ("bundles/now", "the comparisons that the config declares"),
        ("bundles/before bundles/now --measure ndcg@10", "pipelines of one name in two bundles"),
        ("bundles/now --pair two-stage@20 bi-encoder --slice length", "one pair, also by length of query"),
    )
    verb.add_argument(
        "bundles", nargs="+", type=Path, metavar="BUNDLE", help="bundle folders; the first is the baseline"
    )
    verb.add_argument(
        "--pair",
        dest="pairs",
        nargs=2,
        action="append",
        default=[],
        metavar=("CANDIDATE", "BASELINE"),
        help="compare these two pipelines (repeatable; across bundles BUNDLE:PIPELINE)",
    )
    verb.add_argument("--all", action="store_true", help="compare every pair of pipelines")
    verb.add_argument(
        "--measure",
        dest="measures",
        action="append",
        default=[],
        metavar="M",
        help="only this measure (repeatable)",
    )
    verb.add_argument(
        "--slice", metavar="BY", help="length, question, judged, or a file of query_id<TAB>slice lines"
    )
    verb.add_argument(
        "--changes",
        type=int,
        default=3,
        metavar="N",
        help="most changed queries to show for each pair (default: 3)",
    )
    verb.add_argument("--json", action="store_true", help="print everything as JSON")
    verb.set_defaults(handler=handle)


def handle(given: argparse.Namespace) -> int:
    """Compare, and print tables and sentences, or JSON."""
    from harness import console
    from harness.compare import Options, compare
    from harness.errors import UsageError

    if given.changes < 0:
        raise UsageError(f"--changes is {given.changes}; it is a count, 0 or more")
    if given.all and given.pairs:
        raise UsageError("--all and --pair exclude each other: give one of them")
    pairs = tuple((first, second) for first, second in given.pairs)
    options = Options(pairs, given.all, tuple(given.measures), given.slice, given.changes)
    found = compare(given.bundles, options)
    if given.json:
        console.say_json(found.as_dict())
    else:
        _show(found)
    return 0


def _show(found: Comparison) -> None:
    from harness import console
    from harness.report.writers import terminal

    measures = list(dict.fromkeys(result.measure for result in found.results))
    for i, measure in enumerate(measures):
        rows = [result for result in found.results if result.measure == measure]
        terminal.show(_table(f"{found.title if i == 0 else ''}", rows))
        console.say("")
    console.say(*_sentences(found))


def _table(title: str, rows: list[Paired]) -> SummaryTable:
    from harness.report.summary import Cell, SummaryTable

    counted = rows[0].wins is not None
    effect = ("d_z", "wins/ties/losses") if counted else ()
    header = (
        rows[0].measure,
        "against",
        "values",
        "Δ [95 %]",
        "p",
        "p Holm",
        *effect,
        "detectable",
        "verdict",
    )
    cells = []
    for row in rows:
        texts = [
            row.first,
            row.second,
            f"{number(row.first_value)} {number(row.second_value)}",
            f"{number(row.delta, sign=True)} {limits(row.interval)}",
            p_text(row.p_value),
            p_text(row.p_adjusted),
        ]
        if counted:
            texts += [number(row.effect_size, 2, sign=True), f"{row.wins}/{row.ties}/{row.losses}"]
        cells.append(tuple(Cell(text) for text in [*texts, number(row.detectable), row.words]))
    how = "sign-flip randomisation" if counted else "paired bootstrap"
    exact = " (all sign assignments)" if counted and rows[0].n <= 15 else ""
    note = (
        f"n = {rows[0].n:,}; p: {how}{exact}, Holm over {rows[0].family} "
        f"comparison{'s' if rows[0].family != 1 else ''}."
    )
    return SummaryTable(title, header, tuple(cells), (note,))


def _sentences(found: Comparison) -> list[str]:
    lines = []
    if found.indistinct:
        names = ", ".join(f"{first} – {second}" for first, second in found.indistinct)
        lines.append(
            f"Cannot be told apart by {found.primary} ({len(found.indistinct)} of {found.n_all_pairs} "
            "possible "
            f"pair{'s' if found.n_all_pairs > 1 else ''}, Holm over all of them): {names}."
        )
    else:
        lines.append(
            f"All {found.n_all_pairs} pairs can be told apart by {found.primary} (Holm over all of them)."
        )
    for (first, second), causes in found.causes.items():
        lines += ["", f"What differs between {first} and {second}:"]
        lines += [f"  {cause}" for cause in causes] or ["  nothing that was recorded, and no figure moved"]
    refusals: dict[str, list[str]] = {}
    for ratio in found.speed:
        pair = f"{ratio.first} against {ratio.second}"
        if ratio.ratio is None:
            refusals.setdefault(ratio.refusal or "", []).append(pair)
        else:
            lines += [
                "",
                f"Latency of {pair}: {ratio.ratio:.3f} times {limits(ratio.interval)} ({ratio.n_blocks} "
                "blocks measured side by side).",
            ]
    for why, pairs in refusals.items():
        which = "" if len(pairs) == len(found.speed) else f" for {', '.join(pairs)}"
        lines += ["", f"No speed ratio{which}: {why}."]
    lines += _losses(found)
    lines += _slices(found)
    lines += _changes(found)
    return lines


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
                f"  {figure.label}  {figure.measure} {number(figure.value)} "
                f"{limits(figure.interval)}".rstrip()
            )
        for row in part.comparisons:
            lines.append(
                f"  {row.first} - {row.second}  {number(row.delta, sign=True)} {limits(row.interval)}, p "
                f"Holm {p_text(row.p_adjusted)}: {row.words}"
            )
    if found.slices:
        lines += [
            "",
            "Slices are for looking around: each is corrected for its pairs, not for the number of slices.",
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


def number(value: float | None, digits: int = 4, *, sign: bool = False) -> str:
    """A figure for people, or a dash where there is none."""
    if value is None:
        return "–"
    return f"{value:+.{digits}f}" if sign else f"{value:.{digits}f}"


def limits(interval: Interval | None, digits: int = 3) -> str:
    """An interval in brackets, or nothing."""
    return "" if interval is None else f"[{interval.low:z.{digits}f}, {interval.high:z.{digits}f}]"


def p_text(p_value: float | None) -> str:
    """A p value; small ones as a bound."""
    if p_value is None:
        return "–"
    return "< 0.001" if p_value < 0.001 else f"{p_value:.3f}"
