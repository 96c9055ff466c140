"""Comparing pipelines, within one bundle or across several: what differs, how sure that is, and why.

In a notebook::

    from harness.compare import compare

    found = compare(["bundles/a", "bundles/b"])
    found.frame()          # one row a comparison and measure
    found.changes_frame()  # the queries that moved most
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from itertools import combinations
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from harness.compare.arms import bundle_names, side_by_side
from harness.compare.causes import Cause, explain, require_comparable
from harness.compare.equivalence import Equivalence, equivalences
from harness.compare.evidence import BASELINE_ARM, Evidence, load, query_texts, require
from harness.compare.losses import LossSplit, loss_splits
from harness.compare.paired import Paired, compare_pairs
from harness.compare.slices import Slice, groups_of, slices
from harness.compare.speed import SpeedRatio, speed_ratio
from harness.compare.unjudged import Unjudged, unjudged
from harness.errors import NotComparableError, UsageError
from harness.results import bundle as bundles
from harness.results.bundle import Bundle

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "Cause",
    "Change",
    "Comparison",
    "LossSplit",
    "Options",
    "Paired",
    "Slice",
    "SpeedRatio",
    "Unjudged",
    "compare",
    "explain",
]


@dataclass(frozen=True)
class Options:
    """What to compare.

    Attributes:
        pairs: (candidate, baseline) labels; empty: those declared in advance, or same names across bundles.
        all_pairs: every pair of arms.
        measures: empty: all.
        slice_by: ``length``, ``question``, ``judged``, or a file of ``query_id<TAB>slice``.
        changes: how many of the most changed queries to keep for each pair.
    """

    pairs: tuple[tuple[str, str], ...] = ()
    all_pairs: bool = False
    measures: tuple[str, ...] = ()
    slice_by: str | None = None
    changes: int = 5


@dataclass(frozen=True)
class Change:
    """One query's scores under two arms; ``delta`` is first - second."""

    first: str
    second: str
    measure: str
    query_id: str
    text: str
    first_value: float
    second_value: float
    delta: float


