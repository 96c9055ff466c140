"""What a table of facts and its templates are made of."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass, field

Value = str | int | float


@functools.cache
def _lines(block: str) -> tuple[str, ...]:
    return tuple(line.strip() for line in block.splitlines() if line.strip())


@dataclass(frozen=True)
class Attribute:
    """One thing that can be said of every entity of a domain, and the ways to say and ask it.

    ``say``, ``vague``, ``ask``, ``ask_held`` and ``find`` hold one template a line. Placeholders: ``{e}``
    the entity's name, ``{E}`` the same at a sentence's start, ``{es}`` and ``{Es}`` its genitive; ``{v}``
    and ``{V}`` this attribute's value; any other column by its name; in questions ``{q}`` stands for the
    entity, by name or by description, and ``{qs}`` for its genitive (such a question is only asked by
    name). A template of ``say`` that shows another attribute's column states that fact, too, and is judged
    so.
    """

    key: str
    say: str
    ask: str
    ask_held: str = ""
    """Questions that only dev and test use: wordings never met in training."""
    vague: str = ""
    """The same fact at lower precision; never an answer."""
    find: str = ""
    """Questions that give the value and look for the entity (where the value is unique in its domain)."""
    kind: str = "text"
    """``text``, ``year``, or a unit: ``number``, ``metres``, ``km``, ``kg``, ``sqkm``, ``millions``."""
    close: tuple[str, ...] = ()
    """Attributes near enough in topic that a passage about them is worth grade 1 here."""
    exclusive: bool = True
    """Whether another value would contradict this one."""

    def lines(self, name: str) -> tuple[str, ...]:
        """The templates of one of the fields above, one a line."""
        return _lines(str(getattr(self, name)))


@dataclass(frozen=True)
class Domain:
    """A table of entities with the attributes that are said of them."""

    key: str
    realm: str
    """Domains of one realm are neighbours in topic; sentences across realms are unrelated."""
    columns: tuple[str, ...]
    rows: tuple[tuple[Value | None, ...], ...]
    attributes: tuple[Attribute, ...]
    asides: tuple[str, ...] = ()
    """Sentences without a fact of their own that may follow a statement."""
    via: tuple[tuple[str, str], ...] = ()
    """Descriptions to use instead of a name: (column, template). Skipped when that column is what is asked,
    and where the description would fit two entities."""
    follows: str = ""
    """A column naming an entity of another domain whose split this entity shares (a book, its author)."""
    plural_names: frozenset[str] = frozenset()

    @functools.cached_property
    def kinds(self) -> dict[str, str]:
        """The kind of each attribute, by its key."""
        return {attribute.key: attribute.kind for attribute in self.attributes}


@dataclass(frozen=True)
class Entity:
    """One row of a table."""

    key: str
    domain: Domain = field(repr=False, compare=False)
    name: str = ""
    values: Mapping[str, Value] = field(default_factory=dict, repr=False, compare=False)

    @property
    def bare_name(self) -> str:
        """The name without its article."""
        return self.name.removeprefix("the ")

    @property
    def pronoun(self) -> str:
        """What a second sentence calls the entity: it, he or she."""
        return str(self.values.get("pronoun", "it"))


@dataclass(frozen=True)
class Fact:
    """One attribute of one entity."""

    entity: Entity
    attribute: Attribute

    @functools.cached_property
    def key(self) -> str:
        """The fact's name, such as ``countries/hungary/capital``."""
        return f"{self.entity.key}/{self.attribute.key}"

    @property
    def value(self) -> Value:
        """The value in the table."""
        return self.entity.values[self.attribute.key]
