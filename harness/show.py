"""One query of a bundle: the pipelines' top results side by side, with judgments and text.

In a notebook::

    from harness.show import show

    show("bundles/mine", "1037798").frame()
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from harness.compare.evidence import load
from harness.errors import UsageError, listed, nearest
from harness.results import bundle as bundles
from harness.results.bundle import Bundle
from harness.results.runs import read_columns, read_run, trec_lines
from harness.results.tables import DOCUMENTS, PAIRS, PREDICTIONS, QRELS, QUERIES, TEXTS

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Result:
    """One result: ``grade`` is None where nobody judged it."""

    rank: int
    doc_id: str
    score: float
    grade: int | None


@dataclass(frozen=True)
class Shown:
    """One query, one sentence pair, or one text.

    Attributes:
        query_id, text: of the query; of a pair, both sentences.
        gold: a pair's gold score; None for a query.
        relevant: how many documents are judged relevant (grade 1 or above); None for a pair.
        results: pipeline -> its first results; empty for a pair.
        scores: pipeline -> measure -> this query's score (for a pair: ``score``, the pipeline's own).
        texts: document -> text, of those the bundle holds.
        label: a text's label; None otherwise.
        predicted: pipeline -> the label, or cluster, that each repeat gave a text.
    """

    query_id: str
    text: str
    gold: float | None
    relevant: int | None
    results: Mapping[str, tuple[Result, ...]]
    scores: Mapping[str, Mapping[str, float]]
    texts: Mapping[str, str]
    label: str | None = None
    predicted: Mapping[str, Sequence[str]] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        """Everything, as JSON can hold it."""
        return asdict(self)

    def frame(self) -> pd.DataFrame:
        """One row a pipeline and rank; for a pair or a text, a pipeline."""
        import pandas as pd

        if self.label is not None:
            return pd.DataFrame(
                [
                    {"pipeline": name, "label": self.label, "predicted": labels}
                    for name, labels in self.predicted.items()
                ]
            )
        if self.gold is not None:
            rows = [{"pipeline": name, "gold": self.gold, **scores} for name, scores in self.scores.items()]
            return pd.DataFrame(rows)
        return pd.DataFrame(
            [
                {"pipeline": name, **asdict(result), "text": self.texts.get(result.doc_id)}
                for name, results in self.results.items()
                for result in results
            ]
        )


def show(given: Bundle | Path | str, query_id: str, top: int = 10) -> Shown:
    """Look one query up. Raises UsageError for an unknown query, BundleError for a damaged bundle."""
    if top < 1:
        raise UsageError(f"--top is {top}; it is a count, 1 or more")
    bundle = given if isinstance(given, Bundle) else bundles.read(given)
    evidence = load(bundle)
    if query_id not in evidence.ids:
        close = nearest(query_id, evidence.ids)
        raise UsageError(
            f"{bundle.path} has no {evidence.item} {query_id!r}{close}; it has {len(evidence.ids):,}, such as "
            f"{listed(evidence.ids[:5])}"
        )
    position = evidence.ids.index(query_id)
    if evidence.gold is not None:
        if bundle.has(TEXTS):
            return _labelled(bundle, query_id)
        pair = bundle.table(PAIRS).slice(position, 1).to_pylist()[0]
        text = " | ".join(part for part in (pair["first"], pair["second"]) if part)
        scores = {
            label: {"score": float(evidence.values[i, 0, position])}
            for i, label in enumerate(evidence.labels)
        }
        return Shown(query_id, text, float(pair["gold"]), None, {}, scores, {})
    judged = _judgments(bundle, query_id)
    results = {
        name: _results(bundle.file(part.run), query_id, judged, top)
        for name, part in bundle.pipelines.items()
        if part.run and bundle.holds(part.run)
    }
    measured = {
        label: {m: float(evidence.of(label, m)[position]) for m in evidence.measures}
        for label in evidence.labels
    }
    wanted = {result.doc_id for found in results.values() for result in found}
    return Shown(
        query_id=query_id,
        text=_text(bundle, query_id),
        gold=None,
        relevant=sum(grade > 0 for grade in judged.values()),
        results=results,
        scores=measured,
        texts=_texts(bundle, wanted),
    )


def _labelled(bundle: Bundle, text_id: str) -> Shown:
    rows = bundle.table(TEXTS)
    text = rows.filter(pc.equal(rows["text_id"], text_id)).to_pylist()[0]
    given = bundle.table(PREDICTIONS)
    given = given.filter(pc.equal(given["text_id"], text_id))
    labels: dict[str, list[str]] = {}
    for pipeline, label in zip(given["pipeline"].to_pylist(), given["label"].to_pylist(), strict=True):
        labels.setdefault(pipeline, []).append(label)
    return Shown(text_id, text["text"], None, None, {}, {}, {}, text["label"], labels)


def _judgments(bundle: Bundle, query_id: str) -> dict[str, int]:
    if not bundle.has(QRELS):
        return {}
    rows = bundle.table(QRELS)
    rows = rows.filter(pc.and_(pc.equal(rows["query_id"], query_id), pc.greater_equal(rows["grade"], 0)))
    return dict(zip(rows["doc_id"].to_pylist(), rows["grade"].to_pylist(), strict=True))


def _results(path: Path, query_id: str, judged: Mapping[str, int], top: int) -> tuple[Result, ...]:
    """One query's first results, which lie together in a bundle's run. Raises BundleError for a damaged one."""
    rows = read_columns(path)
    code = pc.index(rows.queries.dictionary, query_id).as_py()
    first = np.flatnonzero(rows.codes == code)[:top]
    documents = (
        rows.documents[first] if isinstance(rows.documents, np.ndarray) else rows.documents.take(first)
    )
    names = documents.astype(str).tolist() if isinstance(documents, np.ndarray) else documents.to_pylist()
    found = zip(rows.places[first].tolist(), names, rows.scores[first].tolist(), strict=True)
    return tuple(Result(rank, name, score, judged.get(name)) for rank, name, score in found)


def run_lines(given: Bundle | Path | str, pipeline: str) -> Iterator[list[str]]:
    """Yield a pipeline's run as lines of TREC's six columns, those of each query together.

    Raises UsageError for a pipeline that the bundle does not have, or of which it holds no run, BundleError.
    """
    bundle = given if isinstance(given, Bundle) else bundles.read(given)
    part = bundle.pipelines.get(pipeline)
    if part is None:
        raise UsageError(
            f"{bundle.path} has no pipeline {pipeline!r}{nearest(pipeline, bundle.pipelines)}; it has "
            f"{listed(bundle.pipelines)}"
        )
    if not part.run or not bundle.holds(part.run):
        raise UsageError(
            f"{bundle.path} holds no run of {pipeline} (a baseline, or one of an STS suite, does not)"
        )
    yield from trec_lines(read_run(bundle.file(part.run)), pipeline)


def _text(bundle: Bundle, query_id: str) -> str:
    if not bundle.has(QUERIES):
        return ""
    rows = bundle.table(QUERIES)
    found = rows.filter(pc.equal(rows["query_id"], query_id))["text"].to_pylist()
    return str(found[0]) if found else ""


def _texts(bundle: Bundle, wanted: set[str]) -> dict[str, str]:
    if not bundle.has(DOCUMENTS) or not wanted:
        return {}
    rows = bundle.table(DOCUMENTS)
    rows = rows.filter(pc.is_in(rows["doc_id"], value_set=pa.array(sorted(wanted), pa.string())))
    return dict(zip(rows["doc_id"].to_pylist(), rows["text"].to_pylist(), strict=True))
