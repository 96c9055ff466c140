"""How far two encoders of the same weights agree: two backends, files or precisions of one model.

Their embeddings are in the store by then, so that nothing is encoded for it.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray

from harness.datasets.retrieval import RetrievalData
from harness.models.loading import SYMMETRIC
from harness.models.protocols import Identity
from harness.pipelines import Collection
from harness.plan import same
from harness.plan.shelf import StoredEncoder
from harness.plan.workbench import Workbench
from harness.search.exact import pairwise


def agreements(bench: Workbench, data: Any) -> list[dict[str, Any]]:
    """Return the least and the mean cosine of the embeddings of each two models of the same weights.

    Of a suite's documents, or of its sentences. Empty without a store, since everything would be encoded again.
    """
    if bench.store is None:
        return []
    known = {name: one for name, one in bench.identities.items() if one.kind == "bi-encoder"}
    found = []
    for first, second in combinations(known, 2):
        if not _same_weights(known[first], known[second]):
            continue
        cosines = [
            pairwise(a, b, "cosine") for a, b in _both(bench, data, first, second) if a.shape == b.shape
        ]
        if cosines:
            every = np.concatenate(cosines)
            about = {"min": float(every.min()), "mean": float(every.mean())}
            found.append({"first": first, "second": second, "texts": len(every), "cosine": about})
    return found


def _same_weights(first: Identity, second: Identity) -> bool:
    """Whether two models are one: its name, or the digests of its weights."""
    weights = [
        {digest for name, digest in one.files.items() if name.endswith(".safetensors")}
        for one in (first, second)
    ]
    return first.name == second.name or bool(weights[0] and weights[0] == weights[1])


def _both(
    bench: Workbench, data: Any, first: str, second: str
) -> Iterator[tuple[NDArray[np.float32], NDArray[np.float32]]]:
    """Yield both models' embeddings of the same texts, some at a time."""
    if isinstance(data, RetrievalData):
        if data.corpus is None:
            return
        streams = [_documents(bench, name, Collection(data.corpus)) for name in (first, second)]
        yield from _in_step(*streams)
    elif getattr(data, "pairs", ()):
        texts = same.texts_of(dict.fromkeys((pair.first, pair.second) for pair in data.pairs))
        a, b = (_sentences(bench, name, texts) for name in (first, second))
        yield a, b


def _sentences(bench: Workbench, name: str, texts: list[str]) -> NDArray[np.float32]:
    """Return a model's embeddings of sentences, asked for as they were when they were scored: so the store has them."""
    alike = same.first_alike(bench, name, texts)
    once = np.unique(alike)
    vectors = bench.encoder(name).encode([texts[i] for i in once], SYMMETRIC)
    return np.asarray(vectors[np.searchsorted(once, alike)])


def _documents(bench: Workbench, name: str, collection: Collection) -> Iterator[NDArray[np.float32]]:
    encoder = bench.encoder(name)
    if isinstance(encoder, StoredEncoder) and encoder.holds_documents(collection):
        for block in encoder.documents(collection):
            yield np.asarray(block, dtype=np.float32)


def _in_step(
    first: Iterator[NDArray[np.float32]], second: Iterator[NDArray[np.float32]]
) -> Iterator[tuple[NDArray[np.float32], NDArray[np.float32]]]:
    """Yield rows of both together, whatever the blocks of each."""
    a = b = np.zeros((0, 0), dtype=np.float32)
    while True:
        a = a if len(a) else next(first, a)
        b = b if len(b) else next(second, b)
        n = min(len(a), len(b))
        if not n:
            return
        yield a[:n], b[:n]
        a, b = a[n:], b[n:]


__all__ = ["agreements"]
