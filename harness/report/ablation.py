"""An ablation as a table in the published one's layout, and as JSON."""

from __future__ import annotations

from typing import Any

from harness.ablation.figures import Ablation, Figure
from harness.report.summary import Cell, SummaryTable


def table(found: Ablation) -> SummaryTable:
    """Return rows as published, each column's mean and standard deviation over seeds beside its published figure."""
    columns = list(dict.fromkeys(figure.column for figure in found.figures))
    at = {(f.block, f.row, f.column): f for f in found.figures}
    header = ["", *(word for name in columns for word in (name, "published"))]
    rows: list[tuple[Cell, ...]] = []
    for block in dict.fromkeys(figure.block for figure in found.figures):
        rows.append((Cell(block), *(Cell("") for _ in header[1:])))
        for row in dict.fromkeys(f.row for f in found.figures if f.block == block):
            cells = [Cell(f"  {row}")]
            for name in columns:
                cells += _cells(at.get((block, row, name)), _best(found, block, name))
            rows.append(tuple(cells))
    return SummaryTable(
        title=f"{found.name}: Spearman x 100 on {found.pairs:,} pairs",
        header=tuple(header),
        rows=tuple(rows),
        notes=_notes(found),
    )


def as_dict(found: Ablation) -> dict[str, Any]:
    """Return every figure, unrounded, with its seeds."""
    return {
        "name": found.name,
        "pairs": found.pairs,
        "seeds": list(found.seeds),
        "trained": found.trained,
        "found": found.found,
        "figures": [
            {
                "block": f.block,
                "row": f.row,
                "column": f.column,
                "mean": f.mean,
                "deviation": f.deviation,
                "values": list(f.values),
                "published": f.published,
            }
            for f in found.figures
        ],
        **found.about,
    }


def _best(found: Ablation, block: str, column: str) -> float:
    return max((f.mean for f in found.figures if f.block == block and f.column == column), default=0.0)


def _cells(figure: Figure | None, best: float) -> list[Cell]:
    if figure is None:
        return [Cell("–"), Cell("–")]
    spread = "" if figure.deviation is None else f" ± {figure.deviation:.2f}"
    published = "–" if figure.published is None else f"{figure.published:.2f}"
    return [Cell(f"{figure.mean:.2f}{spread}", best=figure.mean == best), Cell(published)]


def _notes(found: Ablation) -> tuple[str, ...]:
    config = found.about["config"]
    seeds = ", ".join(map(str, found.seeds))
    over = (
        f"Mean ± standard deviation (n - 1) over {len(found.seeds)} seeds ({seeds})"
        if len(found.seeds) > 1
        else f"One seed ({seeds}), so that no deviation can be told"
    )
    notes = [f"{over}; base {found.about['base']['name']} ({found.about['base']['source']})."]
    if config["note"]:
        notes.append(config["note"])
    if config["source"]:
        notes.append(f"Published: {config['source']}.")
    notes.append(f"{found.trained} models trained now, {found.found} found in the store.")
    return tuple(notes)
