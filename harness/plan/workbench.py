"""What executing steps needs: the models and indexes of one config, each made when first needed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from importlib import metadata
from typing import Any

from numpy.typing import NDArray

from harness.config import Bm25, LoadedConfig
from harness.models.folders import Permissions
from harness.pipelines import Bm25Retriever, Collection, InPassages, Retriever, VectorRetriever
from harness.plan.models import Models
from harness.progress import Progress
from harness.search.ann import AnnIndex
from harness.search.bm25 import Bm25Index
from harness.search.settings import Build
from harness.search.topk import TILE
from harness.store import open_store, trees
from harness.store.folder import folder_for
from harness.store.keys import key_of

_KEPT = 2  # the form in which an index of BM25, and what it found, is kept


@dataclass
class Workbench(Models):
    """The models of a config, and their indexes."""

    _bm25: dict[str, Bm25Retriever] = field(default_factory=dict)
    ann_indexes: dict[tuple[str, Build], AnnIndex] = field(default_factory=dict)
    blocks: dict[str, list[NDArray[Any]]] = field(
        default_factory=dict
    )  # of documents' embeddings, where kept

    def is_bm25(self, source: str) -> bool:
        """Whether a source is BM25, by its own name or by that of a model of this kind."""
        model = self.config.settings.models.get(source)
        return source == "bm25" if model is None else model.kind == "bm25"

    def bm25_settings(self, source: str) -> Bm25:
        """Return the settings of a BM25 source."""
        model = self.config.settings.models.get(source)
        if model is not None and model.bm25 is not None:
            return model.bm25
        return Bm25(language=self.config.suite.settings.language)

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

    def retriever(self, source: str, collection: Collection, parts: InPassages | None = None) -> Retriever:
        """Return what searches all documents exactly: BM25, or an encoder, which may look at their passages."""
        if not self.is_bm25(source):
            encoder: Any = self.encoder(source)
            if source in self.blocks and parts is None:
                encoder = Kept(encoder, self.blocks[source])
            return VectorRetriever(encoder, source, collection, self.progress, parts)
        if source not in self._bm25:
            settings = self.bm25_settings(source)
            keep = self._index_keeper(settings, collection)
            self._bm25[source] = Bm25Retriever(settings, collection, self.progress, keep, source)
        return self._bm25[source]

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


class Kept:
    """An encoder whose documents are encoded already."""

    def __init__(self, encoder: Any, blocks: list[NDArray[Any]]) -> None:
        self.similarity, self.encode, self._blocks = encoder.similarity, encoder.encode, blocks

    def documents(self, collection: Collection) -> Iterator[NDArray[Any]]:
        """Yield them."""
        yield from self._blocks


def bench_to_look(config: LoadedConfig, permissions: Permissions, progress: Progress) -> Workbench:
    """Return a workbench that finds what a run of the config left in its store, and makes no model itself."""
    root = folder_for(config.settings.store, config.folder)
    store = None if root is None else open_store(root, progress.note)
    max_tokens = config.suite.settings.dataset.get("max_tokens")
    return Workbench(config, permissions, progress, max_tokens, store, may_train=False)


def bm25_key(settings: Bm25) -> str:
    """Return what an index depends on but the corpus."""
    versions = {name: metadata.version(name) for name in ("bm25s", "PyStemmer")}
    return key_of(["bm25", _KEPT, settings.told(), versions])
