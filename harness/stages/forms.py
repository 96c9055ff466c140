"""How a pipeline is written in a config, and what the names in it mean."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Annotated, Any, ClassVar

from pydantic import Discriminator, Field, Tag, model_validator

from harness.errors import listed, nearest
from harness.settings import Settings
from harness.stages.tree import Data, Pipeline, Take
from harness.values import Positive
from harness.yamlfile import Location


def one_or_many(value: Any) -> str:
    """Tag a value that may be a list, which is a sweep."""
    return "<sweep>" if isinstance(value, list | tuple) else "<one>"


Depth = Annotated[
    Annotated[Positive, Tag("<one>")] | Annotated[tuple[Positive, ...], Field(min_length=1), Tag("<sweep>")],
    Discriminator(one_or_many),
]


class Form(Settings):
    """One pipeline as a config writes it; which keys it has says which form it is.

    Attributes:
        data: what it works on.
        needed: the sets of keys of which it has one.
        optional: keys that may stand beside them.
        refused: keys that people expect, with the reason why there are none.
        sweeps: keys that may be a list: one pipeline for each value.
        written: how it looks, with a few words, for ``harness list pipelines``.
    """

    data: ClassVar[Data] = "queries"
    needed: ClassVar[tuple[tuple[str, ...], ...]]
    optional: ClassVar[frozenset[str]] = frozenset()
    refused: ClassVar[tuple[tuple[str, str], ...]] = ()
    sweeps: ClassVar[tuple[str, ...]] = ()
    written: ClassVar[tuple[tuple[str, str], ...]]

    @model_validator(mode="after")
    def _what_is_given_has_a_value(self) -> Form:
        for key in sorted(self.model_fields_set & {key for keys in self.needed for key in keys}):
            if getattr(self, key) is None:
                raise ValueError(f"{key} is given without a value; say which, or leave it out")
        return self

    @model_validator(mode="after")
    def _sweeps_are_lists_of_different_values(self) -> Form:
        for key in type(self).model_fields:
            value = getattr(self, key)
            if key in self.sweeps and isinstance(value, tuple) and len(set(value)) != len(value):
                raise ValueError(f"{key}: one is given twice")
            if key == "depth" and key not in self.sweeps and isinstance(value, tuple):
                raise ValueError("a list of depths is a sweep of a reranker; this pipeline has none")
        return self

    def unrolled(self, name: str) -> list[str]:
        """Return the names that it stands for: its own, or a sweep's."""
        lists = [value for value in (getattr(self, key) for key in self.sweeps) if isinstance(value, tuple)]
        return [f"{name}@{'-'.join(map(str, values))}" for values in product(*lists)] if lists else [name]

    @classmethod
    def least(cls) -> list[tuple[str, ...]]:
        """Return the sets of keys that hold no other one."""
        return [keys for keys in cls.needed if not any(set(other) < set(keys) for other in cls.needed)]

    @abstractmethod
    def roots(self, names: Names) -> Sequence[Take] | None:
        """Return the tree of each pipeline that it stands for, in order; None where a name in it means nothing."""


def each(value: Any) -> tuple[Any, ...]:
    """Return a sweep's values, or the one."""
    return value if isinstance(value, tuple) else (value,)


#: Returns the file and line of a key.
Where = Callable[[Location], str]


