"""What a run would do, before it does anything: ``harness plan``."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from typing import Any, cast

import numpy as np

from harness.config import MODEL_KINDS, LoadedConfig
from harness.datamodel import Run
from harness.datasets import trec
from harness.datasets.retrieval import RetrievalData
from harness.errors import DataError, HarnessError
from harness.models import loading
from harness.models.answers import form_of
from harness.models.folders import Permissions
from harness.pipelines import Collection, Everything, PairScores, pair_keys, pair_texts, retrieve
from harness.plan import ann, calibration, same, searches, speed
from harness.plan.calibration import Pace
from harness.plan.memory import own_bytes
from harness.plan.planned import Plan
from harness.plan.shelf import StoredEncoder, StoredScorer, document_hashes
from harness.plan.workbench import Workbench
from harness.progress import Progress
from harness.search.settings import Approximate, Build
from harness.search.topk import TILE
from harness.stages import Planned, Stage, Step, Take, models_of, users_of
from harness.stages.work import Role, Unknown, View
from harness.store import open_store
from harness.store.folder import folder_for
from harness.store.keys import text_hashes
from harness.tasks import steps_for, task_of
from harness.units import size_text

_BYTES_PER_PAIR = 75  # of a row in SQLite, as measured
_RUNTIME = 500_000_000  # of Python with torch, where no model was loaded to measure it
_PAIRS_LOOKED_AT = 20_000_000  # whose scores are looked up, at most


def plan(config: LoadedConfig, progress: Progress, *, calibrate: bool = True) -> Plan:
    """Return what a run of a config would do. Nothing is downloaded; models are loaded only to time them.

    Raises a HarnessError for a config that could not run.
    """
    task = task_of(config.suite)
    task.check(config.suite)
    steps = steps_for(config)
    root = folder_for(config.settings.store, config.folder)
    store = None if root is None else open_store(root, progress.note)
    needed = config.suite.settings.dataset.get("max_tokens")
    bench = Workbench(
        config,
        Permissions(offline=True, why="a plan fetches nothing"),
        progress,
        needed,
        store,
        may_train=False,
    )
    downloads: list[str] = []
    for name in models_of(steps):  # one at a time: what is missing is no error here
        try:
            bench.find_models([name])
        except HarnessError as error:
            downloads += [error.message, *error.details]
    data: Any = None
    from harness.plan.offline import go_offline

    go_offline("a plan")
    try:
        data = task.load(config)
    except DataError as error:
        downloads.append(f"data: {error}")
    view = _View(bench, data, steps, calibrate)
    made = [*_together(view.planned()), *_timing(config)]
    limit = bench.budget.limit
    peak = view.peak()
    notes = []
    if store is None:
        notes.append("there is no store: everything is computed, and nothing is kept")
    if peak > limit:
        notes.append(f"about {size_text(peak)} are needed, over the memory limit of {size_text(limit)}")
    if any(step.at_most for step in made):
        notes.append("'up to': how many pairs there are is known once the first stages have searched")
    where = None if root is None else str(root)
    return Plan(config.name, tuple(made), tuple(dict.fromkeys(downloads)), where, peak, limit, tuple(notes))


def _together(made: Iterator[Planned]) -> list[Planned]:
    """Work that several steps share (one model's sentences, under several similarities) is done once."""
    found: dict[str, Planned] = {}
    for planned in made:
        there = found.get(planned.step)
        users = () if there is None else there.shared_by
        found[planned.step] = replace(
            there or planned, shared_by=tuple(dict.fromkeys((*users, *planned.shared_by)))
        )
    return list(found.values())


def _timing(config: LoadedConfig) -> list[Planned]:
    """What the timing profile comes to; nothing where it is off."""
    users = speed.row(config).shared_by
    if speed.wanted(config) is None or not users:
        return []
    what = f"timing, profile {config.settings.timing}"
    return [Planned(what, users, len(users), "pipelines", seconds=speed.seconds(config))]


class _View(View):
    """What is known before anything is done. Not a value: what was looked up in the store is kept."""

    def __init__(self, bench: Workbench, data: Any, steps: Sequence[Step], calibrate: bool) -> None:
        self._bench, self._data, self._calibrate = bench, data, calibrate
        self._steps = {step.shared: step for step in steps}
        self._known: dict[Hashable, Any] = {}
        self._made: dict[Stage, Run] = {}
        self._numbers: dict[str, float] = {}  # of a document, by model

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

    def found(self, model: str, how: Approximate | None, depth: int) -> Run | None:
        """Return the results of a search that the store holds."""
        store, collection = self._bench.store, self._collection
        if store is None or collection is None or not self._is_known(model):
            return None
        source = ann.source_key(self._bench, model, how)
        if source is None:
            return None
        corpus = collection.corpus.contents.sha256
        search = searches.Search(source, corpus, self._data.queries, depth, self._data.exclude_self)
        return searches.find(store, search, collection, None)

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

    def scored(self, model: str, runs: Sequence[Run]) -> PairScores | None:
        """Return the scores of all pairs of some runs, where the store holds them all."""
        shelf = self._bench.shelf(model) if self._is_known(model) else None
        if shelf is None or self._collection is None:
            return None
        keys = self._keys(runs, self._collection)
        found = StoredScorer(shelf).table.find(*self._hashes(keys, self._collection))
        return PairScores(keys, found.scores, self._places, self._collection) if found.known.all() else None

    @property
    def _places(self) -> dict[str, int]:
        return {query.id: i for i, query in enumerate(self._data.queries)}

    def _keys(self, runs: Sequence[Run], collection: Collection) -> Any:
        return np.unique(np.concatenate([pair_keys(run, self._places, collection) for run in runs]))

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

    def encoding(self, model: str, role: Role) -> Planned:
        """Return what encoding every document, or query, comes to."""
        batch, documents = self._batch_size(model), role == "document"
        shelf = self._bench.shelf(model) if self._is_known(model) else None
        total = self.n_documents if documents else self.n_queries
        kind = self._bench.config.settings.embeddings if documents else "fp32"
        missing, stored = -(-total // batch), 0
        if shelf is not None and self._collection is not None:
            encoder = StoredEncoder(shelf, "", kind)
            hashes = (
                document_hashes(shelf.store, self._collection)
                if documents
                else text_hashes(query.text for query in self._data.queries)
            )
            absent = encoder.missing(encoder.shards(hashes, role, kind))
            missing = sum(-(-len(shard) // batch) for shard in absent)
            stored = total - sum(len(shard) for shard in absent)
        rest = total - stored
        pace = self._pace(model, "document") if rest else Pace(0.0, 0)
        width = round({"fp16": 2, "fp32": 4}[kind] * self.numbers(model))
        unit = "documents" if documents else "queries"
        return Planned(
            f"encode {unit} with {model}",
            total=total,
            unit=unit,
            stored=stored,
            forward_passes=missing,
            disk_bytes=rest * width if shelf is not None else 0,
            seconds=None if pace is None else rest * pace.seconds_per_text,
        )

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

    def pairs(self, model: str, takes: Sequence[Take]) -> Planned:
        """Return what scoring the pairs of some stages' results comes to."""
        bounds = [min(take.depth, self.n_documents or take.depth) for take in takes if take.stage.ordered]
        every = sum(not take.stage.ordered for take in takes) * self.n_documents
        total, stored, exact = self.n_queries * (sum(bounds) + every), 0, False
        shelf = self._bench.shelf(model) if self._is_known(model) else None
        try:
            runs = [self.run(take) for take in takes]
        except Unknown:
            runs = []
        if runs and self._collection is not None:
            keys = self._keys(runs, self._collection)
            total, exact = len(keys), True
            if shelf is not None:
                found = StoredScorer(shelf).table.find(*self._hashes(keys, self._collection))
                stored = int(found.known.sum())
        rest = total - stored
        pace = self._pace(model, "pair") if rest else Pace(0.0, 0)
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

    def _pace(self, name: str, what: str) -> Pace | None:
        """Seconds a document or pair takes, from a sample of the corpus; None where that cannot be tried."""
        if self._collection is None:
            return None
        positions = calibration.sample(self.n_documents, calibration.wanted_for(self._batch_size(name)))
        if what == "document":
            return self._timed(name, self._collection.corpus.fetch(positions))
        keys = np.asarray([(i % self.n_queries) * self.n_documents + p for i, p in enumerate(positions)])
        return self._timed(name, pair_texts(self._data.queries, keys, self._collection))

    def _timed(self, name: str, texts: Sequence[Any]) -> Pace | None:
        request = self._bench.requests.get(name)
        if (
            not self._calibrate or request is None or request.settings.endpoint is not None
        ):  # a plan asks nobody
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

    def held(self, model: str) -> None:
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


__all__ = ["Plan", "Planned", "plan"]
