"""The steps over sentences: pairs scored, texts encoded. What is the same to a model is computed once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy as np

from harness.datamodel import SentencePair
from harness.models import loading
from harness.models.loading import finite
from harness.models.protocols import Embeddings
from harness.plan.same import first_alike
from harness.plan.workbench import Workbench
from harness.search.exact import pairwise
from harness.tasks.base import Encode, ScoreSentences, Step


def score(
    bench: Workbench, steps: Sequence[Step], pairs: Sequence[SentencePair]
) -> Iterator[tuple[Step, Any]]:
    """Score pairs as the steps ask, [n_pairs] each; a model's sentences are encoded once for all similarities."""
    wanted: dict[str, list[ScoreSentences]] = {}
    for step in steps:
        if isinstance(step, ScoreSentences):
            wanted.setdefault(step.model, []).append(step)
    for model, of in wanted.items():
        yield from _scores(bench, model, of, pairs)


def encode(bench: Workbench, steps: Sequence[Step], texts: Sequence[str]) -> Iterator[tuple[Step, Any]]:
    """Encode texts as the steps ask, [n_texts, dimension] each."""
    return ((step, _vectors(bench, step.model, texts)) for step in steps if isinstance(step, Encode))


def texts_of(pairs: Iterable[tuple[str, str]]) -> list[str]:
    """Return every sentence of pairs once, in the order in which a bi-encoder is given them."""
    return list(dict.fromkeys(text for side in zip(*pairs, strict=True) for text in side))


def _scores(
    bench: Workbench, name: str, steps: Sequence[ScoreSentences], pairs: Sequence[SentencePair]
) -> Iterator[tuple[Step, Any]]:
    if bench.config.settings.models[name].kind == "cross_encoder":
        different = {pair: i for i, pair in enumerate(dict.fromkeys((p.first, p.second) for p in pairs))}
        texts = list(different)
        alike = first_alike(bench, name, texts)
        once = np.unique(alike)
        asked = [texts[i] for i in once]
        scores = finite(bench.scorer(name).score(asked), name, asked)[np.searchsorted(once, alike)]
        for step in steps:
            yield step, scores[[different[pair.first, pair.second] for pair in pairs]]
        return
    vectors = _vectors(bench, name, [pair.first for pair in pairs] + [pair.second for pair in pairs])
    first, second = vectors[: len(pairs)], vectors[len(pairs) :]
    own = bench.encoder(name).similarity
    for step in steps:
        yield step, pairwise(first, second, step.similarity or own)


def _vectors(bench: Workbench, name: str, texts: Sequence[str]) -> Embeddings:
    encoder = bench.encoder(name)
    unique = {text: i for i, text in enumerate(dict.fromkeys(texts))}
    different = list(unique)
    alike = first_alike(bench, name, different)
    once = np.unique(alike)
    asked = [different[i] for i in once]
    with bench.progress.task(f"{name}: encoding", len(asked), "sentences") as advance:
        vectors = finite(encoder.encode(asked, loading.SYMMETRIC), name, asked)
        advance(len(asked))
    return vectors[np.searchsorted(once, alike)[[unique[text] for text in texts]]]
