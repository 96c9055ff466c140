"""Search through FAISS: flat, which looks at every vector, and HNSW, a graph of near neighbours, which does not.

A flat index may hold less than the vectors: their first dimensions, 16 or 8 bits of each number, or its sign alone.

HNSW: Malkov and Yashunin 2020. A graph depends on the order in which its documents come in, so it is built by one
thread, in tiles of fixed size: the same vectors give the same graph, whatever the machine.
"""

from __future__ import annotations

import json
import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from harness.errors import ModelError, UsageError
from harness.search import exact
from harness.search.settings import Build
from harness.search.topk import TILE, Positions, Scores, best, canonical
from harness.timing.clock import NS_PER_S, Clock, elapsed_ns

_ABOUT, _INDEX = "about.json", "index.faiss"
_SIMILARITIES = ("cosine", "dot", "euclidean")


@dataclass(frozen=True)
class Facts:
    """What an index is and what it took.

    Attributes:
        documents, dimension: of its vectors.
        similarity: that it was built for.
        longest: length of the longest vector.
        n_bytes: of vectors and graph.
        build_s: by one thread, encoding apart, when it was built.
        faiss: the library's version.
        full: dimension of the vectors that the index was made of, where it holds fewer of them.
        signs: whether it holds the numbers' signs alone, and compares by how many differ.
    """

    documents: int
    dimension: int
    similarity: str
    longest: float
    n_bytes: int
    build_s: float
    faiss: str
    full: int | None = None
    signs: bool = False


def version() -> str:
    """Return FAISS's version. Raises UsageError where it is not installed."""
    try:
        return metadata.version("faiss-cpu")
    except metadata.PackageNotFoundError:
        return str(_library().__version__)


def build(
    blocks: Sequence[NDArray[Any]],
    similarity: str,
    how: Build,
    clock: Clock,
    advance: Callable[[int], None] = lambda done: None,
) -> AnnIndex:
    """Build an index.

    Args:
        blocks: [n, dimension] in order of position, fp32 or fp16. They are gone through twice for int8, whose steps
            lie between each dimension's least and greatest number.
        similarity: cosine, dot or euclidean.
        how: flat, or HNSW with its settings; and what is kept of the vectors.
        clock: times the building, without what brings the blocks.
        advance: told of every tile.

    Raises ModelError for another similarity, or no vectors; UsageError without FAISS.
    """
    faiss = _library()
    check_similarity(similarity, how)
    check_dimensions(how, int(blocks[0].shape[1]) if blocks else None)
    signs = how.quantization == "binary"
    index: Any = None
    taken, longest, full = 0, 0.0, 0
    for tile in _tiles(blocks):
        longest, full = max(longest, exact.longest(tile)), tile.shape[1]
        vectors = _prepared(tile, how.dimensions, similarity)
        if index is None:
            index = _empty(faiss, vectors.shape[1], similarity, how)
            if how.quantization == "int8":
                index.train(_range(blocks, how.dimensions, similarity))
        started = clock.now_ns()
        with _one_thread(faiss):
            index.add(_signs(vectors) if signs else np.ascontiguousarray(vectors))
        taken += elapsed_ns(started, clock.now_ns())
        advance(len(tile))
    if index is None:
        raise ModelError("there are no vectors to build an index of")
    n_bytes = round(index.ntotal * how.bytes_of(index.d))
    if how.m is not None:
        graph = index.hnsw
        n_bytes += graph.neighbors.size() * 4 + graph.offsets.size() * 8 + graph.levels.size() * 4
    facts = Facts(
        index.ntotal, index.d, similarity, longest, n_bytes, taken / NS_PER_S, version(), full, signs
    )
    return AnnIndex(index, facts)


