"""What the harness wrote itself, damaged: a store gives back what was put in or nothing, a bundle's figures agree or are refused."""

from __future__ import annotations

import random
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import harness
from harness.compare import evidence
from harness.errors import HarnessError
from harness.results import bundle as bundles
from harness.results import writing
from harness.results.tables import TABLES
from harness.store import open_store, trees
from harness.store.keys import text_hashes
from harness.store.pair_scores import PairTable

Many = Callable[[bytes, Callable[[bytes], Any], int], tuple[int, int]]


def test_artifacts_of_the_store(n: int, many: Many, tmp_path: Path) -> None:
    store, values = open_store(tmp_path), np.arange(60, dtype=np.float32).reshape(20, 3)
    store.write("embeddings", "m/s", {"work": {"texts": 20}}, values)
    path = store.place("embeddings", "m/s")
    whole = path.read_bytes()

    def read(data: bytes) -> None:
        path.write_bytes(data)
        found = store.read("embeddings", "m/s")
        if data == whole or found is not None:
            assert found is not None
            assert (found.array == values).all()
            assert found.header["work"] == {"texts": 20}

    many(whole, read, n)


def test_folders_of_the_store(n: int, many: Many, tmp_path: Path) -> None:
    store = open_store(tmp_path)
    contents = {"a": b"weights " * 50, "b": b"words"}

    def fill(folder: Path) -> None:
        for name, content in contents.items():
            (folder / name).write_bytes(content)

    for name in ("a", "FILES.json"):
        trees.write(store, "indexes", "k", fill)
        path = store.place("indexes", "k") / name

        def read(data: bytes, path: Path = path) -> None:
            if not path.parent.is_dir():
                trees.write(store, "indexes", "k", fill)
            path.write_bytes(data)
            found = trees.read(store, "indexes", "k")
            if found is not None:
                assert {name: (found / name).read_bytes() for name in contents} == contents

        many(path.read_bytes(), read, n // 2)


def test_pair_scores_of_the_store(n: int, many: Many, tmp_path: Path) -> None:
    store = open_store(tmp_path)
    hashes, scores = text_hashes(map(str, range(30))), np.arange(30, dtype=np.float32)
    table = PairTable(store, "p")
    batch = table.add(hashes, hashes, scores, {"texts": 30})
    whole = table.path.read_bytes()

    def read(data: bytes) -> None:
        for suffix in ("-journal", "-wal", "-shm"):
            table.path.with_name(table.path.name + suffix).unlink(missing_ok=True)
        table.path.write_bytes(data)
        found = table.find(hashes, hashes)
        assert (found.scores[found.known] == scores[found.known]).all()
        assert all(work == {"texts": 30} for _, _, work in table.work([batch]))

    many(whole, read, n)


@pytest.fixture(scope="session")
def whole_bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("bundle")
    chance = random.Random(3)
    (folder / "qrels.txt").write_text(
        "".join(f"q{i} 0 d{j} {chance.randrange(3)}\n" for i in range(12) for j in range(8))
    )
    for name in ("a", "b"):
        rows = [f"q{i} Q0 d{j} 1 {chance.random():.4f} t\n" for i in range(12) for j in range(8)]
        (folder / f"{name}.trec").write_text("".join(rows))
    return harness.score(folder / "qrels.txt", folder / "a.trec", folder / "b.trec", out=folder / "bundle", measures=["ndcg@5", "map"]).path  # fmt: skip


def _figures(path: Path) -> dict[str, float]:
    """All that a decision is made of."""
    bundle = bundles.read(path)
    loaded = evidence.load(bundle)
    for table in TABLES.values():
        if bundle.has(table):
            bundle.table(table)
    return {
        f"{label} {measure}": loaded.mean(label, measure) or 0.0
        for label in loaded.labels
        for measure in loaded.measures
    }


@pytest.mark.parametrize("file", ["scores.parquet", "qrels.parquet", "queries.parquet", "runs/a.trec"])
def test_tables_of_a_bundle(file: str, n: int, many: Many, whole_bundle: Path, tmp_path: Path) -> None:
    folder = tmp_path / "b"
    shutil.copytree(whole_bundle, folder)
    whole, figures = (folder / file).read_bytes(), _figures(folder)
    sealed = (folder / "result.json").read_bytes()
    stored = {
        f"{name} {measure}": figure.value
        for name, part in bundles.read(folder).pipelines.items()
        for measure, figure in part.measures.items()
    }

    def read(data: bytes) -> None:
        (folder / file).write_bytes(data)
        if data != whole and file != "runs/a.trec":
            with pytest.raises(HarnessError):  # its digest tells
                _figures(folder)
        writing.seal(folder)  # as somebody would who means it
        try:
            for name, value in _figures(folder).items():
                assert value == pytest.approx(stored[name], abs=1e-9)
        finally:
            (folder / "result.json").write_bytes(sealed)

    assert figures == pytest.approx(stored)
    many(whole, read, n)
