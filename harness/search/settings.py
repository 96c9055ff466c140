"""How documents are searched, as a config says it: BM25's settings, and indexes of a bi-encoder's vectors."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import Discriminator, Field, Tag

from harness.settings import Settings
from harness.values import Positive

Similarity = Literal["cosine", "dot", "euclidean", "manhattan"]
LEAST_EF = 64


class Bm25(Settings):
    """BM25 by bm25s; the defaults are Lucene's variant with Anserini's parameters."""

    k1: Annotated[float, Field(ge=0)] = 0.9
    b: Annotated[float, Field(ge=0, le=1)] = 0.4
    method: Literal["lucene", "robertson", "atire", "bm25l", "bm25+"] = "lucene"
    stemmer: str | None = "english"
    stopwords: Literal["english", "none"] | tuple[str, ...] = "english"


class Hnsw(Settings):
    """A graph of near neighbours (Malkov and Yashunin 2020), with FAISS's names.

    Attributes:
        m: neighbours of each document in the graph; twice as many on its lowest level.
        ef: candidates kept while searching, at least the depth; None: the larger of 64 and the depth.
        ef_construction: candidates kept while building.
    """

    m: Annotated[int, Field(ge=2, le=512)] = 32
    ef: Positive | None = None
    ef_construction: Positive = 200


class HnswIndex(Settings):
    """An HNSW index with settings of its own."""

    hnsw: Hnsw


def _tag(value: Any) -> str | None:
    if isinstance(value, str):
        return "<word>"
    return "<hnsw>" if isinstance(value, dict | HnswIndex) else None


IndexSettings = Annotated[
    Annotated[Literal["exact", "flat", "hnsw"], Tag("<word>")] | Annotated[HnswIndex, Tag("<hnsw>")],
    Discriminator(
        _tag,
        custom_error_type="index",
        custom_error_message="must be exact, flat, hnsw, or {hnsw: {m: 32, ef: 64, ef_construction: 200}}",
    ),
]


@dataclass(frozen=True)
class Build:
    """How an index is built: HNSW with ``m`` and ``ef_construction``, or flat without."""

    m: int | None = None
    ef_construction: int | None = None

    @property
    def kind(self) -> str:
        """``hnsw`` or ``flat``."""
        return "flat" if self.m is None else "hnsw"


@dataclass(frozen=True)
class Approximate:
    """How a source is searched, other than exactly by this package: an index, and ``ef`` while searching HNSW."""

    build: Build
    ef: int | None = None

    def as_dict(self) -> dict[str, Any]:
        """Return what a bundle says of it."""
        if self.build.m is None:
            return {"kind": "flat"}
        return {
            "kind": "hnsw",
            "m": self.build.m,
            "ef": self.ef,
            "ef_construction": self.build.ef_construction,
        }
