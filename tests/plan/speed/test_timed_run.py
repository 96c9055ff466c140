"""Whole runs with real workers: what timing leaves alone, and what a worker that dies leaves."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from harness.cli import main
from harness.results import bundle
from harness.verify import verify_bundle

pytestmark = pytest.mark.long


@pytest.fixture
def bench(make_bench: Callable[..., Any], monkeypatch: pytest.MonkeyPatch, capsys: Any) -> Any:
    made = make_bench(60, 8)
    text = (made.folder / "config.yaml").read_text()
    text = text.replace("  two: {retrieve: enc, rerank: rank, depth: [5, 20, 50]}\n", "").replace(
        "depth: 50}", "depth: 5}"
    )
    (made.folder / "config.yaml").write_text(text)
    monkeypatch.syspath_prepend(str(made.folder))
    monkeypatch.setenv("HARNESS_STORE", str(made.store))
    return made


def run(bench: Any, out: str, *more: str) -> bundle.Bundle:
    config, folder = str(bench.folder / "config.yaml"), bench.folder / out
    assert main(["run", config, "--out", str(folder), "--offline", *more]) == 0
    return bundle.read(folder)


def test_a_timed_run_leaves_the_quality_alone(bench: Any) -> None:
    plain, timed = run(bench, "plain"), run(bench, "timed", "--set", "timing=smoke")
    assert plain.content["timing"] is None
    assert timed.content["timing"]["profile"] == "smoke"
    for name, part in plain.content["pipelines"].items():
        assert part["timing"] is None
        mine = timed.content["pipelines"][name]
        assert {**mine, "timing": None} == part
        assert mine["timing"]["invalid"] is None
        assert mine["timing"]["latency"]["p50"]["value"] > 0
        assert abs(mine["timing"]["stages"]["sum_ratio"] - 1.0) < 0.03
        assert (plain.path / part["run"]).read_bytes() == (timed.path / mine["run"]).read_bytes()
    assert plain.content["result_key"] == timed.content["result_key"]
    assert plain.content["perf_key"] == timed.content["perf_key"]
    assert (timed.path / "table.md").is_file()
    assert "table.md" in timed.content["files"]
    assert verify_bundle(timed).mismatches == ()


def test_a_sample_that_was_changed_is_found(bench: Any) -> None:
    timed = run(
        bench, "timed", "--set", "timing=smoke", "--set", "pipelines={bm25: {retrieve: bm25, depth: 5}}"
    )
    result = json.loads((timed.path / "result.json").read_text())
    result["pipelines"]["bm25"]["timing"]["throughput"]["queries_per_s"]["value"] *= 1.01
    (timed.path / "result.json").write_text(json.dumps(result))
    found = verify_bundle(timed.path).mismatches
    assert any("throughput queries_per_s value" in str(one) for one in found)


def test_two_arms_of_one_config(bench: Any) -> None:
    only = ("--set", "pipelines={bm25: {retrieve: bm25, depth: 100}}")
    made = run(bench, "arms", "--set", "timing=smoke", "--against", str(bench.folder / "config.yaml"), *only)
    arm = made.content["against"]["pipelines"]["bm25"]
    assert arm["latency"]["ratio"]["n"] in (12, 20)
    assert arm["memory"]["ratio"]["value"] == pytest.approx(1.0, abs=0.1)
    assert (
        made.content["pipelines"]["bm25"]["measures"]
        == made.content["pipelines"]["baseline:bm25"]["measures"]
    )
    assert (
        made.content["pipelines"]["bm25"]["timing"]["counters"]
        == made.content["pipelines"]["baseline:bm25"]["timing"]["counters"]
    )
    assert verify_bundle(made).mismatches == ()


def test_a_pipeline_whose_worker_dies(bench: Any, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    text = (bench.folder / "thirdparty.py").read_text()
    killing = (
        "        if os.environ.get('PYTHONSAFEPATH'):\n            raise SystemExit('the encoder gave up')\n"
    )
    text = text.replace(
        "    def __init__(self, scale=1.0):\n", "    def __init__(self, scale=1.0):\n" + killing
    )
    (bench.folder / "thirdparty.py").write_text(text)
    made = run(bench, "dies", "--set", "timing=smoke")
    assert "the encoder gave up" in made.content["pipelines"]["bi"]["timing"]["invalid"]
    assert made.content["pipelines"]["bi"]["measures"]["ndcg@10"]["n"] == 8
    assert made.content["pipelines"]["bm25"]["timing"]["invalid"] is None
    assert "the encoder gave up" in capsys.readouterr().err
