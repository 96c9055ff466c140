"""Is the server the model that was evaluated: each fault is made in a server, and must be found and rightly named."""

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
from harness.config import ModelSettings
from harness.models import loading
from harness.models.folders import Permissions

PROMPTS = {"query": "where is ", "document": "the "}


def at_hand(kind: str, source: Path, **more: Any) -> Any:
    settings = ModelSettings.model_validate({kind: str(source), **more})
    return loading.load(loading.request("m", settings, Path(), "cpu", Permissions()))[0]


def without(texts: list[str]) -> list[str]:
    return [text.removeprefix("where is ").removeprefix("the ") for text in texts]


def twice(texts: list[str]) -> list[str]:
    return [next((p for p in PROMPTS.values() if text.startswith(p)), "") + text for text in texts]


def spoilt(rows: list[Any]) -> list[Any]:
    rows[0][3] = float("nan")
    return rows


@pytest.fixture
def server(tiny_bi_encoder: Path, tiny_cross_encoder: Path) -> Iterator[Behaviour]:
    bi, cross = at_hand("bi_encoder", tiny_bi_encoder), at_hand("cross_encoder", tiny_cross_encoder)
    with serving(
        Behaviour(encode=lambda texts: bi.encode(texts, "sentence"), score=cross.score)
    ) as behaviour:
        yield behaviour


@pytest.fixture
def config(server: Behaviour, write_config: Callable[[str], Path]) -> Path:
    path = write_config("  a: {retrieve: bi, rerank: cross, depth: 5}\n")
    prompts = f"prompts: {json.dumps(PROMPTS)}"
    text = path.read_text().replace(
        "cross: {", f"far: {{bi_encoder: {{url: {server.url}/v1, model: m}}, {prompts}}}\n  cross: {{"
    )
    text = text.replace(
        "  cross: {", f"  ranker: {{cross_encoder: {{url: {server.url}, api: tei}}}}\n  cross: {{", 1
    )
    path.write_text(text.replace("bi: {bi_encoder: ", f"bi: {{{prompts}, bi_encoder: "))
    return path


def asked(
    path: Path, capsys: pytest.CaptureFixture[str], first: str = "bi", second: str = "far", *more: str
) -> Any:
    capsys.readouterr()
    code = main(["parity", str(path), first, second, "--texts", "24", "--json", *more])
    said = capsys.readouterr()
    assert said.out, said.err
    return code, json.loads(said.out)


def names(found: dict[str, Any]) -> list[str]:
    assert all(cause["shown"] for cause in found["causes"]), found["causes"]
    return list(dict.fromkeys(cause["name"] for cause in found["causes"]))  # a role each


