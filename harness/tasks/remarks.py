"""What is said of a retrieval pipeline's results besides its figures: nothing found, nothing judged, ties."""

from __future__ import annotations

from collections.abc import Iterator

from harness.datamodel import Run
from harness.datasets.retrieval import RetrievalData
from harness.measures.names import Measure
from harness.measures.retrieval import Judged, TieSensitivity
from harness.tasks.figures import TIES_MATTER


def notes_of(*runs: Run | None) -> Iterator[str]:
    """Yield what those who made or read a pipeline's runs have to say of them."""
    for run in runs:
        if run is not None:
            yield from run.notes


def warnings_of(
    name: str, judged: Judged, data: RetrievalData, ties: tuple[Measure, TieSensitivity]
) -> Iterator[str]:
    """Yield what makes a pipeline's figures less than they seem."""
    found = judged.results
    if unanswered := int((found.counts == 0).sum()):
        yield f"{name}: {unanswered} of {len(found)} judged queries have no result and count 0"
    if found.n_rows and not judged.any_known:
        example = found.doc_ids[int(found.docs[0])].as_py()
        known = data.qrels.doc_ids[int(data.qrels.docs[0])].as_py()
        yield (
            f"{name}: nobody judged any of its {found.n_rows:,} results, so all figures are 0: a result's id is "
            f"{example!r}, a judged document's {known!r}; do run and judgments belong together"
        )
    measure, tied = ties
    if tied.spread > TIES_MATTER:
        yield (
            f"{name}: the order of tied scores can move {measure} from {tied.worst:.4f} to {tied.best:.4f}; shown "
            f"is the canonical order, {tied.canonical:.4f}"
        )
