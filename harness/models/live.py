"""Objects given in Python in place of a model's name: used as they are, known by their weights, never changed."""

from __future__ import annotations

import copy
import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from harness.config import MODEL_KINDS
from harness.errors import ModelError
from harness.models import custom
from harness.models.batching import LoadSettings
from harness.models.protocols import BiEncoder, CrossEncoder, Embeddings, Role
from harness.values import digest

#: Classes of sentence-transformers, each with its key in a config.
_LIBRARY = {
    "SentenceTransformer": "bi_encoder",
    "CrossEncoder": "cross_encoder",
    "SparseEncoder": "sparse_encoder",
    "MultiVectorEncoder": "multi_vector",
}
#: Whose modules do nothing but what their weights and settings say.
_KNOWN = ("torch.", "transformers.", "sentence_transformers.")
_PLAIN = (bool, int, float, str, type(None))
_PATHS = ("name_or_path", "model_name_or_path", "cache_dir", "tokenizer_name_or_path")
_FORMS = (
    "a SentenceTransformer, CrossEncoder, SparseEncoder or MultiVectorEncoder, an object with encode(texts, role) and "
    "similarity, an object with score(pairs), or a function texts -> array [n_texts, dimension]"
)


@dataclass(frozen=True, eq=False)
class Live:
    """An object in place of a model's name.

    Attributes:
        kind: the key of a config that it stands under.
        name: its class, or a function's name.
        value: the object.
        files: SHA-256 of its weights, and of the settings beside them; empty where it has none that can be read.
        kept: whether these are all that its answers depend on, so that these may be kept.
        precision, device: of the weights; empty where it has none.
    """

    kind: str
    name: str
    value: Any
    files: dict[str, str] = field(default_factory=dict)
    kept: bool = False
    precision: str = ""
    device: str = ""

    @property
    def of_library(self) -> bool:
        """Whether it is a model of sentence-transformers."""
        return library_kind(self.value) is not None


def library_kind(value: Any) -> str | None:
    """Return the key of a model of sentence-transformers; None for any other object."""
    for one in type(value).__mro__:
        if one.__module__.startswith("sentence_transformers.") and one.__name__ in _LIBRARY:
            return _LIBRARY[one.__name__]
    return None


def found(value: Any, kind: str | None = None) -> Live:
    """Look at an object, told to be of a ``kind`` or not. Raises ModelError for what is no model."""
    own = library_kind(value)
    if own is not None:
        if kind not in (None, own):
            raise ModelError(f"a {type(value).__name__} is given as {kind!r}; it belongs under {own!r}")
        files, kept = _identified(value)
        precision = str(next((p.dtype for p in value.parameters()), "torch.float32")).removeprefix("torch.")
        short = {"float32": "fp32", "float16": "fp16", "bfloat16": "bf16"}
        return Live(
            own, type(value).__name__, value, files, kept, short.get(precision, precision), str(value.device)
        )
    if isinstance(value, type):
        raise ModelError(f"{value.__name__} is a class, and an object is wanted: call it")
    name = getattr(value, "__name__", type(value).__name__)
    fits = [
        key
        for key, protocol in (("bi_encoder", BiEncoder), ("cross_encoder", CrossEncoder))
        if isinstance(value, protocol)
    ]
    if kind is None and len(fits) > 1:
        raise ModelError(
            f"a {name} both encodes and scores; say which: {{bi_encoder: object}} or {{cross_encoder: object}}"
        )
    if kind is None and not fits and not callable(value):
        raise ModelError(f"a {name} is no model; one is {_FORMS}")
    chosen = kind or (fits[0] if fits else "bi_encoder")
    if chosen not in fits and not (callable(value) and chosen in ("bi_encoder", "cross_encoder")):
        raise ModelError(f"a {name} cannot be used as {chosen!r}; what can be given is {_FORMS}")
    return Live(chosen, name, value)


def make(live: Live, similarity: str | None, settings: LoadSettings) -> Any:
    """Return what encodes or scores by an object. Raises ModelError.

    A model of the library is copied but for its weights, which are shared: what is set here is not set on it.
    """
    if not live.of_library:
        return _of_protocol(live, similarity)
    from importlib import import_module

    module, _, name = MODEL_KINDS[live.kind].made_by.partition(":")
    model = _copied(live)
    if similarity is not None:
        model.similarity_fn_name = similarity
    return getattr(import_module(module), name).adopted(model, settings, f"the {live.name} that was given")


def _of_protocol(live: Live, similarity: str | None) -> Any:
    bi = live.kind == "bi_encoder"
    value, what = live.value, f"the {live.name} that was given"
    if not isinstance(value, BiEncoder if bi else CrossEncoder):
        value, what = (_Encodes(value) if bi else _Scores(value)), f"the function {live.name}"
    return custom.held(value, what, MODEL_KINDS[live.kind].name, similarity)


class _Encodes:
    """A function ``texts -> array`` as a bi-encoder; its embeddings are compared by cosine unless said."""

    similarity = "cosine"

    def __init__(self, function: Callable[[list[str]], Any]) -> None:
        self._function = function

    def encode(self, texts: Sequence[str], role: Role) -> Embeddings:
        """Return what it returns, as fp32 where it is an array."""
        answer: Embeddings = _array(self._function(list(texts)))
        return answer


