"""From facts to sentence pairs with a similarity and to inference pairs with a label."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import NamedTuple

from harness.datasets.factbook.choose import percent, pick, shuffled
from harness.datasets.factbook.corpus import joined, vague_wordings, wordings
from harness.datasets.factbook.domains import facts, facts_by_entity
from harness.datasets.factbook.english import decade
from harness.datasets.factbook.model import Attribute, Fact, Value
from harness.datasets.factbook.render import fields_of, statement
from harness.datasets.factbook.splits import entities_in

_PAIR_SHARE = {"train": 45, "dev": 45, "test": 45}
_INFERENCE_SHARE = {"train": 60, "dev": 60, "test": 60}
_TRIES = 200
"""How often a fact is drawn until one fits."""
_UNLIKE = 1.3
"""Two approximate quantities contradict each other only from this ratio on."""
_NAMES = frozenset({"e", "E", "es", "Es", "bare", "plural", "he", "his"})
_APPROXIMATE = frozenset({"kg", "km", "metres", "sqkm", "millions"})


class Scored(NamedTuple):
    """Two sentences and how alike they are in meaning, from 0 to 5."""

    first: str
    second: str
    score: float


class Labelled(NamedTuple):
    """A premise, a hypothesis and whether the one follows from the other."""

    premise: str
    hypothesis: str
    label: str


@cache
def _facts_in(split: str) -> tuple[Fact, ...]:
    keys = {entity.key for entity in entities_in(split)}
    return tuple(fact for fact in facts() if fact.entity.key in keys)


@cache
def _like(split: str, attribute: Attribute) -> tuple[Fact, ...]:
    """The facts of a split on one attribute."""
    return tuple(fact for fact in _facts_in(split) if fact.attribute is attribute)


def _plain(fact: Fact, turn: int) -> str:
    """One of the statements of a fact that show no other attribute."""
    options = [text for text, states in wordings(fact) if len(states) == 1]
    return options[turn % len(options)]


def _companions(fact: Fact) -> list[Fact]:
    """The other facts about the entity, without those too near in topic, in a drawn order."""
    others = facts_by_entity()[fact.entity.key]
    far = [
        other
        for other in others
        if other.attribute.key not in fact.attribute.close
        and fact.attribute.key not in other.attribute.close
        and other.key != fact.key
    ]
    return shuffled(f"companions/{fact.key}", far, lambda other: other.key)


def _incompatible(fact: Fact, other: Fact) -> bool:
    mine, theirs = fact.value, other.value
    if not isinstance(mine, str) and not isinstance(theirs, str) and fact.attribute.kind in _APPROXIMATE:
        low, high = sorted((mine, theirs))
        return high >= low * _UNLIKE
    first, second = str(mine).lower(), str(theirs).lower()
    return first not in second and second not in first


def _wrong_value(fact: Fact, split: str) -> Value | None:
    """Another entity's value that cannot be true beside the right one."""
    if not fact.attribute.exclusive:
        return None
    others = [
        other
        for other in _like(split, fact.attribute)
        if other.entity.key != fact.entity.key and _incompatible(fact, other)
    ]
    return pick(f"wrong/{fact.key}", others).value if others else None


def _false_statement(fact: Fact, split: str, turn: int) -> str | None:
    value = _wrong_value(fact, split)
    if value is None:
        return None
    lines = shuffled(f"say/{fact.key}", fact.attribute.lines("say"))
    plain = [line for line in lines if fields_of(line) <= _NAMES | _own(fact)]
    return statement(plain[turn % len(plain)], fact.entity, fact.attribute, value) if plain else None


def _own(fact: Fact) -> frozenset[str]:
    key = fact.attribute.key
    return frozenset({"v", "V", key, f"a_{key}", "feet", "miles", "sqmiles"})


def _other_fact(fact: Fact, split: str, key: str, fits: Callable[[Fact], bool]) -> Fact | None:
    pool = _facts_in(split)
    for place in range(_TRIES):
        other = pick(f"{key}/{fact.key}/{place}", pool)
        if other.entity.key != fact.entity.key and fits(other):
            return other
    return None


def _same_meaning(fact: Fact, split: str) -> Scored | None:
    return Scored(_plain(fact, 0), _plain(fact, 1), 5.0)


def _with_aside(fact: Fact, split: str) -> Scored | None:
    aside = pick(f"pair-aside/{fact.key}", fact.entity.domain.asides)
    return Scored(f"{_plain(fact, 0)} {aside}", _plain(fact, 1), 4.5)


def _detail_apart(fact: Fact, split: str) -> Scored | None:
    value = fact.value
    if fact.attribute.kind == "year" and not isinstance(value, str):
        lines = [line for line in fact.attribute.lines("say") if " in {v}" in line]
        if lines:
            rough = lines[0].replace("{v}", f"the {decade(int(value))}")
            text = statement(rough, fact.entity, fact.attribute)
            return Scored(_plain(fact, 1), text, 4.0) if text else None
    others = _companions(fact)
    if len(others) < 2:
        return None
    long, _ = joined([fact, others[0], others[1]], 0)
    short, _ = joined([fact, others[0]], 1)
    return Scored(long, short, 4.0)


def _half_missing(fact: Fact, split: str) -> Scored | None:
    others = _companions(fact)
    return Scored(joined([fact, others[0]], 0)[0], _plain(fact, 1), 3.5) if others else None


