"""BM25 through bm25s, the field's baseline and first stage."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np

from harness.config import Bm25
from harness.errors import ConfigError, listed
from harness.search.topk import Positions, best

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import bm25s
    import Stemmer
    from bm25s.tokenization import Tokenizer


class Bm25Index:
    """An index over a corpus, built once.

    Documents that share no word with a query are never results: their score, 0, says nothing.
    """

    def __init__(self, texts: Iterable[str], settings: Bm25, advance: Callable[[int], None] | None = None) -> None:
        self.settings = settings
        self._tokenizer = Tokenizer(
            lower=True, stemmer=_stemmer(settings.stemmer), stopwords=_stopwords(settings.stopwords)
        )

        def counted() -> Iterable[str]:
            for text in texts:
                yield text
                if advance is not None:
                    advance(1)

        # A stream of small arrays: as lists of Python integers the words of a large corpus take several times more.
        stream = self._tokenizer.tokenize(counted(), update_vocab=True, return_as="stream", allow_empty=False)
        ids = [np.asarray(row, dtype=np.int32) for row in stream]
        self._index = bm25s.BM25(k1=settings.k1, b=settings.b, method=settings.method, backend="numpy")
        self._empty = not any(len(row) for row in ids)
        if not self._empty:
            self._index.index((ids, self._tokenizer.get_vocab_dict()), show_progress=False)
        self.n_documents = len(ids)

    def search(self, queries: Sequence[str], depth: int, ranks: Positions) -> list[tuple[Any, Any]]:
        """Return for each query (positions, scores), best first, at most ``depth``."""
        results = []
        words = self._tokenizer.tokenize(
            list(queries), update_vocab=False, return_as="ids", show_progress=False, allow_empty=False
        )
        for known in words:  # words that the corpus does not hold are gone
            if not known or self._empty:
                results.append((np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.float32)))
                continue
            scores = self._index.get_scores_from_ids(known)
            # BM25L and BM25+ give every document the same score for the words that it lacks.
            shifts = self._index.nonoccurrence_array
            matching = np.flatnonzero(scores != (0 if shifts is None else shifts[known].sum()))
            chosen = best(scores[matching], min(depth, len(matching)), ranks[matching])
            results.append((matching[chosen], scores[matching[chosen]]))
        return results


def _stemmer(language: str | None) -> Any:
    if language is None or language == "none":
        return None
    if language not in Stemmer.algorithms():
        raise ConfigError(f"unknown stemmer {language!r}; valid are none, {listed(Stemmer.algorithms())}")
    return Stemmer.Stemmer(language)


def _stopwords(words: str | tuple[str, ...]) -> Any:
    if words == "none":
        return []
    return words if isinstance(words, str) else list(words)
