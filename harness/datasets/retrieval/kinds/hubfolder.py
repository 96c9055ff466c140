"""A retrieval set in the layout of Hugging Face's data sets: corpus, queries and judgments, a table of files each.

``corpus/…``, ``queries/…`` and ``qrels/…`` (or ``default/…``), Parquet or JSONL; or ``corpus.parquet`` and so on. In a
local folder, or on the hub at a commit.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, chain
from pathlib import Path, PurePosixPath

import numpy as np
from pydantic import field_validator

from harness.config import LoadedSuite
from harness.datamodel import Document, Qrels
from harness.datasets import hub, local, rows, trec
from harness.datasets.corpus import Contents, Corpus, scan
from harness.datasets.hub import HubFile
from harness.datasets.needs import Conditions
from harness.datasets.retrieval.kinds.kind import CollectionKind, CollectionSettings, Loaded, Wanted
from harness.errors import DataError, listed

#: What its files may end in; where there are several forms of one table, the first of them.
_FORMS = (".parquet", ".jsonl", ".jsonl.gz", ".tsv")
#: Table -> how its folder, or its file up to a dash or point, is called.
_CALLED = {"corpus": ("corpus",), "queries": ("queries",), "qrels": ("qrels", "default")}
_SPLITS = ("train", "dev", "validation", "test")
_JUDGMENT = rows.Columns(("query-id", "corpus-id", "score"), ("query-id", "corpus-id", "score"))


class _Split(CollectionSettings):
    split: str = "test"


class _Folder(_Split):
    """A local folder."""

    folder: str


class _Hub(_Split):
    """A data set of the hub, at one commit."""

    hub: str
    revision: str

    @field_validator("revision")
    @classmethod
    def _is_a_commit(cls, value: str) -> str:
        return hub.check_revision(value)


@dataclass(frozen=True)
class _Names:
    corpus: tuple[str, ...]
    queries: tuple[str, ...]
    qrels: tuple[str, ...]


def names_of(found: Sequence[str], split: str, where: str) -> _Names:
    """Return the files of each table among those that there are. Raises DataError for a table without any."""
    return _Names(*(_files(table, found, split, where) for table in _CALLED))


def _files(table: str, found: Sequence[str], split: str, where: str) -> tuple[str, ...]:
    named = [name for name in sorted(found) if _table_of(name) in _CALLED[table]]
    # Judgments are of a split; queries may be, and documents are common to all where no file says otherwise.
    splits = {name: _split_of(name) for name in named}
    mine = [name for name in named if splits[name] == split]
    chosen = mine or ([] if table == "qrels" else [name for name in named if splits[name] is None])
    if not chosen and table == "corpus":
        chosen = named
    for form in _FORMS:
        if of_form := tuple(name for name in chosen if name.endswith(form)):
            return of_form
    others = sorted({told for told in splits.values() if told})
    hint = (
        f"of {table} there are the splits {listed(others)}"
        if others
        else f"it has {listed(sorted(found)[:12]) or 'no file'}"
    )
    called = " or ".join(f"{name}/" for name in _CALLED[table])
    raise DataError(f"{where}: has no {table} of the split {split!r} ({called}, of {listed(_FORMS)}); {hint}")


def _table_of(name: str) -> str:
    path = PurePosixPath(name)
    parts = [part for part in path.parts[:-1] if part != "data"]
    return parts[0] if parts else path.name.partition(".")[0].partition("-")[0]


def _split_of(name: str) -> str | None:
    """The split that a file's name begins with, as in ``test-00000-of-00001.parquet``; None where it names none."""
    stem = PurePosixPath(name).name.partition(".")[0].partition("-")[0]
    return stem if stem in _SPLITS else None


def _of_folder(source: _Folder, suite: LoadedSuite, wanted: Wanted) -> Loaded:
    root = suite.folder / Path(source.folder).expanduser()
    if not root.is_dir():
        raise DataError(f"{root}: no such folder")
    there = [path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file()]
    return _loaded(source, names_of(there, source.split, str(root)), lambda name: root / name, wanted)


def _of_hub(source: _Hub, suite: LoadedSuite, wanted: Wanted) -> Loaded:
    conditions = Conditions.of(suite)
    there = hub.names_at(source.hub, source.revision, conditions)
    names = names_of(there, source.split, f"{source.hub}@{source.revision[:12]}")
    return _loaded(
        source, names, lambda name: hub.fetch(HubFile(source.hub, source.revision, name), conditions), wanted
    )


def _loaded(source: _Split, names: _Names, path: Callable[[str], Path], wanted: Wanted) -> Loaded:
    queries = [query for name in names.queries for query in local.read_queries(path(name))]
    if len({query.id for query in queries}) < len(queries):
        raise DataError(f"{listed(names.queries)}: a query's id is in several files")
    parts = (
        [local.FileCorpus(path(name), source.document_fields) for name in names.corpus] if wanted.text else []
    )
    corpus: Corpus | None = None
    if parts:
        corpus = parts[0] if len(parts) == 1 else Shards(parts)
    return Loaded(tuple(queries), _judgments([path(name) for name in names.qrels]), corpus)


def _judgments(files: Sequence[Path]) -> Qrels:
    if len(files) == 1 and files[0].suffix == ".tsv":
        return trec.read_qrels(files[0])
    columns: tuple[list[str], list[str], list[int]] = ([], [], [])
    for file in files:
        for number, row in rows.read(file, _JUDGMENT):
            grade = row["score"]
            if isinstance(grade, bool) or not isinstance(grade, int | float) or not float(grade).is_integer():
                raise DataError(f"{file}:{number}: the score {grade!r} is not a whole number")
            columns[0].append(str(row["query-id"]))
            columns[1].append(str(row["corpus-id"]))
            columns[2].append(int(grade))
    if not columns[0]:
        raise DataError(f"{listed(map(str, files))}: holds no judgments")
    return Qrels.from_columns(*columns)


class Shards:
    """A corpus in several files, one after another."""

    def __init__(self, parts: Sequence[Corpus]) -> None:
        self._parts = parts
        every = chain.from_iterable(part.contents.ids.to_pylist() for part in parts)
        documents = (Document(doc_id, text) for doc_id, text in zip(every, self.texts(), strict=True))
        self.contents: Contents = scan(documents, "the corpus's files")
        self._starts = [0, *accumulate(len(part.contents) for part in parts)]

    def texts(self) -> Iterator[str]:
        """Yield every text, in order of position."""
        return chain.from_iterable(part.texts() for part in self._parts)

    def fetch(self, positions: Sequence[int]) -> list[str]:
        """Return the texts at the given positions."""
        wanted = np.asarray(positions, dtype=np.int64)
        which = np.searchsorted(self._starts, wanted, side="right") - 1
        texts = [""] * len(wanted)
        for i in np.unique(which):
            at = np.flatnonzero(which == i)
            for place, text in zip(
                at, self._parts[i].fetch((wanted[at] - self._starts[i]).tolist()), strict=True
            ):
                texts[place] = text
        return texts


FOLDER = CollectionKind("folder", "{folder: FOLDER}", _Folder, _of_folder)
HUB = CollectionKind("hub", "{hub: NAME, revision: COMMIT}", _Hub, _of_hub)
