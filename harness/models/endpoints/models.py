"""A bi-encoder and a cross-encoder behind a server. Texts get their role's prompt here; all else is the server's."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Any, Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from harness.config import EndpointModel, ModelSettings, Prompts, RerankEndpoint
from harness.errors import EndpointError
from harness.models.endpoints import apis
from harness.models.endpoints.apis import AnswerError, Api, Asked, Malformed
from harness.models.endpoints.client import Client, wire_of
from harness.models.protocols import Embeddings, Role, Work
from harness.timing.clock import Clock

BATCH_SIZE = 32  # texts of one request: what Text Embeddings Inference takes by default
_Input = TypeVar("_Input")
#: Is given the places of some inputs, and their answers, as soon as a request is answered.
Keep = Callable[[NDArray[np.int64], NDArray[np.float32]], None]


@dataclass(frozen=True)
class _Job:
    """One request: the places of its inputs, and what is asked."""

    places: NDArray[np.int64]
    asked: Asked


class _Endpoint(Generic[_Input]):
    """What both share: requests, counted and checked."""

    def __init__(
        self, settings: ModelSettings, source: EndpointModel | RerankEndpoint, api: Api, clock: Clock | None
    ) -> None:
        """Raises ModelError where the key is missing. Nothing is asked yet."""
        self.source, self.api = source, api
        self.batch_size = settings.batch_size or BATCH_SIZE
        self.client = Client(wire_of(source), clock)
        self.work = Work()
        self.nbytes = 0
        self.batch_done: Callable[[int], None] = lambda n: None
        self._prompts = settings.prompts or Prompts()
        self._raw = settings.activation == "identity"

    def describe(self) -> dict[str, Any]:
        """Return what is used, for the model's identity; no key is among it."""
        source = self.source
        prompts = self._prompts.model_dump(exclude_none=True)
        return {
            "url": source.url,
            "api": source.api,
            **({"model": source.model} if source.model is not None else {}),
            "batch_size": self.batch_size,
            **({"prompts": prompts} if prompts else {}),
        }

    def facts(self) -> dict[str, Any]:
        """Return what the server says of itself; empty where it says nothing."""
        return self.api.facts(self.client, self.source.model)

    def remarks(self) -> list[str]:
        """Sentences about requests that had to be made again."""
        tally = self.client.tally
        if not tally.failures:
            return []
        kinds = ", ".join(f"{kind}: {n:,}" for kind, n in sorted(tally.failures.items()))
        return [
            f"of {tally.requests:,} requests to {self.source.url}, {tally.failures.total():,} failed ({kinds}) and "
            f"were made again, after {tally.waited_s:.1f} s of waiting in all"
        ]

    def request(self, asked: Asked, read: Callable[[list[Any], Asked], Any]) -> tuple[Any, int]:
        """Make one request; returns what ``read`` makes of its rows, and the tokens that the server counted.

        Safe in several threads; no work is counted. Raises as ``encode`` does.
        """
        reply = self.client.post(self.api.path, self.api.body(asked))
        try:
            return read(self.api.rows(reply, len(asked.texts)), asked), self.api.tokens(reply)
        except Malformed as error:
            raise AnswerError(
                f"{self.client.address(self.api.path)}: answered {self.client.shown(str(error))}",
                fault=error.kind,
            ) from None

    def _answered(
        self, jobs: Sequence[_Job], read: Callable[[list[Any], Asked], Any]
    ) -> Iterator[tuple[_Job, Any]]:
        for place, (values, tokens) in self.client.each(jobs, lambda job: self.request(job.asked, read)):
            job = jobs[place]
            self.work += Work(texts=len(job.places), tokens=tokens)
            yield job, values
            self.batch_done(len(job.places))


