"""From facts to passages: which sentences are made, and which facts each of them states."""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

from harness.datasets.factbook.choose import percent, pick, shuffled
from harness.datasets.factbook.domains import entities, facts, facts_by_entity, linked, slug
from harness.datasets.factbook.english import capital_first
from harness.datasets.factbook.model import Entity, Fact
from harness.datasets.factbook.render import follow_up, stated, statement

_SECOND_WORDING = 14
"""The share of facts, in per cent, that get a second passage of their own in other words."""
_ASIDE = 60
"""The share of such passages that get a sentence without a fact of its own."""
_SHORT = 11
"""Statements of fewer words always get one."""
_VAGUE = 30
"""The share of facts that can be stated imprecisely and get a passage that does only that."""


class Source(NamedTuple):
    """A passage with what the generator knows of it."""

    id: str
    text: str
    entity: str
    states: frozenset[str]
    """Keys of the facts that the passage states."""
    implies: frozenset[str]
    """Keys of the facts of other entities that it answers as well."""
    hints: frozenset[str]
    """Keys of the facts that it touches on without giving the value."""


@cache
def wordings(fact: Fact) -> tuple[tuple[str, frozenset[str]], ...]:
    """Every true statement of a fact that its templates give, in a drawn order, with all that each states."""
    made = []
    for template in shuffled(f"say/{fact.key}", fact.attribute.lines("say")):
        text = statement(template, fact.entity, fact.attribute)
        if text is not None:
            keys = stated(template, fact.entity, fact.attribute)
            made.append((text, frozenset(f"{fact.entity.key}/{key}" for key in keys)))
    return tuple(made)


def vague_wordings(fact: Fact) -> list[str]:
    """Every true but imprecise statement of a fact."""
    made = (statement(line, fact.entity, fact.attribute) for line in fact.attribute.lines("vague"))
    return [text for text in made if text is not None]


def _called(entity: Entity, sentence: str) -> bool:
    return entity.name in sentence or capital_first(entity.name) in sentence


def joined(parts: list[Fact], turn: int) -> tuple[str, frozenset[str]]:
    """Several facts about one entity in as many sentences."""
    sentences: list[str] = []
    keys: frozenset[str] = frozenset()
    for place, fact in enumerate(parts):
        options = wordings(fact)
        text, states = options[(turn + place) % len(options)]
        # A pronoun needs the name before it: "A group of wolves is a pack. It is a mammal." would go wrong.
        named = any(_called(fact.entity, sentence) for sentence in sentences)
        sentences.append(follow_up(text, fact.entity) if named else text)
        keys |= states
    return " ".join(sentences), keys


def _single(fact: Fact) -> list[tuple[str, frozenset[str], frozenset[str]]]:
    options = wordings(fact)
    count = 2 if len(options) > 1 and percent(f"second/{fact.key}") < _SECOND_WORDING else 1
    made = []
    for number, (text, states) in enumerate(options[:count]):
        key = f"aside/{fact.key}/{number}"
        if percent(key) < _ASIDE or len(text.split()) < _SHORT:
            text = f"{text} {pick(key, fact.entity.domain.asides)}"
        made.append((text, states, frozenset[str]()))
    if percent(f"vague/{fact.key}") < _VAGUE:
        made += [(text, frozenset(), frozenset({fact.key})) for text in vague_wordings(fact)]
    return made


def _mixed(entity: Entity) -> list[tuple[str, frozenset[str]]]:
    order = shuffled(f"mix/{entity.key}", facts_by_entity()[entity.key], lambda fact: fact.key)
    groups = [order[:2]]
    if len(order) > 4:
        groups.append([order[-1], order[2], order[1]])
    return [joined(group, turn) for turn, group in enumerate(groups, 1) if len(group) > 1]


@cache
def sources() -> tuple[Source, ...]:
    """Every passage, sorted by id."""
    names = [slug(entity.name) for entity in entities()]
    shared = {name for name in names if names.count(name) > 1}
    short = {
        entity.key: entity.key.replace("/", "-") if name in shared else name
        for entity, name in zip(entities(), names, strict=True)
    }
    also = linked()
    made: list[Source] = []
    seen: set[str] = set()

    def add(
        entity: Entity, label: str, number: int, text: str, states: frozenset[str], hints: frozenset[str]
    ) -> None:
        if text in seen:
            return
        seen.add(text)
        implied = frozenset(other for key in states for other in also.get(key, ()))
        name = f"fb-{short[entity.key]}-{label}-{number}"
        made.append(Source(name, text, entity.key, states, implied, hints))

    for fact in facts():
        for number, (text, states, hints) in enumerate(_single(fact), 1):
            add(fact.entity, fact.attribute.key, number, text, states, hints)
    for entity in entities():
        for number, (text, states) in enumerate(_mixed(entity), 1):
            add(entity, "mix", number, text, states, frozenset())
    return tuple(sorted(made, key=lambda source: source.id))
