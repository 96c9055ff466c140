"""From facts to questions, and from what the passages state to judgments."""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

from harness.datasets.factbook.choose import percent, pick, shuffled
from harness.datasets.factbook.corpus import Source, sources
from harness.datasets.factbook.domains import entities, facts, facts_by_entity
from harness.datasets.factbook.model import Fact
from harness.datasets.factbook.render import fields_of, question, statement
from harness.datasets.factbook.splits import entities_in

_SHARE = {"train": 90, "dev": 32, "test": 31}
"""The share of a split's facts, in per cent, that are asked about."""
_DESCRIBED = 42
"""The share of questions that describe the entity, where its table allows it."""
_TAIL = 18
"""How much of a question may follow a description, in characters: more would be hard to read."""
_REVERSED = 12
"""The share of questions that give the value and look for the entity, where that can be asked."""
_HELD = {"train": 0, "dev": 30, "test": 30}
"""The share of questions in a wording that training never uses."""
_OTHERS = 7
"""At most how many passages on the same attribute of other entities are judged per question."""


class Question(NamedTuple):
    """A question with the fact that answers it."""

    id: str
    text: str
    fact: Fact


@cache
def _descriptions() -> dict[str, tuple[tuple[str, str], ...]]:
    """For each entity, the descriptions that fit it alone, each with the column that it uses up."""
    made: dict[str, list[tuple[str, str]]] = {}
    owners: dict[str, set[str]] = {}
    for entity in entities():
        for column, template in entity.domain.via:
            if column not in entity.values:
                continue
            context = {key: str(value) for key, value in entity.values.items()}
            clauses = {key: value[3:] for key, value in context.items() if value.startswith("it ")}
            context |= {f"that_{key}": f"that {rest}" for key, rest in clauses.items()}
            if not fields_of(template) <= context.keys():
                continue
            text = template.format_map(context)
            made.setdefault(entity.key, []).append((column, text))
            owners.setdefault(text, set()).add(entity.key)
    return {
        key: tuple((column, text) for column, text in options if len(owners[text]) == 1)
        for key, options in sorted(made.items())
    }


@cache
def _value_counts() -> dict[tuple[str, str, str], int]:
    counts: dict[tuple[str, str, str], int] = {}
    for fact in facts():
        key = (fact.entity.domain.key, fact.attribute.key, str(fact.value))
        counts[key] = counts.get(key, 0) + 1
    return counts


def _ask(fact: Fact, split: str) -> str | None:
    entity, attribute = fact.entity, fact.attribute
    find = attribute.lines("find")
    unique = _value_counts()[entity.domain.key, attribute.key, str(fact.value)] == 1
    if find and unique and percent(f"reverse/{fact.key}") < _REVERSED:
        return statement(pick(f"find/{fact.key}", find), entity, attribute)
    held = attribute.lines("ask_held")
    pool = held if held and percent(f"held/{fact.key}") < _HELD[split] else attribute.lines("ask")
    options = [option for option in _descriptions().get(entity.key, ()) if option[0] != attribute.key]
    if options and percent(f"described/{fact.key}") < _DESCRIBED:
        short = tuple(line for line in pool if "{q}" in line and len(line.partition("{q}")[2]) <= _TAIL)
        if short:
            reference = pick(f"description/{fact.key}", options)[1]
            return question(pick(f"ask/{fact.key}", short), entity, attribute, reference)
    return question(pick(f"ask/{fact.key}", pool), entity, attribute, entity.name)


@cache
def questions(split: str) -> tuple[Question, ...]:
    """The questions of a split, one for each fact drawn, in an order that shows nothing."""
    chosen: dict[str, Fact] = {}
    for entity in entities_in(split):
        about = facts_by_entity()[entity.key]
        for fact in about:
            if percent(f"asked/{fact.key}") < _SHARE[split]:
                text = _ask(fact, split)
                if text is not None and text not in chosen:
                    chosen[text] = fact
    order = shuffled(f"order/{split}", chosen)
    return tuple(
        Question(f"fb-{split}-{number:04}", text, chosen[text]) for number, text in enumerate(order, 1)
    )


@cache
def _sources_by_entity() -> dict[str, tuple[Source, ...]]:
    grouped: dict[str, list[Source]] = {}
    for source in sources():
        grouped.setdefault(source.entity, []).append(source)
    return {key: tuple(group) for key, group in grouped.items()}


@cache
def _sources_by_fact() -> dict[str, tuple[Source, ...]]:
    grouped: dict[str, list[Source]] = {}
    for source in sources():
        for key in source.states | source.implies:
            grouped.setdefault(key, []).append(source)
    return {key: tuple(group) for key, group in grouped.items()}


@cache
def _same_attribute() -> dict[tuple[str, str], tuple[Fact, ...]]:
    grouped: dict[tuple[str, str], list[Fact]] = {}
    for fact in facts():
        grouped.setdefault((fact.entity.domain.key, fact.attribute.key), []).append(fact)
    return {key: tuple(group) for key, group in grouped.items()}


def grade(source: Source, fact: Fact) -> int:
    """How well a passage answers a question about a fact, from what it states.

    3: it states the answer and nothing else; 2: it states it among other facts, or as the other side of a
    fact of another entity; 1: it touches on the fact without the value, or states a close attribute; 0: none
    of these.
    """
    if fact.key in source.states | source.implies:
        return 3 if source.states == {fact.key} else 2
    near = {f"{fact.entity.key}/{key}" for key in fact.attribute.close}
    return 1 if fact.key in source.hints or near & (source.states | source.hints) else 0


def _rivals(asked: Question) -> list[Source]:
    """Passages on the same attribute of other entities."""
    others = _same_attribute()[asked.fact.entity.domain.key, asked.fact.attribute.key]
    drawn = {pick(f"rival/{asked.fact.key}/{place}", others).key for place in range(_OTHERS)}
    drawn.discard(asked.fact.key)
    return [pick(f"rival/{key}", _sources_by_fact()[key]) for key in sorted(drawn)]


@cache
def judged(split: str) -> tuple[tuple[str, str, int], ...]:
    """Judgments as (question id, passage id, grade).

    Every passage on the entity is judged, every one that states the fact, and some that state the same
    attribute of other entities.
    """
    made = []
    for asked in questions(split):
        found = {source.id: source for source in _sources_by_entity()[asked.fact.entity.key]}
        found |= {source.id: source for source in _sources_by_fact()[asked.fact.key]}
        found |= {source.id: source for source in _rivals(asked)}
        made += [(asked.id, source.id, grade(source, asked.fact)) for _, source in sorted(found.items())]
    return tuple(made)
