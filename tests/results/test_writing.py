"""Bundles: written whole or not at all, read with a clear word on what is wrong."""

from __future__ import annotations

import errno
import json
from pathlib import Path

import pytest

from harness.errors import BundleError, ResourceError
from harness.results import bundle, schema, versions, writing
from harness.results.tables import QUERIES


def test_an_error_while_writing_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="boom"), writing.writing(tmp_path / "b") as folder:
        (folder / "half").write_text("x")
        raise ValueError("boom")
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_is_a_resource_error(tmp_path: Path) -> None:
    with pytest.raises(ResourceError, match="no space left"), writing.writing(tmp_path / "b"):
        raise OSError(errno.ENOSPC, "No space left on device")
    assert list(tmp_path.iterdir()) == []


def test_an_old_bundle_stays_until_the_new_one_is_complete(tmp_path: Path) -> None:
    with writing.writing(tmp_path / "b") as folder:
        (folder / "x").write_text("old")
    with pytest.raises(KeyError), writing.writing(tmp_path / "b") as folder:
        (folder / "x").write_text("half")
        raise KeyError
    assert (tmp_path / "b/x").read_text() == "old"
    with writing.writing(tmp_path / "b") as folder:
        (folder / "x").write_text("new")
    assert (tmp_path / "b/x").read_text() == "new"
    assert [path.name for path in tmp_path.iterdir()] == ["b"]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("{", "not valid JSON"),
        ("[]", "names no schema version"),
        (json.dumps({"schema": versions.SCHEMA + 1}), "upgrade encoder-harness"),
        (json.dumps({"schema": versions.SCHEMA}), "incomplete; it lacks task"),
    ],
)
def test_what_is_wrong_with_a_bundle_is_said(tmp_path: Path, content: str, says: str) -> None:
    (tmp_path / "result.json").write_text(content)
    with pytest.raises(BundleError, match=says):
        bundle.read(tmp_path)


def test_what_is_no_bundle(tmp_path: Path) -> None:
    with pytest.raises(BundleError, match="no such folder"):
        bundle.read(tmp_path / "nowhere")
    with pytest.raises(BundleError, match="is not a bundle"):
        bundle.read(tmp_path)


def test_a_table_comes_back_as_it_was_and_a_missing_one_is_named(tmp_path: Path) -> None:
    writing.write_table(tmp_path, QUERIES, {"query_id": ["q1", "q2"], "text": ["a", "ä\n\t|"]})
    config, manifest = schema.Config(), schema.Manifest()
    result = schema.Result("retrieval", schema.Suite("s", 1), "mrr", ("mrr",), {}, config, manifest)
    read = bundle.Bundle(tmp_path, result, {}, checked=False)
    assert read.table(QUERIES).to_pydict() == {"query_id": ["q1", "q2"], "text": ["a", "ä\n\t|"]}
    (tmp_path / "queries.parquet").write_bytes(b"damaged")
    with pytest.raises(BundleError, match=r"queries.parquet: cannot be read"):
        read.table(QUERIES)
    (tmp_path / "queries.parquet").unlink()
    with pytest.raises(BundleError, match="has no table queries"):
        read.table(QUERIES)
