"""What a run would do, said before it does it; a second run without torch; the memory limit."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from harness.cli import main
from harness.config import load_config
from harness.errors import ResourceError
from harness.plan import running
from harness.plan.memory import Budget
from harness.plan.running import RunOptions

PIPELINES = (
    "  bi: {retrieve: bi, depth: 50}\n  two: {retrieve: bi, rerank: cross, depth: [3, 8]}\n"
    "  over: {rerank: cross, candidates: bm25, depth: 8}\n"
)


@pytest.fixture
def store(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """An empty store."""
    monkeypatch.setenv("HARNESS_STORE", str(tmp_path / "own-store"))
    return tmp_path / "own-store"


def planned(path: Path, capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    """What ``harness plan --json`` says."""
    capsys.readouterr()
    assert main(["plan", str(path), "--json", "--no-timing"]) == 0
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found


def test_the_plan_foresees_exactly_what_the_run_does(
    store: Path, write_config: Callable[[str], Path], capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    path = write_config(PIPELINES)
    before = planned(path, capsys)
    steps = {step["step"]: step for step in before["steps"]}
    assert steps["encode documents with bi"]["shared_by"] == ["bi", "two@3", "two@8"]
    pairs = steps["score pairs with cross"]
    assert pairs["at_most"]
    assert pairs["shared_by"] == ["two@3", "two@8", "over"]
    work = running.run(load_config(path), RunOptions(tmp_path / "out")).content["work"]
    encoding = [step for name, step in steps.items() if name.startswith("encode")]
    assert sum(step["forward_passes"] for step in encoding) == work["bi"]["forward_passes"]
    assert sum(step["total"] for step in encoding) == work["bi"]["texts"]
    assert pairs["total"] >= work["cross"]["texts"]
    assert pairs["forward_passes"] >= work["cross"]["forward_passes"]

    after = planned(path, capsys)
    assert after["forward_passes"] == after["disk_bytes"] == 0
    steps = {step["step"]: step for step in after["steps"]}
    scored = steps["score pairs with cross"]
    assert not scored["at_most"]
    assert scored["total"] == scored["stored"] == work["cross"]["texts"]

    path.write_text(path.read_text().replace("[3, 8]", "[3, 9]"))
    more = {step["step"]: step for step in planned(path, capsys)["steps"]}["score pairs with cross"]
    assert more["stored"] == work["cross"]["texts"]
    again = running.run(load_config(path), RunOptions(tmp_path / "more")).content["work"]["cross"]
    assert again["texts"] == more["total"] - more["stored"]
    assert again["forward_passes"] == more["forward_passes"]


def test_the_plan_times_the_models_and_prints_a_table(
    store: Path, write_config: Callable[[str], Path], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["plan", str(write_config(PIPELINES))]) == 0
    shown = capsys.readouterr().out
    assert "encode documents with bi" in shown
    assert "unknown" not in shown


def test_the_plan_says_what_is_missing(
    store: Path,
    write_config: Callable[[str], Path],
    capsys: pytest.CaptureFixture[str],
    tiny_bi_encoder: Path,
) -> None:
    path = write_config("  bi: {retrieve: bi, depth: 5}\n")
    path.write_text(path.read_text().replace(str(tiny_bi_encoder), "some/model"))
    found = planned(path, capsys)
    assert "model some/model is not on this machine" in found["downloads"][0]
    assert found["seconds"] is None


_SECOND = """
import sys
from harness.cli import main
code = main(["run", sys.argv[1], "--out", sys.argv[2]])
loaded = sorted(name for name in ("torch", "transformers", "sentence_transformers") if name in sys.modules)
print("LOADED", loaded)
sys.exit(code)
"""


def test_a_second_run_needs_no_torch(
    store: Path, write_config: Callable[[str], Path], tmp_path: Path
) -> None:
    path = write_config(PIPELINES)
    first = running.run(load_config(path), RunOptions(tmp_path / "first")).content
    done = subprocess.run(
        [sys.executable, "-c", _SECOND, str(path), str(tmp_path / "second")],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONPATH": str(Path.cwd())},
    )
    assert "LOADED []" in done.stdout
    second = json.loads((tmp_path / "second" / "result.json").read_text())
    assert second["work"]["bi"]["forward_passes"] == second["work"]["cross"]["forward_passes"] == 0
    for key in ("pipelines", "models", "result_key", "perf_key", "config_digest"):
        assert second[key] == first[key], key
    assert second["manifest"]["threads"] == first["manifest"]["threads"]


def test_derived_pipelines_equal_independent_runs(
    store: Path, write_config: Callable[..., Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from harness.datasets import trec

    running.run(load_config(write_config(PIPELINES)), RunOptions(tmp_path / "all"))
    for depth in (3, 8):
        monkeypatch.setenv("HARNESS_STORE", str(tmp_path / f"store-{depth}"))
        path = write_config(
            f"  two@{depth}: {{retrieve: bi, rerank: cross, depth: {depth}}}\n", f"only-{depth}"
        )
        running.run(load_config(path), RunOptions(tmp_path / f"only-{depth}"))
        shared, alone = (
            trec.read_run(tmp_path / name / "runs" / f"two@{depth}.trec") for name in ("all", f"only-{depth}")
        )
        for query in alone.query_ids:
            one, two = dict(shared.results(query)), dict(alone.results(query))
            assert one.keys() == two.keys()
            for document, score in two.items():
                assert one[document] == pytest.approx(score, abs=1e-5)


def test_fp16_embeddings_rest_in_half_the_space_and_move_little(
    store: Path, write_config: Callable[[str], Path], tmp_path: Path
) -> None:
    path = write_config("  bi: {retrieve: bi, depth: 50}\n")
    full = running.run(load_config(path), RunOptions(tmp_path / "fp32"))
    half = running.run(load_config(path, ["embeddings=fp16"]), RunOptions(tmp_path / "fp16"))
    assert half.content["models"]["bi"]["settings"]["embeddings"] == "fp16"
    assert half.content["result_key"] != full.content["result_key"]
    assert half.value("bi", "ndcg@10") == pytest.approx(full.value("bi", "ndcg@10"), abs=0.05)
    off = running.run(load_config(path, ["embeddings=fp16", "store=off"]), RunOptions(tmp_path / "off"))
    assert (tmp_path / "off" / "runs" / "bi.trec").read_bytes() == (
        tmp_path / "fp16" / "runs" / "bi.trec"
    ).read_bytes()
    assert off.value("bi", "ndcg@10") == half.value("bi", "ndcg@10")


def test_a_memory_limit_below_what_is_needed_is_said(
    store: Path, write_config: Callable[[str], Path], tmp_path: Path
) -> None:
    path = write_config("  bi: {retrieve: bi, depth: 50}\n")
    with pytest.raises(ResourceError, match=r"needs .*the memory_limit (is|of) 1 MB"):
        running.run(load_config(path, ["memory_limit=1MB"]), RunOptions(tmp_path / "out"))
    assert not (tmp_path / "out").exists()


def test_half_of_what_there_is_by_default() -> None:
    from harness.plan.memory import available

    assert Budget.of(None).limit == available() // 2
    assert Budget.of(5).limit == 5


def test_a_model_that_changes_during_the_run_stops_it(
    write_config: Callable[[str], Path],
    tiny_bi_encoder: Path,
    tmp_path: Path,
    store: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    import shutil

    from harness.errors import ModelError
    from harness.models.sentence import SentenceBiEncoder

    copy = tmp_path / "changing"
    shutil.copytree(tiny_bi_encoder, copy)
    path = write_config("  bi: {retrieve: bi, depth: 5}\n")
    path.write_text(path.read_text().replace(str(tiny_bi_encoder), str(copy)))
    encode = SentenceBiEncoder.encode

    def saved_again_meanwhile(self: Any, texts: Any, role: Any) -> Any:
        with (copy / "tokenizer.json").open("a") as file:
            file.write(" ")
        return encode(self, texts, role)

    monkeypatch.setattr(SentenceBiEncoder, "encode", saved_again_meanwhile)
    with pytest.raises(ModelError, match=r"files in .*changing changed during the run"):
        running.run(load_config(path), RunOptions(tmp_path / "out"))
    assert list((store / "embeddings").rglob("*")) == []
