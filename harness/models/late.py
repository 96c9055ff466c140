"""sentence-transformers' MultiVectorEncoder: late interaction (ColBERT and its kin), a vector for each token."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from harness.models.answers import TOKENS
from harness.models.batching import LoadSettings
from harness.models.card import check_kind
from harness.models.encoder import Encoder
from harness.models.folders import ModelFolder
from harness.models.protocols import Role
from harness.search import late
from harness.search.late import TokenVectors


class SentenceMultiVectorEncoder(Encoder[TokenVectors]):
    """A MultiVectorEncoder. It encodes texts, and scores pairs by MaxSim of what it encoded."""

    output = "token_embeddings"
    answers = TOKENS

    def __init__(self, folder: ModelFolder, settings: LoadSettings) -> None:
        from sentence_transformers import MultiVectorEncoder

        check_kind(folder, "multi_vector")
        super().__init__(MultiVectorEncoder, folder, settings)
        self._bare = False  # a text without a token is one without a vector

    @classmethod
    def adopted(cls, model: Any, settings: LoadSettings, where: str) -> Self:
        """As every encoder's."""
        made = super().adopted(model, settings, where)
        made._bare = False
        return made

    def describe(self) -> dict[str, Any]:
        """What is really used, whoever said it."""
        return {
            "similarity": self.similarity,
            "dimensions": int(self.model.get_embedding_dimension() or 0),
            "prompts": self.prompts,
            "max_length": self.max_length,
        }

    def _empty(self) -> TokenVectors:
        width = int(self.model.get_embedding_dimension() or 0)
        return TokenVectors(np.zeros((0, width), dtype=np.float32), np.zeros(0, dtype=np.int64))

    def score(self, pairs: Sequence[tuple[str, str]]) -> NDArray[np.float32]:
        """Return MaxSim of each (query, document) pair, [n_pairs]; a text that occurs several times is encoded once."""
        if not len(pairs):
            return np.zeros(0, dtype=np.float32)
        places = []
        vectors = []
        for side, role in ((0, "query"), (1, "document")):
            unique = {text: i for i, text in enumerate(dict.fromkeys(pair[side] for pair in pairs))}
            places.append([unique[pair[side]] for pair in pairs])
            vectors.append(self.encode(list(unique), role))  # type: ignore[arg-type]
        return late.pairwise(vectors[0], vectors[1], np.asarray(places).T, self.similarity)

    def token_digests(self, inputs: Sequence[Any], role: Role) -> Any:
        """None: what is added to a query's tokens cannot be told from here."""
        return None

    def _kept(self, rows: Any, features: Any) -> TokenVectors:
        """A batch without its padding, and without the tokens that are not to be scored."""
        mask = features["attention_mask"].bool()
        return TokenVectors(rows[mask].cpu().numpy(), mask.sum(dim=1).cpu().numpy().astype(np.int64))

    def _joined(self, kept: Sequence[Any], order: Any) -> TokenVectors:
        return TokenVectors.joined(kept)[np.argsort(order)]


__all__ = ["SentenceMultiVectorEncoder"]
