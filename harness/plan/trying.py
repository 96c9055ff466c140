"""One query typed in: what each pipeline answers."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, cast

from harness.config import LoadedConfig
from harness.datamodel import Query, SentencePair
from harness.datasets.corpus import Corpus
from harness.errors import UsageError
from harness.models.folders import Permissions
from harness.pipelines import Collection
from harness.plan import passages
from harness.plan.doing import Doing
from harness.plan.offline import go_offline
from harness.plan.workbench import Workbench
from harness.progress import Progress
from harness.stages import models_of
from harness.store import open_store
from harness.store.folder import folder_for
from harness.tasks import steps_for, task_of
from harness.tasks.pairs import PairTask
from harness.tasks.retrieval import RetrievalTask

_QUERY = "typed"


@dataclass(frozen=True)
class Tried:
    """A pipeline's first results for one query, each with id, score and text."""

    pipeline: str
    results: list[dict[str, Any]]


def try_text(config: LoadedConfig, text: str, top: int, *, offline: bool, progress: Progress) -> list[Tried]:
    """Return what each pipeline of a config answers to a text.

    Pipelines whose results were made before (run files, a data set's candidates) cannot answer and are left
    out.
    Raises UsageError where none is left, or where the text is empty.
    """
    if not text.strip():
        raise UsageError("the text to search for is empty")
    if top < 1:
        raise UsageError(f"--top is {top}; it starts at 1")
    if offline:
        go_offline()
    task = task_of(config.suite)
    task.check(config.suite)
    if not isinstance(task, RetrievalTask):
        return _similar(config, text, Permissions(offline=offline), progress)
    config = _answering(config)
    steps = steps_for(config)
    root = folder_for(config.settings.store, config.folder)
    store = None if root is None else open_store(root, progress.note)
    limit = config.suite.settings.dataset.get("max_tokens")
    bench = Workbench(config, Permissions(offline=offline), progress, limit, store)
    bench.find_models(models_of(steps))
    data = task.load(config)
    passages.check(config, bench, data)
    bench.load_models()
    typed = replace(data, queries=(Query(_QUERY, text),), exclude_self=False)
    done = Doing(bench, typed).do_all(steps)
    collection = Collection(cast(Corpus, data.corpus))
    return [
        Tried(name, _shown(done.of(pipeline).top(top), collection))
        for name, pipeline in config.pipelines.items()
    ]


def _answering(config: LoadedConfig) -> LoadedConfig:
    live = [name for name, one in config.pipelines.items() if all(stage.live for stage in one.stages)]
    if not live:
        raise UsageError(
            f"no pipeline of {config.name} searches by itself; run files cannot answer a new query"
        )
    return config.with_only(live)


def _shown(run: Any, collection: Collection) -> list[dict[str, Any]]:
    found = list(run.results(_QUERY))
    texts = collection.corpus.fetch(collection.positions(run).tolist())
    return [
        {"id": doc_id, "score": score, "text": text}
        for (doc_id, score), text in zip(found, texts, strict=True)
    ]


def _similar(config: LoadedConfig, text: str, permissions: Permissions, progress: Progress) -> list[Tried]:
    task = task_of(config.suite)
    if not isinstance(task, PairTask):
        raise UsageError(
            f"suite {config.suite.name} has the task {task.name}: a single text has no answer there; 'harness try' "
            "is for retrieval and for sentence pairs"
        )
    parts = [part.strip() for part in text.split("|")]
    if len(parts) != 2 or not all(parts):
        raise UsageError(
            f"suite {config.suite.name} compares sentences: give two, as in 'A dog runs. | A cat sleeps.'"
        )
    steps = steps_for(config)
    bench = Workbench(config, permissions, progress)
    bench.find_models(models_of(steps))
    done = Doing(bench, _Pair((SentencePair("typed", parts[0], parts[1], 0.0),))).do_all(steps)
    return [
        Tried(name, [{"id": "pair", "score": float(done.of(pipeline)[0]), "text": " | ".join(parts)}])
        for name, pipeline in config.pipelines.items()
    ]


@dataclass(frozen=True)
class _Pair:
    """The pair that was typed, as a suite's data hold it."""

    pairs: tuple[SentencePair, ...]
