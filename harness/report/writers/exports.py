"""Formats in which a report keeps every table: the suffix of the file, and what writes it."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from harness.report.table import DataTable
from harness.report.writers import csv, json, latex

EXPORTS: Mapping[str, Callable[[DataTable], str]] = {
    "csv": csv.document,
    "json": json.document,
    "tex": latex.document,
}
