"""A retrieval pipeline as a server runs it: a first stage, and a reranker where there is one.

What it finds is what the pipeline's run holds, but for the last bits that other batches move; a test holds it
to that. Nothing comes from the store but the index.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from harness.datamodel import Query
from harness.models.loading import finite
from harness.models.protocols import BiEncoder, CrossEncoder, Mark, ScoresInStages
from harness.pipelines import PAIRS_AT_ONCE, Collection, whole_batches
from harness.search.topk import best
from harness.serving.base import (
    Answer,
    Machinery,
    Results,
    counters,
    one_text,
    two_texts,
    wrong_kind,
)
from harness.serving.stages import FirstStage, Found, Positions

Lists = Sequence[tuple[Positions, NDArray[Any]]]


@dataclass(frozen=True, eq=False)
class Scorer:
    """A cross-encoder, live."""

    model: CrossEncoder
    name: str

    def score(self, pairs: Sequence[tuple[str, str]]) -> NDArray[np.float32]:
        """Return one score a pair; a single batch is tokenised once, more of them while others are scored."""
        if isinstance(self.model, ScoresInStages) and len(pairs) <= self.batch_size:
            # Its tokenising counts as reranking, as it does where it is hidden behind the scoring.
            scores = self.model.score_in_stages(pairs, lambda stage: None)
        else:
            scores = self.model.score(pairs)
        return finite(scores, self.name, pairs)

    @property
    def batch_size(self) -> int:
        """Pairs of one forward pass."""
        return int(getattr(self.model, "batch_size", 1))


@dataclass(frozen=True, eq=False)
class Retrieval:
    """A served retrieval pipeline.

    Attributes:
        machinery: its clock and models.
        collection: of the documents.
        first: the first stage.
        depth: results of the pipeline.
        candidates: results of the first stage, which are the pipeline's where nothing reranks them.
        encoder: the bi-encoder that encodes documents, where there is one.
        scorer: the reranker, where there is one.
        own: each query's own document, where that is left out: position by id.
    """

    machinery: Machinery
    collection: Collection
    first: FirstStage
    depth: int
    candidates: int
    encoder: BiEncoder | None = None
    scorer: Scorer | None = None
    own: dict[str, int] | None = None

    @property
    def kinds(self) -> tuple[str, ...]:
        """Kinds of request that it serves."""
        also = {"document": self.encoder is not None, "pair": self.scorer is not None}
        return ("query", *(kind for kind, served in also.items() if served))

    def query(self, query_id: str, texts: Sequence[str]) -> Answer:
        """Serve one query alone."""
        return self._queries([Query(query_id, one_text(texts))])

    def batch(self, kind: str, ids: Sequence[str], texts: Sequence[Sequence[str]]) -> Answer:
        """Serve many queries, encode many documents, or score many pairs."""
        if kind == "query":
            return self._queries([Query(i, one_text(t)) for i, t in zip(ids, texts, strict=True)])
        if kind == "document" and self.encoder is not None:
            return self._documents(self.encoder, [one_text(t) for t in texts])
        if kind == "pair" and self.scorer is not None:
            return self._pairs(self.scorer, [two_texts(t) for t in texts])
        raise wrong_kind(kind, self.kinds)

    def _queries(self, queries: Sequence[Query]) -> Answer:
        before = self.machinery.work()
        laps = self.machinery.start()
        found = self._first(queries, laps.mark)
        lists, pairs = found.results, 0
        if self.scorer is not None:
            pairs = sum(len(positions) for positions, _ in lists)
            lists = self._reranked(self.scorer, queries, lists, laps.mark)
        named = [(self.ids.take(pa.array(positions)), scores) for positions, scores in lists]
        laps.mark("results")
        done = counters(before, self.machinery.work(), pairs=pairs, bytes_read=found.bytes_read())

        def results(top: int) -> Results:
            ids, scores = named[0]
            return list(zip(ids[:top].to_pylist(), scores[:top].astype(float).tolist(), strict=True))

        return Answer(laps, done, results)

    @property
    def ids(self) -> pa.Array:
        """Document ids by position."""
        return self.collection.flat_ids

    def _first(self, queries: Sequence[Query], mark: Mark) -> Found:
        if self.own is None:
            return self.first.find(queries, self.candidates, mark)
        found = self.first.find(queries, self.candidates + 1, mark)
        kept = []
        for query, (positions, scores) in zip(queries, found.results, strict=True):
            other = positions != self.own.get(query.id, -1)
            kept.append((positions[other][: self.candidates], scores[other][: self.candidates]))
        mark("search")
        return replace(found, results=kept)

    def _reranked(self, scorer: Scorer, queries: Sequence[Query], lists: Lists, mark: Mark) -> Lists:
        counts = [len(positions) for positions, _ in lists]
        flat = np.concatenate([positions for positions, _ in lists])
        of_query = np.repeat(np.arange(len(queries)), counts)
        scores = np.empty(len(flat), dtype=np.float32)
        size = whole_batches(PAIRS_AT_ONCE, scorer.batch_size)
        for low in range(0, len(flat), size):
            rows = slice(low, low + size)
            texts = self.collection.corpus.fetch(flat[rows].tolist())
            pairs = [(queries[q].text, t) for q, t in zip(of_query[rows].tolist(), texts, strict=True)]
            mark("fetch")
            scores[rows] = scorer.score(pairs)
            mark("rerank")
        ends = np.cumsum(counts)
        reranked = []
        for end, count in zip(ends.tolist(), counts, strict=True):
            positions, given = flat[end - count : end], scores[end - count : end]
            order = best(given, min(self.depth, count), self.collection.ranks[positions])
            reranked.append((positions[order], given[order]))
        mark("rerank")
        return reranked

    def _documents(self, encoder: BiEncoder, texts: Sequence[str]) -> Answer:
        before = self.machinery.work()
        laps = self.machinery.start()
        encoder.encode(texts, "document")
        laps.mark("encode")
        return Answer(laps, counters(before, self.machinery.work()))

    def _pairs(self, scorer: Scorer, pairs: Sequence[tuple[str, str]]) -> Answer:
        before = self.machinery.work()
        laps = self.machinery.start()
        scorer.model.score(pairs)
        laps.mark("rerank")
        return Answer(laps, counters(before, self.machinery.work(), pairs=len(pairs)))


def own_positions(ids: pa.Array, queries: Sequence[Query]) -> dict[str, int]:
    """Return the position of each query's own document, by the query's id, where there is one."""
    names = pa.array([query.id for query in queries])
    places = pc.index_in(names, value_set=ids).to_pylist()
    return {query.id: place for query, place in zip(queries, places, strict=True) if place is not None}