class Resolver:
    """Makes trees of forms; what cannot be one is a problem, with its file and line, and all are kept."""

    def __init__(
        self, forms: Mapping[str, Form], models: Mapping[str, str], called: Mapping[str, str], where: Where
    ) -> None:
        """``models``: the kind of each model by name; ``called``: each kind in words."""
        self.forms, self.models, self.called = forms, {**models, "bm25": "bm25"}, called
        self.given = {full: name for name, form in forms.items() for full in form.unrolled(name)}
        self._where = where
        self._roots: dict[str, dict[str, Take]] = {}
        self._open: list[str] = []
        self._problems: dict[str, list[str]] = {name: [] for name in forms}

    @property
    def problems(self) -> list[str]:
        """Everything that is wrong, in the config's order."""
        return [problem for some in self._problems.values() for problem in some]

    def pipelines(self) -> dict[str, Pipeline]:
        """Return every pipeline by name, a sweep's one by one, but for those that have problems."""
        return {
            full: Pipeline(full, name, root, form.data)
            for name, form in self.forms.items()
            for full, root in self.roots(name).items()
        }

    def roots(self, name: str) -> dict[str, Take]:
        """Return the tree of each pipeline that a form stands for; none where it has problems."""
        if name not in self._roots:
            self._open.append(name)
            found = self.forms[name].roots(Names(name, self)) or ()
            self._open.pop()
            full = self.forms[name].unrolled(name)
            self._roots[name] = {} if self._problems[name] else dict(zip(full, found, strict=bool(found)))
        return self._roots[name]

    def circle(self, name: str) -> list[str]:
        """Return the names from a pipeline back to itself, where its tree is being made; else none."""
        return [*self._open[self._open.index(name) :], name] if name in self._open else []

    def problem(self, name: str, text: str, location: Location) -> None:
        """Keep a problem of one form."""
        found = f"{self._where(('pipelines', name, *location))}: {text}"
        if found not in self._problems[name]:  # as each value of a sweep has it
            self._problems[name].append(found)


@dataclass(frozen=True)
class Names:
    """What the names mean that one pipeline uses."""

    pipeline: str
    resolver: Resolver

    def problem(self, text: str, *location: str | int) -> None:
        """Keep what is wrong at a key of this pipeline."""
        self.resolver.problem(self.pipeline, text, location)

    def kind(self, model: str) -> str:
        """Return the kind of a model; empty for a name that is none."""
        return self.resolver.models.get(model, "")

    def models(self, kinds: Sequence[str]) -> list[str]:
        """Return the names of the models of some kinds."""
        return [name for name, kind in self.resolver.models.items() if kind in kinds]

    @property
    def pipelines(self) -> list[str]:
        """Names of the other pipelines that rank documents."""
        return [
            full
            for full, name in self.resolver.given.items()
            if name != self.pipeline and self.resolver.forms[name].data == "queries"
        ]

    def check_model(self, key: str, name: str, kinds: Sequence[str], *, pipelines: bool = False) -> None:
        """Keep it as a problem where a name is no model of one of these kinds.

        ``pipelines``: whether another pipeline could stand here, too.
        """
        valid = self.models(kinds)
        others = self.pipelines if pipelines else []
        can = f"here can stand {listed(valid) or 'none yet: add one under models'}"
        can += f"; or the pipelines {listed(others)}" if others else ""
        if not self.kind(name):
            what = "model or pipeline" if others else "model"
            self.problem(f"unknown {what} {name!r}{nearest(name, [*valid, *others])}; {can}", key)
        elif self.kind(name) not in kinds:
            called = self.resolver.called
            *most, last = (called[kind] for kind in kinds)
            wanted = f"{', '.join(most)} or {last}" if most else last
            self.problem(f"{key} takes a {wanted}, and {name!r} is a {called[self.kind(name)]}; {can}", key)

    def is_pipeline(self, name: str) -> bool:
        """Whether a name is a pipeline's, or that of a whole sweep."""
        return name in self.resolver.given or name in self.resolver.forms

    def take(self, name: str, *location: str | int) -> Take | None:
        """Return another pipeline's root; None, with a problem at this key, where it cannot be taken from."""
        resolver = self.resolver
        if name not in resolver.given:
            sweep = listed(resolver.forms[name].unrolled(name))
            self.problem(f"{name!r} is a sweep; name one of {sweep}", *location)
            return None
        given = resolver.given[name]
        if resolver.forms[given].data != "queries":
            self.problem(f"{name!r} searches nothing; here can stand {listed(self.pipelines)}", *location)
            return None
        if circle := resolver.circle(given):
            self.problem(f"{name!r} takes its results from itself: {' ← '.join(circle)}", *location)
            return None
        root = resolver.roots(given).get(name)
        return None if root is None else Take(root.stage, root.depth, name)

    def reaches(self, taken: Take, depth: int) -> bool:
        """Whether a stage has so many results; if not, keep it as a problem."""
        if depth > taken.depth:
            self.problem(
                f"depth {depth} is more than the {taken.depth} results of {taken.name!r}; give that pipeline a greater "
                "depth, or this one a smaller",
                "depth",
            )
        return depth <= taken.depth
