"""The untrained model: a backbone's first layers, with a pooling or a head on top."""

from __future__ import annotations

from typing import Any

from harness.errors import ModelError
from harness.models.folders import ModelFolder
from harness.train.objectives import ObjectiveSettings, PoolingName

_LAYERS = ("num_hidden_layers", "n_layers", "num_layers")
_DROPOUTS = ("hidden_dropout_prob", "attention_probs_dropout_prob", "dropout", "attention_dropout")


def untrained(said: ObjectiveSettings, base: ModelFolder) -> Any:
    """Return a SentenceTransformer or a CrossEncoder with one output. Raises ModelError."""
    import torch

    from harness.models import device as devices

    torch.manual_seed(said.seed)
    device = devices.resolve(said.device)
    changes = config_changes(said, base)
    if said.kind == "cross-encoder":
        from sentence_transformers import CrossEncoder

        return CrossEncoder(
            str(base.path),
            num_labels=1,
            device=device,
            max_length=said.max_length,
            local_files_only=True,
            config_kwargs=changes,
            model_kwargs={"use_safetensors": True},
        )
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.base.modules import Transformer

    folder = base.path if (base.path / "config.json").is_file() else base.path / "0_Transformer"
    transformer = Transformer(
        str(folder),
        max_seq_length=said.max_length,
        config_kwargs={**changes, "local_files_only": True},
        model_kwargs={"use_safetensors": True, "local_files_only": True},
        processor_kwargs={"local_files_only": True},
    )
    dimension = int(transformer.get_embedding_dimension())
    modules = [transformer, *_pooling(said.pooling or "mean", dimension)]
    return SentenceTransformer(modules=modules, device=device)


def config_changes(said: ObjectiveSettings, base: ModelFolder) -> dict[str, Any]:
    """Return what a recipe changes of a backbone's configuration. Raises ModelError for layers it has not."""
    about = base.json("config.json", "0_Transformer/config.json")
    changes: dict[str, Any] = {}
    if said.layers is not None:
        key = next((name for name in _LAYERS if isinstance(about.get(name), int)), None)
        if key is None:
            raise ModelError(
                f"{base.path}: layers: {said.layers} is asked for, and config.json does not say how many it has"
            )
        if said.layers > about[key]:
            raise ModelError(
                f"{base.path}: layers: {said.layers} is asked for, and this backbone has {about[key]}; valid are 1 to "
                f"{about[key]}"
            )
        changes[key] = said.layers
    if said.dropout is not None:
        known = [name for name in _DROPOUTS if name in about]
        if not known:
            raise ModelError(
                f"{base.path}: dropout: {said.dropout} is asked for, and this backbone names none"
            )
        changes |= dict.fromkeys(known, said.dropout)
    limit = about.get("max_position_embeddings")
    if isinstance(limit, int) and said.max_length > limit:
        raise ModelError(
            f"{base.path}: max_length {said.max_length} is more than the {limit} positions it has"
        )
    return changes


def _pooling(name: PoolingName, dimension: int) -> list[Any]:
    """Return the modules after the transformer; ``linear-max`` is a linear layer on each token, max, unit length."""
    from sentence_transformers.base.modules import Dense, Normalize
    from sentence_transformers.sentence_transformer.modules import Pooling

    if name != "linear-max":
        return [Pooling(dimension, name)]
    linear = Dense(dimension, dimension, activation_function=None, module_input_name="token_embeddings")
    return [linear, Pooling(dimension, "max"), Normalize()]
