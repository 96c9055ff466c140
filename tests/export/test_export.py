"""Exports read back by their libraries' own classes, with every figure, count and interval; and what is refused."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import harness
from harness.cli import main
from harness.export.figures import Figured

PAIRS = [
    ("the river flows", "a river flows", 4.0),
    ("the old city", "red fish", 0.5),
    ("deep lake", "the sea", 2.5),
]


@pytest.fixture
def bundle(collection: Path, tmp_path: Path) -> Any:
    said = {"bm25": {"retrieve": "bm25", "depth": 100}, "short": {"retrieve": "bm25", "depth": 5}}
    content = {"suite": str(collection / "suite.yaml"), "pipelines": said}
    return harness.run(content, out=tmp_path / "bundle")


def figures(bundle: Any, pipeline: str) -> dict[str, tuple[float, int, float, float]]:
    """What a bundle says: measure -> value, n, low, high."""
    rows = bundle.summary[bundle.summary["pipeline"] == pipeline]
    return {row.measure: (row.value, row.n, row.low, row.high) for row in rows.itertuples()}


def run(*arguments: object) -> int:
    return main(["export", *map(str, arguments)])


def test_the_hub_reads_its_model_index(bundle: Any, tmp_path: Path) -> None:
    from huggingface_hub import EvalResult, ModelCard

    out = tmp_path / "card"
    assert run(bundle.path, "--to", "hub", "--pipeline", "bm25", "--name", "my-model", "--out", out) == 0
    card = ModelCard.load(out / "README.md")
    found = card.data.eval_results
    assert card.data.model_name == "my-model"
    assert all(isinstance(one, EvalResult) for one in found)
    read = {
        one.metric_name: (one.metric_value, one.metric_args["n"], *one.metric_args["interval_95"])
        for one in found
    }
    assert read == {name: pytest.approx(row, abs=0) for name, row in figures(bundle, "bm25").items()}
    assert {(one.task_type, one.dataset_name) for one in found} == {("text-ranking", "suite")}
    assert not (out / ".eval_results").exists()


def test_the_hub_reads_its_evaluation_results(bundle: Any, tmp_path: Path) -> None:
    import yaml
    from huggingface_hub import parse_eval_result_entries

    out = tmp_path / "card"
    assert run(bundle.path, "--to", "hub", "--pipeline", "bm25", "--dataset", "me/my-set", "--out", out) == 0
    (path,) = (out / ".eval_results").iterdir()
    entries = parse_eval_result_entries(yaml.safe_load(path.read_text(encoding="utf-8")))
    expected = figures(bundle, "bm25")
    assert [entry.value for entry in entries] == [row[0] for row in expected.values()]
    for entry, (_, n, low, high) in zip(entries, expected.values(), strict=True):
        assert entry.dataset_id == "me/my-set"
        assert entry.notes == f"pipeline bm25; n = {n}, 95 % interval {low:.4f} to {high:.4f}"


def test_mteb_reads_its_results(bundle: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    mteb = pytest.importorskip("mteb", reason="the extra 'mteb' is not installed")
    out = tmp_path / "results"
    assert run(bundle.path, "--to", "mteb", "--task", "MySet", "--out", out, "--json") == 0
    assert json.loads(capsys.readouterr().out)["to"] == "mteb"
    for pipeline in ("bm25", "short"):
        result = mteb.TaskResult.from_disk(out / pipeline / "MySet.json")
        (scores,) = result.scores["test"]
        expected = figures(bundle, pipeline)
        six = 5e-7  # MTEB writes six decimals
        assert result.get_score() == pytest.approx(expected["ndcg@10"][0], abs=six)
        for measure, (value, n, low, high) in expected.items():
            name = measure.replace("@", "_at_")
            assert scores[name] == pytest.approx(value, abs=six)
            assert scores["intervals"][name] == pytest.approx({"n": n, "low": low, "high": high}, abs=six)


def test_an_mlflow_store_of_files_has_a_run_a_pipeline(bundle: Any, tmp_path: Path) -> None:
    tracking = pytest.importorskip("mlflow.tracking", reason="the extra 'mlflow' is not installed")
    out = tmp_path / "mlruns"
    assert run(bundle.path, "--to", "mlflow", "--out", out) == 0
    assert run(bundle.path, "--to", "mlflow", "--out", out, "--pipeline", "bm25") == 0  # beside the others
    client = tracking.MlflowClient(tracking_uri=out.as_uri())
    runs = client.search_runs([client.get_experiment_by_name("suite").experiment_id])
    assert sorted(one.data.tags["mlflow.runName"] for one in runs) == ["bm25", "bm25", "short"]
    for one in runs:
        name = one.data.params["pipeline"]
        for measure, (value, n, low, high) in figures(bundle, name).items():
            key = measure.replace("@", "_at_")
            read = [one.data.metrics[key + suffix] for suffix in ("", "_n", "_low", "_high")]
            assert read == [value, n, low, high]


def test_a_trackio_project_has_a_run_a_pipeline(bundle: Any, tmp_path: Path) -> None:
    if importlib.util.find_spec("trackio") is None:
        pytest.skip("the extra 'trackio' is not installed")
    out = tmp_path / "trackio"
    code = (
        "import json, sys; from harness.cli import main\n"
        "assert main(['export', sys.argv[1], '--to', 'trackio', '--out', sys.argv[2]]) == 0\n"
        "import trackio\n"
        "from trackio.sqlite_storage import SQLiteStorage as store\n"
        "print(json.dumps({run: store.get_logs('suite', run) for run in store.get_runs('suite')}, default=str))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(bundle.path), str(out)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    runs = json.loads(done.stdout.splitlines()[-1])
    assert sorted(runs) == ["bm25", "short"]
    for name, (log,) in runs.items():
        for measure, (value, n, low, high) in figures(bundle, name).items():
            key = measure.replace("@", "_at_")
            assert [log[key + suffix] for suffix in ("", "_n", "_low", "_high")] == [value, n, low, high]


def test_weights_and_biases_keeps_a_run_a_pipeline_and_sends_nothing(bundle: Any, tmp_path: Path) -> None:
    if importlib.util.find_spec("wandb") is None:
        pytest.skip("the extra 'wandb' is not installed")
    out = tmp_path / "kept"
    code = "import sys; from harness.cli import main; sys.exit(main(sys.argv[1:]))"
    arguments = ["export", str(bundle.path), "--to", "wandb", "--out", str(out)]
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    runs = dict(_of_wandb(path) for path in out.rglob("*.wandb"))
    assert sorted(runs) == ["bm25", "short"]
    assert all("offline-run" in str(path) for path in out.rglob("*.wandb"))
    for name, summary in runs.items():
        for measure, (value, n, low, high) in figures(bundle, name).items():
            key = measure.replace("@", "_at_")
            assert [summary[key + suffix] for suffix in ("", "_n", "_low", "_high")] == [value, n, low, high]


def _of_wandb(path: Path) -> tuple[str, dict[str, Any]]:
    """A run's name and summary: records of the library's own protobuf, in a log as LevelDB's."""
    from wandb.proto import wandb_internal_pb2

    raw, place, part = path.read_bytes(), 7, b""
    name, summary = "", {}
    while place + 7 <= len(raw):
        if 32768 - place % 32768 < 7:
            place += 32768 - place % 32768
            continue
        length, kind = int.from_bytes(raw[place + 4 : place + 6], "little"), raw[place + 6]
        part += raw[place + 7 : place + 7 + length]
        place += 7 + length
        if kind in (1, 4):  # whole, or the last of its parts
            record = wandb_internal_pb2.Record.FromString(part)
            name = record.run.display_name or name
            summary |= {
                one.key or one.nested_key[0]: json.loads(one.value_json) for one in record.summary.update
            }
            part = b""
    return name, summary


