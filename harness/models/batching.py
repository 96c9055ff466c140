"""What bi-encoders and cross-encoders of sentence-transformers share: batches, and the count of work done.

Texts are batched by token length, not by characters, so that little is padded; the batch size is pinned and
recorded, because it moves the last bits.
"""

from __future__ import annotations

import hashlib
import warnings
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from harness.errors import ModelError
from harness.models import beginnings, checks, passages
from harness.models.library import is_the_models, one_line
from harness.models.protocols import Mark, Role, Work
from harness.search.passages import Passages

#: What a tokenised text may have, for its tokens to be all that a model makes its answer of.
_KNOWN = frozenset(
    {"input_ids", "attention_mask", "token_type_ids", "modality", "prompt_length", "logits_to_keep"}
)
_TOKENISED_AT_ONCE = 1024


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
    max_active_dims: int | None = None  # of a sparse encoder's embeddings
    backend: str = "torch"
    file: str | None = None  # of the folder, where the backend is not torch
    trust_remote_code: bool = False
    allow_pickle: bool = False


def dtype(precision: str) -> Any:
    """The torch type of a precision."""
    import torch

    return {"fp32": torch.float32, "fp16": torch.float16, "bf16": torch.bfloat16}[precision]


class Batched:
    """A tokenizer, a batch size, and the count of work done.

    ``where`` names the model in messages, ``output`` is the name of what it answers with. Raises ModelError for
    a tokenizer that cannot make batches, where batches are asked for.
    """

    output: str

    def __init__(self, model: Any, settings: LoadSettings, where: str) -> None:
        self.model = model
        self.settings = settings
        self.where = where
        self.work = Work()
        self.batch_done: Callable[[int], None] = lambda done: None
        #: Tokens the model reads, or None where there is no end or it does not say.
        self.max_length = checks.limit_length(model, settings.max_length, where)
        self._alone = checks.without_padding(model, settings.batch_size, where)
        self._bare = checks.adds_nothing(model)
        self._rows = checks.vocabulary_rows(model)

    @property
    def batch_size(self) -> int:
        """Texts or pairs of one forward pass."""
        return self.settings.batch_size

    @property
    def remarks(self) -> tuple[str, ...]:
        """Sentences about what one might expect of the model and it does not do."""
        if self._rows is None:
            return ()
        return (
            f"its tokenizer knows more tokens than the {self._rows} that the model has vectors for; a text with one "
            "of the others ends the run",
        )

    def _truncated(self, rows: Any) -> Any:
        """Cut answers, [n_inputs, ...], to what is asked for."""
        return rows

    def _kept(self, rows: Any, features: Any) -> Any:
        """Return a batch's answers as they wait for the others; ``features`` are what the model made of its texts."""
        return rows

    def _joined(self, kept: Sequence[Any], order: NDArray[np.int64]) -> Any:
        """Return the answers of all batches in the order in which the inputs came; ``order``: that of the batches."""
        import torch

        result = torch.cat(list(kept)).cpu().numpy()
        back = np.empty_like(result)
        back[order] = result
        return back

    def _nothing(self, inputs: Sequence[Any]) -> Any:
        """The answers of inputs that have no token at all, [n_inputs, ...]. Raises ModelError where there is none."""
        raise NotImplementedError

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
            columns = ([put + pair[0] for pair in texts], [pair[1] for pair in texts])
        with warnings.catch_warnings(), self._telling(texts, "tokenising"):
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

    def _forward(self, inputs: Sequence[Any], prompt: str | None, task: str | None = None) -> Any:
        """Run every input through the model, longest first, and return one answer each, in the order given."""
        import torch

        inputs = self._read_only(inputs)
        lengths, truncated = self._lengths(inputs, prompt)
        order = np.argsort(-lengths, kind="stable")
        extra = {} if task is None else {"task": task}
        device = self.settings.device
        plan = batches(lengths[order], self.settings.batch_size, self.settings.batch_tokens)
        rows: list[Any] = []
        passes = tokens = padded = 0

        def chosen(place: int) -> list[Any]:
            return [inputs[i] for i in order[plan[place]]]

        def prepared(place: int) -> Any:
            features = self._prepared(chosen(place), prompt, extra)
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
                rows.append(self._answers(chosen(place), features, extra))
                passes += 1
                self.batch_done(plan[place].stop - plan[place].start)
        self.work += Work(passes, len(inputs), tokens, padded, truncated)
        return self._joined(rows, order)

    def _encoded(self, texts: list[str], how: tuple[str | None, str | None], role: Role) -> Any:
        """As ``_forward``, for texts of one role; queries that are cut are counted apart. ``how``: prompt and task."""
        before = self.work.truncated
        vectors = self._forward(texts, *how)
        if role == "query":
            self.work += Work(queries=len(texts), cut_queries=self.work.truncated - before)
        return vectors

    def _forward_at_once(self, inputs: Sequence[Any], how: tuple[str | None, str | None], mark: Mark) -> Any:
        """As ``_forward``, for inputs of one batch: tokenised once and in this thread, as a server does a query.

        ``how`` are prompt and task. More inputs go through ``_forward``. What is too long is not counted here.
        """
        import torch

        prompt, task = how
        if len(inputs) > self.settings.batch_size:
            return self._forward(inputs, prompt, task)
        extra = {} if task is None else {"task": task}
        inputs = self._read_only(inputs)
        with torch.inference_mode():
            features = self._prepared(inputs, prompt, extra)
            mark("tokenise")
            real, all_of_them = _tokens(features)
            result = self._joined([self._answers(inputs, features, extra)], np.arange(len(inputs)))
        self.work += Work(1, len(inputs), real, all_of_them)
        return result

    def _read_only(self, inputs: Sequence[Any]) -> list[Any]:
        """Return inputs, very long ones cut where the model has long stopped reading."""
        return beginnings.read_only(inputs, getattr(self.model, "tokenizer", None), self.max_length)

    def _prepared(self, inputs: list[Any], prompt: str | None, extra: dict[str, str]) -> Any:
        """Return inputs as the model takes them. Raises ModelError for a token that the model does not know."""
        more = {**extra, "processing_kwargs": {"text": {"padding": False}}} if self._alone else extra
        with self._telling(inputs, "tokenising"):
            features = self.model.preprocess(inputs, prompt=prompt, **more)
        if self._rows is not None and features["input_ids"].numel():
            checks.check_tokens(features["input_ids"], self._rows, inputs, self.where)
        return features

    def _answers(self, inputs: Sequence[Any], features: Any, extra: dict[str, str]) -> Any:
        """Return a batch's answers, [n_inputs, ...] fp32 on its device, or as ``_kept`` has them."""
        bare = _without_tokens(features) if self._bare else None
        if bare is not None and bool(bare.all()):
            return self._kept(self._nothing(inputs), features)
        with self._telling(inputs, "computing"):
            answered = self.model(_moved(features, self.settings.device), **extra)
            rows = self._truncated(answered[self.output].float())
        if bare is not None and bool(bare.any()):
            some = bare.nonzero().flatten().tolist()
            rows[bare.to(rows.device)] = self._nothing([inputs[i] for i in some]).to(rows)
        return self._kept(rows, answered)

    def token_digests(self, inputs: Sequence[Any], role: Role) -> NDArray[np.uint8] | None:
        """Return a digest of each input's tokens with its prompt, [n_inputs, 16]; None where they cannot be seen."""
        raise NotImplementedError

    def _digests(self, inputs: Sequence[Any], how: tuple[str | None, str | None]) -> NDArray[np.uint8] | None:
        """A digest of what each input is to the model, [n_inputs, 16]; None where its tokens cannot be seen."""
        prompt, task = how
        extra = {} if task is None else {"task": task}
        found = b""
        inputs = self._read_only(inputs)
        for low in range(0, len(inputs), _TOKENISED_AT_ONCE):
            features = self._prepared(list(inputs[low : low + _TOKENISED_AT_ONCE]), prompt, extra)
            rows = _token_rows(features)
            if rows is None:
                return None
            found += b"".join(hashlib.blake2b(row, digest_size=16).digest() for row in rows)
        return np.frombuffer(found, dtype=np.uint8).reshape(-1, 16)

    def room(self, queries: Sequence[str] = ()) -> int | None:
        """Return how many tokens of a document are read, beside what the model adds; None where there is no end.

        ``queries``: what a document is read together with, of which the longest counts; nothing to an encoder.
        """
        return passages.room(self.model, self._tokens_read, self.max_length, self.where)

    def spans(self, texts: Sequence[str], how: Passages, most: int | None) -> list[list[passages.Span]]:
        """Return the passages of each text, in characters, none of more than ``most`` tokens."""
        return passages.spans(self.model, texts, how, most, self.where)

    def _tokens_read(self, text: str) -> int:
        """Return how many tokens the model reads of a document, with what it adds."""
        raise NotImplementedError

    def _count(self, given: Any, how: tuple[str | None, str | None]) -> int:
        prompt, task = how
        features = self._prepared([given], prompt, {} if task is None else {"task": task})
        return _tokens(features)[0] or int(features["input_ids"].numel())

    @contextmanager
    def _telling(self, inputs: Sequence[Any], doing: str) -> Iterator[None]:
        """Raise what the model's own code raises as a ModelError that names the model and the first input."""
        try:
            yield
        except Exception as error:
            if not is_the_models(error):
                raise
            of = (
                f"{len(inputs)} texts, the first {inputs[0]!r:.80}"
                if len(inputs) > 1
                else f"{inputs[0]!r:.80}"
            )
            hint = "; 'batch_size: 1' needs no padding" if "padding token" in str(error) else ""
            raise ModelError(
                f"{self.where}: {doing} {of} failed in the model's own code ({type(error).__name__}: "
                f"{one_line(error)}){hint}"
            ) from error

    @property
    def nbytes(self) -> int:
        """Bytes of its weights."""
        own = sum(part.numel() * part.element_size() for part in self.model.state_dict().values())
        return int(own + getattr(getattr(self.model[0], "model", None), "n_bytes", 0))


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


