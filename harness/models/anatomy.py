"""What a folder's files say about the weights in them, read from their heads alone: no torch, nothing built.

A model is built from its configuration before its weights are looked at, so that a configuration of ten million
layers, a file cut short or a shard that was not copied would otherwise be found late, or never.

The format: https://huggingface.co/docs/safetensors, "Format".
"""

from __future__ import annotations

import json
import struct
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from harness.errors import ModelError, listed

_LENGTH = 8  # bytes of the little-endian number that says how long the header is
_LONGEST = 100_000_000  # bytes of a header, as the format has it
_LAYERS = ("num_hidden_layers", "num_layers", "n_layers", "n_layer", "num_decoder_layers", "encoder_layers")
_WIDTHS = (
    "hidden_size", "d_model", "n_embd", "dim", "vocab_size", "intermediate_size", "d_ff", "n_inner", "ffn_dim",
    "hidden_dim",
)  # fmt: skip
_POSITIONS = ("max_position_embeddings", "n_positions")
_POSITION_TABLES = ("position_embeddings", "wpe", "embed_positions")
_FEW = 256  # layers that take no time to build, whatever the weights say

#: A file's tensors by name, each with its shape.
Tensors = Mapping[str, tuple[int, ...]]


def check(root: Path) -> None:
    """Check every safetensors file below a model's folder, and each configuration against the weights beside it.

    Raises ModelError for a file that is cut short or no safetensors, a shard that is not there, and a
    configuration of more layers or wider ones than there are weights for.
    """
    for index in sorted(root.rglob("*.safetensors.index.json")):
        _check_shards(index)
    found: dict[Path, dict[str, tuple[int, ...]]] = {}
    for file in sorted(root.rglob("*.safetensors")):
        found.setdefault(file.parent, {}).update(tensors(file))
    for folder, held in found.items():
        config = folder / "config.json"
        if config.is_file() and not (folder / "adapter_config.json").is_file():
            _check_sizes(config, held)


def tensors(file: Path) -> Tensors:
    """Return a safetensors file's tensors by name, with their shapes; only its header is read.

    Raises ModelError where it is none, or is longer or shorter than its header says.
    """
    size = file.stat().st_size
    with file.open("rb") as stream:
        begun = stream.read(_LENGTH)
        length = struct.unpack("<Q", begun)[0] if len(begun) == _LENGTH else 0
        if begun == b"version ":
            raise ModelError(
                f"{file}: is a pointer of Git LFS, {size} bytes, not the weights; 'git lfs pull' in the folder "
                "brings them"
            )
        if not 1 < length <= min(_LONGEST, size - _LENGTH):
            raise ModelError(f"{file}: is no safetensors file, or damaged ({size:,} bytes); copy it again")
        head = stream.read(length)
    try:
        header = {name: entry for name, entry in json.loads(head).items() if name != "__metadata__"}
        shapes = {name: tuple(int(side) for side in entry["shape"]) for name, entry in header.items()}
        ends = [int(entry["data_offsets"][1]) for entry in header.values()]
    except (ValueError, AttributeError, KeyError, TypeError, IndexError):
        raise ModelError(
            f"{file}: its header is damaged, so its weights cannot be read; copy it again"
        ) from None
    expected = _LENGTH + length + max(ends, default=0)
    if size != expected:
        how = "cut short" if size < expected else "longer than it should be"
        raise ModelError(
            f"{file}: is {how}, {size:,} bytes where its header says {expected:,}; copy or download it again"
        )
    return shapes


def _check_shards(index: Path) -> None:
    try:
        names = set(json.loads(index.read_text(encoding="utf-8"))["weight_map"].values())
        missing = sorted(name for name in names if not (index.parent / name).is_file())
    except (ValueError, AttributeError, KeyError, TypeError):
        raise ModelError(f"{index}: is damaged; copy it again") from None
    if missing:
        raise ModelError(
            f"{index.parent}: {len(missing)} of its {len(names)} files of weights are not there: {listed(missing)}"
        )


def _check_sizes(config: Path, held: Tensors) -> None:
    """Raise ModelError for sizes that no weight answers to, before anything of such a size is built."""
    try:
        given = json.loads(config.read_text(encoding="utf-8"))
    except (ValueError, OSError):
        return  # said elsewhere, with what is wrong
    if not held or not isinstance(given, dict):
        return
    largest = max((side for shape in held.values() for side in shape), default=0)
    tables = [
        shape[0]
        for name, shape in held.items()
        if name.split(".")[-2:-1] and name.split(".")[-2] in _POSITION_TABLES
    ]
    for key, value in _sizes(given):
        if key in _LAYERS and value > max(_FEW, len(held)):
            has = f"the weights beside it are {len(held)} tensors"
        elif key in _WIDTHS and value > largest:
            has = f"no tensor of the weights beside it has a side longer than {largest}"
        elif key in _POSITIONS and tables and value > max(tables):
            has = f"the weights beside it hold {max(tables)} positions"
        else:
            continue
        raise ModelError(f"{config}: says {key} {value:,}, and {has}; one of the two is of another model")


def _sizes(given: Mapping[str, Any]) -> Iterator[tuple[str, int]]:
    """Yield every key with a whole number, of the configuration and of those inside it."""
    for key, value in given.items():
        if isinstance(value, dict):
            yield from _sizes(value)
        elif isinstance(value, int) and not isinstance(value, bool):
            yield key, value


__all__ = ["Tensors", "check", "tensors"]
