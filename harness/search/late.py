"""Late interaction: a text is a vector for each of its tokens, and a document's score is MaxSim.

MaxSim: for each token of the query the greatest product with a token of the document, added up (Khattab and Zaharia
2020); ``meanmaxsim`` divides by the query's tokens.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from harness.search.topk import Positions, Scores, TopK

_TILE = 256  # documents whose tokens' products are held at once
_MEAN = "meanmaxsim"


@dataclass(frozen=True, eq=False)
class TokenVectors:
    """Vectors of the tokens of some texts.

    Attributes:
        rows: [n_tokens, dimension] fp32 or fp16, text by text.
        counts: [n_texts] tokens of each.
    """

    rows: NDArray[Any]
    counts: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.counts)

    @property
    def starts(self) -> NDArray[np.int64]:
        """Where each text's tokens begin, and the last ones end, [n_texts + 1]."""
        return np.concatenate([[0], np.cumsum(self.counts)]).astype(np.int64)

    @property
    def nbytes(self) -> int:
        """Bytes of the vectors."""
        return int(self.rows.nbytes)

    @property
    def shape(self) -> tuple[int, int]:
        """Texts, and the dimension of a token's vector."""
        return len(self), int(self.rows.shape[1])

    def __getitem__(self, chosen: slice | NDArray[np.int64]) -> TokenVectors:
        """Return the vectors of some texts, in the order asked for."""
        starts = self.starts
        if isinstance(chosen, slice):
            low, high, _ = chosen.indices(len(self))
            return TokenVectors(self.rows[starts[low] : starts[max(low, high)]], self.counts[chosen])
        counts = self.counts[chosen]
        first = np.repeat(starts[chosen] - np.concatenate([[0], np.cumsum(counts)[:-1]]), counts)
        return TokenVectors(self.rows[first + np.arange(counts.sum())], counts)

    @classmethod
    def joined(cls, parts: Sequence[TokenVectors]) -> TokenVectors:
        """Return the texts of all parts."""
        counts = np.concatenate([part.counts for part in parts])
        return cls(np.concatenate([part.rows for part in parts]), counts)


def maxsim(query: NDArray[np.float32], documents: TokenVectors, similarity: str) -> NDArray[np.float32]:
    """Return a query's score of each document, [n_documents]; 0 for one without a token.

    Args:
        query: [n_tokens, dimension].
        documents: fp32 or fp16.
        similarity: maxsim or meanmaxsim.
    """
    scores = np.zeros(len(documents), dtype=np.float32)
    some = documents.counts > 0
    if not len(query) or not some.any():
        return scores
    products = np.asarray(documents.rows, dtype=np.float32) @ query.T
    most = np.maximum.reduceat(products, documents.starts[:-1][some], axis=0)
    scores[some] = most.sum(axis=1) / (len(query) if similarity == _MEAN else 1)
    return scores


def pairwise(
    queries: TokenVectors, documents: TokenVectors, pairs: NDArray[np.int64], similarity: str
) -> NDArray[np.float32]:
    """Return the score of each pair, [n_pairs]; pairs are (query, document) places, [n_pairs, 2]."""
    scores = np.empty(len(pairs), dtype=np.float32)
    starts = queries.starts
    for query in np.unique(pairs[:, 0]).tolist():
        rows = np.flatnonzero(pairs[:, 0] == query)
        tokens = np.asarray(queries.rows[starts[query] : starts[query + 1]], dtype=np.float32)
        scores[rows] = maxsim(tokens, documents[pairs[rows, 1]], similarity)
    return scores


def search(
    queries: TokenVectors, blocks: Iterable[TokenVectors], similarity: str, depth: int, ranks: NDArray[Any]
) -> list[tuple[Positions, Scores]]:
    """Return each query's ``depth`` best of all documents, (positions, scores) in canonical order.

    Args:
        queries: of all queries.
        blocks: the documents in order of position, any number at a time.
        similarity: maxsim or meanmaxsim.
        depth: how many documents to keep.
        ranks: [n_documents] places of the documents' ids, to break ties.
    """
    found = TopK(len(queries), min(depth, len(ranks)), ranks)
    start, of_query = 0, queries.starts
    tokens = np.asarray(queries.rows, dtype=np.float32)
    for block in blocks:
        for low in range(0, len(block), _TILE):
            tile = block[low : low + _TILE]
            for query in range(len(queries)):
                scores = maxsim(tokens[of_query[query] : of_query[query + 1]], tile, similarity)
                found.add(slice(query, query + 1), scores[None, :], start)
            start += len(tile)
    return found.result()


def ready(documents: TokenVectors, similarity: str) -> TokenVectors:
    """Return documents as :func:`compared` takes them, in 32 bits."""
    return TokenVectors(np.asarray(documents.rows, dtype=np.float32), documents.counts)


def compared(queries: TokenVectors, documents: TokenVectors, similarity: str) -> NDArray[np.float32]:
    """Return the score of each query with each document, [n_queries, n_documents]."""
    scores = np.empty((len(queries), len(documents)), dtype=np.float32)
    starts, tokens = queries.starts, np.asarray(queries.rows, dtype=np.float32)
    for query in range(len(queries)):
        for low in range(0, len(documents), _TILE):
            own = tokens[starts[query] : starts[query + 1]]
            scores[query, low : low + _TILE] = maxsim(own, documents[low : low + _TILE], similarity)
    return scores


class LateIndex:
    """Every document's token vectors in memory, searched query by query as a server does."""

    def __init__(self, blocks: Iterable[TokenVectors], similarity: str, ranks: NDArray[Any]) -> None:
        """Take the vectors as :func:`search` does."""
        self._blocks, self._similarity, self._ranks = list(blocks), similarity, ranks

    @property
    def nbytes(self) -> int:
        """Bytes of the vectors."""
        return sum(block.nbytes for block in self._blocks)

    @property
    def bytes_read(self) -> int:
        """Bytes that a search reads: every vector."""
        return self.nbytes

    def search(self, queries: TokenVectors, depth: int) -> list[tuple[Positions, Scores]]:
        """Return (positions, scores) of each query, in canonical order."""
        return search(queries, self._blocks, self._similarity, depth, self._ranks)


__all__ = ["LateIndex", "TokenVectors", "maxsim", "pairwise", "search"]
