"""Write the tables of these pages that come from the code: ``python docs/make_tables.py``. A test finds a stale one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import astuple
from pathlib import Path
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic.fields import FieldInfo

from harness import units, values
from harness.config import configs, endpoints, groups, models, suites
from harness.measures import registry
from harness.plugins import OWN
from harness.policy import Policy
from harness.results import tables
from harness.search import settings as search
from harness.search.passages import Passages
from harness.settings import Settings
from harness.stages.forms import Form
from harness.stages.service import Service

DOCS = Path(__file__).resolve().parent
_START, _END = "<!-- from the code: {} -->\n", "<!-- end -->\n"


def measures() -> Iterator[str]:
    """Every measure, as ``harness list measures`` has them."""
    yield "| measure | task | what | checked by | source |"
    yield "| --- | --- | --- | --- | --- |"
    for entry in registry.entries():
        measure, *others, origin = astuple(entry)
        if origin != OWN:
            continue  # of a plug-in that happens to be installed
        yield "| " + " | ".join([f"`{measure}`", *others]) + " |"


def below(kind: type[Any]) -> Iterator[type[Any]]:
    """Every class under one, parents first."""
    for one in kind.__subclasses__():
        if one.__module__.startswith("harness."):  # not a plug-in's
            yield one
        yield from below(one)


def keys() -> Iterator[str]:
    """The keys of every file that people write, with what they take."""
    forms = sorted((one for one in below(Form) if one.model_fields), key=lambda one: one.__name__)
    for title, kinds in (
        ("A config", [configs.Config]),
        (
            "A model",
            [
                models.ModelSettings, models.PackagedModel, models.CustomModel, models.RecipeModel, models.EncoderPair,
                models.Prompts, endpoints.EndpointModel, endpoints.RerankEndpoint,
            ],
        ),
        ("A pipeline, by the key that it begins with", forms),
        ("Searching", [search.Bm25, search.Ngrams, search.Hnsw, Passages, Service]),
        ("A suite", [suites.Suite, suites.Needs, suites.Terms]),
        ("A group of suites", [groups.GroupSettings]),
        ("A policy", [Policy, *nested(Policy)]),
    ):  # fmt: skip
        yield f"### {title}"
        for kind in kinds:
            first, *_ = (kind.__doc__ or "").partition("\n")
            yield f"\n**{kind.__name__}**: {first.replace('``', '`')}\n"
            yield "| key | takes | default |"
            yield "| --- | --- | --- |"
            for name, field in kind.model_fields.items():
                yield f"| `{field.alias or name}` | {taken(field.annotation)} | {default(field)} |"
        yield ""


def nested(kind: type[Settings]) -> list[type[Settings]]:
    """The settings that a settings' fields hold, and theirs, each once."""
    found: dict[type[Settings], None] = {}

    def walk(annotation: Any) -> None:
        if isinstance(annotation, type) and issubclass(annotation, Settings) and annotation not in found:
            found[annotation] = None
            for field in annotation.model_fields.values():
                walk(field.annotation)
        for part in get_args(annotation):
            walk(part)

    for field in kind.model_fields.values():
        walk(field.annotation)
    return list(found)


_WORDS = {str: "text", int: "a whole number", float: "a number", bool: "`true` or `false`", Any: "anything"}
_MANY = {
    "text": "texts",
    "a whole number": "whole numbers",
    "a number": "numbers",
    "a list of texts": "lists of texts",
}
_READ_BY: dict[Any, str] = {
    units.size_in_bytes: "a size, such as `2GB`",
    values.milliseconds: "a time, such as `50ms`",
}


def taken(annotation: Any) -> str:
    """What a key takes, in words."""
    origin, parts = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        read = [_READ_BY[by] for by in (getattr(part, "func", None) for part in parts[1:]) if by in _READ_BY]
        return read[0] if read else taken(parts[0])
    if origin is Literal:
        return ", ".join(f"`{part}`" for part in parts)
    if origin in (Union, UnionType):
        return ", or ".join(dict.fromkeys(taken(part) for part in parts if part is not NoneType))
    if origin in (list, tuple):
        items = [part for part in parts if part is not Ellipsis]
        inner = taken(items[0])
        return f"a list of {_MANY.get(inner, inner)}" if len(set(items)) == 1 else "a list"
    if origin is dict:
        return f"a mapping of names to {taken(parts[1])}"
    if isinstance(annotation, type) and issubclass(annotation, Settings):
        return annotation.__name__
    return _WORDS.get(annotation, "a mapping")


def default(field: FieldInfo) -> str:
    """What a key is without being said; empty where it must be."""
    if field.is_required():
        return "required"
    value = field.get_default(call_default_factory=True)
    if value is None or value in ({}, (), ""):
        return "–"
    return f"`{str(value).lower() if isinstance(value, bool) else value}`"


def bundle_tables() -> Iterator[str]:
    """Every table of a bundle and its columns."""
    found = (one for one in vars(tables).values() if isinstance(one, tables.Table))
    for table in sorted(set(found), key=lambda one: one.name):
        yield f"### {table.name}.parquet\n"
        yield f"A row is {table.row}.\n"
        yield "| column | type |"
        yield "| --- | --- |"
        for column in table.schema:
            yield f"| `{column.name}` | {column.type} |"
        yield ""


TABLES: dict[str, tuple[str, Callable[[], Iterator[str]]]] = {
    "measures": ("measures.md", measures),
    "keys": ("reference.md", keys),
    "bundle tables": ("reference.md", bundle_tables),
}


def made(name: str) -> tuple[Path, str]:
    """A page, and what it should hold, with one of its tables as the code has it now."""
    page, rows = TABLES[name]
    text = (DOCS / page).read_text(encoding="utf-8")
    before, rest = text.split(_START.format(name), 1)
    table = "\n".join(rows())
    return DOCS / page, f"{before}{_START.format(name)}\n{table}\n\n{_END}{rest.split(_END, 1)[1]}"


if __name__ == "__main__":
    for one in TABLES:
        path, content = made(one)
        path.write_text(content, encoding="utf-8")
