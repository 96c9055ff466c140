"""Macro averages: each set counts alike, and the interval is that of a bootstrap within each set."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

import harness
from harness.compare.average import macro_average
from harness.compare.evidence import load as load_evidence
from harness.config.groups import Group, load_group
from harness.errors import ConfigError, NotComparableError, UsageError
from harness.results.bundle import Bundle
from harness.stats.stratified import seeds, weighted_replicates

#: Queries of each set; two are of one size, which must not see the same resamples.
SIZES = {"alpha": 40, "beta": 40, "gamma": 25}


@pytest.fixture(scope="module")
def bundles(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Bundle]:
    folder, draw = tmp_path_factory.mktemp("sets"), np.random.default_rng(5)
    made = {}
    for suite, n in SIZES.items():
        (folder / f"{suite}.yaml").write_text(
            f"task: retrieval\nversion: 1\ndataset: {{qrels: {suite}.qrels}}\nmeasures: [mrr, recall@5]\nprimary: mrr\n"
        )
        (folder / f"{suite}.qrels").write_text("".join(f"q{i} 0 d0 1\n" for i in range(n)))
        for run, low in (("one", 1), ("two", 2)):
            ranks = draw.integers(low, 9, n)
            rows = [
                f"q{i} Q0 d{0 if r == ranks[i] else r} {r} {20 - r} t\n"
                for i in range(n)
                for r in range(1, 10)
            ]
            (folder / f"{run}.trec").write_text("".join(rows))
        runs = [folder / "one.trec", folder / "two.trec"]
        made[suite] = harness.score(folder / f"{suite}.yaml", *runs, out=folder / suite)
    return made


def test_the_interval_equals_one_by_hand(bundles: dict[str, Bundle]) -> None:
    found = macro_average(list(bundles.values()))
    rows = {suite: load_evidence(bundle).matrix("mrr") for suite, bundle in bundles.items()}
    assert [one.pipeline for one in found.averages] == ["one", "two"]
    for i, one in enumerate(found.averages):
        assert one.value == pytest.approx(np.mean([row[i].mean() for row in rows.values()]), abs=1e-12)

    # The bootstrap itself, query by query: each set has draws of its own, shared by the two pipelines.
    means = np.zeros((2, 10_000))
    for row, seed in zip(rows.values(), seeds(3), strict=True):
        n = row.shape[1]
        drawn = np.random.default_rng([seed, n]).integers(0, n, size=(10_000, n))
        means += row[:, drawn].mean(axis=2) / 3
    for i, one in enumerate(found.averages):
        assert one.interval is not None
        by_hand = np.quantile(means[i], [0.025, 0.975])
        assert [one.interval.low, one.interval.high] == pytest.approx(by_hand, abs=1e-12)
    second = found.averages[1]
    assert second.paired is not None
    by_hand = np.quantile(means[1] - means[0], [0.025, 0.975])
    assert [second.paired.low, second.paired.high] == pytest.approx(by_hand, abs=1e-12)

    # And by the formula of stratified means, which knows no bootstrap: half as wide as 1.96 standard errors, to a few %.
    error = np.sqrt(sum(row[0].var() / row.shape[1] for row in rows.values())) / 3
    first = found.averages[0].interval
    assert first is not None
    assert (first.high - first.low) / 2 == pytest.approx(1.96 * error, rel=0.04)


def test_sets_of_one_size_do_not_move_together() -> None:
    """With one seed for all, equal sets would be one set, and the interval too wide by the root of their number."""
    scores = np.random.default_rng(0).random(50)
    drawn = []
    for seed in seeds(9):
        picks = np.random.default_rng([seed, 50]).integers(0, 50, size=(4000, 50))
        drawn.append(scores[picks].mean(axis=1)[None, :])
    spread = weighted_replicates(drawn, [1 / 9] * 9).std()
    assert spread == pytest.approx(scores.std() / np.sqrt(50) / 3, rel=0.05)
    assert len(set(seeds(9))) == 9
    assert seeds(3) == seeds(9)[:3]


def test_a_group_inside_a_group_counts_as_one(bundles: dict[str, Bundle], tmp_path: Path) -> None:
    (tmp_path / "inner.yaml").write_text("measure: mrr\nmembers: [alpha, beta]\n")
    (tmp_path / "outer.yaml").write_text(
        f"measure: mrr\nmembers: [{{group: {tmp_path / 'inner.yaml'}}}, gamma]\n"
        "reference: {someone: {mrr: 0.5, source: a paper}}\n"
    )
    group = load_group(str(tmp_path / "outer.yaml"))
    assert group.weights == {"alpha": 0.25, "beta": 0.25, "gamma": 0.5}
    found = macro_average(list(bundles.values()), group)
    means = {suite: bundle.value("one", "mrr") for suite, bundle in bundles.items()}
    assert found.averages[0].value == pytest.approx(
        means["alpha"] / 4 + means["beta"] / 4 + means["gamma"] / 2
    )
    assert found.reference == {"someone": {"mrr": 0.5, "source": "a paper"}}


def test_the_project_s_groups_are_of_its_suites() -> None:
    from harness import locate

    sizes = {"cqadupstack": 12, "nano-beir": 13, "beir": 26}
    for name, n in sizes.items():
        group = load_group(name)
        assert len(group.weights) == n
        assert sum(group.weights.values()) == pytest.approx(1)
        assert set(group.weights) <= set(locate.available("suites"))
    assert load_group("beir").weights["beir-scifact"] == pytest.approx(1 / 15)
    assert load_group("beir").weights["beir-cqadupstack-tex"] == pytest.approx(1 / 15 / 12)
    assert load_group("cqadupstack").reference["sentence-transformers/all-MiniLM-L6-v2"]["ndcg@10"] == 0.41325


def _group(**weights: float) -> Group:
    return Group("g", "mrr", weights, {})


@pytest.mark.parametrize(
    ("ask", "error", "says"),
    [
        (lambda b: macro_average([*b, b[0]]), UsageError, "both of the suite alpha"),
        (
            lambda b: macro_average(b[:2], _group(alpha=0.5, gamma=0.5)),
            NotComparableError,
            "lacking are gamma; beta is none",
        ),
        (lambda b: macro_average(b, measure="map"), UsageError, "has no measure 'map'; it has mrr, recall@5"),
    ],
)
def test_what_cannot_be_averaged_is_said(
    bundles: dict[str, Bundle], ask: Callable[[list[Bundle]], object], error: type[Exception], says: str
) -> None:
    with pytest.raises(error, match=says):
        ask(list(bundles.values()))


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("measure: mrr\nmembers: [a, a]\n", r"the suite a would count twice"),
        ("measure: mrr\nmembers: []\n", "members"),
        ("measure: mrr\nmembers: [{group: loop.yaml}]\n", "the group contains itself"),
        ("measure: mrr\nmembers: [a]\nreference: {x: {mrr: 0.1}}\n", "the figures of 'x' need a source"),
    ],
)
def test_a_group_that_is_none_is_said(tmp_path: Path, content: str, says: str) -> None:
    (tmp_path / "loop.yaml").write_text(content)
    with pytest.raises(ConfigError, match=says):
        load_group(str(tmp_path / "loop.yaml"))
