"""Figures that others published or that two independent programs agree on, through the project's own commands."""

from __future__ import annotations

import json
import math
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import harness
from harness.datamodel import Qrels, Run
from harness.datasets import trec
from harness.measures.registry import parse, spelled
from harness.measures.retrieval import evaluate


@pytest.fixture(scope="module")
def oracles(real_data: Path) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((real_data / "oracles.json").read_text())
    return loaded


@pytest.fixture
def run_sts(tmp_path: Path, minilm: str) -> Callable[[str], harness.results.bundle.Bundle]:
    """Run MiniLM on sentence pairs; takes the dataset's YAML."""

    def run(dataset: str) -> Any:
        (tmp_path / "pairs.yaml").write_text(
            f"task: sts\nversion: 1\ndataset: {dataset}\nmeasures: [spearman, pearson]\nprimary: spearman\n"
        )
        (tmp_path / "config.yaml").write_text(
            f"suite: pairs.yaml\ndevice: cpu\nmodels: {{m: {{bi_encoder: {minilm}}}}}\n"
            "pipelines: {m: {score: m}}\n"
        )
        return harness.run(tmp_path / "config.yaml", out=tmp_path / "bundle", offline=True)

    return run


def test_six_systems_of_dl_2019(real_data: Path, oracles: dict[str, Any], tmp_path: Path) -> None:
    (tmp_path / "dl19.yaml").write_text(
        "task: retrieval\nversion: 1\n"
        f"dataset: {{queries: {real_data}/msmarco/queries.dl19.tsv, qrels: {real_data}/msmarco/qrels.dl19.txt}}\n"
        "measures: [ndcg@10, recall@100-l2, mrr-l2, mrr@10, recall@100, map]\nprimary: ndcg@10\n"
    )
    runs = sorted((real_data / "msmarco/runs-dl19").glob("*.trec"))
    bundle = harness.score(tmp_path / "dl19.yaml", *runs, out=tmp_path / "bundle")
    expected = oracles["msmarco_dl19_runs"]
    for name, value in expected["ndcg@10"].items():
        assert bundle.value(name, "ndcg@10") == pytest.approx(value, abs=expected["tolerance"]), name
    names = {
        "recall@100 (level 2)": "recall@100-l2", "rr (level 2)": "mrr-l2", "rr@10 (level 1)": "mrr@10",
        "recall@100 (level 1)": "recall@100", "map (level 1)": "map",
    }  # fmt: skip
    for theirs, ours in names.items():
        assert bundle.value("bm25", ours) == pytest.approx(expected["bm25"][theirs], abs=5e-5), theirs
    # RepLLaMA's 40,001 tied scores: only trec_eval's order gives the published figure, and the bundle warns.
    assert any("repllama" in warning and "tied scores" in warning for warning in bundle.content["warnings"])

    # A run exported and scored again gives the same figures.
    again = harness.score(
        tmp_path / "dl19.yaml", *sorted((bundle.path / "runs").glob("*.trec")), out=tmp_path / "again"
    )
    assert again.frame("scores").equals(bundle.frame("scores"))


