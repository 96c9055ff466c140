"""What is compared: every arm's figures on the same items (queries, or sentence pairs)."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Literal, cast

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from harness import stats
from harness.errors import BundleError, NotComparableError, UsageError, listed, nearest
from harness.measures.sets import SET_MEASURES, SetMeasure
from harness.results import tables
from harness.results.bundle import Bundle
from harness.results.schema import Pipeline
from harness.results.tables import PAIR_SCORES, PAIRS, PREDICTIONS, QUERIES, SCORES, TEXTS, codes_of
from harness.stats.interval import Interval

FloatArray = NDArray[np.float64]
Item = Literal["query", "pair", "text"]
_UNITS: dict[Item, str] = {"query": "judged queries", "pair": "sentence pairs", "text": "labelled texts"}
BASELINE_ARM = tables.BASELINE_ARM
#: Sums in another order differ by less; anything beyond this is another figure.
_SAME = 1e-9


@dataclass(frozen=True, eq=False)
class Evidence:
    """Figures of several arms on the same items.

    Attributes:
        item: ``query``, ``pair`` or ``text``.
        ids: the items' ids, in the suite's order.
        labels: the arms.
        measures: what is measured.
        values: [n_arms, n_measures, n_items] scores a query; for pairs and texts [n_arms, n_repeats, n_items],
            the arm's outputs.
        gold: [n_items] gold values of pairs or texts; None for queries.
        depths: how many results a query each arm has, as far as it is known.
        given: the arms that are run files, whose depth is that of the file and not of a system.
    """

    item: Item
    ids: tuple[str, ...]
    labels: tuple[str, ...]
    measures: tuple[str, ...]
    values: FloatArray
    gold: FloatArray | None = None
    depths: Mapping[str, int] = field(default_factory=dict)
    given: frozenset[str] = frozenset()

    def of(self, label: str, measure: str) -> FloatArray:
        """One arm's figures, [n_items]: scores of the measure, or the arm's own (first) output for each item."""
        column = 0 if self.gold is not None else self.measures.index(measure)
        return cast(FloatArray, self.values[self.labels.index(label), column])

    @property
    def unit(self) -> str:
        """What the items are, in the plural."""
        return _UNITS[self.item]

    def outputs(self, label: str) -> FloatArray:
        """One arm's outputs for pairs or texts, [n_repeats, n_items]."""
        return cast(FloatArray, self.values[self.labels.index(label)])

    def matrix(self, measure: str) -> FloatArray:
        """All arms' figures, [n_arms, n_items]."""
        return np.stack([self.of(label, measure) for label in self.labels])

    def subset(self, positions: NDArray[np.intp]) -> Evidence:
        """The same arms on some of the items."""
        ids = tuple(self.ids[int(i)] for i in positions)
        gold = None if self.gold is None else self.gold[positions]
        return replace(self, ids=ids, values=self.values[:, :, positions], gold=gold)

    def mean(self, label: str, measure: str) -> float | None:
        """An arm's aggregate: the mean over queries, or of the whole set; None where it is not defined."""
        if self.gold is None:
            return float(self.of(label, measure).mean())
        return _measure(measure).figure(self.outputs(label), self.gold)

    def interval(self, label: str, measure: str) -> Interval | None:
        """Bootstrap interval of the aggregate; None where the count allows none."""
        if self.gold is None:
            return stats.bootstrap_mean(self.of(label, measure))
        if self.mean(label, measure) is None:
            return None
        return _measure(measure).interval(self.replicates(measure)[self.labels.index(label)], len(self.ids))

    def replicates(self, measure: str) -> FloatArray:
        """Bootstrap replicates of every arm's aggregate on shared resamples, [n_arms, n_resamples].

        NaN where a figure is not defined.
        """
        return _replicates(self, measure)


def has_evidence(bundle: Bundle) -> bool:
    """Whether a bundle holds figures of single items, from which all others follow."""
    return any(bundle.has(table) for table in (SCORES, PAIR_SCORES, PREDICTIONS))


def load(bundle: Bundle) -> Evidence:
    """Return every pipeline's figures of a bundle, which are what its ``result.json`` says.

    Raises NotComparableError where it holds none, BundleError where its tables are incomplete, or where an aggregate
    does not follow from them.
    """
    evidence = read_evidence(bundle)
    for label in evidence.labels:
        for measure in evidence.measures:
            stored = bundle.value(label, measure)
            # What is not defined is stored as 0, as by whoever wrote it.
            made = evidence.mean(label, measure) or 0.0
            if not math.isclose(stored, made, rel_tol=_SAME, abs_tol=_SAME):
                raise BundleError(
                    f"{bundle.path}: {label}, {measure}: {stored!r} stands in result.json, and the tables that it was "
                    f"made from give {made!r}; 'harness verify {bundle.path}' says what else differs"
                )
    return evidence


