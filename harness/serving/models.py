"""Models as a server holds them: live, their answers checked, and the tokenising of a few texts told apart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from harness.models.answers import finite
from harness.models.protocols import (
    BiEncoder,
    CrossEncoder,
    EncodesInStages,
    Mark,
    Role,
    ScoresInStages,
)

_FEW = 2  # texts: a query, or both sentences of a pair


@dataclass(frozen=True, eq=False)
class Encoder:
    """A bi-encoder."""

    model: BiEncoder
    name: str

    @property
    def similarity(self) -> str:
        """How its embeddings are compared."""
        return self.model.similarity

    def encode(self, texts: Sequence[str], role: Role, mark: Mark) -> NDArray[np.float32]:
        """Return embeddings, [n_texts, dimension]; many texts are tokenised while others are encoded."""
        if len(texts) <= _FEW and isinstance(self.model, EncodesInStages):
            return finite(self.model.encode_in_stages(texts, role, mark), self.name, texts)
        return finite(self.model.encode(texts, role), self.name, texts)


@dataclass(frozen=True, eq=False)
class Scorer:
    """A cross-encoder."""

    model: CrossEncoder
    name: str

    @property
    def batch_size(self) -> int:
        """Pairs of one forward pass."""
        return int(getattr(self.model, "batch_size", 1))

    def score(self, pairs: Sequence[tuple[str, str]], mark: Mark) -> NDArray[np.float32]:
        """Return one score a pair; a single batch is tokenised once, more of them while others are scored."""
        if isinstance(self.model, ScoresInStages) and len(pairs) <= self.batch_size:
            return finite(self.model.score_in_stages(pairs, mark), self.name, pairs)
        return finite(self.model.score(pairs), self.name, pairs)
