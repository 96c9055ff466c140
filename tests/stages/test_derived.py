"""Derived vectors: fewer dimensions, coarser numbers, rescored; each as NumPy has it, and none encoded anew."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

import harness
from harness.config import load_config
from harness.datasets import trec
from harness.errors import ConfigError, ModelError
from harness.plan import planning
from harness.progress import Silent

pytest.importorskip("faiss", reason="needs the extra 'ann'")

Write = Callable[[str], Path]
PIPELINES = """\
  bi: {retrieve: enc, depth: 10}
  less: {retrieve: enc, dimensions: 8, depth: 10}
  coarse: {retrieve: enc, quantization: [int8, binary, float16], depth: 10}
  both: {retrieve: enc, dimensions: [8, 16], quantization: [int8, binary], rescore: 3, depth: 10}
"""


def unit(vectors: np.ndarray) -> np.ndarray:
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def encoded(folder: Path, file: str) -> tuple[list[str], np.ndarray]:
    rows = [line.split("\t") for line in (folder / file).read_text().splitlines()]
    return [row[0] for row in rows], sys.modules["stage_models"].Encoder().encode([r[1] for r in rows], "x")


def eight_bits(vectors: np.ndarray) -> np.ndarray:
    """As FAISS keeps 8 bits: steps between the least and the greatest number of a dimension, read at their middles."""
    low, span = vectors.min(axis=0), np.ptp(vectors, axis=0)
    step = np.clip(np.floor((vectors - low) / span * 255), 0, 255)
    return low + (step + 0.5) / 255 * span


@pytest.mark.parametrize("store", ["store=off", "store=auto"])
def test_each_is_what_numpy_has_and_nothing_is_encoded_for_it(
    write: Write, tmp_path: Path, store: str
) -> None:
    harness.run(write("  bi: {retrieve: enc, depth: 10}\n"), out=tmp_path / "alone", overrides=("store=off",))
    calls = sys.modules["stage_models"].CALLS
    alone, calls[:] = [n for what, _, n in calls if what == "encode"], []
    overrides = (store,) if store == "store=off" else ()
    bundle = harness.run(write(PIPELINES), out=tmp_path / "one", overrides=overrides)
    assert sum(n for what, role, n in calls if role == "document") == 60
    if not overrides:
        assert sorted(n for what, _, n in calls) == sorted(alone)

    doc_ids, documents = encoded(tmp_path, "docs.tsv")
    query_ids, queries = encoded(tmp_path, "queries.tsv")
    full = unit(queries) @ unit(documents).T
    half, half_q = unit(documents[:, :8]), unit(queries[:, :8])
    exact = {
        "less": half_q @ half.T,
        "coarse@int8": unit(queries) @ eight_bits(unit(documents)).T,
        "coarse@float16": unit(queries) @ unit(documents).astype(np.float16).astype(float).T,
    }
    for name, scores in exact.items():
        run = trec.read_run(tmp_path / f"one/runs/{name}.trec")
        for row, query in zip(scores, query_ids, strict=True):
            found = run.results(query)
            assert [score for _, score in found] == pytest.approx(sorted(row)[::-1][:10], abs=1e-5)
            assert [row[doc_ids.index(doc)] for doc, _ in found] == pytest.approx(
                [score for _, score in found], abs=1e-5
            )
    signs = ((queries > 0)[:, None, :] != (documents > 0)[None, :, :]).sum(axis=2)
    run = trec.read_run(tmp_path / "one/runs/coarse@binary.trec")
    for row, query in zip(signs, query_ids, strict=True):
        assert [score for _, score in run.results(query)] == [-apart for apart in sorted(row)[:10]]
    run = trec.read_run(tmp_path / "one/runs/both@8-int8.trec")
    coarse = half_q @ eight_bits(half).T
    for row, of_full, query in zip(coarse, full, query_ids, strict=True):
        kept = np.argsort(-row)[:30]
        assert [score for _, score in run.results(query)] == pytest.approx(
            np.sort(of_full[kept])[::-1][:10], abs=1e-5
        )

    indexes = {name: part["index"] for name, part in bundle.content["pipelines"].items()}
    whole = 60 * 16 * 4
    assert indexes["less"]["index_bytes"] == whole // 2
    assert indexes["coarse@int8"]["index_bytes"] == whole // 4
    assert indexes["coarse@binary"]["index_bytes"] == whole // 32
    assert indexes["both@8-binary"]["index_bytes"] == whole // 64
    assert indexes["both@16-int8"]["overlap"]["overlap@10"]["value"] == 1.0
    assert bundle.pipelines["both@8-int8"].stages["index"] == {
        "kind": "int8",
        "dimensions": 8,
        "rescore": 3,
    }


def test_a_plan_foresees_no_further_encoding(write: Write) -> None:
    alone = planning.plan(load_config(write("  bi: {retrieve: enc}\n")), Silent(), calibrate=False)
    made = planning.plan(load_config(write(PIPELINES)), Silent(), calibrate=False)
    assert made.forward_passes == alone.forward_passes


@pytest.mark.parametrize(
    ("pipeline", "message"),
    [
        ("{retrieve: bm25, dimensions: 8}", "dimensions is for a bi-encoder's vectors; BM25 has an index"),
        ("{retrieve: enc, rescore: 4}", "rescore puts in order what a coarser search finds"),
        ("{retrieve: enc, quantization: int4}", "quantization"),
        ("{retrieve: enc, quantization: int8, index: hnsw, depth: 9}", "leave index out"),
        ("{retrieve: enc, dimensions: [8, 8]}", "dimensions: one is given twice"),
        ("{retrieve: enc, dimensions: 0}", "greater than or equal to 1"),
    ],
)
def test_what_a_config_may_not_say(write: Write, pipeline: str, message: str) -> None:
    with pytest.raises(ConfigError, match=rf"config\.yaml:8: .*{message}"):
        load_config(write(f"  p: {pipeline}\n"))


def test_what_a_model_does_not_allow(write: Write, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="dimensions 17 is more than the 16 of this model's embeddings"):
        harness.run(write("  p: {retrieve: enc, dimensions: 17}\n"), out=tmp_path / "one")
    with pytest.raises(ModelError, match="12 dimensions are no multiple of 8"):
        harness.run(
            write("  p: {retrieve: enc, dimensions: 12, quantization: binary}\n"), out=tmp_path / "one"
        )
    path = write("  p: {retrieve: enc, quantization: binary}\n")
    path.write_text(path.read_text().replace("Encoder}}", "Encoder}, similarity: euclidean}"))
    with pytest.raises(
        ModelError, match="binary keeps directions alone, and this model compares by euclidean"
    ):
        harness.run(path, out=tmp_path / "one")
