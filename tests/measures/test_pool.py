"""What was in the pool and not judged: kept for infAP, and for nothing else."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import harness
from harness import policy, verify
from harness.config import load_suite
from harness.datamodel import Qrels, Run
from harness.errors import ConfigError
from harness.measures.registry import parse
from harness.measures.retrieval import evaluate
from harness.results.bundle import Bundle
from harness.results.tables import QRELS as TABLE
from harness.show import show

QRELS = Qrels.from_dict({"q": {"a": 2, "b": -1, "c": 0, "d": 1, "e": 0}, "r": {"z": -1}})
RUN = Run.from_dict({"q": {"b": 5.0, "a": 4.0, "c": 3.0, "x": 2.0, "d": 1.0}})


@pytest.mark.parametrize(
    ("name", "by_hand"),
    [
        # a at 2 below a document of the pool: (1 + 1 * 1) / 2, its share of nothing taken as a half: (1 + 1 * 0.5) / 2.
        # d at 5 below one relevant, one not, one of the pool, one of no pool: (1 + 3 * 1 / 2) / 5.
        ("infap", (0.75 + 0.5) / 2),
        ("judged@4", 2 / 4),
        ("judged", 3 / 5),
        ("set_map", 2 / 5 * 1.0),
        ("precision", 2 / 5),
        ("relative_precision@1", 0.0),
        ("relative_precision@5", 1.0),
        ("iprec.00", 1 / 2),
        ("iprec.50", 1 / 2),
        ("iprec.100", 2 / 5),
        ("nerr@1", 0.0),
        ("nerr@2", (3 / 16 / 2) / (3 / 16 + 13 / 16 * 1 / 16 / 2)),
    ],
)
def test_by_hand(name: str, by_hand: float) -> None:
    scores = evaluate(RUN, QRELS, [parse(name)])
    assert scores.values[:, 0].tolist() == pytest.approx([by_hand, 0.0], abs=1e-4)  # of infAP's epsilon


def test_a_choice_of_queries_keeps_their_pool() -> None:
    chosen = QRELS.select(["r", "none", "q"])
    assert chosen.pool is not None
    assert chosen.pool.offsets.tolist() == [0, 1, 1, 2]
    assert (chosen.n_rows, chosen.pool.grades.tolist()) == (4, [-1, -1])
    np.testing.assert_array_equal(
        evaluate(RUN, chosen, [parse("infap")]).values[[0, 2]],
        evaluate(RUN, QRELS, [parse("infap")]).values[[1, 0]],
    )


@pytest.fixture(scope="module")
def bundles(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Bundle]:
    """The same run by a suite that looks at the pool, in ir-measures' spelling, and by one that does not."""
    folder = tmp_path_factory.mktemp("pool")
    rows = {"q1": "a 2, b -1, c 0, d 1, e 0", "q2": "b 0, c -1, d 3, e 0", "q3": "a 1, b -1"}
    lines = [f"{query} 0 {row}\n" for query, found in rows.items() for row in found.split(", ")]
    (folder / "qrels.txt").write_text("".join(lines))
    order = {"q1": "baxcd", "q2": "cdeba", "q3": "bca"}
    (folder / "run.trec").write_text(
        "".join(
            f"{q} Q0 {doc} {i + 1} {9 - i} t\n" for q, found in order.items() for i, doc in enumerate(found)
        )
    )
    made = {}
    for name, measures in {"with": "[infAP, Judged@3]", "without": "[AP, 'Judged@3']"}.items():
        primary = "infap" if name == "with" else "map"
        (folder / f"{name}.yaml").write_text(
            f"task: retrieval\nversion: 1\ndataset: {{qrels: qrels.txt}}\nmeasures: {measures}\nprimary: {primary}\n"
        )
        made[name] = harness.score(folder / f"{name}.yaml", folder / "run.trec", out=folder / name)
    return made


def test_a_bundle_is_verified_from_its_own_pool(bundles: dict[str, Bundle]) -> None:
    found = verify.verify_bundle(bundles["with"])
    assert not found.mismatches, found
    assert bundles["with"].measures == ("infap", "judged@3")
    assert sorted(bundles["with"].table(TABLE)["grade"].to_pylist()).count(-1) == 3
    assert "pool" in bundles["with"].result.manifest.data_sha256


def test_other_bundles_are_as_before(bundles: dict[str, Bundle]) -> None:
    assert min(bundles["without"].table(TABLE)["grade"].to_pylist()) == 0
    assert "pool" not in bundles["without"].result.manifest.data_sha256
    counts = {name: bundle.result.counts["judgments"] for name, bundle in bundles.items()}
    assert counts == {"with": 8, "without": 8}
    assert show(bundles["with"], "q1").relevant == show(bundles["without"], "q1").relevant


def test_one_measure_in_two_spellings_is_refused(tmp_path: Path) -> None:
    (tmp_path / "suite.yaml").write_text(
        "task: retrieval\nversion: 1\ndataset: {qrels: q}\nmeasures: [nDCG@10, ndcg@10]\nprimary: ndcg@10\n"
    )
    with pytest.raises(ConfigError, match="measures: one is given twice"):
        load_suite(tmp_path / "suite.yaml")
    (tmp_path / "policy.yaml").write_text(
        "quality: {nDCG@10: {rule: golden}, ndcg@10: {rule: floor, min: 0.1}}\n"
    )
    with pytest.raises(ConfigError, match="given twice, in two spellings"):
        policy.load_policy(tmp_path / "policy.yaml")
