"""Runs and judgments as JSON: ``{query: {document: number}}``, and MTEB's predictions, which hold such a table for each
subset and split of a task.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from harness.errors import DataError, listed

#: What MTEB writes beside the subsets: whose predictions they are.
_MODEL = "mteb_model_meta"
_SHAPE = "{query: {document: number}}"


def is_json(head: bytes) -> bool:
    """Whether a file's first bytes are those of a JSON object; neither a run's nor judgments' lines begin so."""
    return head.lstrip()[:1] == b"{"


def read(path: Path, data: bytes, what: str) -> tuple[list[str], list[str], list[float]]:
    """Return queries, documents and numbers, one row each.

    Raises DataError for what is of another shape, names something twice, or holds the predictions of several subsets
    or splits.
    """
    try:
        content = json.loads(data, object_pairs_hook=lambda pairs: _once(path, pairs))
    except (json.JSONDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise DataError(
            f"{path}: begins as JSON does, and is none ({' '.join(str(error).split())[:200]}); {what} as JSON are "
            f"{_SHAPE}, or MTEB's predictions"
        ) from None
    table = _predictions(path, content) if _MODEL in content else content
    queries: list[str] = []
    documents: list[str] = []
    values: list[float] = []
    for query, found in table.items():
        if not isinstance(found, dict):
            raise DataError(f"{path}: query {query!r} has {found!r:.60}; {what} as JSON are {_SHAPE}")
        for document, value in found.items():
            if isinstance(value, bool) or not isinstance(value, int | float) or math.isnan(value):
                hint = "; these are predictions of several subsets?" if isinstance(value, dict) else ""
                raise DataError(
                    f"{path}: query {query!r}, document {document!r}: {value!r:.60} is no number{hint}; {what} as "
                    f"JSON are {_SHAPE}"
                )
            queries.append(query)
            documents.append(document)
            values.append(float(value))
    if not queries:
        raise DataError(f"{path}: holds no {what}")
    return queries, documents, values


def _predictions(path: Path, content: Mapping[str, Any]) -> Mapping[str, Any]:
    """The one table of MTEB's predictions of retrieval."""
    tables = {
        f"{subset}/{split}": table
        for subset, splits in content.items()
        if subset != _MODEL and isinstance(splits, dict)
        for split, table in splits.items()
    }
    if len(tables) != 1:
        raise DataError(
            f"{path}: MTEB's predictions of {listed(tables) or 'nothing'}, where one subset and split is scored; keep "
            "one, as json.load(...)[SUBSET][SPLIT] in a file of its own"
        )
    ((name, table),) = tables.items()
    if not isinstance(table, dict):
        raise DataError(
            f"{path}: MTEB's predictions of {name} are a {type(table).__name__}, and no results of queries; those of "
            "retrieval tasks alone can be scored as runs"
        )
    return table


def _once(path: Path, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise DataError(f"{path}: {twice!r} is named twice in one object; keep one of them")
    return found


__all__ = ["is_json", "read"]
