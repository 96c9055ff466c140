"""What a model was trained on, as digests beside its weights, and how much of a suite is among it."""

from __future__ import annotations

import zipfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from harness.store.keys import text_hashes
from harness.train.shaping import Shaped

FILE = "trained_on.npz"


@dataclass(frozen=True)
class Seen:
    """How much of what is measured a model was trained on."""

    pairs: int  # both texts together, in either order
    n_pairs: int
    texts: int  # single texts, in whatever company
    n_texts: int


def write(folder: Path, shaped: Shaped) -> None:
    """Write digests of every pair and every text trained on. No text can be read from them."""
    first = shaped.columns[0]
    pairs = [
        pair
        for column in shaped.columns[1:]
        for pair in zip(first, column, strict=True)
        if pair[0] != pair[1]
    ]
    texts = sorted({text for column in shaped.columns for text in column})
    np.savez(folder / FILE, pairs=_pair_hashes(pairs), texts=text_hashes(texts))


def seen(folder: Path, pairs: Sequence[tuple[str, str]]) -> Seen | None:
    """Return how many of some pairs, and of their texts, a model was trained on; None where it does not say."""
    path = folder / FILE
    if not path.is_file():
        return None
    try:
        with np.load(path, allow_pickle=False) as held:
            known_pairs, known_texts = _set(held["pairs"]), _set(held["texts"])
    except (OSError, ValueError, KeyError, zipfile.BadZipFile):
        return None
    texts = sorted({text for pair in pairs for text in pair})
    return Seen(
        pairs=sum(digest in known_pairs for digest in _rows(_pair_hashes(pairs))),
        n_pairs=len(pairs),
        texts=sum(digest in known_texts for digest in _rows(text_hashes(texts))),
        n_texts=len(texts),
    )


def warnings(name: str, folder: Path, pairs: Sequence[tuple[str, str]]) -> list[str]:
    """Return what is to be said where a model was trained on what it is measured on; empty where it was not."""
    found = seen(folder, pairs)
    if found is None:
        return []
    if found.pairs:
        return [
            f"{name}: was trained on {found.pairs:,} of the {found.n_pairs:,} pairs measured here; its figures are "
            "no test of what it has not seen"
        ]
    if 2 * found.texts > found.n_texts:
        return [
            f"{name}: {found.texts:,} of the {found.n_texts:,} texts measured here were among its training texts, "
            "though in no pair measured here"
        ]
    return []


def trained_on(requests: Mapping[str, Any], data: Any) -> list[str]:
    """Return the warnings for every model of a run (name -> what has ``folders``) on sentence pairs or queries."""
    pairs = [(pair.first, pair.second) for pair in getattr(data, "pairs", ()) if hasattr(pair, "first")]
    pairs += [(query.text, query.text) for query in getattr(data, "queries", ())]
    found: list[str] = []
    for name, request in requests.items():
        for folder in request.folders if pairs else ():
            found += warnings(name, folder.path, pairs)
    return found


def _pair_hashes(pairs: Iterable[tuple[str, str]]) -> NDArray[np.uint8]:
    return text_hashes("\x00".join(sorted(pair)) for pair in pairs)


def _rows(hashes: NDArray[np.uint8]) -> list[bytes]:
    return [row.tobytes() for row in hashes]


def _set(hashes: NDArray[np.uint8]) -> set[bytes]:
    return set(_rows(hashes))
