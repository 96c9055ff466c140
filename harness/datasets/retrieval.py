"""Retrieval data: a corpus, queries, judgments and, where a data set has them, candidates."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Annotated, Any, Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pydantic import Field, model_validator

from harness.config import LoadedSuite, Needs
from harness.datamodel import Document, Qrels, Query, Run
from harness.datasets import factbook, ir, local, trec
from harness.datasets.corpus import Contents, Corpus, MemoryCorpus
from harness.datasets.factbook.choose import shuffled
from harness.datasets.fields import USUAL, Fields
from harness.datasets.needs import Conditions
from harness.datasets.sample import Sample, SampledCorpus, choose
from harness.errors import DataError, counted
from harness.settings import Settings

#: Characters beyond which one document is told of.
_BOOK = 1_000_000


class _Options(Settings):
    exclude_self: bool = False
    max_tokens: Annotated[int, Field(ge=1)] | None = None
    text: str | tuple[str, ...] | None = None
    sample: Sample | None = None

    @property
    def texts(self) -> tuple[str, ...] | None:
        """The fields that make a document's text."""
        return (self.text,) if isinstance(self.text, str) else self.text

    @property
    def document_fields(self) -> Fields:
        """What names the columns of local documents."""
        return USUAL if self.text is None else Fields(title=None, text=self.text)


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
    fields: Fields = USUAL
    query_fields: Fields = USUAL

    @model_validator(mode="after")
    def _text_is_named_once(self) -> LocalSource:
        if self.text is not None and self.fields.given:
            raise ValueError(
                "'text' and 'fields' both name what makes a document's text; put it into 'fields' alone"
            )
        return self

    @property
    def document_fields(self) -> Fields:
        """What names the columns of local documents."""
        return self.fields if self.fields.given else super().document_fields


class BeirSource(_Options):
    """A folder in BEIR's layout: corpus.jsonl, queries.jsonl, qrels/SPLIT.tsv."""

    beir: str
    split: str = "test"


class EmbeddedSource(_Options):
    """The project's own corpus of facts; a split is a set of queries, the documents are common to all.

    ``queries``: so many of the split's, chosen by a hash of their ids: a smaller choice is part of a larger one.
    """

    embedded: Literal["factbook"]
    split: Literal["train", "dev", "test"] = "test"
    queries: Annotated[int, Field(ge=1)] | None = None


