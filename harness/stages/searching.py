"""What every search has in common: one model over the whole collection, and the step that it comes to.

A kind of search is a file: its stage, what serves it, and a :class:`Searches`, by :func:`searches`, which
``search.SEARCHES`` lists.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar

from harness.search.passages import Passages
from harness.search.settings import Approximate, IndexSettings, Quantization
from harness.stages.forms import Depth, Names, each
from harness.stages.kinds import Kind
from harness.stages.passages import CUT, passage_words, told_passages
from harness.stages.told import Models, Part, Sentence, Stages, Told, by_model
from harness.stages.tree import Planned, Reads, Results, Root, Stage, Step
from harness.stages.work import View, Work

if TYPE_CHECKING:
    from harness.datamodel import Run

#: Stages of a query's time that a search adds.
TIMED = ("tokenise", "encode", "search")


@dataclass(frozen=True)
class Asked:
    """What a config says of a search beside its model.

    Attributes:
        depth: results taken, as it is given; None: not given, and ``default`` are.
    """

    depth: Depth | None
    default: int
    index: IndexSettings | None = None
    dimensions: int | None = None
    quantization: Quantization | None = None
    rescore: int | None = None
    passages: Passages | None = None

    @property
    def deepest(self) -> int:
        """Results taken at most."""
        depths: tuple[int, ...] = each(self.depth or self.default)
        return max(depths)

    def refuse_index(self, names: Names, why: str) -> None:
        """Keep it as a problem where an index, or something of vectors, is asked for."""
        if self.index not in (None, "exact"):
            names.problem(f"index is for a bi-encoder's vectors{why}: leave it out", "index")
        for key in ("dimensions", "quantization", "rescore"):
            if getattr(self, key) is not None:
                names.problem(f"{key} is for a bi-encoder's vectors{why}: leave it out", key)

    def refuse_passages(self, names: Names, why: str) -> None:
        """Keep it as a problem where documents shall be cut."""
        if self.passages is not None:
            names.problem(f"passages are cut by the tokenizer of an encoder{why}: leave them out", "passages")


class Search(Root):
    """One model over the whole collection; subclasses are frozen dataclasses."""

    model: str
    reads: ClassVar[Reads] = "all"

    @property
    def source(self) -> str:
        """The model."""
        return self.model

    @property
    def how(self) -> Approximate | None:
        """How it searches, where not exactly."""
        return None

    @property
    @abstractmethod
    def row(self) -> str:
        """What a live view calls most of its work."""

    @abstractmethod
    def work(self, view: View) -> Iterable[Planned]:
        """Return what comes before the search of every query, where the store does not hold that."""

    @abstractmethod
    def seconds(self, view: View) -> float:
        """Return about how long the search of every query takes."""

    def steps(self, depth: int) -> Iterable[Step]:
        """A search."""
        return (Searching(self, depth),)

    def make(self, results: Results) -> Any:
        """Return what was found."""
        return results.result(self)

    def told(self, depth: int, result: Any) -> dict[str, Any]:
        """The model, how it is searched, and the depth."""
        return {"retrieve": self.model, **told_index(self), **told_passages(self.passages), "depth": depth}


@dataclass(frozen=True)
class Searches:
    """One kind of search.

    Attributes:
        by: the kind of model that searches so.
        make: returns the stage of a model, given its name and what else a config says; problems are kept.
        kind: what the rest of the program asks of it.
    """

    by: str
    make: Callable[[Names, str, Asked], Search]
    kind: Kind


def exactly(
    stage: Callable[[str, Passages | None], Search], why: str
) -> Callable[[Names, str, Asked], Search]:
    """Return what makes a stage that has no index of FAISS's; ``why`` is said of one that is asked for."""

    def make(names: Names, name: str, asked: Asked) -> Search:
        asked.refuse_index(names, why)
        return stage(name, asked.passages)

    return make


def searches(
    by: str,
    make: Callable[[Names, str, Asked], Search],
    stage: type[Search],
    kind: str,
    words: Callable[[Stages], str],
    sentences: Sequence[Sentence],
    *,
    said: Callable[[Part], Sentence] | None = None,
    keys: Mapping[str, Any] = MappingProxyType({"retrieve": str, "passages": CUT, "depth": int}),
    is_system: Callable[[str, str, Part, Models], bool] | None = None,
) -> Searches:
    """Return a kind of search whose pipelines are told of by their model and depth.

    Args:
        by: the kind of model that searches so.
        make: as in ``Searches``.
        stage: what it makes.
        kind: what bundles call a pipeline that is such a search and nothing else.
        words: its stages in a few words.
        sentences: all that the method may say of it.
        said: which of them of one pipeline; None: the first.
        keys: as in ``Told``.
        is_system: likewise; None: by the model's name.
    """
    told = Told(
        kind,
        lambda stages: f"{words(stages)}{passage_words(stages)}",
        said or (lambda part: sentences[0]),
        ("retrieve",),
        keys=keys,
        timed=TIMED,
        alone="retrieve",
        is_system=is_system or by_model("retrieve"),
        pairs=0,
    )
    return Searches(by, make, Kind(forms=(), stages=(stage,), told=(told,), said=tuple(sentences)))


@dataclass(frozen=True)
class Searching(Step):
    """A search of all documents, to the greatest depth that anybody takes."""

    stage: Search
    depth: int
    order: ClassVar[int] = 2

    @property
    def shared(self) -> Hashable:
        """By model and index."""
        return self.stage

    def merged(self, other: Any) -> Searching:
        """The deeper one does for both."""
        return replace(self, depth=max(self.depth, other.depth))

    @property
    def models(self) -> tuple[str, ...]:
        """The stage's."""
        return self.stage.models

    @property
    def reserves(self) -> int:
        """Its results."""
        return self.depth

    @property
    def row(self) -> str:
        """As the stage says."""
        return self.stage.row

    def do(self, work: Work) -> Run:
        """Search."""
        return work.search(self.stage.model, self.stage.how, self.depth, self.stage.passages)

    def foreseen(self, view: View) -> Run | None:
        """What the store holds of it."""
        return view.found(self.stage.model, self.stage.how, self.depth, self.stage.passages)

    def planned(self, view: View) -> Iterable[Planned]:
        """What comes before, and the search."""
        found = self.foreseen(view) is not None
        before = () if found else tuple(self.stage.work(view))
        how = "" if self.stage.how is None else f" by {spelled(self.stage.how.as_dict())}"
        cut = passage_words(told_passages(self.stage.passages))
        what = f"search {self.stage.model}{how} to depth {self.depth}{cut}"
        done = Planned(what, total=view.n_queries, unit="queries", stored=view.n_queries if found else 0)
        return (*before, done if found else replace(done, seconds=self.stage.seconds(view)))


def told_index(stage: Stage) -> dict[str, Any]:
    """What a bundle's ``stages`` say of how a stage searches; nothing where it searches exactly."""
    how = stage.how if isinstance(stage, Search) else None
    return {} if how is None else {"index": how.as_dict()}


def index_words(stages: Stages) -> str:
    """How a bi-encoder's vectors are searched, where not exactly: `` by hnsw m 32 ef 64``."""
    return f" by {spelled(stages['index'])}" if stages.get("index") else ""


def spelled(how: dict[str, Any]) -> str:
    """Return settings in words."""
    return " ".join(str(value) if key == "kind" else f"{key} {value}" for key, value in how.items())
