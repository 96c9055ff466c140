"""The command from config to files, with small models of a third party; and what a config may not say."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from harness.claims.all_pairs import settings, shown
from harness.claims.all_pairs.figures import AllPairs, Side, predictions, side
from harness.claims.all_pairs.measuring import WorkTimes
from harness.cli import main
from harness.errors import ConfigError

MODELS = """
import hashlib
import numpy as np
class Encoder:
    similarity = "cosine"
    def encode(self, texts, role):
        seeds = [int.from_bytes(hashlib.sha256(t.encode()).digest()[:4], "big") for t in texts]
        return np.stack([np.random.default_rng(s).standard_normal(8) for s in seeds]).astype(np.float32)
class Ranker:
    def score(self, pairs):
        return np.asarray([len(set(a.split()) & set(b.split())) for a, b in pairs], dtype=np.float32)
"""
CONFIG = """suite: suite.yaml
models:
  m: {bi_encoder: {class: pair_models.Encoder}}
  r: {cross_encoder: {class: pair_models.Ranker}}
bi_encoder: m
cross_encoder: r
thresholds: {bi_encoder: 0.9, cross_encoder: 3}
budget_s: 4
repeats: 2
tolerance: 0.99
predict: [10000, 100000]
published: {n: 10000, bi_encoder_s: 5, cross_encoder_s: 234000, source: a paper}
"""


@pytest.fixture
def write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], Path]]:
    rows = [f"first {i} of {i % 7},second {i} of {i % 5},{i % 5}" for i in range(150)]
    (tmp_path / "pairs.csv").write_text("\n".join([*rows, rows[0]]) + "\n")
    (tmp_path / "suite.yaml").write_text(
        "task: sts\nversion: 1\ndataset: {pairs: pairs.csv}\nmeasures: [spearman]\nprimary: spearman\n"
    )
    (tmp_path / "pair_models.py").write_text(MODELS)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setenv("HARNESS_STORE", "off")
    monkeypatch.chdir(tmp_path)

    def write_config(text: str) -> Path:
        (tmp_path / "pairs.yaml").write_text(text)
        return tmp_path / "pairs.yaml"

    yield write_config
    sys.modules.pop("pair_models", None)


def test_from_config_to_files(
    write: Callable[[str], Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code = main(["all-pairs", str(write(CONFIG)), "--out", "out", "--offline"])
    content = json.loads((tmp_path / "out/all-pairs.json").read_text())
    page = (tmp_path / "out/all-pairs.md").read_text()
    assert code in (0, 3)  # whether a law holds is the machine's affair
    assert content["counts"] == {"sentences": 300, "duplicates": 2, "left_out": 0}
    assert [row["pairs"] for row in content["predictions"]] == [49_995_000, 4_999_950_000]
    said = content["predictions"][0]["statement"]
    assert said.startswith("10,000 sentences, 49,995,000 pairs: 65 h against 5 s then (a paper); ")
    printed = capsys.readouterr().out
    assert "65 h against 5 s then" in printed
    assert "65 h against 5 s then" in page
    found = content["found"]
    assert found["cross-encoder"]["n"] == found["bi-encoder"]["n"] <= found["bi-encoder, most"]["n"] == 300
    assert found["cross-encoder"]["best"][2] >= 1
    scoring = content["samples"]["cross-encoder: scoring"]
    assert scoring["units"] == [n * (n - 1) // 2 for n in scoring["sizes"]]
    assert content["manifest"]["models"]["m"]["kind"] == "bi-encoder"
    assert main(["all-pairs", str(write(CONFIG)), "--out", "out"]) == 2
    assert "exists already" in capsys.readouterr().err


def test_a_budget_too_small(write: Callable[[str], Path], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["all-pairs", str(write(CONFIG)), "--set", "budget_s=1e-6"]) == 4
    assert "budget of 1e-06 s is too small: bi-encoder: encoding takes" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("old", "new", "line", "message"),
    [
        (
            "bi_encoder: m\n",
            "bi_encoder: r\n",
            5,
            "bi_encoder takes a bi-encoder; 'r' is a cross-encoder; .* m",
        ),
        ("cross_encoder: r\n", "cross_encoder: rr\n", 6, "'rr' is not among the models .*'r'"),
        ("budget_s: 4", "budget_s: 0", 8, "greater than 0"),
        ("budget_s: 4", "budget: 10", 8, "unknown key 'budget' .*'budget_s'"),
        ("repeats: 2", "repeats: 0", 9, "greater than or equal to 1"),
        ("predict: [10000, 100000]", "predict: [1]", 11, "greater than or equal to 2"),
        ("tolerance: 0.99", "tolerance: 15", 10, "less than 1"),
        ("thresholds: {bi_encoder: 0.9, cross_encoder: 3}", "thresholds: {bi_encoder: 0.9}", 7, "is missing"),
        ("suite: suite.yaml", "suite: nothing", 1, "unknown suite 'nothing'"),
    ],
)
def test_what_a_config_may_not_say(
    write: Callable[[str], Path], old: str, new: str, line: int, message: str
) -> None:
    with pytest.raises(ConfigError, match=rf"pairs\.yaml:{line}: .*{message}"):
        settings.load(write(CONFIG.replace(old, new)))


def test_the_project_s_own_claim_loads() -> None:
    given = settings.load("all-pairs").settings
    assert given.published is not None
    assert (given.published.n, given.published.bi_encoder_s, given.published.cross_encoder_s) == (
        10_000,
        5,
        65 * 3600,
    )
    assert given.tolerance == 0.15
    assert given.predict == (10_000, 100_000)


def sampled(unit: Callable[[int], float], *, bent: bool = False) -> WorkTimes:
    sizes = (16, 32, 64, 128, 256)
    seconds = [unit(n) for n in sizes]
    if bent:
        seconds[-1] *= 2
    return WorkTimes(sizes, tuple(n * (n - 1) // 2 for n in sizes), tuple((s, s, s) for s in seconds))


def claim_of(cross: Side, bi: Side) -> AllPairs:
    published = {"n": 10_000, "bi_encoder_s": 5.0, "cross_encoder_s": 234_000.0, "source": "a paper"}
    return AllPairs("c", "s", {}, {}, bi, cross, {}, predictions(bi, cross, (10_000,)), published, {})


def test_a_law_that_does_not_hold_is_not_extrapolated() -> None:
    def pace(n: int) -> float:
        return 0.0036 * n * (n - 1) / 2

    good = side("m", {"bi-encoder: search": sampled(lambda n: pace(n) / 1e4)}, 0.15)
    straight = side("r", {"cross-encoder: scoring": sampled(pace)}, 0.15)
    bent = side("r", {"cross-encoder: scoring": sampled(pace, bent=True)}, 0.15)
    assert straight.at(10_000) is not None
    assert bent.at(10_000) is None
    told = claim_of(straight, good)
    assert told.predictions[0].times == pytest.approx(1e4)
    text = shown.statement(told, told.predictions[0])
    assert "50 h [50 h, 50 h] against 18 s [18 s, 18 s] on this machine, 10,000 times as long." in text
    refused = claim_of(bent, good)
    assert not refused.holds
    assert "not extrapolated here: cross-encoder: scoring missed" in shown.statement(
        refused, refused.predictions[0]
    )
