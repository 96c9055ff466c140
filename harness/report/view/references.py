"""Published figures beside measured ones."""

from __future__ import annotations

from collections.abc import Sequence

from harness.report.model import PipelineView, Reference
from harness.report.view.figures import finite
from harness.results.bundle import Bundle


def references_of(bundle: Bundle, pipelines: Sequence[PipelineView]) -> tuple[Reference, ...]:
    """Every published figure of the suite; beside it what the same system reached here.

    A system is the same where its name is the model's of a bi-encoder alone (or of an STS pipeline), a run's
    own name, or BM25's; everything else stands by itself.
    """
    found = []
    for system, figures in (bundle.result["suite"].get("reference") or {}).items():
        source = str(figures.get("source") or "")
        match = next((one for one in pipelines if _same(bundle, one, system)), None)
        for measure, published in figures.items():
            value = finite(published)
            if measure == "source" or value is None:
                continue
            measured = match.measures.get(measure) if match is not None else None
            found.append(
                Reference(
                    system, measure, value, source, match.name if match and measured else None, measured
                )
            )
    return tuple(found)


def _same(bundle: Bundle, one: PipelineView, system: str) -> bool:
    if one.kind == "bm25":
        return _plain(system).startswith("bm25")
    if one.kind in ("bi-encoder", "score"):
        model = bundle.result.get("models", {}).get(one.stages.get("retrieve") or one.stages.get("score"), {})
        return _plain(str(model.get("name", ""))) == _plain(system)
    return one.kind == "run" and _plain(one.name) in (_plain(system), _plain(system.split("/")[-1]))


def _plain(name: str) -> str:
    return "".join(letter for letter in name.lower() if letter.isalnum())
