"""The nouns of the field: Query, Document, SentencePair, Qrels, Run. Frozen, validated, in canonical order.

A run and a set of judgments are both tables of (query, document, value). They are kept as flat arrays, because a
run of 6,980 queries x 1,000 results as nested dictionaries takes gigabytes. Documents are integers into a
vocabulary of ids sorted by UTF-8 bytes, so that comparing integers compares ids.

The canonical order of results, fixed here and nowhere else: score descending, then document id descending by
UTF-8 bytes, as trec_eval does.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple, Self

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from harness import ids
from harness.errors import DataError

Ints = NDArray[np.int64]
Codes = NDArray[np.int32]
Floats = NDArray[np.float64]


class Query(NamedTuple):
    """What someone searches for."""

    id: str
    text: str


class Document(NamedTuple):
    """A passage that can be found; a title is already joined to its text."""

    id: str
    text: str


class SentencePair(NamedTuple):
    """Two sentences and how similar people found them, on the suite's scale."""

    id: str
    first: str
    second: str
    gold: float


@dataclass(frozen=True, eq=False)
class _QueryTable:
    """Rows of (query, document) grouped by query: query ``i`` owns rows ``offsets[i]:offsets[i + 1]``."""

    query_ids: tuple[str, ...]
    offsets: Ints  # [n_queries + 1]
    docs: Codes  # [n_rows], positions in the vocabulary
    vocabulary: ids.Vocabulary  # [n_documents]

    @property
    def doc_ids(self) -> pa.Array:
        """Ids of the documents, [n_documents] strings, unique, sorted by UTF-8 bytes."""
        return self.vocabulary.texts

    def __len__(self) -> int:
        return len(self.query_ids)

    @property
    def n_rows(self) -> int:
        """Number of (query, document) rows."""
        return len(self.docs)

    @property
    def counts(self) -> Ints:
        """Rows of each query, [n_queries]."""
        return np.diff(self.offsets)

    @property
    def query_of_row(self) -> Ints:
        """Position of each row's query, [n_rows]."""
        return np.repeat(np.arange(len(self.query_ids)), self.counts)

    def position(self, query_id: str) -> int | None:
        """Position of a query, or None."""
        return self._positions.get(query_id)

    @property
    def _positions(self) -> dict[str, int]:
        cached: dict[str, int] | None = self.__dict__.get("_position_of")
        if cached is None:
            cached = {query_id: i for i, query_id in enumerate(self.query_ids)}
            object.__setattr__(self, "_position_of", cached)
        return cached

    def doc_id_column(self) -> pa.Array:
        """Each row's document id, [n_rows] strings."""
        return self.doc_ids.take(pa.array(self.docs))

    def query_id_column(self) -> pa.Array:
        """Each row's query id, [n_rows] strings."""
        return pa.array(self.query_ids, pa.string()).take(pa.array(self.query_of_row))

    def _select(self, queries: Sequence[str], columns: Mapping[str, NDArray[Any]]) -> Self:
        """Return the same rows for the given queries, in their order; a query that is not here has no rows."""
        if self.query_ids == tuple(queries):
            return self
        positions = [self._positions.get(query, -1) for query in queries]
        spans = [(self.offsets[p], self.offsets[p + 1]) if p >= 0 else (0, 0) for p in positions]
        rows = (
            np.concatenate([np.arange(low, high) for low, high in spans])
            if spans
            else np.zeros(0, dtype=np.int64)
        )
        offsets = np.concatenate([[0], np.cumsum([high - low for low, high in spans], dtype=np.int64)])
        taken = {name: column[rows] for name, column in columns.items()}
        return replace(
            self, query_ids=tuple(queries), offsets=offsets.astype(np.int64), docs=self.docs[rows], **taken
        )


