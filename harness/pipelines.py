"""Retriever and reranker over a collection.

A retriever turns queries into a run; a reranker gives a run new scores.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import islice
from typing import Any, Protocol, runtime_checkable

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from harness.config import Bm25
from harness.datamodel import Query, Run
from harness.datasets.corpus import Corpus
from harness.errors import DataError
from harness.models.answers import finite, form_of
from harness.models.protocols import BiEncoder, CrossEncoder, told
from harness.progress import Progress, Silent
from harness.search import passages
from harness.search.bm25 import Bm25Index
from harness.search.passages import PassageScore
from harness.search.topk import id_ranks

#: Documents, or pairs, handed to a model at once, and kept or lost together: enough to sort by length, few
#: enough
#: that little is lost. Rounded down to whole batches, so that cutting the work up costs no forward pass.
DOCUMENTS_AT_ONCE = 4096
PAIRS_AT_ONCE = 1024


def whole_batches(size: int, batch_size: int) -> int:
    """Return the largest multiple of the batch size up to ``size``, one batch at least."""
    return max(1, size // batch_size) * batch_size


class Retriever(Protocol):
    """The first stage."""

    def retrieve(self, queries: Sequence[Query], depth: int) -> Run:
        """Return at most ``depth`` results a query, in canonical order."""


@dataclass(frozen=True, eq=False)
class Collection:
    """A corpus with what every stage needs of it: ids by position, and the places of the ids."""

    corpus: Corpus

    @property
    def ids(self) -> pa.ChunkedArray:
        """Document ids by position."""
        return self.corpus.contents.ids

    @cached_property
    def flat_ids(self) -> pa.Array:
        """Document ids by position, in one piece."""
        return self.ids.combine_chunks()

    @cached_property
    def ranks(self) -> NDArray[np.uint32]:
        """Places of the ids sorted by UTF-8 bytes, by position."""
        return id_ranks(self.ids)

    def __len__(self) -> int:
        return len(self.ids)

    def run(
        self, queries: Sequence[Query], found: Sequence[tuple[NDArray[np.int64], NDArray[np.floating]]]
    ) -> Run:
        """Make a run of (positions, scores) for each query."""
        counts = np.asarray([len(positions) for positions, _ in found], dtype=np.int64)
        positions = np.concatenate([p for p, _ in found]) if found else np.zeros(0, dtype=np.int64)
        scores = np.concatenate([s for _, s in found]) if found else np.zeros(0)
        return Run.from_positions([query.id for query in queries], counts, positions, scores, self.ids)

    def positions(self, run: Run) -> NDArray[np.int64]:
        """Return each result's position in the corpus, [n_rows].

        Raises DataError for a document that is not in it.
        """
        place = pc.index_in(run.doc_ids, value_set=self.flat_ids).fill_null(-1).to_numpy()
        found = np.asarray(place[run.docs], dtype=np.int64)  # ids that no row has need not be there
        if (found < 0).any():
            missing = np.unique(run.docs[found < 0])
            raise DataError(
                f"{len(missing):,} of the candidates' {len(np.unique(run.docs)):,} documents are not in the corpus, "
                f"such as {run.doc_ids[int(missing[0])].as_py()!r} (the corpus holds {self.ids[0].as_py()!r}, for one)"
            )
        return found

    def known_positions(self, run: Run) -> NDArray[np.int64]:
        """Return the positions of those results that are in the corpus, each once."""
        place = pc.index_in(run.doc_ids, value_set=self.ids.combine_chunks())
        found = place.take(pa.array(np.unique(run.docs))).drop_null()
        return np.asarray(found.to_numpy(), dtype=np.int64)


@runtime_checkable
class EncodesCorpus(Protocol):
    """A bi-encoder that brings a corpus's embeddings itself, such as from a store."""

    def documents(self, collection: Collection) -> Iterator[Any]:
        """Yield every document's embedding in the model's form, fp32 or fp16, in order of position."""


@dataclass(frozen=True, eq=False)
class InPassages:
    """All documents in passages.

    Attributes:
        collection: of the passages.
        counts: [n_documents] passages of each document, one at least.
        score: of a document, by those of its passages.
    """

    collection: Collection
    counts: NDArray[np.int64]
    score: PassageScore


