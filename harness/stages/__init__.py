"""The kinds of stage, one file each. Whoever reads a bundle asks here and knows no kind."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from harness.errors import BundleError, listed, nearest
from harness.stages import encode, fuse, given, rerank, score, search
from harness.stages.told import Kind, Known, Part, Sentence, Told

#: In the order in which the method tells of them, and a query passes through them.
KINDS: tuple[Kind, ...] = (search.KIND, rerank.KIND, given.KIND, score.KIND, encode.KIND, fuse.KIND)

_TOLD = {told.kind: told for kind in KINDS for told in kind.told}
#: Every sentence of the method, in this order.
SENTENCES = tuple(sentence for kind in KINDS for sentence in kind.said)
#: Stages of a query's time, in the order in which it passes through them.
TIMED = tuple(
    dict.fromkeys([*(stage for told in _TOLD.values() for stage in told.timed), "results", "other"])
)
_PLACE = {stage: place for place, stage in enumerate(TIMED)}


def told_of(part: Part) -> Told:
    """Return how bundles tell of a pipeline. Raises BundleError for a kind that is not known here."""
    kind = str(part["kind"])
    if kind not in _TOLD:
        raise BundleError(
            f"a pipeline of the kind {kind!r}{nearest(kind, _TOLD)}, which this version does not know; known are "
            f"{listed(_TOLD)}. Read it with the version that wrote it, or a newer one"
        )
    return _TOLD[kind]


def models_below(pipeline: str, result: Mapping[str, Any]) -> list[str]:
    """Return the models that a pipeline of a ``result.json`` uses, itself or through others, each once."""
    known, found, seen = Known.of(result), dict[str, None](), {pipeline}
    waiting = [pipeline]
    while waiting:
        part = result["pipelines"][waiting.pop(0)]
        told = told_of(part)
        found |= dict.fromkeys(told.models(part["stages"], known))
        new = [name for name in told.pipelines(part["stages"], known) if name not in seen]
        seen |= set(new)
        waiting += new
    return list(found)


def in_passing_order(stages: Iterable[str]) -> list[str]:
    """Return stages of a query's time, each once, in the order in which it passes through them.

    Those of an inner pipeline, ``NAME: STAGE``, stand beside the stage of that name.
    """
    each = dict.fromkeys(stages)
    return sorted(each, key=lambda stage: _PLACE.get(stage.rpartition(": ")[2], len(_PLACE)))


def in_words(part: Part) -> str:
    """Return a pipeline's stages in a few words."""
    return told_of(part).what(part["stages"])


__all__ = [
    "KINDS",
    "SENTENCES",
    "TIMED",
    "Kind",
    "Known",
    "Part",
    "Sentence",
    "Told",
    "in_passing_order",
    "in_words",
    "models_below",
    "told_of",
]
