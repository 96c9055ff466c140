"""Indexes of a bi-encoder's documents by FAISS: from the store, or built now and kept there."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from harness.datamodel import Query, Run
from harness.models.answers import finite
from harness.models.protocols import BiEncoder
from harness.pipelines import Collection, EncodesCorpus, VectorRetriever
from harness.plan.workbench import Workbench
from harness.search import ann
from harness.search.ann import AnnIndex, Facts, Searcher
from harness.search.settings import Approximate, Build
from harness.store import trees
from harness.store.keys import key_of
from harness.timing.clock import MonotonicClock

_KIND = "indexes"


def key(bench: Workbench, source: str, build: Build, collection: Collection) -> str | None:
    """Return what an index is kept under; None where it may not be kept."""
    vectors = bench.source_key(source)
    if bench.store is None or vectors is None:
        return None
    return key_of(["ann", vectors, collection.corpus.contents.sha256, vars(build), ann.version()])


def source_key(bench: Workbench, model: str, how: Approximate | None) -> str | None:
    """Return the key of a search but for corpus and queries; None where its results may not be kept."""
    source = bench.source_key(model)
    if source is None or how is None:
        return source
    return key_of(["ann", source, how.as_dict(), ann.version()])


def facts(bench: Workbench, source: str, build: Build, collection: Collection) -> Facts:
    """Return what an index is, building it where it is not in the store."""
    named = key(bench, source, build, collection)
    if bench.store is not None and named is not None:
        folder = trees.read(bench.store, _KIND, named)
        if folder is not None:
            return ann.facts_of(folder)
    return opened(bench, source, build, collection).facts


def opened(bench: Workbench, source: str, build: Build, collection: Collection) -> AnnIndex:
    """Return an index, in memory; built where it is not in the store. Raises ModelError, UsageError."""
    if (source, build) not in bench.ann_indexes:
        bench.ann_indexes[source, build] = _opened(bench, source, build, collection)
    return bench.ann_indexes[source, build]


def _opened(bench: Workbench, source: str, build: Build, collection: Collection) -> AnnIndex:
    store, named = bench.store, key(bench, source, build, collection)
    if store is None or named is None:
        return _built(bench, source, build, collection)
    with store.locked(named):
        folder = trees.read(store, _KIND, named)
        if folder is None:
            trees.write(store, _KIND, named, _built(bench, source, build, collection).save)
            folder = trees.read(store, _KIND, named)
            assert folder is not None
        return AnnIndex.load(folder)


def _built(bench: Workbench, source: str, build: Build, collection: Collection) -> AnnIndex:
    ann.version()
    encoder = bench.encoder(source)
    ann.check_similarity(encoder.similarity, build)
    ann.check_dimensions(build, bench.dimension(source))
    every = kept(bench, source, collection)  # encoded first, mapped where there is a store
    with bench.progress.task(f"{source}: building {build.kind}", len(collection), "documents") as advance:
        return ann.build(every, encoder.similarity, build, MonotonicClock(), advance)


def blocks(
    bench: Workbench, encoder: BiEncoder, source: str, collection: Collection
) -> Iterator[NDArray[Any]]:
    """Yield every document's embedding, from the store or encoded now, [n, dimension] in order of position."""
    if isinstance(encoder, EncodesCorpus):
        return encoder.documents(collection)
    return VectorRetriever(encoder, source, collection, bench.progress).blocks()


def kept(bench: Workbench, source: str, collection: Collection) -> list[NDArray[Any]]:
    """Return every document's embedding as ``blocks``, made once: without a store they stay in memory."""
    if source not in bench.blocks:
        bench.blocks[source] = list(blocks(bench, bench.encoder(source), source, collection))
    return bench.blocks[source]


def searcher(bench: Workbench, source: str, how: Approximate, collection: Collection) -> Searcher:
    """Return an index ready to be searched, as a server holds it."""
    index, rows = opened(bench, source, how.build, collection), None
    if how.rescore is not None:
        full = kept(bench, source, collection)
        rows = partial(picked, full)
    return Searcher(index, how.ef, collection.ranks, how.rescore, rows)


def picked(blocks: Sequence[NDArray[Any]], positions: NDArray[np.int64]) -> NDArray[np.float32]:
    """Return the rows of blocks at some positions, [n_positions, dimension] float32, in their order."""
    wanted, place = np.unique(positions, return_inverse=True)
    rows = np.empty((len(wanted), blocks[0].shape[1]), dtype=np.float32)
    start = 0
    for block in blocks:
        low, high = np.searchsorted(wanted, [start, start + len(block)])
        rows[low:high] = block[wanted[low:high] - start]
        start += len(block)
    return rows[place]


class AnnRetriever:
    """A bi-encoder whose documents are searched through an index."""

    def __init__(self, bench: Workbench, source: str, how: Approximate, collection: Collection) -> None:
        self._bench, self._source, self._how, self._collection = bench, source, how, collection

    def retrieve(self, queries: Sequence[Query], depth: int) -> Run:
        """Encode the queries and search."""
        texts = [query.text for query in queries]
        encoder = self._bench.encoder(self._source)
        encoded = finite(encoder.encode(texts, "query"), self._source, texts)
        index = searcher(self._bench, self._source, self._how, self._collection)
        return self._collection.run(queries, index.search(encoded, depth))
