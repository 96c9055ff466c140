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

from harness.gate import update_baseline
from harness.results import bundle as bundles

QUALITY = "quality: {ndcg@10: {rule: non-inferiority, margin: 0.02}}\n"
FORBIDDEN = ("torch", "sentence_transformers", "transformers", "ir_datasets", "ranx", "numba")


def _harness(*arguments: str | Path, **variables: str) -> subprocess.CompletedProcess[str]:
    root = Path(__file__).parents[2]
    environment = {**os.environ, "PYTHONPATH": str(root), **variables}
    environment.pop("GITHUB_ACTIONS", None) if "GITHUB_ACTIONS" not in variables else None
    return subprocess.run(
        [sys.executable, "-m", "harness", *map(str, arguments)],
        capture_output=True,
        text=True,
        env=environment,
        check=False,
        timeout=120,
    )


@pytest.fixture
def baseline(plain: Path, tmp_path: Path) -> Path:
    return update_baseline(bundles.read(plain), tmp_path / "base", "the first").path


def test_gate_a_against_a_passes(
    plain: Path, baseline: Path, policy: Callable[[str], Path], tmp_path: Path
) -> None:
    summary = tmp_path / "summary.md"
    done = _harness(
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
    plain: Path, baseline: Path, policy: Callable[[str], Path], tmp_path: Path
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
    done = _harness(
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
    timed: Callable[..., Path], policy: Callable[[str], Path], mine: float, code: int
) -> None:
    rule = policy("pipelines: [good]\nspeed: {latency: {max_slowdown: 1.05}}\n")
    assert _harness("gate", timed({"good": mine, "baseline:good": 10.0}), "--policy", rule).returncode == code


def test_gate_inconclusive_is_3_or_1(
    plain: Path, baseline: Path, policy: Callable[[str], Path], sts: Callable[..., Path]
) -> None:
    first, second = sts({"a": 1.0}, name="x"), sts({"z": 0.0, "a": 1.0}, name="y")
    rule = "pipelines: [a]\nquality: {spearman: {rule: non-inferiority, margin: 0.0001}}\n"
    done = _harness("gate", first, "--baseline", second, "--policy", policy(rule))
    assert done.returncode == 3, done.stdout
    assert "smallest detectable effect" in done.stdout
    assert (
        _harness(
            "gate", first, "--baseline", second, "--policy", policy(rule + "on_inconclusive: fail\n")
        ).returncode
        == 1
    )


def test_gate_not_comparable_is_4(
    plain: Path, policy: Callable[[str], Path], sts: Callable[..., Path]
) -> None:
    assert _harness("gate", plain, "--baseline", sts({"a": 1.0}), "--policy", policy(QUALITY)).returncode == 4


def test_gate_unreadable_is_2(
    plain: Path, baseline: Path, policy: Callable[[str], Path], tmp_path: Path
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
        done = _harness("gate", *arguments)
        assert done.returncode == 2, done.stdout
        assert done.stderr.startswith("harness: ")
        assert "Traceback" not in done.stderr


def test_update_baseline_then_gate(plain: Path, policy: Callable[[str], Path], tmp_path: Path) -> None:
    place = tmp_path / "baselines" / "mine"
    done = _harness("gate", plain, "--update-baseline", "--baseline", place, "--reason", "because")
    assert done.returncode == 0, done.stderr
    assert "new; reason: because" in done.stdout
    assert _harness("gate", plain, "--baseline", place, "--policy", policy(QUALITY)).returncode == 0


def test_verify_names_a_flipped_digit_and_answers_1(plain: Path) -> None:
    assert _harness("verify", plain).returncode == 0
    file = plain / "result.json"
    text = file.read_text()
    place = text.index('"value": 0.') + len('"value": 0.') + 5
    file.write_text(text[:place] + str((int(text[place]) + 1) % 10) + text[place + 1 :])
    done = _harness("verify", plain)
    assert done.returncode == 1
    assert "✗ good, ndcg@10 value" in done.stdout


def test_select_answers_1_where_none_fits(plain: Path) -> None:
    done = _harness("select", plain, "--min", "ndcg@10=0.9999")
    assert done.returncode == 1
    assert "The nearest is" in done.stdout
    assert _harness("select", plain, "--min", "ndcg@10=0.1").returncode == 0
    assert _harness("select", plain, "--max-p95", "10").returncode == 4
    assert _harness("select", plain, "--min", "ndcg@10").returncode == 2


def test_compare_and_show_print_json(plain: Path) -> None:
    found = json.loads(_harness("compare", plain, "--all", "--slice", "length", "--json").stdout)
    assert len(found["results"]) == 40
    assert found["slices"]
    assert json.loads(_harness("show", plain, "--query", "q1", "--json").stdout)["query_id"] == "q1"
    assert _harness("compare", plain).returncode == 0
    assert _harness("show", plain, "--query", "nope").returncode == 2


@pytest.mark.parametrize(
    "arguments",
    [
        ["compare", "B", "--all"],
        ["gate", "B", "--policy", "P"],
        ["select", "B"],
        ["show", "B", "--query", "q1"],
        ["verify", "B"],
    ],
)
def test_nothing_heavy_is_imported(plain: Path, policy: Callable[[str], Path], arguments: list[str]) -> None:
    places = {"B": str(plain), "P": str(policy("quality: {map: {rule: floor, min: 0.0}}"))}
    given = [places.get(a, a) for a in arguments]
    program = (
        "import sys; from harness.cli import main; code = main(sys.argv[1:]); "
        f"loaded = [m for m in {FORBIDDEN!r} if m in sys.modules]; sys.exit(f'{{code}} {{loaded}}' if code "
        "or loaded else 0)"
    )
    root = Path(__file__).parents[2]
    environment = {**os.environ, "PYTHONPATH": str(root)}
    done = subprocess.run(
        [sys.executable, "-c", program, *given],
        capture_output=True,
        text=True,
        env=environment,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
