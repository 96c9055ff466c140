"""Executing steps: models loaded when first needed and once, each step's work done once for all pipelines."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from importlib import metadata
from typing import Any, cast

import numpy as np

from harness import manifest
from harness.config import Bm25, LoadedConfig, RecipeModel
from harness.datamodel import Query, Run, SentencePair
from harness.datasets import trec
from harness.datasets.corpus import Corpus
from harness.datasets.retrieval import RetrievalData
from harness.errors import DataError, ModelError
from harness.models import device as devices
from harness.models import loading
from harness.models.folders import ModelFolder, Permissions
from harness.models.loading import ModelRequest, finite
from harness.models.protocols import BiEncoder, CrossEncoder, Embeddings, Identity, Role, work_of
from harness.models.recipe import Recipe, recipe_of
from harness.pipelines import (
    Bm25Retriever,
    Collection,
    Everything,
    GivenRun,
    Reranker,
    Retriever,
    VectorRetriever,
    retrieve,
)
from harness.plan import searches
from harness.plan.memory import Budget
from harness.plan.searches import Search
from harness.plan.sharing import models_needed, users_of
from harness.plan.shelf import Shelf, StoredEncoder, StoredScorer
from harness.plan.tally import Ledger, Tally
from harness.progress import Progress, Row
from harness.search.bm25 import Bm25Index
from harness.search.exact import pairwise
from harness.search.topk import TILE
from harness.store import Store, trees
from harness.store.keys import key_of
from harness.tasks.base import Candidates, ReadRun, Rerank, Retrieve, ScoreSentences, Step
from harness.train import making


@dataclass
class Workbench:
    """Models, indexes and the store of one config; models are loaded when first needed.

    Mutable, since loading is: what it holds is only ever added to.
    """

    config: LoadedConfig
    permissions: Permissions
    progress: Progress
    max_tokens: int | None = None
    store: Store | None = None
    may_train: bool = True  # a plan only looks
    requests: dict[str, ModelRequest] = field(default_factory=dict)
    _recipes: dict[str, Recipe | None] = field(default_factory=dict)
    _loaded: dict[str, tuple[BiEncoder | CrossEncoder, Identity]] = field(default_factory=dict)
    _described: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    _tallies: dict[str, Tally] = field(default_factory=dict)
    _bm25: dict[str, Bm25Retriever] = field(default_factory=dict)

    @cached_property
    def budget(self) -> Budget:
        """The memory this run may use."""
        return Budget.of(self.config.settings.memory_limit)

    @cached_property
    def ledger(self) -> Ledger:
        """What has been counted."""
        return Ledger(self.store.session if self.store is not None else "")

    def find_models(self, steps: Sequence[Step]) -> None:
        """Find every model's files.

        All that are missing are reported at once, before anything is computed.
        """
        problems = []
        settings = self.config.settings
        for name in models_needed(steps):
            if name not in settings.models or settings.models[name].kind == "bm25":
                continue
            try:
                self.requests[name] = self._request(name)
            except ModelError as error:
                problems.append(f"{self.config.file.where(('models', name))}: {error}")
        if problems:
            raise ModelError("\n".join(problems))

    def _request(self, name: str) -> ModelRequest:
        settings = self.config.settings
        model = settings.models[name]
        if isinstance(model.cross_encoder, RecipeModel):
            return ModelRequest(
                name,
                model,
                (self._made(name, model.cross_encoder),),
                model.device or settings.device,
                self.max_tokens,
            )
        return loading.request(
            name, model, self.config.folder, settings.device, self.permissions, self.max_tokens
        )

    def _made(self, name: str, source: RecipeModel) -> ModelFolder:
        """Return a recipe's model: from the store, or made now where that is allowed."""
        if self.store is None:
            raise ModelError(
                f"model {name!r}: the recipe {source.recipe!r} keeps its model in the store, and there is "
                f"none; allow one (store, HARNESS_STORE), or make it with "
                f"'harness train {source.recipe} --out DIR' and name that folder"
            )
        planned = making.plan(source.recipe, self.config.folder, self.permissions)
        if not self.may_train:
            found = making.find(planned, self.store)
            if found is None:
                raise ModelError(
                    f"model {name!r}: not made yet; a run trains it first, once, by the recipe {source.recipe!r}"
                )
            return found
        return making.make(planned, self.store, self.progress)

    def recipe(self, name: str) -> Recipe | None:
        """Return what a model's answers depend on.

        None where that cannot be known, so that nothing may be kept.
        """
        if name not in self._recipes:
            self._recipes[name] = recipe_of(self.requests[name])
        return self._recipes[name]

    def model(self, name: str) -> BiEncoder | CrossEncoder:
        """Return a model, loaded once."""
        if name not in self._loaded:
            recipe = self.recipe(name)
            self._loaded[name] = loading.load(self.requests[name])
            if recipe is not None:
                recipe.check_unchanged(name)
            self.budget.check(f"model {name!r}")
        return self._loaded[name][0]

    @property
    def loaded(self) -> tuple[str, ...]:
        """Names of the models that are in memory."""
        return tuple(self._loaded)

    def load_models(self) -> None:
        """Load every model that was never loaded before, so that one that cannot be is known before hours of
        work."""
        for name in self.requests:
            if self._description(name) is None:
                self.model(name)
                self._describe(name)

    def _description(self, name: str) -> Mapping[str, Any] | None:
        """What a model turned out to be when it was last loaded: settings in use, device, threads."""
        recipe = self.recipe(name)
        if name not in self._described and recipe is not None and self.store is not None:
            kept = self.store.read("models", recipe.key)
            if kept is not None:
                self._described[name] = kept.header["description"]
        return self._described.get(name)

    def _describe(self, name: str) -> None:
        identity = self._loaded[name][1]
        device = identity.settings.get("device")
        content = {
            "settings": dict(identity.settings),
            "device": devices.describe(device) if device else None,
            "threads": manifest.threads(),
        }
        self._described[name] = content
        recipe = self.recipe(name)
        if recipe is not None and self.store is not None:
            self.store.write("models", recipe.key, {"description": content}, np.zeros(0, dtype=np.uint8))

    @property
    def identities(self) -> dict[str, Identity]:
        """Identity of every model."""
        found = {}
        for name, request in self.requests.items():
            recipe, known = self.recipe(name), self._description(name)
            if recipe is None or known is None:
                identity = self._loaded[name][1]
            else:
                identity = loading.identity(
                    request, dict(known["settings"]), [part.files for part in recipe.parts]
                )
            if request.settings.kind == "bi_encoder":
                settings = {**identity.settings, "embeddings": self.config.settings.embeddings}
                identity = Identity.from_dict({**identity.as_dict(), "settings": settings})
            found[name] = identity
        return found

    @property
    def devices(self) -> dict[str, Any]:
        """What a manifest says about every device used."""
        found = (known["device"] for known in self._described.values() if known["device"])
        return dict(sorted((device["device"], device) for device in found))

    @property
    def threads(self) -> Mapping[str, Any]:
        """Threads that the models' work was done with."""
        own = manifest.threads()
        return own or next((known["threads"] for known in self._described.values()), {})

    @property
    def work(self) -> dict[str, dict[str, Any]]:
        """Work behind every model's part of the result: computed by this run, and taken from the store."""
        done = {}
        for name in self.requests:
            tally = self._tallies.get(name, Tally())
            if (self.store is None or self.recipe(name) is None) and name in self._loaded:
                tally = Tally(computed=work_of(self._loaded[name][0]))
            done[name] = tally.as_dict()
        return done

    def shelf(self, name: str) -> Shelf | None:
        """Return a model's share of the store, or None where nothing of it is kept."""
        recipe = self.recipe(name)
        if recipe is None or self.store is None:
            return None
        tally = self._tallies.setdefault(name, Tally())
        return Shelf(
            name, recipe, lambda: self.model(name), self.store, tally, self.ledger, self.progress, self.budget
        )

    def encoder(self, name: str) -> BiEncoder:
        """Return a bi-encoder, through the store where there is one."""
        shelf, precision = self.shelf(name), self.config.settings.embeddings
        if shelf is None:
            model = cast(BiEncoder, self.model(name))
            return model if precision == "fp32" else _Rounded(model)
        known = self._description(name)
        if known is None or "similarity" not in known["settings"]:
            similarity = cast(BiEncoder, self.model(name)).similarity
        else:
            similarity = str(known["settings"]["similarity"])
        return StoredEncoder(shelf, similarity, precision)

    def scorer(self, name: str) -> CrossEncoder:
        """Return a cross-encoder, through the store where there is one."""
        shelf = self.shelf(name)
        return cast(CrossEncoder, self.model(name)) if shelf is None else StoredScorer(shelf)

    def is_bm25(self, source: str) -> bool:
        """Whether a source is BM25, by its own name or by that of a model of this kind."""
        model = self.config.settings.models.get(source)
        return source == "bm25" if model is None else model.kind == "bm25"

    def bm25_settings(self, source: str) -> Bm25:
        """Return the settings of a BM25 source."""
        model = self.config.settings.models.get(source)
        return model.bm25 if model is not None and model.bm25 is not None else Bm25()

    def source_key(self, source: str) -> str | None:
        """Return the key of a first stage but for corpus and queries.

        None where its results may not be kept.
        """
        if self.is_bm25(source):
            return bm25_key(self.bm25_settings(source))
        recipe = self.recipe(source)
        if recipe is None:
            return None
        similarity = self._description(source) or {"settings": {}}
        return key_of(
            [recipe.key, similarity["settings"].get("similarity"), self.config.settings.embeddings, TILE]
        )

    def retriever(self, step: Retrieve | Candidates, collection: Collection, given: Any) -> Retriever:
        """Return the retriever of a first stage."""
        if isinstance(step, Candidates):
            if step.source == "all":
                return Everything(collection)
            if step.source == "dataset":
                if given is None:
                    raise DataError(
                        f"suite {self.config.suite.name}: its data set has no candidates of its own; choose "
                        "'candidates: bm25', 'all' or a run file"
                    )
                return GivenRun(given)
            return GivenRun(trec.read_run(self.config.folder / step.source))
        if self.is_bm25(step.source):
            if step.source not in self._bm25:
                settings = self.bm25_settings(step.source)
                keep = self._index_keeper(settings, collection)
                self._bm25[step.source] = Bm25Retriever(settings, collection, self.progress, keep)
            return self._bm25[step.source]
        return VectorRetriever(self.encoder(step.source), step.source, collection, self.progress)

    def _index_keeper(
        self, settings: Bm25, collection: Collection
    ) -> Callable[[Callable[[], Bm25Index]], Bm25Index] | None:
        store = self.store
        if store is None:
            return None
        key = key_of([bm25_key(settings), collection.corpus.contents.sha256])

        def keep(build: Callable[[], Bm25Index]) -> Bm25Index:
            with store.locked(key):
                folder = trees.read(store, "indexes", key)
                if folder is None:
                    trees.write(store, "indexes", key, build().save)
                    folder = trees.read(store, "indexes", key)
                    assert folder is not None
                return Bm25Index.load(folder, settings)

        return keep

    def rows(self, steps: Sequence[Step]) -> list[Row]:
        """Return what a live view shows of the steps that take time."""
        found = []
        for step in steps:
            users = users_of(self.config, step)
            if isinstance(step, Retrieve):
                bm25 = self.is_bm25(step.source)
                found.append(Row("bm25: indexing" if bm25 else f"{step.source}: encoding", users))
            elif isinstance(step, Rerank):
                found.append(Row(f"{step.model}: scoring", users))
            elif isinstance(step, ScoreSentences):
                cross = self.config.settings.models[step.model].kind == "cross_encoder"
                found.append(Row(f"{step.model}: {'scoring' if cross else 'encoding'}", users))
        return list({row.what: row for row in found}.values())

    def search(self, steps: Sequence[Step], data: RetrievalData) -> dict[Step, Any]:
        """Do the steps of a retrieval suite; searches come before the reranking of what they found."""
        return dict(_Searching(self, data).do(steps))

    def score_sentences(self, steps: Sequence[Step], pairs: Sequence[SentencePair]) -> dict[Step, Any]:
        """Do the steps of an STS suite."""
        return {
            step: self._sentence_scores(step.model, pairs)
            for step in steps
            if isinstance(step, ScoreSentences)
        }

    def _sentence_scores(self, name: str, pairs: Sequence[SentencePair]) -> Any:
        """Score each pair, each different one once, and each sentence once, however many pairs it is in."""
        if self.config.settings.models[name].kind == "cross_encoder":
            different = {pair: i for i, pair in enumerate(dict.fromkeys((p.first, p.second) for p in pairs))}
            texts = list(different)
            scores = finite(self.scorer(name).score(texts), name, texts)
            return scores[[different[pair.first, pair.second] for pair in pairs]]
        encoder = self.encoder(name)
        unique = {
            text: i for i, text in enumerate(dict.fromkeys(t for p in pairs for t in (p.first, p.second)))
        }
        with self.progress.task(f"{name}: encoding", len(unique), "sentences") as advance:
            vectors = finite(encoder.encode(list(unique), loading.SYMMETRIC), name, list(unique))
            advance(len(unique))
        first = vectors[[unique[pair.first] for pair in pairs]]
        second = vectors[[unique[pair.second] for pair in pairs]]
        return pairwise(first, second, encoder.similarity)


