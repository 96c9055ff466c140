"""What is kept of queries, judgments and candidates, and what is refused."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence

import numpy as np

from harness.config import LoadedSuite
from harness.datamodel import Qrels, Run
from harness.datasets.retrieval.data import Given, RetrievalData
from harness.datasets.retrieval.kinds import Loaded
from harness.errors import DataError, counted
from harness.measures import registry


def judged(found: Loaded, suite: LoadedSuite) -> RetrievalData:
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
    digests = {"queries": _sha(f"{q.id}\t{q.text}" for q in kept), "qrels": _qrels_sha(qrels)}
    if qrels.pool is not None and registry.any_pooled(suite.settings.measures):
        digests["pool"] = _qrels_sha(qrels.pool)
    return RetrievalData(
        queries=kept,
        qrels=qrels,
        corpus=found.corpus,
        candidates=found.candidates,
        counts=counts,
        digests=digests,
        notes=(*found.notes, *_told(counts)),
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


def check_candidates(suite: LoadedSuite, data: RetrievalData, given: Sequence[Given]) -> None:
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


def check_order(suite: LoadedSuite, candidates: Run | None, given: Sequence[Given]) -> None:
    """Refuse the first few of candidates that have no order. Raises DataError."""
    depths = [depth for stage in given if stage.run is None for depth in stage.depths]
    if candidates is None or not depths or not candidates.n_rows or np.ptp(candidates.scores) > 0:
        return
    most = int(candidates.counts.max())
    if min(depths) < most:
        raise DataError(
            f"suite {suite.name}: the data set's own candidates carry no scores, so the first {min(depths)} of up "
            f"to {most} would be an arbitrary choice; give that pipeline depth: {most}"
        )


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
