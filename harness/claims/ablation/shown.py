"""An ablation as a table in the published one's layout, and as JSON."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from harness.claims.ablation.figures import Ablation, Figure
from harness.claims.kind import ClaimResult
from harness.report.table import Column, DataTable, Estimate, Value


def outcome(found: Ablation) -> ClaimResult:
    """Return the table and every figure."""
    return ClaimResult(as_dict(found), tables(found))


def tables(found: Ablation) -> tuple[DataTable, ...]:
    """Return a table a block, with rows as published: each column's mean and standard deviation over seeds beside its
    published figure.
    """
    blocks = list(dict.fromkeys(figure.block for figure in found.figures))
    made = [_table(found, block) for block in blocks]
    caption = f"{found.name}: Spearman x 100 on {found.pairs:,} pairs"
    made[0] = replace(made[0], caption=caption)
    made[-1] = replace(made[-1], notes=_notes(found))
    return tuple(made)


def _table(found: Ablation, block: str) -> DataTable:
    figures = [figure for figure in found.figures if figure.block == block]
    at = {(f.row, f.column): f for f in figures}
    names = list(dict.fromkeys(figure.column for figure in found.figures))
    columns = [Column("row", block, "name")]
    for name in names:
        columns += [
            Column(name, name, "points", "higher"),
            Column(f"{name}_published", "published", "points"),
        ]
    rows = [
        (row, *(value for name in names for value in _cells(at.get((row, name)))))
        for row in dict.fromkeys(f.row for f in figures)
    ]
    return DataTable(f"ablation_{block}", "", tuple(columns), tuple(rows))


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


def _cells(figure: Figure | None) -> list[Value]:
    if figure is None:
        return [None, None]
    spread = "" if figure.deviation is None else f" ± {figure.deviation:.2f}"
    return [Estimate(figure.mean, n=len(figure.values), mark=spread), figure.published]


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