@dataclass(frozen=True, eq=False)
class Qrels(_QueryTable):
    """Relevance judgments: grade 0 is judged and not relevant, 1 and above relevant.

    Negative grades count as unjudged, as in trec_eval; they are left out and counted. Those of -1, which stands for a
    document of the pool that was not drawn for judging, are kept apart in ``pool``; only infAP looks at them.
    """

    grades: Codes  # [n_rows]
    n_negative: int = 0
    n_repeated: int = 0  # pairs given twice with one grade, which count once
    pool: Qrels | None = None  # of the same queries in the same order, every grade -1

    @classmethod
    def from_columns(
        cls,
        query_ids: Sequence[str] | pa.Array,
        doc_ids: Sequence[str] | pa.Array,
        grades: Sequence[int] | NDArray[Any],
    ) -> Qrels:
        """Build from one row per judgment, in any order. Raises DataError for a (query, document) pair twice."""
        values = np.asarray(grades, dtype=np.int32)
        kept = values >= 0
        table = _group(query_ids, doc_ids, np.zeros(len(values)), what="judgments")
        grades = table.order.of(values)
        query_of_row = np.repeat(np.arange(len(table.query_ids)), np.diff(table.offsets))

        def only(rows: NDArray[np.bool_]) -> Qrels:
            counts = np.bincount(query_of_row[rows], minlength=len(table.query_ids))
            offsets = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
            return cls(table.query_ids, offsets, table.docs[rows], table.vocabulary, grades[rows])

        # A query whose judgments are all negative stays: it counts in the denominator, as with trec_eval -c.
        pooled = grades == -1
        pool = only(pooled) if pooled.any() else None
        return replace(only(grades >= 0), n_negative=int((~kept).sum()), pool=pool)

    @classmethod
    def from_dict(cls, judgments: Mapping[str, Mapping[str, int]]) -> Qrels:
        """Build from ``{query_id: {doc_id: grade}}``."""
        return cls.from_columns(*_flatten(judgments))

    def select(self, queries: Sequence[str]) -> Qrels:
        """Return the judgments of the given queries, in their order."""
        pool = None if self.pool is None else self.pool.select(queries)
        return replace(self._select(queries, {"grades": self.grades}), pool=pool)

    @property
    def n_relevant(self) -> int:
        """Judgments of grade 1 or above."""
        return int((self.grades > 0).sum())


@dataclass(frozen=True, eq=False)
class Run(_QueryTable):
    """What a pipeline returned for each query, best first, in canonical order.

    ``notes`` is what whoever made it has to say of it, such as scores that were made of ranks.
    """

    scores: Floats  # [n_rows]
    notes: tuple[str, ...] = ()

    @classmethod
    def from_columns(
        cls, query_ids: Sequence[str] | pa.Array, doc_ids: Sequence[str] | pa.Array, scores: Any
    ) -> Run:
        """Build from one row per result, in any order.

        Raises DataError, naming the query and document, for a NaN or infinite score or a result given twice.
        """
        values = np.asarray(scores, dtype=np.float64)
        bad = np.flatnonzero(~np.isfinite(values))
        if len(bad):
            row = int(bad[0])
            raise DataError(
                f"query {str(query_ids[row])!r}, document {str(doc_ids[row])!r}: score {values[row]} is not a "
                f"finite number ({len(bad)} such score{'s' if len(bad) > 1 else ''})"
            )
        table = _group(query_ids, doc_ids, values, what="results")
        return cls(table.query_ids, table.offsets, table.docs, table.vocabulary, table.order.of(values))

    @classmethod
    def from_dict(cls, results: Mapping[str, Mapping[str, float]]) -> Run:
        """Build from ``{query_id: {doc_id: score}}``."""
        return cls.from_columns(*_flatten(results))

    @classmethod
    def from_positions(
        cls,
        query_ids: Sequence[str],
        counts: NDArray[Any],
        positions: NDArray[Any],
        scores: NDArray[Any],
        corpus_ids: pa.Array | pa.ChunkedArray,
    ) -> Run:
        """Build from documents given as positions in a corpus.

        Shapes: counts [n_queries] rows per query; positions and scores [sum(counts)]; corpus_ids [n_documents].
        """
        used, local = np.unique(positions, return_inverse=True)
        names = corpus_ids.take(pa.array(used))
        names = names.combine_chunks() if isinstance(names, pa.ChunkedArray) else names
        names = names.cast(pa.string())
        by_bytes = pc.array_sort_indices(names).to_numpy()
        vocabulary = ids.Vocabulary(names.take(pa.array(by_bytes)))
        rank = np.empty(len(used), dtype=np.int32)
        rank[by_bytes] = np.arange(len(used), dtype=np.int32)
        codes = rank[local]
        values = np.asarray(scores, dtype=np.float64)
        if not np.isfinite(values).all():
            row = int(np.flatnonzero(~np.isfinite(values))[0])
            query = query_ids[int(np.searchsorted(np.cumsum(counts), row, side="right"))]
            raise DataError(
                f"query {query!r}, document {names[int(local[row])].as_py()!r}: the model gave the score {values[row]}"
            )
        query_of_row = np.repeat(np.arange(len(query_ids)), counts)
        order = np.lexsort((-codes, -values, query_of_row))
        offsets = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
        return cls(tuple(query_ids), offsets, codes[order], vocabulary, values[order])

    def select(self, queries: Sequence[str]) -> Run:
        """Return the results of the given queries, in their order; a query without results has no rows."""
        return self._select(queries, {"scores": self.scores})

    def top(self, depth: int) -> Run:
        """Return the first ``depth`` results of every query."""
        if int(self.counts.max(initial=0)) <= depth:
            return self
        rank = np.arange(self.n_rows) - np.repeat(self.offsets[:-1], self.counts)
        kept = rank < depth
        offsets = np.concatenate([[0], np.cumsum(np.minimum(self.counts, depth))]).astype(np.int64)
        return replace(self, offsets=offsets, docs=self.docs[kept], scores=self.scores[kept])

    def results(self, query_id: str) -> Iterator[tuple[str, float]]:
        """Yield (document id, score) of one query, best first."""
        position = self.position(query_id)
        if position is None:
            return
        for row in range(self.offsets[position], self.offsets[position + 1]):
            yield self.doc_ids[int(self.docs[row])].as_py(), float(self.scores[row])


