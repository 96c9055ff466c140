"""Forbidding the network."""

from __future__ import annotations

import os

from harness.datasets import ir


def go_offline(why: str = "--offline") -> None:
    """Forbid every library the network, before any of them is imported; ``why`` says what does, in messages."""
    os.environ["HF_HUB_OFFLINE"] = "1"
    os.environ["TRANSFORMERS_OFFLINE"] = "1"
    ir.forbid_network(why)
