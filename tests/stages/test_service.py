"""Search behind HTTP: a service is scored, reranked and served like any search, and whatever it answers else is told."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi import Response

from endpoint import Behaviour, serving
from harness.cli import main
from harness.datasets import trec

ES = """{url: URL, query: {query: {match: {text: "{query}"}}, size: "{depth}"}, ids: "$.hits.hits[*]._id", scores: "$.hits.hits[*]._score"}"""


@pytest.fixture
def server() -> Iterator[Behaviour]:
    with serving(Behaviour()) as behaviour:
        yield behaviour


@pytest.fixture
def answers(server: Behaviour, collection: Path) -> dict[str, Any]:
    """A service that shares words, as Elasticsearch's answers look; what it does otherwise is put in here."""
    documents = [line.split("\t") for line in (collection / "docs.tsv").read_text().splitlines()]
    changed: dict[str, Any] = {"spoil": lambda hits: hits, "requests": []}

    async def search(request: Any, n: int) -> Any:
        if not request.url.path.endswith("/_search"):
            return None
        body = await request.json()
        changed["requests"].append(body)
        words = set(body["query"]["match"]["text"].split())
        found = [(len(words & set(text.split())), name) for name, text in documents]
        best = sorted(found, key=lambda one: (-one[0], one[1]))[: body["size"]]
        hits = [{"_id": name, "_score": float(score)} for score, name in best]
        return Response(json.dumps({"hits": {"hits": changed["spoil"](hits)}}), media_type="application/json")

    server.before = search
    return changed


@pytest.fixture
def config(server: Behaviour, answers: dict[str, Any], write_config: Callable[[str], Path]) -> Path:
    search = ES.replace("URL", f"{server.url}/docs/_search")
    return write_config(
        f"  far: {{search: {search}, depth: 20}}\n  two: {{retrieve: far, rerank: cross, depth: 5}}\n"
    )


def run(path: Path, *more: str) -> int:
    return main(["run", str(path), "--out", str(path.parent / "bundle"), "--set", "store=off", *more])


def test_a_service_is_scored_like_any_search(config: Path, answers: dict[str, Any]) -> None:
    assert run(config) == 0
    assert len(answers["requests"]) == 12
    assert {request["size"] for request in answers["requests"]} == {20}
    made = trec.read_run(config.parent / "bundle" / "runs" / "far.trec")
    documents = dict(line.split("\t") for line in (config.parent / "docs.tsv").read_text().splitlines())
    queries = dict(line.split("\t") for line in (config.parent / "queries.tsv").read_text().splitlines())
    for query, text in queries.items():
        for document, score in made.results(query):
            assert score == len(set(text.split()) & set(documents[document].split()))
    result = json.loads((config.parent / "bundle" / "result.json").read_text())
    part = result["pipelines"]["far"]
    assert part["kind"] == "service"
    assert part["stages"]["depth"] == 20
    assert part["stages"]["search"].endswith("/docs/_search")
    assert result["pipelines"]["two"]["measures"]["ndcg@10"]["n"] == 12
    assert main(["plan", str(config), "--no-timing"]) == 0


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (
            lambda hits: [{**hits[0], "_id": "nowhere"}],
            "the candidates' 1 documents are not in the corpus, such as 'nowhere'",
        ),
        (lambda hits: [hits[0], hits[0]], "twice (query"),
        (lambda hits: [{**hits[0], "_score": None}], "the score null, where a finite number belongs"),
        (lambda hits: [{**hits[0], "_score": float("nan")}], "the score NaN, where a finite number belongs"),
        (lambda hits: [{"_id": 1.5, "_score": 1.0}], "the id 1.5, where text or a whole number belongs"),
        (lambda hits: [{"_id": "d1"}], "1 ids ($.hits.hits[*]._id) and 0 scores"),
    ],
)
def test_an_answer_that_is_none_is_told_with_its_query(
    spoil: Any, said: str, config: Path, answers: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    answers["spoil"] = spoil
    assert run(config) == 2
    assert said in capsys.readouterr().err


@pytest.mark.long
def test_no_results_are_an_answer_and_no_place_for_them_is_none(
    config: Path, answers: dict[str, Any], server: Behaviour, capsys: pytest.CaptureFixture[str]
) -> None:
    answers["spoil"] = lambda hits: [] if len(answers["requests"]) == 1 else hits
    assert run(config) == 0
    result = json.loads((config.parent / "bundle" / "result.json").read_text())
    assert result["pipelines"]["far"]["unanswered"] == 1
    server.before = lambda request, n: Response('{"error": "no such index"}', media_type="application/json")
    assert run(config) == 2
    assert 'answered nothing at $.hits.hits[*]._id: {"error": "no such index"}' in capsys.readouterr().err


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("$.hits.hits[*]._id", "$.hits.[", "is no JSONPath"),
        ('text: "{query}"', "text: all", "the text of a query stands nowhere in it"),
        ("depth: 20", "depth: [5, 20]", "this pipeline has none"),
        ("url: http", "url: ftp", "is no address of a server"),
        ("query: {query:", "key: x, query: {query:", "unknown key 'key'"),
    ],
)
def test_a_config_that_says_something_wrong(
    old: str, new: str, said: str, config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config.write_text(config.read_text().replace(old, new))
    assert main(["plan", str(config)]) == 2
    assert said in capsys.readouterr().err


@pytest.mark.long
def test_ranks_do_where_a_service_gives_no_scores(config: Path, answers: dict[str, Any]) -> None:
    config.write_text(config.read_text().replace('"$.hits.hits[*]._score"', "rank"))
    answers["spoil"] = lambda hits: [{"_id": hit["_id"]} for hit in hits[::-1]]
    assert run(config) == 0
    made = trec.read_run(config.parent / "bundle" / "runs" / "far.trec")
    assert [score for _, score in made.results("q0")] == [-float(i) for i in range(20)]


def test_the_network_may_be_forbidden(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(config, "--offline") == 2
    assert "would be asked, and the network may not be used (--offline)" in capsys.readouterr().err


def test_the_library_may_lack(
    config: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "jsonpath", None)
    monkeypatch.setattr("harness.stages.service.find_spec", lambda name: None)
    assert run(config) == 2
    assert (
        "'python -m pip install python-jsonpath' does that (it is in the extra 'endpoints')"
        in capsys.readouterr().err
    )


@pytest.mark.long
def test_a_service_is_timed_live(config: Path, answers: dict[str, Any]) -> None:
    assert run(config, "--set", "timing=smoke") == 0
    timing = json.loads((config.parent / "bundle" / "result.json").read_text())["pipelines"]["far"]["timing"]
    assert timing["invalid"] is None
    assert timing["latency"]["p50"]["value"] > 0
    assert len(answers["requests"]) > 30
