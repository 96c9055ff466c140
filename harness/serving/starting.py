"""From an opening message to a pipeline that answers: models loaded, the index mapped or built, all of it timed."""

from __future__ import annotations

import platform
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, cast

import harness
from harness import console
from harness.config import LoadedConfig
from harness.datamodel import Run
from harness.datasets.corpus import Corpus
from harness.datasets.retrieval import RetrievalData
from harness.errors import DataError
from harness.models import device as devices
from harness.models.folders import Permissions
from harness.models.protocols import BiEncoder, CrossEncoder
from harness.models.sentence import import_libraries
from harness.pipelines import Bm25Retriever, Collection, GivenRun, VectorRetriever
from harness.plan import ann
from harness.plan.offline import go_offline
from harness.plan.opening import Opening, given_name, only
from harness.plan.serving import NotTimeable, not_timeable
from harness.plan.sharing import models_needed
from harness.plan.shelf import StoredEncoder
from harness.plan.workbench import Workbench, bench_to_look
from harness.progress import Advance, Row
from harness.search.resident import ResidentIndex
from harness.serving import stages
from harness.serving.base import Machinery, Served
from harness.serving.retrieval import Retrieval, Scorer, own_positions
from harness.serving.scoring import Encoding, Scoring
from harness.tasks import task_of
from harness.tasks.base import Candidates, Encode, Retrieve, ScoreSentences
from harness.tasks.first_stages import EVERYTHING, Source, depths, source_of
from harness.timing.clock import Clock
from harness.timing.environment import affinity_cpus, cgroup_memory_bytes

Details = dict[str, str | int | float]


@dataclass(frozen=True, eq=False)
class Started:
    """A pipeline that answers, and the figures of its start."""

    served: Served
    details: Mapping[str, str | int | float]
    devices: tuple[str, ...]

    def status(self) -> Details:
        """Return the figures of now: the peaks of each CUDA device's memory since the start, added up."""
        cuda = [device for device in self.devices if device.startswith("cuda")]
        if not cuda:
            return {}
        import torch

        return {
            "peak_device_bytes": sum(torch.cuda.max_memory_allocated(device) for device in cuda),
            "reserved_device_bytes": sum(torch.cuda.max_memory_reserved(device) for device in cuda),
        }


def start(message: Mapping[str, Any], clock: Clock) -> Started:
    """Start what an opening message names. Raises HarnessError."""
    opening = Opening.from_json(message)
    if opening.offline:
        go_offline()
    config = only(opening.config, opening.pipeline)
    starting = _Starting(opening, config, clock)
    served, used = starting.served()
    figures: Details = {
        "harness": harness.__version__,
        "python": platform.python_version(),
        "executable": sys.executable,
        "threads": opening.threads,
        "affinity": len(affinity_cpus()),
        "device": "+".join(used),
        "kinds": " ".join(served.kinds),
        **starting.figures,
    }
    limit = cgroup_memory_bytes()
    return Started(served, figures if limit is None else {**figures, "memory_limit_bytes": limit}, used)


@dataclass
class _BuildTimer:
    """A progress that shows nothing and adds up the time of what it is told about: building an index."""

    clock: Clock
    built_ns: int = 0
    tasks: int = 0

    @contextmanager
    def whole(self, rows: Sequence[Row]) -> Iterator[None]:
        yield

    @contextmanager
    def task(self, what: str, total: int, unit: str, begun: int = 0) -> Iterator[Advance]:
        started_ns = self.clock.now_ns()
        yield lambda done: None
        self.built_ns += self.clock.now_ns() - started_ns
        self.tasks += 1

    def note(self, text: str) -> None:
        console.tell(text)


