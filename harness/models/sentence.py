"""sentence-transformers' models behind the two Protocols.

Texts are batched by token length, not by characters, so that little is padded; the batch size is pinned and
recorded, because it moves the last bits. Prompts, pooling and normalisation stay the library's own.
"""

from __future__ import annotations

import logging
import warnings
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from harness.errors import ModelError
from harness.models.folders import ModelFolder, card
from harness.models.protocols import Embeddings, Mark, Role, Work


@dataclass(frozen=True)
class LoadSettings:
    """How a model is loaded and run; None leaves what the model's own configuration says."""

    device: str
    batch_size: int
    batch_tokens: int | None = None  # padded tokens of one forward pass at most; None: no such limit
    precision: str = "fp32"
    max_length: int | None = None
    prompts: dict[str, str] | None = None
    pooling: str | None = None
    normalize: bool | None = None
    similarity: str | None = None
    activation: str = "identity"
    trust_remote_code: bool = False
    allow_pickle: bool = False


def _dtype(precision: str) -> Any:
    import torch

    return {"fp32": torch.float32, "fp16": torch.float16, "bf16": torch.bfloat16}[precision]


@contextmanager
def quiet() -> Iterator[None]:
    """Keep loading reports and bars of transformers off the terminal; errors still raise."""
    from transformers.utils import logging as transformers_logging

    level, bars = transformers_logging.get_verbosity(), transformers_logging.is_progress_bar_enabled()
    library = logging.getLogger("sentence_transformers")
    before = library.level
    transformers_logging.set_verbosity_error()
    transformers_logging.disable_progress_bar()
    library.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        transformers_logging.set_verbosity(level)
        library.setLevel(before)
        if bars:
            transformers_logging.enable_progress_bar()


def _loaded(make: Callable[[], Any], folder: ModelFolder) -> Any:
    try:
        with quiet():
            return make()
    except (ValueError, OSError, KeyError, RuntimeError, ImportError) as error:
        if isinstance(error, OSError) and error.errno == 28:
            raise
        text = " ".join(str(error).split())
        if "trust_remote_code" in text:
            raise ModelError(
                f"{folder.path}: this model runs code of its own; say 'trust_remote_code: true' for it if "
                "you have read "
                "that code and trust it"
            ) from None
        raise ModelError(
            f"{folder.path}: the model could not be loaded ({type(error).__name__}: {text[:300]})"
        ) from error


def import_libraries() -> None:
    """Import what a model needs, so that it does not count as loading one."""
    import sentence_transformers  # noqa: F401


