"""What a kind of collection is: its keys in a suite, and how its parts are loaded."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import Field

from harness.config import LoadedSuite
from harness.datamodel import Qrels, Query, Run
from harness.datasets.corpus import Corpus
from harness.datasets.fields import USUAL, Fields
from harness.datasets.sample import Sample
from harness.settings import Settings


class CollectionSettings(Settings):
    """The keys that every collection has."""

    exclude_self: bool = False
    max_tokens: Annotated[int, Field(ge=1)] | None = None
    text: str | tuple[str, ...] | None = None
    sample: Sample | None = None

    @property
    def texts(self) -> tuple[str, ...] | None:
        """The fields that make a document's text."""
        return (self.text,) if isinstance(self.text, str) else self.text

    @property
    def document_fields(self) -> Fields:
        """What names the columns of local documents."""
        return USUAL if self.text is None else Fields(title=None, text=self.text)


@dataclass(frozen=True)
class Wanted:
    """Whether documents, and whether the data set's own candidates, are needed."""

    text: bool
    candidates: bool


@dataclass(frozen=True, eq=False)
class Loaded:
    """A source's parts.

    ``passages`` gives some documents by id, where they can be had without a pass over all; ``notes`` are to be said.
    """

    queries: tuple[Query, ...]
    qrels: Qrels
    corpus: Corpus | None = None
    candidates: Run | None = None
    passages: Callable[[Sequence[str]], Corpus] | None = None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class CollectionKind:
    """A kind of collection.

    Attributes:
        key: which key of a suite's ``dataset`` tells it.
        written: how it is written, for who wrote none of them; empty where no file can say it.
        settings: its keys.
        load: its parts, of settings of that class. Raises DataError, ConfigError.
    """

    key: str
    written: str
    settings: type[CollectionSettings]
    load: Callable[[Any, LoadedSuite, Wanted], Loaded]
