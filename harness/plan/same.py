"""Which sentences, or pairs, are the same to a model: other letters may be the same tokens.

What is the same gets one answer. Encoded in two batches it would get two that differ in the last bits, and a rank
correlation would order by them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from harness.models.loading import SYMMETRIC
from harness.models.protocols import KnowsTokens
from harness.plan.models import Models
from harness.store.keys import TextHashes, key_of, text_hashes

_KIND = "tokens"


def texts_of(pairs: Iterable[tuple[str, str]]) -> list[str]:
    """Return every sentence of pairs once, in the order in which a bi-encoder is given them."""
    return list(dict.fromkeys(text for side in zip(*pairs, strict=True) for text in side))


def first_alike(models: Models, name: str, inputs: Sequence[Any]) -> NDArray[np.int64]:
    """Return for each text or pair the place of the first that is the same to the model, [n_inputs].

    Read from the store where they were looked at before, so that the model need not be loaded.
    """
    key = _key(models, name, inputs)
    found = None if key is None else _read(models, key)
    if found is None:
        model = models.model(name)
        found = model.token_digests(inputs, SYMMETRIC) if isinstance(model, KnowsTokens) and inputs else None
        if found is None:  # nothing is known but the letters
            found = _letters(inputs)
        if key is not None and models.store is not None:
            models.store.write(_KIND, key, {}, found)
    return _first(found)


def known_alike(models: Models, name: str, inputs: Sequence[Any]) -> NDArray[np.int64] | None:
    """As :func:`first_alike`, where the store says; else None. No model is loaded."""
    key = _key(models, name, inputs)
    found = None if key is None else _read(models, key)
    return None if found is None else _first(found)


def _key(models: Models, name: str, inputs: Sequence[Any]) -> str | None:
    recipe = models.recipe(name)
    if models.store is None or recipe is None:
        return None
    return key_of(["tokens", recipe.key_for(SYMMETRIC), SYMMETRIC, _letters(inputs).tobytes().hex()])


def _read(models: Models, key: str) -> TextHashes | None:
    found = None if models.store is None else models.store.read(_KIND, key)
    return None if found is None else found.array


def _letters(inputs: Sequence[Any]) -> TextHashes:
    """Digests of texts, or of pairs, [n_inputs, 16]."""
    return text_hashes(
        text if isinstance(text, str) else f"{len(text[0])} {text[0]}{text[1]}" for text in inputs
    )


def _first(digests: TextHashes) -> NDArray[np.int64]:
    _, first, inverse = np.unique(digests, axis=0, return_index=True, return_inverse=True)
    return np.asarray(first[inverse.reshape(-1)], dtype=np.int64)