class _Batched:
    """What both kinds share: a tokenizer, a batch size, and the count of work done."""

    def __init__(self, model: Any, settings: LoadSettings) -> None:
        self.model = model
        self.settings = settings
        self.work = Work()

    @property
    def batch_size(self) -> int:
        """Texts or pairs of one forward pass."""
        return self.settings.batch_size

    @property
    def max_length(self) -> int | None:
        """Tokens the model reads, or None where it does not say."""
        length = self.model.max_seq_length
        return None if length is None else int(length)

    def _lengths(self, texts: Sequence[Any], prompt: str | None) -> tuple[NDArray[np.int64], int]:
        """Return each input's length in tokens after truncation, and how many inputs were truncated."""
        tokenizer = getattr(self.model, "tokenizer", None)
        if tokenizer is None or not getattr(tokenizer, "is_fast", False):
            characters = [len(t) if isinstance(t, str) else sum(map(len, t)) for t in texts]
            return np.asarray(characters, dtype=np.int64), 0
        put = prompt or ""
        if texts and isinstance(texts[0], str):
            columns: tuple[list[str], ...] = ([put + text for text in texts],)
        else:
            columns = ([pair[0] for pair in texts], [pair[1] for pair in texts])
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            encoded = tokenizer(
                *columns,
                padding=False,
                truncation=False,
                return_attention_mask=False,
                return_token_type_ids=False,
                verbose=False,
            )
        sizes = np.asarray([len(ids) for ids in encoded["input_ids"]], dtype=np.int64)
        limit = self.max_length
        if limit is None:
            return sizes, 0
        return np.minimum(sizes, limit), int((sizes > limit).sum())

    def _forward(
        self, inputs: Sequence[Any], output: str, prompt: str | None, task: str | None
    ) -> NDArray[np.float32]:
        """Run every input through the model, longest first, and return one output row each, in the order
        given."""
        import torch

        lengths, truncated = self._lengths(inputs, prompt)
        order = np.argsort(-lengths, kind="stable")
        extra = {} if task is None else {"task": task}
        device = self.settings.device
        plan = batches(lengths[order], self.settings.batch_size, self.settings.batch_tokens)
        rows: list[Any] = []
        passes = tokens = padded = 0

        def prepared(place: int) -> Any:
            features = self.model.preprocess([inputs[i] for i in order[plan[place]]], prompt=prompt, **extra)
            return _pinned(features) if device.startswith("cuda") else features

        # The tokenizer is one batch ahead, in a thread, and results stay on the device until the end: the
        # model never
        # waits for Python.
        with torch.inference_mode(), ThreadPoolExecutor(1) as ahead:
            coming = ahead.submit(prepared, 0)
            for place in range(len(plan)):
                features = coming.result()
                if place + 1 < len(plan):
                    coming = ahead.submit(prepared, place + 1)
                real, all_of_them = _tokens(features)
                tokens, padded = tokens + real, padded + all_of_them
                rows.append(self.model(_moved(features, device), **extra)[output].float())
                passes += 1
        self.work += Work(passes, len(inputs), tokens, padded, truncated)
        result = torch.cat(rows).cpu().numpy()
        back = np.empty_like(result)
        back[order] = result
        return back

    def _forward_at_once(
        self, inputs: Sequence[Any], output: str, how: tuple[str | None, str | None], mark: Mark
    ) -> NDArray[np.float32]:
        """As ``_forward``, for inputs of one batch: tokenised once and in this thread, as a server does a query.

        ``how`` are prompt and task. More inputs go through ``_forward``. What is too long is not counted here.
        """
        import torch

        prompt, task = how
        if len(inputs) > self.settings.batch_size:
            return self._forward(inputs, output, prompt, task)
        extra = {} if task is None else {"task": task}
        with torch.inference_mode():
            features = self.model.preprocess(list(inputs), prompt=prompt, **extra)
            mark("tokenise")
            rows = self.model(_moved(features, self.settings.device), **extra)[output].float()
            real, all_of_them = _tokens(features)
            result: NDArray[np.float32] = rows.cpu().numpy()
        self.work += Work(1, len(inputs), real, all_of_them)
        return result

    @property
    def nbytes(self) -> int:
        """Bytes of its weights."""
        return sum(part.numel() * part.element_size() for part in self.model.state_dict().values())


