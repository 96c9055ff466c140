"""Training pairs for a cross-encoder, in the order they are learned from.

Each question gives a small group: passages that answer it, and passages that do not. A group stays in one batch, so
that every step compares right with wrong for the same question. Lessons go from plain to hard: first a random wrong
passage, then the two ways of being nearly right (another fact about the same entity, the same fact about another
entity), then what the bi-encoder itself confuses (mined hard negatives).
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Literal, NamedTuple

from pydantic import Field, model_validator

from harness.datasets import factbook
from harness.settings import Settings

_CANDIDATES_OF_ENTITY = 14
_CANDIDATES_OF_OTHERS = 20


class Lesson(Settings):
    """One pass over some questions."""

    negatives: Literal["random", "judged", "mined"]
    questions: Annotated[int, Field(ge=1)] | None = None  # default: every question of the split
    wrong: Literal[1, 2] | None = None  # passages to an answer; default: one random, else two

    @model_validator(mode="after")
    def _one_of_each_kind(self) -> Lesson:
        if self.wrong == 1 and self.negatives != "random":
            raise ValueError(
                f"{self.negatives} negatives are two, one about the same entity and one about another"
            )
        return self

    @property
    def group_size(self) -> int:
        """Pairs that one question gives: an answer, and one or two wrong passages."""
        return 1 + (self.wrong or (1 if self.negatives == "random" else 2))


class Pair(NamedTuple):
    """A question, a passage, and whether it answers."""

    query: str
    passage: str
    label: float


@dataclass(frozen=True)
class Material:
    """A split's questions with judgments, and the passages a bi-encoder finds for each."""

    texts: Mapping[str, str]  # passage id -> text
    questions: Sequence[tuple[str, str]]  # (id, text)
    grades: Mapping[str, Mapping[str, int]]  # query id -> passage id -> grade
    found: Mapping[str, Sequence[str]]  # query id -> passage ids, best first


def schedule(
    material: Material,
    lessons: Sequence[Lesson],
    batch_size: int,
    seed: int,
    length: Callable[[str], int] = len,
) -> list[Pair]:
    """Return all pairs in training order: every ``batch_size`` of them are one batch of whole groups.

    ``length`` of a text, such as its tokens: pairs of like length come into one batch.
    """
    draw = random.Random(seed)
    pairs: list[Pair] = []
    for lesson in lessons:
        questions = list(material.questions)
        draw.shuffle(questions)
        groups = [_group(question, material, lesson, draw) for question in questions[: lesson.questions]]
        pairs += _batched(groups, batch_size // lesson.group_size, length, draw)
    return pairs


def _group(question: tuple[str, str], material: Material, lesson: Lesson, draw: random.Random) -> list[Pair]:
    query_id, query = question
    grades, texts = material.grades[query_id], material.texts
    every = list(texts)
    right = [passage for passage, grade in grades.items() if grade >= 2]
    draw.shuffle(right)
    right.sort(key=lambda passage: -grades[passage])
    entity = _entity(right[0])
    wrong = [passage for passage, grade in grades.items() if grade == 0]
    same = [p for p in wrong if _entity(p) == entity] or wrong
    rival = [p for p in wrong if _entity(p) != entity] or every
    if lesson.negatives == "random":
        chosen, others = right[0], [draw.choice(every) for _ in range(lesson.group_size - 1)]
    elif lesson.negatives == "judged":
        # Passages that state one fact only, where there are any: they say plainest what answers and what does not.
        chosen = draw.choice([p for p in right if factbook.states_one_fact(p)] or right)
        others = [draw.choice([p for p in same if factbook.states_one_fact(p)] or same), draw.choice(rival)]
    else:
        hard = [p for p in material.found[query_id] if grades.get(p, 0) < 1]
        near = [p for p in hard if _entity(p) == entity][:_CANDIDATES_OF_ENTITY] or same
        far = [p for p in hard if _entity(p) != entity][:_CANDIDATES_OF_OTHERS] or every
        chosen, others = draw.choice(right), [draw.choice(near), draw.choice(far)]
    return [Pair(query, texts[chosen], 1.0), *(Pair(query, texts[other], 0.0) for other in others)]


def _entity(passage_id: str) -> str:
    return factbook.entity_of(passage_id)


def _batched(
    groups: list[list[Pair]], groups_per_batch: int, length: Callable[[str], int], draw: random.Random
) -> list[Pair]:
    """Put groups of like length into one batch, batches in random order; what fills no batch is left out."""
    groups = sorted(groups, key=lambda g: max(length(p.query) + length(p.passage) for p in g))
    batches = [groups[i : i + groups_per_batch] for i in range(0, len(groups), groups_per_batch)]
    whole = [batch for batch in batches if len(batch) == groups_per_batch]
    draw.shuffle(whole)
    return [pair for batch in whole for group in batch for pair in group]