@dataclass
class _Starting:
    """Loads what one pipeline needs, once, and keeps how long each part took."""

    opening: Opening
    config: LoadedConfig
    clock: Clock
    figures: Details = field(default_factory=dict)

    @contextmanager
    def timed(self, name: str) -> Iterator[None]:
        """Add the block's time to a figure."""
        started_ns = self.clock.now_ns()
        yield
        self.figures[name] = int(self.figures.get(name, 0)) + self.clock.now_ns() - started_ns

    def served(self) -> tuple[Served, tuple[str, ...]]:
        """Return the pipeline, and the devices of its models."""
        task = task_of(self.config.suite)
        task.check(self.config.suite)
        steps = task.steps(self.config)
        problem = not_timeable(self.config, self.opening.pipeline)
        if problem:
            raise NotTimeable(problem)
        if not all(self.bench.is_bm25(name) for name in models_needed(steps)):
            self._import()
        self.bench.find_models(steps)
        served: Served
        if isinstance(steps[0], ScoreSentences):
            served = self._scoring(steps[0])
        elif isinstance(steps[0], Encode):
            model = cast(BiEncoder, self._model(steps[0].model))
            served = Encoding(self._machinery, model)
        else:
            with self.timed("load_data_ns"):
                data = cast(RetrievalData, task.load(self.config))
            served = self._retrieval(data)
        return served, self._machinery.devices

    def _import(self) -> None:
        """Import what a model needs. A pipeline of words alone is served without it, as it would be."""
        with self.timed("import_ns"):
            import torch

            torch.set_num_threads(self.opening.threads)
            import_libraries()
        self.figures |= {"torch": str(torch.__version__), "threads": torch.get_num_threads()}

    @cached_property
    def progress(self) -> _BuildTimer:
        return _BuildTimer(self.clock)

    @cached_property
    def bench(self) -> Workbench:
        return bench_to_look(self.config, Permissions(offline=self.opening.offline), self.progress)

    def _model(self, name: str) -> BiEncoder | CrossEncoder:
        # Its key is the store's affair: hashing the weights is no part of loading a model.
        self.bench.recipe(name)
        with self.timed("load_model_ns"):
            model = self.bench.model(name)
        self.figures["model_bytes"] = int(self.figures.get("model_bytes", 0)) + int(
            getattr(model, "nbytes", 0)
        )
        return model

    @property
    def _machinery(self) -> Machinery:
        used = [devices.named(self.bench.requests[name].device) for name in self.bench.loaded]
        models = tuple(self.bench.model(name) for name in self.bench.loaded)
        return Machinery(self.clock, tuple(dict.fromkeys(used)) or ("cpu",), models)

    def _scoring(self, step: ScoreSentences) -> Scoring:
        model = self._model(step.model)
        is_cross = self.config.settings.models[step.model].kind == "cross_encoder"
        return Scoring(self._machinery, model, step.model, is_cross, step.similarity)

    def _retrieval(self, data: RetrievalData) -> Retrieval:
        collection = Collection(cast(Corpus, data.corpus))
        with self.timed("load_data_ns"):
            assert len(collection.ranks) == len(collection.flat_ids)
        pipeline = self.config.settings.pipelines[self.opening.pipeline]
        depth = depths(pipeline)[0]
        candidates = EVERYTHING if pipeline.candidates == "all" else depth
        step = self._source.step(candidates)
        scorer = encoder = None
        first: stages.FirstStage
        if isinstance(step, Candidates):
            first = self._candidates(step, data, collection)
        elif self.bench.is_bm25(step.source):
            first = self._words(step, collection)
        else:
            encoder = cast(BiEncoder, self._model(step.source))
            first = self._vectors(step, encoder, collection)
        if pipeline.rerank is not None:
            scorer = Scorer(cast(CrossEncoder, self._model(pipeline.rerank)), pipeline.rerank)
        if first.index_bytes:
            self.figures["index_bytes"] = first.index_bytes
        own = own_positions(collection.flat_ids, data.queries) if data.exclude_self else None
        return Retrieval(self._machinery, collection, first, depth, candidates, encoder, scorer, own)

    @property
    def _source(self) -> Source:
        """The first stage, as the whole config has it: what a sweep's depths settle holds for each of them."""
        config = self.opening.config
        given = given_name(config, self.opening.pipeline)
        return source_of(config, given, config.settings.pipelines[given])

    @contextmanager
    def _index(self) -> Iterator[None]:
        """Time an index: apart, what was built because the store did not hold it."""
        with self.timed("load_index_ns"):
            yield
        if self.progress.tasks:
            self.figures["build_index_ns"] = self.progress.built_ns
            self.figures["load_index_ns"] = int(self.figures["load_index_ns"]) - self.progress.built_ns

    def _vectors(self, step: Retrieve, model: BiEncoder, collection: Collection) -> stages.Vectors:
        name = step.source
        if step.how is not None:
            with self._index():
                searcher = ann.searcher(self.bench, name, step.how, collection)
            return stages.Vectors(model, name, searcher)
        with self._index():
            encoder = self.bench.encoder(name)
            blocks = (
                encoder.documents(collection)
                if isinstance(encoder, StoredEncoder)
                else VectorRetriever(encoder, name, collection, self.progress).blocks()
            )
            index = ResidentIndex(blocks, model.similarity, collection.ranks)
        return stages.Vectors(model, name, index)

    def _words(self, step: Retrieve, collection: Collection) -> stages.Words:
        with self._index():
            retriever = cast(Bm25Retriever, self.bench.retriever(step, collection, None))
            index = retriever.index
        return stages.Words(index, collection.ranks)

    def _candidates(self, step: Candidates, data: RetrievalData, collection: Collection) -> stages.FirstStage:
        if step.source == "all":
            return stages.Everything(len(collection))
        retriever = cast(GivenRun, self.bench.retriever(step, collection, data.candidates))
        run: Run = retriever.retrieve(data.queries, step.depth + data.exclude_self)
        if not run.n_rows:
            raise DataError(f"{step.source}: holds no candidates for any query of {self.config.suite.name}")
        positions = collection.positions(run)
        ends = run.offsets.tolist()
        return stages.Given(
            {
                query: (positions[low:high], run.scores[low:high])
                for query, low, high in zip(run.query_ids, ends[:-1], ends[1:], strict=True)
            }
        )
