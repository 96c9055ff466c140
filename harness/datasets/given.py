"""Documents, queries, judgments and sentence pairs that were given in Python: frames, lists or mappings."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from harness.datamodel import Document, Qrels, Query, SentencePair
from harness.datasets.corpus import MemoryCorpus
from harness.datasets.fields import DOCUMENT, QUERY, Chooser, RecordKind, id_of
from harness.datasets.judgments import HEADERS, MAX_GRADE
from harness.datasets.pairs import digest as digest_of_pairs
from harness.datasets.textfiles import is_id
from harness.errors import DataError, counted, listed
from harness.values import digest

#: What a pair's columns may be called, in lower case with underscores.
_PAIR = {
    "first sentence": ("sentence1", "sentence_1", "first", "text1", "text_a", "sentence_a"),
    "second sentence": ("sentence2", "sentence_2", "second", "text2", "text_b", "sentence_b"),
    "score": ("score", "gold", "label", "similarity", "similarity_score"),
}
_FORMS = {
    "documents": "a frame or records with id and text (a title too), a mapping of ids to texts, or rows (id, text)",
    "queries": "a frame or records with an id and a text, a mapping of ids to texts, or rows (id, text)",
    "judgments": "a frame or records with query, document, grade, {query: {document: grade}}, or rows of these three",
    "pairs": "a frame or records with two sentences and a score, or rows (sentence, sentence, score)",
}


@dataclass(frozen=True, eq=False)
class GivenCollection:
    """What a retrieval suite that was given in Python holds; ``corpus`` is None where only runs are scored."""

    corpus: MemoryCorpus | None
    queries: tuple[Query, ...]
    qrels: Qrels

    def digests(self) -> dict[str, str]:
        """SHA-256 of each part."""
        rows = zip(
            self.qrels.query_id_column().to_pylist(),
            self.qrels.doc_id_column().to_pylist(),
            self.qrels.grades.tolist(),
            strict=True,
        )
        return {
            **({} if self.corpus is None else {"documents": self.corpus.contents.sha256}),
            "queries": digest([list(query) for query in self.queries]),
            "judgments": digest([list(row) for row in rows]),
        }


@dataclass(frozen=True, eq=False)
class GivenPairs:
    """What an STS suite that was given in Python holds; ``unscored``: pairs left out for want of a score."""

    pairs: tuple[SentencePair, ...]
    unscored: int = 0

    def digests(self) -> dict[str, str]:
        """SHA-256 of the pairs."""
        return {"pairs": digest_of_pairs(self.pairs)}


def collection(documents: Any, queries: Any, judgments: Any) -> GivenCollection:
    """Return a collection. Raises DataError that names the part and the row."""
    corpus = None
    if documents is not None:
        read = (Document(*row) for row in _texts(documents, "documents", DOCUMENT))
        corpus = MemoryCorpus(read, "documents")
    asked = tuple(Query(*row) for row in _texts(queries, "queries", QUERY))
    return GivenCollection(corpus, asked, _judgments(judgments))


def sentence_pairs(value: Any) -> GivenPairs:
    """Return scored sentence pairs. Raises DataError that names the row."""
    found, unscored = [], 0
    for i, (first, second, score) in enumerate(_rows_of(value, "pairs", _PAIR)):
        if score is None:
            unscored += 1
            continue
        for name, text in (("first", first), ("second", second)):
            if not isinstance(text, str) or not text.strip():
                raise DataError(f"pairs, row {i}: the {name} sentence is {_shown(text)}; it must be a text")
        try:
            gold = math.nan if isinstance(score, bool) else float(score)
        except (TypeError, ValueError):
            gold = math.nan
        if not math.isfinite(gold):
            raise DataError(f"pairs, row {i}: the score {_shown(score)} is not a number")
        found.append(SentencePair(f"pair:{i}", first, second, gold))
    if not found:
        raise DataError("pairs: holds no scored pairs")
    return GivenPairs(tuple(found), unscored)


def _texts(value: Any, what: str, kind: RecordKind) -> Iterator[tuple[str, str]]:
    """Yield (id, text) of every row."""
    chooser, seen = Chooser(kind), set()
    for i, record in enumerate(_records(value, what)):
        try:
            chosen = chooser.of(record)
            own_id = record[chosen.id]
            if own_id is None:
                raise ValueError(f"the {kind.name} has no id")
            found = id_of(own_id, kind), chosen.text(record)
        except ValueError as error:
            said = str(error)
            for key in ("fields", "query_fields"):
                for part in ("id", "text", "title"):
                    said = said.replace(f", or name it with '{key}: {{{part}: ...}}'", "")
            raise DataError(f"{what}, row {i}: {said}") from None
        if not is_id(found[0]):
            raise DataError(
                f"{what}, row {i}: the {kind.name} id {found[0]!r} is empty or holds white space or a control character"
            )
        if found[0] in seen:
            raise DataError(
                f"{what}, row {i}: {kind.name} id {found[0]!r} is given twice; each needs an id of its own"
            )
        seen.add(found[0])
        yield found
    if not seen:
        raise DataError(f"{what}: holds no {what}")


def _records(value: Any, what: str) -> Iterator[dict[str, Any]]:
    """Yield rows by column name, whatever they came in."""
    columns = _columns(value, what)
    if columns is not None:
        yield from _of_columns(columns)
    elif isinstance(value, Mapping):
        for key, text in value.items():
            inner = dict(text) if isinstance(text, Mapping) else {"text": text}
            yield {"_id": key, **{str(name): _plain(part) for name, part in inner.items()}}
    else:
        for i, row in enumerate(_iterated(value, what)):
            if isinstance(row, Mapping):
                yield {str(name): _plain(part) for name, part in row.items()}
            elif isinstance(row, list | tuple) and len(row) in (2, 3):
                names = ("_id", "text") if len(row) == 2 else ("_id", "title", "text")
                yield dict(zip(names, map(_plain, row), strict=True))
            else:
                hint = (
                    "; a text alone has no id for the judgments to name: use dict(enumerate(texts))"
                    if isinstance(row, str)
                    else ""
                )
                raise DataError(f"{what}, row {i}: is {_shown(row)}, where {_FORMS[what]} is taken{hint}")


def _judgments(value: Any) -> Qrels:
    queries: list[str] = []
    documents: list[str] = []
    grades: list[int] = []
    known: dict[tuple[str, str], int] = {}
    repeated = 0
    for i, (query, document, grade) in enumerate(_rows_of(_unnested(value), "judgments", HEADERS)):
        try:
            pair = id_of(query, QUERY), id_of(document, DOCUMENT)
        except ValueError as error:
            raise DataError(f"judgments, row {i}: {error}") from None
        whole = isinstance(grade, int | float) and not isinstance(grade, bool) and float(grade).is_integer()
        if not whole or abs(grade) > MAX_GRADE:
            raise DataError(
                f"judgments, row {i}: the grade {_shown(grade)} is not a whole number up to {MAX_GRADE:,}; 1 and above "
                "is relevant"
            )
        if pair in known:
            if known[pair] != int(grade):
                raise DataError(
                    f"judgments, row {i}: query {pair[0]!r}, document {pair[1]!r} is judged twice, here {int(grade)} "
                    f"and {known[pair]} above; keep one of them"
                )
            repeated += 1
            continue
        known[pair] = int(grade)
        queries.append(pair[0])
        documents.append(pair[1])
        grades.append(int(grade))
    if not grades:
        raise DataError("judgments: holds no judgments")
    return replace(Qrels.from_columns(queries, documents, grades), n_repeated=repeated)


def _unnested(value: Any) -> Any:
    """``{query: {document: grade}}`` as rows; anything else as it is."""
    nested = isinstance(value, Mapping) and value and all(isinstance(v, Mapping) for v in value.values())
    return [(q, d, grade) for q, row in value.items() for d, grade in row.items()] if nested else value


def _rows_of(value: Any, what: str, names: Mapping[str, Sequence[str]]) -> Iterator[tuple[Any, Any, Any]]:
    """Yield three values a row, found by the columns' usual names, or by place."""
    columns = _columns(value, what)
    if columns is None and not isinstance(value, Mapping):
        for i, row in enumerate(_iterated(value, what)):
            if isinstance(row, Mapping):
                record = {str(name): _plain(part) for name, part in row.items()}
                places = _places(list(record), f"{what}, row {i}", what, names)
                yield record[places[0]], record[places[1]], record[places[2]]
            elif isinstance(row, list | tuple) and len(row) == 3:
                yield _plain(row[0]), _plain(row[1]), _plain(row[2])
            else:
                raise DataError(f"{what}, row {i}: is {_shown(row)}, where {_FORMS[what]} is taken")
        return
    if columns is None:
        raise DataError(f"{what}: a mapping of this form is not taken; it takes {_FORMS[what]}")
    places = _places(list(columns), what, what, names)
    for record in _of_columns({name: columns[name] for name in places}):
        yield record[places[0]], record[places[1]], record[places[2]]