class _Rounded:
    """A bi-encoder whose documents are rounded to fp16, as they would be in a store."""

    def __init__(self, model: BiEncoder) -> None:
        self._model, self.similarity = model, model.similarity
        self.batch_size = getattr(model, "batch_size", 1)

    def encode(self, texts: Sequence[str], role: Role) -> Embeddings:
        """Return embeddings, [n_texts, dimension] float32."""
        vectors = self._model.encode(texts, role)
        if role != "document":
            return vectors
        with np.errstate(over="ignore"):
            return vectors.astype(np.float16).astype(np.float32)


def bm25_key(settings: Bm25) -> str:
    """Return what an index depends on but the corpus."""
    versions = {name: metadata.version(name) for name in ("bm25s", "PyStemmer")}
    return key_of(["bm25", settings.model_dump(mode="json"), versions])


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
            elif isinstance(step, Retrieve):
                results[step] = self._retrieved(step)
            elif isinstance(step, Candidates):
                results[step] = self._first_stage(step)
        for step in steps:
            if isinstance(step, Rerank):
                reranker = Reranker(
                    self.bench.scorer(step.model), step.model, self.collection, self.bench.progress
                )
                runs = [results[stage].top(depth) for stage, depth in step.candidates]
                results[step] = reranker.score(self._queries, runs)
        return results

    def _retrieved(self, step: Retrieve) -> Run:
        bench, data = self.bench, self.data
        bench.budget.reserve(
            len(self._queries) * (step.depth + TILE) * 8, f"searching {step.source} to depth {step.depth}"
        )
        source = bench.source_key(step.source) if bench.store is not None else None
        search = None
        if source is not None:
            corpus = self.collection.corpus.contents.sha256
            search = Search(source, corpus, self._queries, step.depth, data.exclude_self)
        counted = None
        if not bench.is_bm25(step.source):
            shelf = bench.shelf(step.source)
            counted = None if shelf is None else (bench.ledger, shelf.tally)
        return searches.through(
            bench.store, search, self.collection, counted, lambda: self._first_stage(step)
        )

    def _first_stage(self, step: Retrieve | Candidates) -> Run:
        retriever = self.bench.retriever(step, self.collection, self.data.candidates)
        return retrieve(retriever, self._queries, step.depth, exclude_self=self.data.exclude_self)

    @property
    def _queries(self) -> tuple[Query, ...]:
        return self.data.queries
