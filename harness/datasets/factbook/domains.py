"""The list of domains: each joins a table, its phrasing, and descriptions that can stand for a name."""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from types import ModuleType

from harness.datasets.factbook.asides import ASIDES
from harness.datasets.factbook.model import Attribute, Domain, Entity, Fact
from harness.datasets.factbook.phrasing import culture, geography, nature, people
from harness.datasets.factbook.tables import (
    animals,
    books,
    cities,
    companies,
    composers,
    countries,
    dishes,
    elements,
    events,
    instruments,
    inventions,
    landmarks,
    mountains,
    painters,
    rivers,
    scientists,
    space,
    sports,
    writers,
)

CLUE = ("clue", "{clue}")

# Where a statement from one table answers a question about another: (domain, attribute, domain, attribute)
# says that a fact of the first states the one of the second if each value names the other's entity. "The
# capital of Japan is Tokyo" also tells in which country Tokyo lies; "Tokyo lies in Japan" tells no capital.
LINKS = (
    ("writers", "works", "books", "author"),
    ("books", "author", "writers", "works"),
    ("countries", "capital", "cities", "country"),
    ("countries", "peak", "mountains", "country"),
    ("cities", "sight", "landmarks", "city"),
)
# The same where the first value alone decides: a landmark is a sight of its town, even if the town's row
# names another one.
ONE_SIDED_LINKS = (("landmarks", "city", "cities", "sight"),)


def _domain(
    key: str,
    realm: str,
    table: ModuleType,
    attributes: tuple[Attribute, ...],
    *via: tuple[str, str],
    follows: str = "",
    plural_names: frozenset[str] = frozenset(),
) -> Domain:
    return Domain(key, realm, table.COLUMNS, table.ROWS, attributes, ASIDES[key], via, follows, plural_names)


DOMAINS: tuple[Domain, ...] = (
    _domain(
        "countries", "geography", countries, geography.COUNTRIES,
        ("capital", "the country governed from {capital}"),
        ("peak", "the country whose highest point is {peak}"),
        ("tld", "the country behind the internet ending {tld}"),
        ("currency", "the country whose money is {currency}"),
        plural_names=frozenset({"the Netherlands", "the United States", "the Philippines"}),
    ),
    _domain(
        "cities", "geography", cities, geography.CITIES,
        CLUE,
        CLUE,
        ("sight", "the city known for {sight}"),
        ("airport", "the city with {airport} airport"),
        ("games", "the host of the {games} Summer Olympics"),
    ),
    _domain("rivers", "geography", rivers, geography.RIVERS, CLUE),
    _domain(
        "mountains", "geography", mountains, geography.MOUNTAINS,
        CLUE,
        ("climbers", "the mountain first climbed by {climbers}"),
    ),
    _domain(
        "elements", "science", elements, nature.ELEMENTS,
        ("symbol", "the element written as {symbol}"),
        ("number", "the element with {number} protons"),
        ("naming", "the element whose name goes back to {naming}"),
        ("use", "the element used for {use}"),
    ),
    _domain(
        "space", "science", space, nature.SPACE,
        ("feature", "the celestial body with {feature}"),
        ("namesake", "the world named after {namesake}"),
    ),
    _domain("animals", "nature", animals, nature.ANIMALS, ("habit", "the animal {that_habit}")),
    _domain(
        "composers", "people", composers, people.COMPOSERS,
        CLUE,
        ("works", "the composer of {works}"),
    ),
    _domain(
        "painters", "people", painters, people.PAINTERS,
        CLUE,
        ("works", "the artist behind {works}"),
    ),
    _domain(
        "writers", "people", writers, people.WRITERS,
        CLUE,
        ("works", "the author of {works}"),
    ),
    _domain(
        "scientists", "people", scientists, people.SCIENTISTS,
        CLUE,
        ("works", "the scientist known for {works}"),
    ),
    _domain(
        "books", "culture", books, culture.BOOKS,
        ("plot", "the story in which {plot}"),
        ("hero", "the book about {hero}"),
        follows="author",
    ),
    _domain("inventions", "science", inventions, culture.INVENTIONS, CLUE),
    _domain(
        "landmarks", "culture", landmarks, culture.LANDMARKS,
        CLUE,
        ("known", "the sight renowned for {known}"),
    ),
    _domain(
        "instruments", "culture", instruments, culture.INSTRUMENTS,
        ("player", "the instrument of {player}"),
        ("parts", "the musical instrument with {parts}"),
    ),
    _domain(
        "sports", "culture", sports, culture.SPORTS,
        ("aim", "the sport of {aim}"),
        ("gear", "the sport that needs {gear}"),
    ),
    _domain("dishes", "food", dishes, culture.DISHES, ("made", "the speciality made from {made}")),
    _domain("events", "history", events, culture.EVENTS, ("outcome", "the event that led to {outcome}")),
    _domain(
        "companies", "economy", companies, culture.COMPANIES,
        ("founder", "the company set up by {founder}"),
        ("product", "the company known for {product}"),
    ),
)  # fmt: skip


def slug(name: str) -> str:
    """A name in lower-case ASCII letters, digits and hyphens, for ids."""
    plain = unicodedata.normalize("NFKD", name.replace("ø", "o").replace("Ø", "O").replace("ł", "l"))
    plain = "".join(char for char in plain if not unicodedata.combining(char))
    return re.sub(r"[^a-z0-9]+", "-", plain.lower().removeprefix("the ").replace("'", "")).strip("-")


@cache
def entities() -> tuple[Entity, ...]:
    """Every entity of every domain, in the order of the tables."""
    found = []
    for domain in DOMAINS:
        for row in domain.rows:
            cells = dict(zip(domain.columns, row, strict=True))
            values = {column: value for column, value in cells.items() if value is not None}
            name = str(values["name"])
            found.append(Entity(f"{domain.key}/{slug(name)}", domain, name, values))
    return tuple(found)


@cache
def facts() -> tuple[Fact, ...]:
    """Every fact of the tables: each attribute of each entity that has a value."""
    return tuple(
        Fact(entity, attribute)
        for entity in entities()
        for attribute in entity.domain.attributes
        if attribute.key in entity.values
    )


@cache
def facts_by_entity() -> dict[str, tuple[Fact, ...]]:
    """The facts about each entity, by the entity's key."""
    grouped: dict[str, list[Fact]] = {entity.key: [] for entity in entities()}
    for fact in facts():
        grouped[fact.entity.key].append(fact)
    return {key: tuple(group) for key, group in grouped.items()}


def _names(value: object, entity: Entity) -> bool:
    return re.search(rf"(?<!\w){re.escape(entity.bare_name)}(?!\w)", str(value)) is not None


@cache
def linked() -> dict[str, frozenset[str]]:
    """For each fact that answers a question about another table as well, the facts it states."""
    by_domain: dict[str, list[Entity]] = {}
    for entity in entities():
        by_domain.setdefault(entity.domain.key, []).append(entity)
    pairs: dict[str, set[str]] = {}
    for link in LINKS + ONE_SIDED_LINKS:
        first_domain, first_key, second_domain, second_key = link
        for first in by_domain[first_domain]:
            for second in by_domain[second_domain]:
                here, there = first.values.get(first_key), second.values.get(second_key)
                if _names(here, second) and (link in ONE_SIDED_LINKS or _names(there, first)):
                    left, right = f"{first.key}/{first_key}", f"{second.key}/{second_key}"
                    pairs.setdefault(left, set()).add(right)
    return {key: frozenset(others) for key, others in sorted(pairs.items())}
