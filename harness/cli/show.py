"""``harness show BUNDLE --query ID``."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from harness.cli import options
from harness.cli.parsing import add_verb

if TYPE_CHECKING:
    from harness.report.summary import SummaryTable
    from harness.show import Shown


def add(verbs: Any) -> None:
    """Add the verb."""
    verb = add_verb(
        verbs,
        "show",
        "show one query: the pipelines' top results side by side, with judgments and text",
        ("bundles/now --query q17", "ten results of each pipeline"),
        ("bundles/now --query q17 --top 3 --json", "three, for a program"),
    )
    verb.add_argument("bundle", type=Path, metavar="BUNDLE")
    verb.add_argument(
        "--query",
        required=True,
        type=options.words,
        metavar="ID",
        help="the query's id; for an sts bundle, the pair's",
    )
    verb.add_argument(
        "--top", type=int, default=10, metavar="N", help="how many results of each (default: 10)"
    )
    verb.add_argument("--json", action="store_true", help="print JSON")
    verb.set_defaults(handler=handle)


def handle(given: argparse.Namespace) -> int:
    """Show one query."""
    from harness import console
    from harness.report.writers import terminal
    from harness.show import show
    from harness.text import flowing

    found = show(given.bundle, given.query, given.top)
    if given.json:
        console.say_json(found.as_dict())
        return 0
    about = f"gold {found.gold:g}" if found.gold is not None else f"{found.relevant} relevant"
    if found.label is not None:
        about = f"label {found.label}"
    console.say(f"{found.query_id}: {flowing(found.text) or '(no text in this bundle)'}  ({about})")
    terminal.show(_scores(found) if found.label is None else _predicted(found))
    if found.results:
        console.say("")
        terminal.show(_results(found))
        console.say("")
        for document in dict.fromkeys(r.doc_id for results in found.results.values() for r in results):
            if document in found.texts:
                text = flowing(found.texts[document])
                console.say(f"  {document}  {text if len(text) <= 160 else text[:159] + '…'}")
    return 0


def _scores(found: Shown) -> SummaryTable:
    from harness.report.summary import Cell, SummaryTable

    measures = list(dict.fromkeys(m for scores in found.scores.values() for m in scores))
    rows = [
        (Cell(name), Cell(""), *(Cell(f"{scores[m]:.4f}" if m in scores else "–") for m in measures))
        for name, scores in found.scores.items()
    ]
    return SummaryTable("", ("pipeline", "", *measures), tuple(rows), ())


def _predicted(found: Shown) -> SummaryTable:
    from collections import Counter

    from harness.report.summary import Cell, SummaryTable

    def told(labels: Sequence[str]) -> str:
        counted = Counter(labels).most_common()
        return ", ".join(
            label if len(labels) == 1 else f"{label} ({n} of {len(labels)})" for label, n in counted
        )

    rows = [(Cell(name), Cell(told(labels))) for name, labels in found.predicted.items()]
    return SummaryTable("", ("pipeline", "predicted"), tuple(rows), ())


def _results(found: Shown) -> SummaryTable:
    from harness.report.summary import Cell, SummaryTable

    depth = max((len(results) for results in found.results.values()), default=0)
    rows = []
    for i in range(depth):
        cells = [Cell(str(i + 1))]
        for results in found.results.values():
            if i >= len(results):
                cells.append(Cell(""))
                continue
            one = results[i]
            cells.append(Cell(f"{one.doc_id} [{'·' if one.grade is None else one.grade}]"))
        rows.append(tuple(cells))
    notes = ("In brackets: the judged grade; · where nobody judged the document.",)
    return SummaryTable("", ("rank", *found.results), tuple(rows), notes)