@pytest.mark.parametrize(
    ("expected", "qrels", "run", "level"),
    [
        ("out.test.aq", "qrels.test", "results.test", 1),
        ("out.test.aql", "qrels.rel_level", "results.test", 2),
        ("out.test.aqc", "qrels.test", "results.trunc", 1),
    ],
)
def test_trec_eval_s_own_files_per_query(
    real_data: Path, expected: str, qrels: str, run: str, level: int
) -> None:
    folder = real_data / "trec_eval"
    names = {"map": "map", "recip_rank": "mrr", "Rprec": "r-precision", "ndcg": "ndcg"}
    names |= {f"P_{k}": f"precision@{k}" for k in (5, 10, 100, 1000)}
    names |= {f"recall_{k}": f"recall@{k}" for k in (5, 10, 100, 1000)}
    names |= {f"ndcg_cut_{k}": f"ndcg@{k}" for k in (5, 10, 100, 1000)}
    names |= {f"map_cut_{k}": f"map@{k}" for k in (5, 10, 100)}
    names |= {f"success_{k}": f"hit_rate@{k}" for k in (1, 5, 10)}
    names |= {f"relative_P_{k}": f"relative_precision@{k}" for k in (5, 10, 100)}
    names |= {f"iprec_at_recall_{k / 10:.2f}": f"iprec.{k * 10:02}" for k in range(11)}
    names |= {"bpref": "bpref", "infAP": "infap", "set_recall": "recall", "set_F": "f1", "set_P": "precision"}
    names |= {"set_map": "set_map", "set_relative_P": "relative_precision"}
    if (
        run != "results.trunc"
    ):  # of a query without results, nothing is unjudged to trec_eval, and nothing judged here
        names |= {f"unj_{k}": f"judged@{k}" for k in (5, 10, 20)}
    if (
        level == 1
    ):  # trec_eval's weighs grades, whatever the level; this one is Moffat and Zobel's, relevant or not
        names["rbp"] = "rbp.90"
    suffix = "" if level == 1 else f"-l{level}"
    judged, found = trec.read_qrels(folder / qrels), trec.read_run(folder / run)
    checked = 0
    for line in (folder / expected).read_text().splitlines():
        measure, query, value = line.split()
        if measure not in names:
            continue
        ours = names[measure] + ("" if measure.startswith(("ndcg", "unj")) else suffix)
        scores = evaluate(found, judged, [parse(ours)])
        mean = query == "all"
        mine = scores.values.mean() if mean else scores.values[scores.query_ids.index(query), 0]
        if measure.startswith("unj"):  # the share that is not, and of k even where fewer were returned
            mine = 1 - mine
        assert round(float(mine), 4) == pytest.approx(float(value), abs=1.01e-4), (measure, query)
        checked += 1
    assert checked == 4 * len(names)
    assert judged.n_negative == (304 if qrels == "qrels.rel_level" else 0)


def test_every_measure_of_ir_measures_per_query(real_data: Path) -> None:
    """On six systems' runs, through trec_eval, gdeval.pl (of five decimals) and its own code.

    It is given ranks in place of scores: its engines break ties in several ways.
    """
    import ir_measures as irm

    if shutil.which("perl") is None:
        pytest.skip(
            "ir-measures computes ERR and nDCG of exponential gains by a Perl program, and there is no perl"
        )
    exponential = [irm.nDCG(dcg="exp-log2") @ 10, irm.ERR @ 20]
    theirs = [
        irm.nDCG @ 10, irm.nDCG, irm.AP, irm.AP(rel=2) @ 100, irm.RR, irm.RR(rel=2) @ 10, irm.P @ 5, irm.P(rel=2) @ 20,
        irm.R @ 100, irm.R(rel=2) @ 10, irm.Rprec, irm.Rprec(rel=2), irm.Bpref, irm.Bpref(rel=2), irm.infAP,
        irm.infAP(rel=2), irm.Judged @ 10, irm.Success @ 1, irm.Success(rel=3) @ 10, irm.SetP, irm.SetP(rel=2), irm.SetR,
        irm.SetF, irm.SetF(rel=2), irm.SetAP, irm.SetAP(rel=2), irm.SetRelP, irm.IPrec @ 0.0, irm.IPrec @ 0.1,
        irm.IPrec(rel=2) @ 0.5, irm.IPrec @ 1.0, *exponential,
    ]  # fmt: skip
    ours = [parse(spelled(str(measure))) for measure in theirs]
    path = real_data / "msmarco/qrels.dl19.txt"
    judged, rows = trec.read_qrels(path), list(irm.read_trec_qrels(str(path)))
    best = Run.from_dict(
        {
            query: {row.doc_id: float(row.relevance) for row in rows if row.query_id == query}
            for query in judged.query_ids
        }
    )
    runs = [trec.read_run(path) for path in sorted((real_data / "msmarco/runs-dl19").glob("*.trec"))]
    ideal = _by_ir_measures([irm.ERR @ 20], rows, best)
    for run in runs:
        scores = evaluate(run, judged, [*ours, parse("nerr@20")])
        found = _by_ir_measures(theirs, rows, run)
        for row, query in enumerate(scores.query_ids):
            for column, measure in enumerate(theirs):
                if measure.NAME == "IPrec" and _other_level(judged, query, measure):
                    continue
                expected, off = found[query, str(measure)], 6e-6 if measure in exponential else 1e-9
                assert scores.values[row, column] == pytest.approx(expected, abs=off), (query, str(measure))
            share = found[query, "ERR@20"] / ideal[query, "ERR@20"]
            assert scores.values[row, -1] == pytest.approx(share, abs=3e-5), query


