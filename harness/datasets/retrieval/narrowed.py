"""Less than a whole collection: a sample of it, or the documents that are candidates."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from harness.config import LoadedSuite
from harness.datasets.retrieval.data import Given, RetrievalData
from harness.datasets.retrieval.described import unknown_documents
from harness.datasets.sample import Sample, SampledCorpus, choose


def candidate_ids(data: RetrievalData, given: Sequence[Given], extra: int) -> list[str]:
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


def sampled(data: RetrievalData, sample: Sample, suite: LoadedSuite) -> RetrievalData:
    """Keep every judged document and some others. Raises DataError for a sample larger than the collection."""
    note = (
        f"sampled collection: every judged document and {sample.distractors:,} others (seed {sample.seed}); these "
        "figures do not compare with those of the full collection"
    )
    if data.corpus is None:
        return replace(
            data, notes=(*data.notes, f"{note}; whether a run file was made on it cannot be seen here")
        )
    whole = data.corpus.contents
    unknown_documents(data.qrels, whole, suite)
    judged = data.qrels.doc_ids.take(pa.array(np.unique(data.qrels.docs)))
    kept = choose(whole.ids, judged, sample, f"suite {suite.name}")
    return replace(
        data,
        corpus=SampledCorpus(data.corpus, kept, f"suite {suite.name}, sample"),
        counts={**data.counts, "documents_in_collection": len(whole)},
        digests={**data.digests, "collection": whole.sha256},
        notes=(*data.notes, f"{note} of {len(whole):,}"),
    )
