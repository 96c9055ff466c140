"""The tutorial in docs/ is executed here, and comes to what it shows."""

from __future__ import annotations

import re
import runpy
from pathlib import Path
from typing import Any

import pytest

DOCS = Path(__file__).parents[2] / "docs"


def shown(notebook: Any) -> str:
    """Everything that its cells answer."""
    return "\n".join(
        text
        for cell in notebook.cells
        if cell.cell_type == "code"
        for out in cell.outputs
        for text in out.data.values()
    )


def test_what_stands_in_the_docs_is_of_the_script_that_writes_it() -> None:
    nbformat = pytest.importorskip("nbformat", reason="the extra 'dev' (nbclient) is not installed")
    pytest.importorskip("nbclient", reason="the extra 'dev' (nbclient) is not installed")
    script = runpy.run_path(str(DOCS / "make_tutorial.py"))
    kept = nbformat.read(DOCS / "tutorial.ipynb", as_version=4)
    nbformat.validate(kept)
    assert [cell.source for cell in kept.cells] == script["CELLS"], "stale: run python docs/make_tutorial.py"
    assert not re.search(r"/(home|tmp|work|root|Users)/", shown(kept))
    own = [line for cell in kept.cells[3::2] for line in cell.source.splitlines() if line.strip()]
    assert len(own) <= 14


@pytest.mark.long
def test_executed_it_comes_to_the_decision_that_it_shows(
    tmp_path: Path, minilm: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    nbformat = pytest.importorskip("nbformat", reason="the extra 'dev' (nbclient) is not installed")
    pytest.importorskip("ipykernel", reason="the extra 'dev' (ipykernel) is not installed")
    script = runpy.run_path(str(DOCS / "make_tutorial.py"))
    monkeypatch.setenv("PYTHONPATH", str(DOCS.parent))
    found = shown(script["executed"](script["notebook"](), tmp_path))
    kept = shown(nbformat.read(DOCS / "tutorial.ipynb", as_version=4))
    figures = re.compile(r"<b>0\.\d{4}</b>")
    assert "PASS" in found
    assert len(figures.findall(kept)) >= 3
    assert [float(text[3:-4]) for text in figures.findall(found)] == pytest.approx(
        [float(text[3:-4]) for text in figures.findall(kept)], abs=0.002
    )