@dataclass(frozen=True, eq=False)
class AnnIndex:
    """A built index."""

    index: Any
    facts: Facts

    def save(self, folder: Path) -> None:
        """Write it into a folder."""
        faiss = _library()
        (faiss.write_index_binary if self.facts.signs else faiss.write_index)(
            self.index, str(folder / _INDEX)
        )
        (folder / _ABOUT).write_text(json.dumps(vars(self.facts)), encoding="utf-8")

    @classmethod
    def load(cls, folder: Path) -> AnnIndex:
        """Read what was saved."""
        faiss, facts = _library(), facts_of(folder)
        read = faiss.read_index_binary if facts.signs else faiss.read_index
        return cls(read(str(folder / _INDEX)), facts)

    def search(
        self, queries: exact.Matrix, depth: int, ef: int | None, ranks: NDArray[Any]
    ) -> list[tuple[Positions, Scores]]:
        """Return each query's nearest documents that the index finds, in canonical order, at most ``depth``.

        Which of several documents that tie at the last place are found is the library's choice.

        Args:
            queries: [n_queries, dimension].
            depth: how many documents to find.
            ef: candidates that HNSW keeps; never fewer than are asked for.
            ranks: [n_documents] places of the documents' ids, to break ties.
        """
        faiss, facts = _library(), self.facts
        full = facts.full or facts.dimension
        if queries.shape[1] != full:
            raise ModelError(f"queries of {queries.shape[1]} dimensions, documents of {full}")
        exact.check_range(queries, facts.longest, facts.similarity)
        wanted = min(depth, facts.documents)
        prepared = _prepared(queries, facts.dimension, facts.similarity)
        if facts.signs:
            apart, places = self.index.search(_signs(prepared), wanted)
            return [_ordered(row, -value, ranks) for row, value in zip(places, apart, strict=True)]
        params = None if ef is None else faiss.SearchParametersHNSW(efSearch=max(ef, wanted))
        found, places = self.index.search(
            np.ascontiguousarray(prepared, dtype=np.float32), wanted, params=params
        )
        scores = -np.sqrt(np.maximum(found, 0)) if facts.similarity == "euclidean" else found
        return [_ordered(row, value, ranks) for row, value in zip(places, scores, strict=True)]


@dataclass(frozen=True, eq=False)
class Searcher:
    """An index with the settings it is searched with, as a server holds it."""

    index: AnnIndex
    ef: int | None
    ranks: NDArray[Any]
    rescore: int | None = None
    rows: Callable[[Positions], exact.Matrix] | None = None  # the full vectors of documents, to rescore by

    @property
    def nbytes(self) -> int:
        """Bytes of vectors and graph; the full vectors that results are rescored by are not held in memory."""
        return self.index.facts.n_bytes

    @property
    def bytes_read(self) -> int:
        """Bytes that a search reads: all of a flat index; of a graph it depends on the query, and is not counted."""
        return self.nbytes if self.ef is None else 0

    def search(self, queries: exact.Matrix, depth: int) -> list[tuple[Positions, Scores]]:
        """Return (positions, scores) of each query, in canonical order."""
        if self.rescore is None or self.rows is None:
            return self.index.search(queries, depth, self.ef, self.ranks)
        measure, similarity = exact.SIMILARITIES[self.index.facts.similarity], self.index.facts.similarity
        found = []
        for query, (places, _) in zip(
            queries, self.index.search(queries, depth * self.rescore, self.ef, self.ranks), strict=True
        ):
            full = _prepared(self.rows(places), None, similarity)
            scores = measure(_prepared(query[None, :], None, similarity), full)[0]
            chosen = best(scores, min(depth, len(scores)), self.ranks[places])
            found.append((places[chosen], np.asarray(scores[chosen], dtype=np.float32)))
        return found


def facts_of(folder: Path) -> Facts:
    """Read what a saved index is, without the index."""
    return Facts(**json.loads((folder / _ABOUT).read_text(encoding="utf-8")))


def check_dimensions(how: Build, dimension: int | None) -> None:
    """Raise ModelError where more dimensions are asked for than vectors have, or signs that fill no whole bytes."""
    if dimension is not None and (how.dimensions or 0) > dimension:
        raise ModelError(
            f"dimensions {how.dimensions} is more than the {dimension} of this model's embeddings; ask for fewer, or "
            "leave it out"
        )
    kept = how.dimensions or dimension
    if how.quantization == "binary" and kept is not None and kept % 8:
        raise ModelError(
            f"quantization: binary packs signs into bytes, and {kept} dimensions are no multiple of 8"
        )


