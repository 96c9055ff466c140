"""Search behind HTTP: a service of one's own, or of others, as a first stage."""

from __future__ import annotations

import json
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass, replace
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, ClassVar

from pydantic import Field, field_validator

from harness.search.topk import canonical
from harness.servers import Server
from harness.stages.forms import Depth, Form, Names
from harness.stages.kinds import Kind
from harness.stages.live import Found, Live, Mark, ServiceAnswers, Source
from harness.stages.told import Sentence, Told
from harness.stages.tree import Planned, Reads, Results, Root, Step, Take
from harness.stages.work import View, Work

if TYPE_CHECKING:
    from harness.datamodel import Query, Run

_DEFAULT_DEPTH = 1000
#: What stands in a request for the query's text and for how many results are wanted.
QUERY, DEPTH = "{query}", "{depth}"


class Service(Server):
    """A search service: what it is asked, and where in its answer the results stand."""

    query: dict[str, Any] = Field(default={"query": QUERY, "depth": DEPTH})  # the JSON of a request
    ids: str = "$.results[*].id"
    scores: str = "$.results[*].score"  # or rank: the service gives an order and no scores

    @field_validator("query")
    @classmethod
    def _asks_something(cls, body: dict[str, Any]) -> dict[str, Any]:
        if QUERY not in json.dumps(body):
            raise ValueError(
                f"query: the text of a query stands nowhere in it; write {QUERY} where it belongs"
            )
        return body

    @field_validator("ids", "scores")
    @classmethod
    def _is_a_path(cls, path: str) -> str:
        if path != "rank" and find_spec("jsonpath") is not None:
            import jsonpath

            try:
                jsonpath.compile(path)
            except jsonpath.JSONPathError as error:
                raise ValueError(f"{path!r} is no JSONPath ({error}); one is $.results[*].id") from None
        return path


class ServiceForm(Form):
    """A search service behind HTTP."""

    search: Service
    depth: Depth | None = None

    needed = (("search",),)
    optional = frozenset({"depth"})
    written = (
        (
            "{search: {url: URL, query: BODY, ids: JSONPATH, scores: JSONPATH}, depth: N}",
            "a search service behind HTTP",
        ),
    )

    def roots(self, names: Names) -> Sequence[Take]:
        """Return the service's results."""
        assert not isinstance(self.depth, tuple)
        return [Take(Remote(self.search.model_dump_json()), self.depth or _DEFAULT_DEPTH)]


@dataclass(frozen=True)
class Remote(Root):
    """The results of a service; ``settings`` are its :class:`Service` as JSON, so that equal ones are one."""

    settings: str
    reads: ClassVar[Reads] = "all"  # any of them may be found

    @property
    def service(self) -> Service:
        """Its settings."""
        return Service.model_validate_json(self.settings)

    @property
    def source(self) -> str:
        """Its address."""
        return self.service.url

    def steps(self, depth: int) -> Iterable[Step]:
        """Asking it."""
        return (Asking(self, depth),)

    def make(self, results: Results) -> Any:
        """Return what it answered."""
        return results.result(self)

    def serve(self, live: Live, depth: int) -> Source:
        """Ask it query by query."""
        return live.first(ServedRemote(live.service(self.service), live.ranks))

    @property
    def kind(self) -> str:
        """A service."""
        return "service"

    def told(self, depth: int, result: Any) -> dict[str, Any]:
        """The address, what is asked there, and the depth."""
        service = self.service
        return {"search": service.url, "request": json.dumps(service.query, sort_keys=True), "depth": depth}


@dataclass(frozen=True)
class Asking(Step):
    """Every query asked of a service, to the greatest depth that anybody takes."""

    stage: Remote
    depth: int
    order: ClassVar[int] = 2
    keeps: ClassVar[bool] = False

    @property
    def shared(self) -> Hashable:
        """By the service."""
        return self.stage

    def merged(self, other: Any) -> Asking:
        """The deeper one does for both."""
        return replace(self, depth=max(self.depth, other.depth))

    @property
    def reserves(self) -> int:
        """Its results."""
        return self.depth

    @property
    def row(self) -> str:
        """The address."""
        return f"{self.stage.source}: asking"

    def do(self, work: Work) -> Run:
        """Ask."""
        return work.service(self.stage.service, self.depth)

    def planned(self, view: View) -> Iterable[Planned]:
        """One request a query; nobody knows how long they take before they are made."""
        what = f"ask {self.stage.source} to depth {self.depth}"
        return (Planned(what, total=view.n_queries, unit="queries", seconds=None),)

    def foreseen(self, view: View) -> None:
        """Nothing of it is kept."""


@dataclass(frozen=True, eq=False)
class ServedRemote:
    """A service, asked live."""

    service: ServiceAnswers
    ranks: Any

    def find(self, queries: Sequence[Query], depth: int, mark: Mark) -> Found:
        """Ask each query, and put results of one score in canonical order."""
        found = []
        for positions, scores in self.service.results([query.text for query in queries], depth):
            order = canonical(positions, scores, self.ranks)
            found.append((positions[order], scores[order]))
        mark("search")
        return Found(found)


_SERVICE = Sentence("{} is a search service, asked over HTTP.", "{} are search services, asked over HTTP.")

KIND = Kind(
    forms=(ServiceForm,),
    stages=(Remote,),
    told=(
        Told(
            "service",
            lambda stages: f"search at {stages['search']}, depth {stages['depth']}",
            lambda part: _SERVICE,
            (),
            keys={"search": str, "request": str, "depth": int},
            timed=("search",),
        ),
    ),
    said=(_SERVICE,),
)
