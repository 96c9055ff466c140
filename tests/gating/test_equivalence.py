"""Two ways to run one model held against each other: their embeddings, first results, quality."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

import harness
from harness import stats
from harness.compare import compare
from harness.compare.evidence import load
from harness.models.batching import LoadSettings
from harness.models.folders import ModelFolder
from harness.models.sentence import SentenceBiEncoder
from harness.report.printed.comparison import comparison


def test_precisions_of_one_model_are_held_against_each_other(
    write_config: Callable[[str], Path], tiny_bi_encoder: Path, collection: Path, tmp_path: Path
) -> None:
    path = write_config("  fine: {retrieve: bi, depth: 20}\n  coarse: {retrieve: half, depth: 20}\n")
    text = path.read_text().replace(
        "  cross:", f"  half: {{bi_encoder: {tiny_bi_encoder}, precision: bf16}}\n  cross:"
    )
    path.write_text(f"store: {tmp_path / 'store'}\n{text}")
    bundle = harness.run(path, out=tmp_path / "one")
    (agreed,) = json.loads((bundle.path / "result.json").read_text())["alike"]
    texts = [line.split("\t", 1)[1] for line in (collection / "docs.tsv").read_text().splitlines()]
    a, b = (
        SentenceBiEncoder(
            ModelFolder(tiny_bi_encoder, "m", "folder"), LoadSettings("cpu", 16, precision=precision)
        ).encode(texts, "document")
        for precision in ("fp32", "bf16")
    )
    cosines = (a * b).sum(axis=1) / np.linalg.norm(a, axis=1) / np.linalg.norm(b, axis=1)
    assert agreed["texts"] == len(texts)
    assert agreed["cosine"] == pytest.approx({"min": cosines.min(), "mean": cosines.mean()}, abs=1e-5)
    found = compare([bundle])
    (one,) = found.equivalences
    assert (one.first, one.second, one.speed) == ("coarse", "fine", None)
    assert 0.5 < one.overlap <= 1.0
    assert one.verdict in {"pass", "fail", "inconclusive"}
    told = "\n".join(str(line) for line in comparison(found))
    assert "coarse for fine, one model: cosine of 192 embeddings" in told
    assert "Non-inferior by 0.005 (one-sided 95 % limits [" in told
    # The limits are a gate's: one-sided, the outer of Student's and Hall's, and not the family's interval.
    evidence = load(bundle)
    differences = evidence.of("coarse", "ndcg@10") - evidence.of("fine", "ndcg@10")
    known = stats.mean_evidence(differences)
    assert known is not None
    assert (one.low, one.high) == pytest.approx(known.limits(0.05))
    assert one.verdict == stats.non_inferiority(one.low, one.high, 0.005)


def test_nothing_is_encoded_for_it(
    write_config: Callable[[str], Path], tiny_bi_encoder: Path, collection: Path, tmp_path: Path
) -> None:
    rows = [line.split("\t", 1)[1] for line in (collection / "docs.tsv").read_text().splitlines()]
    pairs = [f"{rows[i]}\t{rows[(i * 7) % 90].upper()}\t{i % 5}" for i in range(40)]
    (collection / "pairs.tsv").write_text("\n".join(pairs) + "\n")
    (collection / "suite.yaml").write_text(
        "task: sts\nversion: 1\nmeasures: [spearman]\nprimary: spearman\n"
        "dataset: {pairs: pairs.tsv, columns: [sentence1, sentence2, score], header: false, scale: [0, 5]}\n"
    )
    path = write_config("  fine: {score: bi}\n  coarse: {score: half}\n")
    half = f"  half: {{bi_encoder: {tiny_bi_encoder}, precision: bf16}}\n  cross:"
    path.write_text(f"store: {tmp_path / 'store'}\n{path.read_text().replace('  cross:', half)}")
    bundle = harness.run(path, out=tmp_path / "one")
    (agreed,) = bundle.result.alike
    assert agreed.cosine["min"] > 0.99
    work = bundle.content["work"]
    different = len({text.lower() for row in pairs for text in row.split("\t")[:2]})
    assert work["bi"]["texts"] == work["half"]["texts"] == different < agreed.texts
