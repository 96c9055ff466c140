"""Rerank: a cross-encoder gives the first results of another stage new scores."""

from __future__ import annotations

from harness.stages.search import index_words
from harness.stages.told import Kind, Sentence, Stages, Told

_TIMED = ("fetch", "rerank")
_TWO = Sentence(
    "{} reranks the first results of a first stage; every depth is derived from the deepest, and each pair of a query "
    "and a document is scored once.",
    "{} rerank the first results of a first stage; every depth is derived from the deepest, and each pair of a query "
    "and a document is scored once.",
)
_ALONE = Sentence(
    "{} ranks given candidates by a cross-encoder alone.",
    "{} rank given candidates by a cross-encoder alone.",
)


def _two_stage(stages: Stages) -> str:
    return f"{stages['retrieve']}{index_words(stages)} → {stages['rerank']}, depth {stages['depth']}"


def _over(stages: Stages) -> str:
    of = (
        f"{stages['candidates']}, depth {stages['depth']}"
        if stages["candidates"] != "all"
        else "all documents"
    )
    return f"{stages['rerank']} over {of}"


KIND = Kind(
    told=(
        Told("two-stage", _two_stage, lambda part: _TWO, ("retrieve", "rerank"), _TIMED),
        Told("cross-encoder", _over, lambda part: _ALONE, ("candidates", "rerank"), _TIMED),
    ),
    said=(_TWO, _ALONE),
)
