"""One query of a bundle: the pipelines' top results side by side, with judgments and text.

In a notebook::

    from harness.show import show

    show("bundles/mine", "1037798").frame()
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc

from harness.compare.evidence import load
from harness.errors import BundleError, UsageError, listed, nearest
from harness.results import bundle as bundles
from harness.results.bundle import Bundle
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
    """The first lines of one query; a query's lines stand together, so the file is not parsed as a whole."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise BundleError(f"{path}: cannot be read ({error.strerror})") from None
    start = f"{query_id} ".encode()
    place = 0 if content.startswith(start) else content.find(b"\n" + start) + 1
    if place == 0 and not content.startswith(start):
        return ()
    results: list[Result] = []
    while len(results) < top and content.startswith(start, place):
        end = content.find(b"\n", place)
        line = content[place : end if end >= 0 else len(content)]
        try:
            _, _, document, rank, score, *_ = line.decode().split(" ")
            results.append(Result(int(rank), document, float(score), judged.get(document)))
        except ValueError:
            raise BundleError(f"{path}: damaged near {line[:60]!r}") from None
        place = end + 1 if end >= 0 else len(content)
    return tuple(results)


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
