"""A third party's models without torch, a small collection, and running them in a process that can be
killed."""

from __future__ import annotations

import json
import os
import random
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from forked import Forker, Started

PAGE = "report/index.html"

MODELS = """
import hashlib, os
import numpy as np
from harness.models.protocols import Work

def _log(kind, n):
    path = os.environ.get("CALLS")
    if path:
        with open(path, "a") as file:
            file.write(f"{kind} {n}\\n")

def _vector(text):
    digest = hashlib.sha256(text.encode()).digest()
    for _ in range(40):  # takes a while, so that there is something to interrupt
        digest = hashlib.sha256(digest).digest()
    return np.frombuffer(digest, dtype=np.uint8).astype(np.float32) - 127.5

class Encoder:
    similarity = "cosine"
    def __init__(self, scale=1.0):
        self.scale, self.work = scale, Work()
    def encode(self, texts, role):
        _log("encode", len(texts))
        self.work += Work(-(-len(texts) // 16), len(texts), sum(map(len, texts)), sum(map(len, texts)), 0)
        return np.stack([_vector(role + text) for text in texts]) * np.float32(self.scale)

class Ranker:
    def __init__(self):
        self.work = Work()
    def score(self, pairs):
        _log("score", len(pairs))
        self.work += Work(-(-len(pairs) // 16), len(pairs), 1, 1, 0)
        return np.asarray([_vector(a) @ _vector(b) for a, b in pairs], dtype=np.float32)
"""


@dataclass(frozen=True)
class Bench:
    """A folder with suite, config and models, a store of its own, and the runs made of them."""

    folder: Path
    forker: Forker

    @property
    def store(self) -> Path:
        return self.folder / "store"

    @property
    def calls(self) -> Path:
        return self.folder / "calls.txt"

    def start(self, out: str, *arguments: str, store: Path | None = None, **extra: str) -> Started:
        """Start ``harness run``, with more arguments, in a process of its own."""
        environment = {
            **os.environ,
            "HARNESS_STORE": str(store or self.store),
            "PYTHONPATH": os.pathsep.join([str(self.folder), str(Path.cwd())]),
            "CALLS": str(self.calls),
            "OMP_NUM_THREADS": "1",
            **extra,
        }
        command = ["run", self.folder / "config.yaml", "--out", self.folder / out, *arguments]
        return self.forker.start(command, environment)

    def run(self, out: str, *arguments: str, store: Path | None = None, **extra: str) -> dict[str, Any]:
        """Run to the end and return the bundle's result."""
        process = self.start(out, *arguments, store=store, **extra)
        errors = process.communicate()[1]
        assert process.returncode == 0, errors
        result: dict[str, Any] = json.loads((self.folder / out / "result.json").read_text())
        return result

    def n_calls(self) -> int:
        """How often a model was asked for something."""
        return len(self.calls.read_text().splitlines()) if self.calls.is_file() else 0


def same(first: Path, second: Path, *, work: bool = True, view: bool = True) -> None:
    """Assert that two bundles are the same byte for byte, apart from times, command line and digest.

    Without ``view``, table.md and the page may be missing: they are drawn from the bundle when that is in its place already.
    """
    names = [
        sorted(str(p.relative_to(folder)) for p in folder.rglob("*") if p.is_file())
        for folder in (first, second)
    ]
    if not view:
        names = [[name for name in some if name not in ("table.md", PAGE)] for some in names]
    assert names[0] == names[1]
    for name in names[0]:
        if name not in ("result.json", PAGE):  # both show times and this run's work
            assert (first / name).read_bytes() == (second / name).read_bytes(), name
    results = []
    for folder in (first, second):
        result = json.loads((folder / "result.json").read_text())
        for key in ("started", "ended", "command", "git"):  # whoever edits the checkout meanwhile changes git
            del result["manifest"][key]
        result.pop("digest", None)
        result.get("files", {}).pop(PAGE, None)
        if not work:
            del result["work"]
        results.append(json.dumps(result))
    assert results[0] == results[1]


@pytest.fixture
def same_bundle() -> Callable[..., None]:
    """The comparison of two bundles."""
    return same


@pytest.fixture
def make_bench(tmp_path: Path, forker: Forker) -> Callable[..., Bench]:
    """Makes a collection of made-up words, and a config with every kind of step."""

    def make(n_documents: int = 600, n_queries: int = 12) -> Bench:
        rng = random.Random(7)
        words = [f"w{i}" for i in range(300)]

        def text() -> str:
            return " ".join(rng.choices(words, k=6))

        (tmp_path / "docs.tsv").write_text("".join(f"d{i}\t{text()}\n" for i in range(n_documents)))
        (tmp_path / "queries.tsv").write_text("".join(f"q{i}\t{text()}\n" for i in range(n_queries)))
        (tmp_path / "qrels.txt").write_text(
            "".join(f"q{i} 0 d{rng.randrange(n_documents)} 1\n" for i in range(n_queries))
        )
        (tmp_path / "suite.yaml").write_text(
            "task: retrieval\nversion: 1\ndataset: {docs: docs.tsv, queries: queries.tsv, qrels: qrels.txt}\n"
            "measures: [ndcg@10]\nprimary: ndcg@10\n"
        )
        (tmp_path / "thirdparty.py").write_text(MODELS)
        (tmp_path / "config.yaml").write_text(
            "suite: ./suite.yaml\ndevice: cpu\n"
            "models:\n"
            "  enc: {bi_encoder: {class: thirdparty.Encoder}}\n"
            "  rank: {cross_encoder: {class: thirdparty.Ranker}, batch_size: 16}\n"
            "pipelines:\n"
            "  bi: {retrieve: enc, depth: 100}\n"
            "  bm25: {retrieve: bm25, depth: 100}\n"
            "  two: {retrieve: enc, rerank: rank, depth: [5, 20, 50]}\n"
            "  cross: {rerank: rank, candidates: bm25, depth: 50}\n"
        )
        return Bench(tmp_path, forker)

    return make
