"""What the encoders of sentence-transformers share: how one is opened and checked, and asked by a text's role."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Generic, Self, TypeVar

import numpy as np
from numpy.typing import NDArray

from harness.models import checks
from harness.models.batching import Batched, LoadSettings
from harness.models.folders import ModelFolder
from harness.models.library import opened
from harness.models.protocols import Mark, Role
from harness.models.roles import how, library_arguments

#: What embeddings of texts are: an array, a CSR matrix, or vectors of tokens.
Answer = TypeVar("Answer")


class Encoder(Batched, Generic[Answer]):
    """A SentenceTransformer, SparseEncoder or MultiVectorEncoder.

    ``similarity`` is the library's own name of what embeddings are compared by.
    """

    def __init__(
        self, library_class: Any, folder: ModelFolder, settings: LoadSettings, **arguments: Any
    ) -> None:
        """``arguments``: of that class, beside those of every class. Raises ModelError."""
        model, reports = opened(
            lambda: library_class(
                str(folder.path), prompts=settings.prompts, **arguments, **library_arguments(settings)
            ),
            folder,
        )
        model.eval()
        checks.check_tokenizer(model, folder.path)
        super().__init__(model, settings, str(folder.path))
        self._override_modules()
        checks.check_weights(model, self.output, reports, folder.path)
        self.similarity = str(model.similarity_fn_name)

    @classmethod
    def adopted(cls, model: Any, settings: LoadSettings, where: str) -> Self:
        """Return an encoder by a model that is loaded already, and in the mode to answer. Raises ModelError."""
        made = cls.__new__(cls)
        Batched.__init__(made, model, settings, where)
        made.similarity = str(model.similarity_fn_name)
        return made

    def _override_modules(self) -> None:
        """Put in what the settings say in place of the model's own modules."""

    def _empty(self) -> Answer:
        """The embeddings of no text."""
        raise NotImplementedError

    @property
    def prompts(self) -> dict[str, str]:
        """The prompts that it has, by name."""
        return {name: prompt for name, prompt in self.model.prompts.items() if prompt}

    def encode(self, texts: Sequence[str], role: Role) -> Answer:
        """Return embeddings, [n_texts, ...] float32, in the order of the texts.

        Queries and documents get the model's own prompt and route for their role; sentences its default
        prompt.
        """
        if not len(texts):
            return self._empty()
        answer: Answer = self._encoded(list(texts), how(self.model, role), role)
        return answer

    def encode_in_stages(self, texts: Sequence[str], role: Role, mark: Mark) -> Answer:
        """As ``encode``, for a few texts at once; marks ``tokenise`` on the way."""
        answer: Answer = self._forward_at_once(texts, how(self.model, role), mark)
        return answer

    def _tokens_read(self, text: str) -> int:
        return self._count(text, how(self.model, "document"))

    def token_digests(self, inputs: Sequence[str], role: Role) -> NDArray[np.uint8] | None:
        """Return a digest of each text's tokens with its prompt, [n_texts, 16]; None where they cannot be seen."""
        return self._digests(inputs, how(self.model, role))


__all__ = ["Encoder"]
