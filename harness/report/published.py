"""Published figures beside the measured ones, as far as a suite names them. A view model, no layout."""

from __future__ import annotations

from harness.report.summary import Cell, SummaryTable
from harness.results.bundle import Bundle


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
    stages = part["stages"]
    if part["kind"] == "bm25":
        return _plain(system).startswith("bm25")
    if part["kind"] == "run":
        return _plain(pipeline) in (_plain(system), _plain(system.split("/")[-1]))
    source = next((stages[key] for key in ("retrieve", "score", "encode") if key in stages), None)
    model = bundle.result.get("models", {}).get(source)
    if part["kind"] not in ("bi-encoder", "score", "encode") or model is None:
        return False
    similarity = stages.get("similarity") or model.get("settings", {}).get("similarity") or "cosine"
    name, _, published = system.partition("@")
    return _plain(str(model.get("name", ""))) == _plain(name) and similarity == (published or "cosine")


def _plain(name: str) -> str:
    return "".join(letter for letter in name.lower() if letter.isalnum())
