"""From an opening message to a pipeline that answers: models loaded, the index mapped or built, all of it timed."""

from __future__ import annotations

import platform
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

import harness
from harness import console
from harness.config import LoadedConfig
from harness.datasets import trec
from harness.datasets.corpus import Corpus
from harness.datasets.retrieval import RetrievalData
from harness.errors import DataError
from harness.models import device as devices
from harness.models.answers import answers_of
from harness.models.endpoints.client import forbidden
from harness.models.folders import Permissions
from harness.models.protocols import BiEncoder, CrossEncoder
from harness.models.sentence import import_libraries
from harness.pipelines import Bm25Retriever, Collection, GivenRun
from harness.plan import ann, services
from harness.plan import passages as cutting
from harness.plan.offline import go_offline
from harness.plan.opening import Opening
from harness.plan.serving import NotTimeable
from harness.plan.workbench import Workbench, bench_to_look
from harness.progress import Advance, Row
from harness.search.bm25 import Bm25Index
from harness.search.passages import PassageIndex, Passages
from harness.search.settings import Approximate
from harness.serving.base import Machinery, Served
from harness.serving.models import Encoder, Scorer
from harness.serving.served import Named, Ranking, Sentences, WithoutOwn, own_positions
from harness.stages import Take, models_of
from harness.stages.live import Cutter, Live, Positions, Source, VectorIndex
from harness.stages.service import Service
from harness.tasks import steps_for, task_of
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
    starting = _Starting(opening, opening.config.with_only([opening.pipeline]), clock)
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

    @contextmanager
    def whole(self, rows: Sequence[Row]) -> Iterator[None]:
        yield

    @contextmanager
    def task(self, what: str, total: int, unit: str, begun: int = 0) -> Iterator[Advance]:
        started_ns = self.clock.now_ns()
        yield lambda done: None
        self.built_ns += self.clock.now_ns() - started_ns

    def note(self, text: str) -> None:
        console.tell(text)


