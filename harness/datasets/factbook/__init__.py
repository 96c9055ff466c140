"""An embedded corpus of facts about the world: passages, questions with graded judgments, and sentence pairs.

Nothing is stored as running text. ``tables/`` holds facts, one module a domain and one row an entity;
``phrasing/`` holds ways to state and to ask each attribute; everything else is put together from these two
by deterministic code, so that every passage is known to state exactly these facts and the judgments are
complete.

To add a fact, fill a cell of a table (``None`` means: not known for sure). To add an entity, add a row. To
add an attribute, add a column and an ``Attribute`` of the same name in ``phrasing/``. To add a domain,
write both and list them in ``domains.py`` with some ``asides.py``. Then run the tests, which check the
English and the judgments, raise ``VERSION`` and put the new digest into the test.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

from harness.datasets.factbook.corpus import sources
from harness.datasets.factbook.questions import judged
from harness.datasets.factbook.questions import questions as asked_in
from harness.datasets.factbook.sentences import labelled, scored
from harness.datasets.factbook.splits import SPLITS

VERSION = 1
__all__ = [
    "SPLITS", "VERSION", "FactQuery", "Inference", "Judgment", "Pair", "Passage",
    "digest", "entity_of", "inferences", "judgments", "pairs", "passages", "queries", "states_one_fact",
]  # fmt: skip


class Passage(NamedTuple):
    """A text of the corpus."""

    id: str
    text: str


class FactQuery(NamedTuple):
    """A question."""

    id: str
    text: str


class Judgment(NamedTuple):
    """How well a passage answers a question, from 0 to 3."""

    query_id: str
    passage_id: str
    grade: int


class Pair(NamedTuple):
    """Two sentences and how alike they are in meaning, from 0 to 5."""

    id: str
    first: str
    second: str
    score: float


class Inference(NamedTuple):
    """A premise, a hypothesis, and whether it is an entailment, neutral or a contradiction."""

    id: str
    premise: str
    hypothesis: str
    label: str


def passages() -> Iterator[Passage]:
    """Every passage, sorted by id. All splits share the one corpus."""
    return (Passage(source.id, source.text) for source in sources())


def queries(split: str) -> list[FactQuery]:
    """The questions of a split; an entity is asked about in one split only."""
    return [FactQuery(asked.id, asked.text) for asked in asked_in(split)]


def judgments(split: str) -> list[Judgment]:
    """The judgments of a split's questions.

    Every passage that answers a question is judged 2 or 3; every other passage about the same entity and some
    about the same attribute of other entities are judged 0 or 1.
    """
    return [Judgment(*row) for row in judged(split)]


def pairs(split: str) -> list[Pair]:
    """The sentence pairs of a split."""
    return [Pair(f"fb-{split}-pair-{number:04}", *pair) for number, pair in enumerate(scored(split), 1)]


def inferences(split: str) -> list[Inference]:
    """The inference pairs of a split."""
    return [Inference(f"fb-{split}-nli-{number:05}", *item) for number, item in enumerate(labelled(split), 1)]


def entity_of(passage_id: str) -> str:
    """Return which entity a passage is about: ids are ``fb-ENTITY-ATTRIBUTE-NUMBER``."""
    return passage_id.rsplit("-", 2)[0]


def states_one_fact(passage_id: str) -> bool:
    """Whether a passage states one fact only, rather than a mixture of several."""
    return passage_id.rsplit("-", 2)[1] != "mix"


@cache
def digest() -> str:
    """The SHA-256 over everything above in one canonical form."""
    total = hashlib.sha256()

    def feed(kind: str, rows: Iterator[Passage] | list[tuple[str | int | float, ...]]) -> None:
        for row in rows:
            line = json.dumps([kind, *row], ensure_ascii=True, separators=(",", ":"))
            total.update(f"{line}\n".encode("ascii"))

    feed("passage", passages())
    for split in SPLITS:
        feed(f"query/{split}", [tuple(row) for row in queries(split)])
        feed(f"judgment/{split}", [tuple(row) for row in judgments(split)])
        feed(f"pair/{split}", [tuple(row) for row in pairs(split)])
        feed(f"inference/{split}", [tuple(row) for row in inferences(split)])
    return total.hexdigest()