def _places(
    keys: Sequence[str], where: str, what: str, names: Mapping[str, Sequence[str]]
) -> tuple[str, ...]:
    """Which column holds what. Raises DataError with the columns that there are."""
    normal = {key: key.strip().casefold().replace("-", "_").replace(" ", "_") for key in keys}
    found = []
    for role, valid in names.items():
        some = [key for key in keys if normal[key] in valid]
        if len(some) != 1:
            said = f"its {role} can be {' or '.join(some)}" if some else f"no column for its {role}"
            raise DataError(
                f"{where}: {said}, of the columns {listed(keys) or '(none)'}; it may be called {listed(valid)}"
            )
        found.append(some[0])
    return tuple(found)


def _columns(value: Any, what: str) -> dict[str, list[Any]] | None:
    """A frame's columns (pandas, polars, Arrow, datasets), or those of a mapping of lists; None where it is neither."""
    if hasattr(value, "to_pandas"):
        value = value.to_pandas()
    if hasattr(value, "columns") and hasattr(value, "reset_index"):
        if any(name is not None for name in value.index.names):
            value = value.reset_index()
        names = [str(name) for name in value.columns]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise DataError(f"{what}: the frame has {counted(len(twice), 'column')} twice: {listed(twice)}")
        return {name: value.iloc[:, i].tolist() for i, name in enumerate(names)}
    lists = isinstance(value, Mapping) and value and all(isinstance(v, list | tuple) for v in value.values())
    return {str(name): list(column) for name, column in value.items()} if lists else None