class VectorRetriever:
    """An encoder of any form with exact search over the whole corpus, whose embeddings stream.

    ``parts``: what it encodes instead of whole documents.
    """

    def __init__(
        self,
        model: BiEncoder,
        name: str,
        collection: Collection,
        progress: Progress | None = None,
        parts: InPassages | None = None,
    ) -> None:
        self._model, self._name, self._collection = model, name, collection
        self._progress, self._parts = progress or Silent(), parts
        self._encoded = collection if parts is None else parts.collection
        #: What the search looked through, of documents and of ``query_``...; known once it was made.
        self.sizes: Counter[str] = Counter()

    def retrieve(self, queries: Sequence[Query], depth: int) -> Run:
        """Encode queries and every document, and keep the nearest ``depth``."""
        texts = [query.text for query in queries]
        encoded = finite(self._model.encode(texts, "query"), self._name, texts)
        model = self._model
        blocks = model.documents(self._encoded) if isinstance(model, EncodesCorpus) else self.blocks()
        form = form_of(encoded)
        self.sizes = Counter({f"query_{name}": size for name, size in form.sizes(encoded).items()})

        def counted() -> Iterator[Any]:
            for block in blocks:
                self.sizes.update(form.sizes(block))
                yield block

        ranks, parts = self._collection.ranks, self._parts
        if parts is None:
            found = form.search(encoded, counted(), model.similarity, depth, ranks)
        else:
            self.sizes["passages"] = len(self._encoded)
            found = passages.search(
                form, encoded, counted(), parts.counts, parts.score, model.similarity, depth, ranks
            )
        return self._collection.run(queries, found)

    def blocks(self) -> Iterator[Any]:
        """Yield every document's embedding, encoded now, [n, dimension] in order of position."""
        size = whole_batches(DOCUMENTS_AT_ONCE, getattr(self._model, "batch_size", 1))
        with self._progress.task(f"{self._name}: encoding", len(self._encoded), "documents") as advance:
            for texts in chunked(self._encoded.corpus.texts(), size):
                with told(self._model, advance, len(texts)):
                    block = self._model.encode(texts, "document")
                yield finite(block, self._name, texts)


class Bm25Retriever:
    """BM25 over the whole corpus. ``keep`` is given what builds the index, and may bring one made before."""

    def __init__(
        self,
        settings: Bm25,
        collection: Collection,
        progress: Progress | None = None,
        keep: Callable[[Callable[[], Bm25Index]], Bm25Index] | None = None,
        name: str = "bm25",
    ) -> None:
        self._settings, self._collection, self._name = settings, collection, name
        self._progress, self._keep = progress or Silent(), keep

    @cached_property
    def index(self) -> Bm25Index:
        """The index, built when first needed."""
        return self._built() if self._keep is None else self._keep(self._built)

    def _built(self) -> Bm25Index:
        with self._progress.task(f"{self._name}: indexing", len(self._collection), "documents") as advance:
            return Bm25Index(self._collection.corpus.texts(), self._settings, advance)

    def retrieve(self, queries: Sequence[Query], depth: int) -> Run:
        """Return documents that share a word with the query; there may be fewer than ``depth``."""
        texts = [query.text for query in queries]
        run = self._collection.run(queries, self.index.search(texts, depth, self._collection.ranks))
        unanswered = [text for text, count in zip(texts, run.counts, strict=True) if not count]
        said = "BM25" if self._name == "bm25" else f"BM25 {self._name}"
        return replace(run, notes=tuple(f"{said}: {note}" for note in self.index.notes(texts, unanswered)))


class GivenRun:
    """Results that are there already: a run file, or a data set's own candidates."""

    def __init__(self, run: Run) -> None:
        self._run = run

    def retrieve(self, queries: Sequence[Query], depth: int) -> Run:
        """Return the first ``depth`` of what was given."""
        return self._run.select([query.id for query in queries]).top(depth)


class Everything:
    """Every document for every query, for a cross-encoder over the whole of a small corpus."""

    def __init__(self, collection: Collection) -> None:
        self._collection = collection

    def retrieve(self, queries: Sequence[Query], depth: int) -> Run:
        """Return all documents, whatever the depth: they have no order yet."""
        every = np.arange(len(self._collection))
        return self._collection.run(queries, [(every, np.zeros(len(every)))] * len(queries))


@runtime_checkable
class ScoresByPosition(Protocol):
    """A cross-encoder that scores pairs by their places, and may know some of them without their texts."""

    def score_by_position(
        self, queries: Sequence[Query], keys: NDArray[np.int64], collection: Collection
    ) -> NDArray[np.float32]:
        """Return one score a pair, [n_pairs]; a key is query position * corpus size + document position."""


