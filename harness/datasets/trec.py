"""TREC files: judgments and runs, plain or gzip."""

from __future__ import annotations

import math
from array import array
from pathlib import Path

import numpy as np

from harness.datamodel import Qrels, Run
from harness.datasets.textfiles import lines
from harness.errors import DataError

_MAX_GRADE = 1_000_000


def read_qrels(path: Path) -> Qrels:
    """Read judgments: TREC's ``query 0 document grade``, or BEIR's TSV with its header line.

    Raises DataError, naming the line, for a wrong number of columns, a grade that is no whole number, or a
    pair judged twice.
    """
    queries: list[str] = []
    documents: list[str] = []
    grades = array("i")
    seen: set[tuple[str, str]] = set()
    width = 4
    for number, line in lines(path):
        parts = line.split()
        if not queries and parts[0].lower() in ("query-id", "query_id"):
            width = 3
            continue
        if len(parts) != width:
            layout = "query-id, corpus-id, score" if width == 3 else "query, 0, document, grade"
            raise DataError(f"{path}:{number}: {len(parts)} columns, where judgments have {width} ({layout})")
        query, document, grade = parts[0], parts[-2], parts[-1]
        value = _grade(grade, path, number)
        if (query, document) in seen:
            raise DataError(f"{path}:{number}: query {query!r}, document {document!r}: judged twice")
        seen.add((query, document))
        queries.append(query)
        documents.append(document)
        grades.append(value)
    if not queries:
        raise DataError(f"{path}: holds no judgments")
    return Qrels.from_columns(queries, documents, np.asarray(grades))


def _grade(text: str, path: Path, number: int) -> int:
    try:
        value = int(text)
    except ValueError:
        raise DataError(f"{path}:{number}: the grade {text!r} is not a whole number") from None
    if abs(value) > _MAX_GRADE:
        raise DataError(f"{path}:{number}: the grade {text!r} is beyond {_MAX_GRADE:,}")
    return value


def read_run(path: Path) -> Run:
    """Read a run: ``query Q0 document rank score tag``; the tag may be several words, the rank is not used.

    Raises DataError, naming the line, for a wrong number of columns or a score that is no finite number, and
    naming query and document for a result given twice.
    """
    queries: list[str] = []
    documents: list[str] = []
    scores = array("d")
    interned: dict[str, str] = {}
    for number, line in lines(path):
        parts = line.split(None, 5)
        if len(parts) < 6:
            raise DataError(
                f"{path}:{number}: {len(parts)} columns, where a run has 6 (query, Q0, document, rank, "
                "score, tag)"
            )
        try:
            score = float(parts[4])
        except ValueError:
            raise DataError(f"{path}:{number}: the score {parts[4]!r} is not a number") from None
        if not math.isfinite(score):
            raise DataError(
                f"{path}:{number}: query {parts[0]!r}, document {parts[2]!r}: the score {parts[4]!r} is not "
                "finite"
            )
        # One string object an id: a run names the same few of them over and over.
        queries.append(interned.setdefault(parts[0], parts[0]))
        documents.append(interned.setdefault(parts[2], parts[2]))
        scores.append(score)
    if not queries:
        raise DataError(f"{path}: holds no results")
    try:
        return Run.from_columns(queries, documents, np.asarray(scores))
    except DataError as error:
        raise DataError(f"{path}: {error}") from None


def write_run(run: Run, path: Path, tag: str) -> None:
    """Write a run in canonical order, its scores in full precision."""
    tag = "_".join(tag.split()) or "run"
    ids = run.doc_ids.to_pylist()
    with path.open("w", encoding="utf-8") as file:
        for position, query in enumerate(run.query_ids):
            low, high = run.offsets[position], run.offsets[position + 1]
            file.writelines(
                f"{query} Q0 {ids[doc]} {rank} {score!r} {tag}\n"
                for rank, (doc, score) in enumerate(
                    zip(run.docs[low:high].tolist(), run.scores[low:high].tolist(), strict=True), start=1
                )
            )
