"""A pipeline of a config inside MTEB, as its search model, and a bi-encoder of a config as its encoder::

    import mteb
    from harness.mteb_model import Encoder, Search

    mteb.evaluate(Search("config.yaml", "two-stage@100"), tasks=[mteb.get_task("SciFact")])

What the config says of its pipelines and models holds there too; its own suite is not read. MTEB hands over texts, and
gets scores back: it ranks and measures by itself, and breaks ties in an order of its own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from harness.config import LoadedConfig, load_config
from harness.datamodel import Document, Qrels, Query, Run
from harness.datasets import mteb_tasks
from harness.datasets.corpus import MemoryCorpus
from harness.datasets.retrieval import RetrievalData
from harness.datasets.retrieval.kinds.mteb import document_text, query_text
from harness.errors import ConfigError, UsageError, listed, nearest
from harness.models.folders import Permissions
from harness.models.protocols import Embeddings, Role
from harness.plan.doing import Doing
from harness.plan.running import store_for
from harness.plan.workbench import Workbench
from harness.progress import Progress, Silent
from harness.stages import models_of
from harness.tasks import steps_for, task_of
from harness.tasks.retrieval import RetrievalTask

#: What MTEB calls the sides of a task.
_ROLES: Mapping[str | None, Role] = {"query": "query", "document": "document", None: "sentence"}


class _InMteb:
    """What both have: a config, and what MTEB is told of the model."""

    def __init__(self, config: LoadedConfig, name: str, framework: Sequence[str]) -> None:
        library = mteb_tasks.library("a model for MTEB")
        self.config = config
        self.mteb_model_meta = library.models.model_meta.ModelMeta.create_empty(
            {
                "name": f"encoder-harness/{config.name}-{name.replace('@', '-')}",
                "revision": config.digest[:12],
                "framework": list(framework),
            }
        )


class Search(_InMteb):
    """One pipeline of a retrieval config, as MTEB's SearchProtocol.

    Work is kept in the config's store and taken from there, as in a run.
    """

    def __init__(
        self,
        config: LoadedConfig | str | Path,
        pipeline: str,
        *,
        offline: bool = False,
        progress: Progress | None = None,
    ) -> None:
        """``config``: loaded, a name, or a path. Raises UsageError for a pipeline that cannot search a collection."""
        loaded = config if isinstance(config, LoadedConfig) else load_config(config)
        if not isinstance(task_of(loaded.suite), RetrievalTask):
            raise UsageError(
                f"{loaded.name}: its suite {loaded.suite.name} is no retrieval; its pipelines search nothing. Hand its "
                "model over as an Encoder"
            )
        chosen = loaded.with_only([pipeline])
        self._stage = chosen.pipelines[pipeline]
        dead = [stage.source for stage in self._stage.stages if not stage.live and stage.source != "dataset"]
        if dead:
            raise UsageError(
                f"{loaded.name}: pipeline {pipeline} takes results that were made before ({listed(dead)}), and cannot "
                "answer the queries of another task"
            )
        super().__init__(chosen, pipeline, ["PyTorch"])
        self._permissions, self._progress = Permissions(offline=offline), progress or Silent()
        self._corpus: MemoryCorpus | None = None

    def index(self, corpus: Any, *, task_metadata: Any, **_: Any) -> None:
        """Take a corpus of MTEB's, rows with id, text and perhaps a title. Searching begins with the queries."""
        self._corpus = MemoryCorpus(
            (Document(str(row["id"]), document_text(row)) for row in corpus), task_metadata.name
        )

    def search(
        self,
        queries: Any,
        *,
        task_metadata: Any,
        top_k: int,
        top_ranked: Mapping[str, Sequence[str]] | None = None,
        **_: Any,
    ) -> dict[str, dict[str, float]]:
        """Return each query's documents with their scores, at most ``top_k``.

        Raises UsageError where a reranking task gives candidates and the pipeline takes none, or the reverse.
        """
        if self._corpus is None:
            raise UsageError("search was asked for before index gave it a corpus")
        asked = tuple(Query(str(row["id"]), query_text(row, task_metadata.name)) for row in queries)
        names = tuple(query.id for query in asked)
        takes = any(stage.source == "dataset" for stage in self._stage.stages)
        if bool(top_ranked) != takes:
            raise UsageError(
                f"{task_metadata.name} gives candidates to rerank, and the pipeline searches by itself; hand over one "
                "with 'candidates: dataset'"
                if top_ranked
                else f"the pipeline reranks a data set's candidates, and {task_metadata.name} gives none"
            )
        candidates = None
        if top_ranked:
            candidates = Run.from_dict(
                {q: dict.fromkeys(map(str, docs), 0.0) for q, docs in top_ranked.items()}
            )
        nothing = Qrels.from_columns([], [], []).select(names)
        data = RetrievalData(asked, nothing, self._corpus, candidates)
        run = self._done(data).select(names).top(top_k)
        return {query: dict(run.results(query)) for query in names}

    def _done(self, data: RetrievalData) -> Run:
        steps = steps_for(self.config)
        with store_for(self.config, steps, self._progress) as store:
            bench = Workbench(self.config, self._permissions, self._progress, None, store)
            bench.find_models(models_of(steps))
            bench.load_models()
            (pipeline,) = self.config.pipelines.values()
            found: Run = Doing(bench, data).do_all(steps).of(pipeline)
            return found


class Encoder(_InMteb):
    """One bi-encoder of a config, as MTEB's EncoderProtocol, for all of its tasks of texts."""

    def __init__(
        self,
        config: LoadedConfig | str | Path,
        model: str,
        *,
        offline: bool = False,
        progress: Progress | None = None,
    ) -> None:
        """Load the model. Raises UsageError for one that the config does not have, ConfigError for another kind."""
        loaded = config if isinstance(config, LoadedConfig) else load_config(config)
        models = loaded.settings.models
        if model not in models:
            raise UsageError(
                f"{loaded.name} has no model {model!r}{nearest(model, models)}; it has {listed(models)}"
            )
        if models[model].kind != "bi_encoder":
            raise ConfigError(
                f"{loaded.name}: model {model} is a {models[model].kind}; MTEB's encoder is a bi_encoder"
            )
        super().__init__(loaded, model, ["Sentence Transformers", "PyTorch"])
        bench = Workbench(loaded, Permissions(offline=offline), progress or Silent())
        bench.find_models([model])
        bench.load_models()
        self._encoder = bench.encoder(model)
        self._functions = mteb_tasks.library("a model for MTEB").similarity_functions
        self._similarity = self._functions.ScoringFunction(self._encoder.similarity)

    def encode(self, inputs: Any, *, prompt_type: Any = None, **_: Any) -> Embeddings:
        """Return embeddings, [n_texts, dimension] float32; ``inputs`` are batches with ``text``."""
        texts = [text for batch in inputs for text in batch["text"]]
        role = _ROLES[None if prompt_type is None else str(getattr(prompt_type, "value", prompt_type))]
        found: Embeddings = self._encoder.encode(texts, role)
        return found

    def similarity(self, embeddings1: Any, embeddings2: Any) -> Any:
        """Compare every embedding of the first with every one of the second, [n1, n2]."""
        return self._functions.select_similarity(embeddings1, embeddings2, self._similarity)

    def similarity_pairwise(self, embeddings1: Any, embeddings2: Any) -> Any:
        """Compare the first with the first, the second with the second, [n]."""
        return self._functions.select_pairwise_similarity(embeddings1, embeddings2, self._similarity)


__all__ = ["Encoder", "Search"]