def test_a_figure_without_an_interval_names_none() -> None:
    figure = Figured("ndcg@10", 0.5, 7, None, None)
    assert figure.words == "n = 7"
    assert figure.named == {"ndcg_at_10": 0.5, "ndcg_at_10_n": 7}
    assert Figured("map-l2", 0.5, 1040, 0.4, 0.6).words == "n = 1,040, 95 % interval 0.4000 to 0.6000"


def test_similarity_has_its_own_names(tmp_path: Path) -> None:
    from huggingface_hub import ModelCard

    made = harness.run(
        pairs=PAIRS, models={"len": lambda texts: [[len(t), 1.0] for t in texts]}, out=tmp_path / "b"
    )
    assert run(made.path, "--to", "hub", "--out", tmp_path / "card") == 0
    found = ModelCard.load(tmp_path / "card" / "README.md").data.eval_results
    assert {(one.task_type, one.metric_type) for one in found} == {
        ("sentence-similarity", "spearman"),
        ("sentence-similarity", "pearson"),
    }


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (
            ["--to", "hub"],
            "describes one model, and the bundle has 2 pipelines; name one: --pipeline bm25, short",
        ),
        (["--to", "hub", "--pipeline", "bm"], "has no such pipeline (did you mean 'bm25'?)"),
        (["--to", "hub", "--pipeline", "bm25", "--push"], "needs --repo OWNER/NAME"),
        (["--to", "hub", "--pipeline", "bm25", "--repo", "x"], "--repo 'x' is not OWNER/NAME"),
        (
            ["--to", "hub", "--task", "X", "--pipeline", "bm25"],
            "--task is not for --to hub, which takes --dataset, --name",
        ),
        (["--to", "mteb", "--push"], "mteb is a format of files, and goes nowhere"),
        (["--to", "mlflow", "--push"], "that MLFLOW_TRACKING_URI names, and it names none"),
    ],
)
def test_what_cannot_be_exported_is_told(
    bundle: Any, tmp_path: Path, arguments: list[str], said: str, capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    assert run(bundle.path, "--out", tmp_path / "out", *arguments) == 2
    assert said in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_nothing_is_pushed_unless_asked_and_a_refusal_is_told(
    bundle: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    import huggingface_hub

    sent: list[str] = []

    def refuse(repo: str, *_: Any, **__: Any) -> None:
        sent.append(repo)
        raise ConnectionError("403 Forbidden:\nnot yours")

    monkeypatch.setattr(huggingface_hub, "metadata_update", refuse)
    arguments = (bundle.path, "--to", "hub", "--pipeline", "bm25", "--repo", "me/mine")
    assert run(*arguments, "--out", tmp_path / "a") == 0
    assert sent == []
    assert run(*arguments, "--out", tmp_path / "b", "--push") == 70
    assert sent == ["me/mine"]
    told = capsys.readouterr().err
    assert "the hub refused to take this at me/mine (ConnectionError: 403 Forbidden: not yours)" in told
    assert (tmp_path / "b" / "README.md").is_file()  # what would have been sent can be looked at
    assert run(*arguments, "--out", tmp_path / "b") == 2
    assert "is there already, and not empty" in capsys.readouterr().err


def test_a_library_that_is_missing_is_named_with_its_extra(
    bundle: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, to in (
        ("mteb", "mteb"),
        ("mlflow.tracking", "mlflow"),
        ("trackio", "trackio"),
        ("wandb", "wandb"),
    ):
        monkeypatch.setitem(sys.modules, name, None)
        assert run(bundle.path, "--to", to, "--out", tmp_path / "out") == 2
        told = capsys.readouterr().err
        package = "mlflow-skinny" if to == "mlflow" else to
        assert f"'python -m pip install {package}' does that (it is in the extra '{to}')" in told