class EndpointEncoder(_Endpoint[str]):
    """A bi-encoder."""

    def __init__(self, settings: ModelSettings, clock: Clock | None = None) -> None:
        """Raises ModelError where the key is missing."""
        source = settings.source
        assert isinstance(source, EndpointModel)
        super().__init__(settings, source, apis.EMBEDS[source.api], clock)
        self.similarity = settings.similarity or "cosine"
        self._dimensions = source.dimensions
        self.width: int | None = source.dimensions

    def describe(self) -> dict[str, Any]:
        """As for both, with similarity and dimension."""
        more = {} if self.width is None else {"dimension": self.width}
        return {**super().describe(), "similarity": self.similarity, **more}

    def prompt(self, role: Role) -> str:
        """Return what is put before a text of a role; nothing before a sentence of a symmetric task."""
        return {"query": self._prompts.query, "document": self._prompts.document}.get(role) or ""

    def encode(self, texts: Sequence[str], role: Role) -> Embeddings:
        """Return embeddings, [n_texts, dimension] float32, in the order of the texts.

        Raises ModelError for an answer that cannot be one, EndpointError for a server that fails for good.
        """
        return self.encode_each(texts, role)

    def encode_each(
        self, texts: Sequence[str], role: Role, keep: Keep = lambda places, vectors: None
    ) -> Embeddings:
        """As ``encode``; ``keep`` is given each request's answer as soon as it is there."""
        prompt, size = self.prompt(role), self.batch_size
        jobs = [
            _Job(
                np.arange(low, min(low + size, len(texts))),
                Asked(
                    self.source.model,
                    [prompt + text for text in texts[low : low + size]],
                    dimensions=self._dimensions,
                ),
            )
            for low in range(0, len(texts), size)
        ]
        parts: list[tuple[NDArray[np.int64], Embeddings]] = []
        before = self.work

        def read(rows: list[Any], asked: Asked) -> Embeddings:
            vectors = apis.vectors_of(rows, asked.texts, self.width)
            self.width = vectors.shape[1]
            return vectors

        for job, vectors in self._answered(jobs, read):
            keep(job.places, vectors)
            parts.append((job.places, vectors))
        if role == "query":
            self.work = replace(self.work, queries=before.queries + len(texts))
        found = np.empty((len(texts), self.width or 0), dtype=np.float32)
        for places, vectors in parts:
            found[places] = vectors
        return found


class EndpointScorer(_Endpoint[tuple[str, str]]):
    """A cross-encoder."""

    def __init__(self, settings: ModelSettings, clock: Clock | None = None) -> None:
        """Raises ModelError where the key is missing."""
        source = settings.source
        assert isinstance(source, RerankEndpoint)
        super().__init__(settings, source, apis.RERANKS[source.api], clock)

    def prompt(self) -> str:
        """Return what is put before a pair's first text."""
        return self._prompts.query or ""

    def describe(self) -> dict[str, Any]:
        """As for both; where the API tells logits from probabilities, which of them."""
        own = {"activation": "identity" if self._raw else "sigmoid"} if self.source.api == "tei" else {}
        return {**super().describe(), **own}

    def score(self, pairs: Sequence[tuple[str, str]]) -> NDArray[np.float32]:
        """Return one score a pair, [n_pairs] float32.

        Raises ModelError for an answer that cannot be one, EndpointError for a server that fails for good.
        """
        return self.score_each(pairs)

    def score_each(
        self, pairs: Sequence[tuple[str, str]], keep: Keep = lambda places, scores: None
    ) -> NDArray[np.float32]:
        """As ``score``; ``keep`` is given each request's answer as soon as it is there.

        A request is about one query: neighbours that share it go together.
        """
        jobs, prompt = [], self.prompt()
        for query, group in groupby(range(len(pairs)), key=lambda i: pairs[i][0]):
            places = list(group)
            for low in range(0, len(places), self.batch_size):
                some = places[low : low + self.batch_size]
                texts = [pairs[i][1] for i in some]
                jobs.append(
                    _Job(np.asarray(some), Asked(self.source.model, texts, prompt + query, self._raw))
                )
        found = np.empty(len(pairs), dtype=np.float32)
        for job, scores in self._answered(jobs, lambda rows, asked: apis.scores_of(rows, asked.texts)):
            keep(job.places, scores)
            found[job.places] = scores
        return found


def open_endpoint(settings: ModelSettings, clock: Clock | None = None) -> EndpointEncoder | EndpointScorer:
    """Return the model behind an endpoint; nothing is asked yet. Raises ModelError where its key is missing."""
    if isinstance(settings.source, RerankEndpoint):
        return EndpointScorer(settings, clock)
    return EndpointEncoder(settings, clock)


__all__ = ["EndpointEncoder", "EndpointError", "EndpointScorer", "Keep", "open_endpoint"]
