"""A large collection on a small machine: every judged document, and some others."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import Annotated, Any, Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from pydantic import Field

from harness.datamodel import Document
from harness.datasets.corpus import Contents, Corpus, scan
from harness.errors import DataError
from harness.settings import Settings
from harness.values import Seed

_CHUNK = 1024


class Sample(Settings):
    """Which documents are kept: all that anybody judged, and ``distractors`` of the others."""

    distractors: Annotated[int, Field(ge=0)]
    judged: Literal[True] = True
    seed: Seed = 0


def choose(ids: pa.ChunkedArray, judged: pa.Array, sample: Sample, name: str) -> NDArray[np.int64]:
    """Return the positions of the documents kept, ascending.

    Of the documents that nobody judged, those with the smallest BLAKE2b digest of their id, keyed by the
    seed, are kept: the choice depends neither on the order of the collection nor on the machine, and a
    smaller sample is part of a larger one. Raises DataError for a sample larger than the collection.
    """
    is_judged = np.concatenate(
        [
            np.asarray(pc.is_in(chunk, value_set=judged).to_numpy(zero_copy_only=False), dtype=bool)
            for chunk in ids.chunks
        ]
    )
    others = np.flatnonzero(~is_judged)
    if sample.distractors > len(others):
        raise DataError(
            f"{name}: sample asks for {sample.distractors:,} distractors, and of its {len(ids):,} documents only "
            f"{len(others):,} are judged by nobody; ask for fewer, or leave 'sample' out"
        )
    digests = _digests(ids, sample.seed)[others]
    smallest = np.lexsort((digests[:, 1], digests[:, 0]))[: sample.distractors]
    return np.sort(np.concatenate([np.flatnonzero(is_judged), others[smallest]]))


def _digests(ids: pa.ChunkedArray, seed: int) -> NDArray[Any]:
    """Return a 128-bit digest of every id, [n_documents, 2] unsigned 64-bit integers."""
    keyed = hashlib.blake2b(digest_size=16, key=str(seed).encode())
    raw = bytearray()
    for chunk in ids.chunks:
        for doc_id in chunk.to_pylist():
            one = keyed.copy()
            one.update(doc_id.encode())
            raw += one.digest()
    return np.frombuffer(bytes(raw), dtype=">u8").reshape(-1, 2)


class SampledCorpus:
    """Some documents of a corpus, in its order; only they are read once they are chosen."""

    def __init__(self, whole: Corpus, kept: NDArray[np.int64], name: str) -> None:
        self._whole, self._kept, self._name = whole, kept, name

    @cached_property
    def contents(self) -> Contents:
        """Ids, count and digest of the documents kept."""
        return scan(self._documents(), self._name)

    def _documents(self) -> Iterator[Document]:
        ids = self._whole.contents.ids
        for start in range(0, len(self._kept), _CHUNK):
            chunk = self._kept[start : start + _CHUNK]
            texts = self._whole.fetch(chunk.tolist())
            for doc_id, text in zip(ids.take(pa.array(chunk)).to_pylist(), texts, strict=True):
                yield Document(doc_id, text)

    def texts(self) -> Iterator[str]:
        """Yield every text, in order of position."""
        return (document.text for document in self._documents())

    def fetch(self, positions: Sequence[int]) -> list[str]:
        """Return the texts at the given positions."""
        return self._whole.fetch(self._kept[np.asarray(positions, dtype=np.int64)].tolist())
