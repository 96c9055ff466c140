"""What a training mines from is encoded once, and how far that is can be seen."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest

from harness.models import folders
from harness.models.folders import Permissions
from harness.plan import backbone
from harness.progress import Log
from harness.store import open_store
from scripted import VirtualClock


def test_encoding_for_a_training_is_shown_once(
    tiny_bi_encoder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stream, clock = io.StringIO(), VirtualClock()
    log, store = Log(stream, clock), open_store(tmp_path / "store")
    base = folders.find(str(tiny_bi_encoder), Path(), None, Permissions(offline=True))
    encoder = backbone.stored(store, log)(base)
    texts = [f"word{i} red" for i in range(70)]
    told = log.task

    def slow(what, total, unit, begun=0):  # type: ignore[no-untyped-def]
        clock.advance_ns(3_000_000_000)
        return told(what, total, unit, begun)

    monkeypatch.setattr(log, "task", slow)
    first = encoder.encode(texts, "document")
    assert clock.now_ns() == 3_000_000_000
    assert np.array_equal(encoder.encode(texts, "document"), first)
    assert clock.now_ns() == 3_000_000_000  # it was in the store
