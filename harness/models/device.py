"""Which device a model runs on, and how many threads torch may use."""

from __future__ import annotations

from typing import Any

from harness.errors import ModelError


def resolve(name: str) -> str:
    """Return a torch device for ``auto``, ``cpu``, ``cuda``, ``cuda:N`` or ``mps``.

    Raises ModelError where this machine has no such device.
    """
    import torch

    if name == "auto":
        if torch.cuda.is_available():
            return "cuda:0"
        return "mps" if torch.backends.mps.is_available() else "cpu"
    if name.startswith("cuda"):
        if not torch.cuda.is_available():
            build = f"torch {torch.__version__}" + ("" if torch.version.cuda else " is a build without CUDA")
            raise ModelError(
                f"device {name!r}: no CUDA device can be used here ({build}); valid here: auto, cpu"
            )
        index = int(name.partition(":")[2] or 0)
        if index >= torch.cuda.device_count():
            raise ModelError(
                f"device {name!r}: this machine has {torch.cuda.device_count()} CUDA device(s), from cuda:0"
            )
        return f"cuda:{index}"
    if name == "mps" and not torch.backends.mps.is_available():
        raise ModelError("device 'mps': this machine has none; valid here: auto, cpu")
    return name


def named(name: str) -> str:
    """Return the torch device a name stands for, without torch where the name is not ``auto``."""
    if name == "auto":
        return resolve(name)
    return "cuda:0" if name == "cuda" else name


def describe(device: str) -> dict[str, Any]:
    """Return what a manifest says about a device."""
    if not device.startswith("cuda"):
        return {"device": device}
    import torch

    properties = torch.cuda.get_device_properties(device)
    return {
        "device": device,
        "name": properties.name,
        "memory_bytes": properties.total_memory,
        "cuda": torch.version.cuda,
    }


def default_batch_size(device: str) -> int:
    """Return the batch size used where a config names none; it is part of the batch plan and recorded."""
    return {"cpu": 16, "cuda": 1024}.get(device, 128)


def default_batch_tokens(device: str) -> int | None:
    """Return the padded tokens of a batch where a config names none: on a GPU, what keeps it busy and fits."""
    return 32_768 if device == "cuda" else None
