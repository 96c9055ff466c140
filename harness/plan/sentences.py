"""The steps over sentences: pairs scored, texts encoded. Each text is encoded once, however often it occurs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from harness.datamodel import SentencePair
from harness.models import loading
from harness.models.loading import finite
from harness.models.protocols import Embeddings
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


def _scores(
    bench: Workbench, name: str, steps: Sequence[ScoreSentences], pairs: Sequence[SentencePair]
) -> Iterator[tuple[Step, Any]]:
    if bench.config.settings.models[name].kind == "cross_encoder":
        different = {pair: i for i, pair in enumerate(dict.fromkeys((p.first, p.second) for p in pairs))}
        texts = list(different)
        scores = finite(bench.scorer(name).score(texts), name, texts)
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
    with bench.progress.task(f"{name}: encoding", len(unique), "sentences") as advance:
        vectors = finite(encoder.encode(list(unique), loading.SYMMETRIC), name, list(unique))
        advance(len(unique))
    return vectors[[unique[text] for text in texts]]
