"""Pipelines over sentences as a server runs them: one model, and a pair of sentences, or a text, a request."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from harness.models.loading import SYMMETRIC, finite
from harness.models.protocols import BiEncoder, CrossEncoder, EncodesInStages, Mark, ScoresInStages
from harness.search.exact import pairwise
from harness.serving.base import Answer, Machinery, counters, one_text, two_texts, wrong_kind

Pairs = Sequence[tuple[str, str]]


@dataclass(frozen=True, eq=False)
class Scoring:
    """A served STS pipeline: a bi-encoder whose two embeddings are compared, or a cross-encoder."""

    machinery: Machinery
    model: BiEncoder | CrossEncoder
    name: str
    is_cross: bool
    similarity: str | None = None  # other than the bi-encoder's own

    @property
    def kinds(self) -> tuple[str, ...]:
        """Kinds of request that it serves."""
        return ("query", "pair") if self.is_cross else ("query", "document")

    def query(self, query_id: str, texts: Sequence[str]) -> Answer:
        """Score one pair alone."""
        return self._scored([two_texts(texts)])

    def batch(self, kind: str, ids: Sequence[str], texts: Sequence[Sequence[str]]) -> Answer:
        """Score many pairs, or encode many sentences."""
        if kind not in self.kinds:
            raise wrong_kind(kind, self.kinds)
        if kind == "document":
            return self._encoded([one_text(t) for t in texts])
        return self._scored([two_texts(t) for t in texts])

    def _scored(self, pairs: Pairs) -> Answer:
        before = self.machinery.work()
        laps = self.machinery.start()
        scores = self._by_cross(pairs, laps.mark) if self.is_cross else self._by_both(pairs, laps.mark)
        laps.mark("score")
        scored = len(pairs) if self.is_cross else 0
        done = counters(before, self.machinery.work(), pairs=scored)
        return Answer(laps, done, lambda top: [("score", float(scores[0]))])

    def _by_cross(self, pairs: Pairs, mark: Mark) -> NDArray[Any]:
        model = cast(CrossEncoder, self.model)
        if len(pairs) == 1 and isinstance(model, ScoresInStages):
            return finite(model.score_in_stages(pairs, mark), self.name, pairs)
        return finite(model.score(pairs), self.name, pairs)

    def _by_both(self, pairs: Pairs, mark: Mark) -> NDArray[np.float64]:
        model = cast(BiEncoder, self.model)
        texts = [text for pair in pairs for text in pair]
        if len(pairs) == 1 and isinstance(model, EncodesInStages):
            vectors = model.encode_in_stages(texts, SYMMETRIC, mark)
        else:
            vectors = model.encode(texts, SYMMETRIC)
        vectors = finite(vectors, self.name, texts)
        mark("encode")
        return pairwise(vectors[0::2], vectors[1::2], self.similarity or model.similarity)

    def _encoded(self, texts: Sequence[str]) -> Answer:
        return encoded(self.machinery, cast(BiEncoder, self.model), texts)


@dataclass(frozen=True, eq=False)
class Encoding:
    """A served pipeline that only encodes."""

    machinery: Machinery
    model: BiEncoder
    kinds: tuple[str, ...] = ("query", "document")

    def query(self, query_id: str, texts: Sequence[str]) -> Answer:
        """Encode one text alone."""
        return encoded(self.machinery, self.model, [one_text(texts)])

    def batch(self, kind: str, ids: Sequence[str], texts: Sequence[Sequence[str]]) -> Answer:
        """Encode many texts."""
        if kind not in self.kinds:
            raise wrong_kind(kind, self.kinds)
        return encoded(self.machinery, self.model, [one_text(t) for t in texts])


def encoded(machinery: Machinery, model: BiEncoder, texts: Sequence[str]) -> Answer:
    """Encode sentences."""
    before = machinery.work()
    laps = machinery.start()
    if len(texts) == 1 and isinstance(model, EncodesInStages):
        model.encode_in_stages(texts, SYMMETRIC, laps.mark)
    else:
        model.encode(texts, SYMMETRIC)
    laps.mark("encode")
    return Answer(laps, counters(before, machinery.work()))