def read_evidence(bundle: Bundle) -> Evidence:
    """Return every pipeline's figures of a bundle, whatever its ``result.json`` says of them; raises as ``load``."""
    if not bundle.pipelines:
        raise NotComparableError(
            f"{bundle.path}: the bundle is empty: it holds no pipeline, so nothing was measured"
        )
    if not has_evidence(bundle) and any(part.kind == "imported" for part in bundle.pipelines.values()):
        raise NotComparableError(
            f"{bundle.path}: holds imported aggregates, and no scores of single items: what needs these (a paired "
            "test, a gate, a choice, an average with an interval) cannot be said. Score the runs or predictions that "
            "they were made of, with 'harness score'"
        )
    if bundle.has(PAIR_SCORES):
        return _of_pairs(bundle)
    return _of_texts(bundle) if bundle.has(PREDICTIONS) else _per_query(bundle)


def query_texts(bundle: Bundle) -> dict[str, str]:
    """Return the texts of the judged queries by id; empty where the bundle holds none (a baseline)."""
    if not bundle.has(QUERIES):
        return {}
    rows = bundle.table(QUERIES)
    return dict(zip(rows["query_id"].to_pylist(), rows["text"].to_pylist(), strict=True))


def join(parts: Sequence[tuple[str, Evidence]]) -> Evidence:
    """Put arms of several bundles side by side; each part's labels get its name in front.

    Raises NotComparableError unless all are about the same items.
    """
    (_, first), *others = parts
    labels = [f"{name}:{label}" for name, part in parts for label in part.labels]
    aligned = [first.values]
    for name, part in others:
        aligned.append(part.values[:, :, _positions(parts[0][0], first, name, part)])
    measures = [m for m in first.measures if all(m in part.measures for _, part in others)]
    if not measures:
        raise NotComparableError(
            f"the bundles share no measure: {parts[0][0]} has {listed(first.measures)}, "
            + "; ".join(f"{name} has {listed(part.measures)}" for name, part in others)
        )
    repeats = {len(part.values[0]) for _, part in parts if part.gold is not None}
    if len(repeats) > 1:
        raise NotComparableError(
            f"the bundles were made with {listed(map(str, sorted(repeats)))} repeats: they do not pair; make all "
            "with one suite"
        )
    kept = [
        values if part.gold is not None else values[:, [part.measures.index(m) for m in measures]]
        for values, (_, part) in zip(aligned, parts, strict=True)
    ]
    return replace(
        first,
        labels=tuple(labels),
        measures=tuple(measures),
        values=np.concatenate(kept),
        depths={f"{name}:{label}": depth for name, part in parts for label, depth in part.depths.items()},
        given=frozenset(f"{name}:{label}" for name, part in parts for label in part.given),
    )


def _positions(first_name: str, first: Evidence, name: str, part: Evidence) -> NDArray[np.intp]:
    """Where the first bundle's items stand in another's. Raises NotComparableError."""
    place = {item: i for i, item in enumerate(part.ids)}
    shared = sum(item in place for item in first.ids)
    what = {"query": "queries", "pair": "pairs", "text": "texts"}[first.item]
    if part.item != first.item or shared == 0:
        raise NotComparableError(
            f"{first_name} and {name} share none of their {what} ({len(first.ids)} and {len(part.ids)}): they were "
            "made on different data, and nothing can be paired"
        )
    if shared < len(first.ids) or shared < len(part.ids):
        raise NotComparableError(
            f"{first_name} and {name} share only {shared} {what} of {len(first.ids)} and {len(part.ids)}: means over "
            "different queries do not compare; make both with one suite"
        )
    return np.asarray([place[item] for item in first.ids], dtype=np.intp)


def require(known: Sequence[str], given: str, what: str, where: str = "") -> None:
    """Raise UsageError where a name is not among those measured."""
    if given not in known:
        raise UsageError(f"{where}no {what} {given!r}{nearest(given, known)}; there are {listed(known)}")


