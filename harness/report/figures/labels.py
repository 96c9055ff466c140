"""Labels that stand beside what they name, and never on one another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.transforms import Bbox

from harness.report.figures.style import MUTED, SMALL

_AWAY = (8.0, 16.0, 28.0, 44.0, 64.0)
_SIDES = ((1, 0), (-1, 0), (0, 1), (0, -1), (1, 1), (-1, 1), (1, -1), (-1, -1))
_GAP = 15.0


@dataclass(frozen=True)
class Label:
    """A text for a point in data coordinates; ``colour`` is that of the line to it (text is always ink)."""

    x: float
    y: float
    text: str
    colour: str
    bold: bool = False


def beside_points(axes: Axes, labels: Sequence[Label], obstacles: Sequence[Bbox] = ()) -> tuple[Bbox, ...]:
    """Put each label at the nearest free place around its point, with a line to it where that is far.

    ``obstacles`` are in display coordinates; markers of all points are obstacles too. Returns the labels' boxes.
    """
    points = [axes.transData.transform((label.x, label.y)) for label in labels]
    taken = [*obstacles, *(Bbox.from_bounds(x - 7, y - 7, 14, 14) for x, y in points)]
    inside = axes.get_window_extent()
    placed: list[Bbox] = []
    for label, (x, y) in zip(labels, points, strict=True):
        weight = "bold" if label.bold else "normal"
        probe = axes.text(0, 0, label.text, fontsize=SMALL, weight=weight)
        size = probe.get_window_extent()
        probe.remove()
        best: tuple[float, float, float, Bbox] | None = None
        for away in _AWAY:
            for side in _SIDES:
                box = _box(x, y, size.width, size.height, away, side)
                cost = _overlap(box, taken, 1.0) + _overlap(box, placed, 20.0)
                cost += 5.0 * (box.width * box.height - _shared(box, inside))
                if best is None or cost < best[0]:
                    best = (cost, away, side[0], box)
            if best is not None and best[0] == 0.0:
                break
        assert best is not None
        _, away, _, box = best
        placed.append(box)
        arrow = {"arrowstyle": "-", "color": MUTED, "lw": 0.6, "shrinkA": 1, "shrinkB": 5}
        left, bottom = box.x0 - x, box.y0 - y
        axes.annotate(
            label.text,
            (label.x, label.y),
            (left, bottom),
            textcoords="offset points",
            fontsize=SMALL,
            weight=weight,
            ha="left",
            va="bottom",
            arrowprops=arrow if away >= 28 else None,
            annotation_clip=False,
        )
    return tuple(placed)


def at_line_ends(axes: Axes, labels: Sequence[Label], room: float = 12.0) -> None:
    """Put each label right of the axes, at its line's height or as near as the others allow, with a thin line to it."""
    box = axes.get_window_extent()
    order = sorted(range(len(labels)), key=lambda i: labels[i].y)
    wanted = [float(axes.transData.transform((labels[i].x, labels[i].y))[1]) for i in order]
    heights = spread(wanted, _GAP, box.y0, box.y1 + 10)
    for i, height in zip(order, heights, strict=True):
        label = labels[i]
        x, y = axes.transData.transform((label.x, label.y))
        axes.annotate(
            label.text,
            (label.x, label.y),
            (box.x1 + room - x, height - y),
            textcoords="offset points",
            fontsize=SMALL,
            weight="bold" if label.bold else "normal",
            ha="left",
            va="center",
            arrowprops={"arrowstyle": "-", "color": label.colour, "lw": 0.5, "shrinkA": 1, "shrinkB": 3},
            annotation_clip=False,
        )


def spread(wanted: Sequence[float], gap: float, low: float, high: float) -> list[float]:
    """Places in ascending order, at least ``gap`` apart and as near to the wanted (ascending) as that allows.

    Least squares by pooling neighbours that would touch (isotonic regression of wanted[i] - i * gap), then moved
    into [low, high] where they fit.
    """
    groups: list[tuple[float, int]] = []  # (mean of wanted[i] - i * gap, how many)
    for i, value in enumerate(wanted):
        mean, count = value - i * gap, 1
        while groups and groups[-1][0] > mean:
            other, n = groups.pop()
            mean, count = (mean * count + other * n) / (count + n), count + n
        groups.append((mean, count))
    flat = [mean for mean, count in groups for _ in range(count)]
    top = high - (len(flat) - 1) * gap
    return [min(max(value, low), max(top, low)) + i * gap for i, value in enumerate(flat)]


def _box(x: float, y: float, width: float, height: float, away: float, side: tuple[int, int]) -> Bbox:
    dx, dy = side
    reach = away if dx == 0 or dy == 0 else away * 0.7
    left = x + dx * reach - (width if dx < 0 else width / 2 if dx == 0 else 0)
    bottom = y + dy * reach - (height if dy < 0 else height / 2 if dy == 0 else 0)
    return Bbox.from_bounds(left, bottom, width, height)


def _shared(one: Bbox, other: Bbox) -> float:
    width = min(one.x1, other.x1) - max(one.x0, other.x0)
    height = min(one.y1, other.y1) - max(one.y0, other.y0)
    return max(0.0, float(width)) * max(0.0, float(height))


def _overlap(box: Bbox, others: Sequence[Bbox], weight: float) -> float:
    return weight * sum(_shared(box, other) for other in others)
