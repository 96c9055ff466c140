"""What files at hand are, by what they hold: this package's readers are asked in turn, over each file's beginning."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Literal

from harness import owners
from harness.datasets import formats, trec
from harness.datasets.fields import DOCUMENT, QUERY, RecordKind
from harness.datasets.formats import CellFormat
from harness.datasets.local import Layout
from harness.datasets.textfiles import lines, opened
from harness.errors import DataError

What = Literal["judgments", "run", "documents", "queries", "pairs", "nothing"]

_HEAD_BYTES = 1 << 18
_HEAD_ROWS = 50
_MOST_ROWS = 1_000_000
#: How a table of sentence pairs may call its columns.
_SENTENCES = ("sentence1", "sentence2", "sentence_1", "sentence_2", "text1", "text2", "first", "second")
_SCORES = ("score", "similarity", "gold", "similarity_score", "relatedness_score")


@dataclass(frozen=True)
class PairsLayout:
    """How a table of sentence pairs is to be read: its columns in order, and the ends of the gold scores' scale."""

    columns: tuple[str, ...]
    header: bool
    scale: tuple[float, float]


@dataclass(frozen=True)
class Recognised:
    """What a file is.

    Attributes:
        pairs: how it is read where it holds sentence pairs.
        why: in words, for those that are nothing.
    """

    path: Path
    what: What
    pairs: PairsLayout | None = None
    why: str = ""


def files_in(folder: Path) -> list[Path]:
    """Files of a folder, but hidden ones and what this program writes."""
    return sorted(
        path
        for path in folder.iterdir()
        if path.is_file() and not path.name.startswith(".") and path.suffix not in (".yaml", ".yml", ".py")
    )


def recognise(paths: Sequence[Path]) -> list[Recognised]:
    """Say of each file what it is. Raises DataError only where a file cannot be read at all."""
    with owners.temporary_folder("init") as folder:
        first = [_alone(path, folder) for path in paths]
    judgments = next((one for one in first if one.what == "judgments"), None)
    if judgments is None:
        return [_by_name(_pairs_or(one)) for one in first]
    qrels = trec.read_qrels(judgments.path)
    queries, documents = set(qrels.query_ids), set(qrels.doc_ids.to_pylist())
    return [
        _by_ids(one, queries, documents) if one.what in ("documents", "queries") else one for one in first
    ]


def _alone(path: Path, scratch: Path) -> Recognised:
    """What a file is by itself; a table of texts counts as documents here."""
    try:
        head = _head(path, scratch)
    except DataError as error:
        return Recognised(path, "nothing", why=_reason(error, path))
    if (trec_file := _trec(head)) is not None:
        return Recognised(path, trec_file)
    pairs, why = _pairs(head), ""
    for kind in (DOCUMENT, QUERY):
        try:
            if list(islice(Layout(head, kind).records(), _HEAD_ROWS)):
                return Recognised(path, "documents", pairs)
            why = "is empty"
        except DataError as error:
            why = why or _reason(error, head)
    return Recognised(path, "pairs" if pairs else "nothing", pairs, why)


def _trec(head: Path) -> What | None:
    """Whether a file is judgments or a run. Three columns may be either: ranks of one query are never equal."""
    try:
        first = next((text for _, text in lines(head)), "")
        if "\t" in first and len(first.split("\t")) != len(first.split()):
            return None  # a table of texts, whose words may look like columns
        run = trec.read_run(head)
    except DataError:
        run = None
    try:
        trec.read_qrels(head)
    except DataError:
        return None if run is None else "run"
    return "run" if run is not None and run.counts.max() > 1 else "judgments"


def _pairs_or(one: Recognised) -> Recognised:
    return Recognised(one.path, "pairs", one.pairs) if one.pairs is not None else one


def _called_queries(path: Path) -> bool:
    return re.search("quer|question|topic", path.name.lower()) is not None


def _by_name(one: Recognised) -> Recognised:
    """Tell queries from documents where no judgments do: by what the file is called."""
    return Recognised(one.path, "queries") if one.what == "documents" and _called_queries(one.path) else one