class _Order(NamedTuple):
    """An order of rows: the given row of each place, or, where most rows stay, of some places alone."""

    given: Ints
    places: Ints | None = None

    def of(self, values: NDArray[Any]) -> NDArray[Any]:
        """Return a column in this order."""
        if self.places is None:
            return values[self.given]
        if not len(self.places):
            return values
        moved = values.copy()
        moved[self.places] = values[self.given]
        return moved


class _Grouped(NamedTuple):
    query_ids: tuple[str, ...]
    offsets: Ints
    docs: Codes
    vocabulary: ids.Vocabulary
    order: _Order


def _group(query_ids: Any, doc_ids: Any, scores: Floats, *, what: str) -> _Grouped:
    """Group rows by query, in the order queries first appear, each group in canonical order."""
    if not len(query_ids) == len(doc_ids) == len(scores):
        raise ValueError(f"columns differ in length: {len(query_ids)}, {len(doc_ids)}, {len(scores)}")
    queries = ids.encoded(query_ids)
    codes, vocabulary = ids.coded(doc_ids)
    query_codes = np.asarray(queries.indices.to_numpy(), dtype=np.int32)
    names = tuple(queries.dictionary.to_pylist())
    grouped = bool((query_codes[1:] >= query_codes[:-1]).all())
    if grouped:
        offsets = np.searchsorted(query_codes, np.arange(len(names) + 1, dtype=np.int32)).astype(np.int64)
    else:
        counts = np.bincount(query_codes, minlength=len(names))
        offsets = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
    twice = _repeated(query_codes, codes, offsets if grouped else None)
    if len(twice):
        row = int(twice[0])
        raise DataError(
            f"query {queries.dictionary[int(query_codes[row])].as_py()!r}, document "
            f"{vocabulary.texts[int(codes[row])].as_py()!r}: given twice among the {what} ({len(twice)} such)"
        )
    order = _canonical(query_codes, scores, codes) if grouped else None
    if order is None:
        order = _Order(np.lexsort((-codes, -scores, query_codes)))
    return _Grouped(names, offsets, order.of(codes), vocabulary, order)


def _repeated(queries: Codes, codes: Codes, offsets: Ints | None) -> Ints:
    """Return the rows whose (query, document) stands in a later row again; offsets where rows lie query by query."""
    if offsets is not None:
        # Sorting values query by query is many times quicker than ordering rows, and nearly always all that is needed.
        ordered = codes.copy()
        for low, high in zip(offsets[:-1].tolist(), offsets[1:].tolist(), strict=True):
            ordered[low:high].sort()
        if not ((ordered[1:] == ordered[:-1]) & (queries[1:] == queries[:-1])).any():
            return np.zeros(0, dtype=np.int64)
    order = np.lexsort((codes, queries))  # stable
    same = (np.diff(queries[order]) == 0) & (np.diff(codes[order]) == 0)
    return np.asarray(order[:-1][same], dtype=np.int64)


def ties(queries: Codes, scores: Floats) -> tuple[Ints, Ints]:
    """Return the rows, [n], whose score a neighbour in the same query has too, and each one's group of ties, from 0."""
    tied = (queries[1:] == queries[:-1]) & (scores[1:] == scores[:-1])
    if not tied.any():
        return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)
    with_last = np.insert(tied, 0, False)
    rows = np.flatnonzero(with_last | np.append(tied, False))
    return rows, np.cumsum(~with_last[rows]) - 1


def _canonical(queries: Codes, scores: Floats, codes: Codes) -> _Order | None:
    """Return the canonical order of rows that lie query by query, best first; None where they do not.

    Only results with one score can still be out of order, and only these are sorted.
    """
    if ((queries[1:] == queries[:-1]) & (scores[1:] > scores[:-1])).any():
        return None
    rows, group = ties(queries, scores)
    return _Order(rows[np.lexsort((-codes[rows], group))], rows)


def _flatten(table: Mapping[str, Mapping[str, Any]]) -> tuple[list[str], list[str], list[Any]]:
    rows = [(query, doc, value) for query, values in table.items() for doc, value in values.items()]
    return [row[0] for row in rows], [row[1] for row in rows], [row[2] for row in rows]
