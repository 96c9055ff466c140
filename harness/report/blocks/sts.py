"""Sentence pairs: gold against score."""

from __future__ import annotations

from dataclasses import replace

from harness.report.blocks.base import FigurePart, Folded, Section
from harness.report.model import ReportView
from harness.report.tables import worst_pairs


def section(view: ReportView) -> Section | None:
    """The scatter of gold and score, and the worst pairs of each pipeline."""
    part = view.pair_scores
    if part is None:
        return None
    reached = "; ".join(
        f"{one.name} {one.measures[view.primary].value:.4f}"
        for one in view.pipelines
        if one.measures[view.primary].value is not None
    )
    figure = FigurePart(
        "sts_scatter",
        "Each pair’s gold score and the pipeline’s score.",
        f"Scatter of gold and score of {len(part.ids):,} pairs; {view.primary}: {reached}.",
    )
    table = worst_pairs(view)
    names = list(dict.fromkeys(worst.pipeline for worst in part.worst))
    folded = []
    for name in names:
        rows = tuple(row for row in table.rows if row[0] == name)
        own = replace(
            table, key=f"{table.key}-{names.index(name)}", caption=f"Worst pairs of {name}", columns=table.columns[1:],
            rows=tuple(row[1:] for row in rows),
        )  # fmt: skip
        folded.append(Folded(f"The {len(rows)} pairs that {name} places worst", (own,)))
    lead = (
        "A pair is placed badly where its rank by score is far from its rank by gold: +0.50 means that the pipeline "
        "moved it up past half of all pairs."
    )
    return Section("sentences", "Gold and score", (lead,), (figure, *folded))
