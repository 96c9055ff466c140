"""One pipeline over time: every step against the one before it and against the first, and what a gate says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from matplotlib.figure import Figure

from harness.compare import Options, compare
from harness.compare.arms import bundle_names
from harness.compare.evidence import has_evidence
from harness.compare.paired import Paired
from harness.errors import NotComparableError, listed
from harness.gate import GateResult, judge
from harness.policy import LoadedPolicy
from harness.report.blocks.base import FigurePart, Part, Prose, Section
from harness.report.figures.trend import Point, trend
from harness.report.several.base import Several, in_all
from harness.report.table import Column, DataTable, Estimate, Value, main_text
from harness.results.bundle import Bundle


@dataclass(frozen=True)
class _Step:
    name: str
    bundle: Bundle
    started: str


def report(read: Sequence[Bundle], names: Sequence[str], why: str, policy: LoadedPolicy | None) -> Several:
    """A trend for every pipeline that all bundles hold, oldest first. Raises NotComparableError."""
    steps = sorted(
        (_Step(n, b, b.result.manifest.started) for n, b in zip(names, read, strict=True)),
        key=lambda step: step.started,
    )
    first = steps[0].bundle
    shared = in_all([step.bundle for step in steps])
    gates = {step.name: _gate(step.bundle, first, policy) for step in steps[1:]} if policy else {}
    sections: list[Section] = []
    figures: dict[str, Figure] = {}
    for place, pipeline in enumerate(shared, 1):
        own = {name: _said_of(pipeline, gate) for name, gate in gates.items()}
        table, points = _pipeline(steps, pipeline, own, f"trend_{place}")
        figure = trend(pipeline, first.primary, points, f"trend_{place}")
        parts: list[Part] = [table]
        if figure is not None:
            figures[f"trend_{place}"] = figure
            caption = f"{first.primary} of each bundle, oldest first."
            parts.insert(0, FigurePart(f"trend_{place}", caption, figure.description))
        sections.append(
            Section(f"trend-{place}", pipeline, (_moved(table, pipeline, first.primary),), tuple(parts))
        )
    sections += left_out([step.bundle for step in steps], shared)
    title = f"{first.result.suite.title} over time"
    return Several("time", why, title, tuple(s.name for s in steps), tuple(sections), figures)


def left_out(read: Sequence[Bundle], shared: Sequence[str]) -> list[Section]:
    """Name the pipelines that only some of the bundles hold, and what shows all of them together."""
    left = sorted({name for bundle in read for name in bundle.pipelines} - set(shared))
    if not left:
        return []
    paths = " ".join(str(bundle.path) for bundle in read)
    text = (
        f"Not in every bundle, so not shown: {listed(left)}. 'harness select {paths}' and 'harness compare {paths}' "
        "take all of them."
    )
    return [Section("left-out", "Left out", (), (Prose((text,), "note"),))]


def _pipeline(
    steps: Sequence[_Step], pipeline: str, gates: Mapping[str, tuple[str, str]], key: str
) -> tuple[DataTable, list[Point]]:
    measure = steps[0].bundle.primary
    columns = [
        Column("bundle", "bundle", "name"),
        Column("started", "started"),
        Column("commit", "commit"),
        Column("value", measure, "number"),
        Column("step", "against the one before", "signed"),
        Column("step_verdict", "told apart"),
        Column("since_first", "since the first", "signed"),
        Column("since_first_verdict", "told apart "),
    ]
    columns += [Column("gate", "gate"), Column("gate_reason", "why")] if gates else []
    rows: list[tuple[Value, ...]] = []
    points = []
    for place, step in enumerate(steps):
        value = estimate_of(step.bundle, pipeline, measure)
        before = against(steps[place - 1].bundle, step.bundle, pipeline) if place else None
        since = against(steps[0].bundle, step.bundle, pipeline) if place else None
        commit = step.bundle.result.manifest.git.commit[:10]
        when = step.started[:16].replace("T", " ") or None
        told_of = (_delta(before), _words(before), _delta(since), _words(since))
        rows.append(
            (
                step.name,
                when,
                commit or None,
                value,
                *told_of,
                *(gates.get(step.name, (None, None)) if gates else ()),
            )
        )
        told = before is not None and before.verdict in ("first better", "second better")
        points.append(Point(step.name, step.started[:10], value, told, gates.get(step.name, ("", ""))[0]))
    notes = (
        "Differences are paired over the same items with 95 % intervals; each is one comparison, not corrected.",
    )
    return DataTable(key, f"{pipeline} over time", tuple(columns), tuple(rows), notes), points


def against(first: Bundle, other: Bundle, pipeline: str) -> Paired | None:
    """The later bundle's pipeline against the earlier's, by the primary measure; None where they hold no scores."""
    if not (has_evidence(first) and has_evidence(other)):
        return None
    names = bundle_names([first, other])
    pair = (f"{names[1]}:{pipeline}", f"{names[0]}:{pipeline}")
    try:
        found = compare([first, other], Options(pairs=(pair,), measures=(first.primary,), changes=0))
    except NotComparableError:
        return None
    return found.results[0]


def estimate_of(bundle: Bundle, pipeline: str, measure: str) -> Estimate:
    """A pipeline's figure as stored."""
    figure = bundle.pipelines[pipeline].measures.get(measure)
    return Estimate(None) if figure is None else Estimate.of(figure)


def _gate(bundle: Bundle, first: Bundle, policy: LoadedPolicy) -> GateResult | NotComparableError:
    try:
        return judge(bundle, policy, first)
    except NotComparableError as error:
        return error


def _said_of(pipeline: str, gate: GateResult | NotComparableError) -> tuple[str, str]:
    """A gate's verdict and summary of one pipeline: the others' checks say nothing about it."""
    if isinstance(gate, NotComparableError):
        return "not comparable", str(gate)
    own = tuple(check for check in gate.checks if check.pipeline == pipeline)
    if not own:
        return "not judged", f"{gate.policy} does not judge this pipeline"
    part = replace(gate, checks=own)
    return str(part.verdict), part.summary


def _delta(row: Paired | None) -> Estimate | None:
    if row is None or row.delta is None:
        return None
    if row.interval is None:
        return Estimate(row.delta, n=row.n)
    return Estimate(row.delta, row.interval.low, row.interval.high, row.n)


def _words(row: Paired | None) -> str | None:
    if row is None:
        return None
    return {"first better": "better", "second better": "worse"}.get(row.verdict, row.verdict)


def _moved(table: DataTable, pipeline: str, measure: str) -> str:
    last = table.rows[-1]
    places = {column.key: i for i, column in enumerate(table.columns)}
    value, since = last[places["value"]], last[places["since_first"]]
    verdict = last[places["since_first_verdict"]]
    if since is None:
        return f"{pipeline}: {measure} {main_text(value, 'number')}."
    return (
        f"{pipeline}: {measure} {main_text(value, 'number')}, {main_text(since, 'signed')} since the first bundle "
        f"({verdict})."
    )
