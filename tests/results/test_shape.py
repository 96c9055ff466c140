"""A result of another form is told, whatever stands where; what a reader does not go by is let be."""

from __future__ import annotations

import contextlib
import copy
import json
import random
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from harness.compare.evidence import load
from harness.errors import BundleError, HarnessError
from harness.results import bundle
from harness.results.digests import content_digest

BASELINE = Path(__file__).parents[2] / "reports" / "baselines" / "quickstart"
ANYTHING: list[Any] = [
    None, -1, 0, 1.5, 10**400, "x", "", [], {}, ["a"], {"a": 1}, True, "\ud800", "\n::error::x", [[1]], "../x",
]  # fmt: skip


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The committed baseline, to be changed."""
    return Path(shutil.copytree(BASELINE, tmp_path / "bundle"))


def _changed(folder: Path, path: tuple[Any, ...], value: Any) -> None:
    """Put a value into the result, with a digest that fits it, so that only its form can be wrong."""
    result = json.loads((BASELINE / "result.json").read_text())
    place = result
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = copy.deepcopy(value)
    with contextlib.suppress(ValueError):  # what has no digest is refused for that
        result["digest"] = content_digest(result)
    (folder / "result.json").write_text(json.dumps(result))


@pytest.mark.parametrize(
    ("path", "value", "words"),
    [
        (("pipelines", "bm25", "measures", "ndcg@10", "value"), "0.5", r"pipelines\.bm25\.measures\.ndcg@10\.value is '0\.5'"),
        (("pipelines", "bm25", "measures", "ndcg@10"), None, r"measures\.ndcg@10 is None"),
        (("pipelines", "bm25", "measures"), {}, "'bm25' has no figure of ndcg@10"),
        (("pipelines", "bm25", "run"), "/etc/passwd", "names the file '/etc/passwd'"),
        (("pipelines", "a/b"), None, r"pipelines\.a/b is None"),
        (("pipelines",), [], "pipelines is"),
        (("compare",), [["bm25"]], r"compare\.0 is"),
        (("config", "seed"), -1, r"config\.seed is -1"),
        (("config", "name"), "..", "config's name '..'"),
        (("primary",), "map", "the primary measure 'map' is not among"),
        (("counts", "queries"), 10**400, r"counts\.queries is"),
        (("suite", "name"), "\ud800", "holds what no result holds"),
        (("timing",), {"control": {"log_ratios": ["x"]}}, r"timing\.control\.log_ratios\.0 is 'x'"),
        (("files", "../../x"), "0", "names the file '../../x'"),
    ],
)  # fmt: skip
def test_what_is_wrong_and_where_is_said(folder: Path, path: tuple[Any, ...], value: Any, words: str) -> None:
    _changed(folder, path, value)
    with pytest.raises(BundleError, match=words) as caught:
        bundle.read(folder)
    assert str(caught.value).startswith(f"{folder / 'result.json'}: ")
    assert "\n" not in str(caught.value)


def _places(content: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if path:
        yield path
    inner = (
        content.items()
        if isinstance(content, dict)
        else enumerate(content)
        if isinstance(content, list)
        else ()
    )
    for key, value in inner:
        yield from _places(value, (*path, key))


def test_anything_anywhere_is_read_or_refused(folder: Path) -> None:
    """400 seeded changes, each with a digest that fits: no other exception, and no figure that is not the table's."""
    places = [
        p
        for p in _places(json.loads((BASELINE / "result.json").read_text()))
        if p[0] not in ("files", "digest")
    ]
    drawn, refused = random.Random(0), 0
    for _ in range(400):
        _changed(folder, drawn.choice(places), drawn.choice(ANYTHING))
        try:
            read = bundle.read(folder)
            load(read)
        except HarnessError:
            refused += 1
    assert 100 < refused < 400


def test_what_nobody_goes_by_is_let_be(folder: Path) -> None:
    _changed(folder, ("manifest", "a new key"), {"whatever": [1, None]})
    _changed(folder, ("another",), "x")
    assert bundle.read(folder).content["another"] == "x"
