"""The project's own corpus of facts."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from harness.config import LoadedSuite
from harness.datamodel import Document, Qrels, Query
from harness.datasets import factbook
from harness.datasets.corpus import MemoryCorpus
from harness.datasets.factbook.choose import shuffled
from harness.datasets.retrieval.kinds.kind import CollectionKind, CollectionSettings, Loaded, Wanted
from harness.datasets.sources import EmbeddedSource
from harness.errors import DataError


class _Settings(EmbeddedSource, CollectionSettings):
    """The project's own corpus of facts; a split is a set of queries, the documents are common to all.

    ``queries``: so many of the split's, chosen by a hash of their ids: a smaller choice is part of a larger one.
    """

    queries: Annotated[int, Field(ge=1)] | None = None


def _load(source: _Settings, suite: LoadedSuite, wanted: Wanted) -> Loaded:
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
    return Loaded(
        queries=tuple(Query(query.id, query.text) for query in questions),
        qrels=Qrels.from_columns(
            [j.query_id for j in judgments], [j.passage_id for j in judgments], [j.grade for j in judgments]
        ),
        corpus=MemoryCorpus(documents, f"embedded {source.embedded}") if wanted.text else None,
    )


KIND = CollectionKind("embedded", "{embedded: factbook}", _Settings, _load)
