"""A stage that does something with the first results of one other: how it is written, and what such stages share."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, ClassVar, Protocol

from harness.search.settings import IndexSettings
from harness.stages import everything, given, search
from harness.stages.forms import Depth, Names, each
from harness.stages.live import Live, Source
from harness.stages.search import DEFAULT_DEPTH
from harness.stages.searching import Asked, told_index
from harness.stages.tree import Reads, Results, Root, Take

DEFAULT_CANDIDATES = 100


class TakesFirst(Protocol):
    """A form that does something with the first results of another stage."""

    @property
    def retrieve(self) -> str | None:
        """A model, or another pipeline."""

    @property
    def candidates(self) -> str | None:
        """The same; or ``all`` documents, the ``dataset``'s own, or a run file's."""

    @property
    def depth(self) -> Depth | None:
        """How many results; a list is a sweep."""

    @property
    def index(self) -> IndexSettings | None:
        """How a bi-encoder's vectors are searched."""


class After(Root):
    """A stage that takes one other; subclasses are frozen dataclasses with these two fields among theirs.

    Attributes:
        taken: what it takes.
        key: where the config says what that is.
    """

    taken: Take
    key: str
    reads: ClassVar[Reads] = "found"

    @property
    def inputs(self) -> tuple[Take, ...]:
        """What it takes."""
        return (self.taken,)

    @property
    def kept(self) -> Take | None:
        """What it was given, where that had an order to lose."""
        return self.taken if self.taken.stage.ordered else None

    def first(self, live: Live) -> Source:
        """Load what it takes."""
        return live.stage(self.taken, self.taken.pipeline)

    @property
    @abstractmethod
    def does(self) -> dict[str, Any]:
        """What it does with it, as a bundle says that."""

    def told(self, depth: int, result: Any) -> dict[str, Any]:
        """What is taken and how it was searched, what is done with it, and the depth."""
        index = {} if self.taken.pipeline else told_index(self.taken.stage)
        return {self.key: self.taken.name, **index, **self.does, "depth": depth}

    def index(self, results: Results, depth: int, seed: int) -> dict[str, Any] | None:
        """That of the search below it; another pipeline's is told with that."""
        return None if self.taken.pipeline else self.taken.stage.index(results, depth, seed)


def after(form: TakesFirst, names: Names, make: Callable[[str, Take], After]) -> Sequence[Take] | None:
    """Return the roots of a form: the stage that ``make`` returns for the key and what it takes, at each depth."""
    key, name = ("candidates", form.candidates) if form.retrieve is None else ("retrieve", form.retrieve)
    assert name is not None
    wanted = each(form.depth or DEFAULT_CANDIDATES)
    taken = _first(form, names, key, name)
    if taken is None:
        return None
    if not taken.stage.ordered:  # all are taken; the depth says how many results are kept
        if isinstance(form.depth, tuple):
            names.problem(f"candidates: {name} has no depths to sweep over", "depth")
        return [Take(make(key, taken), depth) for depth in each(form.depth or DEFAULT_DEPTH)]
    depths = wanted if form.depth is not None else (min(DEFAULT_CANDIDATES, taken.depth),)
    if not names.reaches(taken, max(depths)):
        return None
    return [Take(make(key, replace(taken, depth=depth)), depth) for depth in depths]


def _first(form: TakesFirst, names: Names, key: str, name: str) -> Take | None:
    if key == "candidates" and name == everything.NAME:
        return Take(everything.Everything())
    if key == "candidates" and not names.kind(name) and not names.is_pipeline(name):
        return Take(given.Candidates(None if name == given.OWN else name))
    return search.first(names, key, name, Asked(form.depth, DEFAULT_CANDIDATES, form.index))
