"""The kinds of stage, one file each, and what they make together: a config's pipelines, and how bundles tell of them.

A new kind is one file and its name in ``KINDS``. Nobody else asks which kind a stage is.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Annotated, Any, Union

from pydantic import BeforeValidator, Discriminator, Tag

from harness.errors import BundleError, listed, nearest
from harness.results import schema
from harness.results.decoding import misfits
from harness.stages import diversify, encode, everything, fuse, given, rerank, score, search, service
from harness.stages.forms import Form, Resolver
from harness.stages.kinds import Kind
from harness.stages.told import Known, Sentence, Told
from harness.stages.tree import (
    EVERYTHING,
    Data,
    Pipeline,
    Planned,
    Results,
    Root,
    Stage,
    Step,
    Take,
    asked,
    models_of,
    steps_of,
    users_of,
)

#: In the order in which the method tells of them, and a query passes through them.
KINDS: tuple[Kind, ...] = (
    *(searches.kind for searches in search.SEARCHES),
    search.KIND,
    everything.KIND,
    rerank.KIND,
    diversify.KIND,
    service.KIND,
    given.KIND,
    score.KIND,
    encode.KIND,
    fuse.KIND,
)

FORMS: tuple[type[Form], ...] = tuple(form for kind in KINDS for form in kind.forms)
#: Every sentence of the method, in this order.
SENTENCES = tuple(sentence for kind in KINDS for sentence in kind.said)
_TOLD = {told.kind: told for kind in KINDS for told in kind.told}
#: Stages of a query's time, in the order in which it passes through them.
TIMED = tuple(
    dict.fromkeys([*(stage for told in _TOLD.values() for stage in told.timed), "results", "other"])
)
_PLACE = {stage: place for place, stage in enumerate(TIMED)}


def _likeliest(keys: Iterable[str]) -> type[Form]:
    """Return the form that some keys make, or come nearest to."""
    given = set(keys)

    def likeness(form: type[Form]) -> tuple[int, int]:
        whole = max((len(needed) for needed in form.needed if given.issuperset(needed)), default=0)
        return whole, max(len(given.intersection(needed)) for needed in form.needed)

    return max(FORMS, key=likeness)


def _tag(value: Any) -> str | None:
    if isinstance(value, Form):
        return f"<{type(value).__name__}>"
    return f"<{_likeliest(value).__name__}>" if isinstance(value, dict) else None


def _is_one_form(value: Any) -> Any:
    """Refuse keys that are each known, and make no pipeline together."""
    known = {key for form in FORMS for key in form.model_fields}
    if not isinstance(value, dict) or not known.issuperset(value):
        return value  # what is wrong with it is said where its keys are read
    form = _likeliest(value)
    if any(value.keys() - form.optional == set(needed) for needed in form.needed):
        return value
    for key, why in form.refused:
        if key in value:
            raise ValueError(why)
    forms = [" and ".join(needed) for form in FORMS for needed in form.least()]
    raise ValueError(
        f"given are the keys {listed(sorted(value)) or 'none'}; a pipeline is one of: {'; '.join(forms)}"
    )


#: The settings of one pipeline: whichever form its keys make.
if TYPE_CHECKING:
    PipelineSettings = Form
else:
    PipelineSettings = Annotated[
        Union[tuple(Annotated[form, Tag(f"<{form.__name__}>")] for form in FORMS)],  # noqa: UP007
        Discriminator(
            _tag,
            custom_error_type="pipeline",
            custom_error_message="must be a mapping of keys to values, such as {retrieve: MODEL, depth: 100}",
        ),
        BeforeValidator(_is_one_form),
    ]


def told_of(part: schema.Pipeline) -> Told:
    """Return how bundles tell of a pipeline.

    Raises BundleError for a kind that is not known here, or where its ``stages`` are not as that kind's are.
    """
    kind = part.kind
    if kind not in _TOLD:
        raise BundleError(
            f"a pipeline of the kind {kind!r}{nearest(kind, _TOLD)}, which this version does not know; known are "
            f"{listed(_TOLD)}. Read it with the version that wrote it, or a newer one"
        )
    told = _TOLD[kind]
    if problems := misfits(told.keys, part.stages, f"pipelines.{part.name}.stages"):
        raise BundleError(
            f"{'; '.join(problems)}: a pipeline of the kind {kind!r} has {listed(told.keys)} there; the result.json is "
            "damaged, or was edited"
        )
    return told


def scored_pairs(kind: str) -> int | None:
    """Return how many pairs a model scores for each result of a kind of pipeline; None where it cannot be told."""
    return _TOLD[kind].pairs


def models_below(pipeline: str, result: schema.Result) -> list[str]:
    """Return the models that a pipeline of a result uses, itself or through others, each once."""
    known, found, seen = Known.of(result), dict[str, None](), {pipeline}
    waiting = [pipeline]
    while waiting:
        part = result.pipelines[waiting.pop(0)]
        told = told_of(part)
        found |= dict.fromkeys(told.models(part.stages, known))
        new = [name for name in told.pipelines(part.stages, known) if name not in seen]
        seen |= set(new)
        waiting += new
    return list(found)


def in_passing_order(stages: Iterable[str]) -> list[str]:
    """Return stages of a query's time, each once, in the order in which it passes through them.

    Those of an inner pipeline, ``NAME: STAGE``, stand beside the stage of that name.
    """
    each = dict.fromkeys(stages)
    return sorted(each, key=lambda stage: _PLACE.get(stage.rpartition(": ")[2], len(_PLACE)))


def in_words(part: schema.Pipeline) -> str:
    """Return a pipeline's stages in a few words."""
    return told_of(part).what(part.stages)


__all__ = [
    "EVERYTHING",
    "FORMS",
    "KINDS",
    "SENTENCES",
    "TIMED",
    "Data",
    "Form",
    "Kind",
    "Known",
    "Pipeline",
    "PipelineSettings",
    "Planned",
    "Resolver",
    "Results",
    "Root",
    "Sentence",
    "Stage",
    "Step",
    "Take",
    "Told",
    "asked",
    "in_passing_order",
    "in_words",
    "models_below",
    "models_of",
    "scored_pairs",
    "steps_of",
    "told_of",
    "users_of",
]
