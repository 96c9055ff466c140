"""Whether a model answers the same for a text alone and in a batch: asked once, when a model is first loaded.

A decoder with absolute positions and padding on the left gives each text other positions in every batch; a
classifier that takes the wrong token for the last one does the like. Nothing in the files says so, and the
library answers so, too. A few short texts of mixed lengths show it.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from harness.models.answers import form_of
from harness.models.batching import Batched

#: Short and long, so that the first is padded most.
_TEXTS = (
    "Where is it?",
    "A river is a stream of water that flows over land, from a spring or a lake to the sea, and is fed by rain.",
    "The highest mountain.",
)
_QUERY = "Where does a river end?"
#: How far apart answers of the same input may be: of rounding, many times what was seen of sound models.
_ROUNDING = {"fp32": 1e-3, "fp16": 2e-2, "bf16": 8e-2}


def batch_sensitivity(model: Batched) -> float:
    """Return how far apart the answers of one input are, alone and in a batch, as a share of the answers' size.

    Of embeddings the distance over the length, of scores the difference over the largest. No work is counted.
    """
    before = model.work
    try:
        together, alone = _embeddings(model) if hasattr(model, "encode") else _scores(model)
    finally:
        model.work = before
    apart = np.linalg.norm((together - alone).astype(np.float64), axis=1)
    size = np.linalg.norm(alone.astype(np.float64), axis=1)
    return float((apart / np.maximum(size, 1e-12)).max())


def _embeddings(model: Any) -> tuple[Any, Any]:
    """Embeddings in a batch and alone, each [n, numbers of a text or a token]."""
    together = model.encode(_TEXTS, "document")
    form = form_of(together)
    alone = form.joined([model.encode([text], "document") for text in _TEXTS])
    if hasattr(together, "toarray"):
        return together.toarray(), alone.toarray()
    return form.values(together)[0], form.values(alone)[0]


def _scores(model: Any) -> tuple[Any, Any]:
    """Scores in a batch and alone, each [n, 1], moved so that a score near 0 does not count as far from itself."""
    pairs = [(_QUERY, text) for text in _TEXTS]
    together = model.score(pairs)
    alone = np.concatenate([model.score([pair]) for pair in pairs])
    size = max(float(np.abs(alone).max()), float(np.ptp(alone)), 1e-6)
    return (together - alone)[:, None] / size + 1, np.ones((len(pairs), 1))


def warnings(model: Any) -> tuple[str, ...]:
    """Sentences about what a model loaded by the library answers otherwise than one would think."""
    if not isinstance(model, Batched):
        parts = [getattr(model, name, None) for name in ("query", "document")]
        of_parts = [text for part in parts if isinstance(part, Batched) for text in warnings(part)]
        return tuple(dict.fromkeys(of_parts))
    found = list(model.remarks)
    encodes = hasattr(model, "encode")
    inputs = _TEXTS if encodes else [(text, text) for text in _TEXTS]
    digests = model.token_digests(inputs, "document")
    if digests is not None and len(np.unique(digests, axis=0)) == 1:
        found.append(
            "different texts are the same tokens to it, so that it tells none from another; is its tokenizer the "
            "right one?"
        )
    if model.batch_size > 1:
        apart = batch_sensitivity(model)
        if not apart <= _ROUNDING.get(model.settings.precision, 8e-2):
            what = "embedding" if encodes else "score"
            found.append(
                f"the {what} of a text alone and in a batch of other lengths differ by {apart:.0%} of its size, so "
                "figures depend on the batches; 'batch_size: 1' answers each alone"
            )
    return tuple(found)


__all__ = ["batch_sensitivity", "warnings"]
