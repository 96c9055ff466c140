"""What each pipeline finds at all."""

from __future__ import annotations

from harness.report.blocks.base import FigurePart, Folded, Section, filled
from harness.report.model import ReportView
from harness.report.table import main_text
from harness.report.tables import recall


def section(view: ReportView) -> Section | None:
    """Recall at k of every pipeline."""
    curves = view.recall
    if curves is None:
        return None
    last = []
    for curve in curves.curves:
        known = [
            (k, value) for k, value in zip(curves.depths, curve.values, strict=True) if value is not None
        ]
        if known:
            last.append(f"{curve.pipeline} {main_text(known[-1][1], 'number')} at {known[-1][0]:,}")
    grade = "of any grade above 0" if curves.level == 1 else f"of grade {curves.level} or above"
    lead = (
        f"The share of the relevant documents ({grade}) among the first k results. What a first stage does not find, "
        "no reranker can put right."
    )
    figure = FigurePart(
        "recall_curves",
        "Recall at k.",
        "Recall at the last depth: " + "; ".join(last) + ".",
    )
    tables = filled(recall(view))
    folded = (Folded("Recall in figures", tables),) if tables else ()
    return Section("recall", "Recall at every depth", (lead,), (figure, *folded))
