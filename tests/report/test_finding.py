"""The sentence at the end of a run says what the paired comparison says."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import harness
from harness.compare import compare
from harness.report.finding import finding


def test_it_names_the_best_and_every_declared_comparison(
    write_config: Callable[[str], Path], tmp_path: Path
) -> None:
    config = write_config(
        "  bm25: {retrieve: bm25}\n  bi: {retrieve: bi, depth: 50}\n  two: {retrieve: bi, rerank: cross, depth: 9}\n"
    )
    bundle = harness.run(config, out=tmp_path / "b")
    text = finding(bundle)
    values = {name: bundle.value(name, "ndcg@10") for name in bundle.pipelines}
    best = max(values, key=lambda name: values[name])
    assert text.startswith(f"Found: {best} has the highest ndcg@10, {values[best]:.4f} over 12 queries; ")
    rows = [row for row in compare([bundle]).results if row.measure == "ndcg@10"]
    assert len(rows) == 2
    for row in rows:
        assert f"({row.delta:+.4f} [" in text
        assert (f"{row.first} and {row.second} cannot be told apart" in text) == (
            row.verdict == "cannot be told apart"
        )


def test_what_is_the_same_is_said_once_and_without_a_p_value(
    write_config: Callable[[str], Path], tmp_path: Path
) -> None:
    config = write_config(
        "  bm25: {retrieve: bm25, depth: 20}\n  same: {retrieve: bm25, depth: 20}\n  again: {retrieve: bm25, depth: 20}\n"
    )
    config.write_text(config.read_text() + "compare: [[same, bm25], [again, bm25]]\n")
    text = finding(harness.run(config, out=tmp_path / "b"))
    assert text.endswith("queries; the same for each of the queries: same and bm25, again and bm25.")


def test_one_pipeline_alone(write_config: Callable[[str], Path], tmp_path: Path) -> None:
    bundle = harness.run(write_config("  bm25: {retrieve: bm25}\n"), out=tmp_path / "b")
    assert (
        finding(bundle)
        == f"Found: bm25 reaches ndcg@10 {bundle.value('bm25', 'ndcg@10'):.4f} over 12 queries."
    )
