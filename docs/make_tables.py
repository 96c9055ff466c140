"""Write the tables of these pages that come from the code: ``python docs/make_tables.py``. A test finds a stale one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import astuple
from pathlib import Path

from harness.measures import registry
from harness.plugins import OWN

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


TABLES: dict[str, tuple[str, Callable[[], Iterator[str]]]] = {"measures": ("measures.md", measures)}


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
