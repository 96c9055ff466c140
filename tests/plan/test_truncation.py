"""Where a model reads less than the whole of many texts, it is said under the table, with what helps."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import harness


def cut_warnings(config: Path, out: Path, *overrides: str) -> list[str]:
    bundle = harness.run(config, out=out, overrides=overrides, offline=True)
    return [text for text in bundle.content["warnings"] if "longer than" in text]


def test_cut_documents_and_pairs_are_said_and_in_the_second_run_too(
    write_config: Callable[[str], Path], collection: Path, tmp_path: Path
) -> None:
    documents = (collection / "docs.tsv").read_text().splitlines()
    long = [line + " river" * 40 if i < 20 else line for i, line in enumerate(documents)]
    (collection / "docs.tsv").write_text("\n".join(long) + "\n")
    config = write_config("  two: {retrieve: bi, rerank: cross, depth: 10}\n")
    said = cut_warnings(config, tmp_path / "a", "store=" + str(tmp_path / "store"))
    assert said[0] == (
        f"bi: 20 of {len(documents)} documents ({20 / len(documents):.0%}) are longer than the 32 tokens that it reads, and what "
        "follows was not looked at; 'max_length: 64', which this model has, or shorter passages keep more of them "
        "('passages' of a pipeline reads them all)"
    )
    assert all("queries" not in text for text in said)
    for more in ("store=" + str(tmp_path / "store"), "store=off"):
        assert cut_warnings(config, tmp_path / more[-3:].strip("/"), more) == said
    assert (
        cut_warnings(
            config, tmp_path / "c", "models.bi.max_length=64", "pipelines={bi: {retrieve: bi, depth: 9}}"
        )
        == []
    )


def test_cut_queries_are_said_and_a_few_are_not(
    write_config: Callable[[str], Path], collection: Path, tmp_path: Path
) -> None:
    queries = (collection / "queries.tsv").read_text().splitlines()
    (collection / "queries.tsv").write_text("\n".join([queries[0] + " river" * 40, *queries[1:]]) + "\n")
    documents = (collection / "docs.tsv").read_text().splitlines()
    (collection / "docs.tsv").write_text("\n".join([documents[0] + " river" * 40, *documents[1:]]) + "\n")
    (said,) = cut_warnings(write_config("  bi: {retrieve: bi, depth: 9}\n"), tmp_path / "a", "store=off")
    assert said.startswith("bi: 1 of 12 queries (8%) are longer than the 32 tokens")
