"""verify: everything agrees on a real bundle, and every kind of flipped digit is named."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest

import harness
from harness import stats
from harness.errors import BundleError, UsageError
from harness.gate import update_baseline
from harness.results import bundle as bundles
from harness.results import writing
from harness.results.tables import SAMPLES, SCORES
from harness.verify import engine, verify_bundle
from harness.verify.known import Known, verify_installation


def test_a_bundle_agrees_with_trec_eval(scored: Path) -> None:
    found = verify_bundle(scored)
    assert found.mismatches == ()
    assert found.not_checked == ()
    assert found.checked > 6 * 4 * 40
    assert found.exit_code == 0
    assert found.frame().empty


def test_an_order_that_single_precision_does_not_know_is_said(tmp_path: Path) -> None:
    (tmp_path / "q.txt").write_text("q1 0 a 1\nq2 0 a 1\n")
    lines = [
        "q1 Q0 a 1 0.50000000001 t",
        "q1 Q0 b 2 0.5 t",
        "q2 Q0 b 1 0.50000000001 t",
        "q2 Q0 a 2 0.5 t",
        "q2 Q0 c 3 -1e300 t",
    ]
    (tmp_path / "r.trec").write_text("\n".join(lines) + "\n")
    harness.score(tmp_path / "q.txt", tmp_path / "r.trec", out=tmp_path / "b", measures=["mrr@10"])
    found = verify_bundle(tmp_path / "b")
    assert found.mismatches == ()
    (said,) = found.not_checked
    assert said.startswith(
        "r, the order of 1 neighbouring results whose scores differ only beyond single precision"
    )


def _flip(folder: Path, path: list[Any], delta: float) -> None:
    """Change one number of result.json, and seal it again, so that only recomputing can tell."""
    result = json.loads((folder / "result.json").read_text())
    place = result
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] += delta
    writing.write_result(folder, {k: v for k, v in result.items() if k not in ("files", "digest")})


@pytest.mark.parametrize(("path", "delta", "words"), [
    (["pipelines", "good", "measures", "ndcg@10", "value"], 1e-6, "good, ndcg@10 value"),
    (["pipelines", "bad", "measures", "map", "n"], 1, "bad, map n"),
    (["pipelines", "near", "measures", "recall@20", "interval", "low"], 1e-6, "near, recall@20 interval low"),
    (["pipelines", "bad", "unanswered"], 1, "bad, unanswered"),
    (["pipelines", "good", "results"], 1, "good, results"),
    (["pipelines", "first", "judged", "judged@10"], 1e-6, "first, judged@10"),
    (["pipelines", "good", "ties", "best"], 1e-6, "good, ties best"),
    (["counts", "judgments"], 1, "counts, judgments"),
    (["counts", "queries"], -1, "counts, queries"),
])  # fmt: skip
def test_a_flipped_figure_is_named(plain: Path, path: list[Any], delta: float, words: str) -> None:
    _flip(plain, path, delta)
    found = verify_bundle(plain)
    assert [m.figure for m in found.mismatches] == [words]
    assert found.exit_code == 1


def test_a_flipped_digit_of_anything_else_breaks_the_seal(plain: Path) -> None:
    file = plain / "result.json"
    text = file.read_text()
    place = text.index('"logical_cores": ') + len('"logical_cores": ')
    file.write_text(text[:place] + str((int(text[place]) + 1) % 10) + text[place + 1 :])
    assert [m.figure for m in verify_bundle(plain).mismatches] == ["result.json, SHA-256 of its content"]


def test_a_flipped_score_of_a_query_is_named(plain: Path) -> None:
    rows = pq.read_table(plain / "scores.parquet")
    values = rows["value"].to_numpy().copy()
    values[5] += 0.125
    writing.write_table(
        plain, SCORES, {**{c: rows[c].combine_chunks() for c in rows.column_names}, "value": values}
    )
    figures = [m.figure for m in verify_bundle(plain).mismatches]
    assert figures[0] == "good, ndcg@10 value"
    assert "scores: good, ndcg@10, query q5" in figures
    assert figures[-1] == "scores.parquet, SHA-256"


def test_a_run_that_was_changed_is_named(plain: Path) -> None:
    run = plain / "runs" / "good.trec"
    lines = run.read_text().splitlines()
    first, second = lines[0].split(" "), lines[1].split(" ")
    first[2], second[2] = second[2], first[2]
    run.write_text("\n".join([" ".join(first), " ".join(second), *lines[2:]]) + "\n")
    figures = [m.figure for m in verify_bundle(plain).mismatches]
    assert "runs/good.trec, SHA-256" in figures


def test_rank_and_order_of_a_run(plain: Path) -> None:
    run = plain / "runs" / "good.trec"
    lines = run.read_text().splitlines()
    lines[1], lines[2] = lines[2], lines[1]
    run.write_text("\n".join(lines) + "\n")
    figures = " ".join(m.figure for m in verify_bundle(plain).mismatches)
    assert "document on line 2, in canonical order" in figures
    assert "rank on line 2" in figures


def test_damaged_and_missing_files(plain: Path) -> None:
    run = plain / "runs" / "good.trec"
    run.write_text(run.read_text().replace(" 1 ", " one ", 1))
    with pytest.raises(BundleError, match=r"good\.trec"):
        verify_bundle(plain)
    run.unlink()
    with pytest.raises(BundleError, match="incomplete"):
        verify_bundle(plain)


def test_a_baseline_is_verified_as_far_as_it_goes(plain: Path, tmp_path: Path) -> None:
    base = update_baseline(bundles.read(plain), tmp_path / "base", "why").path
    found = verify_bundle(base)
    assert found.mismatches == ()
    assert "no runs" in found.not_checked[0]
    _flip(base, ["pipelines", "good", "measures", "map", "value"], 1e-6)
    assert [m.figure for m in verify_bundle(base).mismatches] == ["good, map value"]


def test_timings_come_from_their_samples(timed: Callable[..., Path]) -> None:
    folder = timed({"good": 10.0, "baseline:good": 10.0})
    assert verify_bundle(folder).mismatches == ()
    _flip(folder, ["pipelines", "good", "timing", "latency", "p95", "value"], 0.001)
    _flip(folder, ["against", "pipelines", "good", "latency", "log_ratios", 3], 0.001)
    figures = [m.figure for m in verify_bundle(folder).mismatches]
    assert "good, latency p95 value" in figures
    assert "good, latency log-ratio of block 3" in figures


def test_rates_of_old_bundles_are_held_to_the_interval_of_their_day(timed: Callable[..., Path]) -> None:
    folder = timed({"good": 10.0, "baseline:good": 10.0})
    rates = np.asarray([90.0, 100.0, 110.0, 95.0, 105.0])
    table = bundles.read(folder).table(SAMPLES)
    columns = {name: table[name].to_pylist() for name in SAMPLES.schema.names}
    rows = [
        i
        for i, row in enumerate(zip(columns["pipeline"], columns["series"], strict=True))
        if row == ("good", "offline.queries.items")
    ]
    for i, rate in zip(rows, rates, strict=True):
        columns["value"][i] = float(rate)
    writing.write_table(folder, SAMPLES, columns)
    for made, off in ((stats.mean_interval, 0.0), (stats.log_mean_interval, 0.0), (stats.mean_interval, 0.1)):
        interval = made(rates)
        assert interval is not None
        result = json.loads((folder / "result.json").read_text())
        result["pipelines"]["good"]["timing"]["throughput"]["queries_per_s"] = {
            "value": 100.0,
            "n": 5,
            "interval": {**vars(interval), "low": interval.low + off},
        }
        writing.write_result(folder, {k: v for k, v in result.items() if k not in ("files", "digest")})
        named = [one.figure for one in verify_bundle(folder).mismatches]
        assert named == (["good, throughput queries_per_s interval low"] if off else [])


def test_correlations_agree_with_scipy(sts: Callable[..., Path]) -> None:
    folder = sts({"a": 0.5, "b": 2.0, "same": None})
    assert verify_bundle(folder).mismatches == ()
    _flip(folder, ["pipelines", "b", "measures", "spearman", "value"], 1e-6)
    assert [m.figure for m in verify_bundle(folder).mismatches] == ["b, spearman value"]


def test_without_the_engine_one_sentence_names_its_package(
    scored: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def absent(name: str) -> str:
        raise metadata.PackageNotFoundError(name)

    monkeypatch.setattr(metadata, "version", absent)
    with pytest.raises(UsageError, match="pip install pytrec-eval-terrier"):
        verify_bundle(scored)


def test_this_installation_gives_the_known_answers() -> None:
    found = verify_installation()
    assert found.mismatches == ()
    assert found.checked >= 30


def test_the_engine_is_the_other_one(scored: Path, tmp_path: Path) -> None:
    """A measure that ranx got wrong would show: break the stored scores as a wrong formula would."""
    shutil.copytree(scored, tmp_path / "broken")
    rows = pq.read_table(tmp_path / "broken" / "scores.parquet")
    values = rows["value"].to_numpy() * np.where(np.asarray(rows["measure"]) == "map", 0.5, 1.0)
    writing.write_table(
        tmp_path / "broken",
        SCORES,
        {**{c: rows[c].combine_chunks() for c in rows.column_names}, "value": values},
    )
    found = verify_bundle(tmp_path / "broken")
    assert {
        m.figure.split(", ")[1].split(" ")[0] for m in found.mismatches if m.figure.startswith("scores:")
    } == {"map"}
    assert engine.name().startswith("pytrec_eval")


def test_a_models_wrong_answer_is_a_mismatch_and_an_absent_model_is_said() -> None:
    found = verify_installation([Known("similarity of a and b", 0.666, 0.667, 1e-4)], ["c: not here"])
    assert [one.figure for one in found.mismatches] == ["similarity of a and b"]
    assert found.exit_code == 1
    assert "c: not here" in found.not_checked


def test_intervals_of_perfect_scores_are_made_again_a_second_way_and_old_ones_are_read(
    tmp_path: Path,
) -> None:
    """A bundle from before holds an interval of no width; it is what it was, and a new one is Wilson's."""
    (tmp_path / "q.txt").write_text("".join(f"q{i} 0 a 1\n" for i in range(12)))
    (tmp_path / "run.trec").write_text("".join(f"q{i} Q0 a 1 0.5 t\n" for i in range(12)))
    (tmp_path / "q.tsv").write_text("".join(f"q{i}\ttext\n" for i in range(12)))
    suite = tmp_path / "suite.yaml"
    suite.write_text(
        "task: retrieval\nversion: 1\ndataset: {queries: q.tsv, qrels: q.txt}\nmeasures: [mrr@10]\nprimary: mrr@10\n"
    )
    bundle = harness.score(suite, tmp_path / "run.trec", out=tmp_path / "bundle")
    stored = bundle.content["pipelines"]["run"]["measures"]["mrr@10"]["interval"]
    assert (stored["method"], stored["low"] < stored["high"]) == ("wilson", True)
    assert verify_bundle(bundle.path).mismatches == ()
    for low, agrees in ((1.0, True), (0.9, False)):
        result = json.loads((bundle.path / "result.json").read_text())
        result["pipelines"]["run"]["measures"]["mrr@10"]["interval"] = {
            "low": low, "high": 1.0, "confidence": 0.95, "method": "bootstrap-percentile",
        }  # fmt: skip
        writing.write_result(bundle.path, result)
        assert (verify_bundle(bundle.path).mismatches == ()) == agrees