def _by_ids(one: Recognised, queries: set[str], documents: set[str]) -> Recognised:
    """Tell documents from queries by the ids that judgments name; numbers may be both, so by how well they agree."""
    best: tuple[float, bool, What] = (0.0, False, "nothing")
    first = ""
    options: tuple[tuple[What, set[str], RecordKind], ...] = (
        ("queries", queries, QUERY),
        ("documents", documents, DOCUMENT),
    )
    for what, known, kind in options:
        n = common = 0
        try:
            for _, name, _ in islice(Layout(one.path, kind).records(), _MOST_ROWS):
                n, common, first = n + 1, common + (name in known), first or name
        except DataError:
            continue
        named = (what == "queries") == _called_queries(one.path)
        best = max(best, (common / (n + len(known) - common), named, what))
    if best[0] > 0:
        return Recognised(one.path, best[2])
    if one.pairs is not None:
        return Recognised(one.path, "pairs", one.pairs)
    of_query, of_document = next(iter(sorted(queries))), next(iter(sorted(documents)))
    why = (
        f"holds no id that the judgments name (its first is {first!r}; they name the query {of_query!r} and the "
        f"document {of_document!r})"
    )
    return Recognised(one.path, "nothing", why=why)


def _head(path: Path, scratch: Path) -> Path:
    """Return the file, or its first whole lines as a file of the same name where it is long."""
    found = formats.known(path)
    with opened(path) as file:
        start = file.read(_HEAD_BYTES)
    if len(start) < _HEAD_BYTES or (found is not None and not found.in_lines(path)):
        return path
    head = scratch / path.name.removesuffix(".gz")
    head.write_bytes(start[: start.rfind(b"\n") + 1])
    return head


def _reason(error: DataError, path: Path) -> str:
    """What is wrong, without the path."""
    text = str(error).removeprefix(f"{path}").lstrip(": ")
    line, colon, rest = text.partition(": ")
    text = f"line {line}: {rest}" if colon and line.isdigit() else text
    return text


def _pairs(head: Path) -> PairsLayout | None:
    """How a table is read as sentence pairs; None where it has not two columns of text and one of scores."""
    try:
        table, named = _table(head)
    except DataError:
        return None
    if len(table) < 2 or len({len(row) for row in table}) != 1:
        return None
    names = [name.lower() for name in table[0]]
    header = named or sum(name in _SENTENCES + _SCORES for name in names) >= 2
    data = table[1:] if header else table
    columns = list(zip(*data, strict=True))
    texts = [i for i, column in enumerate(columns) if _is_text(column)]
    scores = [i for i, column in enumerate(columns) if _is_scores(column)]
    if header:
        texts = [i for i in texts if names[i] in _SENTENCES] or texts
        scores = [i for i in scores if names[i] in _SCORES] or scores
    if len(texts) != 2 or len(scores) != 1:
        return None
    roles = {texts[0]: "sentence1", texts[1]: "sentence2", scores[0]: "score"}
    if named and any(table[0][place] != role for place, role in roles.items()):
        return None  # JSON and Parquet name their columns themselves
    width = max(roles) + 1
    layout = tuple(roles.get(i, f"column{i + 1}") for i in range(width))
    return PairsLayout(layout, header and not named, _scale([float(x) for x in columns[scores[0]] if x]))


def _table(head: Path) -> tuple[list[list[str]], bool]:
    """The first rows of a table as text, the first of which names the columns where the format does."""
    found = formats.known(head)
    if found is None:
        return [], False
    if isinstance(found, CellFormat):
        return [list(cells) for _, cells in islice(found.rows(head), _HEAD_ROWS)], False
    some = [record for _, record in islice(found.records(head, None), _HEAD_ROWS)]
    keys = list(some[0]) if some else []
    return [keys, *([_cell(record.get(key)) for key in keys] for record in some)], True


def _cell(value: object) -> str:
    return "" if value is None else str(value)


def _is_text(column: Sequence[str]) -> bool:
    """Whether most cells hold several words."""
    return sum(len(cell.split()) > 1 for cell in column) * 2 > len(column)


def _is_scores(column: Sequence[str]) -> bool:
    """Whether every cell is a number or empty, and some value comes twice or has a fraction: ids do neither."""
    try:
        values = [float(cell) for cell in column if cell.strip()]
    except ValueError:
        return False
    repeated = len(set(values)) < len(values) or any(not value.is_integer() for value in values)
    return len(set(values)) > 1 and repeated and all(math.isfinite(value) for value in values)


def _scale(values: Sequence[float]) -> tuple[float, float]:
    """The scale that scores of a beginning are on: one of the usual ones that holds them all, or theirs."""
    low, high = min(values), max(values)
    for ends in ((0.0, 1.0), (0.0, 5.0), (0.0, 10.0), (0.0, 100.0)):
        if ends[0] <= low and high <= ends[1]:
            return ends
    return low, high