def _imprecise(fact: Fact, split: str) -> Scored | None:
    vague = vague_wordings(fact)
    return Scored(_plain(fact, 0), vague[0], 3.0) if vague else None


def _half_shared(fact: Fact, split: str) -> Scored | None:
    others = _companions(fact)
    if len(others) < 2:
        return None
    return Scored(joined([fact, others[0]], 0)[0], joined([fact, others[1]], 1)[0], 2.5)


def _other_attribute(fact: Fact, split: str) -> Scored | None:
    others = _companions(fact)
    return Scored(_plain(fact, 0), _plain(others[0], 1), 2.0) if others else None


def _other_value(fact: Fact, split: str) -> Scored | None:
    text = _false_statement(fact, split, 1)
    return Scored(_plain(fact, 0), text, 2.0) if text else None


def _other_entity(fact: Fact, split: str) -> Scored | None:
    others = [other for other in _like(split, fact.attribute) if _incompatible(fact, other)]
    if not others:
        return None
    return Scored(_plain(fact, 0), _plain(pick(f"entity/{fact.key}", others), 1), 1.5)


def _same_domain(fact: Fact, split: str) -> Scored | None:
    def fits(other: Fact) -> bool:
        return other.entity.domain is fact.entity.domain and other.attribute is not fact.attribute

    other = _other_fact(fact, split, "domain", fits)
    return Scored(_plain(fact, 0), _plain(other, 1), 1.0) if other else None


def _same_realm(fact: Fact, split: str) -> Scored | None:
    def fits(other: Fact) -> bool:
        here, there = fact.entity.domain, other.entity.domain
        return there.realm == here.realm and there is not here and other.attribute.key != fact.attribute.key

    other = _other_fact(fact, split, "realm", fits)
    return Scored(_plain(fact, 0), _plain(other, 1), 0.5) if other else None


def _unrelated(fact: Fact, split: str) -> Scored | None:
    def fits(other: Fact) -> bool:
        different = other.entity.domain.realm != fact.entity.domain.realm
        return different and other.attribute.kind != fact.attribute.kind

    other = _other_fact(fact, split, "unrelated", fits)
    return Scored(_plain(fact, 0), _plain(other, 1), 0.0) if other else None


_MAKERS: tuple[Callable[[Fact, str], Scored | None], ...] = (
    _same_meaning,
    _same_meaning,
    _with_aside,
    _detail_apart,
    _half_missing,
    _imprecise,
    _imprecise,
    _half_shared,
    _other_attribute,
    _other_value,
    _other_entity,
    _same_domain,
    _same_realm,
    _unrelated,
)


@cache
def scored(split: str) -> tuple[Scored, ...]:
    """The sentence pairs of a split: a kind of pair is drawn for each of a share of its facts."""
    made: dict[tuple[str, str], Scored] = {}
    for fact in _facts_in(split):
        if percent(f"pair/{fact.key}") < _PAIR_SHARE[split]:
            pair = pick(f"kind/{fact.key}", _MAKERS)(fact, split)
            if pair is not None and pair.first != pair.second:
                made.setdefault((pair.first, pair.second), pair)
    return tuple(shuffled(f"pairs/{split}", made.values(), lambda pair: f"{pair.first}|{pair.second}"))


def _entailed(fact: Fact) -> Labelled:
    turn = percent(f"entailed/{fact.key}")
    vague, others = vague_wordings(fact), _companions(fact)
    if vague and turn < 50:
        return Labelled(_plain(fact, turn), vague[0], "entailment")
    if others and turn % 2:
        return Labelled(joined([others[0], fact], turn)[0], _plain(fact, turn), "entailment")
    return Labelled(_plain(fact, turn), _plain(fact, turn + 1), "entailment")


def _contradicted(fact: Fact, split: str) -> Labelled | None:
    turn = percent(f"contradicted/{fact.key}")
    text, others = _false_statement(fact, split, turn), _companions(fact)
    if text is None:
        return None
    premise = joined([others[0], fact], turn)[0] if others and turn % 3 == 0 else _plain(fact, turn + 1)
    return Labelled(premise, text, "contradiction")


def _neutral(fact: Fact) -> Labelled | None:
    turn = percent(f"neutral/{fact.key}")
    vague, others = vague_wordings(fact), _companions(fact)
    if vague and turn < 40:
        return Labelled(vague[0], _plain(fact, turn), "neutral")
    if not others:
        return None
    premise = joined([others[1], fact], turn)[0] if len(others) > 1 and turn % 3 == 0 else _plain(fact, turn)
    return Labelled(premise, _plain(others[0], turn), "neutral")


@cache
def labelled(split: str) -> tuple[Labelled, ...]:
    """The inference pairs of a split."""
    made: dict[tuple[str, str], Labelled] = {}
    for fact in _facts_in(split):
        if percent(f"inference/{fact.key}") >= _INFERENCE_SHARE[split]:
            continue
        for item in (_entailed(fact), _contradicted(fact, split), _neutral(fact)):
            if item is not None and item.premise != item.hypothesis:
                made.setdefault((item.premise, item.hypothesis), item)
    return tuple(shuffled(f"inferences/{split}", made.values(), "|".join))