@dataclass(frozen=True)
class Comparison:
    """All that was found.

    Attributes:
        title: the suite, its version and the count.
        primary: the measure the suite decides by, or the first that all share.
        labels: the arms.
        results: one for each pair and measure.
        indistinct: pairs of all arms that cannot be told apart by the primary measure (max-t over every pair and
            measure).
        n_all_pairs: how many pairs that was chosen from.
        changes: the most changed queries by the primary measure.
        slices: where asked for.
        speed: one for each pair.
        causes: (first, second) -> why two bundles may differ; empty within one bundle.
        losses: of every two-stage pipeline whose bundle holds its runs.
        unjudged: of pairs whose shares of judged results differ: whether the conclusion hangs on that.
        equivalences: of every pair that differs in how one model is run.
    """

    title: str
    primary: str
    labels: tuple[str, ...]
    results: tuple[Paired, ...]
    indistinct: tuple[tuple[str, str], ...]
    n_all_pairs: int
    changes: tuple[Change, ...]
    slices: tuple[Slice, ...]
    speed: tuple[SpeedRatio, ...]
    causes: dict[tuple[str, str], tuple[Cause, ...]]
    losses: tuple[LossSplit, ...]
    unjudged: tuple[Unjudged, ...] = ()
    equivalences: tuple[Equivalence, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """Everything, as JSON can hold it."""
        content = asdict(self)
        content["causes"] = [
            {"first": pair[0], "second": pair[1], "causes": [asdict(cause) for cause in causes]}
            for pair, causes in self.causes.items()
        ]
        return content

    def frame(self) -> pd.DataFrame:
        """One row a comparison and measure."""
        return _frame(self.results)

    def changes_frame(self) -> pd.DataFrame:
        """The queries that moved most."""
        return _frame(self.changes)

    def slices_frame(self) -> pd.DataFrame:
        """One row a slice, comparison and measure."""
        import pandas as pd

        rows = [
            {"kind": part.kind, "slice": part.name, **_flat(result)}
            for part in self.slices
            for result in part.comparisons
        ]
        return pd.DataFrame(rows)

    def speed_frame(self) -> pd.DataFrame:
        """One row a pair: the ratio, or why there is none."""
        return _frame(self.speed)

    def losses_frame(self) -> pd.DataFrame:
        """One row a two-stage pipeline and measure."""
        return _frame(self.losses)


def compare(given: Sequence[Bundle | Path | str], options: Options = Options()) -> Comparison:
    """Compare pipelines of one bundle, or of several (the first is then the baseline).

    Raises BundleError, NotComparableError (other data or suite version, disjoint queries, nothing measured),
    or UsageError for a pair that names no arm.
    """
    if not given:
        raise UsageError("name at least one bundle to compare")
    read = [one if isinstance(one, Bundle) else bundles.read(one) for one in given]
    names = bundle_names(read)
    evidence, arms = side_by_side(read, [load(bundle) for bundle in read])
    for other in read[1:]:
        require_comparable(read[0], other)
    for measure in options.measures:
        require(evidence.measures, measure, "measure")
    measures = options.measures or evidence.measures
    primary = read[0].primary if read[0].primary in measures else measures[0]
    pairs = _pairs(options, read, names, evidence)
    results = compare_pairs(evidence, pairs, measures)
    every = list(combinations(evidence.labels, 2))
    apart = compare_pairs(evidence, every, [primary])
    groups = groups_of(options.slice_by, read[0], evidence.ids) if options.slice_by else {}
    deltas = {(r.first, r.second): r.delta for r in results if r.measure == primary}
    speed = tuple(speed_ratio(arms[first], arms[second], (first, second)) for first, second in pairs)
    return Comparison(
        title=f"{read[0].result.suite.title}: {len(evidence.ids):,} {evidence.unit}",
        primary=primary,
        labels=evidence.labels,
        results=results,
        indistinct=tuple((r.first, r.second) for r in apart if r.verdict == "cannot be told apart"),
        n_all_pairs=len(every),
        changes=_changes(evidence, pairs, primary, read[0], options.changes),
        slices=slices(evidence, groups, options.slice_by, pairs, primary) if options.slice_by else (),
        speed=speed,
        equivalences=tuple(equivalences(arms, evidence, results, speed, primary)),
        causes={
            (first, second): explain(arms[first], arms[second], deltas[first, second])
            for first, second in pairs
            if arms[first][0].path != arms[second][0].path
        },
        losses=tuple(
            loss
            for label, (bundle, name) in arms.items()
            for loss in loss_splits(bundle, name, primary, label)
        ),
        unjudged=tuple(filter(None, (unjudged(arms, pair, primary) for pair in pairs))),
    )


def _pairs(
    options: Options, read: Sequence[Bundle], names: Sequence[str], evidence: Evidence
) -> list[tuple[str, str]]:
    labels = evidence.labels
    if options.pairs:
        for label in {label for pair in options.pairs for label in pair}:
            require(labels, label, "pipeline")
        for first, second in options.pairs:
            if first == second:
                raise UsageError(f"--pair {first} {second}: names one pipeline twice")
        return list(dict.fromkeys(options.pairs))
    if len(labels) < 2:
        raise NotComparableError(
            f"{read[0].path}: holds one pipeline, {labels[0]!r}, and nothing to compare it with; give a "
            "second bundle"
        )
    if options.all_pairs:
        return list(combinations(labels, 2))
    if len(read) == 1:
        arms = [(label, f"{BASELINE_ARM}{label}") for label in labels if f"{BASELINE_ARM}{label}" in labels]
        usable = [
            pair for pair in dict.fromkeys((*arms, *read[0].result.compare)) if set(pair) <= set(labels)
        ]
        return usable or [(label, labels[0]) for label in labels[1:]]
    same = [
        (f"{name}:{pipeline}", f"{names[0]}:{pipeline}")
        for name, bundle in zip(names[1:], read[1:], strict=True)
        for pipeline in bundle.pipelines
        if f"{names[0]}:{pipeline}" in labels
    ]
    return same or [(label, labels[0]) for label in labels if not label.startswith(f"{names[0]}:")]


def _changes(
    evidence: Evidence, pairs: Sequence[tuple[str, str]], measure: str, bundle: Bundle, most: int
) -> tuple[Change, ...]:
    if evidence.gold is not None:
        return ()
    texts = query_texts(bundle)
    changes = []
    for first, second in pairs:
        one, other = evidence.of(first, measure), evidence.of(second, measure)
        # Ties in size are broken by the suite's order, so that the list is the same every time.
        for i in np.argsort(-np.abs(one - other), kind="stable")[:most]:
            if one[i] != other[i]:
                item = evidence.ids[int(i)]
                changes.append(
                    Change(
                        first,
                        second,
                        measure,
                        item,
                        texts.get(item, ""),
                        float(one[i]),
                        float(other[i]),
                        float(one[i] - other[i]),
                    )
                )
    return tuple(changes)


def _flat(row: Any) -> dict[str, Any]:
    """A dataclass as one flat row; an interval becomes ``low`` and ``high``."""
    content = asdict(row)
    if "interval" in content:
        interval = content.pop("interval") or {}
        content |= {"low": interval.get("low"), "high": interval.get("high")}
    return content


def _frame(rows: Sequence[Any]) -> pd.DataFrame:
    import pandas as pd

    return pd.DataFrame([_flat(row) for row in rows])
