"""Runs of models behind servers: the same figures as the model at hand, what was paid for kept, and no key anywhere."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from fastapi import Response

from endpoint import KEY, Behaviour, serving
from harness.cli import main
from harness.config import ModelSettings
from harness.models import loading
from harness.models.folders import Permissions
from harness.results import bundle
from harness.results.tables import SCORES


def at_hand(source: dict[str, Any]) -> Any:
    settings = ModelSettings.model_validate(source)
    return loading.load(loading.request("m", settings, Path(), "cpu", Permissions()))[0]


@pytest.fixture
def server(tiny_bi_encoder: Path, tiny_cross_encoder: Path) -> Iterator[Behaviour]:
    bi, cross = (
        at_hand({"bi_encoder": str(tiny_bi_encoder)}),
        at_hand({"cross_encoder": str(tiny_cross_encoder)}),
    )
    with serving(
        Behaviour(encode=lambda texts: bi.encode(texts, "sentence"), score=cross.score)
    ) as behaviour:
        yield behaviour


@pytest.fixture
def config(
    server: Behaviour, write_config: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Path:
    monkeypatch.setenv("HARNESS_STORE", str(tmp_path / "store"))
    monkeypatch.setenv("THE_KEY", KEY)
    server.key = KEY
    path = write_config(
        "  local: {retrieve: bi, rerank: cross, depth: 20}\n  far: {retrieve: far, rerank: ranker, depth: 20}\n"
    )
    more = ", key_env: THE_KEY, retries: 1, concurrency: 2"
    path.write_text(
        path.read_text().replace(
            "models:\n",
            f"models:\n  far: {{bi_encoder: {{url: {server.url}/v1, model: m{more}}}, batch_size: 16}}\n"
            f"  ranker: {{cross_encoder: {{url: {server.url}, api: tei{more}}}}}\n",
        )
    )
    return path


def run(path: Path, out: str = "bundle", *more: str) -> int:
    return main(["run", str(path), "--out", str(path.parent / out), *more])


def figures(folder: Path) -> dict[str, Any]:
    content = json.loads((folder / "result.json").read_text())
    return {name: part["measures"] for name, part in content["pipelines"].items()}


def test_a_server_of_the_model_has_the_models_figures_and_the_key_is_nowhere(
    config: Path, server: Behaviour, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(config) == 0
    made = bundle.read(config.parent / "bundle")
    found = figures(made.path)
    assert found["far"] == found["local"]
    scores = made.table(SCORES).to_pandas()
    by = {name: part["value"].tolist() for name, part in scores.groupby("pipeline", observed=True)}
    assert by["far"] == by["local"]  # of every query
    far = made.content["models"]["far"]
    assert far["settings"]["url"] == f"{server.url}/v1"
    assert far["settings"]["server"]["model_dtype"] == "float32"
    assert far["settings"]["dimension"] == 32
    assert made.content["work"]["far"]["texts"] == server_texts(made)
    capsys.readouterr()
    asked = server.seen
    assert run(config, "again") == 0
    assert server.seen - asked == 4 + 3  # the probing texts, and nothing else
    assert figures(config.parent / "again") == found
    assert main(["plan", str(config)]) == 0
    assert main(["run", str(config), "--offline", "--out", str(config.parent / "offline")]) == 0
    assert server.seen - asked == 7
    assert figures(config.parent / "offline") == found
    assert main(["report", str(config.parent / "bundle"), "--out", str(config.parent / "page")]) == 0
    assert_nowhere(config.parent, capsys)


def server_texts(made: Any) -> int:
    counts = made.content["counts"]
    return int(counts["documents"] + counts["queries"])


def assert_nowhere(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    said = capsys.readouterr()
    assert KEY not in said.out + said.err
    files = [path for path in folder.rglob("*") if path.is_file()]
    assert len(files) > 20
    for path in files:
        assert KEY.encode() not in path.read_bytes(), path
        assert KEY not in str(path)


@pytest.mark.long
def test_a_key_that_is_told_back_is_shown_nowhere(
    config: Path, server: Behaviour, capsys: pytest.CaptureFixture[str]
) -> None:
    server.info = {"hello": f"Bearer {KEY}"}
    assert run(config) == 0
    server.key = "another"
    assert main(["--debug", "run", str(config), "--out", str(config.parent / "refused")]) == 2
    said = capsys.readouterr()
    assert "the key in THE_KEY was not accepted (bad key Bearer [key])" in said.err
    print(said.out, said.err)
    assert_nowhere(config.parent, capsys)


def test_a_server_that_dies_is_gone_on_with(
    config: Path, server: Behaviour, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert run(config, "whole") == 0
    whole = server.seen
    os.environ["HARNESS_STORE"] = str(tmp_path / "another-store")  # monkeypatch puts it back
    server.seen, server.asked[:] = 0, []
    server.before = lambda request, n: Response("dying", 503) if server.seen > 100 else None
    assert run(config) == 70
    said = capsys.readouterr().err
    assert "answered 503 (dying); given up after 2 attempts" in said
    assert "the same command goes on from there" in said
    assert not (config.parent / "bundle").exists()
    assert 100 < server.seen < whole
    server.before = lambda request, n: None
    assert run(config) == 0
    assert server.seen <= whole + 2 * 7 + 4  # probing again is all that comes on top
    assert figures(config.parent / "bundle") == figures(config.parent / "whole")


@pytest.mark.long
def test_a_changed_model_is_reported_and_nothing_of_the_old_one_is_used(
    config: Path, server: Behaviour, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(config) == 0
    asked, seen = server.encode, server.seen
    server.encode = lambda texts: asked(texts)[:, ::-1] * np.linspace(0.5, 1, 32, dtype=np.float32)
    assert run(config, "changed") == 0
    assert "far: " in (said := capsys.readouterr().err)
    assert "is not what it was when it was last asked: its answers to the same texts moved by" in said
    assert server.seen - seen > 192
    result = json.loads((config.parent / "changed" / "result.json").read_text())
    assert any("is not what it was" in warning for warning in result["warnings"])
    before = json.loads((config.parent / "bundle" / "result.json").read_text())
    assert result["result_key"] != before["result_key"]


@pytest.mark.long
def test_requests_that_were_made_again_are_counted_in_the_bundle(config: Path, server: Behaviour) -> None:
    busy = Response(status_code=429, headers={"Retry-After": "0"})
    server.before = lambda request, n: busy if n == 5 and request.url.path == "/v1/embeddings" else None
    assert run(config) == 0
    result = json.loads((config.parent / "bundle" / "result.json").read_text())
    assert any("1 failed (429: 1) and were made again" in warning for warning in result["warnings"])


@pytest.mark.long
def test_nothing_is_kept_of_a_server_that_shall_not_be(config: Path, server: Behaviour) -> None:
    config.write_text(config.read_text().replace("concurrency: 2", "concurrency: 2, store: off"))
    assert run(config) == 0
    seen = server.seen
    assert run(config, "again") == 0
    assert server.seen == 2 * seen
    assert figures(config.parent / "again") == figures(config.parent / "bundle")


@pytest.mark.long
def test_offline_without_answers_in_the_store_is_refused(
    config: Path, server: Behaviour, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(config, "bundle", "--offline") == 2
    assert (
        f"{server.url}/v1 would be asked, and the network may not be used (--offline)"
        in capsys.readouterr().err
    )
    assert server.asked == []


@pytest.mark.long
def test_no_server_is_one_message(write_config: Callable[[str], Path], tmp_path: Path) -> None:
    path = write_config("  far: {retrieve: far}\n")
    source = "{url: 'http://127.0.0.1:9/v1', model: m}"
    path.write_text(path.read_text().replace("models:\n", f"models:\n  far: {{bi_encoder: {source}}}\n"))
    command = [sys.executable, "-m", "harness", "run", str(path), "--out", str(tmp_path / "b")]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 2
    assert "harness: model 'far': http://127.0.0.1:9/v1/embeddings: nothing answers (" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.long
def test_a_damaged_answer_is_asked_for_anew(config: Path, server: Behaviour, tmp_path: Path) -> None:
    assert run(config) == 0
    for table in (tmp_path / "store" / "answers").glob("*.sqlite"):
        content = bytearray(table.read_bytes())
        content[len(content) // 2 :] = bytes(len(content) - len(content) // 2)
        table.write_bytes(bytes(content))
    for path in (tmp_path / "store" / "embeddings").rglob("*"):
        if path.is_file():
            path.unlink()
    for path in (tmp_path / "store" / "searches").iterdir():
        path.unlink()
    assert run(config, "again") == 0
    assert figures(config.parent / "again") == figures(config.parent / "bundle")


@pytest.mark.long
def test_it_is_timed_live(config: Path, server: Behaviour) -> None:
    assert run(config) == 0
    seen = server.seen
    assert run(config, "timed", "--set", "timing=smoke") == 0
    assert server.seen - seen > 100  # nothing that was kept is timed
    timing = json.loads((config.parent / "timed" / "result.json").read_text())["pipelines"]["far"]["timing"]
    assert timing["invalid"] is None
    assert timing["latency"]["p50"]["value"] > 0
