"""Quantities for people: bytes and times, one way each, so that a table, a message and a plan agree.

Bytes are decimal, as suites declare them and as ``memory_limit: 4GB`` and ``--max-memory 800MB`` are typed.
"""

from __future__ import annotations

import re
from typing import Any

_SIZE_FORM = re.compile(r"([0-9]+(?:\.[0-9]+)?) *([kmgt]i?)?b?", re.IGNORECASE)
_LARGEST_SIZE = 10**15
_TIME_FORM = re.compile(r"([0-9]+(?:\.[0-9]*)?|\.[0-9]+) *(µs|us|ms|s)?", re.IGNORECASE)
_MILLISECONDS = {"µs": 1e-3, "us": 1e-3, "ms": 1.0, "s": 1e3}
_FACTORS: dict[str, int] = {
    "": 1,
    **{f"{unit}{i}": (1024 if i else 1000) ** (n + 1) for n, unit in enumerate("kmgt") for i in ("", "i")},
}
_SIZES = (("GB", 1e9), ("MB", 1e6), ("kB", 1e3))
_SHORT = (("s", 1.0), ("ms", 1e-3), ("µs", 1e-6))
_LONG = (("s", 1, 120), ("min", 60, 7200), ("h", 3600, 360_000))
_ROUNDS_UP = 0.9995  # 999.6 of a unit would be written as 1e+03


def size_text(n_bytes: float) -> str:
    """Bytes with three digits: 984 MB, 1.5 GB, 12 B."""
    for unit, size in _SIZES:
        if n_bytes >= _ROUNDS_UP * size:
            count = n_bytes / size
            return f"{count:,.0f} {unit}" if count >= 999.5 else f"{count:.3g} {unit}"
    return f"{n_bytes:.0f} B"


def span_text(seconds: float) -> str:
    """A time with three digits: 250 µs, 5 s, 12 min, 65 h, 270 days."""
    if seconds < 1:
        for unit, size in _SHORT:
            if seconds >= _ROUNDS_UP * size:
                return f"{seconds / size:.3g} {unit}"
        return f"{seconds / 1e-9:.3g} ns"
    for unit, size, upto in _LONG:
        if seconds < upto:
            return f"{seconds / size:.3g} {unit}"
    return f"{seconds / 86_400:,.0f} days"


def size_in_bytes(value: Any) -> int:
    """Return the bytes of ``4GB``, ``512 MiB`` or a number. Raises ValueError that says what is valid."""
    match = _SIZE_FORM.fullmatch(str(value).strip()) if not isinstance(value, bool) else None
    found = 0.0 if match is None else float(match[1]) * _FACTORS[(match[2] or "").lower()]
    if not 1 <= found <= _LARGEST_SIZE:
        raise ValueError(f"{value!r} is no size; write it as 4GB, 512MiB or a number of bytes, up to 1 PB")
    return round(found)


def milliseconds(value: Any) -> float:
    """Return the milliseconds of ``50``, ``50ms`` or ``0.05 s``. Raises ValueError that says what is valid."""
    match = _TIME_FORM.fullmatch(str(value).strip()) if not isinstance(value, bool) else None
    found = 0.0 if match is None else float(match[1]) * _MILLISECONDS[(match[2] or "ms").lower()]
    if not 0 < found < float("inf"):
        raise ValueError(f"{value!r} is no time; write it as 50ms, 0.05s or a number of milliseconds")
    return found
