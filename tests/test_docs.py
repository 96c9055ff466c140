"""Tables of the docs that come from the code are those of the code; pages are all on the site, and links lead somewhere."""

from __future__ import annotations

import re
import runpy
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[1]
PAGES = sorted((ROOT / "docs").rglob("*.md"))
SCRIPT = runpy.run_path(str(Path(__file__).parents[1] / "docs" / "make_tables.py"))


@pytest.mark.parametrize("name", sorted(SCRIPT["TABLES"]))
def test_tables_are_those_of_the_code(name: str) -> None:
    path, content = SCRIPT["made"](name)
    assert path.read_text(encoding="utf-8") == content, "stale: run python docs/make_tables.py"


def _pages(nav: Any) -> Iterator[str]:
    for entry in nav:
        for value in entry.values():
            yield from [value] if isinstance(value, str) else _pages(value)


def test_every_page_is_in_the_sites_navigation() -> None:
    site = tomllib.loads((ROOT / "zensical.toml").read_text(encoding="utf-8"))["project"]
    assert sorted(_pages(site["nav"])) == sorted(page.relative_to(ROOT / "docs").as_posix() for page in PAGES)


@pytest.mark.parametrize(
    "page", [ROOT / "README.md", *PAGES], ids=lambda page: page.relative_to(ROOT).as_posix()
)
def test_links_within_the_repository_lead_somewhere(page: Path) -> None:
    text = re.sub(r"```.*?```|`[^`\n]*`", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    links = [link for link in re.findall(r"\]\(([^)\s]+)\)", text) if "://" not in link]
    lost = [link for link in links if not (page.parent / link.partition("#")[0]).exists()]
    assert lost == []
