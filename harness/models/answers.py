"""What encoders answer with, one of three forms: how it rests in the store, is joined, and searched.

Whoever keeps or streams embeddings asks the form, and knows none of them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from harness.errors import ModelError
from harness.search import exact, late, resident, sparse
from harness.search.late import TokenVectors

_DTYPES: dict[str, Any] = {"fp32": np.float32, "fp16": np.float16}
_T = TypeVar("_T")
_ENTRY = np.dtype([("dimension", "<i4"), ("weight", "<f4")])


class Answers(Protocol):
    """One form of embeddings.

    Attributes:
        search: of blocks of documents, exactly; as :func:`harness.search.exact.search`.
        resident: makes an index that a server searches query by query, of the same blocks.
        shares: whether a document that shares nothing with a query is no result.
        ready, compared: of documents that do not stand alone; as ``Comparable`` of :mod:`harness.search.passages`.
    """

    search: Callable[..., list[tuple[Any, Any]]]
    resident: Callable[..., Any]
    shares: bool
    ready: Callable[..., Any]
    compared: Callable[..., NDArray[np.float32]]

    def packed(self, vectors: Any, precision: str) -> tuple[Mapping[str, Any], NDArray[Any]]:
        """Return a header and one array."""

    def unpacked(self, header: Mapping[str, Any], array: NDArray[Any]) -> Any:
        """Return what was packed, mapped where it can be."""

    def joined(self, parts: Sequence[Any]) -> Any:
        """Return the texts of all parts; one part at least."""

    def values(self, vectors: Any) -> tuple[NDArray[Any], NDArray[np.int64]]:
        """Return the numbers, [n_rows, ...], and the text that each row is of, [n_rows]."""

    def sizes(self, vectors: Any) -> Mapping[str, int]:
        """Return what an index of some documents holds, to be added up: ``index_bytes``, and what is counted."""


class Dense:
    """A vector a text, [n_texts, dimension]."""

    search = staticmethod(exact.search)
    resident = staticmethod(resident.ResidentIndex)
    shares = False
    ready = staticmethod(exact.ready)
    compared = staticmethod(exact.compared)

    def packed(self, vectors: Any, precision: str) -> tuple[Mapping[str, Any], NDArray[Any]]:
        """Return the rows."""
        with np.errstate(over="ignore"):
            return {}, vectors.astype(_DTYPES[precision])

    def unpacked(self, header: Mapping[str, Any], array: NDArray[Any]) -> NDArray[Any]:
        """Return the rows."""
        return array

    def joined(self, parts: Sequence[Any]) -> Any:
        """Put them below each other."""
        return np.concatenate(parts)

    def values(self, vectors: Any) -> tuple[NDArray[Any], NDArray[np.int64]]:
        """Return the rows."""
        return vectors.reshape(len(vectors), -1), np.arange(len(vectors))

    def sizes(self, vectors: Any) -> Mapping[str, int]:
        """Return the bytes of the rows."""
        return {"index_bytes": int(vectors.nbytes)}


class Sparse:
    """Few active dimensions of many, a CSR matrix [n_texts, dimensions]. It always rests in fp32."""

    search = staticmethod(sparse.search)
    resident = staticmethod(sparse.SparseIndex)
    shares = True
    ready = staticmethod(sparse.ready)
    compared = staticmethod(sparse.compared)

    def packed(self, vectors: Any, precision: str) -> tuple[Mapping[str, Any], NDArray[Any]]:
        """Return the active dimensions and their weights, text by text."""
        entries = np.empty(vectors.nnz, dtype=_ENTRY)
        entries["dimension"], entries["weight"] = vectors.indices, vectors.data
        counts = np.diff(vectors.indptr).tolist()
        return {"counts": counts, "dimensions": int(vectors.shape[1])}, entries

    def unpacked(self, header: Mapping[str, Any], array: NDArray[Any]) -> Any:
        """Return the matrix."""
        from scipy.sparse import csr_array

        starts = np.concatenate([[0], np.cumsum(header["counts"])]).astype(np.int64)
        parts = (np.ascontiguousarray(array["weight"]), np.ascontiguousarray(array["dimension"]), starts)
        return csr_array(parts, shape=(len(starts) - 1, header["dimensions"]))

    def joined(self, parts: Sequence[Any]) -> Any:
        """Put them below each other."""
        from scipy.sparse import vstack

        return vstack(list(parts), format="csr")

    def values(self, vectors: Any) -> tuple[NDArray[Any], NDArray[np.int64]]:
        """Return the weights."""
        return vectors.data[:, None], np.repeat(np.arange(vectors.shape[0]), np.diff(vectors.indptr))

    def sizes(self, vectors: Any) -> Mapping[str, int]:
        """Return the postings, each of a document and a weight, and their bytes."""
        return {"index_bytes": int(vectors.nnz) * _ENTRY.itemsize, "postings": int(vectors.nnz)}


class Tokens:
    """A vector a token."""

    search = staticmethod(late.search)
    resident = staticmethod(late.LateIndex)
    shares = False
    ready = staticmethod(late.ready)
    compared = staticmethod(late.compared)

    def packed(self, vectors: Any, precision: str) -> tuple[Mapping[str, Any], NDArray[Any]]:
        """Return the tokens' rows, text by text."""
        with np.errstate(over="ignore"):
            return {"counts": vectors.counts.tolist()}, vectors.rows.astype(_DTYPES[precision])

    def unpacked(self, header: Mapping[str, Any], array: NDArray[Any]) -> TokenVectors:
        """Return them by text."""
        return TokenVectors(array, np.asarray(header["counts"], dtype=np.int64))

    def joined(self, parts: Sequence[Any]) -> TokenVectors:
        """Put them below each other."""
        return TokenVectors.joined(parts)

    def values(self, vectors: Any) -> tuple[NDArray[Any], NDArray[np.int64]]:
        """Return the tokens' rows."""
        return vectors.rows, np.repeat(np.arange(len(vectors)), vectors.counts)

    def sizes(self, vectors: Any) -> Mapping[str, int]:
        """Return the token vectors, and their bytes."""
        return {"index_bytes": vectors.nbytes, "tokens": len(vectors.rows)}


DENSE, SPARSE, TOKENS = Dense(), Sparse(), Tokens()


def form_of(vectors: Any) -> Answers:
    """Return the form of some embeddings, or scores."""
    if isinstance(vectors, np.ndarray):
        return DENSE
    return TOKENS if isinstance(vectors, TokenVectors) else SPARSE


def answers_of(model: object) -> Answers:
    """Return the form of a model's embeddings; a class of one's own gives a vector a text."""
    form: Answers = getattr(model, "answers", DENSE)
    return form


def finite(values: _T, name: str, texts: Sequence[Any]) -> _T:
    """Return a model's answer. Raises ModelError, naming the text, where it holds a NaN or an infinity."""
    numbers, of_text = form_of(values).values(values)
    good = np.isfinite(numbers).all(axis=1)
    if not good.all():
        wrong = np.unique(of_text[~good])
        raise ModelError(
            f"model {name!r} gave a NaN or infinite value for {str(texts[int(wrong[0])])[:80]!r} ({len(wrong)} such); "
            "at fp16 try bf16 or fp32"
        )
    return values


__all__ = ["DENSE", "SPARSE", "TOKENS", "Answers", "answers_of", "finite", "form_of"]
