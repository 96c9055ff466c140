"""Models behind HTTP: what is asked, how answers are checked, and every way in which a server may fail."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any
from zlib import crc32

import numpy as np
import pytest
from fastapi import Response
from fastapi.responses import RedirectResponse, StreamingResponse

from endpoint import KEY, Behaviour, raw, serving
from harness.config import ModelSettings
from harness.errors import EndpointError, ModelError
from harness.models import loading
from harness.models.endpoints import client, standing
from harness.models.endpoints.models import open_endpoint
from harness.models.folders import Permissions

PATHS = {"openai": "/v1", "tei": "", "ollama": "", "cohere": "/v1", "jina": "/v1"}
DOWN = ("429", 429), ("503", 503), ("500", 500)


class Clock:
    """A clock that moves only when somebody sleeps."""

    def __init__(self) -> None:
        self.time, self.waits = 0, []

    def now_ns(self) -> int:
        return self.time

    def sleep_until_ns(self, deadline_ns: int) -> None:
        self.waits.append((deadline_ns - self.time) / 1e9)
        self.time = max(self.time, deadline_ns)


def vectors(texts: list[str]) -> np.ndarray:
    """Bags of words of eight numbers: another answer for another text."""
    made = np.zeros((len(texts), 8), dtype=np.float32)
    for row, text in zip(made, texts, strict=True):
        for i, word in enumerate(text.split()):
            row[crc32(word.encode()) % 8] += 1 + i / 100
    return made


def overlap(pairs: list[tuple[str, str]]) -> np.ndarray:
    return np.asarray([len(set(a.split()) & set(b.split())) - len(b) / 100 for a, b in pairs], np.float32)


@pytest.fixture(scope="module")
def running() -> Iterator[Behaviour]:
    with serving(Behaviour()) as server:
        yield server


@pytest.fixture
def server(running: Behaviour) -> Behaviour:
    fresh = Behaviour(encode=vectors, score=overlap)
    for name in ("encode", "score", "before", "rows", "texts", "info", "key", "asked", "seen"):
        setattr(running, name, getattr(fresh, name))
    return running


def model(
    server: Behaviour, kind: str = "bi_encoder", api: str = "openai", clock: Any = None, **more: Any
) -> Any:
    source = {"url": more.pop("url", server.url + PATHS[api]), "api": api}
    if api != "tei":
        source["model"] = "m"
    for name in ("key_env", "retries", "deadline", "concurrency", "timeout"):
        if name in more:
            source[name] = more.pop(name)
    return open_endpoint(ModelSettings.model_validate({kind: source, **more}), clock or Clock())


TEXTS = [f"text {i} of {i % 7} words" for i in range(23)]


@pytest.mark.parametrize("api", ["openai", "tei", "ollama"])
@pytest.mark.parametrize("concurrency", [1, 4])
def test_embeddings_are_the_servers_in_the_order_of_the_texts(
    api: str, concurrency: int, server: Behaviour
) -> None:
    asked = model(server, api=api, batch_size=4, concurrency=concurrency)
    np.testing.assert_array_equal(asked.encode(TEXTS, "document"), vectors(TEXTS))
    assert asked.work.texts == server.seen == 23
    assert len(server.asked) == 6
    assert asked.encode([], "query").shape == (0, 8)
    assert asked.work.tokens == {"openai": 23 * 5, "tei": 0, "ollama": 6 * 7}[api]


@pytest.mark.parametrize("api", ["cohere", "tei", "jina"])
def test_scores_are_the_servers_though_it_sends_the_best_first(api: str, server: Behaviour) -> None:
    pairs = [(f"query {i // 9}", f"query {j} {'x' * (j * 7 % 5)}") for i in range(2) for j in range(9)]
    asked = model(server, "cross_encoder", api, batch_size=4)
    np.testing.assert_array_equal(asked.score(pairs), overlap(pairs))
    assert asked.score([]).shape == (0,)


def test_prompts_by_role(server: Behaviour) -> None:
    asked = model(server, prompts={"query": "query: ", "document": "passage: "})
    for role, prompt in (("query", "query: "), ("document", "passage: "), ("sentence", "")):
        np.testing.assert_array_equal(asked.encode(["a b"], role), vectors([f"{prompt}a b"]))
    ranker = model(server, "cross_encoder", "jina", prompts={"query": "find: "})
    np.testing.assert_array_equal(ranker.score([("a", "find: x")]), overlap([("find: a", "find: x")]))


@pytest.mark.parametrize(("kind", "status"), DOWN)
def test_what_may_pass_is_asked_again_and_counted(kind: str, status: int, server: Behaviour) -> None:
    server.before = lambda request, n: Response(status_code=status) if n < 3 else None
    clock = Clock()
    asked = model(server, clock=clock)
    np.testing.assert_array_equal(asked.encode(["a"], "query"), vectors(["a"]))
    assert asked.client.tally.failures == {kind: 2}
    assert len(clock.waits) == 2
    assert 0.25 <= clock.waits[0] <= 0.5 <= clock.waits[1] <= 1.0
    assert f"2 failed ({kind}: 2)" in asked.remarks()[0]


@pytest.mark.parametrize("form", ["seconds", "date"])
def test_retry_after_is_honoured(form: str, server: Behaviour) -> None:
    later = format_datetime(datetime.now(UTC) + timedelta(seconds=41), usegmt=True)
    header = {"Retry-After": "41" if form == "seconds" else later}
    server.before = lambda request, n: Response(status_code=429, headers=header) if n == 1 else None
    clock = Clock()
    model(server, clock=clock).encode(["a"], "query")
    assert clock.waits == pytest.approx([41], abs=2)


@pytest.mark.parametrize(
    ("settings", "header", "said"),
    [
        ({"retries": 2}, {}, r"answered 503 \(busy\); given up after 3 attempts"),
        ({"retries": 100, "deadline": 60}, {}, "given up after"),
        ({"deadline": 60}, {"Retry-After": "3600"}, "which asks to wait 3600 s; given up after 1 attempts"),
    ],
)
def test_a_server_that_fails_for_good(
    settings: dict[str, Any], header: dict[str, str], said: str, server: Behaviour
) -> None:
    server.before = lambda request, n: Response("busy", 503, headers=header)
    with pytest.raises(EndpointError, match=said) as error:
        model(server, **settings).encode(["a"], "query")
    assert error.value.exit_code == 70


def test_what_was_on_its_way_is_kept_when_one_request_fails(server: Behaviour) -> None:
    server.before = lambda request, n: Response(status_code=400) if n == 4 else None
    asked, kept = model(server, batch_size=2, concurrency=3), []
    with pytest.raises(ModelError, match="answered 400"):
        asked.encode_each(TEXTS, "query", lambda places, found: kept.extend(places.tolist()))
    assert len(kept) == server.seen
    assert 6 <= len(kept) < len(TEXTS)


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda rows: rows[:-1], r"2 rows for 3 texts"),
        (lambda rows: [*rows[:-1], rows[-1][:-1]], r"7 numbers for the text 'c', and 8 for another"),
        (
            lambda rows: [rows[0], [None, *rows[1][1:]], rows[2]],
            r"null for the text 'b', where a number belongs",
        ),
        (
            lambda rows: [rows[0], ["NaN", *rows[1][1:]], rows[2]],
            r"the text 'NaN' for the text 'b', where a number",
        ),
        (
            lambda rows: [rows[0], [float("nan"), *rows[1][1:]], rows[2]],
            r"a NaN or infinite value for the text 'b'",
        ),
        (lambda rows: [rows[0], [1e300, *rows[1][1:]], rows[2]], r"a NaN or infinite value for the text 'b'"),
        (lambda rows: [rows[0], [], rows[2]], r"a list for the text 'b', where a list of numbers"),
        (lambda rows: [rows[0], {"a": 1}, rows[2]], r"an object for the text 'b'"),
        (lambda rows: [rows[0], [[1.0]] * 8, rows[2]], r"a list for the text 'b', where a number belongs"),
    ],
)
@pytest.mark.parametrize("api", ["openai", "tei"])
def test_an_answer_that_is_none_is_told_with_its_text(
    api: str, spoil: Any, said: str, server: Behaviour
) -> None:
    server.rows = spoil
    with pytest.raises(ModelError, match=said) as error:
        model(server, api=api).encode(["a", "b", "c"], "query")
    assert server.url in str(error.value)
    assert len(server.asked) == 1  # what the server said is no accident: it is not asked again


def test_another_width_later_is_told(server: Behaviour) -> None:
    asked = model(server)
    asked.encode(["a"], "query")
    server.rows = lambda rows: [row[:3] for row in rows]
    with pytest.raises(ModelError, match="3 numbers for the text 'b', and 8 for another"):
        asked.encode(["b"], "query")


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([{"index": 0, "score": 1.0}], "1 rows for 2 texts; the first that is missing has index 1"),
        ([{"index": 0, "score": 1.0}] * 2, "two rows of index 0"),
        ([{"index": 0, "score": 1.0}, {"index": 2, "score": 1.0}], "a row of index 2 for 2 texts"),
        ([{"index": 0, "score": 1.0}, {"index": True, "score": 1.0}], "a row of index True"),
        ([{"index": 0, "score": 1.0}, {"index": 1}], "a row without 'score'"),
        ([{"index": 0, "score": 1.0}, {"index": 1, "score": None}], "null for the text 'y', where a number"),
        ({"scores": [1, 2]}, "an object, where there is a list"),
        (None, "null, where there is a list"),
    ],
)
def test_a_rerankers_answer_that_is_none(rows: Any, said: str, server: Behaviour) -> None:
    server.before = lambda request, n: raw(rows)
    with pytest.raises(ModelError, match=said):
        model(server, "cross_encoder", "tei").score([("q", "x"), ("q", "y")])


def answer(text: str, status: int = 200, kind: str = "application/json", **headers: str) -> Any:
    return lambda request, n: Response(text, status, media_type=kind, headers=headers)


@pytest.mark.parametrize(
    ("before", "said"),
    [
        (
            answer("<html>Welcome</html>", kind="text/html"),
            r"answered text/html, and no JSON \(<html>Welcome",
        ),
        (
            answer('{"detail": "Not Found"}', 404),
            r"answered 404 \(Not Found\); is the path right\? 'url' is what comes before /embeddings",
        ),
        (answer('{"error": {"message": "no such model"}}', 400), r"answered 400 \(no such model\)"),
        (
            answer('{"error": "batch size 64 > 32"}', 422),
            r"answered 422 \(batch size 64 > 32\); a smaller 'batch_size'",
        ),
        (answer("", 401), r"answered 401: it wants a key; name the environment variable"),
        (answer("[" * 100_000), "and no JSON"),
        (answer("{}"), "an object, where an object with 'data' belongs"),
        (
            lambda request, n: RedirectResponse("http://elsewhere.example/v1/embeddings?x=1"),
            r"is redirected to http://elsewhere\.example \(307\), and that is not followed",
        ),
    ],
)
def test_an_answer_of_something_else(before: Any, said: str, server: Behaviour) -> None:
    server.before = before
    with pytest.raises(ModelError, match=said) as error:
        model(server).encode(["a"], "query")
    assert error.value.exit_code == 2


def test_nothing_there() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}"
    with pytest.raises(
        ModelError, match=r"nothing answers \(.*refused\); is the server running, and the url right"
    ):
        model(Behaviour(url=url)).encode(["a"], "query")


def test_no_tls_where_https_is_asked(server: Behaviour) -> None:
    with pytest.raises(ModelError, match=r"no safe connection .*is it https"):
        model(server, url=server.url.replace("http:", "https:") + "/v1").encode(["a"], "query")


def test_a_certificate_that_nobody_knows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "httpx2.Client.stream",
        lambda *given, **more: (_ for _ in ()).throw(_tls()),
    )
    with pytest.raises(ModelError, match=r"no safe connection .*certificate"):
        model(Behaviour(url="https://127.0.0.1:1")).encode(["a"], "query")


def _tls() -> Exception:
    import httpx2

    error = httpx2.ConnectError(
        "[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: self-signed certificate"
    )
    error.__cause__ = ssl.SSLCertVerificationError("self-signed")
    return error


def test_a_body_that_never_ends(server: Behaviour, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "_MOST_BYTES", 1 << 20)

    def forever() -> Iterator[bytes]:
        while True:
            yield b" " * (1 << 16)

    server.before = lambda request, n: StreamingResponse(forever(), media_type="application/json")
    with pytest.raises(
        EndpointError, match=r"an answer of over 1\.05 MB that did not end; given up after 2 attempts"
    ):
        model(server, retries=1).encode(["a"], "query")


def test_a_server_that_is_silent(server: Behaviour) -> None:
    async def silent(request: Any, n: int) -> None:
        import asyncio

        await asyncio.sleep(60)

    server.before = silent
    asked = model(server, retries=0, timeout=0.05)
    with pytest.raises(EndpointError, match=r"no answer within 0\.05 s"):
        asked.encode(["a"], "query")
    assert asked.client.tally.failures == {"timeout": 1}


def test_a_key_goes_into_its_header_and_nowhere_else(
    server: Behaviour, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("THE_KEY", KEY)
    server.key = KEY
    asked = model(server, key_env="THE_KEY")
    np.testing.assert_array_equal(asked.encode(["a"], "query"), vectors(["a"]))
    shown = f"{asked.describe()} {vars(asked)} {vars(asked.client.wire)} {asked.client._http.headers!r}"
    assert KEY not in shown.replace(repr(asked.client._key), "")
    server.key = "another"  # this server tells the key back
    with pytest.raises(ModelError, match=r"the key in THE_KEY was not accepted \(bad key Bearer \[key\]\)"):
        asked.encode(["a"], "query")
    server.key = None
    server.info = {"said": f"you are {KEY}"}
    assert asked.facts()["said"] == "you are [key]"


def test_the_key_is_not_sent_to_another_host(server: Behaviour, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("THE_KEY", KEY)
    with serving(Behaviour(encode=vectors)) as other:
        server.before = lambda request, n: RedirectResponse(f"{other.url}/v1/embeddings")
        with pytest.raises(ModelError, match="is not followed"):
            model(server, key_env="THE_KEY").encode(["a"], "query")
        assert other.asked == []


@pytest.mark.parametrize(
    ("value", "said"), [(None, "is not set"), (" ", "is not set"), ("a\nb", "is no key")]
)
def test_a_key_that_is_missing_is_told_before_anything_is_asked(
    value: str | None, said: str, server: Behaviour, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("THE_KEY", raising=False)
    if value is not None:
        monkeypatch.setenv("THE_KEY", value)
    settings = ModelSettings.model_validate(
        {"bi_encoder": {"url": server.url, "model": "m", "key_env": "THE_KEY"}}
    )
    with pytest.raises(ModelError, match=rf"model 'e': key_env: .*THE_KEY.* {said}"):
        loading.request("e", settings, Path(), "cpu", Permissions())
    assert server.asked == []


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ({"url": "localhost:8080", "model": "m"}, "is no address of a server"),
        ({"url": "http://me:secret@host/v1", "model": "m"}, "has a user, a password"),
        ({"url": "http://host/v1?key=secret", "model": "m"}, "has a user, a password, a query"),
        ({"url": "http://host:port/v1", "model": "m"}, "is no address"),
        ({"url": "http://host/v1"}, "key 'model' is missing; api 'openai'"),
        ({"url": "http://host", "api": "tei", "model": "m"}, "holds one model, and is given no name"),
        ({"url": "http://host", "api": "cohere", "model": "m"}, "api"),
        (
            {"url": "http://host/v1", "model": "m", "key_env": "sk-secret"},
            "must be the name of an environment variable",
        ),
        ({"url": "http://host/v1", "model": "m", "key": "secret"}, "key"),
    ],
)
def test_a_config_that_says_something_wrong(
    source: dict[str, Any], said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from harness.cli import main

    path = tmp_path / "config.yaml"
    path.write_text(
        f"suite: quickstart\nmodels: {{e: {{bi_encoder: {source}}}}}\npipelines: {{e: {{retrieve: e}}}}\n"
    )
    assert main(["plan", str(path)]) == 2
    told = capsys.readouterr().err
    assert said in told
    assert "secret" not in told


@pytest.mark.parametrize(
    "setting", [{"precision": "bf16"}, {"pooling": "cls"}, {"device": "cpu"}, {"max_length": 3}]
)
def test_what_the_server_decides_is_no_setting(setting: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="a server decides this itself"):
        ModelSettings.model_validate({"bi_encoder": {"url": "http://h/v1", "model": "m"}, **setting})


def test_a_server_that_is_as_it_was_stands(server: Behaviour) -> None:
    asked = model(server)
    first, changes = standing.see(asked, None)
    assert changes == []
    assert first.noise == 0
    assert asked.work.texts == 0  # probing is no work
    server.rows = lambda rows: [[x * (1 + 1e-6) for x in row] for row in rows]
    again, changes = standing.see(asked, first)
    assert (again, changes) == (first, [])
    server.rows = lambda rows: [[x + 0.01 * i for i, x in enumerate(row)] for row in rows]
    changed, changes = standing.see(asked, first)
    assert len(changes) == 1
    assert "its answers to the same texts moved by" in changes[0]
    assert changed.key != first.key
    server.info = {"model_dtype": "float16"}
    _, changes = standing.see(asked, changed)
    assert "model_dtype: nothing" not in changes[0]
    assert "it says something else of itself" in changes[0]


def test_a_server_that_wavers_is_allowed_to(server: Behaviour) -> None:
    server.rows = lambda rows: [[x * (1 + 1e-3 * (len(rows) > 1)) for x in row] for row in rows]
    asked = model(server)
    first, _ = standing.see(asked, None)
    assert first.noise == pytest.approx(1e-3, rel=0.01)
    server.rows = lambda rows: [[x * (1 + 3e-3) for x in row] for row in rows]
    assert standing.see(asked, first)[1] == []


def test_every_example_of_the_page_is_a_model() -> None:
    import yaml

    page = (Path(__file__).parents[2] / "docs" / "endpoints.md").read_text(encoding="utf-8")
    models = yaml.safe_load(page.partition("```yaml\n")[2].partition("```")[0])["models"]
    assert len(models) == 7
    for settings in models.values():
        assert ModelSettings.model_validate(settings).endpoint is not None
