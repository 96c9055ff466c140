"""Published figures beside measured ones."""

from __future__ import annotations

from collections.abc import Sequence

from harness.report.model import PipelineView, Reference
from harness.results.bundle import Bundle
from harness.stages import told_of


def references_of(bundle: Bundle, pipelines: Sequence[PipelineView]) -> tuple[Reference, ...]:
    """Every published figure of the suite; beside it what the same system reached here.

    A system is the same where its name is the model's of a bi-encoder alone (or of an STS pipeline), a run's
    own name, or BM25's; everything else stands by itself.
    """
    found = []
    for system, figures in bundle.result.suite.reference.items():
        source = str(figures.get("source") or "")
        match = next((one for one in pipelines if same_system(bundle, one.name, system)), None)
        for measure, published in figures.items():
            if measure == "source" or isinstance(published, str):
                continue
            measured = match.measures.get(measure) if match is not None else None
            name = match.name if match and measured else None
            found.append(Reference(system, measure, published, source, name, measured))
    return tuple(found)


def same_system(bundle: Bundle, pipeline: str, system: str) -> bool:
    """Whether a pipeline is a published system: one model alone under the same similarity, BM25, or a run's own name.

    A published model's name has ``@SIMILARITY`` after it where that is not cosine.
    """
    part = bundle.pipelines[pipeline]
    return told_of(part).is_system(system, pipeline, part, bundle.result.models)
