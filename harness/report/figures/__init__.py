"""Figures of a report, drawn by matplotlib without pyplot: each a function of the view model.

A figure is None where the bundle holds nothing for it. Names stand beside what they name rather than in a legend;
colours are Okabe and Ito's, and markers, dashes and hatches say the same in grey.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from matplotlib.figure import Figure

from harness.report.figures.depth import depth_sweep
from harness.report.figures.latency import latency_distribution, latency_load, stages
from harness.report.figures.matrix import pairs_matrix
from harness.report.figures.recall import recall_curves
from harness.report.figures.sts import sts_scatter
from harness.report.figures.style import styled
from harness.report.figures.svg import THEME_CSS, save, svg
from harness.report.figures.tradeoff import quality_latency
from harness.report.model import ReportView

__all__ = ["FIGURES", "THEME_CSS", "Path", "drawn_of", "save", "svg"]


def _styled(draw: Callable[[ReportView], Figure | None]) -> Callable[[ReportView], Figure | None]:
    def drawn(view: ReportView) -> Figure | None:
        with styled():
            return draw(view)

    drawn.__doc__ = draw.__doc__
    return drawn


#: Name -> drawing function, in the order of the page.
FIGURES: Mapping[str, Callable[[ReportView], Figure | None]] = {
    name: _styled(draw)
    for name, draw in {
        "quality_latency": quality_latency,
        "depth_sweep": depth_sweep,
        "recall_curves": recall_curves,
        "latency_distribution": latency_distribution,
        "latency_load": latency_load,
        "stages": stages,
        "pairs_matrix": pairs_matrix,
        "sts_scatter": sts_scatter,
    }.items()
}


def drawn_of(view: ReportView) -> dict[str, Figure]:
    """Draw every figure that a view has something for, by its name."""
    return {key: figure for key, draw in FIGURES.items() if (figure := draw(view)) is not None}
