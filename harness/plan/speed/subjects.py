"""What is timed, on which texts: the suite's own queries, documents and pairs, never made-up ones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from harness.config import LoadedConfig
from harness.datamodel import Run
from harness.datasets.retrieval import RetrievalData
from harness.datasets.texts import TextsData
from harness.pipelines import Collection
from harness.results.tables import BASELINE_ARM
from harness.stages import Pipeline
from harness.tasks.base import Outcome
from harness.timing.service import Request

#: Most documents, and most pairs, that one batch call of the offline throughput works through.
SAMPLE = 1_024


@dataclass(frozen=True, eq=False)
class Material:
    """The texts that are served.

    Attributes:
        queries: of the closed and the open loop: queries, or the pairs or texts of another suite.
        documents: a seeded sample of the corpus, in its own order of drawing; empty without a corpus.
        pairs: by pipeline, (query, document) pairs that it reranked; empty where it reranks nothing.
    """

    queries: tuple[Request, ...]
    documents: tuple[Request, ...]
    pairs: Mapping[str, tuple[Request, ...]]


@dataclass(frozen=True)
class Subject:
    """A pipeline that can be timed, and which of its models' throughputs are measured through it.

    Attributes:
        name: of the pipeline.
        kinds: further kinds of request to measure the throughput of: ``document``, ``pair``.
        neural: whether it runs a model.
        reranks: whether it runs a cross-encoder over candidates.
    """

    name: str
    kinds: tuple[str, ...]
    neural: bool = False
    reranks: bool = False


def timeable(config: LoadedConfig) -> tuple[Subject, ...]:
    """Pipelines that answer queries, in order; an existing run answers none.

    A model's throughput is measured once, through the first pipeline that uses it.
    """
    seen: set[str] = set()
    found = []
    for name, pipeline in config.pipelines.items():
        if pipeline.stage.untimed:
            continue
        models = throughputs_of(pipeline)
        kinds = tuple(kind for kind, model in models.items() if model not in seen)
        seen |= set(models.values())
        found.append(Subject(name, kinds, bool(pipeline.models), "pair" in models))
    return tuple(found)


def throughputs_of(pipeline: Pipeline) -> dict[str, str]:
    """By kind of request, the model whose throughput says something apart: of several the first."""
    found: dict[str, str] = {}
    for stage in pipeline.stages:
        for kind, model in stage.throughputs:
            found.setdefault(kind, model)
    return found


def shared_from(config: LoadedConfig) -> dict[str, dict[str, str]]:
    """By pipeline and kind, the pipeline through which its model's throughput is measured, where another."""
    first: dict[str, str] = {}
    found: dict[str, dict[str, str]] = {}
    for subject in timeable(config):
        for kind, model in throughputs_of(config.pipelines[subject.name]).items():
            if first.setdefault(model, subject.name) != subject.name:
                found.setdefault(subject.name, {})[kind] = first[model]
    return found


def material_of(config: LoadedConfig, data: Any, outcome: Outcome) -> Material:
    """The texts of a suite, from data loaded for its quality and the runs found."""
    if isinstance(data, TextsData):
        return Material(tuple(_request(str(i), (text,)) for i, text in enumerate(data.all_texts)), (), {})
    if not isinstance(data, RetrievalData):
        pairs = tuple(_request(pair.id, (pair.first, pair.second)) for pair in data.pairs)
        return Material(pairs, (), {})
    queries = tuple(_request(query.id, (query.text,)) for query in data.queries)
    if data.corpus is None:
        return Material(queries, (), {})
    collection = Collection(data.corpus)
    generator = np.random.default_rng(config.settings.seed)
    some = generator.permutation(len(collection))[:SAMPLE]
    ids = collection.ids.take(some.tolist()).to_pylist()
    texts = data.corpus.fetch(some.tolist())
    documents = tuple(_request(i, (text,), "document") for i, text in zip(ids, texts, strict=True))
    found = {}
    for subject in timeable(config):
        run = outcome.runs.get(outcome.pipelines[subject.name].get("run") or "")
        if "pair" in subject.kinds and run is not None:
            found[subject.name] = _pairs(data, collection, run, config.settings.seed)
    return Material(queries, documents, found)


def baseline_name(name: str) -> str:
    """A pipeline's name as an arm of the baseline."""
    return f"{BASELINE_ARM}{name}"


def _pairs(data: RetrievalData, collection: Collection, run: Run, seed: int) -> tuple[Request, ...]:
    """A seeded sample of the pairs that a run holds, with their texts."""
    texts = {query.id: query.text for query in data.queries}
    rows = np.random.default_rng(seed).permutation(run.n_rows)[:SAMPLE]
    owners = np.searchsorted(run.offsets, rows, side="right") - 1
    positions = collection.positions(run)[rows]
    passages = data.corpus.fetch(positions.tolist()) if data.corpus is not None else []
    return tuple(
        _request(f"{run.query_ids[owner]}/{row}", (texts[run.query_ids[owner]], passage), "pair")
        for row, owner, passage in zip(rows.tolist(), owners.tolist(), passages, strict=True)
    )


def _request(name: str, texts: Sequence[str], kind: Any = "query") -> Request:
    return Request(name, tuple(texts), sum(map(len, texts)), kind)
