"""How servers are asked, and what they answer: a class an API.

Sources: OpenAI's reference of ``/v1/embeddings``; the OpenAPI document of Text Embeddings Inference (``/embed``,
``/rerank``, ``/info``); Ollama's ``docs/api.md`` (``/api/embed``, ``/api/tags``); Cohere's and Jina's references of
``/rerank``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from harness.errors import ModelError
from harness.models.endpoints.client import Client, Reply

#: What a server says of itself that is of the moment, and of no model.
_OF_THE_MOMENT = frozenset(
    {"created", "created_at", "expires_at", "modified_at", "permission", "stats", "uptime"}
)


#: What may be wrong with an answer.
Fault = Literal["shape", "rows", "width", "number"]


class Malformed(Exception):  # noqa: N818
    """An answer that is none; the text names what is wrong with it, ``kind`` in one word."""

    def __init__(self, text: str, kind: Fault = "shape") -> None:
        super().__init__(text)
        self.kind: Fault = kind


class AnswerError(ModelError):
    """A server answered, and not with what was asked for; ``fault`` says in one word what is wrong."""

    def __init__(self, message: str = "", details: Sequence[str] = (), fault: Fault = "shape") -> None:
        """Keep all three."""
        super().__init__(message, details)
        self.fault: Fault = fault


@dataclass(frozen=True)
class Asked:
    """What one request is about: the model's name where it has one, texts, and for a reranker the query."""

    model: str | None
    texts: Sequence[str]
    query: str = ""
    raw: bool = True  # a reranker's logits, where the API tells them from probabilities
    dimensions: int | None = None


class Api:
    """One API.

    Attributes:
        path: what is asked, after the url.
        named: whether requests name the model.
    """

    path: str
    named = True

    def body(self, asked: Asked) -> dict[str, Any]:
        """Return the JSON of a request."""
        raise NotImplementedError

    def rows(self, reply: Reply, n: int) -> list[Any]:
        """Return one embedding or score a text, in the order of the texts. Raises Malformed."""
        raise NotImplementedError

    def tokens(self, reply: Reply) -> int:
        """Return the tokens that the server counted; 0 where it says none."""
        return 0

    def facts(self, client: Client, model: str | None) -> dict[str, Any]:
        """Return what the server says of the model."""
        return _of_list(client, "/models", model)


class OpenAI(Api):
    """``POST /embeddings``."""

    path = "/embeddings"

    def body(self, asked: Asked) -> dict[str, Any]:
        """Ask for floats."""
        more = {} if asked.dimensions is None else {"dimensions": asked.dimensions}
        return {"model": asked.model, "input": list(asked.texts), "encoding_format": "float", **more}

    def rows(self, reply: Reply, n: int) -> list[Any]:
        """By ``index``."""
        return _ordered(_list(reply, "data"), n, "embedding")

    def tokens(self, reply: Reply) -> int:
        """``usage.prompt_tokens``."""
        return _count(reply.content, "usage", "prompt_tokens")


class TeiEmbed(Api):
    """``POST /embed`` of Text Embeddings Inference, which cuts long texts when asked to."""

    path, named = "/embed", False

    def body(self, asked: Asked) -> dict[str, Any]:
        """Ask for long texts to be cut, as a model in this process cuts them."""
        more = {} if asked.dimensions is None else {"dimensions": asked.dimensions}
        return {"inputs": list(asked.texts), "truncate": True, **more}

    def rows(self, reply: Reply, n: int) -> list[Any]:
        """By place."""
        return _as_many(_list(reply, None), n)

    def tokens(self, reply: Reply) -> int:
        """The header ``x-compute-tokens``."""
        value = reply.headers.get("x-compute-tokens", "")
        return int(value) if value.isdecimal() else 0

    def facts(self, client: Client, model: str | None) -> dict[str, Any]:
        """``GET /info``."""
        reply = client.get("/info")
        return {} if reply is None else _plain(client.clean(reply.content))


class TeiRerank(TeiEmbed):
    """``POST /rerank`` of Text Embeddings Inference."""

    path = "/rerank"

    def body(self, asked: Asked) -> dict[str, Any]:
        """Ask for logits, or for probabilities."""
        return {
            "query": asked.query,
            "texts": list(asked.texts),
            "raw_scores": asked.raw,
            "truncate": True,
            "return_text": False,
        }

    def rows(self, reply: Reply, n: int) -> list[Any]:
        """By ``index``."""
        return _ordered(_list(reply, None), n, "score")


class Ollama(Api):
    """``POST /api/embed``."""

    path = "/api/embed"

    def body(self, asked: Asked) -> dict[str, Any]:
        """Ask for long texts to be cut."""
        more = {} if asked.dimensions is None else {"dimensions": asked.dimensions}
        return {"model": asked.model, "input": list(asked.texts), "truncate": True, **more}

    def rows(self, reply: Reply, n: int) -> list[Any]:
        """By place."""
        return _as_many(_list(reply, "embeddings"), n)

    def tokens(self, reply: Reply) -> int:
        """``prompt_eval_count``."""
        return _count(reply.content, "prompt_eval_count")

    def facts(self, client: Client, model: str | None) -> dict[str, Any]:
        """The model's digest and details by ``GET /api/tags``."""
        return _of_list(client, "/api/tags", model)


class Cohere(Api):
    """``POST /rerank`` as Cohere has it."""

    path = "/rerank"

    def body(self, asked: Asked) -> dict[str, Any]:
        """Ask for a score of every text."""
        return {
            "model": asked.model,
            "query": asked.query,
            "documents": list(asked.texts),
            "top_n": len(asked.texts),
        }

    def rows(self, reply: Reply, n: int) -> list[Any]:
        """By ``index``."""
        return _ordered(_list(reply, "results"), n, "relevance_score")

    def tokens(self, reply: Reply) -> int:
        """``usage.total_tokens``, where it is told."""
        return _count(reply.content, "usage", "total_tokens")


