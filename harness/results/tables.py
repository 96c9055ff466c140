"""Every table of a bundle, declared here and nowhere else.

Parquet files beside ``result.json``. A baseline is a bundle with fewer of them; whoever reads one asks for what it
needs and is told by name what is missing.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import pyarrow as pa


@dataclass(frozen=True)
class Table:
    """One table: its file's stem, what a row is, its columns."""

    name: str
    row: str
    schema: pa.Schema


def _schema(**columns: pa.DataType) -> pa.Schema:
    return pa.schema([pa.field(name, kind, nullable=False) for name, kind in columns.items()])


#: Prefix of the baseline's pipelines in a bundle of two arms.
BASELINE_ARM = "baseline:"

_TEXT, _REAL, _INT = pa.string(), pa.float64(), pa.int32()

SCORES = Table(
    "scores",
    "one pipeline's score of one measure on one judged query; queries in the suite's order",
    _schema(pipeline=_TEXT, measure=_TEXT, query_id=_TEXT, value=_REAL),
)
QRELS = Table(
    "qrels",
    "one judgment; negative grades count as unjudged and are left out, save those of -1 where infap is measured",
    _schema(query_id=_TEXT, doc_id=_TEXT, grade=_INT),
)
QUERIES = Table(
    "queries",
    "one judged query, in the suite's order; the text is empty with `texts: false`",
    _schema(query_id=_TEXT, text=_TEXT),
)
DOCUMENTS = Table(
    "documents",
    "one document among the first results of any pipeline; absent with `texts: false`",
    _schema(doc_id=_TEXT, text=_TEXT),
)
PAIRS = Table(
    "pairs",
    "one sentence pair with its gold score, in the suite's order; texts are empty with `texts: false`",
    _schema(pair_id=_TEXT, first=_TEXT, second=_TEXT, gold=_REAL),
)
PAIR_SCORES = Table(
    "pair_scores",
    "one pipeline's score of one sentence pair, in the suite's order",
    _schema(pipeline=_TEXT, pair_id=_TEXT, score=_REAL),
)
TEXTS = Table(
    "texts",
    "one text with its label, in the suite's order; the text is empty with `texts: false`",
    _schema(text_id=_TEXT, text=_TEXT, label=_TEXT),
)
PREDICTIONS = Table(
    "predictions",
    "the label, or the cluster, that one repeat of a pipeline gives a text, in the suite's order",
    _schema(pipeline=_TEXT, repeat=_INT, text_id=_TEXT, label=_TEXT),
)
SAMPLES = Table(
    "samples",
    "one raw timing sample; value in the unit named (infinite where a request was dropped)",
    _schema(
        pipeline=_TEXT, series=_TEXT, set=_INT, block=_INT, index=_INT, item=_TEXT, value=_REAL, unit=_TEXT
    ),
)

TABLES = {
    t.name: t for t in (SCORES, QRELS, QUERIES, DOCUMENTS, PAIRS, PAIR_SCORES, TEXTS, PREDICTIONS, SAMPLES)
}


def codes_of(labels: Iterable[str], predicted: Iterable[Iterable[Iterable[str]]]) -> dict[str, int]:
    """Return one integer for each label: the true ones first, in order, then those that were only predicted."""
    true = sorted(set(labels))
    others = sorted({str(label) for rows in predicted for row in rows for label in row} - set(true))
    return {label: i for i, label in enumerate([*true, *others])}
