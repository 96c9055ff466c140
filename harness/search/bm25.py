"""BM25 through bm25s, the field's baseline and first stage."""

from __future__ import annotations

import json
import warnings
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from harness.search import words
from harness.search.settings import Bm25, Ngrams
from harness.search.topk import best

_ABOUT = "about.json"
_NO_WORD = "hold no word to search by (empty, or only stop words and single characters)"
_UNSPACED_HINT = (
    "are written without spaces between words, and this tokenizer, which splits at spaces and punctuation, takes "
    "several words for one: give BM25 a language, as {bm25: {language: zh}}, or tokenizer: bigrams"
)
#: So many texts are looked at to tell whether a corpus is written without spaces.
_LOOKED_AT = 1000


class Bm25Index:
    """An index over a corpus, built once.

    Documents that share no word with a query are never results: their score, 0, says nothing.
    """

    def __init__(
        self, texts: Iterable[str], settings: Bm25, advance: Callable[[int], None] | None = None
    ) -> None:
        self.settings = settings
        self._tokenizer = _tokenizer(settings)

        first: list[str] = []

        def counted() -> Iterable[str]:
            for text in texts:
                if len(first) < _LOOKED_AT:
                    first.append(text)
                yield text
                if advance is not None:
                    advance(1)

        # A stream of small arrays: as lists of Python integers the words of a large corpus take several
        # times more.
        stream = self._tokenizer.tokenize(counted(), update_vocab=True, return_as="stream", allow_empty=False)
        ids = [np.asarray(row, dtype=np.int32) for row in stream]
        self._index = _library().BM25(k1=settings.k1, b=settings.b, method=settings.method, backend="numpy")
        self._empty = not any(len(row) for row in ids)
        if not self._empty:
            self._index.index((ids, self._tokenizer.get_vocab_dict()), show_progress=False)
        self.n_documents = len(ids)
        self.n_wordless = sum(not len(row) for row in ids)
        self.unsplit = _splits_at_spaces(settings) and words.unspaced(first)

    def save(self, folder: Path) -> None:
        """Write the index into a folder."""
        about = {
            "empty": self._empty,
            "documents": self.n_documents,
            "wordless": self.n_wordless,
            "unsplit": self.unsplit,
        }
        (folder / _ABOUT).write_text(json.dumps(about), encoding="utf-8")
        if not self._empty:
            self._index.save(folder, show_progress=False)
        self._tokenizer.save_vocab(str(folder))

    @classmethod
    def load(cls, folder: Path, settings: Bm25) -> Bm25Index:
        """Read an index that was saved with the same settings; its arrays stay on disk and are mapped."""
        index = cls.__new__(cls)
        about = json.loads((folder / _ABOUT).read_text(encoding="utf-8"))
        index.settings = settings
        index.n_documents, index._empty = about["documents"], about["empty"]
        index.n_wordless, index.unsplit = about["wordless"], about.get("unsplit", False)
        index._tokenizer = _tokenizer(settings)
        index._tokenizer.load_vocab(str(folder))
        index._index = None
        if not index._empty:
            index._index = _library().BM25.load(folder, mmap=True, show_progress=False)
        return index

    def search(self, queries: Sequence[str], depth: int, ranks: NDArray[Any]) -> list[tuple[Any, Any]]:
        """Return for each query (positions, scores), best first, at most ``depth``."""
        return self.find(self.words(queries), depth, ranks)

    def words(self, queries: Sequence[str]) -> list[list[int]]:
        """Return each query's words as the index numbers them; those that the corpus does not hold are gone."""
        found: list[list[int]] = self._tokenizer.tokenize(
            list(queries), update_vocab=False, return_as="ids", show_progress=False, allow_empty=False
        )
        return found

    def find(
        self, queries: Sequence[Sequence[int]], depth: int, ranks: NDArray[Any]
    ) -> list[tuple[Any, Any]]:
        """As ``search``, for queries given as ``words``."""
        results = []
        for known in queries:
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

    def notes(self, queries: Sequence[str], unanswered: Sequence[str]) -> tuple[str, ...]:
        """Say how many documents hold no word, and why queries, of all that were asked, found nothing."""
        notes = []
        if self.n_wordless:
            notes.append(
                f"{self.n_wordless:,} of {self.n_documents:,} documents {_NO_WORD} and are never found"
            )
        if self.unsplit:
            notes.append(f"most documents {_UNSPACED_HINT}")
        if unanswered:
            stream = _tokenizer(self.settings).tokenize(
                list(unanswered), update_vocab=True, return_as="stream", allow_empty=False
            )
            wordless = sum(not found for found in stream)
            unsplit = not self.unsplit and _splits_at_spaces(self.settings) and words.unspaced(unanswered)
            notes.append(
                f"{len(unanswered):,} of {len(queries):,} queries share no word with any document, so nothing is "
                f"found for them{f'; {wordless:,} of these {_NO_WORD}' if wordless else ''}"
                f"{f'; most {_UNSPACED_HINT}' if unsplit else ''}"
            )
        return tuple(notes)

    @property
    def nbytes(self) -> int:
        """Bytes of the postings: documents, their scores, and where each word's begin."""
        return 0 if self._empty else sum(int(array.nbytes) for array in self._postings)

    def bytes_read(self, queries: Sequence[Sequence[int]]) -> int:
        """Return the bytes of the postings of every word of queries given as ``words``."""
        if self._empty:
            return 0
        data, indices, starts = self._postings
        words = np.asarray([word for query in queries for word in query], dtype=np.int64)
        return int((starts[words + 1] - starts[words]).sum()) * int(data.itemsize + indices.itemsize)

    @property
    def _postings(self) -> tuple[Any, Any, Any]:
        scores = self._index.scores
        return scores["data"], scores["indices"], scores["indptr"]


def _splits_at_spaces(settings: Bm25) -> bool:
    return settings.tokenizer in ("bm25s", "words")


def _library() -> Any:
    """Import bm25s when first needed: with numba it takes half a second, and a vector index needs neither."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import bm25s
        import bm25s.tokenization  # noqa: F401 - an attribute of the package then
    return bm25s


def _tokenizer(settings: Bm25) -> Any:
    made: dict[str, Any] = {
        "lower": True,
        "stemmer": _stemmer(settings.stemmer),
        "stopwords": _stopwords(settings),
    }
    if isinstance(settings.tokenizer, Ngrams):
        made["splitter"] = words.ngrams(settings.tokenizer.ngrams)
    elif settings.tokenizer != "bm25s":
        made["splitter"] = {"words": words.words, "bigrams": words.bigrams}[settings.tokenizer]
    return _library().tokenization.Tokenizer(**made)


def _stemmer(language: str | None) -> Any:
    if language is None or language == "none":
        return None
    import Stemmer

    return Stemmer.Stemmer(language)


def _stopwords(settings: Bm25) -> Any:
    said = settings.stopwords
    if said == "none":
        return []
    return said if isinstance(said, str) else list(said)
