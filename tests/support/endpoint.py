"""A server of a real model on loopback, for the tests: it speaks the APIs, and does wrong what it is told to.

The faults of the model (no normalisation, another pooling, fewer tokens, another precision) are made where they are made
in servers: by sentence-transformers' own modules, not by changing numbers afterwards.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import uvicorn
from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse

KEY = "sk-a-very-secret-key-0123456789"


@dataclass
class Behaviour:
    """What a server does; changed while it runs.

    Attributes:
        encode, score: of the model behind it.
        before: is given each request before it is answered; what it returns is the answer. None: the model's.
        rows: changes embeddings or scores, as JSON, before they are sent.
        texts: changes texts before they are encoded.
        info: what it says of itself.
        key: asked for, where there is one.
        asked: paths, in order; ``seen``: how many texts were encoded, or pairs scored.
    """

    encode: Callable[[list[str]], np.ndarray] | None = None
    score: Callable[[list[tuple[str, str]]], np.ndarray] | None = None
    before: Callable[[Request, int], Any] = lambda request, n: None
    rows: Callable[[list[Any]], list[Any]] = lambda rows: rows
    texts: Callable[[list[str]], list[str]] = lambda texts: texts
    info: dict[str, Any] = field(default_factory=lambda: {"model_id": "m", "model_dtype": "float32"})
    key: str | None = None
    asked: list[str] = field(default_factory=list)
    seen: int = 0
    url: str = ""
    lock: threading.Lock = field(default_factory=threading.Lock)


def app(does: Behaviour) -> FastAPI:
    """The server's paths."""
    made = FastAPI()

    def vectors(texts: list[str]) -> list[Any]:
        assert does.encode is not None
        with does.lock:
            found = does.encode(does.texts(texts))
            does.seen += len(texts)
        return does.rows(np.asarray(found, dtype=np.float32).astype(float).tolist())

    def scores(query: str, texts: list[str]) -> list[Any]:
        assert does.score is not None
        with does.lock:
            found = does.score([(query, text) for text in texts])
            does.seen += len(texts)
        return does.rows(np.asarray(found, dtype=np.float32).astype(float).tolist())

    @made.middleware("http")
    async def faults(request: Request, then: Any) -> Response:
        does.asked.append(request.url.path)
        n = does.asked.count(request.url.path)
        if does.key is not None and request.headers.get("authorization") != f"Bearer {does.key}":
            return JSONResponse(
                {"error": {"message": f"bad key {request.headers.get('authorization')}"}}, 401
            )
        answer = does.before(request, n)
        if asyncio.iscoroutine(answer):
            answer = await answer
        return answer if answer is not None else await then(request)

    @made.post("/v1/embeddings")
    def openai(body: dict[str, Any]) -> Any:
        rows = vectors(body["input"])
        data = [{"object": "embedding", "index": i, "embedding": row} for i, row in enumerate(rows)]
        tokens = sum(len(text.split()) for text in body["input"])
        return raw(
            {"object": "list", "data": data, "model": body["model"], "usage": {"prompt_tokens": tokens}}
        )

    @made.get("/v1/models")
    def models() -> Any:
        return {"data": [{"id": "m", "created": does.asked.count("/v1/models"), **does.info}]}

    @made.post("/embed")
    def tei(body: dict[str, Any]) -> Any:
        return raw(vectors(body["inputs"]))

    @made.get("/info")
    def info() -> Any:
        return does.info

    @made.post("/api/embed")
    def ollama(body: dict[str, Any]) -> Any:
        return raw({"model": body["model"], "embeddings": vectors(body["input"]), "prompt_eval_count": 7})

    @made.get("/api/tags")
    def tags() -> Any:
        return {"models": [{"name": "m:latest", "digest": "sha256:1", "details": does.info}]}

    @made.post("/rerank")
    def rerank_tei(body: dict[str, Any]) -> Any:
        return raw(ranked(scores(body["query"], body["texts"]), "score"))

    @made.post("/v1/rerank")
    def rerank(body: dict[str, Any]) -> Any:
        return raw({"results": ranked(scores(body["query"], body["documents"]), "relevance_score")})

    return made


def ranked(scores: list[Any], name: str) -> list[dict[str, Any]]:
    """Rows as rerankers send them: the best first, each with its place in the request."""
    rows = [{"index": i, name: score} for i, score in enumerate(scores)]
    return sorted(rows, key=lambda row: -row[name] if isinstance(row[name], float) else 0)


def raw(content: Any) -> Response:
    """JSON as Python writes it, NaN and all."""
    import json

    return Response(json.dumps(content), media_type="application/json")


@contextmanager
def serving(does: Behaviour, port: int = 0) -> Iterator[Behaviour]:
    """Serve on loopback for the length of the block; ``url`` is where."""
    config = uvicorn.Config(
        app(does), host="127.0.0.1", port=port, log_level="critical", lifespan="off", ws="none"
    )
    server = uvicorn.Server(config)
    started = threading.Event()
    startup = server.startup

    async def then_tell(*arguments: Any, **more: Any) -> None:
        await startup(*arguments, **more)
        started.set()

    server.startup = then_tell  # type: ignore[method-assign]
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    assert started.wait(30)
    does.url = f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    try:
        yield does
    finally:
        server.should_exit = server.force_exit = True
        thread.join(30)
