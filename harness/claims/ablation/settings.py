"""What an ablation's config says, and reading it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import Field, model_validator

from harness import locate, settings
from harness.claims.kind import CONFIGS
from harness.config.configs import read_overridden
from harness.errors import ConfigError, listed, nearest
from harness.settings import Settings
from harness.train.objectives import ObjectiveRecipe, ObjectiveSettings
from harness.values import Seed
from harness.yamlfile import YamlFile


class CellSettings(Settings):
    """What a cell changes of its column's recipe, and the published figure, in points of 100."""

    set: dict[str, Any] = Field(default_factory=dict)
    published: float | None = None


class RowSettings(Settings):
    """A row of the table: its name, and a cell for some columns."""

    row: str
    cells: dict[str, CellSettings]


class BlockSettings(Settings):
    """Rows under one heading."""

    block: str
    rows: Annotated[tuple[RowSettings, ...], Field(min_length=1)]


class AblationSettings(Settings):
    """A sweep: recipes (columns) x what is varied (rows) x seeds, each measured on the same sentence pairs.

    ``common`` is what every recipe says, ``recipes`` what each says besides; together they are a recipe as
    ``harness train`` takes it, but for seed and dev. ``evaluate`` are sentence pairs as an STS suite's ``dataset``
    names them.
    """

    version: Annotated[int, Field(ge=1)]
    description: str = ""
    source: str = ""  # of the published figures
    note: str = ""  # how this setting differs from theirs
    seeds: Annotated[tuple[Seed, ...], Field(min_length=1)]
    evaluate: Annotated[dict[str, Any], Field(min_length=1)]
    common: dict[str, Any] = Field(default_factory=dict)
    recipes: Annotated[dict[str, dict[str, Any]], Field(min_length=1)]
    table: Annotated[tuple[BlockSettings, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _consistent(self) -> AblationSettings:
        if len(set(self.seeds)) != len(self.seeds):
            raise ValueError(f"seeds: one is given twice in {listed(map(str, self.seeds))}")
        for block in self.table:
            for row in block.rows:
                for name in row.cells:
                    if name not in self.recipes:
                        raise ValueError(
                            f"row {row.row!r}: unknown recipe {name!r}{nearest(name, self.recipes)}; known are "
                            f"{listed(self.recipes)}"
                        )
        return self


@dataclass(frozen=True)
class Cell:
    """One cell: where it stands, and its recipe once a seed."""

    block: str
    row: str
    column: str
    published: float | None
    recipes: tuple[ObjectiveRecipe, ...]


@dataclass(frozen=True)
class LoadedAblation:
    """An ablation's config, the file it came from, and every cell's recipes."""

    name: str
    settings: AblationSettings
    file: YamlFile
    cells: tuple[Cell, ...]


def load(name: str, overrides: Iterable[str] = ()) -> LoadedAblation:
    """Load an ablation by name (from ``configs/claims``) or path, and build every cell's recipe.

    Raises ConfigError, naming the cell whose recipe is not valid.
    """
    path = locate.find(CONFIGS, name)
    file = read_overridden(path, overrides)
    said = settings.build(AblationSettings, file.content, file)
    cells = []
    for block, row, column, cell in _cells(said):
        where = f"{row} {column}"
        recipes = tuple(_recipe(said, column, cell, seed, file, where) for seed in said.seeds)
        cells.append(Cell(block, row, column, cell.published, recipes))
    return LoadedAblation(path.stem, said, file, tuple(cells))


def _cells(said: AblationSettings) -> Iterator[tuple[str, str, str, CellSettings]]:
    for block in said.table:
        for row in block.rows:
            for column, cell in row.cells.items():
                yield block.block, row.row, column, cell


def _recipe(
    said: AblationSettings, column: str, cell: CellSettings, seed: int, file: YamlFile, where: str
) -> ObjectiveRecipe:
    changed = _merged(_merged(said.common, said.recipes[column]), cell.set)
    fixed = {"version": said.version, "seed": seed, "dev": said.evaluate, "keep": "last", "evaluations": 1}
    content = {"kind": "bi-encoder", **changed, **fixed}
    place = YamlFile(
        file.path, content, {at[2:]: n for at, n in file.lines.items() if at[:2] == ("recipes", column)}
    )
    try:
        built = settings.build(ObjectiveSettings, content, place)
    except ConfigError as error:
        raise ConfigError(f"{file.path}: the cell {where!r}: {error}") from None
    return ObjectiveRecipe(f"{file.path.stem} {where}, seed {seed}", built, place)


def _merged(first: Mapping[str, Any], second: Mapping[str, Any]) -> dict[str, Any]:
    """Return the second over the first; mappings within are merged, ``data`` is replaced as a whole."""
    result = dict(first)
    for key, value in second.items():
        inner = result.get(key)
        both = isinstance(inner, Mapping) and isinstance(value, Mapping) and key != "data"
        result[key] = _merged(inner, value) if both else value  # type: ignore[arg-type]
    return result
