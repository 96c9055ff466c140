"""How a bi-encoder's documents are searched, and how results are fused."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Discriminator, Field, Tag

from harness.config.values import Positive
from harness.settings import Settings

FusionMethod = Literal["rrf", "weighted"]
Normalisation = Literal["min-max", "rank", "none"]


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
