"""What a folder's own configuration says about the model in it. No torch here, and weights are not touched."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from harness.errors import ModelError
from harness.models.folders import ModelFolder

Kind = Literal["bi-encoder", "cross-encoder", "backbone"]
_UNLIMITED = 10**6  # a tokenizer that says 1e30 says nothing


@dataclass(frozen=True)
class Card:
    """What a folder says."""

    kind: Kind
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
    architectures = transformer.get("architectures") or ()
    classifier = any("ForSequenceClassification" in str(name) for name in architectures)
    kind: Kind = "backbone"
    if library.get("model_type") == "CrossEncoder" or classifier:
        kind = "cross-encoder"
    elif modules:
        kind = "bi-encoder"
    types = [module["type"].rsplit(".", 1)[-1] for module in modules]
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
