"""select --dev: chosen on some queries, reported on the others; figures are made again from single scores."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from harness.cli import main
from harness.compare.evidence import Evidence, load
from harness.errors import UsageError
from harness.results import bundle as bundles
from harness.selection import Needs, select
from harness.selection.dev import split

M = "ndcg@10"


def _evidence(n: int, arms: int = 6, values: np.ndarray | None = None) -> Evidence:
    drawn = np.random.default_rng(0).random((arms, 1, n)) if values is None else values
    return Evidence("query", tuple(f"q{i}" for i in range(n)), tuple("abcdef"[:arms]), ("m",), drawn)


def test_a_share_is_one_split_on_every_machine_and_in_every_order() -> None:
    evidence = _evidence(40)
    dev, test, said = split(0.3, evidence)

    def digest(name: str) -> int:
        return int.from_bytes(hashlib.blake2b(name.encode(), key=b"0", digest_size=16).digest(), "big")

    assert set(dev.ids) == {name for _, name in sorted((digest(name), name) for name in evidence.ids)[:12]}
    assert sorted(dev.ids) == sorted(
        ["q1", "q19", "q2", "q21", "q24", "q25", "q26", "q29", "q3", "q5", "q8", "q9"]
    )
    assert set(dev.ids) | set(test.ids) == set(evidence.ids)
    assert (len(dev.ids), len(test.ids)) == (12, 28)
    assert "0.3" in said
    turned, _, _ = split(0.3, evidence.subset(np.arange(40)[::-1]))
    assert set(turned.ids) == set(dev.ids)
    assert set(split(0.2, evidence)[0].ids) < set(dev.ids)
    place = evidence.ids.index(test.ids[0])
    assert test.of("c", "m")[0] == evidence.of("c", "m")[place]


def test_the_choice_is_made_on_dev_and_its_figure_is_that_of_the_others(plain: Path, tmp_path: Path) -> None:
    """Dev queries on which the best of all happens not to be the best."""
    evidence = load(bundles.read(plain))
    whole = select([plain]).recommended
    assert whole is not None
    lead = evidence.of("first", M) - evidence.of(whole, M)
    dev = [evidence.ids[i] for i in np.argsort(-lead)[:6]]
    ids = tmp_path / "dev.txt"
    ids.write_text("\n".join(dev) + "\n\n")
    found = select([plain], Needs(dev=ids))
    assert found.recommended != whole
    inside = np.asarray([name in dev for name in evidence.ids])
    for candidate in found.candidates:
        scores = evidence.of(candidate.label, M)
        assert candidate.quality[M] == pytest.approx(scores[inside].mean(), abs=1e-12)
        assert found.held is not None
        assert found.held.test[candidate.label][M] == pytest.approx(scores[~inside].mean(), abs=1e-12)
    best = max(found.candidates, key=lambda c: c.quality[M])
    assert found.recommended == best.label
    held = found.held
    assert held is not None
    assert (held.n_dev, held.n_test) == (6, 34)
    assert held.interval is not None
    assert held.interval.contains(held.value or 0.0)
    for row in found.comparisons:
        mine, theirs = (evidence.of(label, M)[~inside] for label in (row.first, best.label))
        assert row.delta == pytest.approx((mine - theirs).mean(), abs=1e-12)
        assert row.n == 34
    assert all(loss.n == 34 for loss in found.losses)
    two = next(loss for loss in found.losses if loss.pipeline == "two")
    assert two.value == pytest.approx(evidence.of("two", M)[~inside].mean(), abs=1e-12)
    said = " ".join(found.reasons)
    assert f"{best.quality[M]:.4f} on the 6 dev queries" in said
    assert f"On the 34 test queries, which had no part in the choice, its {M} is {held.value:.4f} [" in said
    assert "likely to be a little high" not in said
    assert "6 to choose on (dev) and 34 to measure on (test)" in found.title
    assert f"{M} test" in found.frame().columns
    assert select([plain], Needs(dev=dev)).held == held.__class__(**{**vars(held), "said": "the ids given"})


def test_the_winner_of_equals_is_not_overrated_on_test() -> None:
    random = np.random.default_rng(0)
    own, kept = [], []
    for _ in range(400):
        dev, test, _ = split(0.5, _evidence(40, values=random.random((6, 1, 40))))
        best = int(dev.values[:, 0].mean(axis=1).argmax())
        own.append(dev.values[best].mean())
        kept.append(test.values[best].mean())
    assert np.mean(own) > 0.56
    assert np.mean(kept) == pytest.approx(0.5, abs=0.012)  # 3.7 standard errors


def test_constraints_are_decided_on_dev(plain: Path, timed: Callable[..., Path]) -> None:
    none = select([plain], Needs(dev=0.5, minimums=((M, 0.999),)))
    assert (none.recommended, none.exit_code) == (None, 1)
    assert "on the 20 dev queries" in none.reasons[0]
    assert none.held is not None
    assert none.held.value is None
    speed = select([timed({"good": 40.0, "near": 10.0, "bad": 1.0})], Needs(dev=0.5, objective="p95"))
    assert "p95 of all 5 pipelines: " in speed.reasons[0]
    assert "on the 20 dev queries" in speed.reasons[0]


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ("1", "a share of the queries is above 0 and below 1"),
        ("nan", "a share of the queries is above 0 and below 1"),
        ("-0.1", "a share of the queries is above 0 and below 1"),
        ("0.05", "2 of 40 queries to choose on leave 38"),
        ("0.95", "38 of 40 queries to choose on leave 2"),
        ("nothing.txt", "neither a share of the queries, such as 0.3, nor a file"),
        ("all.txt", "40 of 40 queries to choose on leave 0 to measure on; both take at least 5"),
        ("empty.txt", "0 of 40 queries"),
        ("strange.txt", "5 queries are not among the 40 measured: x0, x1, x2 and 2 more; ids are such as q0"),
        (".", "is neither a share of the queries, such as 0.3, nor a file of query ids"),
        ("pipe", "is neither a share of the queries, such as 0.3, nor a file of query ids"),
        ("latin.txt", "cannot be read as UTF-8 text"),
    ],
)
def test_bad_dev_is_told(
    plain: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    given: str,
    words: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    os.mkfifo("pipe")
    Path("all.txt").write_text("".join(f"q{i}\n" for i in range(40)))
    Path("empty.txt").write_text("\n")
    Path("strange.txt").write_text("".join(f"{x}{i}\n" for i in range(5) for x in "xq"))
    Path("latin.txt").write_bytes(b"q1\n\xe9\n")
    assert main(["select", str(plain), f"--dev={given}"]) == 2
    assert words in capsys.readouterr().err


def test_dev_is_for_scores_of_queries_and_once(plain: Path, sts: Callable[..., Path], tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="a set of sentence pairs"):
        select([sts({"a": 1.0, "b": 2.0})], Needs(dev=0.3))
    with pytest.raises(UsageError, match="give one of them"):
        Needs(dev=0.3, cross_validate=True)
    with pytest.raises(UsageError, match="nor a file"):
        select([plain], Needs(dev=tmp_path))


def test_dev_on_the_command_line_and_in_json(plain: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["select", str(plain), "--dev", "0.3"]) == 0
    said = capsys.readouterr().out
    assert "ndcg@10 dev" in said
    assert "ndcg@10 test" in said
    assert main(["select", str(plain), "--dev", "0.3", "--json"]) == 0
    held = json.loads(capsys.readouterr().out)["held"]
    assert (held["n_dev"], held["n_test"]) == (12, 28)


def test_a_latency_says_of_how_many_requests_it_is(
    timed: Callable[..., Path], capsys: pytest.CaptureFixture[str]
) -> None:
    folder = timed({"good": 40.0, "near": 30.0, "bad": 50.0, "first": 60.0, "two": 70.0})
    assert main(["select", str(folder), "--max-p95", "5ms"]) == 1
    said = capsys.readouterr().out
    assert "requests" in said.splitlines()[1]
    assert "ms over 360 requests; by its limit)" in said
    assert "over 360 requests" in select([folder], Needs(objective="p95")).reasons[0]


@pytest.mark.parametrize(
    ("names", "words"),
    [(("good",), "of the only pipeline: "), (("good", "bad"), "of both pipelines: ")],
)
def test_one_and_two_pipelines(edited: Callable[..., Path], names: tuple[str, ...], words: str) -> None:
    assert words in select([edited(lambda result: None, "few", names)]).reasons[0]


def test_a_constraint_that_costs_nothing_on_test_is_said_so(timed: Callable[..., Path]) -> None:
    """What it keeps out is better on dev only."""
    folder = timed({"good": 40.0, "near": 10.0, "bad": 50.0, "first": 50.0, "two": 50.0})
    evidence = load(bundles.read(folder))
    others = np.maximum(evidence.of("near", M), evidence.of("two", M))
    dev = [evidence.ids[i] for i in np.argsort(others - evidence.of("good", M))[:8]]
    found = select([folder], Needs(dev=dev, max_p95_ms=20))
    (price,) = found.prices
    assert (found.recommended, price.instead) == ("near", "good")
    assert price.comparison is not None
    rest = np.asarray([name not in dev for name in evidence.ids])
    lost = (evidence.of("good", M) - evidence.of("near", M))[rest].mean()
    assert price.comparison.delta == pytest.approx(lost, abs=1e-12)
    assert lost < 0
    assert any(
        f"costs no {M} on the test queries: without it, good, Δ {lost:+.4f}" in text for text in found.reasons
    )
