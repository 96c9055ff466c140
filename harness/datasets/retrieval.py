"""Retrieval data: a corpus, queries, judgments and, where a data set has them, candidates."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Annotated

import numpy as np
import pyarrow.compute as pc
from pydantic import Field

from harness import settings
from harness.config import LoadedSuite
from harness.datamodel import Qrels, Query, Run
from harness.datasets import ir, local, trec
from harness.datasets.corpus import Corpus, MemoryCorpus
from harness.errors import ConfigError, DataError, listed
from harness.settings import Settings


class _Options(Settings):
    exclude_self: bool = False
    max_tokens: Annotated[int, Field(ge=1)] | None = None
    text: str | tuple[str, ...] | None = None

    @property
    def fields(self) -> tuple[str, ...] | None:
        """The fields that make a document's text."""
        return (self.text,) if isinstance(self.text, str) else self.text


class IrDatasetsSource(_Options):
    """Any ir_datasets id with queries and judgments."""

    ir_datasets: str


class LocalSource(_Options):
    """Local files. Documents may be left out where only existing runs are scored."""

    qrels: str
    queries: str | None = None
    docs: str | None = None
    candidates: str | None = None
    columns: tuple[str, ...] | None = None


class BeirSource(_Options):
    """A folder in BEIR's layout: corpus.jsonl, queries.jsonl, qrels/SPLIT.tsv."""

    beir: str
    split: str = "test"


_SOURCES: dict[str, type[_Options]] = {"ir_datasets": IrDatasetsSource, "beir": BeirSource, "qrels": LocalSource}