def check_similarity(similarity: str, how: Build) -> None:
    """Raise ModelError for a similarity that an index is not built for."""
    if how.quantization == "binary" and similarity not in ("cosine", "dot"):
        raise ModelError(
            f"quantization: binary keeps directions alone, and this model compares by {similarity}, which needs "
            "lengths; take int8 or float16, or set 'similarity: cosine'"
        )
    if similarity not in _SIMILARITIES:
        raise ModelError(
            f"an index by FAISS compares by {', '.join(_SIMILARITIES)}, and this model by {similarity}; leave 'index' "
            "out, which searches exactly, or set another similarity"
        )


def _ordered(places: NDArray[np.int64], scores: Scores, ranks: NDArray[Any]) -> tuple[Positions, Scores]:
    kept = places >= 0  # -1: fewer were found
    places, scores = places[kept].astype(np.int64), np.asarray(scores[kept], dtype=np.float32)
    order = canonical(places, scores, ranks)
    return places[order], scores[order]


def _empty(faiss: Any, dimension: int, similarity: str, how: Build) -> Any:
    metric = faiss.METRIC_L2 if similarity == "euclidean" else faiss.METRIC_INNER_PRODUCT
    if how.quantization == "binary":
        return faiss.IndexBinaryFlat(dimension)
    if how.quantization is not None:
        coarse = {"int8": faiss.ScalarQuantizer.QT_8bit, "float16": faiss.ScalarQuantizer.QT_fp16}
        return faiss.IndexScalarQuantizer(dimension, coarse[how.quantization], metric)
    if how.m is None:
        return faiss.IndexFlat(dimension, metric)
    index = faiss.IndexHNSWFlat(dimension, how.m, metric)
    index.hnsw.efConstruction = how.ef_construction
    return index


def _prepared(vectors: exact.Matrix, dimensions: int | None, similarity: str) -> exact.Matrix:
    """Return the first numbers of vectors, of length 1 again where their length says nothing."""
    cut = vectors if dimensions is None else vectors[:, :dimensions]
    return exact.normalised(cut) if similarity == "cosine" else cut


def _signs(vectors: exact.Matrix) -> NDArray[np.uint8]:
    """Return which numbers are above 0, eight in a byte."""
    return np.packbits(vectors > 0, axis=1)


def _range(blocks: Iterable[NDArray[Any]], dimensions: int | None, similarity: str) -> exact.Matrix:
    """Return the least and the greatest number of each dimension, [2, dimensions]."""
    ends: list[exact.Matrix] = []
    for tile in _tiles(blocks):
        vectors = _prepared(tile, dimensions, similarity)
        both = np.concatenate([*ends, vectors])
        ends = [np.stack([both.min(axis=0), both.max(axis=0)])]
    return ends[0]


def _tiles(blocks: Iterable[NDArray[Any]]) -> Iterator[exact.Matrix]:
    """Cut blocks anew into tiles of one size, since a graph depends on what is added together."""
    waiting: list[exact.Matrix] = []
    rows = 0
    for block in blocks:
        part = np.asarray(block, dtype=np.float32)
        while len(part):
            taken = part[: TILE - rows]
            waiting.append(taken)
            rows, part = rows + len(taken), part[len(taken) :]
            if rows == TILE:
                yield np.concatenate(waiting)
                waiting, rows = [], 0
    if rows:
        yield np.concatenate(waiting)


@contextmanager
def _one_thread(faiss: Any) -> Iterator[None]:
    before = faiss.omp_get_max_threads()
    faiss.omp_set_num_threads(1)
    try:
        yield
    finally:
        faiss.omp_set_num_threads(before)


def _library() -> Any:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # its bindings use what newer Pythons warn of
            import faiss
    except ImportError:
        raise UsageError(
            "'index: flat' and 'index: hnsw', 'dimensions', 'quantization' and 'rescore' need FAISS, which is not "
            "installed: 'python -m pip install faiss-cpu'"
        ) from None
    return faiss
