"""sentence-transformers' SparseEncoder: learned weights of a vocabulary's words (SPLADE and its kin)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from harness.models.answers import SPARSE
from harness.models.batching import LoadSettings
from harness.models.card import check_kind
from harness.models.encoder import Encoder
from harness.models.folders import ModelFolder


class SentenceSparseEncoder(Encoder[Any]):
    """A SparseEncoder; its embeddings are CSR matrices, [n_texts, dimensions] float32."""

    output = "sentence_embedding"
    answers = SPARSE

    def __init__(self, folder: ModelFolder, settings: LoadSettings) -> None:
        from sentence_transformers import SparseEncoder

        check_kind(folder, "sparse_encoder")
        super().__init__(
            SparseEncoder,
            folder,
            settings,
            similarity_fn_name=settings.similarity,
            max_active_dims=settings.max_active_dims,
        )

    def describe(self) -> dict[str, Any]:
        """What is really used, whoever said it."""
        most = self.model.max_active_dims
        return {
            "similarity": self.similarity,
            "prompts": self.prompts,
            "max_length": self.max_length,
            "dimensions": self._width,
            **({} if most is None else {"max_active_dims": most}),
        }

    @property
    def _width(self) -> int:
        """Dimensions: SPLADE's are known once it has answered, and are the vocabulary's."""
        return int(self.model.get_embedding_dimension() or self.model[0].model.config.vocab_size)

    def _empty(self) -> Any:
        from scipy.sparse import csr_array

        return csr_array((0, self._width), dtype=np.float32)

    def _truncated(self, rows: Any) -> Any:
        from sentence_transformers.util import select_max_active_dims

        most = self.model.max_active_dims
        return rows if most is None else select_max_active_dims(rows, max_active_dims=most)

    def _kept(self, rows: Any, features: Any) -> Any:
        """A batch as it leaves the device: of 30,000 dimensions some 100 are active."""
        from scipy.sparse import csr_array

        return csr_array(rows.cpu().numpy())

    def _joined(self, kept: Sequence[Any], order: Any) -> Any:
        return SPARSE.joined(kept)[np.argsort(order)]

    def _nothing(self, inputs: Sequence[Any]) -> Any:
        """A text without a token has no active dimension."""
        import torch

        return torch.zeros(len(inputs), self._width)


__all__ = ["SentenceSparseEncoder"]
