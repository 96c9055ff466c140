"""sentence-transformers' models behind the two Protocols.

Prompts, pooling, dimensions and normalisation stay the library's own; tests hold every kind of model to what
the library answers by default. Where this differs on purpose, docs/models.md says so.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from harness.errors import ModelError
from harness.models import checks, passages, runtimes
from harness.models.batching import Batched, LoadSettings, batches
from harness.models.card import check_kind
from harness.models.encoder import Encoder
from harness.models.folders import ModelFolder
from harness.models.library import opened, quiet
from harness.models.protocols import Embeddings, Mark, Role
from harness.models.roles import ROLES, how, library_arguments


def import_libraries() -> None:
    """Import what a model needs, so that it does not count as loading one."""
    import sentence_transformers  # noqa: F401


def _backend(model: Any, folder: ModelFolder, settings: LoadSettings) -> None:
    if settings.backend != "torch":
        file = runtimes.file_of(folder, settings.file, settings.backend)
        runtimes.replace(model, file, settings.device, settings.backend)


class SentenceBiEncoder(Encoder[Embeddings]):
    """A SentenceTransformer."""

    output = "sentence_embedding"

    def __init__(self, folder: ModelFolder, settings: LoadSettings) -> None:
        from sentence_transformers import SentenceTransformer

        check_kind(folder, "bi_encoder", settings.pooling)
        checks.check_static(folder)
        super().__init__(SentenceTransformer, folder, settings, similarity_fn_name=settings.similarity)
        _backend(self.model, folder, settings)

    def _override_modules(self) -> None:
        from sentence_transformers.base.modules import Normalize
        from sentence_transformers.sentence_transformer.modules import Pooling

        modules = list(self.model)
        if self.settings.pooling is not None:
            places = [i for i, module in enumerate(modules) if isinstance(module, Pooling)]
            if not places:
                raise ModelError("pooling cannot be overridden: this model has no pooling module")
            old = modules[places[0]]
            modules[places[0]] = Pooling(old.embedding_dimension, self.settings.pooling, old.include_prompt)
        if self.settings.normalize is not None:
            modules = [module for module in modules if not isinstance(module, Normalize)]
            if self.settings.normalize:
                modules.append(Normalize())
        if modules != list(self.model):
            self.model._modules = type(self.model._modules)(
                (str(i), module) for i, module in enumerate(modules)
            )

    def describe(self) -> dict[str, Any]:
        """What is really used, whoever said it."""
        from sentence_transformers.base.modules import Normalize
        from sentence_transformers.sentence_transformer.modules import Pooling

        pooling = [module.pooling_mode for module in self.model if isinstance(module, Pooling)]
        mode = pooling[0] if pooling else None
        cut = {} if self.model.truncate_dim is None else {"truncate_dim": self.model.truncate_dim}
        return {
            "pooling": "+".join(mode) if isinstance(mode, tuple | list) else mode,
            "normalize": any(isinstance(module, Normalize) for module in self.model),
            "similarity": self.similarity,
            "prompts": self.prompts,
            "max_length": self.max_length,
            "dimension": self.model.get_embedding_dimension(),
            **cut,
        }

    @property
    def remarks(self) -> tuple[str, ...]:
        """Sentences about what one might expect of the model and it does not do."""
        used = how(self.model, "document")[0] or ""
        others = [name for name in ROLES["document"][1:] if self.model.prompts.get(name, used) != used]
        unused = (
            f"its prompt {others[0]!r} is not used: sentence-transformers gives documents the one called 'document', "
            f"here {used!r}; 'prompts: {{document: ...}}' sets it"
            for _ in others[:1]
        )
        return (*super().remarks, *unused)

    def _empty(self) -> Embeddings:
        return np.zeros((0, int(self.model.get_embedding_dimension() or 0)), dtype=np.float32)

    def _truncated(self, rows: Any) -> Any:
        return rows if self.model.truncate_dim is None else rows[..., : self.model.truncate_dim]

    def _nothing(self, inputs: Sequence[Any]) -> Any:
        """A text without a token is a vector of zeros, as mean and last-token pooling make of it in a batch."""
        import torch

        return torch.zeros(len(inputs), int(self.model.get_embedding_dimension() or 0))


def _keep_head_in_fp32(model: Any) -> None:
    """Let the layer that gives the logit compute in fp32: a bf16 logit has 8 bits of mantissa and ties everywhere."""
    import torch

    heads = [
        name
        for name, module in model.named_modules()
        if type(module) is torch.nn.Linear and module.out_features == 1
    ]
    model.set_keep_in_fp32_modules(heads[-1:])


class SentenceCrossEncoder(Batched):
    """A CrossEncoder with one output; its score is the logit unless the config pins a sigmoid."""

    output = "scores"

    def __init__(self, folder: ModelFolder, settings: LoadSettings) -> None:
        from sentence_transformers import CrossEncoder

        check_kind(folder, "cross_encoder")
        given = settings.prompts or {}
        model, reports = opened(
            lambda: CrossEncoder(
                str(folder.path),
                prompts=given or None,
                default_prompt_name=next(iter(given), None),
                **library_arguments(settings),
            ),
            folder,
        )
        model.eval()
        _check_outputs(model, str(folder.path))
        if settings.precision != "fp32":
            _keep_head_in_fp32(model)
        checks.check_tokenizer(model, folder.path)
        super().__init__(model, settings, str(folder.path))
        checks.check_weights(model, self.output, reports, folder.path)
        _backend(model, folder, settings)
        self._prompt = model._resolve_prompt(None, None) or None

    @classmethod
    def adopted(cls, model: Any, settings: LoadSettings, where: str) -> Self:
        """Return a scorer by a model that is loaded already, and in the mode to answer. Raises ModelError."""
        _check_outputs(model, where)
        made = cls.__new__(cls)
        Batched.__init__(made, model, settings, where)
        made._prompt = model._resolve_prompt(None, None) or None
        return made

    def describe(self) -> dict[str, Any]:
        """What is really used, whoever said it."""
        prompt = {} if self._prompt is None else {"prompts": {"query": self._prompt}}
        return {"activation": self.settings.activation, "max_length": self.max_length, **prompt}

    def score(self, pairs: Sequence[tuple[str, str]]) -> NDArray[np.float32]:
        """Return one score a pair, [n_pairs] float32. The model's default prompt goes before the first text."""
        if not len(pairs):
            return np.zeros(0, dtype=np.float32)
        return self._activated(self._forward(list(pairs), self._prompt))

    def score_in_stages(self, pairs: Sequence[tuple[str, str]], mark: Mark) -> NDArray[np.float32]:
        """As ``score``, for a few pairs at once; marks ``tokenise`` on the way."""
        return self._activated(self._forward_at_once(pairs, (self._prompt, None), mark))

    def token_digests(self, inputs: Sequence[tuple[str, str]], role: Role) -> NDArray[np.uint8] | None:
        """Return a digest of each pair's tokens with its prompt, [n_pairs, 16]; None where they cannot be seen."""
        return self._digests(inputs, (self._prompt, None))

    def room(self, queries: Sequence[str] = ()) -> int | None:
        """Return how many tokens of a document are read beside the longest query; None where there is no end."""
        most = super().room()
        if most is None:
            return None
        asked = passages.offsets(self.model, queries, self.where)
        return most - max(map(len, asked), default=0)

    def _tokens_read(self, text: str) -> int:
        """Of a pair whose query has no token."""
        return self._count(("", text), (self._prompt, None))

    def _nothing(self, inputs: Sequence[Any]) -> Any:
        raise ModelError(
            f"{self.where}: the pair {inputs[0]!r:.80} has no token at all, since the tokenizer adds none, and so no "
            "score; leave such pairs out"
        )

    def _activated(self, outputs: NDArray[np.float32]) -> NDArray[np.float32]:
        logits = outputs.reshape(-1)
        if self.settings.activation == "sigmoid":
            return np.asarray(1 / (1 + np.exp(-logits.astype(np.float64))), dtype=np.float32)
        return logits


def _check_outputs(model: Any, where: str) -> None:
    if model.num_labels != 1:
        raise ModelError(
            f"{where}: has {model.num_labels} outputs{_labels(model)}, where a reranker has one score; which of them "
            "ranks, no setting says"
        )


def _labels(model: Any) -> str:
    names = getattr(model.config, "id2label", None) or {}
    return f" ({', '.join(map(str, names.values()))})" if names else ""


__all__ = [
    "LoadSettings",
    "SentenceBiEncoder",
    "SentenceCrossEncoder",
    "batches",
    "import_libraries",
    "quiet",
]