class Reranker:
    """A cross-encoder over (query, document) pairs; texts are fetched by position, a few at a time."""

    def __init__(
        self, model: CrossEncoder, name: str, collection: Collection, progress: Progress | None = None
    ) -> None:
        self._model, self._name, self._collection = model, name, collection
        self._progress = progress or Silent()

    def rerank(self, queries: Sequence[Query], candidates: Run) -> Run:
        """Score every candidate of every query and return them in the new order."""
        return self.score(queries, [candidates]).apply(candidates)

    def score(
        self, queries: Sequence[Query], runs: Sequence[Run], known: PairScores | None = None
    ) -> PairScores:
        """Score each (query, document) pair of several runs once; those that are known need no scoring."""
        place = {query.id: i for i, query in enumerate(queries)}
        keys = all_keys(runs, place, self._collection)
        if known is not None:
            keys = np.setdiff1d(keys, known.keys, assume_unique=True)
        made = PairScores(keys, self.of_keys(queries, keys), place, self._collection)
        return made if known is None else known.joined(made)

    def of_keys(self, queries: Sequence[Query], keys: NDArray[np.int64]) -> NDArray[np.float32]:
        """Return the score of each pair by its key, [n_pairs]."""
        if isinstance(self._model, ScoresByPosition):
            return self._model.score_by_position(queries, keys, self._collection)
        scores = np.empty(len(keys), dtype=np.float32)
        size = whole_batches(PAIRS_AT_ONCE, getattr(self._model, "batch_size", 1))
        with self._progress.task(f"{self._name}: scoring", len(keys), "pairs") as advance:
            for start in range(0, len(keys), size):
                pairs = pair_texts(queries, keys[start : start + size], self._collection)
                with told(self._model, advance, len(pairs)):
                    given = self._model.score(pairs)
                scores[start : start + size] = finite(given, self._name, pairs)
        return scores


def pair_texts(
    queries: Sequence[Query], keys: NDArray[np.int64], collection: Collection
) -> list[tuple[str, str]]:
    """Return the texts of pairs by their keys."""
    width = len(collection)
    texts = collection.corpus.fetch((keys % width).tolist())
    return [(queries[q].text, text) for q, text in zip((keys // width).tolist(), texts, strict=True)]


@dataclass(frozen=True, eq=False)
class PairScores:
    """A cross-encoder's scores of (query, document) pairs, each scored once."""

    keys: NDArray[np.int64]  # query position * corpus size + document position, sorted
    scores: NDArray[np.float32]
    place: dict[str, int]
    collection: Collection

    def joined(self, other: PairScores) -> PairScores:
        """Return these scores and others, of other pairs of the same queries."""
        keys = np.concatenate([self.keys, other.keys])
        order = np.argsort(keys)
        return replace(self, keys=keys[order], scores=np.concatenate([self.scores, other.scores])[order])

    def apply(self, run: Run) -> Run:
        """Return a run's results with these scores, in canonical order."""
        keys = pair_keys(run, self.place, self.collection)
        found = np.minimum(np.searchsorted(self.keys, keys), len(self.keys) - 1)
        if not np.array_equal(self.keys[found], keys):
            raise ValueError("some of the run's pairs were not scored")
        return Run.from_columns(run.query_id_column(), run.doc_id_column(), self.scores[found]).select(
            run.query_ids
        )


def pair_keys(run: Run, place: dict[str, int], collection: Collection) -> NDArray[np.int64]:
    """Return one integer for each result's (query, document) pair, [n_rows]."""
    queries = np.asarray([place[query] for query in run.query_ids], dtype=np.int64)
    return np.repeat(queries, run.counts) * len(collection) + collection.positions(run)


def all_keys(runs: Sequence[Run], place: dict[str, int], collection: Collection) -> NDArray[np.int64]:
    """Return the key of each different pair of some runs, rising."""
    return np.unique(np.concatenate([pair_keys(run, place, collection) for run in runs]))


def without_self(run: Run) -> Run:
    """Return a run without results whose document has the query's own id."""
    same = pc.equal(run.query_id_column(), run.doc_id_column()).to_numpy(zero_copy_only=False)
    kept = ~same
    counts = np.bincount(run.query_of_row[kept], minlength=len(run))
    offsets = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
    return replace(run, offsets=offsets, docs=run.docs[kept], scores=run.scores[kept])


def retrieve(first: Retriever, queries: Sequence[Query], depth: int, *, exclude_self: bool) -> Run:
    """Retrieve ``depth`` results a query, not counting the query's own document where that is left out."""
    if not exclude_self:
        return first.retrieve(queries, depth)
    return without_self(first.retrieve(queries, depth + 1)).top(depth)


def chunked(texts: Iterator[str], size: int) -> Iterator[list[str]]:
    """Yield lists of ``size`` texts."""
    while chunk := list(islice(texts, size)):
        yield chunk