class Jina(Cohere):
    """``POST /rerank`` as Jina has it: Cohere's, and documents are not sent back."""

    def body(self, asked: Asked) -> dict[str, Any]:
        """Ask for a score of every text, and no text."""
        return {**super().body(asked), "return_documents": False}


EMBEDS: Mapping[str, Api] = {"openai": OpenAI(), "tei": TeiEmbed(), "ollama": Ollama()}
RERANKS: Mapping[str, Api] = {"cohere": Cohere(), "tei": TeiRerank(), "jina": Jina()}


def vectors_of(rows: Sequence[Any], texts: Sequence[str], width: int | None) -> NDArray[np.float32]:
    """Return embeddings, [n_texts, dimension], checked. Raises Malformed, naming the text."""
    found = []
    for row, text in zip(rows, texts, strict=True):
        if not isinstance(row, list) or not row:
            raise Malformed(f"{_kind(row)} for the text {_named(text)}, where a list of numbers belongs")
        if width is not None and len(row) != width:
            raise Malformed(
                f"{len(row):,} numbers for the text {_named(text)}, and {width:,} for another; all have one dimension",
                "width",
            )
        width = len(row)
        found.append(_numbers(row, text))
    return np.asarray(found, dtype=np.float32)


def scores_of(rows: Sequence[Any], texts: Sequence[str]) -> NDArray[np.float32]:
    """Return scores, [n_texts], checked. Raises Malformed, naming the text."""
    return np.asarray(
        [_numbers([row], text)[0] for row, text in zip(rows, texts, strict=True)], dtype=np.float32
    )


def _numbers(row: list[Any], text: str) -> NDArray[np.float64]:
    try:
        numbers = np.asarray(row)
    except ValueError:
        numbers = np.asarray([None])
    if numbers.dtype.kind not in "fiu" or numbers.ndim != 1:
        wrong = next(
            (value for value in row if isinstance(value, bool) or not isinstance(value, int | float)), row
        )
        raise Malformed(f"{_kind(wrong)} for the text {_named(text)}, where a number belongs", "number")
    with np.errstate(over="ignore"):
        good = np.isfinite(numbers.astype(np.float32)).all()
    if not good:
        raise Malformed(f"a NaN or infinite value for the text {_named(text)}", "number")
    return numbers.astype(np.float64)


def _list(reply: Reply, key: str | None) -> list[Any]:
    content = reply.content
    if key is not None:
        if not isinstance(content, dict) or key not in content:
            raise Malformed(f"{_kind(content)}, where an object with {key!r} belongs")
        content = content[key]
    if not isinstance(content, list):
        raise Malformed(f"{_kind(content)}, where {f'{key!r} has' if key else 'there is'} a list")
    return content


def _as_many(rows: list[Any], n: int) -> list[Any]:
    if len(rows) != n:
        raise Malformed(f"{len(rows):,} rows for {n:,} texts", "rows")
    return rows


def _ordered(rows: list[Any], n: int, key: str) -> list[Any]:
    """Put rows in the order of the texts, by their ``index``; rows that all lack one are in order."""
    if not all(isinstance(row, dict) and key in row for row in rows):
        raise Malformed(f"a row without {key!r}")
    if not any("index" in row for row in rows):
        return [row[key] for row in _as_many(rows, n)]
    placed: dict[int, Any] = {}
    for row in rows:
        place = row.get("index")
        if isinstance(place, bool) or not isinstance(place, int) or not 0 <= place < n:
            raise Malformed(f"a row of index {place!r:.20} for {n:,} texts", "rows")
        if place in placed:
            raise Malformed(f"two rows of index {place}", "rows")
        placed[place] = row[key]
    missing = [i for i in range(n) if i not in placed]
    if missing:
        raise Malformed(
            f"{len(placed):,} rows for {n:,} texts; the first that is missing has index {missing[0]}", "rows"
        )
    return [placed[i] for i in range(n)]


def _of_list(client: Client, path: str, model: str | None) -> dict[str, Any]:
    """What a list of models says of one."""
    reply = client.get(path)
    if reply is None or not isinstance(reply.content, dict):
        return {}
    rows = next((rows for key in ("data", "models") if isinstance(rows := reply.content.get(key), list)), [])
    for row in rows:
        names = {row.get(key) for key in ("id", "name", "model")} if isinstance(row, dict) else set()
        if model is not None and names & {model, f"{model}:latest"}:
            return _plain(client.clean(row))
    return {}


def _plain(content: Any, depth: int = 0) -> dict[str, Any]:
    """Return the values of an object that describe a model, without those of the moment."""
    if not isinstance(content, dict) or depth > 3:
        return {}
    kept: dict[str, Any] = {}
    for key, value in sorted(content.items()):
        if key in _OF_THE_MOMENT:
            continue
        if isinstance(value, dict):
            kept[key] = _plain(value, depth + 1)
        elif value is None or isinstance(value, bool | int | float | str):
            kept[key] = value[:500] if isinstance(value, str) else value
        elif isinstance(value, list) and all(isinstance(part, str) for part in value):
            kept[key] = value[:50]
    return kept


def _count(content: Any, *path: str) -> int:
    for key in path:
        content = content.get(key) if isinstance(content, dict) else None
    return content if isinstance(content, int) and not isinstance(content, bool) and content > 0 else 0


def _kind(value: Any) -> str:
    names = {dict: "an object", list: "a list", str: f"the text {value!r:.30}", bool: str(value).lower()}
    return "null" if value is None else names.get(type(value), "a number")


def _named(text: str) -> str:
    return repr(text if len(text) <= 60 else text[:59] + "…")
