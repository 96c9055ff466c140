"""What the settings of data sets share: files and their columns, and the project's own corpus."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

from pydantic import Field, model_validator

from harness.datasets.rows import Columns
from harness.errors import listed
from harness.settings import Settings

Files = str | Annotated[tuple[str, ...], Field(min_length=1)]
Split = Literal["train", "dev", "test"]
_Item = TypeVar("_Item", bound=Any)


class EmbeddedSource(Settings):
    """A split of the project's own corpus of facts."""

    embedded: Literal["factbook"]
    split: Split = "test"


class TableSource(Settings):
    """Files of rows. The columns that a kind of table needs are those that it has by default; others are ignored."""

    columns: tuple[str, ...]
    header: bool = False

    @model_validator(mode="after")
    def _complete(self) -> TableSource:
        if missing := [name for name in self.named.needed if name not in self.columns]:
            raise ValueError(
                f"columns: {listed(missing)} must be among them; given are {listed(self.columns)}"
            )
        return self

    @property
    def named(self) -> Columns:
        """What the columns are called, and which are needed."""
        return Columns(self.columns, type(self).model_fields["columns"].default, header=self.header)


def names_of(files: str | Sequence[str]) -> tuple[str, ...]:
    """Return one name or several as several."""
    return (files,) if isinstance(files, str) else tuple(files)


def paths_of(files: str | Sequence[str], folder: Path) -> list[Path]:
    """Return every file, in the order they are concatenated."""
    return [folder / Path(name).expanduser() for name in names_of(files)]


def told_apart(items: Sequence[_Item]) -> tuple[_Item, ...]:
    """Return items (named tuples with an ``id``) each with an id of its own: two files may have one name."""
    if len({item.id for item in items}) == len(items):
        return tuple(items)
    return tuple(item._replace(id=f"{i}:{item.id}") for i, item in enumerate(items))
