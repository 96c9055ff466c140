"""What names an artifact: digests of everything that can change it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

#: Digests of texts: [n_texts, 16] bytes.
TextHashes = NDArray[np.uint8]
TEXT_HASH_BYTES = 16


def key_of(value: Any) -> str:
    """Return SHA-256 of a JSON-like value in one canonical form, 64 hexadecimal digits."""
    text = json.dumps(value, sort_keys=True, ensure_ascii=False, allow_nan=False)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def text_hashes(texts: Iterable[str]) -> TextHashes:
    """Return BLAKE2b of each text, [n_texts, 16] bytes."""
    joined = b"".join(
        hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=TEXT_HASH_BYTES).digest()
        for text in texts
    )
    return np.frombuffer(joined, dtype=np.uint8).reshape(-1, TEXT_HASH_BYTES)


def key_of_texts(*, model: str, role: str, dtype: str, hashes: Sequence[Any] | TextHashes) -> str:
    """Return the key of the embeddings of some texts in their order."""
    content = hashlib.sha256(np.ascontiguousarray(hashes).tobytes()).hexdigest()
    return key_of(["embeddings", model, role, dtype, len(hashes), content])