@dataclass(frozen=True, eq=False)
class RetrievalData:
    """What a retrieval suite measures on: only judged queries, in a fixed order.

    ``corpus`` is the whole collection, a sample of it, or only the documents that are candidates: ``part``
    says which (empty for the whole). ``other`` says what it has that the suite says otherwise: then it is another
    data set, whose figures are not those of the suite.
    """

    queries: tuple[Query, ...]
    qrels: Qrels
    corpus: Corpus | None
    candidates: Run | None
    exclude_self: bool = False
    max_tokens: int | None = None
    counts: dict[str, int] = field(default_factory=dict)
    digests: dict[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    part: str = ""
    other: str = ""

    @property
    def query_ids(self) -> tuple[str, ...]:
        """Ids of the judged queries."""
        return tuple(query.id for query in self.queries)


@dataclass(frozen=True, eq=False)
class Given:
    """A first stage that nobody has to search for, and the depths to which it is used.

    ``run`` is None for the data set's own candidates.
    """

    run: Run | None
    depths: tuple[int, ...]


@dataclass(frozen=True)
class _Wanted:
    """Whether documents, and whether the data set's own candidates, are needed."""

    text: bool
    candidates: bool


@dataclass(frozen=True, eq=False)
class _Loaded:
    """A source's parts.

    ``passages`` gives some documents by id, where they can be had without a pass over all.
    """

    queries: tuple[Query, ...]
    qrels: Qrels
    corpus: Corpus | None = None
    candidates: Run | None = None
    passages: Callable[[Sequence[str]], Corpus] | None = None


def source_of(suite: LoadedSuite) -> _Options:
    """Validate a retrieval suite's ``dataset``. Raises ConfigError."""
    return suite.source(
        {key: model for key, (model, _) in _SOURCES.items()},
        "a retrieval data set is one of {ir_datasets: ID}, {beir: FOLDER}, {embedded: factbook} or {docs: FILE, "
        "queries: FILE, qrels: FILE}",
    )


def load(
    suite: LoadedSuite, *, need_text: bool, given: Sequence[Given] = (), search: bool = True
) -> RetrievalData:
    """Load a retrieval suite's data.

    With ``need_text`` false, only judgments (and query texts where there are any) are read: enough to score
    existing runs. With ``search`` false, every first stage is among ``given``: where documents can be had by
    id, only the candidates' are, and the collection is never read through. Raises DataError or ConfigError.
    """
    source = source_of(suite)
    loader = next(load for model, load in _SOURCES.values() if type(source) is model)
    own = any(stage.run is None for stage in given)
    found = loader(source, suite, _Wanted(need_text, own))
    if own and found.candidates is None:
        raise DataError(
            f"suite {suite.name}: its data set has no candidates of its own; choose 'candidates: bm25', "
            "'all' or a run file"
        )
    data = _judged(found, suite)
    _check_candidates(suite, data, given)
    _check_order(suite, data.candidates, given)
    sample = source.sample
    if sample is not None:
        if given:
            raise suite.fail(
                "'sample' is for searching; candidates that are given need none: leave it out",
                "dataset",
                "sample",
            )
        data = _sampled(data, sample, suite)
    elif not search and need_text and found.passages is not None:
        ids = _candidate_ids(data, given, extra=int(source.exclude_self))
        part = f"only the {len(ids):,} documents that are candidates were read; the digest covers these alone"
        data = replace(data, corpus=found.passages(ids), part=part)
    data = replace(data, exclude_self=source.exclude_self, max_tokens=source.max_tokens)
    return _described(data, suite)


def _from_ir(source: Any, suite: LoadedSuite, wanted: _Wanted) -> _Loaded:
    collection = ir.open_collection(
        source.ir_datasets, source.texts, Conditions.of(suite, everything=wanted.text)
    )
    return _Loaded(
        queries=tuple(collection.queries()),
        qrels=collection.qrels(),
        corpus=collection.corpus() if wanted.text else None,
        candidates=collection.candidates() if wanted.candidates else None,
        passages=collection.passages,
    )


def _from_beir(source: Any, suite: LoadedSuite, wanted: _Wanted) -> _Loaded:
    root = suite.folder / source.beir
    if not root.is_dir():
        raise DataError(f"{root}: no such folder")

    def one_of(name: str) -> Path:
        path: Path
        for path in (root / name, root / f"{name}.gz"):
            if path.is_file():
                return path
        raise DataError(f"{root / name}: no such file (nor with .gz); BEIR's layout has it")

    return _Loaded(
        queries=tuple(local.read_queries(one_of("queries.jsonl"))),
        qrels=trec.read_qrels(one_of(f"qrels/{source.split}.tsv")),
        corpus=local.FileCorpus(one_of("corpus.jsonl"), source.document_fields) if wanted.text else None,
    )


def _from_files(source: Any, suite: LoadedSuite, wanted: _Wanted) -> _Loaded:
    qrels = trec.read_qrels(suite.folder / source.qrels)
    if source.queries is not None:
        queries = local.read_queries(suite.folder / source.queries, source.query_fields)
    elif wanted.text:
        raise suite.fail(
            "this config searches, and the data set names no queries: add 'queries: FILE'", "dataset"
        )
    else:
        queries = [Query(query_id, "") for query_id in qrels.query_ids]
    corpus = None
    if wanted.text:
        if source.docs is None:
            raise suite.fail(
                "this config searches, and the data set names no documents: add 'docs: FILE' (without it "
                "only "
                "existing runs can be scored)",
                "dataset",
            )
        corpus = local.FileCorpus(suite.folder / source.docs, source.document_fields, source.columns)
    candidates = (
        trec.read_run(suite.folder / source.candidates) if source.candidates and wanted.candidates else None
    )
    return _Loaded(tuple(queries), qrels, corpus, candidates)


def _embedded(source: Any, suite: LoadedSuite, wanted: _Wanted) -> _Loaded:
    questions = factbook.queries(source.split)
    if source.queries is not None:
        if source.queries > len(questions):
            raise DataError(
                f"suite {suite.name}: dataset.queries asks for {source.queries:,} queries, and the split "
                f"{source.split} of {source.embedded} has {len(questions):,}; ask for fewer, or leave it out for all"
            )
        chosen = set(shuffled("queries", [q.id for q in questions])[: source.queries])
        questions = [q for q in questions if q.id in chosen]
    asked = {q.id for q in questions}
    judgments = [j for j in factbook.judgments(source.split) if j.query_id in asked]
    documents = (Document(passage.id, passage.text) for passage in factbook.passages())
    return _Loaded(
        queries=tuple(Query(query.id, query.text) for query in questions),
        qrels=Qrels.from_columns(
            [j.query_id for j in judgments], [j.passage_id for j in judgments], [j.grade for j in judgments]
        ),
        corpus=MemoryCorpus(documents, f"embedded {source.embedded}") if wanted.text else None,
    )


#: The key that tells a source: its settings and its loader.
_SOURCES: dict[str, tuple[type[_Options], Callable[[Any, LoadedSuite, _Wanted], _Loaded]]] = {
    "ir_datasets": (IrDatasetsSource, _from_ir),
    "beir": (BeirSource, _from_beir),
    "embedded": (EmbeddedSource, _embedded),
    "qrels": (LocalSource, _from_files),
}


def _judged(found: _Loaded, suite: LoadedSuite) -> RetrievalData:
    """Keep the judged queries, count what is left out, and compute the digests of queries and judgments."""
    judged = set(found.qrels.query_ids)
    kept = tuple(query for query in found.queries if query.id in judged)
    if not kept:
        raise DataError(
            f"suite {suite.name}: none of its {counted(len(found.queries), 'query', 'queries')} is among the "
            f"{len(judged):,} judged ones: a query's id is {found.queries[0].id!r}, a judged one "
            f"{found.qrels.query_ids[0]!r}; do queries and judgments belong together?"
        )
    orphans = len(judged) - len(kept)
    qrels = found.qrels.select([query.id for query in kept])
    if qrels.n_relevant == 0:
        raise DataError(
            f"suite {suite.name}: no judgment of its {len(kept)} queries says relevant (grade 1 or above)"
        )
    relevant = np.bincount(qrels.query_of_row[qrels.grades > 0], minlength=len(kept))
    counts = {
        "queries": len(kept),
        "queries_unjudged": len(found.queries) - len(kept),
        "queries_judged_without_text": orphans,
        "judgments": qrels.n_rows,
        "judgments_relevant": qrels.n_relevant,
        "judgments_negative": found.qrels.n_negative,
        "judgments_repeated": found.qrels.n_repeated,
        "queries_without_relevant": int((relevant == 0).sum()),
        "queries_empty": sum(not query.text.strip() for query in kept) if found.corpus is not None else 0,
    }
    return RetrievalData(
        queries=kept,
        qrels=qrels,
        corpus=found.corpus,
        candidates=found.candidates,
        counts=counts,
        digests={"queries": _sha(f"{q.id}\t{q.text}" for q in kept), "qrels": _qrels_sha(qrels)},
        notes=tuple(_told(counts)),
    )


def _told(counts: dict[str, int]) -> Iterator[str]:
    """Say of queries and judgments what is left out, and what can only count 0."""
    if n := counts["queries_judged_without_text"]:
        yield f"left out: {counted(n, 'judged query', 'judged queries')} without a text"
    if n := counts["judgments_repeated"]:
        yield f"left out: {counted(n, 'judgment')} given before with the same grade"
    if n := counts["queries_without_relevant"]:
        total = counts["queries"]
        yield f"no document is relevant (grade 1 or above) to {n:,} of {total:,} judged queries, which count 0"
    if n := counts["queries_empty"]:
        yield f"empty: {n:,} of {counts['queries']:,} judged queries"


def _check_candidates(suite: LoadedSuite, data: RetrievalData, given: Sequence[Given]) -> None:
    """Refuse candidates that are of none of the judged queries. Raises DataError."""
    for stage in given:
        run = data.candidates if stage.run is None else stage.run
        if run is not None and not any(run.position(query) is not None for query in data.query_ids):
            example = (
                f": theirs are called {run.query_ids[0]!r}, the judged ones {data.query_ids[0]!r}"
                if len(run)
                else ""
            )
            raise DataError(
                f"suite {suite.name}: the candidates are of none of its {len(data.queries):,} judged queries{example}; "
                "do they belong together?"
            )


def _check_order(suite: LoadedSuite, candidates: Run | None, given: Sequence[Given]) -> None:
    """Refuse the first few of candidates that have no order. Raises DataError."""
    depths = [depth for stage in given if stage.run is None for depth in stage.depths]
    if candidates is None or not depths or not candidates.n_rows or np.ptp(candidates.scores) > 0:
        return
    most = int(candidates.counts.max())
    if min(depths) < most:
        raise DataError(
            f"suite {suite.name}: the data set's own candidates carry no scores, so the first {min(depths)} "
            "of up to "
            f"{most} would be an arbitrary choice; give that pipeline depth: {most}"
        )


def _candidate_ids(data: RetrievalData, given: Sequence[Given], extra: int) -> list[str]:
    """Return the ids of all documents that a judged query has among its first candidates, and ``extra`` ones.

    One more is needed where a query's own document is left out.
    """
    chunks = []
    for stage in given:
        run = data.candidates if stage.run is None else stage.run
        if run is not None:
            used = run.select(data.query_ids).top(max(stage.depths) + extra)
            chunks.append(used.doc_ids.take(pa.array(np.unique(used.docs))))
    ids: list[str] = pc.unique(pa.chunked_array(chunks, pa.string())).to_pylist()
    return ids


def _sampled(data: RetrievalData, sample: Sample, suite: LoadedSuite) -> RetrievalData:
    note = (
        f"sampled collection: every judged document and {sample.distractors:,} others (seed {sample.seed}); "
        "these "
        "figures do not compare with those of the full collection"
    )
    if data.corpus is None:
        return replace(
            data, notes=(*data.notes, f"{note}; whether a run file was made on it cannot be seen here")
        )
    whole = data.corpus.contents
    _unknown(data.qrels, whole, suite)
    judged = data.qrels.doc_ids.take(pa.array(np.unique(data.qrels.docs)))
    kept = choose(whole.ids, judged, sample, f"suite {suite.name}")
    return replace(
        data,
        corpus=SampledCorpus(data.corpus, kept, f"suite {suite.name}, sample"),
        counts={**data.counts, "documents_in_collection": len(whole)},
        digests={**data.digests, "collection": whole.sha256},
        notes=(*data.notes, f"{note} of {len(whole):,}"),
    )


def _unknown(qrels: Qrels, contents: Contents, suite: LoadedSuite | None = None) -> tuple[int, str]:
    """Return how many judgments are of documents that are not there, and one such document.

    With ``suite``, raises DataError where all are.
    """
    column = qrels.doc_id_column()
    unknown = column.filter(pc.invert(pc.is_in(column, value_set=contents.ids.combine_chunks())))
    if suite is not None and len(unknown) == qrels.n_rows:
        raise DataError(
            f"suite {suite.name}: none of the {len(unknown):,} judged documents is in the corpus of "
            f"{len(contents):,}: a judged one's id is {unknown[0].as_py()!r}, one of the corpus "
            f"{contents.ids[0].as_py()!r}; do documents and judgments belong together?"
        )
    return len(unknown), unknown[0].as_py() if len(unknown) else ""


def _described(data: RetrievalData, suite: LoadedSuite) -> RetrievalData:
    """Add counts, digest and notes of the corpus."""
    notes, counts, digests = list(data.notes), dict(data.counts), dict(data.digests)
    if suite.note:
        notes.insert(0, suite.note)
    needs: Needs = suite.settings.needs
    other = []
    if needs.queries is not None and needs.queries != len(data.queries):
        notes.append(f"{len(data.queries):,} judged queries were loaded, the suite says {needs.queries:,}")
        other.append(f"{len(data.queries):,} queries")
    if data.corpus is not None:
        contents = data.corpus.contents
        unknown, example = _unknown(data.qrels, contents, None if data.part else suite)
        if data.part:
            counts |= {"candidate_documents": len(contents), "judgments_of_other_documents": unknown}
            digests["candidate_documents"] = contents.sha256
            notes.append(data.part)
        else:
            counts |= {"documents": len(contents), "judgments_of_unknown_documents": unknown}
            digests["corpus"] = contents.sha256
            if unknown:
                notes.append(
                    f"{counted(unknown, 'judgment is', 'judgments are')} of documents that are not in the corpus, "
                    f"such as {example!r}; they cannot be found"
                )
            total = counts.get("documents_in_collection", len(contents))
            if needs.documents is not None and needs.documents != total:
                notes.append(f"{total:,} documents were loaded, the suite says {needs.documents:,}")
                other.append(f"{total:,} documents")
        counts["documents_empty"] = contents.n_empty
        if contents.n_empty:
            notes.append(f"empty: {contents.n_empty:,} of {len(contents):,} documents")
        if contents.longest[1] > _BOOK:
            notes.append(
                f"document {contents.longest[0]!r} has {contents.longest[1]:,} characters, of which a model reads the "
                "beginning only; cut it into passages"
            )
    if other:
        notes.append(
            "so this is another data set than the suite's, under a name of its own and without published figures; a "
            "file may be truncated, or of another version"
        )
    return replace(data, counts=counts, digests=digests, notes=tuple(notes), other=" and ".join(other))


def _sha(rows: Iterable[str]) -> str:
    sha = hashlib.sha256()
    for row in rows:
        sha.update(row.encode())
        sha.update(b"\n")
    return sha.hexdigest()


def _qrels_sha(qrels: Qrels) -> str:
    columns = zip(
        qrels.query_id_column().to_pylist(),
        qrels.doc_id_column().to_pylist(),
        qrels.grades.tolist(),
        strict=True,
    )
    return _sha(sorted(f"{query}\t{doc}\t{grade}" for query, doc, grade in columns))
