"""Search: the documents nearest to a query, by a bi-encoder, exactly or through an index, or by BM25."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, ClassVar

from harness.search.settings import LEAST_EF, Approximate, Build, Hnsw, HnswIndex, IndexSettings
from harness.stages.forms import Depth, Form, Names, each
from harness.stages.kinds import Kind
from harness.stages.live import Found, Live, LiveEncoder, Mark, Source, VectorIndex
from harness.stages.told import Models, Part, Sentence, Stages, Told, by_model, plain
from harness.stages.tree import Planned, Reads, Results, Root, Stage, Step, Take
from harness.stages.work import View, Work

if TYPE_CHECKING:
    from harness.datamodel import Query, Run
    from harness.search.bm25 import Bm25Index

#: Kinds of model that search.
SOURCES = ("bi_encoder", "bm25")
DEFAULT_DEPTH = 1000
_OVERLAP_DEPTH = 10


class SearchForm(Form):
    """One model's search of all documents, or the first results of another pipeline."""

    retrieve: str
    depth: Depth | None = None
    index: IndexSettings | None = None  # default: exact, without a library

    needed = (("retrieve",),)
    optional = frozenset({"depth", "index"})
    written = (
        ("{retrieve: MODEL, depth: N}", "a bi-encoder with exact search, or bm25"),
        (
            "{retrieve: MODEL, index: flat|hnsw|{hnsw: {m: N, ef: N}}, depth: N}",
            "a bi-encoder searched through FAISS",
        ),
    )

    def roots(self, names: Names) -> Sequence[Take] | None:
        """Return the search."""
        assert not isinstance(self.depth, tuple)
        taken = first(names, "retrieve", self.retrieve, self.index, self.depth, DEFAULT_DEPTH)
        if taken is None:
            return None
        depth = self.depth or min(DEFAULT_DEPTH, taken.depth)
        if not taken.pipeline:
            return [Take(taken.stage, depth)]
        return [Take(Cut(replace(taken, depth=depth)), depth)] if names.reaches(taken, depth) else None


def first(
    names: Names, key: str, name: str, index: IndexSettings | None, depth: Depth | None, default: int
) -> Take | None:
    """Return what a model's or another pipeline's name means, with how many results there are.

    A name that is both means the model. None, with a problem at the key, for one that means nothing.
    ``depth``: how many results are taken, or where that is not given, the ``default``.
    """
    kind = names.kind(name)
    if kind == "bm25":
        if index not in (None, "exact"):
            names.problem(
                "index is for a bi-encoder's vectors; BM25 has an index of its own: leave it out", "index"
            )
        return Take(Words(name))
    if kind == "bi_encoder":
        return Take(Vectors(name, _how(names, index, depth, default)))
    if not kind and names.is_pipeline(name):
        if index is not None:
            names.problem(
                f"index is for a bi-encoder's vectors, and {name!r} is a pipeline: leave it out", "index"
            )
        return names.take(name, key)
    names.check_model(key, name, SOURCES, pipelines=True)
    return None


def _how(names: Names, index: IndexSettings | None, depth: Depth | None, default: int) -> Approximate | None:
    if index in (None, "exact", "flat"):
        return Approximate(Build()) if index == "flat" else None
    hnsw = index.hnsw if isinstance(index, HnswIndex) else Hnsw()
    deepest = max(each(depth or default))
    ef = max(LEAST_EF, deepest) if hnsw.ef is None else hnsw.ef
    if ef < deepest:
        names.problem(
            f"ef {ef} is below the depth {deepest}{'' if depth else ' (the default)'}: HNSW finds no more than the ef "
            "candidates it keeps; raise ef to the depth or above, or lower the depth",
            "index",
            "hnsw",
            "ef",
        )
    return Approximate(Build(hnsw.m, hnsw.ef_construction), ef)


@dataclass(frozen=True)
class Words(Root):
    """BM25 over the whole collection."""

    model: str
    reads: ClassVar[Reads] = "all"

    @property
    def source(self) -> str:
        """BM25, or a model of this kind."""
        return self.model

    def steps(self, depth: int) -> Iterable[Step]:
        """A search."""
        return (Searching(self, depth),)

    def make(self, results: Results) -> Any:
        """Return what was found."""
        return results.result(self)

    def serve(self, live: Live, depth: int) -> Source:
        """Load the index."""
        return live.first(ServedWords(live.words(self.model), live.ranks))

    @property
    def kind(self) -> str:
        """BM25."""
        return "bm25"

    def told(self, depth: int, result: Any) -> dict[str, Any]:
        """The source and the depth."""
        return {"retrieve": self.model, "depth": depth}


