"""Query by query."""

from __future__ import annotations

from harness.report.blocks.base import QueryExplorer, Section
from harness.report.model import ReportView


def section(view: ReportView) -> Section | None:
    """The interactive per-query view, and what of it was left out."""
    part = view.per_query
    if part is None:
        return None
    shown, n = len(part.details), len(part.ids)
    if not shown:
        why = "This bundle holds no runs, so only the scores of each query can be shown."
    elif shown < n:
        why = (
            f"Scores are here for all {n:,} queries; first results for the {shown:,} that differ most between "
            f"pipelines, and not for the other {n - shown:,}: 'harness show BUNDLE --query ID' shows those."
        )
    else:
        why = ""
    cut = sum(1 for left in part.cut if left)
    if cut:
        why += f" {cut:,} long texts are cut; each says by how many characters."
    if shown and not any(part.document_texts):
        why += " The bundle holds no texts of documents, so results are shown by id."
    return Section(
        "queries",
        "Query by query",
        ("Where one pipeline wins and another loses, and what it returned there.",),
        (QueryExplorer(why.strip()),),
    )
