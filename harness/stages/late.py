"""Late: the documents whose tokens come nearest to a query's, by MaxSim of a late-interaction model, exactly.

The same model reranks any first stage under ``rerank:``, where only what was found is encoded.
"""

from __future__ import annotations

from dataclasses import dataclass

from harness.search.passages import Passages
from harness.stages.encoded import Encoded
from harness.stages.searching import exactly, searches
from harness.stages.told import Sentence


@dataclass(frozen=True)
class Late(Encoded):
    """A late-interaction model over the whole collection, whose token vectors are all looked at."""

    model: str
    passages: Passages | None = None

    @property
    def kind(self) -> str:
        """A late-interaction model."""
        return "multi-vector"


_LATE = Sentence(
    "{} searches exactly, over every token of every document (MaxSim).",
    "{} search exactly, over every token of every document (MaxSim).",
)

SEARCHES = searches(
    "multi_vector",
    exactly(Late, "; a late-interaction model is searched exactly, over every token"),
    Late,
    "multi-vector",
    lambda stages: f"late interaction {stages['retrieve']}, depth {stages['depth']}",
    (_LATE,),
)
