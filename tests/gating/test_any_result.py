"""Whatever stands in a result.json, every verb that reads it answers with a code of the contract, and never with 70."""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from harness import cli
from harness.errors import HarnessError
from harness.report.blocks import sections
from harness.report.printed.summary import summary_tables
from harness.report.tables import TABLES
from harness.report.view import view_of
from harness.results import bundle as bundles
from harness.results.digests import content_digest

LATENCIES = {"good": 10.0, "baseline:good": 11.0, "near": 3.0}
POLICY = """\
quality: {ndcg@10: {rule: non-inferiority, margin: 0.01}, map: {rule: floor, min: 0.1}, mrr@10-l2: {rule: golden}}
speed: {latency: {max_slowdown: 1.05}, memory: {max_growth: 1.02}}
counters: exact
"""
Place = tuple[Any, ...]
GONE, MORE = "a key less", "a key more"
ODD: list[Any] = [None, GONE, MORE, -1, 10**15, 1e308, 0.5, "x", "", [], {}, ["a"], {"a": 1}, True]


def _places(content: Any, path: Place = ()) -> Iterator[Place]:
    if path:
        yield path
    if isinstance(content, dict):
        for key, value in content.items():
            yield from _places(value, (*path, key))
    elif isinstance(content, list):
        for i, value in enumerate(content):
            yield from _places(value, (*path, i))


def _shape(path: Place) -> Place:
    """A path without the names in it: of many alike, one is changed."""
    named = {
        "pipelines",
        "measures",
        "models",
        "files",
        "packages",
        "counts",
        "judged",
        "data_sha256",
        "work",
    }
    return tuple(
        "*" if i and (path[i - 1] in named or isinstance(key, int)) else key for i, key in enumerate(path)
    )


def _changed(content: dict[str, Any], path: Place, odd: Any) -> dict[str, Any]:
    changed = copy.deepcopy(content)
    place = changed
    for key in path[:-1]:
        place = place[key]
    if odd == GONE:
        del place[path[-1]]
    elif odd == MORE and isinstance(place, dict):
        place["of a newer version"] = {"whatever": [1, None]}
    else:
        place[path[-1]] = copy.deepcopy(odd)
    return changed


def _tries(content: dict[str, Any]) -> list[tuple[Place, Any]]:
    """Each change of one place of each shape, in a drawn order."""
    of_shape = {_shape(path): path for path in _places(content) if path[0] not in ("digest", "schema")}
    tries = [(path, odd) for path in of_shape.values() for odd in ODD]
    random.Random(0).shuffle(tries)
    return tries


def _all_verbs(folder: Path, policy: Path, capsys: pytest.CaptureFixture[str]) -> None:
    at = str(folder)
    for command in (
        ["show", at, "--query", "q1"],
        ["compare", at],
        ["select", at, "--price-per-hour", "1", "--max-p95", "20"],
        ["gate", at, "--policy", str(policy), "--baseline", at],
        ["gate", at, "--policy", str(policy)],
        ["verify", at],
    ):
        code = cli.main(command)
        told = capsys.readouterr()
        assert code in (0, 1, 2, 3, 4), f"{command[0]}: {code}\n{told.err}"
        assert code != 2 or told.err.count("\n") <= 2, told.err
    with suppress(HarnessError):
        read = bundles.read(folder)
        view = view_of(read)
        assert sections(view)
        assert [table(view) for table in TABLES.values()]
        assert summary_tables(read)


def _can_be_read(folder: Path) -> bool:
    try:
        bundles.read(folder)
    except HarnessError:
        return False
    return True


def _through(
    folder: Path, policy: Path, capsys: pytest.CaptureFixture[str], most_read: int, most_refused: int
) -> tuple[int, int]:
    """Change one place after the other; return how many results were refused, and how many went through all verbs."""
    content = json.loads((folder / "result.json").read_text())
    refused = read = 0
    for path, odd in _tries(content):
        changed = _changed(content, path, odd)
        changed["digest"] = content_digest(changed)
        (folder / "result.json").write_text(json.dumps(changed))
        if not _can_be_read(folder):
            refused += 1
        elif read < most_read:
            read += 1
            _all_verbs(folder, policy, capsys)
        if refused >= most_refused and read >= most_read:
            break
    return refused, read


def test_any_result_is_answered(
    timed: Callable[..., Path], policy: Callable[[str], Path], capsys: pytest.CaptureFixture[str]
) -> None:
    refused, read = _through(timed(LATENCIES), policy(POLICY), capsys, 10, 1000)
    assert refused >= 1000
    assert read == 10


@pytest.mark.long
def test_every_result_is_answered(
    timed: Callable[..., Path], policy: Callable[[str], Path], capsys: pytest.CaptureFixture[str]
) -> None:
    refused, read = _through(timed(LATENCIES), policy(POLICY), capsys, 300, 10**6)
    assert refused > 1000
    assert read == 300


@pytest.mark.parametrize(
    ("place", "odd"),
    [(("files",), None), (("timing", "control"), None), (("timing", "control", "log_ratios", 0), 1e308)],
)
def test_what_once_was_an_internal_error(
    place: Place,
    odd: Any,
    timed: Callable[..., Path],
    policy: Callable[[str], Path],
    capsys: pytest.CaptureFixture[str],
) -> None:
    folder = timed(LATENCIES)
    changed = _changed(json.loads((folder / "result.json").read_text()), place, odd)
    changed["digest"] = content_digest(changed)
    (folder / "result.json").write_text(json.dumps(changed))
    _all_verbs(folder, policy(POLICY), capsys)
