"""A report as a folder, written whole or not at all.

index.html          the page
report.md           the same for wikis and pull requests
tables/KEY.csv      every table, unrounded; .json with captions and notes, .tex for papers
figures/KEY.svg     every figure; .png
report.json         what lies here and what it was made from; marks the folder as one that may be replaced
"""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from matplotlib.figure import Figure

from harness.errors import UsageError
from harness.report.figures import drawn_of, save
from harness.report.model import ReportView
from harness.report.several.base import Several
from harness.report.table import DataTable
from harness.report.tables import tables
from harness.report.view import view_of
from harness.report.writers import html, markdown
from harness.report.writers.exports import EXPORTS
from harness.results.bundle import Bundle
from harness.results.target import check_writable
from harness.results.writing import writing

MARKER = "report.json"
PAGE = "index.html"
# How ``harness.results.writing`` names a folder that is not in its place yet.
_PARTIAL = re.compile(r"^\.(.+)\.partial-[^.]*$")


def write_one(view: ReportView, out: Path) -> Mapping[str, Any]:
    """Write one bundle's report; returns what ``report.json`` holds.

    Raises UsageError, BundleError or ResourceError.
    """
    drawn = drawn_of(view)
    about = {"kind": "bundle", "bundles": [view.name], "answer": _answer(view)}
    pages = {PAGE: html.page(view, drawn), "report.md": markdown.report(view, drawn)}
    return _write(out, about, pages, tables(view), drawn)


def _answer(view: ReportView) -> str:
    """The answer as running text."""
    beside = f"Or {view.answer.beside.removeprefix('or ')}." if view.answer.beside else ""
    return " ".join(filter(None, (*view.answer.sentences, beside)))


def write_several(several: Several, out: Path) -> Mapping[str, Any]:
    """Write a report of several bundles, likewise."""
    about = {"kind": several.kind, "why": several.why, "bundles": list(several.bundles)}
    pages = {PAGE: html.several_page(several), "report.md": markdown.several(several)}
    return _write(out, about, pages, several.tables, several.figures)


def add_page(bundle: Bundle) -> None:
    """Add the page to a bundle that is being written, as ``report/index.html``. Nothing is left of one that fails."""
    try:
        view = view_of(bundle)
        name = _PARTIAL.sub(r"\1", view.name)
        (bundle.path / "report").mkdir()
        _text(bundle.path / "report" / PAGE, html.page(replace(view, name=name)))
    except BaseException:
        shutil.rmtree(bundle.path / "report", ignore_errors=True)
        raise


def check_target(out: Path) -> None:
    """Raise UsageError where something else than an older report stands, BundleError where nothing can be written."""
    check_writable(out)
    if out.exists() and not out.is_dir():
        raise UsageError(f"--out {out}: is a file; name a folder that does not exist yet")
    if out.exists() and any(out.iterdir()) and not (out / MARKER).is_file():
        raise UsageError(
            f"--out {out}: holds other files, no report; name a folder that does not exist yet, or that a report "
            "was written to before"
        )


def safe_name(text: str) -> str:
    """A name that is fit for a file on any system, and never a path."""
    clean = re.sub(r"[^\w.@+-]+", "-", text, flags=re.ASCII).strip(".-")
    return clean[:80] or "table"


def _write(
    out: Path,
    about: Mapping[str, Any],
    pages: Mapping[str, str],
    made: Iterable[DataTable],
    figures: Mapping[str, Figure],
) -> Mapping[str, Any]:
    check_target(out)
    with writing(out) as folder:
        for name, text in pages.items():
            _text(folder / name, text)
        for table in made:
            stem = folder / "tables" / safe_name(table.key)
            for suffix, document in EXPORTS.items():
                _text(stem.with_name(f"{stem.name}.{suffix}"), document(table))
        (folder / "figures").mkdir()
        for key, figure in figures.items():
            for suffix in ("svg", "png"):
                save(figure, folder / "figures" / f"{safe_name(key)}.{suffix}")
        files = sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file())
        content = {**about, "page": PAGE, "files": [*files, MARKER]}
        _text(folder / MARKER, json.dumps(content, indent=1, ensure_ascii=False) + "\n")
    return content


def _text(path: Path, text: str) -> None:
    path.parent.mkdir(exist_ok=True)
    # A lone surrogate, which JSON can hold, is no text.
    path.write_bytes(text.encode("utf-8", "replace"))
