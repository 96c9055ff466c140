"""A pipeline as a server runs it: a tree of stages over queries, or a model over sentences.

What it finds is what the pipeline's run holds, but for the last bits that other batches move; a test holds it
to that. Nothing comes from the store but the index.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import pyarrow as pa
import pyarrow.compute as pc

from harness.datamodel import Query
from harness.models.loading import SYMMETRIC
from harness.serving.base import Answer, Machinery, Results, counters, one_text, two_texts, wrong_kind
from harness.serving.models import Encoder, Scorer
from harness.stages.live import Answering, Found, Mark, Source


@dataclass(frozen=True, eq=False)
class Ranking:
    """A served tree that ranks documents.

    Attributes:
        machinery: its clock and models.
        ids: of the documents, by position.
        root: the tree.
        depth: results of the pipeline.
        encoder, scorer: those whose throughput can be asked for apart.
    """

    machinery: Machinery
    ids: pa.Array
    root: Source
    depth: int
    encoder: Encoder | None = None
    scorer: Scorer | None = None

    @property
    def kinds(self) -> tuple[str, ...]:
        """Kinds of request that it serves."""
        return kinds_of(self.encoder, self.scorer)

    def query(self, query_id: str, texts: Sequence[str]) -> Answer:
        """Serve one query alone."""
        return self._queries([Query(query_id, one_text(texts))])

    def batch(self, kind: str, ids: Sequence[str], texts: Sequence[Sequence[str]]) -> Answer:
        """Serve many queries, encode many documents, or score many pairs."""
        if kind == "query":
            return self._queries([Query(i, one_text(t)) for i, t in zip(ids, texts, strict=True)])
        if kind == "document" and self.encoder is not None:
            return encoded(self.machinery, self.encoder, [one_text(t) for t in texts])
        if kind == "pair" and self.scorer is not None:
            return self._pairs(self.scorer, [two_texts(t) for t in texts])
        raise wrong_kind(kind, self.kinds)

    def _queries(self, queries: Sequence[Query]) -> Answer:
        before = self.machinery.work()
        laps = self.machinery.start()
        found = self.root.find(queries, self.depth, laps.mark)
        named = [(self.ids.take(pa.array(positions)), scores) for positions, scores in found.results]
        laps.mark("results")
        done = counters(before, self.machinery.work(), pairs=found.pairs, bytes_read=found.bytes_read())

        def results(top: int) -> Results:
            ids, scores = named[0]
            return list(zip(ids[:top].to_pylist(), scores[:top].astype(float).tolist(), strict=True))

        return Answer(laps, done, results)

    def _pairs(self, scorer: Scorer, pairs: Sequence[tuple[str, str]]) -> Answer:
        before = self.machinery.work()
        laps = self.machinery.start()
        scorer.model.score(pairs)
        laps.mark("rerank")
        return Answer(laps, counters(before, self.machinery.work(), pairs=len(pairs)))


@dataclass(frozen=True, eq=False)
class Sentences:
    """A served model over pairs of sentences, or over texts.

    Attributes:
        machinery: its clock and model.
        root: what answers.
        per_request: texts of a request: two of a pair, or one.
        encoder, scorer: the one of them that it is.
    """

    machinery: Machinery
    root: Answering
    per_request: int
    encoder: Encoder | None = None
    scorer: Scorer | None = None

    @property
    def kinds(self) -> tuple[str, ...]:
        """Kinds of request that it serves."""
        return kinds_of(self.encoder, self.scorer)

    def query(self, query_id: str, texts: Sequence[str]) -> Answer:
        """Serve one pair, or text, alone."""
        return self._answered([texts])

    def batch(self, kind: str, ids: Sequence[str], texts: Sequence[Sequence[str]]) -> Answer:
        """Serve many pairs or texts, or encode many sentences."""
        if kind not in self.kinds:
            raise wrong_kind(kind, self.kinds)
        if kind == "document" and self.encoder is not None:
            return encoded(self.machinery, self.encoder, [one_text(t) for t in texts], sentences=True)
        return self._answered(texts)

    def _answered(self, texts: Sequence[Sequence[str]]) -> Answer:
        asked = [two_texts(t) if self.per_request == 2 else (one_text(t),) for t in texts]
        before = self.machinery.work()
        laps = self.machinery.start()
        answers = self.root.answer(asked, laps.mark)
        done = counters(before, self.machinery.work(), pairs=len(asked) if self.scorer is not None else 0)
        if answers.ndim > 1:  # embeddings, which nobody asks for
            return Answer(laps, done)
        return Answer(laps, done, lambda top: [("score", float(answers[0]))])


def kinds_of(encoder: Encoder | None, scorer: Scorer | None) -> tuple[str, ...]:
    """Return the kinds of request that can be served."""
    also = {"document": encoder is not None, "pair": scorer is not None}
    return ("query", *(kind for kind, served in also.items() if served))


def encoded(
    machinery: Machinery, encoder: Encoder, texts: Sequence[str], *, sentences: bool = False
) -> Answer:
    """Encode documents, or sentences."""
    before = machinery.work()
    laps = machinery.start()
    encoder.encode(texts, SYMMETRIC if sentences else "document", laps.mark)
    laps.mark("encode")
    return Answer(laps, counters(before, machinery.work()))


@dataclass(frozen=True, eq=False)
class Named:
    """A stage whose marks are called after the pipeline that it is the root of."""

    source: Source
    name: str

    def find(self, queries: Sequence[Query], depth: int, mark: Mark) -> Found:
        """Find; the marks of a pipeline within it keep that one's name."""
        return self.source.find(
            queries, depth, lambda stage: mark(stage if ": " in stage else f"{self.name}: {stage}")
        )


@dataclass(frozen=True, eq=False)
class WithoutOwn:
    """A stage without the query's own document, and no shallower; ``own``: its position, by the query's id."""

    source: Source
    own: Mapping[str, int]

    def find(self, queries: Sequence[Query], depth: int, mark: Mark) -> Found:
        """Find one more, and leave out."""
        found = self.source.find(queries, depth + 1, mark)
        kept = []
        for query, (positions, scores) in zip(queries, found.results, strict=True):
            other = positions != self.own.get(query.id, -1)
            kept.append((positions[other][:depth], scores[other][:depth]))
        mark("search")
        return replace(found, results=kept)


def own_positions(ids: pa.Array, queries: Sequence[Query]) -> dict[str, int]:
    """Return the position of each query's own document, by the query's id, where there is one."""
    names = pa.array([query.id for query in queries])
    places = pc.index_in(names, value_set=ids).to_pylist()
    return {query.id: place for query, place in zip(queries, places, strict=True) if place is not None}
