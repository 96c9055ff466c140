"""How good a model in training is on dev: Spearman's correlation, alignment and uniformity."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from harness import stats
from harness.measures import geometry
from harness.train.sources import Examples

_BATCH = 64
_POSITIVE = 0.8  # of 1: pairs above are positive, as SimCSE takes those above 4 of 5


def spearman_on(model: Any, dev: Examples, batch_size: int = _BATCH) -> float:
    """Return a model's Spearman correlation with dev's scores: cosines, or a cross-encoder's logits.

    0 where the model gives every pair one score; NaN where it gives what is no number.
    """
    import torch
    from sentence_transformers import CrossEncoder

    first, second = (list(column) for column in dev.columns)
    if isinstance(model, CrossEncoder):
        scores = np.asarray(
            model.predict(
                list(zip(first, second, strict=True)),
                activation_fn=torch.nn.Identity(),
                batch_size=batch_size,
                show_progress_bar=False,
            ),
            dtype=np.float64,
        )
    else:
        scores = (_encoded(model, first, batch_size) * _encoded(model, second, batch_size)).sum(axis=1)
    if not np.isfinite(scores).all():
        return float("nan")
    if len(np.unique(scores)) < 2:
        return 0.0
    return float(stats.correlation(scores, np.asarray(dev.scores), "spearman"))


def sphere_on(model: Any, dev: Examples) -> dict[str, float | int]:
    """Return a bi-encoder's Spearman, alignment of dev's pairs scored above 0.8, and uniformity of its texts."""
    firsts, seconds = dev.columns
    texts = sorted({*firsts, *seconds})
    place = {text: i for i, text in enumerate(texts)}
    vectors = _encoded(model, texts, _BATCH)
    positive = [
        (place[u], place[v]) for u, v, s in zip(firsts, seconds, dev.scores, strict=True) if s > _POSITIVE
    ]
    found: dict[str, float | int] = {"spearman": spearman_on(model, dev), "pairs": len(dev)}
    if positive:
        u, v = zip(*positive, strict=True)
        found |= {
            "alignment": geometry.alignment(vectors[list(u)], vectors[list(v)]),
            "positive_pairs": len(positive),
        }
    return found | {"uniformity": geometry.uniformity(vectors), "texts": len(texts)}


def _encoded(model: Any, texts: list[str], batch_size: int) -> NDArray[np.float64]:
    found = model.encode(texts, batch_size=batch_size, show_progress_bar=False, normalize_embeddings=True)
    return np.asarray(found, dtype=np.float64)
