"""What ``show`` prints: one query, its scores, and the pipelines' results side by side."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from harness.measures import registry
from harness.report.table import Column, DataTable, Value
from harness.text import flowing

if TYPE_CHECKING:
    from harness.show import Shown

_MOST_TEXT = 160


def query(found: Shown) -> Iterator[DataTable | str]:
    """One query, pair or text."""
    about = f"gold {found.gold:g}" if found.gold is not None else f"{found.relevant} relevant"
    if found.label is not None:
        about = f"label {found.label}"
    yield f"{found.query_id}: {flowing(found.text) or '(no text in this bundle)'}  ({about})"
    yield _scores(found) if found.label is None else _predicted(found)
    if not found.results:
        return
    yield from ("", _results(found), "")
    for document in dict.fromkeys(r.doc_id for results in found.results.values() for r in results):
        if document in found.texts:
            text = flowing(found.texts[document])
            yield f"  {document}  {text if len(text) <= _MOST_TEXT else text[: _MOST_TEXT - 1] + '…'}"


def _scores(found: Shown) -> DataTable:
    measures = list(dict.fromkeys(m for scores in found.scores.values() for m in scores))
    columns = [Column(m, m, "number", registry.better(m)) for m in measures]
    rows = [(name, *(scores.get(m) for m in measures)) for name, scores in found.scores.items()]
    return DataTable("scores", "", (Column("pipeline", "pipeline", "name"), *columns), tuple(rows))


def _predicted(found: Shown) -> DataTable:
    def told(labels: Sequence[str]) -> str:
        counted = Counter(labels).most_common()
        return ", ".join(
            label if len(labels) == 1 else f"{label} ({n} of {len(labels)})" for label, n in counted
        )

    columns = (Column("pipeline", "pipeline", "name"), Column("predicted", "predicted"))
    return DataTable(
        "predicted", "", columns, tuple((name, told(labels)) for name, labels in found.predicted.items())
    )


def _results(found: Shown) -> DataTable:
    depth = max((len(results) for results in found.results.values()), default=0)
    rows: list[tuple[Value, ...]] = []
    for i in range(depth):
        cells = (
            f"{results[i].doc_id} [{'·' if results[i].grade is None else results[i].grade}]"
            if i < len(results)
            else ""
            for results in found.results.values()
        )
        rows.append((i + 1, *cells))
    notes = ("In brackets: the judged grade; · where nobody judged the document.",)
    columns = (Column("rank", "rank", "count"), *(Column(name, name) for name in found.results))
    return DataTable("results", "", columns, tuple(rows), notes)
