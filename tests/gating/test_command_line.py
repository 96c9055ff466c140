"""Every exit code from a real command line, and what the commands must not import."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from forked import Forker
from harness.gate import update_baseline
from harness.results import bundle as bundles

QUALITY = "quality: {ndcg@10: {rule: non-inferiority, margin: 0.02}}\n"
Harness = Callable[..., "subprocess.CompletedProcess[str]"]
FORBIDDEN = ("torch", "sentence_transformers", "transformers", "ir_datasets", "ranx", "numba")


@pytest.fixture
def command(forker: Forker) -> Harness:
    def run(*arguments: str | Path, **variables: str) -> subprocess.CompletedProcess[str]:
        told = {name: value for name, value in os.environ.items() if name != "GITHUB_ACTIONS"}
        return forker.run(arguments, {**told, **variables})

    return run


@pytest.fixture
def baseline(plain: Path, tmp_path: Path) -> Path:
    return update_baseline(bundles.read(plain), tmp_path / "base", "the first").path


def test_gate_a_against_a_passes(
    command: Harness, plain: Path, baseline: Path, policy: Callable[[str], Path], tmp_path: Path
) -> None:
    summary = tmp_path / "summary.md"
    done = command(
        "gate",
        plain,
        "--baseline",
        baseline,
        "--policy",
        policy(QUALITY),
        "--junit",
        tmp_path / "j.xml",
        GITHUB_ACTIONS="true",
        GITHUB_STEP_SUMMARY=str(summary),
    )
    assert done.returncode == 0, done.stderr
    assert "PASS: 5 pass" in done.stdout
    assert ET.parse(tmp_path / "j.xml").getroot()[0].get("tests") == "5"
    assert "PASS" in summary.read_text()


def test_gate_a_planted_quality_drop_fails(
    command: Harness, plain: Path, baseline: Path, policy: Callable[[str], Path], tmp_path: Path
) -> None:
    """Swap every query's two best results of ``good`` for its worst ones, and score the run again."""
    import harness

    run = plain / "runs" / "good.trec"
    by_query: dict[str, list[str]] = {}
    for line in run.read_text().splitlines():
        by_query.setdefault(line.split(" ")[0], []).append(line.split(" ")[2])
    lines = [
        f"{q} Q0 {d} 0 {len(docs) - i} x"
        for q, docs in by_query.items()
        for i, d in enumerate([*docs[2:], *docs[:2]])
    ]
    (tmp_path / "good.trec").write_text("\n".join(lines) + "\n")
    suite = bundles.read(plain).content["suite"]
    folder = next(p for p in Path(suite_folder(plain)).iterdir() if p.name == "suite.yaml").parent
    worse = harness.score(folder / "suite.yaml", tmp_path / "good.trec", out=tmp_path / "worse")
    assert suite["name"] == "suite"
    done = command(
        "gate",
        worse.path,
        "--baseline",
        baseline,
        "--policy",
        policy("pipelines: [good]\n" + QUALITY),
        "--json",
    )
    assert done.returncode == 1, done.stderr
    assert json.loads(done.stdout)["verdict"] == "fail"


def suite_folder(bundle: Path) -> Path:
    """Where the fixture's suite lies: beside the run files that the config names."""
    pipelines = bundles.read(bundle).content["config"]["pipelines"]
    return Path(pipelines["good"]["run"]).parent


@pytest.mark.parametrize(("mine", "code"), [(10.0, 0), (13.0, 1)])
def test_gate_a_planted_slow_down(
    command: Harness, timed: Callable[..., Path], policy: Callable[[str], Path], mine: float, code: int
) -> None:
    rule = policy("pipelines: [good]\nspeed: {latency: {max_slowdown: 1.05}}\n")
    assert command("gate", timed({"good": mine, "baseline:good": 10.0}), "--policy", rule).returncode == code


def test_gate_inconclusive_is_3_or_1(
    command: Harness, plain: Path, baseline: Path, policy: Callable[[str], Path], sts: Callable[..., Path]
) -> None:
    first, second = sts({"a": 1.0}, name="x"), sts({"z": 0.0, "a": 1.0}, name="y")
    rule = "pipelines: [a]\nquality: {spearman: {rule: non-inferiority, margin: 0.0001}}\n"
    done = command("gate", first, "--baseline", second, "--policy", policy(rule))
    assert done.returncode == 3, done.stdout
    assert "smallest detectable effect" in done.stdout
    assert (
        command(
            "gate", first, "--baseline", second, "--policy", policy(rule + "on_inconclusive: fail\n")
        ).returncode
        == 1
    )


