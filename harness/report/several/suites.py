"""Models across suites: a leaderboard, and every reason not to believe it too much."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from statistics import fmean

from harness.compare.causes import explain
from harness.errors import UsageError
from harness.report.blocks.base import Part, Prose, Section
from harness.report.model import ReportView
from harness.report.several.base import Several
from harness.report.table import Column, DataTable, Estimate, Value
from harness.report.view import view_of
from harness.results.bundle import Bundle

Views = Mapping[str, ReportView]


def report(read: Sequence[Bundle], names: Sequence[str], why: str) -> Several:
    """A row a pipeline, a column a suite; pipelines are the same where their names are. Raises UsageError."""
    keys = _keys(read)
    views = {key: view_of(bundle) for key, bundle in zip(keys, read, strict=True)}
    rows = tuple(dict.fromkeys(p.name for view in views.values() for p in view.pipelines))
    warnings = tuple(_warnings(views, dict(zip(keys, read, strict=True)), rows))
    parts: list[Part] = [_board(views, rows)]
    if warnings:
        parts.append(Prose(warnings, "warning"))
    sections = [Section("leaderboard", "Leaderboard", (), tuple(parts)), _apart(views)]
    return Several(
        "suites", why, f"{len(rows)} pipelines across {len(views)} suites", tuple(names), tuple(sections)
    )


def ranks(values: Sequence[float]) -> list[float]:
    """Ranks from 1 for the highest; equals share the mean of their places."""
    return [
        1 + sum(other > value for other in values) + (sum(other == value for other in values) - 1) / 2
        for value in values
    ]


def _keys(read: Sequence[Bundle]) -> list[str]:
    suites = [bundle.result.suite.name for bundle in read]
    twice = [suite for suite in suites if suites.count(suite) > 1]
    for suite in dict.fromkeys(twice):
        held = [bundle for bundle, name in zip(read, suites, strict=True) if name == suite]
        raise UsageError(
            f"suite {suite} is in {len(held)} bundles ({', '.join(str(b.path) for b in held)}); a leaderboard takes "
            "one bundle a suite: put its pipelines into one config"
        )
    return suites


def _board(views: Views, rows: Sequence[str]) -> DataTable:
    columns = [Column("pipeline", "pipeline", "name")]
    cells: dict[str, list[Value]] = {row: [] for row in rows}
    for key, view in views.items():
        title = f"{key}: {view.primary}"
        columns += [
            Column(f"{key}", title, "number", "higher"),
            Column(f"{key}_rank", "rank", help="every place that the comparisons allow"),
        ]
        places = _rank_ranges(view)
        for row in rows:
            cells[row] += [_measured(view, row), places.get(row)]
    complete = [row for row in rows if all(_value(view, row) is not None for view in views.values())]
    means = {row: fmean(_value(view, row) or 0.0 for view in views.values()) for row in complete}
    by_suite = [ranks([_value(view, row) or 0.0 for row in complete]) for view in views.values()]
    mean_ranks = {row: fmean(place[i] for place in by_suite) for i, row in enumerate(complete)}
    columns += [
        Column("mean", "mean", "number", "higher", "over all suites"),
        Column("mean_rank", "mean rank", "rate", "lower", "among the pipelines that are in every suite"),
    ]
    order = sorted(rows, key=lambda row: (mean_ranks.get(row, float("inf")), rows.index(row)))
    made = tuple((row, *cells[row], means.get(row), mean_ranks.get(row)) for row in order)
    notes = [
        "A rank such as 1–3 says which places the suite's comparisons (all pairs and measures, max-t) leave open; the "
        "mean rank takes the values as they are.",
    ]
    if len(complete) < len(rows):
        notes.append("No mean where a suite is missing: means over different suites do not compare.")
    return DataTable("leaderboard", "Primary measure of every suite", tuple(columns), made, tuple(notes))


def _rank_ranges(view: ReportView) -> dict[str, str]:
    """Each pipeline's possible places: after all that are proven better, before all that are proven worse."""
    known = [p.name for p in view.pipelines if _value(view, p.name) is not None]
    better = dict.fromkeys(known, 0)
    worse = dict.fromkeys(known, 0)
    for pair in view.all_pairs:
        if pair.verdict in ("first better", "second better"):
            won, lost = (
                (pair.first, pair.second) if pair.verdict == "first better" else (pair.second, pair.first)
            )
            if won in worse and lost in better:
                worse[won] += 1
                better[lost] += 1
    spans = {name: (1 + better[name], len(known) - worse[name]) for name in known}
    return {name: str(a) if a == b else f"{a}–{b}" for name, (a, b) in spans.items()}


