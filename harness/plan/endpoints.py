"""Models behind servers in a run: what each was when it was last seen, and its answers, kept as they arrive."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any, Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from harness.errors import HarnessError
from harness.models.endpoints.client import forbidden
from harness.models.endpoints.models import BATCH_SIZE, EndpointEncoder, EndpointScorer
from harness.models.endpoints.standing import Standing, see
from harness.models.loading import ModelRequest
from harness.models.protocols import Embeddings, Identity, Role, Work
from harness.models.recipe import ModelKey, Recipe
from harness.store import Store
from harness.store.answers import AnswerTable
from harness.store.keys import key_of, text_hashes

_Model = TypeVar("_Model", bound=EndpointEncoder | EndpointScorer)


def held(request: ModelRequest, store: Store | None) -> Standing | None:
    """Return what a server was when it was last asked, by the store."""
    found = None if store is None else store.read("endpoints", _server_key(request))
    if found is None:
        return None
    header = found.header
    probes = np.array(found.array, dtype=np.float32)
    return Standing(header["facts"], probes, float(header["noise"]))


def look(
    request: ModelRequest, model: EndpointEncoder | EndpointScorer, store: Store | None
) -> tuple[Standing, str]:
    """Ask a server what it is now; returns that, and a sentence about what changed since it was last asked."""
    before = held(request, store)
    try:
        now, changes = see(model, before)
    except HarnessError as error:
        raise type(error)(f"model {request.name!r}: {error.message}", error.details) from None
    if store is not None and now is not before:
        header = {"facts": dict(now.facts), "noise": now.noise}
        store.write("endpoints", _server_key(request), header, now.probes)
    if not changes:
        return now, ""
    return now, (
        f"{request.name}: {model.source.url} is not what it was when it was last asked: {'; '.join(changes)}. Nothing "
        "that was kept of it is used"
    )


def identity(loaded: Identity, model: EndpointEncoder | EndpointScorer, seen: Standing) -> Identity:
    """Return a model's identity with what its server says of itself, and the digest of how it answers."""
    settings = {**model.describe(), "server": dict(seen.facts), "probes": seen.key}
    return Identity.from_dict({**loaded.as_dict(), "settings": settings})


def keeps(request: ModelRequest) -> bool:
    """Whether a server's answers may be kept."""
    source = request.settings.endpoint
    return source is not None and source.store


def refuse_offline(request: ModelRequest, why: str) -> None:
    """Raise ModelError for a model behind a server, where the network may not be used."""
    if request.settings.endpoint is not None:
        raise forbidden(f"model {request.name!r}: {request.settings.endpoint.url}", why)


def _server_key(request: ModelRequest) -> str:
    """Key of one model of one server; no key to it is among what it is made of."""
    source: Any = request.settings.source
    kind, dimensions = request.settings.kind, getattr(source, "dimensions", None)
    return key_of([kind, source.url, source.api, source.model, dimensions, request.settings.activation])


def recipe(request: ModelRequest, standing: Standing) -> Recipe:
    """Return what an endpoint's answers depend on: where it is, what it was, and the prompts put before texts."""
    settings = request.settings
    prompts = settings.prompts.model_dump(exclude_none=True) if settings.prompts else None
    source: Any = settings.source
    key = ModelKey(
        kind=settings.kind,
        files={},
        precision="",
        device="",
        backend=source.api,
        batch_size=settings.batch_size or BATCH_SIZE,
        batch_tokens=None,
        batch_plan="",
        max_length=None,
        prompts=prompts,
        pooling=None,
        normalize=None,
        activation=settings.activation,
        trust_remote_code=False,
        arguments={"server": _server_key(request), "standing": standing.key},
    )
    return Recipe((key,), (), settings.similarity)


class _Kept(Generic[_Model]):
    """A server's model of which every answer is kept as it arrives, and none is asked for twice."""

    def __init__(self, model: _Model, table: AnswerTable) -> None:
        """``table``: of this server as it now is."""
        self._model, self._table = model, table
        self.batch_size = model.batch_size
        self.batch_done: Callable[[int], None] = lambda n: None

    @property
    def work(self) -> Work:
        """What the server was asked."""
        return self._model.work


class KeptEncoder(_Kept[EndpointEncoder]):
    """A bi-encoder."""

    @property
    def similarity(self) -> str:
        """The model's."""
        return self._model.similarity

    def encode(self, texts: Sequence[str], role: Role) -> Embeddings:
        """Return embeddings, [n_texts, dimension] float32, in the order of the texts."""
        prompt = self._model.prompt(role)
        found = _through(
            self._table,
            [prompt + text for text in texts],
            lambda rows, keep: self._model.encode_each([texts[i] for i in rows], role, keep),
            self.batch_done,
        )
        return found if len(texts) else self._model.encode([], role)


class KeptScorer(_Kept[EndpointScorer]):
    """A cross-encoder."""

    def score(self, pairs: Sequence[tuple[str, str]]) -> NDArray[np.float32]:
        """Return one score a pair, [n_pairs] float32."""
        prompt = self._model.prompt()
        found = _through(
            self._table,
            [json.dumps([prompt + first, second]) for first, second in pairs],
            lambda rows, keep: self._model.score_each([pairs[i] for i in rows], keep),
            self.batch_done,
        )
        return found.reshape(len(pairs))


def _through(
    table: AnswerTable,
    inputs: Sequence[str],
    ask: Callable[[list[int], Callable[[NDArray[np.int64], NDArray[np.float32]], None]], object],
    done: Callable[[int], None],
) -> NDArray[np.float32]:
    """Answer from a table, and ask for the rest, each different input once, [n_inputs, numbers]."""
    keys = [row.tobytes() for row in text_hashes(inputs)]
    known = table.find(text_hashes(inputs))
    first = {key: i for i, key in reversed(list(enumerate(keys)))}
    rows = sorted(i for key, i in first.items() if key not in known)
    done(len(keys) - len(rows))

    def keep(places: NDArray[np.int64], answers: NDArray[np.float32]) -> None:
        some = [keys[rows[i]] for i in places]
        answers = answers.reshape(len(some), -1)
        table.add(some, answers)
        known.update(zip(some, answers, strict=True))
        done(len(some))

    if rows:
        ask(rows, keep)
    return np.stack([known[key] for key in keys]) if keys else np.zeros((0, 0), dtype=np.float32)


def kept(request: ModelRequest, model: Any, standing: Standing, store: Store) -> KeptEncoder | KeptScorer:
    """Return a server's model answering through the store."""
    table = AnswerTable(store, key_of([_server_key(request), standing.key]))
    return KeptScorer(model, table) if isinstance(model, EndpointScorer) else KeptEncoder(model, table)
