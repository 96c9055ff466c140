"""Sparse: the documents whose learned weights of words meet a query's, by a sparse encoder, exactly."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from harness.stages.encoded import Encoded
from harness.stages.forms import Names
from harness.stages.kinds import Kind
from harness.stages.searching import TIMED, Asked, Searches
from harness.stages.told import Sentence, Told, by_model

_SHARE = 0.02  # of a vocabulary that a trained model's document weighs, at most


@dataclass(frozen=True)
class Sparse(Encoded):
    """A sparse encoder over the whole collection."""

    model: str
    share: ClassVar[float] = _SHARE

    @property
    def kind(self) -> str:
        """A sparse encoder."""
        return "sparse-encoder"


def _make(names: Names, name: str, asked: Asked) -> Sparse:
    asked.refuse_index(names, "; a sparse encoder is searched exactly, by its postings")
    return Sparse(name)


_SPARSE = Sentence(
    "{} searches exactly, over the active dimensions of every document.",
    "{} search exactly, over the active dimensions of every document.",
)

SEARCHES = Searches(
    "sparse_encoder",
    _make,
    Kind(
        forms=(),
        stages=(Sparse,),
        told=(
            Told(
                "sparse-encoder",
                lambda stages: f"sparse encoder {stages['retrieve']}, depth {stages['depth']}",
                lambda part: _SPARSE,
                ("retrieve",),
                keys={"retrieve": str, "depth": int},
                timed=TIMED,
                alone="retrieve",
                is_system=by_model("retrieve"),
            ),
        ),
        said=(_SPARSE,),
    ),
)