class _Scores:
    """A function ``pairs -> array`` as a cross-encoder."""

    def __init__(self, function: Callable[[list[tuple[str, str]]], Any]) -> None:
        self._function = function

    def score(self, pairs: Sequence[tuple[str, str]]) -> Any:
        """Return what it returns, as fp32 where it is an array."""
        return _array(self._function(list(pairs)))


def _array(answer: Any) -> Any:
    """An array of another precision, a tensor or a list of numbers as fp32; anything else as it is."""
    if hasattr(answer, "detach"):
        answer = answer.detach().cpu().float().numpy()
    if isinstance(answer, list | tuple):
        try:
            answer = np.asarray(answer)
        except ValueError:  # rows of different lengths
            return answer
    numbers = isinstance(answer, np.ndarray) and answer.dtype.kind in "fiu"
    return answer.astype(np.float32, copy=False) if numbers else answer


def _copied(live: Live) -> Any:
    """A copy that shares every tensor, so that neither its mode nor its limits change what was given."""
    model = live.value
    shared: list[Any] = [*model.parameters(), *model.buffers()]
    card = getattr(model, "model_card_data", None)  # may hold a trainer, and with it data sets
    memo = {id(one): one for one in (*shared, card) if one is not None}
    try:
        made = copy.deepcopy(model, memo)
    except Exception as error:
        raise ModelError(
            f"the {live.name} that was given cannot be copied ({type(error).__name__}: {error}); save it to a "
            "folder, and name that"
        ) from error
    made.eval()
    return made


def _identified(model: Any) -> tuple[dict[str, str], bool]:
    """SHA-256 of weights and of settings, and whether these are all that a model's answers depend on."""
    if getattr(model, "backend", "torch") != "torch":
        return {}, False
    try:
        files = {"weights": _weights(model), "settings": digest(list(_settings(model)))}
    except (RuntimeError, TypeError, NotImplementedError):  # weights that are no plain tensors
        return {}, False
    return files, _plain(model)


def _weights(model: Any) -> str:
    """SHA-256 over the state dict: each tensor's name, type, shape and bytes."""
    import torch

    sha = hashlib.sha256()
    for name, tensor in model.state_dict().items():
        sha.update(f"{name} {tensor.dtype} {list(tensor.shape)} ".encode())
        flat = tensor.detach().cpu().contiguous().reshape(-1)
        sha.update(flat.view(torch.uint8).numpy().data)
    return sha.hexdigest()


def _settings(model: Any) -> Iterator[Any]:
    """What a model's answers depend on beside its weights."""
    for name, module in model.named_modules():
        yield [name, _class(module), module.extra_repr(), _attributes(module)]
        config: Any = getattr(module, "config", None)
        if hasattr(config, "to_dict") and not isinstance(config, dict):
            said = {key: value for key, value in config.to_dict().items() if key != "transformers_version"}
            yield json.dumps(
                {key: v for key, v in said.items() if key not in ("_name_or_path", *_PATHS)}, default=str
            )
            yield str(getattr(config, "_attn_implementation", ""))
        tokenizer = getattr(module, "tokenizer", None)
        if tokenizer is not None:
            yield _tokenizer(tokenizer)
    yield [
        getattr(model, name, None)
        for name in (
            "prompts",
            "default_prompt_name",
            "similarity_fn_name",
            "truncate_dim",
            "max_active_dims",
        )
    ]
    yield str(getattr(model, "max_seq_length", None))


def _attributes(module: Any) -> list[Any]:
    """A module's own plain values: how it pools, what it leaves out."""
    said = []
    for name, value in sorted(vars(module).items()):
        if name.startswith("_") or name in ("training", *_PATHS):
            continue
        plain = isinstance(value, _PLAIN) or (
            isinstance(value, list | tuple) and all(isinstance(one, _PLAIN) for one in value)
        )
        if plain:
            said.append([name, value])
    return said


def _tokenizer(tokenizer: Any) -> Any:
    """A tokenizer's rules; how it cuts and pads is set anew whenever it is asked."""
    backend = getattr(tokenizer, "backend_tokenizer", tokenizer)
    rules = (
        json.loads(backend.to_str()) if hasattr(backend, "to_str") else sorted(tokenizer.get_vocab().items())
    )
    if isinstance(rules, dict):
        rules = {key: value for key, value in rules.items() if key not in ("truncation", "padding")}
    own = [
        str(getattr(tokenizer, key, None)) for key in ("model_max_length", "padding_side", "truncation_side")
    ]
    return [_class(tokenizer), rules, own]


def _plain(model: Any) -> bool:
    """Whether every part is of the libraries, without hooks and with its class's own methods."""
    for module in model.modules():
        if not _class(module).startswith(_KNOWN):
            return False
        if module._forward_hooks or module._forward_pre_hooks:
            return False
        replaced = [
            name for name, value in vars(module).items() if callable(value) and hasattr(type(module), name)
        ]
        if any(not name.startswith("_") for name in replaced):
            return False
    return True


def _class(value: Any) -> str:
    return f"{type(value).__module__}.{type(value).__qualname__}"