def batches(lengths: NDArray[np.int64], size: int, tokens: int | None) -> list[slice]:
    """Cut inputs into batches of at most ``size``, padded to at most ``tokens`` unless one alone is longer.

    Args:
        lengths: [n_inputs] tokens of each input, longest first, so that a batch is padded to its first.
    """
    found, start = [], 0
    while start < len(lengths):
        most = size if tokens is None else max(1, min(size, tokens // max(1, int(lengths[start]))))
        found.append(slice(start, min(start + most, len(lengths))))
        start = found[-1].stop
    return found


def _pinned(features: Any) -> dict[str, Any]:
    """Put a batch where the device can copy it from while the last one is still being computed."""
    return {k: v.pin_memory() if hasattr(v, "pin_memory") else v for k, v in features.items()}


def _tokens(features: Any) -> tuple[int, int]:
    """Return a batch's real tokens, and all with padding."""
    mask = features.get("attention_mask")
    return (0, 0) if mask is None else (int(mask.sum()), int(mask.numel()))


def _moved(features: Any, device: str) -> dict[str, Any]:
    return {k: v.to(device, non_blocking=True) if hasattr(v, "to") else v for k, v in features.items()}


class SentenceBiEncoder(_Batched):
    """A SentenceTransformer."""

    def __init__(self, folder: ModelFolder, settings: LoadSettings) -> None:
        from sentence_transformers import SentenceTransformer

        about = card(folder)
        if about.kind == "cross-encoder":
            raise ModelError(
                f"{folder.path}: is a cross-encoder (it classifies pairs), where a bi-encoder is asked for; "
                "name it "
                "under 'cross_encoder:'"
            )
        model = _loaded(
            lambda: SentenceTransformer(
                str(folder.path),
                device=settings.device,
                prompts=settings.prompts,
                trust_remote_code=settings.trust_remote_code,
                similarity_fn_name=settings.similarity,
                local_files_only=True,
                model_kwargs={
                    "dtype": _dtype(settings.precision),
                    "use_safetensors": None if settings.allow_pickle else True,
                },
            ),
            folder,
        )
        model.eval()
        super().__init__(model, settings)
        if settings.max_length is not None:
            model.max_seq_length = settings.max_length
        self._override_modules()
        self.similarity = str(model.similarity_fn_name)

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
        return {
            "pooling": "+".join(mode) if isinstance(mode, tuple | list) else mode,
            "normalize": any(isinstance(module, Normalize) for module in self.model),
            "similarity": self.similarity,
            "prompts": {name: prompt for name, prompt in self.model.prompts.items() if prompt},
            "max_length": self.max_length,
        }

    def encode(self, texts: Sequence[str], role: Role) -> Embeddings:
        """Return embeddings, [n_texts, dimension] float32.

        Queries and documents get the model's own prompt and route for their role; sentences its default
        prompt.
        """
        if not len(texts):
            return np.zeros((0, int(self.model.get_embedding_dimension() or 0)), dtype=np.float32)
        return self._forward(list(texts), "sentence_embedding", *self._how(role))

    def encode_in_stages(self, texts: Sequence[str], role: Role, mark: Mark) -> Embeddings:
        """As ``encode``, for a few texts at once; marks ``tokenise`` on the way."""
        return self._forward_at_once(texts, "sentence_embedding", self._how(role), mark)

    def _how(self, role: Role) -> tuple[str | None, str | None]:
        """Return prompt and task of a role."""
        if role == "sentence":
            return self.model._resolve_prompt(None, None), None
        names = ("query",) if role == "query" else ("document", "passage", "corpus")
        return next((p for p in (self.model.prompts.get(name) for name in names) if p), None), role


def _keep_head_in_fp32(model: Any) -> None:
    """Let the layer that gives the logit compute in fp32: a bf16 logit has 8 bits of mantissa and ties everywhere."""
    import torch

    heads = [
        name
        for name, module in model.named_modules()
        if type(module) is torch.nn.Linear and module.out_features == 1
    ]
    model.set_keep_in_fp32_modules(heads[-1:])


class SentenceCrossEncoder(_Batched):
    """A CrossEncoder with one output; its score is the logit unless the config pins a sigmoid."""

    def __init__(self, folder: ModelFolder, settings: LoadSettings) -> None:
        from sentence_transformers import CrossEncoder

        about = card(folder)
        if about.kind != "cross-encoder":
            what = (
                "a bi-encoder (it embeds single texts)"
                if about.kind == "bi-encoder"
                else "a backbone without a head"
            )
            raise ModelError(f"{folder.path}: is {what}, where a cross-encoder is asked for")
        model = _loaded(
            lambda: CrossEncoder(
                str(folder.path),
                device=settings.device,
                trust_remote_code=settings.trust_remote_code,
                local_files_only=True,
                model_kwargs={
                    "dtype": _dtype(settings.precision),
                    "use_safetensors": None if settings.allow_pickle else True,
                },
            ),
            folder,
        )
        model.eval()
        if model.num_labels != 1:
            raise ModelError(f"{folder.path}: has {model.num_labels} outputs; a reranker has one")
        if settings.precision != "fp32":
            _keep_head_in_fp32(model)
        super().__init__(model, settings)
        if settings.max_length is not None:
            model.max_seq_length = settings.max_length

    def describe(self) -> dict[str, Any]:
        """What is really used, whoever said it."""
        return {"activation": self.settings.activation, "max_length": self.max_length}

    def score(self, pairs: Sequence[tuple[str, str]]) -> NDArray[np.float32]:
        """Return one score a pair, [n_pairs] float32."""
        if not len(pairs):
            return np.zeros(0, dtype=np.float32)
        return self._activated(self._forward(list(pairs), "scores", None, None))

    def score_in_stages(self, pairs: Sequence[tuple[str, str]], mark: Mark) -> NDArray[np.float32]:
        """As ``score``, for a few pairs at once; marks ``tokenise`` on the way."""
        return self._activated(self._forward_at_once(pairs, "scores", (None, None), mark))

    def _activated(self, outputs: NDArray[np.float32]) -> NDArray[np.float32]:
        logits = outputs.reshape(-1)
        if self.settings.activation == "sigmoid":
            return np.asarray(1 / (1 + np.exp(-logits.astype(np.float64))), dtype=np.float32)
        return logits
