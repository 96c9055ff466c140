"""Search services behind HTTP: asked, and their answers made results."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from harness.datamodel import Query, Run
from harness.errors import DataError, ModelError, install
from harness.models.endpoints.client import Client, wire_of
from harness.pipelines import Collection
from harness.progress import Progress
from harness.stages.service import DEPTH, QUERY, Service
from harness.timing.clock import Clock


class Asked:
    """A search service that is asked; answers are checked.

    Raises ModelError where its key is missing, or the library that reads its answers.
    """

    def __init__(self, service: Service, clock: Clock | None = None) -> None:
        """Nothing is asked yet."""
        try:
            import jsonpath
        except ModuleNotFoundError:
            raise ModelError(
                f"{service.url}: what a service answers is read by python-jsonpath, which is not installed: "
                + install("python-jsonpath", "endpoints")
            ) from None
        self.service, self.client = service, Client(wire_of(service), clock)
        self._ids = jsonpath.compile(service.ids)
        self._scores = None if service.scores == "rank" else jsonpath.compile(service.scores)

    def each(self, texts: Sequence[str], depth: int) -> Any:
        """Yield (place, (ids, scores)) of each query as it is answered."""
        return self.client.each(texts, lambda text: self.one(text, depth))

    def one(self, text: str, depth: int) -> tuple[list[str], NDArray[np.float64]]:
        """Return the ids and scores of a query's results, as many as asked for at most.

        Raises ModelError for an answer that is none, EndpointError for a service that fails for good.
        """
        content = self.client.post("", _filled(self.service.query, text, depth)).content
        ids = self._ids.findall(content)[:depth]
        if self._scores is None:
            scores: list[Any] = [float(-i) for i in range(len(ids))]
        else:
            scores = self._scores.findall(content)[:depth]
        if len(ids) != len(scores):
            raise self._wrong(
                text,
                f"{len(ids):,} ids ({self.service.ids}) and {len(scores):,} scores ({self.service.scores})",
            )
        for value in ids:
            if not isinstance(value, str | int) or isinstance(value, bool):
                raise self._wrong(
                    text, f"the id {json.dumps(value):.40}, where text or a whole number belongs"
                )
        for value in scores:
            if isinstance(value, bool) or not isinstance(value, int | float) or not np.isfinite(value):
                raise self._wrong(text, f"the score {json.dumps(value):.40}, where a finite number belongs")
        names = list(map(str, ids))
        if len(set(names)) < len(names):
            twice = next(name for i, name in enumerate(names) if name in names[:i])
            raise self._wrong(text, f"the document {twice!r:.60} twice")
        if not names and not self._any(content):
            raise self._wrong(
                text, f"nothing at {self.service.ids}: {self.client.shown(json.dumps(content))}"
            )
        return names, np.asarray(scores, dtype=np.float64)

    def _any(self, content: Any) -> bool:
        """Whether an answer without results has a place for them: the path without its last steps leads somewhere."""
        import jsonpath

        before = self.service.ids.partition("[*]")[0]
        return before == self.service.ids or bool(jsonpath.findall(before, content))

    def _wrong(self, text: str, what: str) -> ModelError:
        return ModelError(f"{self.service.url}: answered {what} (query {text!r:.60})")


class Located:
    """A search service whose documents are found in a collection by their ids."""

    def __init__(self, asked: Asked, collection: Collection) -> None:
        self._asked = asked
        self._places = {name: i for i, name in enumerate(collection.flat_ids.to_pylist())}

    def results(
        self, texts: Sequence[str], depth: int
    ) -> list[tuple[NDArray[np.int64], NDArray[np.float64]]]:
        """Return (positions, scores) of each query. Raises DataError for a document that is not in the collection."""
        found: list[Any] = [None] * len(texts)
        for place, (ids, scores) in self._asked.each(texts, depth):
            strange = [name for name in ids if name not in self._places]
            if strange:
                raise DataError(_strange(self._asked.service.url, strange, next(iter(self._places), "")))
            found[place] = (np.asarray([self._places[name] for name in ids], dtype=np.int64), scores)
        return found


def run(
    service: Service,
    queries: Sequence[Query],
    depth: int,
    exclude_self: bool,
    collection: Collection | None,
    progress: Progress,
) -> Run:
    """Ask a service every query; returns its results in canonical order, each query's own document left out if asked.

    Raises DataError where it finds a document that is not in the collection.
    """
    asked = Asked(service)
    rows: dict[int, tuple[list[str], NDArray[np.float64]]] = {}
    with progress.task(f"{service.url}: asking", len(queries), "queries") as advance:
        for place, answer in asked.each([query.text for query in queries], depth + exclude_self):
            rows[place] = answer
            advance(1)
    columns: tuple[list[str], list[str], list[float]] = ([], [], [])
    for place, query in enumerate(queries):
        ids, scores = rows[place]
        kept = [i for i, name in enumerate(ids) if not (exclude_self and name == query.id)][:depth]
        columns[0].extend([query.id] * len(kept))
        columns[1].extend(ids[i] for i in kept)
        columns[2].extend(scores[kept].tolist())
    found = Run.from_columns(*columns).select([query.id for query in queries])
    if collection is not None:
        try:
            collection.positions(found)
        except DataError as error:
            raise DataError(f"{service.url}: {error.message}") from None
    return found


def _strange(url: str, names: Sequence[str], known: str) -> str:
    return f"{url}: found the document {names[0]!r:.60}, which is not in the corpus (it holds {known!r:.60}, for one)"


def _filled(template: Any, text: str, depth: int) -> Any:
    """Return a request: the text in place of ``{query}``, and the number where ``{depth}`` stands alone."""
    if isinstance(template, dict):
        return {key: _filled(value, text, depth) for key, value in template.items()}
    if isinstance(template, list):
        return [_filled(value, text, depth) for value in template]
    if template == DEPTH:
        return depth
    if isinstance(template, str):
        return template.replace(DEPTH, str(depth)).replace(QUERY, text)
    return template