class _Starting(Live):
    """Loads what one pipeline needs, once, and keeps how long each part took."""

    def __init__(self, opening: Opening, config: LoadedConfig, clock: Clock) -> None:
        self._opening, self._config, self._clock = opening, config, clock
        self._progress = _BuildTimer(clock)
        self._encoders: dict[str, Encoder] = {}
        self._scorers: dict[str, Scorer] = {}
        self._data: Any = None
        self.figures: Details = {}

    @contextmanager
    def timed(self, name: str) -> Iterator[None]:
        """Add the block's time to a figure."""
        started_ns = self._clock.now_ns()
        yield
        self.figures[name] = int(self.figures.get(name, 0)) + self._clock.now_ns() - started_ns

    def served(self) -> tuple[Served, tuple[str, ...]]:
        """Return the pipeline, and the devices of its models."""
        task = task_of(self._config.suite)
        task.check(self._config.suite)
        models = models_of(steps_for(self._config))
        pipeline = self._config.pipelines[self._opening.pipeline]
        if pipeline.stage.untimed:
            raise NotTimeable(f"{pipeline.name}: {pipeline.stage.untimed}")
        if models:
            self._import()
        self._bench.find_models(models)
        if pipeline.data != "queries":
            part = pipeline.stage.serve(self, pipeline.root.depth)
            per_request = 2 if pipeline.data == "pairs" else 1
            served: Served = Sentences(self._machinery, part, per_request, *self._apart)
        else:
            with self.timed("load_data_ns"):
                self._data = cast(RetrievalData, task.load(self._config))
                assert len(self.ranks) == len(self._collection.flat_ids)
            root = pipeline.stage.serve(self, pipeline.root.depth)
            depth = pipeline.root.depth
            served = Ranking(self._machinery, self._collection.flat_ids, root, depth, *self._apart)
        return served, self._machinery.devices

    def _import(self) -> None:
        """Import what a model needs. A pipeline of words alone is served without it, as it would be."""
        with self.timed("import_ns"):
            import torch

            torch.set_num_threads(self._opening.threads)
            import_libraries()
        self.figures |= {"torch": str(torch.__version__), "threads": torch.get_num_threads()}

    @cached_property
    def _bench(self) -> Workbench:
        return bench_to_look(self._config, Permissions(offline=self._opening.offline), self._progress)

    @property
    def _machinery(self) -> Machinery:
        used = [devices.named(self._bench.requests[name].device) for name in self._bench.loaded]
        models = tuple(self._bench.model(name) for name in self._bench.loaded)
        return Machinery(self._clock, tuple(dict.fromkeys(used)) or ("cpu",), models)

    @property
    def _apart(self) -> tuple[Encoder | None, Scorer | None]:
        """The first encoder and the first scorer: those whose throughput can be asked for."""
        return next(iter(self._encoders.values()), None), next(iter(self._scorers.values()), None)

    def _model(self, name: str) -> BiEncoder | CrossEncoder:
        # Its key is the store's affair: hashing the weights is no part of loading a model.
        self._bench.recipe(name)
        loaded = name in self._bench.loaded
        with self.timed("load_model_ns"):
            model = self._bench.model(name)
        if not loaded:
            size = int(getattr(model, "nbytes", 0))
            self.figures["model_bytes"] = int(self.figures.get("model_bytes", 0)) + size
        return model

    @contextmanager
    def _index(self) -> Iterator[None]:
        """Time an index: apart, what was built because the store did not hold it."""
        before = self._progress.built_ns
        with self.timed("load_index_ns"):
            yield
        built = self._progress.built_ns - before
        if built:
            self.figures["build_index_ns"] = int(self.figures.get("build_index_ns", 0)) + built
            self.figures["load_index_ns"] = int(self.figures["load_index_ns"]) - built

    def _holds(self, n_bytes: int) -> None:
        if n_bytes:
            self.figures["index_bytes"] = int(self.figures.get("index_bytes", 0)) + n_bytes

    @cached_property
    def _collection(self) -> Collection:
        return Collection(cast(Corpus, self._data.corpus))

    @property
    def ranks(self) -> NDArray[np.uint32]:
        """Places of the documents' ids, by position."""
        return self._collection.ranks

    def texts(self, positions: Sequence[int]) -> list[str]:
        """Fetch documents' texts."""
        return self._collection.corpus.fetch(positions)

    def stage(self, take: Take, name: str) -> Source:
        """Start a stage that others take from."""
        source: Source = take.stage.serve(self, take.depth)
        return Named(source, name) if name else source

    def first(self, source: Source) -> Source:
        """Leave out the query's own document where the suite does."""
        if not self._data.exclude_self:
            return source
        return WithoutOwn(source, own_positions(self._collection.flat_ids, self._data.queries))

    def encoder(self, model: str) -> Encoder:
        """Load a bi-encoder."""
        if model not in self._encoders:
            self._encoders[model] = Encoder(cast(BiEncoder, self._model(model)), model)
        return self._encoders[model]

    def scorer(self, model: str) -> Scorer:
        """Load a cross-encoder."""
        if model not in self._scorers:
            self._scorers[model] = Scorer(cast(CrossEncoder, self._model(model)), model)
        return self._scorers[model]

    def vectors(self, model: str, how: Approximate | None, passages: Passages | None) -> VectorIndex:
        """Load, or build, an index of an encoder's documents, or of their passages."""
        with self._index():
            if passages is not None:
                index: Any = self._in_passages(model, passages)
            elif how is not None:
                index = ann.searcher(self._bench, model, how, self._collection)
            else:
                encoder, ranks = self.encoder(model), self._collection.ranks
                index = answers_of(encoder.model).resident(self._blocks(model), encoder.similarity, ranks)
        self._holds(index.nbytes)
        return cast(VectorIndex, index)

    def _in_passages(self, model: str, how: Passages) -> PassageIndex:
        encoder, collection = self.encoder(model), self._collection
        parts = cutting.of_all(cutting.cut(self._bench, model, how, collection, self._texts), how)
        blocks = ann.blocks(self._bench, self._bench.encoder(model), model, parts.collection)
        form = answers_of(encoder.model)
        return PassageIndex(form, blocks, parts.counts, how.score, encoder.similarity, collection.ranks)

    @property
    def _texts(self) -> list[str]:
        return [query.text for query in self._data.queries]

    def cutter(self, model: str, passages: Passages) -> Cutter:
        """Return what cuts documents by a model's tokenizer."""
        return cutting.cutter(self._model(model), model, passages, self._texts)

    def rows(self, model: str) -> Callable[[Positions], NDArray[np.float32]]:
        """Load, or make, a bi-encoder's embeddings of documents."""
        with self._index():
            blocks = list(self._blocks(model))
        self._holds(sum(block.nbytes for block in blocks))
        return lambda positions: ann.picked(blocks, positions)

    def _blocks(self, model: str) -> Iterator[NDArray[Any]]:
        return ann.blocks(self._bench, self._bench.encoder(model), model, self._collection)

    def service(self, service: Service) -> services.Located:
        """Open what leads to a search service. Raises ModelError where the network may not be used."""
        if self._opening.offline:
            raise forbidden(service.url, "--offline")
        return services.Located(services.Asked(service, self._clock), self._collection)

    def words(self, model: str) -> Bm25Index:
        """Load, or build, an index of words."""
        with self._index():
            index = cast(Bm25Retriever, self._bench.retriever(model, self._collection)).index
        self._holds(index.nbytes)
        return index

    def candidates(self, path: str | None, depth: int) -> dict[str, tuple[Positions, NDArray[Any]]]:
        """Read candidates, one more where the query's own document may be among them. Raises DataError for none."""
        found = self._data.candidates if path is None else trec.read_run(self._config.folder / path)
        run = GivenRun(found).retrieve(self._data.queries, depth + self._data.exclude_self)
        if not run.n_rows:
            name = "dataset" if path is None else path
            raise DataError(f"{name}: holds no candidates for any query of {self._config.suite.name}")
        positions = self._collection.positions(run)
        ends = run.offsets.tolist()
        return {
            query: (positions[low:high], run.scores[low:high])
            for query, low, high in zip(run.query_ids, ends[:-1], ends[1:], strict=True)
        }
