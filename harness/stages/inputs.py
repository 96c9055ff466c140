"""What stands under ``retrieve:`` and ``candidates:`` of a pipeline that does something with other results."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Protocol

from harness.search.settings import IndexSettings
from harness.stages import everything, given, search
from harness.stages.forms import Depth, Names, each
from harness.stages.search import DEFAULT_DEPTH
from harness.stages.searching import Asked
from harness.stages.tree import Stage, Take

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


def after(form: TakesFirst, names: Names, make: Callable[[str, Take], Stage]) -> Sequence[Take] | None:
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
