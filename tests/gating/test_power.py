"""power: what it says is what a simulated gate does; what cannot be asked is refused."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from harness.cli import main
from harness.compare.evidence import load
from harness.errors import NotComparableError, UsageError
from harness.power import Asked, power
from harness.results import bundle as bundles
from harness.stats import mean_evidence


def test_the_queries_it_asks_for_pass_an_equal_candidate(plain: Path) -> None:
    found = power([plain], Asked(margins=(0.05,), pairs=(("good", "near"),), measures=("ndcg@10",)))
    (pair,) = found.pairs
    needed = pair.needed[0.05]
    assert needed is not None
    evidence = load(bundles.read(plain))
    differences = evidence.of("good", "ndcg@10") - evidence.of("near", "ndcg@10")
    differences -= differences.mean()
    assert pair.sd == pytest.approx(differences.std(ddof=1))
    draws = differences[np.random.default_rng(0).integers(0, len(differences), (1_500, needed))]
    limits = [made.limits(0.05)[0] for made in map(mean_evidence, draws) if made is not None]
    assert 0.75 <= np.mean([low > -0.05 for low in limits]) <= 0.87


def test_the_two_directions_agree(plain: Path) -> None:
    (pair,) = power([plain], Asked(margins=(0.03,), pairs=(("good", "bad"),), measures=("map",))).pairs
    needed = pair.needed[0.03]
    assert needed is not None
    asked = Asked(margins=(0.03,), queries=(needed,), pairs=(("good", "bad"),), measures=("map",))
    (again,) = power([plain], asked).pairs
    assert set(again.detectable) == {40, needed}
    assert again.detectable[needed] <= 0.03


def test_a_pair_that_never_differs_says_nothing(plain: Path) -> None:
    (pair,) = power([plain], Asked(pairs=(("first", "two"),), measures=("recall@20",))).pairs
    assert pair.sd == 0.0
    assert set(pair.needed.values()) == {None}


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"margins": (0.0,)}, "margin of 0"),
        ({"margins": (-0.01,)}, "margin of -0.01"),
        ({"alpha": 0.5}, "between 0 and 0.5"),
        ({"power": 0.01}, "between alpha and 1"),
        ({"queries": (1,)}, "no deviation"),
        ({"slowdown": 1.0}, "above 1"),
    ],
)
def test_bad_questions(asked: dict[str, object], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        Asked(**asked)  # type: ignore[arg-type]


def test_bad_names_and_bundles(plain: Path, sts: Callable[..., Path]) -> None:
    with pytest.raises(UsageError, match="no pipeline 'god'"):
        power([plain], Asked(pairs=(("god", "bad"),)))
    with pytest.raises(UsageError, match="no measure"):
        power([plain], Asked(measures=("ndcg@11",)))
    with pytest.raises(NotComparableError, match="whole set"):
        power([sts({"a": 1.0, "b": 2.0})])


def test_command_line(plain: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    curve = tmp_path / "curve.svg"
    assert main(["power", str(plain), "--measure", "ndcg@10", "--margin", "0.01", "--plot", str(curve)]) == 0
    assert "for 0.01" in capsys.readouterr().out
    assert curve.read_text().startswith("<svg")
    assert main(["power", str(plain), "--json", "--measure", "map"]) == 0
    assert json.loads(capsys.readouterr().out)["pairs"][0]["needed"][0]["margin"] == 0.005
    assert main(["power", str(plain), "--plot", "curve.txt"]) == 2
    assert main(["power", str(plain), "--margin", "0"]) == 2
