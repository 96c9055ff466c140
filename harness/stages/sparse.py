"""Sparse: the documents whose learned weights of words meet a query's, by a sparse encoder, exactly."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from harness.search.passages import Passages
from harness.stages.encoded import Encoded
from harness.stages.searching import exactly, searches
from harness.stages.told import Sentence

_SHARE = 0.02  # of a vocabulary that a trained model's document weighs, at most


@dataclass(frozen=True)
class Sparse(Encoded):
    """A sparse encoder over the whole collection."""

    model: str
    passages: Passages | None = None
    share: ClassVar[float] = _SHARE

    @property
    def kind(self) -> str:
        """A sparse encoder."""
        return "sparse-encoder"


_SPARSE = Sentence(
    "{} searches exactly, over the active dimensions of every document.",
    "{} search exactly, over the active dimensions of every document.",
)

SEARCHES = searches(
    "sparse_encoder",
    exactly(Sparse, "; a sparse encoder is searched exactly, by its postings"),
    Sparse,
    "sparse-encoder",
    lambda stages: f"sparse encoder {stages['retrieve']}, depth {stages['depth']}",
    (_SPARSE,),
)
