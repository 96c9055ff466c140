"""Runs: TREC's six columns, MS MARCO's three, or JSON."""

from __future__ import annotations

import io
import math
from array import array
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import IO

import numpy as np
import pyarrow as pa

from harness.datamodel import Codes, Floats, Ints, Run
from harness.datasets import jsontables
from harness.datasets.textfiles import opened, opened_text, raw_lines
from harness.datasets.trec_rows import JUDGMENT, RESULT, Rows
from harness.errors import DataError
from harness.results.columns import NAMES, any_match, read_parquet, read_trec
from harness.text import flowing

_NO_ID = r"[\x00-\x20\x7f]|^$"
_PARQUET = b"PAR1"
#: Bytes in which a first line ends, and in which JSON shows.
_HEAD, _JSON_HEAD = 1 << 13, 512
#: Takes a line's columns; gives document, score and rank. Raises ValueError that says what is wrong.
_Reader = Callable[[Sequence[bytes]], tuple[bytes, float, int]]


def read_run(path: Path) -> Run:
    """Read a run: ``query Q0 document rank score tag``, MS MARCO's ``query document rank``, JSON, or Parquet.

    The scores decide; a rank that contradicts them is noted. Without scores they are made of the ranks, which is
    noted too. Raises DataError, naming the line, for a wrong number of columns, a score that is no finite number,
    or a result given twice.
    """
    for read in (_of_bundle, _as_json, _plain):
        found = read(path)
        if found is not None:
            return found
    return _by_lines(path)


def _of_bundle(path: Path) -> Run | None:
    """Read a run that a bundle keeps as Parquet; None for any other file."""
    with opened(path) as file:
        if file.read(len(_PARQUET)) != _PARQUET:
            return None
    try:
        columns = read_parquet(path)
        texts = [columns.queries.dictionary]
        if isinstance(columns.documents, pa.Array):
            texts.append(columns.documents)
        if any(any_match(one, _NO_ID) for one in texts):
            raise ValueError("an id is empty or holds white space or a control character")
        return columns.run()
    except (pa.ArrowException, OSError, ValueError) as error:
        raise DataError(f"{path}: is Parquet, and no run of a bundle ({flowing(str(error))[:200]})") from None
    except DataError as error:
        raise DataError(f"{path}: {error}") from None


def _as_json(path: Path) -> Run | None:
    """Read results as JSON; None for any other file."""
    with opened_text(path) as file:
        if not jsontables.is_json(file.peek(_JSON_HEAD)[:_JSON_HEAD]):  # type: ignore[attr-defined]
            return None
        return Run.from_columns(*jsontables.read(path, file.read(), "results"))


def _plain(path: Path) -> Run | None:
    """Read a run as most tools write it, through Arrow; None where anything is unusual, for the reader by lines."""
    with opened_text(path) as file:
        line = file.peek(_HEAD).partition(b"\n")[0]  # type: ignore[attr-defined]
        delimiter = "\t" if b"\t" in line else " "
        if len(line.split(delimiter.encode())) != len(NAMES):
            return None
        ends = _Ends(file)
        try:
            columns = read_trec(ends, delimiter)
            if ends.mixed or any_match(columns.queries.dictionary, _NO_ID):
                return None
            documents = columns.documents
            if isinstance(documents, pa.Array):
                documents = documents.dictionary_encode()
                if any_match(documents.dictionary, _NO_ID):
                    return None
            run = replace(columns, documents=documents).run()
        except (pa.ArrowException, DataError):
            return None
    assert columns.ranks is not None
    return replace(run, notes=_contradictions(path, columns.codes, columns.ranks, columns.scores))


class _Ends(io.RawIOBase):
    """A file that is read through, and of which is known then whether CR stands anywhere but before LF."""

    def __init__(self, file: IO[bytes]) -> None:
        """Read a file."""
        self._file, self._last, self._alone = file, b"", 0

    def readable(self) -> bool:
        """It is."""
        return True

    def read(self, size: int = -1) -> bytes:
        """Return the next bytes."""
        block = self._file.read(size)
        self._alone += block.count(b"\r") - block.count(b"\r\n")
        self._alone -= self._last == b"\r" and block.startswith(b"\n")
        self._last = block[-1:]
        return block

    @property
    def mixed(self) -> bool:
        """Whether some line ends in CR alone."""
        return self._alone != 0


def _by_lines(path: Path) -> Run:
    with opened_text(path) as file:
        return _any(path, file)


