"""What a folder's own configuration says about the model in it. No torch here, and weights are not touched."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from harness.config import MODEL_KINDS
from harness.errors import ModelError
from harness.models.folders import ModelFolder

#: What else a folder may hold: what it is, in words, and the key that it belongs under.
_RAW = {
    "masked-lm": ("a masked language model, as SPLADE is", "sparse_encoder"),
    "backbone": ("a backbone without a head", "bi_encoder"),
}
#: The same of every kind of folder.
_SAID = {kind.name: (f"a {kind.called} ({kind.does})", key) for key, kind in MODEL_KINDS.items()} | _RAW
_UNLIMITED = 10**6  # a tokenizer that says 1e30 says nothing


@dataclass(frozen=True)
class Card:
    """What a folder says; ``kind`` is the name of one of ``MODEL_KINDS``, or what ``_RAW`` names."""

    kind: str
    max_length: int | None = None
    pooling: str | None = None
    normalize: bool = False
    similarity: str = "cosine"
    prompts: Mapping[str, str] = field(default_factory=dict)


def card(folder: ModelFolder) -> Card:
    """Read a folder's configuration files. Raises ModelError for one of another shape."""
    modules = folder.modules()
    library = folder.json("config_sentence_transformers.json")
    transformer = folder.json("config.json")
    lengths = folder.json("sentence_bert_config.json", "0_Transformer/sentence_bert_config.json")
    length = lengths.get("max_seq_length") or folder.json("tokenizer_config.json").get("model_max_length")
    limit = transformer.get("max_position_embeddings")
    known = [value for value in (length, limit) if isinstance(value, int) and 0 < value < _UNLIMITED]
    types = [module["type"].rsplit(".", 1)[-1] for module in modules]
    kind = _kind(
        str(library.get("model_type")), types, list(map(str, transformer.get("architectures") or ()))
    )
    pooling = None
    for module in modules:
        if module["type"].endswith("Pooling"):
            pooling = _pooling_name(folder.json(f"{module['path']}/config.json"))
    return Card(
        kind=kind,
        max_length=min(known) if known else None,
        pooling=pooling,
        normalize="Normalize" in types,
        similarity=str(library.get("similarity_fn_name") or "cosine"),
        prompts=_prompts(folder, library.get("prompts")),
    )


def _kind(said: str, modules: Sequence[str], architectures: Sequence[str]) -> str:
    for kind in MODEL_KINDS.values():
        if said in kind.said:
            return kind.name
    for kind in MODEL_KINDS.values():
        if any(name in kind.modules for name in modules):
            return kind.name
    if any("ForSequenceClassification" in name for name in architectures):
        return "cross-encoder"
    if modules:
        return "bi-encoder"
    if any(name == "HF_ColBERT" or name.endswith("ForRetrieval") for name in architectures):
        return "multi-vector"
    return "masked-lm" if any(name.endswith("ForMaskedLM") for name in architectures) else "backbone"


def key_for(folder: ModelFolder) -> str:
    """Return the key of a config under which a folder's model belongs. Raises ModelError."""
    return _SAID[card(folder).kind][1]


def check_kind(folder: ModelFolder, asked: str, pooling: str | None = None) -> None:
    """Raise ModelError, with the right key named, for a folder of another kind than ``asked``, a key of a config.

    ``pooling``: as the config says it; with one, a masked language model's hidden states are a bi-encoder's.
    """
    kind = card(folder).kind
    what, key = _SAID[kind]
    if key == asked or (kind == "masked-lm" and pooling is not None):
        return
    head = folder.json("config.json").get("architectures") or ["no architecture in config.json"]
    if asked == "sparse_encoder":
        what += f" and has no masked-language-model head to weigh words with ({', '.join(map(str, head))})"
    if asked == "bi_encoder" and kind == "masked-lm":
        what += f" ({', '.join(map(str, head))})"
    hint = f"name it under '{key}:'"
    if kind == "masked-lm" and asked == "bi_encoder":
        hint += ", or say 'pooling: mean' if its hidden states are what you want"
    raise ModelError(f"{folder.path}: is {what}, where a {MODEL_KINDS[asked].called} is asked for; {hint}")


def _prompts(folder: ModelFolder, given: Any) -> dict[str, str]:
    given = {} if given is None else given
    if not isinstance(given, dict) or not all(isinstance(text, str | None) for text in given.values()):
        file = folder.path / "config_sentence_transformers.json"
        raise ModelError(f"{file}: 'prompts' is to be texts by name, and holds {given!r:.80}")
    return {name: text for name, text in given.items() if text}


def _pooling_name(config: Mapping[str, Any]) -> str:
    if "pooling_mode" in config:
        mode = config["pooling_mode"]
        return "+".join(map(str, mode)) if isinstance(mode, list) else str(mode)
    names = {
        "pooling_mode_cls_token": "cls",
        "pooling_mode_mean_tokens": "mean",
        "pooling_mode_max_tokens": "max",
        "pooling_mode_mean_sqrt_len_tokens": "mean_sqrt_len_tokens",
        "pooling_mode_weightedmean_tokens": "weightedmean",
        "pooling_mode_lasttoken": "lasttoken",
    }
    return "+".join(name for key, name in names.items() if config.get(key)) or "mean"
