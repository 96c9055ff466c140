"""Tables of the docs that come from the code are those of the code."""

from __future__ import annotations

import runpy
from pathlib import Path

import pytest

SCRIPT = runpy.run_path(str(Path(__file__).parents[1] / "docs" / "make_tables.py"))


@pytest.mark.parametrize("name", sorted(SCRIPT["TABLES"]))
def test_tables_are_those_of_the_code(name: str) -> None:
    path, content = SCRIPT["made"](name)
    assert path.read_text(encoding="utf-8") == content, "stale: run python docs/make_tables.py"
