"""The command line as people meet it: output, exit codes, and one message for what is wrong."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from harness.cli import main

Run = Callable[[Sequence[object]], tuple[int, str, str]]


@pytest.fixture
def cli(capsys: pytest.CaptureFixture[str]) -> Run:
    """Run one command in this process: (exit code, stdout, stderr)."""

    def run(arguments: Sequence[object]) -> tuple[int, str, str]:
        code = main([str(argument) for argument in arguments])
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return run


def test_run_score_and_the_table(cli: Run, write_config: Callable[[str], Path], tmp_path: Path) -> None:
    config = write_config(
        "  bm25: {retrieve: bm25, depth: 10}\n  two: {retrieve: bi, rerank: cross, depth: 5}\n"
    )
    code, out, _ = cli(["run", config, "--out", tmp_path / "b"])
    assert code == 0
    assert "suite (version 1): 12 judged queries, 192 documents, 72 judgments" in out
    assert "bi → cross, depth 5" in out
    assert "†" in out  # recall@100 looks deeper than 5
    assert (tmp_path / "b/table.md").read_text().startswith("**suite \\(version 1\\)") or "| pipeline |" in (
        tmp_path / "b/table.md"
    ).read_text()
    code, out, _ = cli(
        [
            "score",
            config.parent / "suite.yaml",
            tmp_path / "b/runs/two.trec",
            "--out",
            tmp_path / "s",
            "--json",
        ]
    )
    assert code == 0
    scored = json.loads(out)
    ran = json.loads((tmp_path / "b/result.json").read_text())
    for measure in ran["measures"]:
        assert (
            scored["pipelines"]["two"]["measures"][measure]["value"]
            == ran["pipelines"]["two"]["measures"][measure]["value"]
        )


def test_try(cli: Run, write_config: Callable[[str], Path]) -> None:
    config = write_config(
        "  bi: {retrieve: bi}\n  bm25: {retrieve: bm25}\n  two: {retrieve: bi, rerank: cross, depth: 5}\n"
    )
    code, out, _ = cli(["try", config, "the old river", "--top", 2, "--json"])
    assert code == 0
    answers = json.loads(out)
    assert [answer["pipeline"] for answer in answers] == ["bi", "bm25", "two"]
    assert all(len(answer["results"]) == 2 and answer["results"][0]["text"] for answer in answers)
    assert cli(["try", config, "  "])[0] == 2


@pytest.mark.parametrize("what", ["suites", "configs", "models", "measures", "pipelines"])
def test_list(cli: Run, what: str) -> None:
    code, out, _ = cli(["list", what])
    assert code == 0
    assert len(out.splitlines()) > 1
    assert json.loads(cli(["list", what, "--json"])[1])


def test_help_and_list_load_nothing_heavy() -> None:
    script = (
        "import sys\nfrom harness.cli import main\nmain(['list', 'suites'])\n"
        "heavy = {'torch', 'transformers', 'ranx', 'numba', 'pandas', 'sentence_transformers', 'scipy', 'matplotlib'}\n"
        "found = sorted(heavy & set(sys.modules))\nprint(found, file=sys.stderr)\nsys.exit(bool(found))\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    ("change", "code", "says"),
    [
        (lambda d: (d / "docs.tsv").unlink(), 2, "docs.tsv: no such file"),
        (lambda d: (d / "docs.tsv").write_text(""), 2, "docs.tsv: holds no documents"),
        (lambda d: (d / "docs.tsv").write_text("d1\ta\nd1\tb\n"), 2, "'d1' is given 2 times"),
        (lambda d: (d / "queries.tsv").write_text("x\ty\nx\tz\n"), 2, "queries.tsv:2: query id 'x' is given twice"),
        (lambda d: (d / "queries.tsv").write_bytes(b"q1\t\xff\n"), 2, "queries.tsv:1: not UTF-8"),
        (lambda d: (d / "qrels.txt").write_text("q1 0 d1\n"), 2, "qrels.txt:1: the grade 'd1' is not a whole number; 3 columns are query, document, grade"),
        (lambda d: (d / "qrels.txt").write_text("zz 0 d1 1\n"), 2, "do queries and judgments belong together"),
        (lambda d: (d / "qrels.txt").write_text("q1 0 none 1\n"), 2, "do documents and judgments belong together"),
        (lambda d: (d / "suite.yaml").write_text("task: retreival\nversion: 1\ndataset: {}\nmeasures: [map]\nprimary: map\n"), 2, "did you mean 'retrieval'"),
    ],
)  # fmt: skip
def test_bad_data_gives_one_message_and_leaves_nothing(
    cli: Run,
    write_config: Callable[[str], Path],
    tmp_path: Path,
    change: Callable[[Path], object],
    code: int,
    says: str,
) -> None:
    config = write_config("  bm25: {retrieve: bm25}\n")
    change(config.parent)
    before = sorted(tmp_path.iterdir())
    got, out, err = cli(["run", config, "--out", tmp_path / "b"])
    assert (got, out) == (code, "")
    assert says in err
    assert len(err.strip().splitlines()) == 1
    assert sorted(tmp_path.iterdir()) == before


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("q0 Q0 d1 1 nan t", "run.trec:1: query 'q0', document 'd1': the score 'nan' is not finite"),
        ("q0 Q0 d1 1 x t", "run.trec:1: the score 'x' is not a number"),
        ("q0 Q0 d1 1 1.0", "run.trec:1: 5 columns"),
        ("q0 Q0 d1 1 1.0 t\nq0 Q0 d1 2 0.5 t", "document 'd1': given twice"),
        ("", "run.trec: holds no results"),
    ],
)
def test_bad_runs(cli: Run, collection: Path, line: str, says: str) -> None:
    (collection / "run.trec").write_text(line + "\n" if line else "")
    code, _, err = cli(
        ["score", collection / "suite.yaml", collection / "run.trec", "--out", collection / "b"]
    )
    assert code == 2
    assert says in err
    assert not (collection / "b").exists()


@pytest.mark.parametrize(
    "name", [".trec", ".hidden.trec", " spaced.trec", f"{'n' * 101}.trec", "new\nline.trec"]
)
def test_a_run_whose_name_cannot_be_a_pipeline_s(cli: Run, collection: Path, name: str) -> None:
    (collection / name).write_text("q0 Q0 d1 1 1.0 t\n")
    code, _, err = cli(["score", collection / "suite.yaml", collection / name, "--out", collection / "b"])
    assert code == 2
    assert "cannot be a file's name" in err
    assert "rename it" in err
    assert len(err.splitlines()) == 1
    assert not (collection / "b").exists()


def test_a_run_with_no_common_query_measures_nothing(cli: Run, collection: Path) -> None:
    (collection / "run.trec").write_text("other Q0 d1 1 1.0 t\n")
    code, _, err = cli(
        ["score", collection / "suite.yaml", collection / "run.trec", "--out", collection / "b"]
    )
    assert code == 4
    assert "none of its queries is among the 12 judged ones" in err


@pytest.mark.parametrize(
    ("models", "says"),
    [
        ("bi: {bi_encoder: CROSS}", "is a cross-encoder"),
        ("cross: {cross_encoder: BI}", "where a cross-encoder is asked for"),
        ("bi: {bi_encoder: ./nowhere}", "does not exist"),
        ("bi: {bi_encoder: some/thing}", "is not on this machine"),
        ("bi: {bi_encoder: {package: no-such-package-xyz}}", "is not installed"),
        ("bi: {bi_encoder: {class: no.such.Class}}", "cannot be imported"),
        ("bi: {bi_encoder: BI, device: cuda}", "no CUDA device"),
        ("bi: {bi_encoder: PICKLE}", "pickles, which can run any code"),
    ],
)
def test_bad_models(
    cli: Run, collection: Path, tiny_bi_encoder: Path, tiny_cross_encoder: Path, models: str, says: str
) -> None:
    import torch

    if "cuda" in models and torch.cuda.is_available():
        pytest.skip("this machine has CUDA")
    pickled = collection / "pickled"
    pickled.mkdir()
    (pickled / "config.json").write_text("{}")
    (pickled / "pytorch_model.bin").write_bytes(b"x")
    for name, path in (("CROSS", tiny_cross_encoder), ("BI", tiny_bi_encoder), ("PICKLE", pickled)):
        models = models.replace(name, str(path))
    others = "" if models.startswith("cross") else f"  cross: {{cross_encoder: {tiny_cross_encoder}}}\n"
    others += "" if models.startswith("bi") else f"  bi: {{bi_encoder: {tiny_bi_encoder}}}\n"
    (collection / "c.yaml").write_text(
        f"suite: suite.yaml\nmodels:\n  {models}\n{others}pipelines:\n  two: {{retrieve: bi, rerank: cross, depth: 5}}\n"
    )
    code, _, err = cli(["run", collection / "c.yaml", "--offline", "--out", collection / "b"])
    assert code == 2, err
    assert says in err
    assert "model '" in err
    assert not (collection / "b").exists()


def test_an_output_folder_with_something_else_in_it_is_left_alone(
    cli: Run, write_config: Callable[[str], Path], tmp_path: Path
) -> None:
    config = write_config("  bm25: {retrieve: bm25}\n")
    other = tmp_path / "mine"
    other.mkdir()
    (other / "thesis.txt").write_text("do not lose this")
    code, _, err = cli(["run", config, "--out", other])
    assert (code, (other / "thesis.txt").read_text()) == (2, "do not lose this")
    assert "holds other files" in err


def test_usage_and_unknown_things_exit_2(cli: Run) -> None:
    assert cli([])[0] == 2
    assert cli(["rnu"])[0] == 2
    code, _, err = cli(["run", "quickstrat"])
    assert code == 2
    assert "did you mean 'quickstart'" in err


def test_ctrl_c_exits_130_and_leaves_nothing(write_config: Callable[[str], Path], tmp_path: Path) -> None:
    config = write_config("  bm25: {retrieve: bm25}\n")
    script = (
        "import os, signal, sys\nfrom harness.plan.doing import Doing\nfrom harness.cli import main\n"
        "def interrupted(*_):\n    os.kill(os.getpid(), signal.SIGINT)\n    raise AssertionError('not interrupted')\n"
        "Doing.do = interrupted\n"
        f"sys.exit(main(['run', {str(config)!r}, '--out', {str(tmp_path / 'b')!r}]))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False, env={**os.environ},
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )  # fmt: skip
    assert done.returncode == 130, done.stderr
    assert "interrupted; the same command can be run again" in done.stderr
    assert not (tmp_path / "b").exists()
