"""Local files of documents, queries, judgments and candidates."""

from __future__ import annotations

from pydantic import model_validator

from harness.config import LoadedSuite
from harness.datamodel import Query
from harness.datasets import local, trec
from harness.datasets.fields import USUAL, Fields
from harness.datasets.retrieval.kinds.kind import CollectionKind, CollectionSettings, Loaded, Wanted


class _Settings(CollectionSettings):
    """Local files. Documents may be left out where only existing runs are scored."""

    qrels: str
    queries: str | None = None
    docs: str | None = None
    candidates: str | None = None
    columns: tuple[str, ...] | None = None
    fields: Fields = USUAL
    query_fields: Fields = USUAL

    @model_validator(mode="after")
    def _text_is_named_once(self) -> _Settings:
        if self.text is not None and self.fields.given:
            raise ValueError(
                "'text' and 'fields' both name what makes a document's text; put it into 'fields' alone"
            )
        return self

    @property
    def document_fields(self) -> Fields:
        """What names the columns of local documents."""
        return self.fields if self.fields.given else super().document_fields


def _load(source: _Settings, suite: LoadedSuite, wanted: Wanted) -> Loaded:
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
                "this config searches, and the data set names no documents: add 'docs: FILE' (without it only "
                "existing runs can be scored)",
                "dataset",
            )
        corpus = local.FileCorpus(suite.folder / source.docs, source.document_fields, source.columns)
    candidates = (
        trec.read_run(suite.folder / source.candidates) if source.candidates and wanted.candidates else None
    )
    return Loaded(tuple(queries), qrels, corpus, candidates)


KIND = CollectionKind("qrels", "{docs: FILE, queries: FILE, qrels: FILE}", _Settings, _load)
