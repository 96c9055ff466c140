"""A load test of a server on loopback: what is asked, counted, compared and refused."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from fastapi import Response

from endpoint import Behaviour, serving
from harness.cli import main


@pytest.fixture
def server() -> Iterator[Behaviour]:
    vectors = np.ones((256, 8), dtype=np.float32)
    behaviour = Behaviour(
        encode=lambda texts: vectors[: len(texts)], score=lambda pairs: np.ones(len(pairs), dtype=np.float32)
    )
    with serving(behaviour):
        yield behaviour


@pytest.fixture
def config(server: Behaviour, write_config: Callable[[str], Path]) -> Path:
    path = write_config("  a: {retrieve: bm25}\n")
    models = (
        f"  far: {{bi_encoder: {{url: {server.url}/v1, model: m}}}}\n"
        f"  same: {{bi_encoder: {{url: {server.url}, api: tei}}}}\n"
        f"  ranker: {{cross_encoder: {{url: {server.url}, api: tei}}}}\n"
    )
    path.write_text(path.read_text().replace("models:\n", f"models:\n{models}"))
    return path


def loaded(path: Path, capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, Any]:
    capsys.readouterr()
    code = main(["load", str(path), *arguments, "--seconds", "0.2", "--json"])
    said = capsys.readouterr()
    assert said.out, said.err
    return code, json.loads(said.out)


def test_each_concurrency_and_batch_is_measured(
    config: Path, server: Behaviour, capsys: pytest.CaptureFixture[str]
) -> None:
    code, found = loaded(
        config, capsys, "far", "--concurrency", "1,3", "--batch-size", "1,4", "--load", "0.5",
        "--price-per-million-tokens", "2", "--price-per-hour", "3.6",
    )  # fmt: skip
    assert code == 0
    rows = found["rows"]
    assert [(row["batch_size"], row["concurrency"], row["load"]) for row in rows] == [
        (batch, at_once, load) for batch in (1, 4) for at_once in (1, 3) for load in ("closed", "open")
    ]
    assert all(row["n"] >= 1 for row in rows)
    assert all(row["failures"] == {} for row in rows if row["load"] == "closed")
    closed = rows[0]
    assert closed["rate_per_s"] > 0
    assert found["overhead_ms"]["far"] > 0
    # Words of these queries: five each, as the server counts them.
    assert found["cost"]["far"]["by_tokens"] == pytest.approx(2 * found["cost"]["far"]["tokens_per_text"])
    assert found["cost"]["far"]["tokens_per_text"] == 5
    best = max(row["rate_per_s"] * row["batch_size"] for row in rows if row["load"] == "closed")
    assert found["cost"]["far"]["by_hours"] == pytest.approx(1e6 / best / 3600 * 3.6)


def test_failures_are_counted_by_kind(
    config: Path, server: Behaviour, capsys: pytest.CaptureFixture[str]
) -> None:
    server.before = lambda request, n: Response("", 429) if n % 2 == 0 else None
    server.rows = lambda rows: rows if server.asked.count("/rerank") % 3 else [None]
    code, found = loaded(config, capsys, "ranker", "--load", "")
    row = found["rows"][0]
    assert code == 0
    assert set(row["failures"]) == {"429", "answer: number"}
    assert row["failures"]["429"] == pytest.approx(row["n"] / 2, abs=1)
    assert row["latency"]["p90"] == [None, None]  # over a tenth never came
    server.asked[:] = []
    assert main(["load", str(config), "ranker", "--load", "", "--seconds", "0.1"]) == 0
    assert "429: " in capsys.readouterr().out


def test_the_highest_rate_within_a_bound(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _, found = loaded(config, capsys, "far", "--load", "", "--p99-bound", "0.001ms")
    (highest,) = found["highest"]
    assert highest["rate_per_s"] is None
    assert "is impossible: without any load" in highest["reason"]


@pytest.mark.long
def test_two_servers_in_turns_have_a_verdict(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, found = loaded(config, capsys, "far", "same", "--load", "")
    assert found["verdict"] in ("pass", "fail", "inconclusive", "invalid")
    assert code == {"pass": 0, "fail": 1}.get(found["verdict"], 3)
    assert found["ratio"]["n"] >= 12
    assert found["ratio"]["interval"][0] <= found["ratio"]["value"] <= found["ratio"]["interval"][1]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("fra",), "has no model 'fra' (did you mean 'far'?)"),
        (("bi",), "bi is no endpoint: load is put on models with a url"),
        (("far", "far"), "is named twice"),
        (("far", "ranker"), "one embeds and the other reranks"),
        (("far", "same", "ranker"), "3 models are named"),
        (("far", "--concurrency", "0"), "--concurrency: concurrency is from 1"),
        (("far", "--load", "1.5"), "--load"),
        (("far", "--p99-bound", "soon"), "--p99-bound: 'soon' is no latency"),
        (("far", "--batch-size", "x"), "--batch-size"),
        (("far", "--price-per-hour", "-1"), "--price-per-hour: "),
        (("far", "--price-per-million-tokens", "inf"), "--price-per-million-tokens: "),
    ],
)
def test_what_cannot_be_measured(
    arguments: tuple[str, ...], said: str, config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["load", str(config), *arguments]) == 2
    assert said in capsys.readouterr().err


def test_a_server_that_fails_at_its_first_request(
    config: Path, server: Behaviour, capsys: pytest.CaptureFixture[str]
) -> None:
    server.before = lambda request, n: Response("", 503)
    assert main(["load", str(config), "far"]) == 70
    assert "answered 503" in capsys.readouterr().err
