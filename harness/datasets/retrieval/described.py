"""What is told of a corpus: counts, digest, and what does not fit the judgments or the suite."""

from __future__ import annotations

from dataclasses import replace

import pyarrow.compute as pc

from harness.config import LoadedSuite, Needs
from harness.datamodel import Qrels
from harness.datasets.corpus import Contents
from harness.datasets.retrieval.data import RetrievalData
from harness.errors import DataError, counted

#: Characters beyond which one document is told of.
_BOOK = 1_000_000


def unknown_documents(qrels: Qrels, contents: Contents, suite: LoadedSuite | None = None) -> tuple[int, str]:
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


def with_corpus(data: RetrievalData, suite: LoadedSuite) -> RetrievalData:
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
        unknown, example = unknown_documents(data.qrels, contents, None if data.part else suite)
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
