"""What all figures share: size, palette, fonts, and axes without clutter. Nothing of pyplot, no global state."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import matplotlib
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, FuncFormatter, NullFormatter, NullLocator

from harness.report.table import significant
from harness.text import flowing

WIDTH = 760.0
#: Pixels an inch, so that matplotlib's points are pixels of the drawing.
DPI = 72.0
FONT = 12.0
SMALL = 10.5

#: Each colour by the page's name for it: (light, dark). Series are Okabe and Ito's, told apart by the colour-blind;
#: yellow is left out (too pale on white), and darkness differs so that they keep apart in grey.
COLOURS: dict[str, tuple[str, str]] = {
    "ink": ("#1b1b1a", "#ededea"),
    "muted": ("#5b5b57", "#a9a9a3"),
    "faint": ("#dcdcd7", "#3d3d3a"),
    "paper": ("#fffffe", "#161615"),
    "c1": ("#0072b2", "#4fb0ee"),
    "c2": ("#d55e00", "#ff8a3d"),
    "c3": ("#009e73", "#2fcf9f"),
    "c4": ("#cc79a7", "#e79ac5"),
    "c5": ("#e69f00", "#f5b93a"),
    "c6": ("#56b4e9", "#8fd0f7"),
    "c7": ("#7a5195", "#b48ad0"),
}
INK, MUTED, GRID, SURFACE = (COLOURS[name][0] for name in ("ink", "muted", "faint", "paper"))
SERIES = tuple(COLOURS[f"c{i}"][0] for i in range(1, 8))
# Neither count divides the other: 7 colours x 8 markers repeat only after 56 pipelines.
MARKERS = ("o", "s", "^", "D", "v", "P", "X", "p")
DASHES: tuple[Any, ...] = ("-", (0, (5, 2)), (0, (1.5, 1.5)), (0, (6, 2, 1.5, 2)), (0, (8, 3)))

_RC: dict[str, Any] = {
    "figure.dpi": DPI,
    "font.family": ["DejaVu Sans"],
    "font.size": FONT,
    "text.color": INK,
    # A name with a dollar sign is text, not a formula.
    "text.parse_math": False,
    "axes.unicode_minus": True,
    "axes.edgecolor": MUTED,
    "axes.labelcolor": INK,
    "axes.facecolor": "none",
    "axes.linewidth": 0.8,
    "axes.axisbelow": True,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "xtick.color": MUTED,
    "ytick.color": MUTED,
    "xtick.labelsize": SMALL,
    "ytick.labelsize": SMALL,
    "axes.labelsize": SMALL + 0.5,
    "axes.titlesize": FONT,
    "axes.titlelocation": "left",
    "grid.color": GRID,
    "grid.linewidth": 0.8,
    "hatch.linewidth": 0.8,
    "svg.fonttype": "none",
    "svg.hashsalt": "encoder-harness",
}
_UNPRINTABLE = re.compile("[^\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class Drawing(Figure):
    """A figure that says what it is: a name (of its file), a title, and a description for those who cannot see it.

    ``marks``: what its lines and marks are, each told by whoever drew it, so that a caption speaks of nothing else.
    """

    name: str = "figure"
    title: str = ""
    description: str = ""
    marks: tuple[str, ...] = ()


@dataclass(frozen=True)
class Look:
    """How one pipeline looks in every figure."""

    colour: str
    marker: str
    dashes: Any


def looks(names: tuple[str, ...]) -> Mapping[str, Look]:
    """The look of every pipeline, by its place in the config."""
    return {
        name: Look(SERIES[i % len(SERIES)], MARKERS[i % len(MARKERS)], DASHES[i % len(DASHES)])
        for i, name in enumerate(names)
    }


@contextmanager
def styled() -> Iterator[None]:
    """Matplotlib's own defaults and this style on top, whatever the user's settings say."""
    with matplotlib.rc_context():
        settings: Any = matplotlib.rcParams
        settings.update({k: v for k, v in matplotlib.rcParamsDefault.items() if k != "backend"})
        settings.update(_RC)
        yield


def drawing(name: str, title: str, height: float, width: float = WIDTH) -> Drawing:
    """A new figure of so many pixels, ready to measure text in."""
    figure = Drawing(figsize=(width / DPI, height / DPI), dpi=DPI, facecolor="none")
    FigureCanvasAgg(figure)
    figure.name, figure.title = name, title
    return figure


def axes(figure: Figure, box: tuple[float, float, float, float]) -> Axes:
    """Axes in a box of pixels (left, bottom, width, height) from the figure's lower left corner."""
    width, height = figure.get_size_inches() * DPI
    left, bottom, w, h = box
    return figure.add_axes((left / width, bottom / height, w / width, h / height))


def short(text: str, most: int = 30) -> str:
    """A name that fits: on one line, without what cannot be printed, cut in its middle."""
    clean = _UNPRINTABLE.sub("\ufffd", flowing(text))
    if len(clean) <= most:
        return clean
    tail = (most - 1) // 2
    return f"{clean[: most - 1 - tail]}…{clean[-tail:]}"


def text_width(figure: Figure, texts: list[str], size: float = SMALL) -> float:
    """Pixels that the longest text takes."""
    widest = 0.0
    for text in texts:
        probe = figure.text(0, 0, text, fontsize=size)
        widest = max(widest, float(probe.get_window_extent().width))
        probe.remove()
    return widest


def log_ticks(one: Axes, which: str, low: float, high: float) -> None:
    """A logarithmic axis from low to high with ticks at 1, 2 and 5 as plain figures, thinned where many."""
    axis = one.xaxis if which == "x" else one.yaxis
    if which == "x":
        one.set_xscale("log")
        one.set_xlim(low, high)
    else:
        one.set_yscale("log")
        one.set_ylim(low, high)
    decades = [10.0**e for e in range(-6, 12)]
    every = [d * m for d in decades for m in (1, 2, 5)]
    shown = [v for v in every if low <= v <= high]
    if len(shown) > 9:
        shown = [v for v in decades if low <= v <= high]
    axis.set_major_locator(FixedLocator(shown))
    axis.set_minor_locator(NullLocator())
    axis.set_major_formatter(FuncFormatter(lambda value, _: plain(value)))
    axis.set_minor_formatter(NullFormatter())


def plain(value: float) -> str:
    """A tick's figure: 0.5, 20, 1,000."""
    text = significant(value)
    return text.rstrip("0").rstrip(".") if "." in text else text
