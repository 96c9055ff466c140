"""Values that several settings share: names, devices, sizes, digests."""

from __future__ import annotations

import hashlib
import json
import re
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field

from harness.text import visible
from harness.units import size_in_bytes

_NAME = re.compile(r"[^\s/\\.\x00-\x1f][^/\\\x00-\x1f]{0,99}")
_KEPT = {"baseline:": "a baseline's pipelines", "control:": "the copies that a machine is checked with"}
_DEVICE = re.compile(r"auto|cpu|mps|cuda(:[0-9]+)?")

_LARGEST = 2**31 - 2  # counts, depths and seeds go into 32 bits
Positive = Annotated[int, Field(ge=1, le=_LARGEST)]
Seed = Annotated[int, Field(ge=0, le=_LARGEST)]


def check_device(value: str) -> str:
    """Return a device name. Raises ValueError that says what is valid."""
    if not _DEVICE.fullmatch(value):
        raise ValueError(f"unknown device {value!r}; valid are auto, cpu, cuda, cuda:N, mps")
    return value


#: The name of a device.
Device = Annotated[str, AfterValidator(check_device)]
#: A folder, or off, which YAML 1.1 reads as false.
StoreFolder = Annotated[str | None, BeforeValidator(lambda value: "off" if value is False else value)]


def check_name(name: str) -> str:
    """Return a pipeline's or model's name, which becomes a file's name. Raises ValueError where it cannot."""
    if not _NAME.fullmatch(name) or name != name.strip() or name != visible(name):
        raise ValueError(
            f"the name {name!r} cannot be a file's name: up to 100 characters, no slash or control "
            "character, not starting with a dot or space"
        )
    for prefix in _KEPT:
        if name.startswith(prefix):
            raise ValueError(
                f"the name {name!r}: {prefix} begins the names of {_KEPT[prefix]}; choose another"
            )
    return name


MemoryLimit = Annotated[int, BeforeValidator(size_in_bytes)]


_LATENCY = re.compile(r"([0-9]+(?:\.[0-9]+)?) *(us|ms|s)?", re.IGNORECASE)
_LONGEST = 3.6e6
_MILLISECONDS = {"us": 1e-3, "ms": 1.0, "s": 1e3, "": 1.0}


def milliseconds(value: Any) -> float:
    """Return the milliseconds of ``100ms``, ``1.5s`` or a number. Raises ValueError that says what is valid."""
    match = _LATENCY.fullmatch(str(value).strip()) if not isinstance(value, bool) else None
    found = 0.0 if match is None else float(match[1]) * _MILLISECONDS[(match[2] or "").lower()]
    if not 0.0 < found <= _LONGEST:
        raise ValueError(
            f"{value!r} is no latency above zero and up to an hour; write it as 100ms, 1.5s or a number of "
            "milliseconds"
        )
    return found


Milliseconds = Annotated[float, BeforeValidator(milliseconds)]


def digest(value: Any) -> str:
    """SHA-256 of a JSON-like value in one canonical form."""
    return hashlib.sha256(json.dumps(value, sort_keys=True, ensure_ascii=False).encode()).hexdigest()