def _per_query(bundle: Bundle) -> Evidence:
    rows = bundle.table(SCORES)
    if rows.num_rows == 0:
        raise NotComparableError(f"{bundle.path}: the bundle is empty: no query was measured")
    pipelines, measures = list(bundle.pipelines), list(bundle.measures)
    queries = rows["query_id"].combine_chunks().dictionary_encode()
    cells = _codes(rows["pipeline"], pipelines) * len(measures) + _codes(rows["measure"], measures)
    known = (_codes(rows["pipeline"], pipelines) >= 0) & (_codes(rows["measure"], measures) >= 0)
    n = len(queries.dictionary)
    values = np.full(len(pipelines) * len(measures) * n, np.nan)
    place = cells[known] * n + queries.indices.to_numpy()[known]
    values[place] = rows["value"].to_numpy()[known]
    if len(np.unique(place)) != len(place) or not np.isfinite(values).all():
        raise BundleError(
            f"{bundle.path}: table scores is incomplete, or repeats itself: {len(pipelines)} pipelines, "
            f"{len(measures)} measures and {n} queries need {len(values)} finite values, and it has "
            f"{len(place)} rows"
        )
    shape = (len(pipelines), len(measures), n)
    return Evidence(
        "query",
        tuple(queries.dictionary.to_pylist()),
        tuple(pipelines),
        tuple(measures),
        values.reshape(shape),
        depths={name: depth for name in pipelines if (depth := _depth(bundle.pipelines[name])) is not None},
        given=frozenset(name for name in pipelines if bundle.pipelines[name].kind == "run"),
    )


def _depth(part: Pipeline) -> int | None:
    depth = part.stages.get("depth")
    return depth if isinstance(depth, int) and not isinstance(depth, bool) else None


def _of_pairs(bundle: Bundle) -> Evidence:
    pairs, rows = bundle.table(PAIRS), bundle.table(PAIR_SCORES)
    ids = pairs["pair_id"].to_pylist()
    if not ids:
        raise NotComparableError(f"{bundle.path}: the bundle is empty: no pair was measured")
    pipelines = list(bundle.pipelines)
    codes, items = _codes(rows["pipeline"], pipelines), _codes(rows["pair_id"], ids)
    known = (codes >= 0) & (items >= 0)
    values = np.full((len(pipelines), len(ids)), np.nan)
    values[codes[known], items[known]] = rows["score"].to_numpy()[known]
    if not np.isfinite(values).all():
        raise BundleError(
            f"{bundle.path}: table pair_scores lacks {int((~np.isfinite(values)).sum())} scores"
        )
    gold = pairs["gold"].to_numpy()
    return Evidence("pair", tuple(ids), tuple(pipelines), bundle.measures, values[:, None, :], gold)


def _codes(column: pa.ChunkedArray, names: Sequence[str]) -> NDArray[np.int64]:
    found = pc.index_in(column, value_set=pa.array(names, pa.string()))
    return np.asarray(found.fill_null(-1).to_numpy(), dtype=np.int64)


def _of_texts(bundle: Bundle) -> Evidence:
    texts, rows = bundle.table(TEXTS), bundle.table(PREDICTIONS)
    ids, labels = texts["text_id"].to_pylist(), texts["label"].to_pylist()
    if not ids:
        raise NotComparableError(f"{bundle.path}: the bundle is empty: no text was measured")
    pipelines, predicted = list(bundle.pipelines), rows["label"].to_pylist()
    codes = codes_of(labels, [[predicted]])
    repeats = rows["repeat"].to_numpy()
    arms, items = _codes(rows["pipeline"], pipelines), _codes(rows["text_id"], ids)
    known = (arms >= 0) & (items >= 0)
    values = np.full((len(pipelines), int(repeats.max(initial=0)) + 1, len(ids)), np.nan)
    given = np.asarray([codes[label] for label in predicted], dtype=np.float64)
    values[arms[known], repeats[known], items[known]] = given[known]
    if not np.isfinite(values).all():
        raise BundleError(
            f"{bundle.path}: table predictions lacks {int((~np.isfinite(values)).sum())} predictions"
        )
    gold = np.asarray([codes[label] for label in labels], dtype=np.float64)
    return Evidence("text", tuple(ids), tuple(pipelines), bundle.measures, values, gold)


def _measure(name: str) -> SetMeasure:
    if name not in SET_MEASURES:
        raise NotComparableError(f"{name!r} is no measure of a whole set; valid are {listed(SET_MEASURES)}")
    return SET_MEASURES[name]


@lru_cache(maxsize=8)
def _replicates(evidence: Evidence, measure: str) -> FloatArray:
    """Kept for a while: ranking 10,000 resamples takes a second, and several questions are asked of them."""
    if evidence.gold is None:
        return stats.bootstrap_means(evidence.matrix(measure))
    return _measure(measure).resampled(evidence.values, evidence.gold)
