"""How deep to rerank."""

from __future__ import annotations

from collections.abc import Iterator

from harness.report.blocks.base import FigurePart, Section, filled
from harness.report.model import DepthSweep, ReportView
from harness.report.table import main_text
from harness.report.tables import depth_sweep


def section(view: ReportView) -> Section | None:
    """Quality and latency against depth, the perfect reranker's ceiling, and where quality is lost."""
    if not view.sweeps:
        return None
    lead = tuple(" ".join(_sentences(sweep, view.primary)) for sweep in view.sweeps)
    caption = f"{view.primary} against the number of results that are reranked."
    figure = FigurePart("depth_sweep", caption, " ".join(lead))
    return Section("depth", "How deep to rerank", lead, (figure, *filled(depth_sweep(view))))


def _sentences(sweep: DepthSweep, measure: str) -> Iterator[str]:
    known = [point for point in sweep.points if point.quality.value is not None]
    if not known:
        return
    best = max(known, key=lambda point: point.quality.value or 0.0)
    depths = (
        f"of the depths {', '.join(f'{p.depth:,}' for p in known)} the best is {best.depth:,}"
        if len(known) > 1
        else (f"at depth {best.depth:,}")
    )
    yield f"{sweep.family}: {depths}, with {measure} {main_text(best.quality.value, 'number')}."
    if len(known) > 1:
        yield f"That depth is the best of {len(known)} on the queries it is reported on, so likely a little high."
    if sweep.alone is not None and sweep.alone.value is not None:
        yield f"{sweep.first_stage} alone reaches {main_text(sweep.alone.value, 'number')}."
    loss = best.loss
    if loss is not None:
        yield (
            f"Of the {loss.ideal - loss.value:.4f} that it stays below the ideal, the first stage missed "
            f"{loss.missed:.4f} and the reranker misordered {loss.misordered:.4f}; a perfect reranker would reach "
            f"{loss.ceiling:.4f} here."
        )
    deeper = {depth: value for depth, value in sweep.ceilings.items() if depth > max(p.depth for p in known)}
    if deeper:
        yield (
            "Deeper, the ceiling is "
            + ", ".join(f"{value:.4f} at {depth:,}" for depth, value in deeper.items())
            + "."
        )
