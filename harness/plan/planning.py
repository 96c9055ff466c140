"""What a run would do, before it does anything: ``harness plan``."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, cast

import numpy as np

from harness.config import LoadedConfig
from harness.datasets import trec
from harness.datasets.retrieval import RetrievalData
from harness.errors import DataError, HarnessError
from harness.models import loading
from harness.models.folders import Permissions
from harness.pipelines import Collection, pair_keys, pair_texts
from harness.plan import ann, calibration, same, searches, sentences, speed
from harness.plan.calibration import Pace
from harness.plan.memory import own_bytes
from harness.plan.planned import Plan, Planned
from harness.plan.sharing import users_of
from harness.plan.shelf import StoredEncoder, StoredScorer, document_hashes
from harness.plan.workbench import Workbench
from harness.progress import Progress
from harness.search.topk import TILE
from harness.store import open_store
from harness.store.folder import folder_for
from harness.store.keys import text_hashes
from harness.tasks import task_of
from harness.tasks.base import BuildIndex, Candidates, Encode, ReadRun, Rerank, Retrieve, ScoreSentences, Step

_BYTES_PER_PAIR = 75  # of a row in SQLite, as measured
_RUNTIME = 500_000_000  # of Python with torch, where no model was loaded to measure it


def plan(config: LoadedConfig, progress: Progress, *, calibrate: bool = True) -> Plan:
    """Return what a run of a config would do. Nothing is downloaded; models are loaded only to time them.

    Raises a HarnessError for a config that could not run.
    """
    task = task_of(config.suite)
    task.check(config.suite)
    steps = task.steps(config)
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
    for step in steps:  # one at a time: what is missing is no error here
        try:
            bench.find_models([step])
        except HarnessError as error:
            downloads += str(error).splitlines()
    data: Any = None
    from harness.plan.offline import go_offline

    go_offline()
    try:
        data = task.load(config)
    except DataError as error:
        downloads.append(f"data: {error}")
    view = _View(config, bench, data, calibrate)
    made = [*_together([planned for step in steps for planned in view.planned(step)]), *_timing(config)]
    limit = bench.budget.limit
    peak = view.peak(steps)
    notes = []
    if store is None:
        notes.append("there is no store: everything is computed, and nothing is kept")
    if peak > limit:
        notes.append(f"about {peak / 1e6:,.0f} MB are needed, over the memory limit of {limit / 1e6:,.0f} MB")
    if any(step.at_most for step in made):
        notes.append("'up to': how many pairs there are is known once the first stages have searched")
    where = None if root is None else str(root)
    return Plan(config.name, tuple(made), tuple(dict.fromkeys(downloads)), where, peak, limit, tuple(notes))


def _together(made: Sequence[Planned]) -> list[Planned]:
    """Work that several steps share (one model's sentences, under several similarities) is done once."""
    found: dict[str, Planned] = {}
    for planned in made:
        there = found.get(planned.step)
        users = () if there is None else there.shared_by
        found[planned.step] = replace(
            there or planned, shared_by=tuple(dict.fromkeys((*users, *planned.shared_by)))
        )
    return list(found.values())


def _words(how: Mapping[str, Any]) -> list[str]:
    return [str(value) if key == "kind" else f"{key} {value}" for key, value in how.items()]


def _searching(step: Retrieve) -> str:
    how = "" if step.how is None else " by " + " ".join(_words(step.how.as_dict()))
    return f"search {step.source}{how} to depth {step.depth}"


def _timing(config: LoadedConfig) -> list[Planned]:
    """What the timing profile comes to; nothing where it is off."""
    users = speed.row(config).shared_by
    if speed.wanted(config) is None or not users:
        return []
    what = f"timing, profile {config.settings.timing}"
    return [Planned(what, users, len(users), "pipelines", seconds=speed.seconds(config))]


@dataclass(frozen=True)
class _View:
    config: LoadedConfig
    bench: Workbench
    data: Any
    calibrate: bool

    @cached_property
    def collection(self) -> Collection | None:
        if not isinstance(self.data, RetrievalData) or self.data.corpus is None:
            return None
        return Collection(self.data.corpus)

    @property
    def n_documents(self) -> int:
        return (
            len(self.collection)
            if self.collection is not None
            else self.config.suite.settings.needs.documents or 0
        )

    @property
    def n_queries(self) -> int:
        if isinstance(self.data, RetrievalData):
            return len(self.data.queries)
        return self.config.suite.settings.needs.queries or 0

    def planned(self, step: Step) -> list[Planned]:
        """What one step of the task comes to."""
        users = users_of(self.config, step)
        if isinstance(step, ReadRun):
            return [Planned(f"read {step.path}", users, 1, "run")]
        if isinstance(step, Candidates):
            return [Planned(f"candidates: {step.source}", users, self.n_queries, "queries")]
        if isinstance(step, ScoreSentences | Encode):
            return [self._sentences(step, users)]
        if isinstance(step, Rerank):
            return [self._pairs(step, users)]
        if isinstance(step, BuildIndex):
            return [self._building(step, users)]
        if self._found(step) is not None:
            return [Planned(_searching(step), users, self.n_queries, "queries", stored=self.n_queries)]
        if self.bench.is_bm25(step.source):
            pace = 1 / 15_000  # documents a second, within a factor of two on any machine of today
            indexing = Planned(
                "index bm25", users, self.n_documents, "documents", seconds=self.n_documents * pace
            )
            return [replace(indexing, disk_bytes=self.n_documents * 400)]
        return self._encoding(step, users)

    def _found(self, step: Retrieve) -> Any:
        """The results of a search that the store holds, or None."""
        store, collection = self.bench.store, self.collection
        if store is None or collection is None or not self._known(step.source):
            return None
        source = ann.source_key(self.bench, step)
        if source is None:
            return None
        corpus = collection.corpus.contents.sha256
        search = searches.Search(source, corpus, self.data.queries, step.depth, self.data.exclude_self)
        return searches.find(store, search, collection, None)

    def _known(self, name: str) -> bool:
        return self.bench.is_bm25(name) or name in self.bench.requests

    def _batch_size(self, name: str) -> int:
        recipe = self.bench.recipe(name) if name in self.bench.requests else None
        return recipe.batch_size if recipe is not None else self.config.settings.models[name].batch_size or 16

    def _encoding(self, step: Retrieve, users: tuple[str, ...]) -> list[Planned]:
        name, batch = step.source, self._batch_size(step.source)
        shelf = self.bench.shelf(name) if self._known(name) else None
        dtype = self.config.settings.embeddings
        parts = [("document", self.n_documents, dtype), ("query", self.n_queries, "fp32")]
        made = []
        for role, total, kind in parts:
            missing = -(-total // batch)
            stored = 0
            if shelf is not None and self.collection is not None:
                encoder = StoredEncoder(shelf, "", dtype)
                hashes = (
                    document_hashes(shelf.store, self.collection)
                    if role == "document"
                    else text_hashes(query.text for query in self.data.queries)
                )
                shards = encoder.shards(hashes, cast(Any, role), kind)
                absent = encoder.missing(shards)
                missing = sum(-(-len(shard) // batch) for shard in absent)
                stored = total - sum(len(shard) for shard in absent)
            rest = total - stored
            pace = self._pace(name, "document") if rest else Pace(0.0, 0)
            width = {"fp16": 2, "fp32": 4}[kind] * self._dimension(name)
            made.append(
                Planned(
                    f"encode {'documents' if role == 'document' else 'queries'} with {name}",
                    users,
                    total,
                    "documents" if role == "document" else "queries",
                    stored=stored,
                    forward_passes=missing,
                    disk_bytes=rest * width if shelf is not None else 0,
                    seconds=None if pace is None else rest * pace.seconds_per_text,
                )
            )
        looked_at = self.n_documents if step.how is None or step.how.ef is None else 100 * step.how.ef
        flops = 2.0 * min(looked_at, self.n_documents) * self.n_queries * self._dimension(name)
        return [*made, Planned(_searching(step), users, self.n_queries, "queries", seconds=flops / 3e10)]

    def _building(self, step: BuildIndex, users: tuple[str, ...]) -> Planned:
        n, m, kind = self.n_documents, step.build.m or 0, step.build.kind
        what = f"build {kind} index of {step.source}" + (f" (m {m})" if m else "")
        store, collection = self.bench.store, self.collection
        key = None
        if store is not None and collection is not None and self._known(step.source):
            key = ann.key(self.bench, step.source, step.build, collection)
        if store is not None and key is not None and store.place("indexes", key).is_dir():
            return Planned(what, users, n, "documents", stored=n)
        size = n * (4 * self._dimension(step.source) + 8 * m)
        # Documents a second by one thread, within a factor of three on any machine of today.
        pace = 1 / 1_500 if m else 0.0
        return Planned(what, users, n, "documents", disk_bytes=size if key else 0, seconds=n * pace)

    def _pairs(self, step: Rerank, users: tuple[str, ...]) -> Planned:
        name, batch = step.model, self._batch_size(step.model)
        depths = [(stage, min(depth, self.n_documents or depth)) for stage, depth in step.candidates]
        total = self.n_queries * sum(
            self.n_documents if stage.source == "all" else depth for stage, depth in depths
        )
        stored, exact = 0, False
        keys = self._keys(step)
        shelf = self.bench.shelf(name) if self._known(name) else None
        if keys is not None and self.collection is not None:
            total, exact = len(keys), True
            if shelf is not None:
                width = len(self.collection)
                queries = text_hashes(query.text for query in self.data.queries)
                documents = document_hashes(shelf.store, self.collection)
                found = StoredScorer(shelf).table.find(queries[keys // width], documents[keys % width])
                stored = int(found.known.sum())
        rest = total - stored
        pace = self._pace(name, "pair") if rest else Pace(0.0, 0)
        return Planned(
            f"score pairs with {name}",
            users,
            total,
            "pairs",
            not exact,
            stored,
            -(-rest // batch),
            rest * _BYTES_PER_PAIR if shelf is not None else 0,
            None if pace is None else rest * pace.seconds_per_text,
        )

    def _keys(self, step: Rerank) -> Any:
        """The union of a cross-encoder's pairs, where every first stage is known already; else None."""
        if self.collection is None:
            return None
        place = {query.id: i for i, query in enumerate(self.data.queries)}
        keys = []
        for stage, depth in step.candidates:
            if isinstance(stage, Retrieve):
                run = self._found(stage)
            elif stage.source == "all":
                return None
            elif stage.source == "dataset":
                run = self.data.candidates
            else:
                run = trec.read_run(self.config.folder / stage.source)
            if run is None:
                return None
            keys.append(pair_keys(run.select(list(place)).top(depth), place, self.collection))
        return np.unique(np.concatenate(keys))

    def _sentences(self, step: ScoreSentences | Encode, users: tuple[str, ...]) -> Planned:
        name, batch = step.model, self._batch_size(step.model)
        given = () if self.data is None or isinstance(step, Encode) else self.data.pairs
        pairs = list(dict.fromkeys((p.first, p.second) for p in given))
        cross = self.config.settings.models[name].kind == "cross_encoder"
        alone = self.data.all_texts if self.data is not None and isinstance(step, Encode) else ()
        texts: Sequence[Any] = pairs if cross else list(dict.fromkeys([*alone, *sentences.texts_of(pairs)]))
        shelf = self.bench.shelf(name) if self._known(name) else None
        alike = same.known_alike(self.bench, name, texts) if shelf is not None else None
        if alike is not None:
            texts = [texts[i] for i in np.unique(alike)]
        stored = 0
        passes = -(-len(texts) // batch)
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
        pace = self._timed(name, texts) if rest else Pace(0.0, 0)
        each = _BYTES_PER_PAIR if cross else 4 * self._dimension(name)
        unit = "pairs" if cross else "sentences"
        return Planned(
            f"{'score pairs' if cross else 'encode sentences'} with {name}",
            users,
            len(texts),
            unit,
            False,
            stored,
            passes,
            rest * each if shelf is not None else 0,
            None if pace is None else rest * pace.seconds_per_text,
        )

    def _pace(self, name: str, what: str) -> Pace | None:
        """Seconds a document or pair takes, from a sample of the corpus; None where that cannot be tried."""
        if self.collection is None:
            return None
        positions = calibration.sample(self.n_documents, calibration.wanted_for(self._batch_size(name)))
        if what == "document":
            return self._timed(name, self.collection.corpus.fetch(positions))
        keys = np.asarray([(i % self.n_queries) * self.n_documents + p for i, p in enumerate(positions)])
        return self._timed(name, pair_texts(self.data.queries, keys, self.collection))

    def _timed(self, name: str, texts: Sequence[Any]) -> Pace | None:
        if not self.calibrate or name not in self.bench.requests:
            return None
        model: Any = self.bench.model(name)
        batch = self._batch_size(name)
        some = [texts[i] for i in calibration.sample(len(texts), calibration.wanted_for(batch))]
        pairs = bool(some) and not isinstance(some[0], str)
        do: Callable[[Sequence[Any]], object] = (
            model.score if pairs else lambda t: model.encode(t, "document")
        )
        return calibration.pace(do, some, batch)

    def _dimension(self, name: str) -> int:
        request = self.bench.requests.get(name)
        about: Mapping[str, Any] = {}
        if request is not None and request.folders:
            about = request.folders[-1].json("config.json", "0_Transformer/config.json")
        return int(about.get("hidden_size") or about.get("dim") or 768)

    def peak(self, steps: Sequence[Step]) -> int:
        """About the most memory of the process's own at any moment, in bytes."""
        weights = sum(
            path.stat().st_size
            for name, request in self.bench.requests.items()
            if name not in self.bench.loaded
            for folder in request.folders
            for path in folder.weights
        )
        base = own_bytes() if self.bench.loaded else _RUNTIME
        depths = [step.depth for step in steps if isinstance(step, Retrieve)]
        results = self.n_queries * (max(depths, default=0) + TILE) * 8
        return base + weights + results + 16 * self.n_documents + 64_000_000


__all__ = ["Plan", "Planned", "plan"]
