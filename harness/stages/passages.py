"""How a stage that reads documents in passages is told of."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from harness.search.passages import Passages
from harness.stages.told import Sentence, Stages

#: The type of ``passages`` in ``stages``.
CUT = Mapping[str, Any] | None
#: What the method says of pipelines that do.
IN_PASSAGES = Sentence(
    "{} reads documents in passages, cut by the model’s own tokenizer; a document’s score is made of its passages’.",
    "{} read documents in passages, cut by the model’s own tokenizer; a document’s score is made of its passages’.",
)
#: Why a stage that takes others' results has none of its own.
ELSEWHERE = (
    "passages is for a stage whose model reads documents (retrieve by an encoder, or rerank): write that as a pipeline "
    "of its own, with passages, and name it here"
)


def told_passages(passages: Passages | None) -> dict[str, Any]:
    """What a bundle's ``stages`` say of how a stage cuts documents; nothing where it reads them whole."""
    return {} if passages is None else {"passages": passages.as_dict()}


def passage_words(stages: Stages) -> str:
    """How documents are read, where not whole: ``, in passages of 200 tokens every 100 (max)``."""
    how = stages.get("passages")
    return f", in passages of {how['tokens']} tokens every {how['stride']} ({how['score']})" if how else ""


def passage_label(passages: Passages | None) -> str:
    """What a file's name says of it."""
    return "" if passages is None else f"-passages-{passages.tokens}-{passages.step}-{passages.score}"
