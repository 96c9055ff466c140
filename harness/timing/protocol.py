"""The messages between a driver and its worker: single lines of JSON, so that the two may be of different
versions and in different Python environments. The standard library alone is needed to read them.

The driver speaks first, ``{"protocol": 1, "harness": VERSION, "open": {...}}``; the worker answers with its
own ``protocol`` and ``harness`` and either ``ready`` (figures by name) or ``error``. That much holds in every
version, so that two that do not understand each other can say so. Then, one at a time:

    {"n": 1, "call": "query", "id": "q1", "texts": ["..."], "top": 10}        top: asks for results, may be left out
    {"n": 2, "call": "batch", "kind": "document", "ids": [...], "texts": [["..."], ...]}
    {"n": 3, "call": "status"}
    {"n": 4, "call": "close"}

and the answers, with the number of the call:

    {"n": 1, "elapsed_ns": 1, "stages_ns": {"encode": 1}, "counters": {"tokens": 1}, "results": [["d1", 0.5]]}
    {"n": 3, "status": {"peak_device_bytes": 1}}
    {"n": 1, "error": "what went wrong with this call"}

The end of the worker's standard input means close.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

PROTOCOL = 1


def encoded(message: Mapping[str, Any]) -> bytes:
    """One line for a message; whatever its texts hold (line ends, NUL, lone surrogates) is escaped.

    Raises:
        ValueError: a number that JSON does not have.
    """
    return json.dumps(message, ensure_ascii=True, allow_nan=False, separators=(",", ":")).encode() + b"\n"


def decoded(line: bytes) -> dict[str, Any]:
    """The message of a line.

    Raises:
        ValueError: not one JSON object.
    """
    try:
        message = json.loads(line)
    except RecursionError:
        raise ValueError("nested too deeply") from None
    if not isinstance(message, dict):
        raise ValueError("not a JSON object")
    return message


def call(line: bytes) -> dict[str, Any]:
    """A call, with its number ``n`` and its name ``call``.

    Raises:
        ValueError: something else.
    """
    message = decoded(line)
    if not isinstance(message.get("n"), int) or not isinstance(message.get("call"), str):
        raise ValueError("it has no number 'n', or names no 'call'")
    return message


def opening(version: str, what: Mapping[str, Any]) -> dict[str, Any]:
    """The driver's first message."""
    return {"protocol": PROTOCOL, "harness": version, "open": dict(what)}


def other_version(theirs: Mapping[str, Any], version: str) -> str | None:
    """Why a first message cannot be understood; None where it can."""
    if theirs.get("protocol") == PROTOCOL:
        return None
    return (
        f"speaks protocol {theirs.get('protocol')!r} (harness {theirs.get('harness', 'unknown')}), and this side "
        f"protocol {PROTOCOL} (harness {version}); use a harness of the same protocol on both sides"
    )
