"""Executing steps: models loaded when first needed and once, each step's work done once for all pipelines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, cast

from harness.config import Bm25, LoadedConfig
from harness.datamodel import Query, SentencePair
from harness.datasets import trec
from harness.datasets.corpus import Corpus
from harness.datasets.retrieval import RetrievalData
from harness.errors import DataError, ModelError
from harness.models import loading
from harness.models.folders import Permissions
from harness.models.loading import ModelRequest, finite
from harness.models.protocols import BiEncoder, CrossEncoder, Identity, Work, work_of
from harness.pipelines import Bm25Retriever, Collection, Everything, GivenRun, Reranker, Retriever, VectorRetriever, retrieve
from harness.progress import Progress
from harness.search.exact import pairwise
from harness.tasks.base import Candidates, ReadRun, Rerank, Retrieve, ScoreSentences, Step


def models_needed(steps: Sequence[Step]) -> list[str]:
    """Return the names of the models that some steps use, each once."""
    names: dict[str, None] = {}
    for step in steps:
        if isinstance(step, Retrieve):
            names[step.source] = None
        elif isinstance(step, Rerank | ScoreSentences):
            names[step.model] = None
    return list(names)


@dataclass
class Workbench:
    """Models and indexes of one config, made when first needed.

    Mutable, since loading is: what it holds is only ever added to.
    """

    config: LoadedConfig
    permissions: Permissions
    progress: Progress
    max_tokens: int | None = None
    requests: dict[str, ModelRequest] = field(default_factory=dict)
    _loaded: dict[str, tuple[BiEncoder | CrossEncoder, Identity]] = field(default_factory=dict)
    _bm25: dict[str, Bm25Retriever] = field(default_factory=dict)

    def find_models(self, steps: Sequence[Step]) -> None:
        """Find every model's files. All that are missing are reported at once, before anything is computed."""
        problems = []
        settings = self.config.settings
        for name in models_needed(steps):
            if name not in settings.models or settings.models[name].kind == "bm25":
                continue
            try:
                self.requests[name] = loading.request(
                    name, settings.models[name], self.config.folder, settings.device, self.permissions, self.max_tokens
                )
            except ModelError as error:
                problems.append(f"{self.config.file.where(('models', name))}: {error}")
        if problems:
            raise ModelError("\n".join(problems))

    def model(self, name: str) -> BiEncoder | CrossEncoder:
        """Return a model, loaded once."""
        if name not in self._loaded:
            self._loaded[name] = loading.load(self.requests[name])
        return self._loaded[name][0]

    def load_models(self) -> None:
        """Load every model found, so that one that cannot be is known before hours of work."""
        for name in self.requests:
            self.model(name)

    @property
    def identities(self) -> dict[str, Identity]:
        """Identity of every model loaded."""
        return {name: identity for name, (_, identity) in self._loaded.items()}

    @property
    def work(self) -> dict[str, Work]:
        """Work every model did."""
        return {name: work_of(model) for name, (model, _) in self._loaded.items()}

    def is_bm25(self, source: str) -> bool:
        """Whether a source is BM25, by its own name or by that of a model of this kind."""
        model = self.config.settings.models.get(source)
        return source == "bm25" if model is None else model.kind == "bm25"

    def retriever(self, step: Retrieve | Candidates, collection: Collection, given: Any) -> Retriever:
        """Return the retriever of a first stage."""
        if isinstance(step, Candidates):
            if step.source == "all":
                return Everything(collection)
            if step.source == "dataset":
                if given is None:
                    raise DataError(
                        f"suite {self.config.suite.name}: its data set has no candidates of its own; choose 'candidates: bm25', 'all' "
                        "or a run file"
                    )
                return GivenRun(given)
            return GivenRun(trec.read_run(self.config.folder / step.source))
        if self.is_bm25(step.source):
            model = self.config.settings.models.get(step.source)
            settings = model.bm25 if model is not None and model.bm25 is not None else Bm25()
            if step.source not in self._bm25:
                self._bm25[step.source] = Bm25Retriever(settings, collection, self.progress)
            return self._bm25[step.source]
        return VectorRetriever(cast(BiEncoder, self.model(step.source)), step.source, collection, self.progress)

    def search(self, steps: Sequence[Step], data: RetrievalData) -> dict[Step, Any]:
        """Do the steps of a retrieval suite; searches come before the reranking of what they found."""
        return dict(_Searching(self, data).do(steps))

    def score_sentences(self, steps: Sequence[Step], pairs: Sequence[SentencePair]) -> dict[Step, Any]:
        """Do the steps of an STS suite."""
        return {step: self._sentence_scores(step.model, pairs) for step in steps if isinstance(step, ScoreSentences)}

    def _sentence_scores(self, name: str, pairs: Sequence[SentencePair]) -> Any:
        model = self.model(name)
        kind = self.config.settings.models[name].kind
        with self.progress.task(f"{name}: scoring", len(pairs), "sentence pairs") as advance:
            if kind == "cross_encoder":
                texts = [(pair.first, pair.second) for pair in pairs]
                scores = finite(cast(CrossEncoder, model).score(texts), name, texts)
            else:
                encoder = cast(BiEncoder, model)
                # Each sentence once, however many pairs it is in.
                unique = {text: i for i, text in enumerate(dict.fromkeys(t for p in pairs for t in (p.first, p.second)))}
                vectors = finite(encoder.encode(list(unique), loading.SYMMETRIC), name, list(unique))
                first = vectors[[unique[pair.first] for pair in pairs]]
                second = vectors[[unique[pair.second] for pair in pairs]]
                scores = pairwise(first, second, encoder.similarity)
            advance(len(pairs))
        return scores


@dataclass(frozen=True)
class _Searching:
    bench: Workbench
    data: RetrievalData

    @cached_property
    def collection(self) -> Collection:
        return Collection(cast(Corpus, self.data.corpus))

    def do(self, steps: Sequence[Step]) -> Mapping[Step, Any]:
        results: dict[Step, Any] = {}
        for step in steps:
            if isinstance(step, ReadRun):
                results[step] = trec.read_run(self.bench.config.folder / step.path)
            elif isinstance(step, Retrieve | Candidates):
                retriever = self.bench.retriever(step, self.collection, self.data.candidates)
                results[step] = retrieve(retriever, self._queries, step.depth, exclude_self=self.data.exclude_self)
        for step in steps:
            if isinstance(step, Rerank):
                reranker = Reranker(
                    cast(CrossEncoder, self.bench.model(step.model)), step.model, self.collection, self.bench.progress
                )
                runs = [results[stage].top(depth) for stage, depth in step.candidates]
                results[step] = reranker.score(self._queries, runs)
        return results

    @property
    def _queries(self) -> tuple[Query, ...]:
        return self.data.queries
