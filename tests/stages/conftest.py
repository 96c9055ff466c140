"""A small collection, and models that are plain functions of words, so that results can be worked out by hand."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

MODELS = """
import hashlib
import numpy as np
CALLS = []
def _vector(word):
    seed = int.from_bytes(hashlib.sha256(word.encode()).digest()[:4], "big")
    return np.random.default_rng(seed).standard_normal(16)
class Encoder:
    similarity = "cosine"
    def encode(self, texts, role):
        CALLS.append(("encode", role, len(texts)))
        return np.stack([sum(map(_vector, text.split())) for text in texts]).astype(np.float32)
class Ranker:
    def __init__(self, salt=""):
        self.salt = salt
    def score(self, pairs):
        CALLS.extend((self.salt, *pair) for pair in pairs)
        return np.asarray([_vector(self.salt + a + b)[0] for a, b in pairs], dtype=np.float32)
"""
HEAD = """suite: suite.yaml
device: cpu
models:
  enc: {bi_encoder: {class: stage_models.Encoder}}
  rank: {cross_encoder: {class: stage_models.Ranker}}
  big: {cross_encoder: {class: stage_models.Ranker, args: {salt: big}}}
pipelines:
"""


@pytest.fixture
def write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], Path]]:
    """Write a config with some pipelines over 60 documents and 6 queries."""
    words = [f"w{i}" for i in range(30)]
    texts = [" ".join(words[(i * j) % 30] for j in range(1, 7)) + f" u{i}" for i in range(60)]
    (tmp_path / "docs.tsv").write_text("".join(f"d{i:02}\t{text}\n" for i, text in enumerate(texts)))
    (tmp_path / "queries.tsv").write_text("".join(f"q{i}\tw{i} w{2 * i} w{3 * i}\n" for i in range(1, 7)))
    (tmp_path / "qrels.txt").write_text("".join(f"q{i} 0 d{i + 3:02} 1\n" for i in range(1, 7)))
    (tmp_path / "old.trec").write_text(
        "".join(f"q{i} Q0 d{d:02} 1 {d % 7} old\n" for i in range(1, 7) for d in range(12))
    )
    (tmp_path / "suite.yaml").write_text(
        "task: retrieval\nversion: 1\ndataset: {docs: docs.tsv, queries: queries.tsv, qrels: qrels.txt}\n"
        "measures: [ndcg@10]\nprimary: ndcg@10\n"
    )
    (tmp_path / "stage_models.py").write_text(MODELS)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setenv("HARNESS_STORE", str(tmp_path / "store"))

    def write_config(pipelines: str) -> Path:
        (tmp_path / "config.yaml").write_text(HEAD + pipelines)
        return tmp_path / "config.yaml"

    yield write_config
    sys.modules.pop("stage_models", None)
