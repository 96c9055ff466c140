"""From a template and an entity to a sentence."""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping
from string import Formatter

from harness.datasets.factbook.english import (
    capital_first,
    century,
    decade,
    floor_below,
    indefinite,
    plural,
    possessive,
    rounded,
    tidy,
    with_commas,
)
from harness.datasets.factbook.model import Attribute, Entity, Value

_MILES_PER_KM = 0.621371
_SQUARE_MILES_PER_SQUARE_KM = 0.386102
_FEET_PER_METRE = 3.28084
_MILLION = 1_000_000
_HIS = {"he": "his", "she": "her", "it": "its"}


def _area(square_km: float) -> str:
    if square_km >= _MILLION:
        return f"{with_commas(round(square_km / _MILLION, 2))} million"
    return with_commas(int(square_km))


def _people(millions: float) -> str:
    if millions >= 1000:
        return f"{with_commas(round(millions / 1000, 2))} billion"
    if millions >= 1:
        return f"{with_commas(millions)} million"
    return with_commas(round(millions * _MILLION))


def _weight(kilograms: float) -> str:
    if kilograms < 1:
        return f"{with_commas(round(kilograms * 1000))} grams"
    if kilograms >= 5000:
        return f"{with_commas(rounded(kilograms / 1000))} tonnes"
    return f"{with_commas(kilograms)} {'kilogram' if kilograms == 1 else 'kilograms'}"


def shown(value: Value, kind: str) -> str:
    """A value as running text has it."""
    if isinstance(value, str) or kind == "year":
        return str(value)
    if kind == "sqkm":
        return _area(value)
    if kind == "millions":
        return _people(value)
    if kind == "kg":
        return _weight(value)
    return with_commas(value)


def _derived(value: Value, kind: str) -> dict[str, str]:
    """Other forms of a value that templates may use."""
    if isinstance(value, str):
        return {}
    if kind == "year":
        return {"century": century(int(value)), "decade": decade(int(value))}
    if kind == "millions" and value < 1:
        return {"floor": _people(floor_below(value * _MILLION) / _MILLION)}
    forms = {"floor": shown(floor_below(value), kind)}
    if kind == "metres":
        forms["feet"] = with_commas(rounded(value * _FEET_PER_METRE, 3))
    elif kind == "km":
        forms["miles"] = with_commas(rounded(value * _MILES_PER_KM))
    elif kind == "sqkm":
        forms["sqmiles"] = _area(rounded(value * _SQUARE_MILES_PER_SQUARE_KM))
    return forms


@functools.cache
def fields_of(template: str) -> frozenset[str]:
    """The placeholders in a template."""
    return frozenset(name for _, name, _, _ in Formatter().parse(template) if name)


def stated(template: str, entity: Entity, attribute: Attribute) -> frozenset[str]:
    """The attributes whose values a template of ``say`` shows."""
    columns = {name.removeprefix("a_") for name in fields_of(template)}
    return frozenset(columns & entity.domain.kinds.keys() | {attribute.key})


@functools.cache
def _articled(phrase: str) -> str:
    return indefinite(phrase)


def _context(
    template: str, entity: Entity, attribute: Attribute, values: Mapping[str, Value]
) -> dict[str, str]:
    """What the template's placeholders stand for, as far as the values know them."""
    needed = fields_of(template)
    name = entity.name
    genitive = possessive(name, name in entity.domain.plural_names)
    kinds = entity.domain.kinds
    context = {
        "e": name,
        "E": capital_first(name),
        "es": genitive,
        "Es": capital_first(genitive),
        "bare": entity.bare_name,
        "he": entity.pronoun,
        "his": _HIS[entity.pronoun],
    }
    if "plural" in needed:
        context["plural"] = plural(entity.bare_name)
    for column in sorted({name.removeprefix("a_") for name in needed} & values.keys()):
        context[column] = shown(values[column], kinds.get(column, "text"))
        context[f"a_{column}"] = _articled(context[column])
    value = values.get(attribute.key)
    if value is not None:
        context["v"] = shown(value, attribute.kind)
        context["V"] = capital_first(context["v"])
        context.update(_derived(value, attribute.kind))
    return context


def statement(template: str, entity: Entity, attribute: Attribute, swap: Value | None = None) -> str | None:
    """The template filled in, or None where the table lacks something it needs.

    ``swap`` puts another value in the place of the true one, which makes a false statement.
    """
    values = entity.values if swap is None else {**entity.values, attribute.key: swap}
    context = _context(template, entity, attribute, values)
    if not fields_of(template) <= context.keys():
        return None
    return tidy(template.format_map(context))


def follow_up(sentence: str, entity: Entity) -> str:
    """The sentence with a pronoun in the place of the name it begins with, to follow another sentence."""
    name, pronoun = capital_first(entity.name), capital_first(entity.pronoun)
    if sentence.startswith(f"{name}'s "):
        return f"{capital_first(_HIS[entity.pronoun])} {sentence[len(name) + 3 :]}"
    match = re.match(rf"{re.escape(name)} (?=[a-z])", sentence)
    return f"{pronoun} {sentence[match.end() :]}" if match else sentence


def question(template: str, entity: Entity, attribute: Attribute, reference: str) -> str | None:
    """A question about the entity, which it refers to by the words given."""
    context = _context(template, entity, attribute, entity.values)
    context.update(q=reference, Q=capital_first(reference), qs=possessive(reference))
    if not fields_of(template) <= context.keys():
        return None
    return tidy(template.format_map(context))