@dataclass(frozen=True)
class Vectors(Root):
    """A bi-encoder over the whole collection: exactly, or through an index by a library."""

    model: str
    how: Approximate | None = None
    reads: ClassVar[Reads] = "all"

    @property
    def source(self) -> str:
        """The bi-encoder."""
        return self.model

    @property
    def models(self) -> tuple[str, ...]:
        """The bi-encoder."""
        return (self.model,)

    @property
    def throughputs(self) -> tuple[tuple[str, str], ...]:
        """How fast it encodes documents."""
        return (("document", self.model),)

    @property
    def label(self) -> str:
        """The model, and how its vectors are searched."""
        told = {} if self.how is None else self.how.as_dict()
        settings = [f"{key.replace('ef_construction', 'efc')}{told[key]}" for key in told if key != "kind"]
        return "-".join([super().label, *([str(told["kind"])] if told else []), *settings])

    @property
    def exact(self) -> Vectors:
        """The same vectors, searched exactly: what an index is held against."""
        return Vectors(self.model)

    def steps(self, depth: int) -> Iterable[Step]:
        """A search; through an index also the building of that, and the exact search that it is held against."""
        searching = Searching(self, depth)
        if self.how is None:
            return (searching,)
        return (Building(self.model, self.how.build), searching, Searching(self.exact, depth))

    def make(self, results: Results) -> Any:
        """Return what was found."""
        return results.result(self)

    def serve(self, live: Live, depth: int) -> Source:
        """Load the model and its documents' vectors."""
        model = live.encoder(self.model)
        return live.first(ServedVectors(model, live.vectors(self.model, self.how)))

    @property
    def kind(self) -> str:
        """A bi-encoder."""
        return "bi-encoder"

    def told(self, depth: int, result: Any) -> dict[str, Any]:
        """The model, how it is searched, and the depth."""
        return {"retrieve": self.model, **told_index(self), "depth": depth}

    def index(self, results: Results, depth: int, seed: int) -> dict[str, Any] | None:
        """Return what the index is, and the share of the exact first results that it finds."""
        if self.how is None:
            return None
        facts = results.result(("index", self.model, self.how.build))
        found, exact = results.run(Take(self)), results.run(Take(self.exact))
        seen = sorted({min(_OVERLAP_DEPTH, depth), depth})
        return {
            **self.how.as_dict(),
            "faiss": facts.faiss,
            "index_bytes": facts.n_bytes,
            "build_s": facts.build_s,
            "overlap": {f"overlap@{at}": _overlap(found, exact, at, seed) for at in seen},
        }


def told_index(stage: Stage) -> dict[str, Any]:
    """What a bundle's ``stages`` say of how a stage searches; nothing where it searches exactly."""
    how = stage.how if isinstance(stage, Vectors) else None
    return {} if how is None else {"index": how.as_dict()}


def _overlap(found: Run, exact: Run, depth: int, seed: int) -> dict[str, Any]:
    from harness import stats
    from harness.measures.overlap import overlap

    shares = overlap(found, exact, depth)
    interval = stats.bootstrap_mean(shares, seed=seed) if len(shares) > 1 else None
    return {
        "value": float(shares.mean()),
        "n": len(shares),
        "interval": None if interval is None else vars(interval).copy(),
    }


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


@dataclass(frozen=True)
class Searching(Step):
    """A search of all documents, to the greatest depth that anybody takes."""

    stage: Words | Vectors
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
        """The bi-encoder's."""
        return self.stage.models

    @property
    def reserves(self) -> int:
        """Its results."""
        return self.depth

    @property
    def row(self) -> str:
        """Most of it is encoding, or indexing."""
        return (
            f"{self.stage.model}: indexing"
            if isinstance(self.stage, Words)
            else f"{self.stage.model}: encoding"
        )

    @property
    def _how(self) -> Approximate | None:
        return self.stage.how if isinstance(self.stage, Vectors) else None

    def do(self, work: Work) -> Run:
        """Search."""
        return work.search(self.stage.model, self._how, self.depth)

    def foreseen(self, view: View) -> Run | None:
        """What the store holds of it."""
        return view.found(self.stage.model, self._how, self.depth)

    def planned(self, view: View) -> Iterable[Planned]:
        """The index of words; or documents and queries encoded, and compared."""
        if self.foreseen(view) is not None:
            return (Planned(self._words, total=view.n_queries, unit="queries", stored=view.n_queries),)
        if isinstance(self.stage, Words):
            # Documents a second, within a factor of two on any machine of today; and bytes of each.
            return (
                Planned("index bm25", (), view.n_documents, "documents", disk_bytes=view.n_documents * 400,
                        seconds=view.n_documents / 15_000),
            )  # fmt: skip
        model, how = self.stage.model, self.stage.how
        looked_at = view.n_documents if how is None or how.ef is None else 100 * how.ef
        flops = 2.0 * min(looked_at, view.n_documents) * view.n_queries * view.dimension(model)
        searching = Planned(self._words, total=view.n_queries, unit="queries", seconds=flops / 3e10)
        return (view.encoding(model, "document"), view.encoding(model, "query"), searching)

    @property
    def _words(self) -> str:
        how = "" if self._how is None else f" by {_spelled(self._how.as_dict())}"
        return f"search {self.stage.model}{how} to depth {self.depth}"


