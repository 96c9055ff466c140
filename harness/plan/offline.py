"""Forbidding the network."""

from __future__ import annotations

import os

from harness.datasets import ir


def go_offline() -> None:
    """Forbid every library the network, before any of them is imported."""
    os.environ["HF_HUB_OFFLINE"] = "1"
    os.environ["TRANSFORMERS_OFFLINE"] = "1"
    ir.forbid_network()
