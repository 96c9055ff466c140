"""Relevance judgments: TREC's four columns, BEIR's three, or JSON."""

from __future__ import annotations

import math
from array import array
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from harness.datamodel import Qrels
from harness.datasets import jsontables
from harness.datasets.textfiles import decoded, opened_text, raw_lines
from harness.datasets.trec_rows import JUDGMENT, RESULT, Rows
from harness.errors import DataError

MAX_GRADE = 1_000_000
_HEAD = 512
#: How a header line may call the columns of judgments, in lower case with underscores.
HEADERS = {
    "query": ("query_id", "qid", "queryid", "query", "topic", "topic_id"),
    "document": (
        "corpus_id",
        "doc_id",
        "docid",
        "docno",
        "document_id",
        "document",
        "doc",
        "pid",
        "passage_id",
    ),
    "grade": ("score", "grade", "relevance", "rel", "label", "judgment"),
}


def read_qrels(path: Path) -> Qrels:
    """Read judgments: TREC's ``query 0 document grade``, or BEIR's three columns, with or without a header line.

    A grade may be written as a float (``1.0``). A pair judged twice with one grade counts once, and is counted.
    Raises DataError, naming the line, for a wrong number of columns, a grade that is no whole number, or a
    pair judged twice with different grades.
    """
    if (found := _as_json(path)) is not None:
        return found
    rows = Rows(path)
    grades = array("i")
    known: dict[bytes, int] = {}  # grades by how they are written: there are few
    width, places = 0, (0, 0, 0)
    with opened_text(path) as file:
        for number, raw in raw_lines(file):
            parts = raw.split()  # of bytes: at white space of ASCII, as trec_eval does
            if not parts:
                continue
            if not width:
                width, places, header = _layout(parts, path, number)
                if header:
                    continue
            if len(parts) != width:
                raise DataError(f"{path}:{number}: {len(parts)} columns, where the lines above have {width}")
            query, document, grade = parts[places[0]], parts[places[1]], parts[places[2]]
            value = known.get(grade)
            if value is None:
                value = known[grade] = _grade(decoded(grade, path, number), path, number, width)
            rows.add(query, document, number)
            grades.append(value)
    if not grades:
        raise DataError(f"{path}: holds no judgments")
    return _judgments(rows, np.frombuffer(grades, dtype=np.int32))


def _as_json(path: Path) -> Qrels | None:
    """Read judgments as JSON, ``{query: {document: grade}}`` as MTEB holds them; None for lines."""
    with opened_text(path) as file:
        head = file.read(_HEAD)
        if not jsontables.is_json(head) or b"\t" in head.partition(b"\n")[0]:
            return None
        queries, documents, values = jsontables.read(path, head + file.read(), "judgments")
    for query, document, value in zip(queries, documents, values, strict=True):
        if not value.is_integer() or abs(value) > MAX_GRADE:
            raise DataError(
                f"{path}: query {query!r}, document {document!r}: the grade {value:g} is not a whole number up to "
                f"{MAX_GRADE:,}"
            )
    return Qrels.from_columns(queries, documents, [int(value) for value in values])


def _judgments(rows: Rows, grades: NDArray[np.int32]) -> Qrels:
    """Make judgments of rows; of pairs given twice the first is kept. Raises DataError where two grades differ."""
    twice = rows.twice()
    different = twice[grades[twice[:, 0]] != grades[twice[:, 1]]]
    for first, second in different.tolist():
        raise DataError(
            f"{rows.path}:{rows.numbers[second]}: {rows.named(second)}: judged twice, here {grades[second]} and "
            f"{grades[first]} on line {rows.numbers[first]} ({len(different)} such); keep one of them"
        )
    kept = np.ones(len(grades), dtype=bool)
    kept[twice[:, 1]] = False
    queries, documents = rows.columns(kept)
    return replace(Qrels.from_columns(queries, documents, grades[kept]), n_repeated=len(twice))


def _layout(first: Sequence[bytes], path: Path, number: int) -> tuple[int, tuple[int, int, int], bool]:
    """Return how many columns judgments have, where query, document and grade stand, and if this is a header."""
    names = [name.decode("utf-8", "replace").lower().replace("-", "_") for name in first]
    found = [[i for i, name in enumerate(names) if name in valid] for valid in HEADERS.values()]
    if all(len(places) == 1 for places in found):
        return len(first), (found[0][0], found[1][0], found[2][0]), True
    if len(first) == 3:
        return 3, (0, 1, 2), False
    if len(first) == 4:
        return 4, (0, 2, 3), False
    hint = f"; this looks like a run ({RESULT})" if len(first) == 6 else ""
    raise DataError(
        f"{path}:{number}: {len(first)} columns, where judgments have 4 ({JUDGMENT}) or 3 (query, document, grade)"
        f"{hint}"
    )


def _grade(text: str, path: Path, number: int, width: int) -> int:
    try:
        value = math.nan if "_" in text else float(text)
    except ValueError:
        value = math.nan
    if math.isfinite(value) and not value.is_integer():
        raise DataError(
            f"{path}:{number}: the grade {text!r} is not a whole number, as trec_eval's are; scale the grades, "
            "0.5 and 1 to 1 and 2 say"
        )
    if not math.isfinite(value):
        hint = (
            f"; 3 columns are query, document, grade, and TREC's judgments have 4 ({JUDGMENT})"
            if width == 3
            else ""
        )
        raise DataError(f"{path}:{number}: the grade {text!r} is not a whole number{hint}")
    if abs(value) > MAX_GRADE:
        raise DataError(f"{path}:{number}: the grade {text!r} is beyond {MAX_GRADE:,}")
    return int(value)