@dataclass(frozen=True)
class Building(Step):
    """An index of a bi-encoder's documents, for the searches that go through it."""

    model: str
    build: Build
    order: ClassVar[int] = 1

    @property
    def shared(self) -> Hashable:
        """By model and settings; what it is searched with is no part of it."""
        return ("index", self.model, self.build)

    @property
    def models(self) -> tuple[str, ...]:
        """The bi-encoder."""
        return (self.model,)

    @property
    def row(self) -> str:
        """Building."""
        return f"{self.model}: building {self.build.kind}"

    def do(self, work: Work) -> Any:
        """Build it."""
        return work.built(self.model, self.build)

    def foreseen(self, view: View) -> Any:
        """Nobody needs to know it beforehand."""
        return None

    def planned(self, view: View) -> Iterable[Planned]:
        """The building."""
        m = f" (m {self.build.m})" if self.build.m else ""
        return (view.building(self.model, self.build, f"build {self.build.kind} index of {self.model}{m}"),)


@dataclass(frozen=True, eq=False)
class ServedVectors:
    """A bi-encoder and the search of its vectors."""

    model: LiveEncoder
    index: VectorIndex

    def find(self, queries: Sequence[Query], depth: int, mark: Mark) -> Found:
        """Encode and search."""
        encoded = self.model.encode([query.text for query in queries], "query", mark)
        mark("encode")
        found = self.index.search(encoded, depth)
        mark("search")
        return Found(found, lambda: self.index.bytes_read)


@dataclass(frozen=True, eq=False)
class ServedWords:
    """BM25."""

    index: Bm25Index
    ranks: Any

    def find(self, queries: Sequence[Query], depth: int, mark: Mark) -> Found:
        """Tokenise and search; what is read are the postings of the queries' words."""
        words = self.index.words([query.text for query in queries])
        mark("tokenise")
        found = self.index.find(words, depth, self.ranks)
        mark("search")
        return Found(found, lambda: self.index.bytes_read(words))


def index_words(stages: Stages) -> str:
    """How a bi-encoder's vectors are searched, where not exactly: `` by hnsw m 32 ef 64``."""
    return f" by {_spelled(stages['index'])}" if stages.get("index") else ""


def _spelled(how: dict[str, Any]) -> str:
    return " ".join(str(value) if key == "kind" else f"{key} {value}" for key, value in how.items())


def _by_words(stages: Stages) -> str:
    source = f" {stages['retrieve']}" if stages["retrieve"] != "bm25" else ""
    return f"bm25{source}, depth {stages['depth']}"


def _by_vectors(stages: Stages) -> str:
    return f"bi-encoder {stages['retrieve']}{index_words(stages)}, depth {stages['depth']}"


def _is_bm25(system: str, pipeline: str, part: Part, models: Models) -> bool:
    return plain(system).startswith("bm25")


_TIMED = ("tokenise", "encode", "search")
_BM25 = Sentence("{} ranks by BM25.", "{} rank by BM25.")
_EXACT = Sentence(
    "{} searches exactly, over every document’s embedding.",
    "{} search exactly, over every document’s embedding.",
)
_INDEX = Sentence(
    "{} searches through an index by FAISS; what it misses of the exact results is shown as its overlap.",
    "{} search through an index by FAISS; what it misses of the exact results is shown as its overlap.",
)
_CUT = Sentence(
    "{} is the first results of another pipeline.", "{} are the first results of other pipelines."
)

KIND = Kind(
    forms=(SearchForm,),
    stages=(Words, Vectors, Cut),
    told=(
        Told(
            "bm25", _by_words, lambda part: _BM25, ("retrieve",), _TIMED, alone="retrieve", is_system=_is_bm25
        ),
        Told(
            "bi-encoder",
            _by_vectors,
            lambda part: _INDEX if part.get("index") else _EXACT,
            ("retrieve",),
            _TIMED,
            alone="retrieve",
            is_system=by_model("retrieve"),
        ),
        Told("cut", lambda s: f"first {s['depth']} of {s['retrieve']}", lambda part: _CUT, ("retrieve",)),
    ),
    said=(_BM25, _EXACT, _INDEX, _CUT),
)
