"""Ids as integers: a column of ids becomes codes into a vocabulary in the order of their UTF-8 bytes.

Most large collections number their documents, and a column of such ids is an array of integers from the moment it is
read: no text is hashed or sorted. What is returned is the same as for any other ids.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

Numbers = NDArray[np.integer[Any]]
Codes = NDArray[np.int32]

#: Digits up to which a number, brought to this width, still fits 64 bits.
_DIGITS = 18
_POWERS = 10 ** np.arange(_DIGITS + 1, dtype=np.int64)
#: A table over all numbers up to the highest is smaller than sorting them, as long as it has so many places for each.
_PLACES = 8


def numbers(ids: pa.Array) -> NDArray[np.int64] | None:
    """Return ids, [n] strings, as integers; None where one is not written as an integer of 1 to 18 digits is.

    ``007`` and ``+7`` are other ids than ``7``, so they are no numbers.
    """
    offsets = np.frombuffer(ids.buffers()[1], dtype=np.int32)[ids.offset : ids.offset + len(ids) + 1]
    if not len(ids) or ids.null_count or offsets[0] == offsets[-1]:
        return None
    text = np.frombuffer(ids.buffers()[2], dtype=np.uint8)[offsets[0] : offsets[-1]]
    lengths = np.diff(offsets)
    if not 1 <= lengths.min() <= lengths.max() <= _DIGITS or text.min() < ord("0") or text.max() > ord("9"):
        return None
    values = np.asarray(pc.cast(ids, pa.int64()).to_numpy(), dtype=np.int64)
    return None if ((values < _POWERS[lengths - 1]) & (lengths > 1)).any() else values


def texts(values: Numbers) -> pa.Array:
    """Return integers as ids, [n] strings."""
    return pa.array(values).cast(pa.string())


def encoded(ids: Any) -> pa.DictionaryArray:
    """Return a column of ids as codes in the order of their first appearance."""
    if isinstance(ids, pa.ChunkedArray):
        ids = ids.combine_chunks()
    if isinstance(ids, pa.DictionaryArray):
        return ids
    return (ids if isinstance(ids, pa.Array) else pa.array(ids, pa.string())).dictionary_encode()


class Vocabulary:
    """Unique ids, sorted by their UTF-8 bytes: texts, or integers that stand for their digits; both once asked."""

    def __init__(self, known: pa.Array | Numbers) -> None:
        """Of texts, or of integers; in order."""
        self._known = known

    def __len__(self) -> int:
        return len(self._known)

    @cached_property
    def texts(self) -> pa.Array:
        """[n] strings."""
        return texts(self._known) if isinstance(self._known, np.ndarray) else self._known

    @cached_property
    def numbers(self) -> Numbers | None:
        """[n] integers; None where an id is none."""
        return self._known if isinstance(self._known, np.ndarray) else numbers(self._known)

    def found_in(self, other: Vocabulary) -> Codes:
        """Each id's place in another vocabulary, [n]; -1 where it is none of its."""
        if isinstance(self._known, np.ndarray) and other.numbers is not None and len(self) and len(other):
            wanted, values = self._known, other.numbers
            least = max(int(wanted.max()), int(values.max())) + 1
            if least < _PLACES * max(len(self), len(other)):
                places = np.full(least, -1, dtype=np.int32)
                places[values] = np.arange(len(values), dtype=np.int32)
                return places[wanted]
        found = pc.index_in(self.texts, value_set=other.texts).fill_null(-1)
        return np.asarray(found.to_numpy(), dtype=np.int32)


def coded(ids: Sequence[str] | pa.Array | Numbers) -> tuple[Codes, Vocabulary]:
    """Return each id's code, [n], and the vocabulary.

    ``ids`` are texts, or integers that stand for their decimal digits.
    """
    if isinstance(ids, np.ndarray):
        codes, unique = (
            _numbered(ids) if len(ids) else (np.zeros(0, dtype=np.int32), pa.array([], pa.string()))
        )
        return codes, Vocabulary(unique)
    documents = encoded(ids)
    by_bytes = pc.array_sort_indices(documents.dictionary).to_numpy()
    rank = np.empty(len(by_bytes), dtype=np.int32)
    rank[by_bytes] = np.arange(len(by_bytes), dtype=np.int32)
    codes = rank[documents.indices.to_numpy()] if len(by_bytes) else np.zeros(0, dtype=np.int32)
    return codes, Vocabulary(documents.dictionary.take(pa.array(by_bytes)))


def _numbered(values: Numbers) -> tuple[Codes, Numbers]:
    most = int(values.max())
    if most < _PLACES * len(values):
        there = np.zeros(most + 1, dtype=bool)
        there[values] = True
        unique = np.flatnonzero(there)
        unique = unique[_by_bytes(unique)].astype(values.dtype)
        rank = np.empty(most + 1, dtype=np.int32)
        rank[unique] = np.arange(len(unique), dtype=np.int32)
        return rank[values], unique
    unique, places = np.unique(values, return_inverse=True)
    order = _by_bytes(unique)
    rank = np.empty(len(unique), dtype=np.int32)
    rank[order] = np.arange(len(unique), dtype=np.int32)
    return rank[places], unique[order]


def _by_bytes(ascending: Numbers) -> NDArray[np.intp]:
    """Return the order of ascending numbers by their digits as text: brought to one width, the shorter first."""
    lengths = np.maximum(np.searchsorted(_POWERS, ascending, side="right"), 1)
    # Numbers of one length ascend already, and a shorter one comes before the longer: merging keeps what is in order.
    return np.argsort(ascending * _POWERS[lengths.max() - lengths], kind="stable")
