"""How a bundle tells of a pipeline, for those who read bundles: in words, for the method, and by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from harness.errors import listed
from harness.results.schema import Model, Pipeline, Result

#: A pipeline's part of a result, its ``stages``, and the bundle's models by name.
Part = Pipeline
Stages = Mapping[str, Any]
Models = Mapping[str, Model]
#: The type of ``index`` in ``stages``.
HOW = Mapping[str, Any] | None


@dataclass(frozen=True)
class Sentence:
    """What the method says of one pipeline, and of several; ``{}`` are their names."""

    one: str
    many: str

    def of(self, names: Sequence[str]) -> str:
        """Say it."""
        return (self.one if len(names) == 1 else self.many).format(listed(names))


@dataclass(frozen=True)
class Known:
    """The names that a bundle's pipelines may use: those of its models and of its pipelines."""

    models: frozenset[str]
    pipelines: frozenset[str]

    @classmethod
    def of(cls, result: Result) -> Known:
        """Return those of a result; BM25 goes by its own name, too."""
        models = {"bm25", *result.models, *result.config.models}
        return cls(frozenset(models), frozenset(result.pipelines))

    def is_pipeline(self, name: str, first: bool) -> bool:
        """Whether a name means a pipeline; ``first``: also where it is a model's."""
        return name in self.pipelines and (first or name not in self.models)


def never(system: str, pipeline: str, part: Part, models: Models) -> bool:
    """A pipeline of several parts is no published system."""
    return False


@dataclass(frozen=True)
class Told:
    """One kind of pipeline, as bundles tell of it.

    Attributes:
        kind: what ``pipelines.NAME.kind`` says.
        what: its stages in a few words.
        said: what the method says of a pipeline of this kind.
        names: keys of ``stages`` whose values name models, or other pipelines.
        keys: all that is read of ``stages``, and of which type; one that takes None may lack.
        timed: stages of a query's time that it may add, in the order in which a query passes through them.
        pipelines_first: whether a name that is both a model's and a pipeline's means the pipeline.
        alone: the key of ``stages`` that names what is searched, where a pipeline is a search and nothing else.
        is_system: whether a pipeline is the published system of that name.
        pairs: pairs of a query and a document that a model scores for each result; None where it cannot be told.
    """

    kind: str
    what: Callable[[Stages], str]
    said: Callable[[Part], Sentence]
    names: tuple[str, ...]
    keys: Mapping[str, Any] = field(kw_only=True)
    timed: tuple[str, ...] = ()
    pipelines_first: bool = False
    alone: str = ""
    is_system: Callable[[str, str, Part, Models], bool] = never
    pairs: int | None = None

    def models(self, stages: Stages, known: Known) -> list[str]:
        """Return the models that ``stages`` names, each once."""
        return [name for name in self._named(stages) if not known.is_pipeline(name, self.pipelines_first)]

    def pipelines(self, stages: Stages, known: Known) -> list[str]:
        """Return the other pipelines that ``stages`` names, each once."""
        return [name for name in self._named(stages) if known.is_pipeline(name, self.pipelines_first)]

    def renamed(self, stages: Stages, names: Mapping[str, str]) -> dict[str, Any]:
        """Return ``stages`` with other names for models and pipelines."""

        def new(value: Any) -> Any:
            return [new(one) for one in value] if isinstance(value, list) else names.get(value, value)

        return {key: new(value) if key in self.names else value for key, value in stages.items()}

    def _named(self, stages: Stages) -> list[str]:
        values = [stages[key] for key in self.names if key in stages]
        return list(
            dict.fromkeys(
                str(one) for value in values for one in (value if isinstance(value, list) else [value])
            )
        )


def by_model(key: str) -> Callable[[str, str, Part, Models], bool]:
    """A pipeline of one model is the system of that model's name, under the same similarity.

    A published model's name has ``@SIMILARITY`` after it where that is not cosine.
    """

    def is_system(system: str, pipeline: str, part: Part, models: Models) -> bool:
        model = models.get(part.stages[key])
        if model is None:
            return False
        similarity = part.stages.get("similarity") or model.settings.get("similarity") or "cosine"
        name, _, published = system.partition("@")
        return plain(model.name) == plain(name) and similarity == (published or "cosine")

    return is_system


def plain(name: str) -> str:
    """Return a name's letters and digits, in lower case."""
    return "".join(letter for letter in name.lower() if letter.isalnum())