@dataclass(frozen=True, eq=False)
class RetrievalData:
    """What a retrieval suite measures on: only judged queries, in a fixed order."""

    queries: tuple[Query, ...]
    qrels: Qrels
    corpus: Corpus | None
    candidates: Run | None
    exclude_self: bool = False
    max_tokens: int | None = None
    counts: dict[str, int] = field(default_factory=dict)
    digests: dict[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    @property
    def query_ids(self) -> tuple[str, ...]:
        """Ids of the judged queries."""
        return tuple(query.id for query in self.queries)


def source_of(suite: LoadedSuite) -> _Options:
    """Validate a retrieval suite's ``dataset``. Raises ConfigError."""
    content = suite.file.content["dataset"]
    for key, model in _SOURCES.items():
        if key in content:
            return settings.build(model, content, suite.file, ("dataset",))
    raise suite.fail(
        f"dataset has the keys {listed(content) or 'none'}; a retrieval data set is one of {{ir_datasets: ID}}, "
        "{beir: FOLDER} or {docs: FILE, queries: FILE, qrels: FILE}",
        "dataset",
    )


def load(suite: LoadedSuite, *, need_text: bool) -> RetrievalData:
    """Load a retrieval suite's data.

    With ``need_text`` false, only judgments (and query texts where there are any) are read: enough to score
    existing runs. Raises DataError or ConfigError.
    """
    source = source_of(suite)
    if isinstance(source, IrDatasetsSource):
        data = _from_ir(source, need_text)
    elif isinstance(source, BeirSource):
        data = _from_beir(source, suite.folder, need_text)
    else:
        assert isinstance(source, LocalSource)
        data = _from_files(source, suite, need_text)
    return _checked(replace(data, exclude_self=source.exclude_self, max_tokens=source.max_tokens), suite.name)


def _from_ir(source: IrDatasetsSource, need_text: bool) -> RetrievalData:
    collection = ir.open_collection(source.ir_datasets, source.fields)
    return RetrievalData(
        queries=tuple(collection.queries()),
        qrels=collection.qrels(),
        corpus=collection.corpus() if need_text else None,
        candidates=collection.candidates() if need_text else None,
    )


def _from_beir(source: BeirSource, folder: Path, need_text: bool) -> RetrievalData:
    root = folder / source.beir
    if not root.is_dir():
        raise DataError(f"{root}: no such folder")

    def one_of(*names: str) -> Path:
        for name in names:
            for path in (root / name, root / f"{name}.gz"):
                if path.is_file():
                    return path
        raise DataError(f"{root / names[0]}: no such file (nor with .gz); BEIR's layout has it")

    return RetrievalData(
        queries=tuple(local.read_queries(one_of("queries.jsonl"))),
        qrels=trec.read_qrels(one_of(f"qrels/{source.split}.tsv")),
        corpus=local.FileCorpus(one_of("corpus.jsonl"), source.fields) if need_text else None,
        candidates=None,
    )


def _from_files(source: LocalSource, suite: LoadedSuite, need_text: bool) -> RetrievalData:
    qrels = trec.read_qrels(suite.folder / source.qrels)
    if source.queries is not None:
        queries = local.read_queries(suite.folder / source.queries)
    elif need_text:
        raise suite.fail("this config searches, and the data set names no queries: add 'queries: FILE'", "dataset")
    else:
        queries = [Query(query_id, "") for query_id in qrels.query_ids]
    corpus = None
    if need_text:
        if source.docs is None:
            raise suite.fail(
                "this config searches, and the data set names no documents: add 'docs: FILE' (without it only "
                "existing runs can be scored)",
                "dataset",
            )
        corpus = local.FileCorpus(suite.folder / source.docs, source.fields, source.columns)
    candidates = trec.read_run(suite.folder / source.candidates) if source.candidates and need_text else None
    return RetrievalData(tuple(queries), qrels, corpus, candidates)


def _checked(data: RetrievalData, name: str) -> RetrievalData:
    """Keep the judged queries, count what is left out, and compute the digests."""
    judged = set(data.qrels.query_ids)
    kept = tuple(query for query in data.queries if query.id in judged)
    if not kept:
        raise DataError(
            f"suite {name}: none of its {len(data.queries)} queries is judged by any of its {len(judged)} judged queries' "
            "ids; do queries and judgments belong together?"
        )
    orphans = len(judged) - len(kept)
    qrels = data.qrels.select([query.id for query in kept])
    counts = {
        "queries": len(kept),
        "queries_unjudged": len(data.queries) - len(kept),
        "queries_judged_without_text": orphans,
        "judgments": qrels.n_rows,
        "judgments_relevant": qrels.n_relevant,
        "judgments_negative": data.qrels.n_negative,
        "queries_without_relevant": int((np.bincount(qrels.query_of_row[qrels.grades > 0], minlength=len(kept)) == 0).sum()),
    }
    notes = []
    if orphans:
        notes.append(f"{orphans} judged queries have no text and are left out")
    if qrels.n_relevant == 0:
        raise DataError(f"suite {name}: no judgment of its {len(kept)} queries says relevant (grade 1 or above)")
    digests = {"queries": _sha(f"{q.id}\t{q.text}" for q in kept), "qrels": _qrels_sha(qrels)}
    if data.corpus is not None:
        contents = data.corpus.contents
        unknown = int(pc.invert(pc.is_in(qrels.doc_id_column(), value_set=contents.ids.combine_chunks())).to_numpy(zero_copy_only=False).sum())
        if unknown == qrels.n_rows:
            raise DataError(
                f"suite {name}: none of the {qrels.n_rows} judged documents is in the corpus of {len(contents)}; do "
                "documents and judgments belong together?"
            )
        if unknown:
            notes.append(f"{unknown} judgments are of documents that are not in the corpus; they cannot be found")
        counts |= {"documents": len(contents), "documents_empty": contents.n_empty, "judgments_of_unknown_documents": unknown}
        digests["corpus"] = contents.sha256
    return replace(data, queries=kept, qrels=qrels, counts=counts, digests=digests, notes=tuple(notes))


def _sha(rows: object) -> str:
    sha = hashlib.sha256()
    for row in rows:  # type: ignore[attr-defined]
        sha.update(row.encode())
        sha.update(b"\n")
    return sha.hexdigest()


def _qrels_sha(qrels: Qrels) -> str:
    columns = zip(
        qrels.query_id_column().to_pylist(), qrels.doc_id_column().to_pylist(), qrels.grades.tolist(), strict=True
    )
    return _sha(sorted(f"{query}\t{doc}\t{grade}" for query, doc, grade in columns))
