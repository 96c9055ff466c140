"""The tree of a pipeline: stages, what each takes of others, and the steps that all trees share.

A stage is a frozen value, so that equal stages of several pipelines are one, and make their results once. What takes
long is a step: a search is made once, to the greatest depth that anybody asks for, and a pair is scored once, whatever
the number of trees. Nobody who walks a tree asks which kind of stage he meets.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Literal, Protocol

if TYPE_CHECKING:
    from harness.datamodel import Run
    from harness.search.passages import Passages

EVERYTHING = 2**31 - 1
#: What a suite holds, and a pipeline works on.
Data = Literal["queries", "pairs", "texts"]
#: Which documents' texts a stage needs: all, those that others found, or none.
Reads = Literal["all", "found", "none"]


@dataclass(frozen=True)
class Take:
    """The first results of a stage: an edge of a tree, and the root of a pipeline.

    ``pipeline`` names the pipeline of the config whose root the stage is, where it is another one's.
    """

    stage: Stage
    depth: int = EVERYTHING
    pipeline: str = ""

    @property
    def name(self) -> str:
        """What a bundle calls it: another pipeline, a model, or a source of candidates."""
        return self.pipeline or self.stage.source


class Results(Protocol):
    """What a stage makes its own result of."""

    def run(self, take: Take) -> Run:
        """Return the first results of a stage that ranks documents."""

    def result(self, shared: Hashable) -> Any:
        """Return what a step came to, by what it is shared under."""

    def check_documents(self, run: Run, name: str) -> None:
        """Raise DataError, with the pipeline's name, for a run that found documents which are not the suite's."""

    def held(self, model: str, passages: Passages | None) -> dict[str, Any] | None:
        """Return what a search of an encoder's embeddings looks through, and its bytes; None where nobody knows."""


@dataclass(frozen=True)
class Planned:
    """A part of a step: what it works through, how much of that the store holds, and what the rest costs."""

    step: str
    shared_by: tuple[str, ...] = ()
    total: int = 0
    unit: str = ""
    at_most: bool = False  # the total is a bound: what a first stage finds is not known yet
    stored: int = 0
    forward_passes: int = 0
    disk_bytes: int = 0
    seconds: float | None = 0.0  # None where nothing could be timed


class Step(ABC):
    """Work that is done once, whoever asks for it.

    Attributes:
        order: steps are done by wave, then in this order.
        keeps: whether the store may keep something of it.
    """

    order: ClassVar[int] = 0
    keeps: ClassVar[bool] = True

    @property
    @abstractmethod
    def shared(self) -> Hashable:
        """What it is shared under: equal ones are merged."""

    def merged(self, other: Any) -> Step:
        """Return the step that does for both."""
        return self

    @property
    def wave(self) -> int:
        """How many steps of scoring must be done before."""
        return 0

    @property
    def models(self) -> tuple[str, ...]:
        """Models that must be loaded; BM25 is none."""
        return ()

    @property
    def reserves(self) -> int:
        """Results a query that it holds in memory while it is done."""
        return 0

    @property
    def row(self) -> str:
        """What a live view calls it; empty for what takes no time."""
        return ""

    @abstractmethod
    def do(self, work: Any) -> Any:
        """Do it with a :class:`harness.stages.work.Work`, through the store where there is one."""

    @abstractmethod
    def planned(self, view: Any) -> Iterable[Planned]:
        """Return what it comes to, by a :class:`harness.stages.work.View`."""

    @abstractmethod
    def foreseen(self, view: Any) -> Any:
        """Return its result where a view's store holds all of it; None where it would have to be done."""