def _without_tokens(features: Any) -> Any:
    """Which of a batch's inputs have no token, [n_inputs] booleans; None where that cannot be seen."""
    mask = features.get("attention_mask")
    return None if mask is None or mask.ndim != 2 else mask.sum(dim=1) == 0


def _token_rows(features: Any) -> list[bytes] | None:
    """Return each input's tokens without padding, as bytes; None where they cannot be seen."""
    ids, mask, starts = (features.get(name) for name in ("input_ids", "attention_mask", "offsets"))
    if ids is None:
        return None
    if starts is not None:  # static embeddings: all texts' tokens in one row
        flat, ends = ids.numpy(), [*starts.tolist()[1:], len(ids)]
        return [flat[low:high].tobytes() for low, high in zip(starts.tolist(), ends, strict=True)]
    if mask is None or mask.shape != ids.shape or set(features) - _KNOWN:
        return None
    kinds = features.get("token_type_ids")
    columns = [ids.numpy()] + ([] if kinds is None else [kinds.numpy()])
    kept = mask.numpy().astype(bool)
    return [b"|".join(column[i][kept[i]].tobytes() for column in columns) for i in range(len(ids))]


def _pinned(features: Any) -> dict[str, Any]:
    """Put a batch where the device can copy it from while the last one is still being computed."""
    return {k: v.pin_memory() if hasattr(v, "pin_memory") else v for k, v in features.items()}


def _tokens(features: Any) -> tuple[int, int]:
    """Return a batch's real tokens, and all with padding."""
    mask = features.get("attention_mask")
    return (0, 0) if mask is None else (int(mask.sum()), int(mask.numel()))


def _moved(features: Any, device: str) -> dict[str, Any]:
    return {k: v.to(device, non_blocking=True) if hasattr(v, "to") else v for k, v in features.items()}
