"""Published figures beside the measured ones, as far as a suite names them. A view model, no layout."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from harness.report.summary import Cell, SummaryTable
from harness.results.bundle import Bundle


def published_table(bundle: Bundle) -> SummaryTable | None:
    """One row a published figure, with what the same system reached here; None where the suite names none."""
    rows = []
    for system, figures in (bundle.result["suite"].get("reference") or {}).items():
        here = next(
            (name for name, part in bundle.pipelines.items() if same_system(bundle, part, system)), None
        )
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


def same_system(bundle: Bundle, part: Mapping[str, Any], system: str) -> bool:
    """Whether a pipeline is a published system: one model alone, by name, under the same similarity.

    A published name is a model's, with ``@SIMILARITY`` where that is not cosine.
    """
    stages = part["stages"]
    if part["kind"] not in ("bi-encoder", "score", "encode"):
        return False
    model = bundle.result.get("models", {}).get(
        stages.get("retrieve") or stages.get("score") or stages.get("encode")
    )
    if model is None:
        return False
    similarity = stages.get("similarity") or model.get("settings", {}).get("similarity") or "cosine"
    return system in (
        (model["name"], f"{model['name']}@cosine")
        if similarity == "cosine"
        else (f"{model['name']}@{similarity}",)
    )