def _warnings(views: Views, bundles: Mapping[str, Bundle], rows: Sequence[str]) -> Iterator[str]:
    measures = {key: view.primary for key, view in views.items()}
    if len(set(measures.values())) > 1:
        listed = ", ".join(f"{measure} on {key}" for key, measure in measures.items())
        yield (
            f"The mean mixes measures ({listed}): their scales differ, so the mean orders little and means nothing by "
            "itself. Read the ranks, or the suites one by one."
        )
    missing = {row: [key for key, view in views.items() if _value(view, row) is None] for row in rows}
    gaps = [f"{row} ({', '.join(absent)})" for row, absent in missing.items() if absent]
    if gaps:
        yield f"Not measured everywhere, so without mean and mean rank: {'; '.join(gaps)}."
    yield from _tied(views)
    yield from _trained(bundles)
    yield from _changed(bundles, rows)


def _tied(views: Views) -> Iterator[str]:
    for key, view in views.items():
        best = max(view.pipelines, key=lambda p: _value(view, p.name) or float("-inf"))
        tied = [
            pair.second if pair.first == best.name else pair.first
            for pair in view.all_pairs
            if best.name in (pair.first, pair.second) and pair.verdict == "cannot be told apart"
        ]
        if tied:
            yield f"On {key} the first place is not proven: {best.name} cannot be told apart from {', '.join(tied)}."
        elif len(view.pipelines) > 1 and not view.all_pairs:
            yield f"On {key} nothing says which pipelines can be told apart: the bundle holds no scores of items."


def _trained(bundles: Mapping[str, Bundle]) -> Iterator[str]:
    for key, bundle in bundles.items():
        family = re.split(r"[-_]", key.lower())[0]
        for name, model in bundle.result.models.items():
            said = f"{model.name} {model.source}".lower()
            if family and re.search(rf"(?<![a-z]){re.escape(family)}", said):
                yield (
                    f"{name} ({model.name}, {model.source}) names {family}: it was probably trained on "
                    f"data like that of the suite {key}, which flatters it there."
                )
    yield "What else a model was trained on is not recorded in a bundle; look at its card before believing a mean."


def _changed(bundles: Mapping[str, Bundle], rows: Sequence[str]) -> Iterator[str]:
    """Pipelines of one name that are not the same thing everywhere."""
    for row in rows:
        holders = [bundle for bundle in bundles.values() if row in bundle.pipelines]
        for other in holders[1:]:
            causes = [
                c
                for c in explain((holders[0], row), (other, row))
                if c.kind in ("pipeline", "weights", "tokenizer")
            ]
            if causes:
                yield f"{row} is not the same everywhere: {'; '.join(map(str, causes))}."
                break


def _apart(views: Views) -> Section:
    columns = (
        Column("suite", "suite", "name"),
        Column("measure", "measure"),
        Column("unit", "over"),
        Column("n", "n", "count"),
        Column("version", "suite and version"),
        Column("bundle", "bundle", "name"),
    )
    rows = tuple((key, v.primary, v.unit, v.n, v.title, v.name) for key, v in views.items())
    return Section("suites", "Suites", (), (DataTable("suites", "What was measured on", columns, rows),))


def _measured(view: ReportView, row: str) -> Estimate | None:
    return next((p.measures.get(view.primary) for p in view.pipelines if p.name == row), None)


def _value(view: ReportView, row: str) -> float | None:
    estimate = _measured(view, row)
    return None if estimate is None else estimate.value
