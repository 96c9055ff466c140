"""Which columns hold the id, the title and the text: by the names that people give them, or as a suite says."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from harness.errors import listed, nearest
from harness.settings import Settings

_SHOWN = 12


class Fields(Settings):
    """Other people's names for the id, the title and what makes the text; those left out are found by name.

    Several columns of text are joined by a space. ``title: null`` says that there is none.
    """

    id: str | None = None
    title: str | None = None
    text: str | tuple[str, ...] | None = None

    @property
    def given(self) -> bool:
        """Whether anything is named."""
        return bool(self.model_fields_set)

    @property
    def texts(self) -> tuple[str, ...]:
        """The columns that make the text; none where they are found by name."""
        if self.text is None:
            return ()
        return (self.text,) if isinstance(self.text, str) else self.text


#: Nothing is named: all is found by the usual names.
USUAL = Fields()


@dataclass(frozen=True)
class RecordKind:
    """A kind of record, and its columns' usual names in lower case with underscores."""

    name: str
    key: str  # how a suite names its columns
    ids: frozenset[str]
    titles: frozenset[str]
    texts: frozenset[str]


_TITLES = frozenset(("title", "headline", "heading", "doc_title", "document_title"))
DOCUMENT = RecordKind(
    "document",
    "fields",
    frozenset(
        [
            "_id",
            "id",
            "doc_id",
            "docid",
            "docno",
            "document_id",
            "documentid",
            "corpus_id",
            "pid",
            "passage_id",
            "passageid",
            "paragraph_id",
        ]
    ),
    _TITLES,
    frozenset(
        [
            "text",
            "contents",
            "content",
            "body",
            "passage",
            "document",
            "abstract",
            "paragraph",
            "context",
            "doc_text",
            "document_text",
            "passage_text",
            "article",
        ]
    ),
)
QUERY = RecordKind(
    "query",
    "query_fields",
    frozenset(["_id", "id", "query_id", "queryid", "qid", "topic_id", "topic", "number", "question_id"]),
    _TITLES,
    frozenset(["text", "query", "question", "query_text", "question_text", "contents", "content"]),
)


@dataclass(frozen=True)
class Chosen:
    """The columns of a record that are its id and, in order, its text; ``title`` may be missing or empty."""

    id: str
    title: str | None
    texts: tuple[str, ...]

    def text(self, record: dict[str, Any]) -> str:
        """Join title and text by a space; what is empty, or null, leaves none behind. Raises ValueError."""
        names = self.texts if self.title is None else (self.title, *self.texts)
        return joined(_text(record.get(name), name) for name in names)


def _text(value: Any, name: str) -> str:
    if value is None:
        return ""
    if not isinstance(value, str):
        raise ValueError(f"key {name!r} is not text but {type(value).__name__}")
    return value


def joined(parts: Iterable[str]) -> str:
    """Join texts by a space, leaving out the empty ones."""
    return " ".join(part for part in (part.strip() for part in parts) if part)


def id_of(value: Any, kind: RecordKind) -> str:
    """Return an id as text: 7 and 7.0, as pandas writes a column with gaps, are ``7``. Raises ValueError."""
    if isinstance(value, str):
        return value
    whole = isinstance(value, int) or (
        isinstance(value, float) and value.is_integer() and abs(value) <= 2**53
    )
    if whole and not isinstance(value, bool):
        return str(int(value))
    raise ValueError(f"the {kind.name} id {value!r} is neither text nor a whole number")


@dataclass(frozen=True, eq=False)
class Chooser:
    """Finds the columns of one kind of record, the same for all records of the same keys."""

    kind: RecordKind
    fields: Fields = USUAL
    _known: dict[tuple[str, ...], Chosen] = field(default_factory=dict)

    def of(self, record: Iterable[str]) -> Chosen:
        """Return what is chosen of a record's keys, or a table's columns. Raises ValueError that names them."""
        keys = tuple(record)
        found = self._known.get(keys)
        if found is None:
            found = self._known[keys] = self._chosen(keys)
        return found

    def is_header(self, cells: Sequence[str]) -> bool:
        """Whether a table's first line names its columns."""
        named = [self.fields.id, self.fields.title, *self.fields.texts]
        if any(named):
            return all(name is None or _found(cells, {_normal(name)}) for name in named)
        return bool(_found(cells, self.kind.ids))

    def _chosen(self, keys: tuple[str, ...]) -> Chosen:
        fields = self.fields
        if not fields.given and {"_id", "text"} <= set(keys):
            return Chosen("_id", "title" if "title" in keys else None, ("text",))
        id_key = self._given(fields.id, keys) if fields.id else self._guessed("id", self.kind.ids, keys)
        texts = tuple(self._given(name, keys) for name in fields.texts)
        texts = texts or (self._guessed("text", self.kind.texts, keys),)
        title = None
        if fields.title:
            title = next(iter(_found(keys, {_normal(fields.title)})), None)
        elif "title" not in fields.model_fields_set:
            title = self._guessed(
                "title", self.kind.titles - {_normal(name) for name in texts}, keys, needed=False
            )
        return Chosen(id_key, title, texts)

    def check_seen(self) -> None:
        """Raise ValueError where a title was named that no record has."""
        if self.fields.title and self._known and not any(chosen.title for chosen in self._known.values()):
            raise ValueError(self._no_such(self.fields.title, next(iter(self._known))))

    def _given(self, name: str, keys: Sequence[str]) -> str:
        found = [key for key in keys if key == name] or _found(keys, {_normal(name)})
        if len(found) == 1:
            return found[0]
        raise ValueError(self._no_such(name, keys))

    def _no_such(self, name: str, keys: Sequence[str]) -> str:
        twice = " once" if _found(keys, {_normal(name)}) else ""
        return f"no column {name!r}{twice} among the keys {_some(keys)}{nearest(name, keys)}"

    def _guessed(self, role: str, valid: Iterable[str], keys: Sequence[str], *, needed: bool = True) -> Any:
        found = _found(keys, set(valid))
        if len(found) == 1 or not (found or needed):
            return found[0] if found else None
        how = f"name it with '{self.kind.key}: {{{role}: ...}}'"
        if found:
            raise ValueError(
                f"the {self.kind.name}'s {role} can be {' or '.join(found)}, of the keys {_some(keys)}; {how}"
            )
        usual = listed(sorted(valid))
        raise ValueError(f"no {role} among the keys {_some(keys)}; it may be called {usual}, or {how}")


def _normal(name: str) -> str:
    return name.strip().casefold().replace("-", "_").replace(" ", "_")


def _found(keys: Iterable[str], valid: set[str] | frozenset[str]) -> list[str]:
    return [key for key in keys if _normal(key) in valid]


def _some(keys: Sequence[str]) -> str:
    shown = listed(keys[:_SHOWN]) or "(none)"
    return f"{shown}, ... ({len(keys):,} in all)" if len(keys) > _SHOWN else shown


__all__ = ["DOCUMENT", "QUERY", "USUAL", "Chooser", "Chosen", "Fields", "RecordKind", "id_of", "joined"]