def test_gate_not_comparable_is_4(
    command: Harness, plain: Path, policy: Callable[[str], Path], sts: Callable[..., Path]
) -> None:
    assert command("gate", plain, "--baseline", sts({"a": 1.0}), "--policy", policy(QUALITY)).returncode == 4


def test_gate_unreadable_is_2(
    command: Harness, plain: Path, baseline: Path, policy: Callable[[str], Path], tmp_path: Path
) -> None:
    (tmp_path / "none").mkdir()
    for arguments in (
        [tmp_path / "absent", "--policy", policy(QUALITY)],
        [tmp_path / "none", "--policy", policy(QUALITY)],
        [
            plain,
            "--policy",
            policy("quality: {ndgc@10: {rule: golden}}", "typo.yaml"),
            "--baseline",
            baseline,
        ],
        [plain, "--policy", policy(QUALITY), "--baseline", tmp_path / "absent"],
        [plain],
        [plain, "--update-baseline", "--baseline", tmp_path / "new"],
    ):
        done = command("gate", *arguments)
        assert done.returncode == 2, done.stdout
        assert done.stderr.startswith("harness: ")
        assert "Traceback" not in done.stderr


def test_update_baseline_then_gate(
    command: Harness, plain: Path, policy: Callable[[str], Path], tmp_path: Path
) -> None:
    place = tmp_path / "baselines" / "mine"
    done = command("gate", plain, "--update-baseline", "--baseline", place, "--reason", "because")
    assert done.returncode == 0, done.stderr
    assert "new; reason: because" in done.stdout
    assert command("gate", plain, "--baseline", place, "--policy", policy(QUALITY)).returncode == 0


def test_verify_names_a_flipped_digit_and_answers_1(command: Harness, plain: Path) -> None:
    assert command("verify", plain).returncode == 0
    file = plain / "result.json"
    text = file.read_text()
    place = text.index('"value": 0.') + len('"value": 0.') + 5
    file.write_text(text[:place] + str((int(text[place]) + 1) % 10) + text[place + 1 :])
    done = command("verify", plain)
    assert done.returncode == 1
    assert "✗ good, ndcg@10 value" in done.stdout


def test_select_answers_1_where_none_fits(command: Harness, plain: Path) -> None:
    done = command("select", plain, "--min", "ndcg@10=0.9999")
    assert done.returncode == 1
    assert "The nearest is" in done.stdout
    assert command("select", plain, "--min", "ndcg@10=0.1").returncode == 0
    assert command("select", plain, "--max-p95", "10").returncode == 4
    assert command("select", plain, "--min", "ndcg@10").returncode == 2


def test_compare_and_show_print_json(command: Harness, plain: Path) -> None:
    found = json.loads(command("compare", plain, "--all", "--slice", "length", "--json").stdout)
    assert len(found["results"]) == 40
    assert found["slices"]
    assert json.loads(command("show", plain, "--query", "q1", "--json").stdout)["query_id"] == "q1"
    assert command("compare", plain).returncode == 0
    assert command("show", plain, "--query", "nope").returncode == 2


def test_nothing_heavy_is_imported(plain: Path, policy: Callable[[str], Path]) -> None:
    rule = str(policy("quality: {map: {rule: floor, min: 0.0}}"))
    commands = [
        ["compare", str(plain), "--all"],
        ["gate", str(plain), "--policy", rule],
        ["select", str(plain)],
        ["show", str(plain), "--query", "q1"],
        ["verify", str(plain)],
    ]
    program = (
        "import sys\nfrom harness.cli import main\n"
        f"for command in {commands!r}:\n"
        "    code = main(command)\n"
        f"    loaded = [m for m in {FORBIDDEN!r} if m in sys.modules]\n"
        "    if code or loaded: sys.exit(f'{command[0]}: {code} {loaded}')\n"
    )
    root = Path(__file__).parents[2]
    done = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(root)},
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
