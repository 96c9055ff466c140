"""Documents in passages: each passage is compared, and a document's score is made of those of its passages.

``max`` is a document's best passage (MaxP), ``first`` its first one alone (FirstP; both Dai and Callan 2019), and
``mean-top-3`` the mean of its three best, or of all where it has fewer.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Literal, Protocol

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, model_validator

from harness.search.topk import TILE, Positions, Scores, TopK
from harness.settings import Settings
from harness.values import Positive

PassageScore = Literal["max", "first", "mean-top-3"]
_TOP = 3
_QUERIES = 256  # with a tile of passages, 4 MB of scores


class Passages(Settings):
    """How documents are cut, by the tokens of the model that reads them, and scored.

    Attributes:
        tokens: of the document, in one passage; what the model adds to a text comes on top.
        stride: tokens from where one passage begins to where the next does; None: half of ``tokens``.
        score: of a document, by the scores of its passages.
    """

    tokens: Positive
    stride: Positive | None = Field(default=None, validate_default=True)
    score: PassageScore = "max"

    @model_validator(mode="after")
    def _nothing_lies_between(self) -> Passages:
        if self.stride is not None and self.stride > self.tokens:
            raise ValueError(
                f"stride {self.stride} is above tokens {self.tokens}: what lies between two passages would be in none; "
                f"give a stride of 1 to {self.tokens}, half of tokens being usual"
            )
        return self

    @property
    def step(self) -> int:
        """The stride."""
        return self.stride or -(-self.tokens // 2)

    def windows(self, n_tokens: int) -> list[tuple[int, int]]:
        """Return where each passage of a document of so many tokens begins and ends; one at least."""
        last = max(0, -(-(n_tokens - self.tokens) // self.step))
        starts = [step * self.step for step in range(last + 1)]
        return [(start, min(start + self.tokens, n_tokens)) for start in starts]

    def as_dict(self) -> dict[str, Any]:
        """Return what a bundle says of it."""
        return {"tokens": self.tokens, "stride": self.step, "score": self.score}


class Comparable(Protocol):
    """A form of embeddings, as far as comparing goes; rows are cut and joined.

    Attributes:
        shares: whether a document is a result only where it shares something with the query, and 0 is no score.
    """

    shares: bool

    def joined(self, parts: Any) -> Any:
        """Return the rows of all parts; one part at least."""

    def ready(self, documents: Any, similarity: str) -> Any:
        """Return documents as ``compared`` takes them."""

    def compared(self, queries: Any, ready: Any, similarity: str) -> NDArray[np.float32]:
        """Return the score of each query with each document, [n_queries, n_documents]."""

    def sizes(self, vectors: Any) -> Any:
        """Return what an index of some documents holds, by name."""


def reduced(scores: NDArray[Any], counts: NDArray[np.int64], score: PassageScore) -> NDArray[np.float32]:
    """Return documents' scores, [..., n_documents], of those of their passages.

    Args:
        scores: [..., n_passages], document by document.
        counts: [n_documents] passages of each, one at least.
        score: how.
    """
    starts = np.concatenate([[0], np.cumsum(counts)[:-1]]).astype(np.int64)
    if not len(counts):
        return np.zeros((*scores.shape[:-1], 0), dtype=np.float32)
    if score == "first":
        return np.asarray(scores[..., starts], dtype=np.float32)
    if score == "max":
        return np.asarray(np.maximum.reduceat(scores, starts, axis=-1), dtype=np.float32)
    made = np.empty((*scores.shape[:-1], len(counts)), dtype=np.float32)
    for count in np.unique(counts).tolist():
        which = np.flatnonzero(counts == count)
        own = scores[..., starts[which][:, None] + np.arange(count)]
        if count > _TOP:
            own = np.partition(own, count - _TOP, axis=-1)[..., count - _TOP :]
        made[..., which] = own.mean(axis=-1)
    return made


def whole(
    blocks: Iterable[Any], counts: NDArray[np.int64], form: Comparable
) -> Iterator[tuple[Any, NDArray[np.int64]]]:
    """Yield passages of whole documents, and how many each has; ``TILE`` passages at most, but for longer documents."""
    ends = np.cumsum(counts)
    waiting: list[Any] = []
    there = taken = document = 0
    for block in blocks:
        if not block.shape[0]:
            continue
        waiting.append(block)
        there += block.shape[0]
        while True:
            last = int(np.searchsorted(ends, min(there, taken + TILE), side="right"))
            if last == document and document < len(ends) and ends[document] <= there:
                last = document + 1  # longer than a tile
            if last == document:
                break
            together = waiting[0] if len(waiting) == 1 else form.joined(waiting)
            n = int(ends[last - 1]) - taken
            yield together[:n], counts[document:last]
            waiting = [together[n:]] if n < together.shape[0] else []
            document, taken = last, taken + n
            if not waiting:
                break


def search(
    form: Comparable,
    queries: Any,
    blocks: Iterable[Any],
    counts: NDArray[np.int64],
    score: PassageScore,
    similarity: str,
    depth: int,
    ranks: NDArray[Any],
) -> list[tuple[Positions, Scores]]:
    """Return each query's ``depth`` best documents, (positions, scores) in canonical order.

    Args:
        form: of the embeddings.
        queries: [n_queries, ...].
        blocks: the passages' embeddings, document by document, any number at a time.
        counts: [n_documents] passages of each.
        score: of a document.
        similarity: the model's.
        depth: how many documents to keep.
        ranks: [n_documents] places of the documents' ids, to break ties.
    """
    index = PassageIndex(form, (), counts, score, similarity, ranks)
    tiles = ((form.ready(tile, similarity), sizes) for tile, sizes in whole(blocks, counts, form))
    return index.best(queries, tiles, depth)


class PassageIndex:
    """Every passage in memory, searched query by query as a server does."""

    def __init__(
        self,
        form: Comparable,
        blocks: Iterable[Any],
        counts: NDArray[np.int64],
        score: PassageScore,
        similarity: str,
        ranks: NDArray[Any],
    ) -> None:
        """Take the embeddings as :func:`search` does."""
        self._form, self._score, self._similarity, self._ranks = form, score, similarity, ranks
        self._tiles: list[tuple[Any, NDArray[np.int64]]] = []
        self.nbytes = 0
        self.bytes_read = 0
        for tile, sizes in whole(blocks, counts, form):
            held = form.sizes(tile)
            self.nbytes += held["index_bytes"]
            # Of postings those of a query's own dimensions are read, which is not counted here.
            self.bytes_read += 0 if "postings" in held else held["index_bytes"]
            self._tiles.append((form.ready(tile, similarity), sizes))

    def search(self, queries: Any, depth: int) -> list[tuple[Positions, Scores]]:
        """Return (positions, scores) of each query, in canonical order."""
        return self.best(queries, self._tiles, depth)

    def best(
        self, queries: Any, tiles: Iterable[tuple[Any, NDArray[np.int64]]], depth: int
    ) -> list[tuple[Positions, Scores]]:
        """Return the best documents of tiles that are ready, in order of position."""
        n_queries = queries.shape[0]
        found = TopK(n_queries, min(depth, len(self._ranks)), self._ranks)
        start = 0
        for tile, sizes in tiles:
            for first in range(0, n_queries, _QUERIES):
                rows = slice(first, min(first + _QUERIES, n_queries))
                scores = self._form.compared(queries[rows], tile, self._similarity)
                found.add(rows, reduced(scores, sizes, self._score), start)
            start += len(sizes)
        results = found.result()
        if not self._form.shares:
            return results
        return [(positions[scores != 0], scores[scores != 0]) for positions, scores in results]


__all__ = ["PassageIndex", "PassageScore", "Passages", "reduced", "search", "whole"]
