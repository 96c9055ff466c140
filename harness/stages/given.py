"""Given: results that are there already, in a run file or as a data set's own candidates."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from harness.errors import DataError
from harness.stages.forms import Depth, Form, Names
from harness.stages.kinds import Kind
from harness.stages.live import Found, Live, Mark, Source
from harness.stages.told import Models, Part, Sentence, Told, plain
from harness.stages.tree import EVERYTHING, Planned, Results, Root, Stage, Step, Take
from harness.stages.work import View, Work

if TYPE_CHECKING:
    from harness.datamodel import Query, Run

#: What stands under ``candidates:`` for the data set's own.
OWN = "dataset"


class RunForm(Form):
    """An existing run, scored and compared like any other pipeline."""

    depth: Depth | None = None
    run: str

    needed = (("run",),)
    optional = frozenset({"depth"})
    written = (("{run: FILE}", "an existing TREC run"),)

    def roots(self, names: Names) -> Sequence[Take]:
        """Return the file's results, all of them where no depth is given."""
        assert not isinstance(self.depth, tuple)
        return [Take(RunFile(self.run), self.depth or EVERYTHING)]


@dataclass(frozen=True)
class RunFile(Root):
    """An existing run of the suite's queries, as it is."""

    path: str
    live: ClassVar[bool] = False

    @property
    def source(self) -> str:
        """Its file."""
        return self.path

    @property
    def files(self) -> tuple[str | None, ...]:
        """Its file."""
        return (self.path,)

    @property
    def untimed(self) -> str:
        """Nobody knows how it was made."""
        return f"the run file {self.path} was made before; it has no speed to measure"

    def steps(self, depth: int) -> Iterable[Step]:
        """Reading it."""
        return (Reading(self),)

    def make(self, results: Results) -> Any:
        """Return what was read."""
        return results.result(self)

    def serve(self, live: Live, depth: int) -> Source:
        """Its results are at hand, for those that do something with them."""
        return Served(live.candidates(self.path, depth))

    @property
    def kind(self) -> str:
        """A run."""
        return "run"

    def told(self, depth: int, result: Any) -> dict[str, Any]:
        """The file, and how deep it goes."""
        return {"run": self.path, "depth": int(result.counts.max())}


@dataclass(frozen=True)
class Candidates(Stage):
    """Candidates from a run file; without a path the data set's own."""

    path: str | None
    live: ClassVar[bool] = False

    @property
    def source(self) -> str:
        """The file, or the data set."""
        return OWN if self.path is None else self.path

    @property
    def files(self) -> tuple[str | None, ...]:
        """Its file."""
        return (self.path,)

    def steps(self, depth: int) -> Iterable[Step]:
        """Reading them."""
        return (ReadingCandidates(self, depth),)

    def make(self, results: Results) -> Any:
        """Return what was read."""
        return results.result(self)

    def serve(self, live: Live, depth: int) -> Source:
        """They are at hand: only what is done with them has a speed."""
        return live.first(Served(live.candidates(self.path, depth)))


@dataclass(frozen=True)
class Reading(Step):
    """An existing run, read from a file."""

    stage: RunFile
    keeps: ClassVar[bool] = False

    @property
    def shared(self) -> RunFile:
        """By the file."""
        return self.stage

    def do(self, work: Work) -> Run:
        """Read it."""
        return work.given(self.stage.path)

    def planned(self, view: View) -> Iterable[Planned]:
        """No work."""
        return (Planned(f"read {self.stage.path}", total=1, unit="run"),)

    def foreseen(self, view: View) -> Run | None:
        """It can be read beforehand."""
        return view.read(self.stage.path)


@dataclass(frozen=True)
class ReadingCandidates(Step):
    """Candidates, as many as anybody takes of them."""

    stage: Candidates
    depth: int
    order: ClassVar[int] = 2
    keeps: ClassVar[bool] = False

    @property
    def shared(self) -> Candidates:
        """By their source."""
        return self.stage

    def do(self, work: Work) -> Run:
        """Read them."""
        return work.candidates(self.stage.path, self.depth)

    def planned(self, view: View) -> Iterable[Planned]:
        """No work."""
        return (Planned(f"candidates: {self.stage.source}", total=view.n_queries, unit="queries"),)

    def foreseen(self, view: View) -> Run | None:
        """They can be read beforehand."""
        return view.read(self.stage.path)


@dataclass(frozen=True, eq=False)
class Served:
    """Results that were found before, by the query's id."""

    candidates: Mapping[str, tuple[Any, Any]]

    def find(self, queries: Sequence[Query], depth: int, mark: Mark) -> Found:
        """Look the queries up. Raises DataError for one without candidates."""
        unknown = [query.id for query in queries if query.id not in self.candidates]
        if unknown:
            raise DataError(f"query {unknown[0]!r} has no candidates: it is none of the suite's queries")
        lists = [self.candidates[query.id] for query in queries]
        mark("search")
        return Found([(positions[:depth], scores[:depth]) for positions, scores in lists])


def _is_named_so(system: str, pipeline: str, part: Part, models: Models) -> bool:
    return plain(pipeline) in (plain(system), plain(system.split("/")[-1]))


_RUN = Sentence(
    "{} was read from an existing run file; how it was made is not known here.",
    "{} were read from existing run files; how they were made is not known here.",
)

_IMPORTED = Sentence(
    "{} was imported as figures that another program had made; nothing of it can be computed again here.",
    "{} were imported as figures that another program had made; nothing of them can be computed again here.",
)

KIND = Kind(
    forms=(RunForm,),
    stages=(RunFile, Candidates),
    told=(
        Told(
            "run",
            lambda stages: f"run file, depth {stages['depth']}",
            lambda part: _RUN,
            (),
            keys={"depth": int},
            is_system=_is_named_so,
        ),
        Told(
            "imported",
            lambda stages: f"imported from {stages['source']}",
            lambda part: _IMPORTED,
            (),
            keys={"source": str},
            is_system=_is_named_so,
        ),
    ),
    said=(_RUN, _IMPORTED),
)
