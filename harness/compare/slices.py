"""Parts of the queries, each with its count and interval: where does a difference come from."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow.compute as pc
from numpy.typing import NDArray

from harness.compare.evidence import Evidence
from harness.compare.paired import Paired, compare_pairs
from harness.errors import DataError, NotComparableError, UsageError, listed
from harness.results.bundle import Bundle
from harness.results.tables import PAIRS, QRELS, QUERIES, TEXTS
from harness.stats.interval import Interval

Groups = dict[str, NDArray[np.intp]]

_QUESTION_WORDS = ("what", "how", "who", "when", "where", "which", "why")
_YES_NO = frozenset(
    [
        "is",
        "are",
        "was",
        "were",
        "do",
        "does",
        "did",
        "can",
        "could",
        "will",
        "would",
        "should",
        "has",
        "have",
        "had",
        "may",
        "might",
        "must",
        "am",
        "shall",
    ]
)
_OTHER = "no question word"
_LENGTHS = ((3, "1-3 words"), (6, "4-6 words"), (9, "7-9 words"))
_LONGEST = "10+ words"


@dataclass(frozen=True)
class SliceFigure:
    """An arm's aggregate on one slice; ``interval`` is None where the count allows none."""

    label: str
    measure: str
    value: float | None
    interval: Interval | None


@dataclass(frozen=True)
class Slice:
    """One part of the items.

    Attributes:
        kind: what the slices are by, such as ``length``.
        name: of this slice.
        n: items in it.
        figures: each arm's aggregate.
        comparisons: the pairs on this slice alone; p values hold over its pairs and measures, not over the
            slices.
    """

    kind: str
    name: str
    n: int
    figures: tuple[SliceFigure, ...]
    comparisons: tuple[Paired, ...]


def slices(
    evidence: Evidence,
    groups: Mapping[str, NDArray[np.intp]],
    kind: str,
    pairs: list[tuple[str, str]],
    measure: str,
) -> tuple[Slice, ...]:
    """Compute each slice's figures and comparisons for one measure."""
    made = []
    for name, positions in groups.items():
        part = evidence.subset(positions)
        figures = tuple(
            SliceFigure(label, measure, part.mean(label, measure), part.interval(label, measure))
            for label in evidence.labels
        )
        made.append(Slice(kind, name, len(positions), figures, compare_pairs(part, pairs, [measure])))
    return tuple(made)


def groups_of(kind: str, bundle: Bundle, ids: tuple[str, ...]) -> Groups:
    """Assign items to slices by ``length``, ``question``, ``judged``, or a file of ``query_id<TAB>slice``
    lines.

    Raises UsageError for an unknown kind, DataError for a bad file, NotComparableError where the bundle lacks
    texts.
    """
    if kind in _KINDS:
        return _KINDS[kind](bundle, ids)
    path = Path(kind)
    if not path.is_file():
        raise UsageError(f"--slice {kind!r} is neither a file nor one of {listed(_KINDS)}")
    return _by_file(path, ids)


def _texts(bundle: Bundle, ids: tuple[str, ...]) -> list[str]:
    places = ((QUERIES, "query_id", "text"), (TEXTS, "text_id", "text"), (PAIRS, "pair_id", "first"))
    table, key, text = next((place for place in places if bundle.has(place[0])), places[-1])
    rows = bundle.table(table)
    texts = dict(zip(rows[key].to_pylist(), rows[text].to_pylist(), strict=True))
    found = [texts.get(item, "") for item in ids]
    if not any(found):
        raise NotComparableError(
            f"{bundle.path}: holds no texts, so queries cannot be sliced by them; make it without 'texts: "
            "false', or give "
            "a file of query_id<TAB>slice"
        )
    return found


def _by_length(bundle: Bundle, ids: tuple[str, ...]) -> Groups:
    def name(text: str) -> str:
        words = len(text.split())
        return next((label for most, label in _LENGTHS if words <= most), _LONGEST)

    return _grouped(
        [name(text) for text in _texts(bundle, ids)], [*(label for _, label in _LENGTHS), _LONGEST]
    )


def _by_question_word(bundle: Bundle, ids: tuple[str, ...]) -> Groups:
    def name(text: str) -> str:
        first = text.split()[0].lower().strip("¿\"'(,.?") if text.split() else ""
        first = first.removesuffix("'s").removesuffix("’s")
        if first in _QUESTION_WORDS:
            return first
        return "yes or no" if first in _YES_NO else _OTHER

    return _grouped([name(text) for text in _texts(bundle, ids)], [*_QUESTION_WORDS, "yes or no", _OTHER])


def _by_judged(bundle: Bundle, ids: tuple[str, ...]) -> Groups:
    judged = bundle.table(QRELS)
    judged = judged.filter(pc.greater_equal(judged["grade"], 0))
    rows = judged["query_id"].combine_chunks().value_counts()
    counted = dict(zip(rows.field("values").to_pylist(), rows.field("counts").to_pylist(), strict=True))
    counts = np.asarray([counted.get(item, 0) for item in ids])
    edges = np.unique(np.quantile(counts, [1 / 3, 2 / 3], method="inverted_cdf"))
    bins = np.searchsorted(edges, counts)
    names = {}
    for i in np.unique(bins):
        low, high = counts[bins == i].min(), counts[bins == i].max()
        names[int(i)] = f"{low}-{high} judged" if low < high else f"{low} judged"
    return _grouped([names[int(i)] for i in bins], list(names.values()))


def _by_file(path: Path, ids: tuple[str, ...]) -> Groups:
    place = {item: i for i, item in enumerate(ids)}
    members: dict[str, dict[int, None]] = {}
    unknown = 0
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"{path}: cannot be read as UTF-8 text ({error})") from None
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        item, tab, name = line.partition("\t")
        if not tab or not name.strip() or "\t" in name:
            raise DataError(f"{path}:{number}: {line[:60]!r} is not 'query_id<TAB>slice'")
        if item in place:
            members.setdefault(name.strip(), {})[place[item]] = None
        else:
            unknown += 1
    if not members:
        raise NotComparableError(
            f"{path}: none of its {unknown} ids is among the {len(ids)} measured; such as {listed(ids[:3])}"
        )
    groups = {name: np.asarray(sorted(positions), dtype=np.intp) for name, positions in members.items()}
    rest = sorted(set(range(len(ids))) - {int(i) for positions in groups.values() for i in positions})
    if rest:
        groups["(in no slice)"] = np.asarray(rest, dtype=np.intp)
    return groups


def _grouped(names: list[str], order: list[str]) -> Groups:
    array = np.asarray(names)
    groups = {name: np.flatnonzero(array == name) for name in order}
    return {name: positions for name, positions in groups.items() if len(positions)}


_KINDS: dict[str, Callable[[Bundle, tuple[str, ...]], Groups]] = {
    "length": _by_length,
    "question": _by_question_word,
    "judged": _by_judged,
}
KINDS = tuple(_KINDS)