def _of_columns(columns: Mapping[str, Sequence[Any]]) -> Iterator[dict[str, Any]]:
    sizes = {len(column) for column in columns.values()}
    if len(sizes) > 1:
        told = listed(f"{name} {len(column):,}" for name, column in columns.items())
        raise DataError(f"columns of different lengths: {told}")
    for row in zip(*columns.values(), strict=True):
        yield dict(zip(columns, map(_plain, row), strict=True))


def _iterated(value: Any, what: str) -> Iterable[Any]:
    if isinstance(value, str | bytes) or not hasattr(value, "__iter__"):
        hint = (
            "; files are named in a suite" if isinstance(value, str) or hasattr(value, "__fspath__") else ""
        )
        raise DataError(f"{what}: is {_shown(value)}, where {_FORMS[what]} is taken{hint}")
    return value  # type: ignore[no-any-return]


def _plain(value: Any) -> Any:
    """A value of NumPy's as Python's; what stands for a missing one as None."""
    if hasattr(value, "item") and getattr(value, "ndim", 0) == 0:
        value = value.item()
    if type(value).__name__ in ("NAType", "NaTType") or (isinstance(value, float) and math.isnan(value)):
        return None
    return value


def _shown(value: Any) -> str:
    return (
        f"{value!r:.60}"
        if isinstance(value, str | int | float) or value is None
        else f"a {type(value).__name__}"
    )