def test_a_server_of_the_model_is_the_same(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, found = asked(config, capsys)
    assert (code, found["verdict"], found["causes"]) == (0, "same", [])
    assert [group["what"] for group in found["groups"]] == [
        "queries",
        "documents",
        "probing texts as queries",
        "probing texts as documents",
    ]
    assert max(group["largest"] for group in found["groups"]) < 1e-6
    code, found = asked(config, capsys, "cross", "ranker")
    assert (code, found["verdict"]) == (0, "same")
    assert main(["parity", str(config), "bi", "far", "--texts", "5"]) == 0
    assert "parity of bi and far: the same" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("name", "fault"),
    [
        ("not normalised", {"normalize": False}),
        ("another pooling", {"pooling": "cls"}),
        ("another maximum length", {"max_length": 20}),
        ("prompt missing", {"texts": without}),
        ("prompt doubled", {"texts": twice}),
        ("order mixed up", {"rows": lambda rows: [*rows[1::-1], *rows[2:]] if len(rows) > 1 else rows}),
        ("rows missing", {"rows": lambda rows: rows[:-1]}),
        ("NaN", {"rows": spoilt}),
    ],
)
def test_each_fault_is_named(
    name: str, fault: dict[str, Any], config: Path, server: Behaviour, tiny_bi_encoder: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    made = {key: value for key, value in fault.items() if key in ("texts", "rows")}
    for key, value in made.items():
        setattr(server, key, value)
    if not made:
        other = at_hand("bi_encoder", tiny_bi_encoder, **fault)
        server.encode = lambda texts: other.encode(texts, "sentence")
    code, found = asked(config, capsys)
    assert (code, found["verdict"]) == (1, "differ")
    assert names(found) == [name]


@pytest.mark.long
@pytest.mark.parametrize("precision", ["fp16", "bf16"])
def test_another_precision_is_named(
    precision: str, config: Path, server: Behaviour, tiny_bi_encoder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    other = at_hand("bi_encoder", tiny_bi_encoder, precision=precision)
    server.encode = lambda texts: other.encode(texts, "sentence")
    code, found = asked(config, capsys)
    assert (code, names(found)) == (1, ["another precision"])
    assert f"in {precision}" in found["causes"][0]["what"]
    assert asked(config, capsys, "bi", "far", "--tolerance", "0.1")[0] == 0


@pytest.mark.long
def test_two_faults_at_once_are_both_named(
    config: Path, server: Behaviour, tiny_bi_encoder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    other = at_hand("bi_encoder", tiny_bi_encoder, normalize=False, pooling="max")
    server.encode = lambda texts: other.encode(texts, "sentence")
    code, found = asked(config, capsys)
    assert code == 1
    assert [cause["name"] for cause in found["causes"]] == ["not normalised", "another pooling"]


@pytest.mark.long
def test_another_model_is_what_no_setting_explains(
    config: Path, server: Behaviour, capsys: pytest.CaptureFixture[str]
) -> None:
    numbers = np.random.default_rng(0).normal(size=(32, 32))
    same = server.encode

    def turned(texts: list[str]) -> Any:
        vectors = same(texts) @ numbers
        return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)

    server.encode = turned
    code, found = asked(config, capsys)
    assert (code, [cause["name"] for cause in found["causes"]]) == (1, ["another model"])
    server.encode = lambda texts: same(texts)[:, :16]
    code, found = asked(config, capsys)
    assert (code, names(found)) == (1, ["fewer dimensions"])


@pytest.mark.long
@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("another activation", lambda score: lambda pairs: 1 / (1 + np.exp(-score(pairs)))),
        ("texts swapped", lambda score: lambda pairs: score([(b, a) for a, b in pairs])),
        ("prompt missing", None),
    ],
)
def test_faults_of_a_reranker(
    name: str, change: Any, config: Path, server: Behaviour, capsys: pytest.CaptureFixture[str]
) -> None:
    if change is None:
        config.write_text(
            config.read_text().replace("cross: {cross", "cross: {prompts: {query: 'where is '}, cross")
        )
    else:
        server.score = change(server.score)
    code, found = asked(config, capsys, "cross", "ranker")
    assert (code, names(found)) == (1, [name])


@pytest.mark.long
def test_a_server_that_wavers_cannot_be_told(
    config: Path, server: Behaviour, capsys: pytest.CaptureFixture[str]
) -> None:
    drawn = np.random.default_rng(0)
    server.rows = lambda rows: (np.asarray(rows) * (1 + drawn.normal(size=(len(rows), 1)) * 1e-3)).tolist()
    code, found = asked(config, capsys)
    assert (code, found["verdict"]) == (3, "inconclusive")
    assert any("says nothing" in note for note in found["notes"])


def test_a_probing_text_that_is_refused_is_a_note(
    config: Path, server: Behaviour, capsys: pytest.CaptureFixture[str]
) -> None:
    async def checked(request: Any, n: int) -> Any:
        body = await request.json()
        return (
            Response('{"error": "empty input"}', 400)
            if any(t in PROMPTS.values() for t in body["input"])
            else None
        )

    server.before = checked
    code, found = asked(config, capsys)
    assert (code, found["verdict"]) == (0, "same")
    assert "1 of the probing texts as queries were refused by far: ''" in found["notes"][0]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("bi", "fra"), "has no model 'fra' (did you mean 'far'?); its models are"),
        (("bi", "bi"), "is named twice"),
        (("bi", "ranker"), "their answers are of two kinds"),
        (("bi", "far", "--texts", "0"), "--texts 0"),
        (("bi", "far", "--offline"), "would be asked, and the network may not be used (--offline)"),
    ],
)
def test_what_cannot_be_asked(
    arguments: tuple[str, ...], said: str, config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["parity", str(config), *arguments]) == 2
    told = capsys.readouterr()
    assert said in told.err
    assert told.out == ""
