"""Search: the first results of one model over the whole collection, or of another pipeline."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import product
from typing import Annotated, Any

from pydantic import Discriminator, Field, Tag

from harness.search.passages import Passages
from harness.search.settings import IndexSettings, Quantization
from harness.stages import late, sparse, vectors, words
from harness.stages.forms import Depth, Form, Names, each, one_or_many
from harness.stages.kinds import Kind
from harness.stages.live import Live, Source
from harness.stages.searching import Asked, Searches
from harness.stages.told import Sentence, Told
from harness.stages.tree import Results, Root, Step, Take

#: Every kind of search; a new one is one file, and its name here.
SEARCHES: tuple[Searches, ...] = (vectors.SEARCHES, sparse.SEARCHES, late.SEARCHES, words.SEARCHES)
_BY_MODEL = {searches.by: searches for searches in SEARCHES}
#: Kinds of model that search.
SOURCES = tuple(_BY_MODEL)
DEFAULT_DEPTH = 1000
Quantizations = Annotated[
    Annotated[Quantization, Tag("<one>")]
    | Annotated[tuple[Quantization, ...], Field(min_length=1), Tag("<sweep>")],
    Discriminator(one_or_many),
]


class SearchForm(Form):
    """One model's search of all documents, or the first results of another pipeline."""

    retrieve: str
    depth: Depth | None = None
    index: IndexSettings | None = None  # default: exact, without a library
    dimensions: Depth | None = None  # of each vector, the first; default: all
    quantization: Quantizations | None = None  # default: none
    rescore: Depth | None = None  # times the depth, put in order by the full vectors; default: not
    passages: Passages | None = None  # default: documents are read as far as the model reads

    needed = (("retrieve",),)
    optional = frozenset({"depth", "index", "dimensions", "quantization", "rescore", "passages"})
    sweeps = ("dimensions", "quantization", "rescore")
    written = (
        (
            "{retrieve: MODEL, depth: N}",
            "a bi-encoder, sparse encoder or late-interaction model with exact search, or bm25",
        ),
        (
            "{retrieve: MODEL, index: flat|hnsw|{hnsw: {m: N, ef: N}}, depth: N}",
            "a bi-encoder searched through FAISS",
        ),
        (
            "{retrieve: MODEL, dimensions: N, quantization: int8|binary|float16, rescore: N, depth: N}",
            "less of a bi-encoder's vectors, put in order by all of them; lists are sweeps",
        ),
        (
            "{retrieve: MODEL, passages: {tokens: N, stride: N, score: max|first|mean-top-3}, depth: N}",
            "documents in passages, by an encoder",
        ),
    )

    def roots(self, names: Names) -> Sequence[Take] | None:
        """Return the search; one for each value of a sweep."""
        swept = product(each(self.dimensions), each(self.quantization), each(self.rescore))
        found = [
            self._root(names, Asked(self.depth, DEFAULT_DEPTH, self.index, *derived, self.passages))
            for derived in swept
        ]
        return None if None in found else [take for take in found if take is not None]

    def _root(self, names: Names, asked: Asked) -> Take | None:
        assert not isinstance(self.depth, tuple)
        taken = first(names, "retrieve", self.retrieve, asked)
        if taken is None:
            return None
        depth = self.depth or min(DEFAULT_DEPTH, taken.depth)
        if not taken.pipeline:
            return Take(taken.stage, depth)
        return Take(Cut(replace(taken, depth=depth)), depth) if names.reaches(taken, depth) else None


def first(names: Names, key: str, name: str, asked: Asked) -> Take | None:
    """Return what a model's or another pipeline's name means, with how many results there are.

    A name that is both means the model. None, with a problem at the key, for one that means nothing.
    """
    kind = names.kind(name)
    if kind in _BY_MODEL:
        return Take(_BY_MODEL[kind].make(names, name, asked))
    if not kind and names.is_pipeline(name):
        asked.refuse_index(names, f", and {name!r} is a pipeline")
        asked.refuse_passages(names, f", and {name!r} is a pipeline, which may cut them itself")
        return names.take(name, key)
    names.check_model(key, name, SOURCES, pipelines=True)
    return None


@dataclass(frozen=True)
class Cut(Root):
    """The first results of another pipeline."""

    taken: Take

    @property
    def inputs(self) -> tuple[Take, ...]:
        """The pipeline."""
        return (self.taken,)

    @property
    def untimed(self) -> str:
        """As the pipeline."""
        stage = self.taken.stage
        return stage.untimed if isinstance(stage, Root) else ""

    def steps(self, depth: int) -> Iterable[Step]:
        """No work."""
        return ()

    def make(self, results: Results) -> Any:
        """Return them."""
        return results.run(self.taken)

    def serve(self, live: Live, depth: int) -> Source:
        """As the pipeline."""
        return live.stage(self.taken, self.taken.pipeline)

    @property
    def kind(self) -> str:
        """A cut."""
        return "cut"

    def told(self, depth: int, result: Any) -> dict[str, Any]:
        """The pipeline and the depth."""
        return {"retrieve": self.taken.name, "depth": depth}


_CUT = Sentence(
    "{} is the first results of another pipeline.", "{} are the first results of other pipelines."
)

KIND = Kind(
    forms=(SearchForm,),
    stages=(Cut,),
    told=(
        Told(
            "cut",
            lambda s: f"first {s['depth']} of {s['retrieve']}",
            lambda part: _CUT,
            ("retrieve",),
            keys={"retrieve": str, "depth": int},
        ),
    ),
    said=(_CUT,),
)
