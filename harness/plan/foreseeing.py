"""What is known of a run before anything is done: what the store holds, and what the rest would come to."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from typing import Any, cast

import numpy as np

from harness.config import MODEL_KINDS
from harness.datamodel import Run
from harness.datasets import trec
from harness.datasets.retrieval import RetrievalData
from harness.models import loading
from harness.models.answers import form_of
from harness.pipelines import Collection, Everything, PairScores, all_keys, retrieve
from harness.plan import ann, calibration, same, searches
from harness.plan import passages as cutting
from harness.plan.calibration import Pace
from harness.plan.memory import own_bytes
from harness.plan.passages import Parts
from harness.plan.shelf import StoredEncoder, StoredScorer, document_hashes
from harness.plan.workbench import Workbench
from harness.search.passages import Passages, reduced
from harness.search.settings import Approximate, Build
from harness.search.topk import TILE
from harness.stages import Planned, Stage, Step, Take, users_of
from harness.stages.work import Role, Unknown, View
from harness.store.keys import text_hashes

_BYTES_PER_PAIR = 75  # of a row in SQLite, as measured
_RUNTIME = 500_000_000  # of Python with torch, where no model was loaded to measure it
_PAIRS_LOOKED_AT = 20_000_000  # whose scores are looked up, at most
_CUT_TO_SEE = 200  # documents
_CHARACTERS = 4  # of a token, where nothing could be tokenised


class Foreseeing(View):
    """What is known before anything is done. Not a value: what was looked up in the store is kept."""

    def __init__(self, bench: Workbench, data: Any, steps: Sequence[Step], calibrate: bool) -> None:
        self._bench, self._data, self._calibrate = bench, data, calibrate
        self._steps = {step.shared: step for step in steps}
        self._known: dict[Hashable, Any] = {}
        self._made: dict[Stage, Run] = {}
        self._numbers: dict[str, float] = {}  # of a document, by model
        self._each: dict[tuple[str, Passages], float] = {}  # passages of a document

    def planned(self) -> Iterator[Planned]:
        """Yield what each step comes to, with the pipelines that share it."""
        users = users_of(self._bench.config.pipelines.values())
        for shared, step in self._steps.items():
            for part in step.planned(self):
                yield replace(part, shared_by=users[shared])

    def run(self, take: Take) -> Run:
        """Return the first results of a stage, where all below it is known."""
        if self._collection is None:
            raise Unknown
        if take.stage not in self._made:
            self._made[take.stage] = take.stage.make(self).select(self._data.query_ids)
        return self._made[take.stage].top(take.depth)

    def check_documents(self, run: Run, name: str) -> None:
        """A plan looks at no run that is not used."""

    def result(self, shared: Hashable) -> Any:
        """Return what a step would come to, where that is known."""
        if shared not in self._known:
            self._known[shared] = self._steps[shared].foreseen(self)
        if self._known[shared] is None:
            raise Unknown
        return self._known[shared]

    @cached_property
    def _collection(self) -> Collection | None:
        if not isinstance(self._data, RetrievalData) or self._data.corpus is None:
            return None
        return Collection(self._data.corpus)

    @property
    def n_documents(self) -> int:
        """Documents: those loaded, or as the suite says."""
        needs = self._bench.config.suite.settings.needs
        return len(self._collection) if self._collection is not None else needs.documents or 0

    @property
    def n_queries(self) -> int:
        """Queries: those loaded, or as the suite says."""
        if isinstance(self._data, RetrievalData):
            return len(self._data.queries)
        return self._bench.config.suite.settings.needs.queries or 0

    def found(self, model: str, how: Approximate | None, depth: int, passages: Passages | None) -> Run | None:
        """Return the results of a search that the store holds."""
        store, collection = self._bench.store, self._collection
        if store is None or collection is None or not self._is_known(model):
            return None
        source = searches.source_key(self._bench, model, how, passages)
        if source is None:
            return None
        corpus = collection.corpus.contents.sha256
        search = searches.Search(source, corpus, self._data.queries, depth, self._data.exclude_self)
        found = searches.find(store, search, collection, None)
        return None if found is None else found.run

    def read(self, path: str | None) -> Run | None:
        """Return a file's run, or the data set's own candidates."""
        found = self._data.candidates if path is None else trec.read_run(self._bench.config.folder / path)
        return cast("Run | None", found)

    def everything(self) -> Run | None:
        """Return every document for every query, where that is not too much."""
        if self._collection is None or self.n_documents * self.n_queries > _PAIRS_LOOKED_AT:
            return None
        every = Everything(self._collection)
        return retrieve(every, self._data.queries, self.n_documents, exclude_self=self._data.exclude_self)

    def scored(self, model: str, runs: Sequence[Run], passages: Passages | None) -> PairScores | None:
        """Return the scores of all pairs of some runs, where the store holds them all."""
        shelf, collection = self._bench.shelf(model) if self._is_known(model) else None, self._collection
        if shelf is None or collection is None:
            return None
        keys = all_keys(runs, self._places, collection)
        scorer = StoredScorer(shelf)
        if passages is None:
            found = scorer.table.find(*self._hashes(keys, collection))
            return PairScores(keys, found.scores, self._places, collection) if found.known.all() else None
        parts = self._parts_of(model, passages, collection, np.unique(keys % len(collection)))
        if parts is None:
            return None
        places, counts = parts.of_documents(keys % len(collection))
        cut = np.repeat(keys // len(collection), counts) * len(parts.spans) + places
        found = scorer.table.find(*self._hashes(cut, Collection(parts)))
        if not found.known.all():
            return None
        scores = reduced(found.scores, counts, passages.score)
        return PairScores(keys, scores, self._places, collection)

    def _parts_of(
        self, model: str, how: Passages, collection: Collection, documents: Any = None
    ) -> Parts | None:
        """Return the passages of some documents, or of all, where the store holds them."""
        if not self._is_known(model):
            return None
        texts = [query.text for query in self._data.queries]
        return cutting.find(self._bench, model, how, collection, texts, documents)

    @property
    def _places(self) -> dict[str, int]:
        return {query.id: i for i, query in enumerate(self._data.queries)}

    def _hashes(self, keys: Any, collection: Collection) -> tuple[Any, Any]:
        assert self._bench.store is not None
        queries = text_hashes(query.text for query in self._data.queries)
        documents = document_hashes(self._bench.store, collection)
        return queries[keys // len(collection)], documents[keys % len(collection)]

    def _is_known(self, name: str) -> bool:
        return self._bench.is_bm25(name) or name in self._bench.requests

    def _batch_size(self, name: str) -> int:
        recipe = self._bench.recipe(name) if name in self._bench.requests else None
        given = self._bench.config.settings.models[name].batch_size
        return recipe.batch_size if recipe is not None else given or 16

    def encoding(self, model: str, role: Role, passages: Passages | None = None) -> Planned:
        """Return what encoding every document, or its passages, or every query, comes to."""
        batch, documents, collection = self._batch_size(model), role == "document", self._collection
        shelf = self._bench.shelf(model) if self._is_known(model) else None
        total, unit = (self.n_documents, "documents") if documents else (self.n_queries, "queries")
        known = collection is not None
        if passages is not None:
            parts = None if collection is None else self._parts_of(model, passages, collection)
            known, collection = parts is not None, None if parts is None else Collection(parts)
            each = self.per_document(model, passages)
            total, unit = round(total * each) if parts is None else len(parts.spans), "passages"
        kind = self._bench.config.settings.embeddings if documents else "fp32"
        missing, stored = -(-total // batch), 0
        if shelf is not None and collection is not None:
            encoder = StoredEncoder(shelf, "", kind)
            hashes = (
                document_hashes(shelf.store, collection)
                if documents
                else text_hashes(query.text for query in self._data.queries)
            )
            absent = encoder.missing(encoder.shards(hashes, role, kind))
            missing = sum(-(-len(shard) // batch) for shard in absent)
            stored = total - sum(len(shard) for shard in absent)
        rest = total - stored
        pace = self._pace(model, "document", passages) if rest else Pace(0.0, 0)
        width = round({"fp16": 2, "fp32": 4}[kind] * self.numbers(model))
        cut = "" if passages is None else f" ({passages.tokens} tokens every {passages.step})"
        return Planned(
            f"encode {unit if known or passages is None else f'about so many {unit}'} with {model}{cut}",
            total=total,
            unit=unit,
            stored=stored,
            forward_passes=missing,
            disk_bytes=rest * width if shelf is not None else 0,
            seconds=None if pace is None else rest * pace.seconds_per_text,
        )

    def per_document(self, model: str, passages: Passages) -> float:
        """Return about how many passages a document has: of all, or of a sample, by the model or by characters."""
        if self._collection is None:
            return 1.0
        parts = self._parts_of(model, passages, self._collection)
        if parts is not None:
            return len(parts.spans) / max(1, self.n_documents)
        if (model, passages) not in self._each:
            texts = self._collection.corpus.fetch(calibration.sample(self.n_documents, _CUT_TO_SEE))
            if self._can_try(model):
                cuts = cutting.cutter(self._bench.model(model), model, passages, ())(texts)
                n = sum(map(len, cuts))
            else:
                firsts = passages.score == "first"
                sizes = [passages.windows(len(text) // _CHARACTERS) for text in texts]
                n = sum(1 if firsts else len(windows) for windows in sizes)
            self._each[model, passages] = n / max(1, len(texts))
        return self._each[model, passages]

    def building(self, model: str, build: Build, what: str) -> Planned:
        """Return what building an index comes to."""
        n, m = self.n_documents, build.m or 0
        store, collection = self._bench.store, self._collection
        key = None
        if store is not None and collection is not None and self._is_known(model):
            key = ann.key(self._bench, model, build, collection)
        if store is not None and key is not None and store.place("indexes", key).is_dir():
            return Planned(what, total=n, unit="documents", stored=n)
        size = round(n * (build.bytes_of(self.dimension(model)) + 8 * m))
        # Documents a second by one thread, within a factor of three on any machine of today.
        pace = 1 / 1_500 if m else 0.0
        return Planned(what, total=n, unit="documents", disk_bytes=size if key else 0, seconds=n * pace)

    def pairs(self, model: str, takes: Sequence[Take], passages: Passages | None) -> Planned:
        """Return what scoring the pairs of some stages' results, or of their passages, comes to."""
        bounds = [min(take.depth, self.n_documents or take.depth) for take in takes if take.stage.ordered]
        every = sum(not take.stage.ordered for take in takes) * self.n_documents
        total, stored, exact = self.n_queries * (sum(bounds) + every), 0, False
        shelf, collection = self._bench.shelf(model) if self._is_known(model) else None, self._collection
        try:
            runs = [self.run(take) for take in takes]
        except Unknown:
            runs = []
        if runs and collection is not None:
            keys = all_keys(runs, self._places, collection)
            total, exact = len(keys), True
            parts = None
            if passages is not None:
                parts = self._parts_of(model, passages, collection, np.unique(keys % len(collection)))
                exact = parts is not None
            if parts is not None:
                places, counts = parts.of_documents(keys % len(collection))
                keys = np.repeat(keys // len(collection), counts) * len(parts.spans) + places
                total, collection = len(keys), Collection(parts)
            if shelf is not None and exact:
                found = StoredScorer(shelf).table.find(*self._hashes(keys, collection))
                stored = int(found.known.sum())
        if passages is not None and not exact:
            total = round(total * self.per_document(model, passages))
        rest = total - stored
        pace = self._pace(model, "pair", passages) if rest else Pace(0.0, 0)
        return Planned(
            f"score pairs with {model}",
            total=total,
            unit="pairs",
            at_most=not exact,
            stored=stored,
            forward_passes=-(-rest // self._batch_size(model)),
            disk_bytes=rest * _BYTES_PER_PAIR if shelf is not None else 0,
            seconds=None if pace is None else rest * pace.seconds_per_text,
        )

    def sentences(self, model: str) -> Planned:
        """Return what scoring a suite's pairs, or encoding its texts, comes to; each text is encoded once."""
        batch, cross = (
            self._batch_size(model),
            MODEL_KINDS[self._bench.config.settings.models[model].kind].scores,
        )
        pairs = list(dict.fromkeys((p.first, p.second) for p in getattr(self._data, "pairs", ())))
        alone = getattr(self._data, "all_texts", ())
        texts: Sequence[Any] = pairs if cross else list(dict.fromkeys([*alone, *same.texts_of(pairs)]))
        shelf = self._bench.shelf(model) if self._is_known(model) else None
        alike = same.known_alike(self._bench, model, texts) if shelf is not None else None
        if alike is not None:
            texts = [texts[i] for i in np.unique(alike)]
        stored, passes = 0, -(-len(texts) // batch)
        if shelf is not None and cross:
            first, second = text_hashes(p[0] for p in texts), text_hashes(p[1] for p in texts)
            stored = int(StoredScorer(shelf).table.find(first, second).known.sum())
            passes = -(-(len(texts) - stored) // batch)
        elif shelf is not None:
            encoder = StoredEncoder(shelf, "", "fp32")
            absent = encoder.missing(encoder.shards(text_hashes(texts), loading.SYMMETRIC, "fp32"))
            stored = len(texts) - sum(len(shard) for shard in absent)
            passes = sum(-(-len(shard) // batch) for shard in absent)
        rest = len(texts) - stored
        pace = self._timed(model, texts) if rest else Pace(0.0, 0)
        size = _BYTES_PER_PAIR if cross else 4 * self.dimension(model)
        return Planned(
            f"{'score pairs' if cross else 'encode sentences'} with {model}",
            total=len(texts),
            unit="pairs" if cross else "sentences",
            stored=stored,
            forward_passes=passes,
            disk_bytes=rest * size if shelf is not None else 0,
            seconds=None if pace is None else rest * pace.seconds_per_text,
        )

    def _pace(self, name: str, what: str, passages: Passages | None) -> Pace | None:
        """Seconds a document, passage or pair takes, from a sample of the corpus; None where that cannot be tried."""
        if self._collection is None:
            return None
        positions = calibration.sample(self.n_documents, calibration.wanted_for(self._batch_size(name)))
        texts = self._collection.corpus.fetch(positions)
        if passages is not None and self._can_try(name):
            cuts = cutting.cutter(self._bench.model(name), name, passages, ())(texts)
            texts = [part for parts in cuts for part in parts]
        if what == "document":
            return self._timed(name, texts)
        queries = self._data.queries
        return self._timed(name, [(queries[i % len(queries)].text, text) for i, text in enumerate(texts)])

    def _can_try(self, name: str) -> bool:
        """Whether a model may be loaded to see what it does; a plan asks no server."""
        request = self._bench.requests.get(name)
        return self._calibrate and request is not None and request.settings.endpoint is None

    def _timed(self, name: str, texts: Sequence[Any]) -> Pace | None:
        if not self._can_try(name):
            return None
        model: Any = self._bench.model(name)
        batch = self._batch_size(name)
        some = [texts[i] for i in calibration.sample(len(texts), calibration.wanted_for(batch))]
        pairs = bool(some) and not isinstance(some[0], str)

        def encode(texts: Sequence[Any]) -> object:
            vectors = model.encode(texts, "document")
            self._numbers[name] = form_of(vectors).values(vectors)[0].size / len(texts)
            return vectors

        do: Callable[[Sequence[Any]], object] = model.score if pairs else encode
        return calibration.pace(do, some, batch)

    def held(self, model: str, passages: Passages | None) -> None:
        """Nobody asks before anything is done."""

    def numbers(self, model: str) -> float:
        """Return about how many numbers a document is to an encoder: of a sample, where one was encoded."""
        if model in self._numbers:
            return self._numbers[model]
        return float(self.dimension(model))

    def dimension(self, model: str) -> int:
        """Return the dimension of an encoder's embeddings, as its folder says."""
        request = self._bench.requests.get(model)
        about: Mapping[str, Any] = {}
        if request is not None and request.folders:
            about = request.folders[-1].json("config.json", "0_Transformer/config.json")
        return int(about.get("hidden_size") or about.get("dim") or 768)

    def peak(self) -> int:
        """About the most memory of the process's own at any moment, in bytes."""
        weights = sum(
            path.stat().st_size
            for name, request in self._bench.requests.items()
            if name not in self._bench.loaded
            for folder in request.folders
            for path in folder.weights
        )
        base = own_bytes() if self._bench.loaded else _RUNTIME
        deepest = max((step.reserves for step in self._steps.values()), default=0)
        results = self.n_queries * (deepest + TILE) * 8
        return base + weights + results + 16 * self.n_documents + 64_000_000
