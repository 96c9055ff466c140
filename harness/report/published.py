"""Published figures beside the measured ones, as far as a suite names them. A view model, no layout."""

from __future__ import annotations

from harness.report.summary import Cell, SummaryTable
from harness.results.bundle import Bundle
from harness.stages import told_of


def published_table(bundle: Bundle) -> SummaryTable | None:
    """One row a published figure, with what the same system reached here; None where the suite names none."""
    rows = []
    for system, figures in (bundle.result["suite"].get("reference") or {}).items():
        here = next((name for name in bundle.pipelines if same_system(bundle, name, system)), None)
        for measure, value in figures.items():
            if measure in ("source", "note"):
                continue
            found = bundle.pipelines[here]["measures"].get(measure) if here is not None else None
            measured = (
                ("–", "–", "")
                if found is None
                else (f"{found['value']:.4f}", f"{found['value'] - value:+.4f}", here)
            )
            rows.append((system, measure, f"{value:.4f}", *measured, str(figures["source"])))
    if not rows:
        return None
    header = ("published system", "measure", "published", "measured", "difference", "pipeline", "source")
    return SummaryTable(
        "Published figures beside the measured ones",
        header,
        tuple(tuple(map(Cell, map(str, row))) for row in rows),
        (),
    )


def same_system(bundle: Bundle, pipeline: str, system: str) -> bool:
    """Whether a pipeline is a published system: one model alone under the same similarity, BM25, or a run's own name.

    A published model's name has ``@SIMILARITY`` after it where that is not cosine.
    """
    part = bundle.pipelines[pipeline]
    return told_of(part).is_system(system, pipeline, part, bundle.result.get("models", {}))
