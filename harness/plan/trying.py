"""One query typed in: what each pipeline answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, cast

from harness.config import LoadedConfig
from harness.config.pipelines import unrolled_names
from harness.datamodel import Query, SentencePair
from harness.datasets.corpus import Corpus
from harness.errors import UsageError
from harness.models.folders import Permissions
from harness.pipelines import Collection
from harness.plan import searching, sentences
from harness.plan.offline import go_offline
from harness.plan.workbench import Workbench
from harness.progress import Progress
from harness.store import open_store
from harness.store.folder import folder_for
from harness.tasks import task_of
from harness.tasks.base import Step
from harness.tasks.pairs import PairTask
from harness.tasks.retrieval import RetrievalTask

_QUERY = "typed"


@dataclass(frozen=True)
class Answer:
    """A pipeline's first results for one query, each with id, score and text."""

    pipeline: str
    results: list[dict[str, Any]]


def try_text(config: LoadedConfig, text: str, top: int, *, offline: bool, progress: Progress) -> list[Answer]:
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
    steps = task.steps(config)
    root = folder_for(config.settings.store, config.folder)
    store = None if root is None else open_store(root, progress.note)
    limit = config.suite.settings.dataset.get("max_tokens")
    bench = Workbench(config, Permissions(offline=offline), progress, limit, store)
    bench.find_models(steps)
    data = task.load(config)
    bench.load_models()
    typed = replace(data, queries=(Query(_QUERY, text),), exclude_self=False)
    results = dict(searching.search(bench, steps, typed))
    collection = Collection(cast(Corpus, data.corpus))
    return [
        Answer(name, _shown(run.top(top), collection))
        for name, run in task.runs(config, typed, results).items()
    ]


def _answering(config: LoadedConfig) -> LoadedConfig:
    given = config.settings.pipelines
    kept = {
        name: pipeline
        for name, pipeline in given.items()
        if pipeline.run is None
        and pipeline.candidates != "dataset"
        and not _is_run_file(config, pipeline.candidates)
    }
    left = {full for name, pipeline in kept.items() for full in unrolled_names(name, pipeline)}
    kept = {name: pipeline for name, pipeline in kept.items() if set(pipeline.fuse or ()) <= left}
    if not kept:
        raise UsageError(
            f"no pipeline of {config.name} searches by itself; run files cannot answer a new query"
        )
    return replace(config, settings=config.settings.model_copy(update={"pipelines": kept, "compare": None}))


def _is_run_file(config: LoadedConfig, candidates: str | None) -> bool:
    return candidates is not None and candidates not in ("all", "bm25", *config.settings.models)


def _shown(run: Any, collection: Collection) -> list[dict[str, Any]]:
    found = list(run.results(_QUERY))
    texts = collection.corpus.fetch(collection.positions(run).tolist())
    return [
        {"id": doc_id, "score": score, "text": text}
        for (doc_id, score), text in zip(found, texts, strict=True)
    ]


def _similar(config: LoadedConfig, text: str, permissions: Permissions, progress: Progress) -> list[Answer]:
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
    steps = task.steps(config)
    bench = Workbench(config, permissions, progress)
    bench.find_models(steps)
    scores: Mapping[Step, Any] = dict(
        sentences.score(bench, steps, [SentencePair("typed", parts[0], parts[1], 0.0)])
    )
    return [
        Answer(name, [{"id": "pair", "score": float(scores[step][0]), "text": " | ".join(parts)}])
        for name, step in task.expanded(config)
    ]