class Stage(ABC):
    """A node of a tree; subclasses are frozen dataclasses.

    Attributes:
        reads: the documents whose texts it needs.
        waits: whether its step is worth waiting for until all that others take of it is known, as a scoring is.
        ordered: whether its first results are its best.
        live: whether it can answer a query that it has never seen.
    """

    reads: ClassVar[Reads] = "none"
    waits: ClassVar[bool] = False
    ordered: ClassVar[bool] = True
    live: ClassVar[bool] = True

    @property
    def inputs(self) -> tuple[Take, ...]:
        """What it takes of other stages."""
        return ()

    @property
    def models(self) -> tuple[str, ...]:
        """Models that it runs itself; BM25 is none."""
        return ()

    @property
    def passages(self) -> Passages | None:
        """How its model cuts the documents that it reads; None where it reads them whole."""
        return None

    @property
    def throughputs(self) -> tuple[tuple[str, str], ...]:
        """(kind of request, model) for each model whose throughput is worth a measurement of its own."""
        return ()

    @property
    def source(self) -> str:
        """What it searches or reads, where it begins a tree."""
        return ""

    @property
    def files(self) -> tuple[str | None, ...]:
        """Files of results that it is; None for the data set's own candidates."""
        return ()

    @property
    def kept(self) -> Take | None:
        """What it was given, where a bundle keeps that beside its own results."""
        return None

    @property
    def label(self) -> str:
        """A name for its results that can be a file's, where it begins a tree."""
        return self.source.replace("/", "_").lstrip(".") or "run"

    @property
    def wave(self) -> int:
        """How many scorings lie below it, at most."""
        return max((take.stage.wave + take.stage.waits for take in self.inputs), default=0)

    def index(self, results: Results, depth: int, seed: int) -> dict[str, Any] | None:
        """Return what the index is through which it searches, and what that misses; None without one."""
        return None

    @abstractmethod
    def steps(self, depth: int) -> Iterable[Step]:
        """Return the work behind its first ``depth`` results, without that of its inputs."""

    @abstractmethod
    def make(self, results: Results) -> Any:
        """Return its result: a run, scores of pairs, or embeddings."""

    @abstractmethod
    def serve(self, live: Any, depth: int) -> Any:
        """Return it ready to answer, with what a :class:`harness.stages.live.Live` loads."""


class Root(Stage):
    """A stage that can be all of a pipeline."""

    @property
    def untimed(self) -> str:
        """Why a pipeline of this root has no speed; empty where it has one."""
        return ""

    @property
    @abstractmethod
    def kind(self) -> str:
        """What a bundle calls a pipeline of this root."""

    @abstractmethod
    def told(self, depth: int, result: Any) -> dict[str, Any]:
        """Return what a bundle says of the stages of a pipeline of this root."""


@dataclass(frozen=True)
class Pipeline:
    """A pipeline of a config, one for each value of a sweep.

    Attributes:
        name: such as ``two-stage@20``.
        given: as the config writes it, such as ``two-stage``.
        root: its tree.
        data: what it works on.
    """

    name: str
    given: str
    root: Take
    data: Data

    @property
    def stage(self) -> Root:
        """The root's stage."""
        stage = self.root.stage
        assert isinstance(stage, Root)
        return stage

    @property
    def stages(self) -> tuple[Stage, ...]:
        """Every stage of its tree once, inputs first."""
        return tuple(asked([self.root]))

    @property
    def models(self) -> tuple[str, ...]:
        """Every model of its tree, once."""
        return tuple(dict.fromkeys(model for stage in self.stages for model in stage.models))


def asked(roots: Iterable[Take]) -> dict[Stage, int]:
    """Return every stage once, inputs first, with the greatest depth that anybody takes of it."""
    found: dict[Stage, int] = {}

    def visit(take: Take) -> None:
        if take.stage not in found:
            for one in take.stage.inputs:
                visit(one)
        found[take.stage] = max(take.depth, found.get(take.stage, 0))

    for root in roots:
        visit(root)
    return found


def steps_of(pipelines: Iterable[Pipeline]) -> tuple[Step, ...]:
    """Return the smallest set of steps behind some pipelines, in the order in which they can be done."""
    found: dict[Hashable, Step] = {}
    for stage, depth in asked(pipeline.root for pipeline in pipelines).items():
        for step in stage.steps(depth):
            there = found.get(step.shared)
            found[step.shared] = step if there is None else there.merged(step)
    return tuple(sorted(found.values(), key=lambda step: (step.wave, step.order)))


def users_of(pipelines: Iterable[Pipeline]) -> dict[Hashable, tuple[str, ...]]:
    """Return the names of the pipelines that each step's result goes into, by what it is shared under."""
    users: dict[Hashable, tuple[str, ...]] = {}
    for pipeline in pipelines:
        for step in steps_of([pipeline]):
            users[step.shared] = (*users.get(step.shared, ()), pipeline.name)
    return users


def models_of(steps: Sequence[Step]) -> tuple[str, ...]:
    """Return the models that some steps use, each once."""
    return tuple(dict.fromkeys(model for step in steps for model in step.models))


def chosen(pipelines: Mapping[str, Pipeline], names: Iterable[str]) -> dict[str, Pipeline]:
    """Return the pipelines of some names, in the config's order."""
    wanted = set(names)
    return {name: pipeline for name, pipeline in pipelines.items() if name in wanted}
