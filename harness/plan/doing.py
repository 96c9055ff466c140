"""The steps of a config done on its suite's data, and the results that its pipelines' stages make of them."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from harness.config import MODEL_KINDS, LoadedConfig
from harness.datamodel import Run
from harness.datasets import trec
from harness.datasets.corpus import Corpus
from harness.datasets.retrieval import RetrievalData
from harness.errors import DataError, NotComparableError
from harness.models.answers import finite
from harness.models.endpoints.client import forbidden
from harness.models.loading import SYMMETRIC
from harness.models.protocols import Embeddings, told
from harness.pipelines import (
    Collection,
    Everything,
    GivenRun,
    InPassages,
    PairScores,
    Reranker,
    Retriever,
    VectorRetriever,
    all_keys,
    retrieve,
)
from harness.plan import ann, held, same, searches, services
from harness.plan import passages as cutting
from harness.plan.searches import Search
from harness.plan.workbench import Workbench
from harness.search.ann import Facts
from harness.search.exact import pairwise
from harness.search.passages import Passages
from harness.search.settings import Approximate, Build
from harness.search.topk import TILE
from harness.stages import Pipeline, Stage, Step, Take, steps_of
from harness.stages.service import Service
from harness.stages.work import Work


class Doing(Work):
    """Steps done, and results made. Not a value: what is done is only ever added to."""

    def __init__(self, bench: Workbench, data: Any) -> None:
        """Do on a suite's data what a config asks for."""
        self._bench, self._data = bench, data
        self._done: dict[Hashable, Any] = {}
        self._made: dict[Stage, Any] = {}
        self._scores: dict[Hashable, PairScores] = {}
        self._sizes: dict[Hashable, Mapping[str, int] | None] = {}

    def do(self, steps: Sequence[Step]) -> Iterator[Step]:
        """Do steps, each after those that it builds on, and yield each when it is done.

        So what is done can be shown, and survives an interruption.
        """
        for step in steps:
            self._done[step.shared] = step.do(self)
            yield step

    def do_all(self, steps: Sequence[Step]) -> Doing:
        """Do steps to the end; returns itself."""
        for _ in self.do(steps):
            pass
        return self

    def finished(self, config: LoadedConfig) -> LoadedConfig:
        """Return a config with those of its pipelines alone that need no further step."""
        needed = {name: steps_of([pipeline]) for name, pipeline in config.pipelines.items()}
        return config.with_only(
            name for name, steps in needed.items() if all(step.shared in self._done for step in steps)
        )

    def result(self, shared: Hashable) -> Any:
        """Return what a step came to."""
        return self._done[shared]

    def check_documents(self, run: Run, name: str) -> None:
        """Raise DataError for a run of documents that are not in the corpus, where the suite has one."""
        if self._data.corpus is not None:
            try:
                self.collection.positions(run)
            except DataError as error:
                file, found = self._bench.config.file.path, str(error).replace("the candidates'", "its", 1)
                raise DataError(f"{file}: {name!r} is fused, and {found}; do they belong together?") from None

    def run(self, take: Take) -> Run:
        """Return the first results of a stage."""
        return cast(Run, self._of(take.stage)).top(take.depth)

    def of(self, pipeline: Pipeline) -> Any:
        """Return what a pipeline came to: its run, scores of pairs, or embeddings."""
        return self.run(pipeline.root) if pipeline.data == "queries" else self._of(pipeline.stage)

    def _of(self, stage: Stage) -> Any:
        if stage not in self._made:
            self._made[stage] = stage.make(self)
        return self._made[stage]

    @cached_property
    def collection(self) -> Collection:
        """The suite's documents."""
        return Collection(cast(Corpus, self._data.corpus))

    def search(self, model: str, how: Approximate | None, depth: int, passages: Passages | None) -> Run:
        """Search all documents, unless the store knows what would be found."""
        bench, data = self._bench, cast(RetrievalData, self._data)
        bench.budget.reserve(len(data.queries) * (depth + TILE) * 8, f"searching {model} to depth {depth}")
        search = self._asked(model, how, depth, passages)
        counted = None
        if not bench.is_bm25(model):
            shelf = bench.shelf(model)
            counted = None if shelf is None else (bench.ledger, shelf.tally)

        def make() -> searches.Found:
            if how is not None:
                return searches.Found(
                    self._retrieved(ann.AnnRetriever(bench, model, how, self.collection), depth)
                )
            parts = None if passages is None else self._in_passages(model, passages)
            retriever = bench.retriever(model, self.collection, parts)
            run = self._retrieved(retriever, depth)
            return searches.Found(run, retriever.sizes if isinstance(retriever, VectorRetriever) else None)

        found = searches.through(bench.store, search, self.collection, counted, make)
        if how is None and found.sizes is not None:
            self._sizes[model, passages] = found.sizes
        return found.run

    def _asked(
        self, model: str, how: Approximate | None, depth: int, passages: Passages | None
    ) -> Search | None:
        """Return what a search is kept under; None where it may not be."""
        bench, data = self._bench, cast(RetrievalData, self._data)
        source = searches.source_key(bench, model, how, passages) if bench.store is not None else None
        if source is None:
            return None
        corpus = self.collection.corpus.contents.sha256
        return Search(source, corpus, data.queries, depth, data.exclude_self)

    def held(self, model: str, passages: Passages | None) -> dict[str, Any] | None:
        """Return what a search of an encoder's embeddings looks through; None where nobody counted."""
        queries = self._data.queries
        if (model, passages) not in self._sizes and passages is None:
            # A search that an older version kept, without its sizes.
            self._sizes[model, None] = held.sizes(self._bench, model, self.collection, queries)
        found = self._sizes.get((model, passages))
        return None if found is None else held.told(found, len(self.collection), len(queries))

    def _in_passages(self, model: str, how: Passages) -> InPassages:
        return cutting.of_all(cutting.cut(self._bench, model, how, self.collection, self._texts), how)

    @cached_property
    def _texts(self) -> tuple[str, ...]:
        return tuple(query.text for query in self._data.queries)

    def built(self, model: str, build: Build) -> Facts:
        """Build an index, unless the store holds it."""
        return ann.facts(self._bench, model, build, self.collection)

    def vectors(self, model: str) -> DocumentVectors:
        """Encode every document, unless the store holds the embeddings."""
        return DocumentVectors(ann.kept(self._bench, model, self.collection), self.collection)

    def candidates(self, path: str | None, depth: int) -> Run:
        """Read candidates. Raises DataError where the data set has none of its own."""
        found = self._data.candidates if path is None else trec.read_run(self._bench.config.folder / path)
        if found is None:
            raise DataError(
                f"suite {self._bench.config.suite.name}: its data set has no candidates of its own; choose "
                "'candidates: bm25', 'all' or a run file"
            )
        return self._retrieved(GivenRun(found), depth)

    def everything(self) -> Run:
        """Return every document for every query."""
        return self._retrieved(Everything(self.collection), len(self.collection))

    def given(self, path: str) -> Run:
        """Read an existing run. Raises NotComparableError for one of other queries."""
        config, data = self._bench.config, self._data
        whole = trec.read_run(config.folder / path)
        run = whole.select(data.query_ids)
        if not run.n_rows:
            raise NotComparableError(
                f"{config.folder / path}: none of its queries is among the {len(data.queries)} judged ones of suite "
                f"{config.suite.name}: a query of the run is {whole.query_ids[0]!r}, a judged one {data.query_ids[0]!r}"
            )
        return run

    def service(self, service: Service, depth: int) -> Run:
        """Ask a search service every query."""
        bench, data = self._bench, cast(RetrievalData, self._data)
        if bench.permissions.offline:
            raise forbidden(service.url, bench.permissions.why)
        collection = None if data.corpus is None else self.collection
        return services.run(service, data.queries, depth, data.exclude_self, collection, bench.progress)

    def scored(self, model: str, runs: Sequence[Run], passages: Passages | None) -> PairScores:
        """Score the pairs of some runs, but for those that were scored for an earlier stage."""
        bench, queries, known = self._bench, self._data.queries, self._scores.get((model, passages))
        scorer = bench.scorer(model)
        if passages is None:
            reranker = Reranker(scorer, model, self.collection, bench.progress)
            found = reranker.score(queries, runs, known)
        else:
            places = {query.id: i for i, query in enumerate(queries)}
            keys = all_keys(runs, places, self.collection)
            if known is not None:
                keys = np.setdiff1d(keys, known.keys, assume_unique=True)
            documents = np.unique(keys % len(self.collection))
            parts = cutting.cut(bench, model, passages, self.collection, self._texts, documents)
            reranker = Reranker(scorer, model, Collection(parts), bench.progress)
            scores = cutting.scored(
                parts, keys, len(self.collection), passages, lambda some: reranker.of_keys(queries, some)
            )
            made = PairScores(keys, scores, places, self.collection)
            found = made if known is None else known.joined(made)
        self._scores[model, passages] = found
        return found

    def similarities(self, model: str, names: Sequence[str | None]) -> dict[str | None, NDArray[Any]]:
        """Score pairs of sentences; a bi-encoder's are encoded once for all similarities."""
        bench, pairs = self._bench, self._data.pairs
        if MODEL_KINDS[bench.config.settings.models[model].kind].scores:
            different = {pair: i for i, pair in enumerate(dict.fromkeys((p.first, p.second) for p in pairs))}
            texts = list(different)
            alike = same.first_alike(bench, model, texts)
            once = np.unique(alike)
            asked = [texts[i] for i in once]
            scores = finite(bench.scorer(model).score(asked), model, asked)[np.searchsorted(once, alike)]
            return dict.fromkeys(names, scores[[different[pair.first, pair.second] for pair in pairs]])
        vectors = self._encoded(model, [pair.first for pair in pairs] + [pair.second for pair in pairs])
        first, second = vectors[: len(pairs)], vectors[len(pairs) :]
        own = bench.encoder(model).similarity
        return {name: pairwise(first, second, name or own) for name in names}

    def encoded(self, model: str) -> Embeddings:
        """Encode the suite's texts."""
        return self._encoded(model, self._data.all_texts)

    def _retrieved(self, retriever: Retriever, depth: int) -> Run:
        return retrieve(retriever, self._data.queries, depth, exclude_self=self._data.exclude_self)

    def _encoded(self, model: str, texts: Sequence[str]) -> Embeddings:
        """Encode sentences, each once however often it occurs, and once what is the same to the model."""
        encoder = self._bench.encoder(model)
        unique = {text: i for i, text in enumerate(dict.fromkeys(texts))}
        different = list(unique)
        alike = same.first_alike(self._bench, model, different)
        once = np.unique(alike)
        asked = [different[i] for i in once]
        task = self._bench.progress.task(f"{model}: encoding", len(asked), "sentences")
        with task as advance, told(encoder, advance, len(asked)):
            vectors = finite(encoder.encode(asked, SYMMETRIC), model, asked)
        return vectors[np.searchsorted(once, alike)[[unique[text] for text in texts]]]


class DocumentVectors:
    """Embeddings of documents, looked up by the results of a run."""

    def __init__(self, blocks: Sequence[NDArray[Any]], collection: Collection) -> None:
        """``blocks``: every document's embedding, [n, dimension], in order of position."""
        self._blocks, self._collection = blocks, collection

    def rows(self, run: Run) -> NDArray[np.float32]:
        """Return the embedding of each result's document, [n_rows, dimension]."""
        return ann.picked(self._blocks, self._collection.positions(run))