def _other_level(judged: Qrels, query: str, measure: Any) -> bool:
    """trec_eval 9, which ir-measures runs, adds 0.9 and cuts off where 10 rounds: another number of documents."""
    relevant = int((judged.select([query]).grades >= measure["rel"]).sum())
    return math.floor(measure["recall"] * relevant + 0.9) != math.floor(measure["recall"] * relevant + 0.5)


def _by_ir_measures(measures: list[Any], judgments: list[Any], run: Run) -> dict[tuple[str, str], float]:
    import ir_measures as irm

    ranked = [
        irm.ScoredDoc(query, document, float(-rank))
        for query in run.query_ids
        for rank, (document, _) in enumerate(run.results(query))
    ]
    return {(one.query_id, str(one.measure)): one.value for one in irm.iter_calc(measures, judgments, ranked)}


def test_similarity_matrix(oracles: dict[str, Any], minilm: str) -> None:
    from harness.models import folders
    from harness.models.sentence import LoadSettings, SentenceBiEncoder

    known = oracles["similarity_matrix"]
    model = SentenceBiEncoder(folders.find(minilm, Path.cwd()), LoadSettings(device="cpu", batch_size=16))
    vectors = model.encode(known["sentences"], "sentence")
    np.testing.assert_allclose(vectors @ vectors.T, known["matrix"], atol=known["tolerance"])


@pytest.mark.long
def test_sts_benchmark(real_data: Path, oracles: dict[str, Any], run_sts: Callable[[str], Any]) -> None:
    bundle = run_sts(f"{{pairs: {real_data}/sts/stsb/test.csv}}")
    for measure in ("spearman", "pearson"):
        expected = oracles["sts"]["stsb/test"][measure]
        assert bundle.value("m", measure) == pytest.approx(expected, abs=oracles["sts"]["tolerance"])
    assert bundle.content["counts"] == {"pairs": 1379, "pairs_unscored": 0}


@pytest.mark.long
@pytest.mark.parametrize(("name", "pairs", "unscored"), [("sts13", 1500, 0), ("sts15", 3000, 5500)])
def test_semeval_sts(
    real_data: Path,
    oracles: dict[str, Any],
    run_sts: Callable[[str], Any],
    name: str,
    pairs: int,
    unscored: int,
) -> None:
    files = ", ".join(str(path) for path in sorted((real_data / "sts" / name).glob("*.tsv")))
    bundle = run_sts(f"{{pairs: [{files}], columns: [score, sentence1, sentence2]}}")
    assert bundle.value("m", "spearman") == pytest.approx(oracles["sts"][name]["spearman"], abs=2e-4)
    assert bundle.content["counts"] == {"pairs": pairs, "pairs_unscored": unscored}


@pytest.mark.long
def test_vaswani(real_data: Path, oracles: dict[str, Any], tmp_path: Path, minilm: str) -> None:
    folder = real_data / "vaswani"
    (tmp_path / "suite.yaml").write_text(
        "task: retrieval\nversion: 1\n"
        f"dataset: {{docs: {folder}/docs.tsv, queries: {folder}/queries.tsv, qrels: {folder}/qrels.txt}}\n"
        "measures: [ndcg@10, mrr@10, recall@100, map@100]\nprimary: ndcg@10\n"
    )
    (tmp_path / "config.yaml").write_text(
        f"suite: suite.yaml\ndevice: cpu\nmodels: {{m: {{bi_encoder: {minilm}}}}}\n"
        "pipelines: {m: {retrieve: m, depth: 1000}}\n"
    )
    bundle = harness.run(tmp_path / "config.yaml", out=tmp_path / "bundle", offline=True)
    expected = oracles["vaswani"]
    for measure in ("ndcg@10", "mrr@10", "recall@100", "map@100"):
        assert bundle.value("m", measure) == pytest.approx(expected[measure], abs=expected["tolerance"])
