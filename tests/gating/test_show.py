"""show: one query, as the bundle's own tables have it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from harness.compare.evidence import load
from harness.errors import BundleError, UsageError
from harness.results import bundle as bundles
from harness.results import writing
from harness.results.runs import read_qrels, read_run
from harness.show import show


def test_results_are_the_runs_first_lines_with_their_grades(scored: Path) -> None:
    found = show(scored, "q3", top=5)
    run = read_run(scored / "runs" / "good.trec")
    assert [(r.doc_id, r.score) for r in found.results["good"]] == list(run.results("q3"))[:5]
    bundle = bundles.read(scored)
    qrels = read_qrels(bundle)
    at = qrels.position("q3")
    assert at is not None
    low, high = qrels.offsets[at], qrels.offsets[at + 1]
    grades = dict(
        zip(qrels.doc_id_column().to_pylist()[low:high], qrels.grades[low:high].tolist(), strict=True)
    )
    assert all(r.grade == grades.get(r.doc_id) for results in found.results.values() for r in results)
    assert found.relevant == sum(g > 0 for g in grades.values())
    evidence = load(bundle)
    assert found.scores["bad"]["map"] == evidence.of("bad", "map")[3]
    assert found.text.startswith("where")
    assert len(found.frame()) == 6 * 5


def test_prefixes_of_an_id_are_not_it(scored: Path) -> None:
    assert show(scored, "q1").results["good"] != show(scored, "q11").results["good"]
    assert show(scored, "q7").results["bad"] == ()  # unanswered


def test_a_pair_shows_gold_and_scores(sts: Callable[..., Path]) -> None:
    found = show(sts({"a": 0.5, "b": 1.0}), "p4")
    assert found.gold is not None
    assert set(found.scores) == {"a", "b"}
    assert "|" in found.text
    assert list(found.frame()["pipeline"]) == ["a", "b"]


def test_unknown_query_and_damaged_run(plain: Path) -> None:
    with pytest.raises(UsageError, match="40, such as q0"):
        show(plain, "nothing-like-it")
    with pytest.raises(UsageError, match="--top"):
        show(plain, "q1", 0)
    run = plain / "runs" / "good.trec"
    run.write_text(run.read_text().replace("q0 Q0", "q0 Q0 Q0"))
    with pytest.raises(BundleError, match=r"good\.trec: is not what the bundle was written with"):
        show(plain, "q0")
    writing.seal(plain)
    with pytest.raises(BundleError, match="damaged"):
        show(plain, "q0")