def _any(path: Path, file: IO[bytes]) -> Run:
    """Read a run line by line."""
    rows, scores, ranks = Rows(path), array("d"), array("q")
    read: _Reader = _scored
    width = 0
    for number, raw in raw_lines(file):
        parts = raw.split()  # of bytes: at white space of ASCII, as trec_eval does
        if not parts:
            continue
        if len(parts) != width:
            if width or len(parts) not in _READERS:
                raise DataError(f"{path}:{number}: {_wrong_width(parts, width)}")
            width, read = len(parts), _READERS[len(parts)]
        try:
            document, score, rank = read(parts)
        except ValueError as error:
            raise DataError(f"{path}:{number}: {error}") from None
        rows.add(parts[0], document, number)
        scores.append(score)
        ranks.append(rank)
    if not scores:
        raise DataError(f"{path}: holds no results")
    queries, documents = rows.columns()
    if len(twice := rows.twice()):
        first, second = (int(row) for row in twice[0])
        raise DataError(
            f"{path}:{rows.numbers[second]}: {rows.named(second)}: given twice among the results ({len(twice)} such; "
            f"first on line {rows.numbers[first]})"
        )
    codes = np.frombuffer(rows.query_codes, dtype=np.int32)
    by_rank, values = np.frombuffer(ranks, dtype=np.int64), np.frombuffer(scores)
    if width == len(NAMES):
        notes = _contradictions(path, codes, by_rank, values)
    else:
        _check_ranks(rows, codes, by_rank)
        notes = (
            f"{path.name} has three columns, MS MARCO's query, document and rank; its scores here are 1 / rank",
        )
    return replace(Run.from_columns(queries, documents, values), notes=notes)


def _contradictions(path: Path, queries: Codes, ranks: Ints, scores: Floats) -> tuple[str, ...]:
    """Say in how many queries a result with a better rank has a lower score than the next one."""
    same, falls = queries[1:] == queries[:-1], scores[1:] <= scores[:-1]
    if (
        not (queries[1:] >= queries[:-1]).all()
        or (same & ((ranks[1:] < ranks[:-1]) | ((ranks[1:] == ranks[:-1]) & ~falls))).any()
    ):
        order = np.lexsort((-scores, ranks, queries))
        queries, ranks, scores = queries[order], ranks[order], scores[order]
    later = (queries[1:] == queries[:-1]) & (ranks[1:] > ranks[:-1])
    risen = later & (scores[1:] > scores[:-1])  # compared, not subtracted: scores may be of any size
    if not risen.any():
        return ()
    hint = (
        "; all scores grow with the rank: distances, where less is better, must be negated"
        if np.array_equal(risen, later)
        else ""
    )
    return (
        f"{path.name}: in {len(np.unique(queries[1:][risen])):,} of {len(np.unique(queries)):,} queries the ranks "
        f"contradict the scores; the scores decide, as with trec_eval{hint}",
    )


def _check_ranks(rows: Rows, queries: Codes, ranks: Ints) -> None:
    """Refuse a rank that stands twice in a query: then the third column is something else. Raises DataError."""
    order = np.lexsort((ranks, queries))
    again = np.flatnonzero((np.diff(queries[order]) == 0) & (np.diff(ranks[order]) == 0))
    if len(again):
        row = int(order[again[0] + 1])
        raise DataError(
            f"{rows.path}:{rows.numbers[row]}: {rows.named(row)}: rank {ranks[row]} is given twice in this query; "
            f"three columns are MS MARCO's run (query, document, rank), a run with scores has 6 ({RESULT})"
        )


def _scored(parts: Sequence[bytes]) -> tuple[bytes, float, int]:
    """Read a line of six columns."""
    text = parts[4]
    try:
        score = float(text)
    except ValueError:
        raise ValueError(f"the score {_shown(text)} is not a number") from None
    if b"_" in text:  # to Python 5_3 is 53
        raise ValueError(f"the score {_shown(text)} is not a number")
    if not math.isfinite(score):
        raise ValueError(
            f"query {_shown(parts[0])}, document {_shown(parts[2])}: the score {_shown(text)} is not finite"
        )
    try:
        rank = int(parts[3])
    except ValueError:
        rank = 0  # nobody asks for it
    return parts[2], score, rank if abs(rank) < 2**31 else 0


def _ranked(parts: Sequence[bytes]) -> tuple[bytes, float, int]:
    """Read a line of MS MARCO's three columns."""
    text = parts[2]
    rank = int(text) if text.isdigit() and len(text) < 10 else 0
    if not rank:
        raise ValueError(
            f"three columns are MS MARCO's run (query, document, rank), and {_shown(text)} is no rank from 1 on; a run "
            f"with scores has 6 ({RESULT})"
        )
    return parts[1], 1.0 / rank, rank


#: How a line of a run is read, by its number of columns.
_READERS: Mapping[int, _Reader] = {len(NAMES): _scored, 3: _ranked}


def _wrong_width(parts: Sequence[bytes], width: int) -> str:
    """Say what is wrong with a line of another number of columns than a run has, or than the lines above have."""
    given = f"{len(parts)} columns, where "
    if width == 3:
        return f"{given}the lines above have 3 (query, document, rank)"
    if len(parts) > 6:
        hint = (
            "; are these two lines, of files joined where the first lacks its last line break, or with CR alone "
            "between them? A tag is one word"
        )
    elif len(parts) == 5 and parts[1].lower() in (b"q0", b"0"):
        hint = "; the last, the tag, is missing: add any word"
    elif len(parts) == 5:
        hint = "; the second, Q0, is missing"
    elif len(parts) == 4:
        hint = f"; this looks like judgments ({JUDGMENT})"
    else:
        hint = ", or 3 (query, document, rank)"
    return f"{given}a run has 6 ({RESULT}){hint}"


def _shown(raw: bytes) -> str:
    return repr(raw.decode("utf-8", "replace"))
