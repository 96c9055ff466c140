"""Every query under every pipeline, and the first results of those that differ most."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from harness.compare.evidence import Evidence
from harness.report.model import Hit, PerQuery, QueryDetail
from harness.report.view.runs import Facts, RunFacts
from harness.results.bundle import Bundle
from harness.results.tables import DOCUMENTS, QUERIES

#: Characters of results and texts that a page holds before it is packed (about a third of that after).
BUDGET = 7_000_000
#: Characters of one text that are shown where not all texts fit in full.
LONGEST = 600
_PER_HIT = 12


def per_query_of(bundle: Bundle, evidence: Evidence | None, facts: Facts | None) -> PerQuery | None:
    """Build the per-query view; None for sentence pairs and without per-query scores."""
    if evidence is None or evidence.gold is not None:
        return None
    runs = {} if facts is None else {name: run for name, run in facts.runs.items() if name in evidence.labels}
    relevant = None if facts is None else _relevant(evidence, facts)
    texts = _by_id(bundle, QUERIES, "query_id")
    details, documents, cut = _details(bundle, evidence, facts, runs)
    return PerQuery(
        ids=evidence.ids,
        texts=tuple(texts.get(item, "") for item in evidence.ids),
        pipelines=evidence.labels,
        measures=evidence.measures,
        values=evidence.values,
        relevant=relevant,
        details=details,
        documents=tuple(documents),
        document_texts=tuple(documents.values()),
        cut=cut,
    )


def _relevant(evidence: Evidence, facts: Facts) -> np.typing.NDArray[np.int64]:
    counts = np.bincount(
        facts.qrels.query_of_row[facts.qrels.grades >= 1], minlength=len(facts.qrels.query_ids)
    )
    known = dict(zip(facts.qrels.query_ids, counts.tolist(), strict=True))
    return np.asarray([known.get(item, 0) for item in evidence.ids], dtype=np.int64)


@dataclass
class _Shelf:
    """Documents named so far, in order, and the characters they take."""

    texts: dict[str, str]
    longest: int | None
    places: dict[str, int] = field(default_factory=dict)
    size: int = 0

    def place(self, document: str) -> int:
        place = self.places.get(document)
        if place is None:
            place = self.places[document] = len(self.places)
            text = self.texts.get(document, "")
            self.size += len(document) + (len(text) if self.longest is None else min(len(text), self.longest))
        return place


def _details(
    bundle: Bundle, evidence: Evidence, facts: Facts | None, runs: dict[str, RunFacts]
) -> tuple[tuple[QueryDetail, ...], dict[str, str], tuple[int, ...]]:
    if facts is None or not runs:
        return (), {}, ()
    first = evidence.values[
        :, 0 if bundle.primary not in evidence.measures else evidence.measures.index(bundle.primary)
    ]
    spread = first.max(axis=0) - first.min(axis=0)
    order = [int(i) for i in np.argsort(-spread, kind="stable")]
    wanted = pa.concat_arrays([pc.unique(run.top_document) for run in runs.values()])
    texts = _by_id(bundle, DOCUMENTS, "doc_id", wanted)
    code = {item: i for i, item in enumerate(facts.qrels.query_ids)}
    found = {name: _Found.of(run, len(code)) for name, run in runs.items()}
    # Whole texts where everything fits; else texts are cut, and then as many queries as fit.
    details: list[QueryDetail] = []
    shelf = _Shelf(texts, None)
    for longest in (None, LONGEST):
        details, shelf, size = [], _Shelf(texts, longest), 0
        for query in order:
            if evidence.ids[query] not in code:
                continue
            detail = QueryDetail(query, _hits(found, code[evidence.ids[query]], shelf))
            size += _PER_HIT * sum(map(len, detail.hits.values()))
            if size + shelf.size > BUDGET:
                break
            details.append(detail)
        if len(details) == len(order):
            break
    used = 1 + max((hit.document for d in details for hits in d.hits.values() for hit in hits), default=-1)
    kept = {document: texts.get(document, "") for document in list(shelf.places)[:used]}
    limit = shelf.longest
    cut = tuple(0 if limit is None else max(0, len(text) - limit) for text in kept.values())
    return tuple(details), {d: text if limit is None else text[:limit] for d, text in kept.items()}, cut


def _starts(run: RunFacts, n: int) -> list[tuple[int, int]]:
    """Where each query's rows lie among the first ten; rows of a query stand together in a bundle's run."""
    order = np.argsort(run.top_query, kind="stable")
    if not np.array_equal(order, np.arange(len(order))):
        # Queries in another order than the judgments': found by place all the same.
        places: list[tuple[int, int]] = [(0, 0)] * n
        edges = np.flatnonzero(np.diff(run.top_query, prepend=-1, append=-1))
        for low, high in zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True):
            places[int(run.top_query[low])] = (low, high)
        return places
    low = np.searchsorted(run.top_query, np.arange(n), "left").tolist()
    high = np.searchsorted(run.top_query, np.arange(n), "right").tolist()
    return list(zip(low, high, strict=True))


@dataclass(frozen=True)
class _Found:
    """The first ten of every query of one run as plain values, and where each query's stand."""

    documents: list[str]
    scores: list[float]
    grades: list[int]
    starts: list[tuple[int, int]]

    @classmethod
    def of(cls, run: RunFacts, n: int) -> _Found:
        return cls(
            run.top_document.to_pylist(), run.top_score.tolist(), run.top_grade.tolist(), _starts(run, n)
        )


def _hits(runs: dict[str, _Found], query: int, shelf: _Shelf) -> dict[str, tuple[Hit, ...]]:
    found = {}
    for name, run in runs.items():
        low, high = run.starts[query]
        found[name] = tuple(
            Hit(
                shelf.place(run.documents[row]),
                run.scores[row],
                None if run.grades[row] < 0 else run.grades[row],
            )
            for row in range(low, high)
        )
    return found


def _by_id(bundle: Bundle, table: object, key: str, wanted: pa.Array | None = None) -> dict[str, str]:
    from harness.results.tables import Table

    assert isinstance(table, Table)
    if not bundle.has(table):
        return {}
    rows = bundle.table(table)
    if wanted is not None:
        rows = rows.filter(pc.is_in(rows[key], value_set=pc.unique(wanted)))
    return dict(zip(rows[key].to_pylist(), rows["text"].to_pylist(), strict=True))
