"""What executing steps needs: the models, first stages and indexes of one config, each made when first needed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from importlib import metadata
from typing import Any

from harness.config import Bm25, LoadedConfig
from harness.datasets import trec
from harness.errors import DataError
from harness.models.folders import Permissions
from harness.pipelines import Bm25Retriever, Collection, Everything, GivenRun, Retriever, VectorRetriever
from harness.plan import ann
from harness.plan.models import Models
from harness.plan.sharing import users_of
from harness.progress import Progress, Row
from harness.search.ann import AnnIndex, Build
from harness.search.bm25 import Bm25Index
from harness.search.topk import TILE
from harness.store import open_store, trees
from harness.store.folder import folder_for
from harness.store.keys import key_of
from harness.tasks.base import BuildIndex, Candidates, Encode, Rerank, Retrieve, ScoreSentences, Step


@dataclass
class Workbench(Models):
    """The models of a config, and its first stages with their indexes."""

    _bm25: dict[str, Bm25Retriever] = field(default_factory=dict)
    ann_indexes: dict[tuple[str, Build], AnnIndex] = field(default_factory=dict)

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
        if step.how is not None:
            return ann.AnnRetriever(self, step.source, step.how, collection)
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
            elif isinstance(step, BuildIndex):
                found.append(Row(f"{step.source}: building {step.build.kind}", users))
            elif isinstance(step, Rerank):
                found.append(Row(f"{step.model}: scoring", users))
            elif isinstance(step, Encode):
                found.append(Row(f"{step.model}: encoding", users))
            elif isinstance(step, ScoreSentences):
                cross = self.config.settings.models[step.model].kind == "cross_encoder"
                found.append(Row(f"{step.model}: {'scoring' if cross else 'encoding'}", users))
        together: dict[str, tuple[str, ...]] = {}
        for row in found:  # one row for the work that several steps share
            together[row.what] = together.get(row.what, ()) + row.shared_by
        return [Row(what, users) for what, users in together.items()]


def bench_to_look(config: LoadedConfig, permissions: Permissions, progress: Progress) -> Workbench:
    """Return a workbench that finds what a run of the config left in its store, and makes no model itself."""
    root = folder_for(config.settings.store, config.folder)
    store = None if root is None else open_store(root, progress.note)
    max_tokens = config.suite.settings.dataset.get("max_tokens")
    return Workbench(config, permissions, progress, max_tokens, store, may_train=False)


def bm25_key(settings: Bm25) -> str:
    """Return what an index depends on but the corpus."""
    versions = {name: metadata.version(name) for name in ("bm25s", "PyStemmer")}
    return key_of(["bm25", settings.model_dump(mode="json"), versions])
