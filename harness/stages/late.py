"""Late: the documents whose tokens come nearest to a query's, by MaxSim of a late-interaction model, exactly.

The same model reranks any first stage under ``rerank:``, where only what was found is encoded.
"""

from __future__ import annotations

from dataclasses import dataclass

from harness.stages.encoded import Encoded
from harness.stages.forms import Names
from harness.stages.kinds import Kind
from harness.stages.searching import TIMED, Asked, Searches
from harness.stages.told import Sentence, Told, by_model


@dataclass(frozen=True)
class Late(Encoded):
    """A late-interaction model over the whole collection, whose token vectors are all looked at."""

    model: str

    @property
    def kind(self) -> str:
        """A late-interaction model."""
        return "multi-vector"


def _make(names: Names, name: str, asked: Asked) -> Late:
    asked.refuse_index(names, "; a late-interaction model is searched exactly, over every token")
    return Late(name)


_LATE = Sentence(
    "{} searches exactly, over every token of every document (MaxSim).",
    "{} search exactly, over every token of every document (MaxSim).",
)

SEARCHES = Searches(
    "multi_vector",
    _make,
    Kind(
        forms=(),
        stages=(Late,),
        told=(
            Told(
                "multi-vector",
                lambda stages: f"late interaction {stages['retrieve']}, depth {stages['depth']}",
                lambda part: _LATE,
                ("retrieve",),
                keys={"retrieve": str, "depth": int},
                timed=TIMED,
                alone="retrieve",
                is_system=by_model("retrieve"),
            ),
        ),
        said=(_LATE,),
    ),
)
