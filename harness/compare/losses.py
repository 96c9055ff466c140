"""Where a two-stage pipeline loses: documents the first stage missed, or the reranker put too low.

    ideal - value  =  (ideal - ceiling)  +  (ceiling - value)
                       missed                misordered

``ideal`` is the measure of the best possible ranking of all judged documents; ``ceiling`` that of a perfect
reranker, which sorts the first stage's first ``depth`` results by grade. Both are of the same queries as the
value.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from harness import stats
from harness.datamodel import Qrels, Run
from harness.measures.graded import Graded, graded
from harness.measures.ranked import RANKED
from harness.measures.registry import parse
from harness.measures.sets import SET_MEASURES
from harness.results.bundle import Bundle
from harness.results.runs import read_qrels, read_run
from harness.results.tables import QRELS
from harness.stats.interval import Interval

#: Depths at which the ceiling of a perfect reranker is given, as far as the first stage reaches.
DEPTHS = (10, 20, 50, 100, 200, 500, 1000)


@dataclass(frozen=True)
class LossSplit:
    """One two-stage pipeline's loss against the ideal, by one measure.

    Attributes:
        pipeline, measure: what.
        n: queries.
        depth: candidates given to the reranker.
        ideal, ceiling, value: of the best ranking, of a perfect reranker, and as measured.
        missed, misordered: the two parts of the loss; they add up to ideal - value.
        missed_interval, misordered_interval: bootstrap over queries.
        ceilings: of a perfect reranker at each depth that the first stage reaches.
    """

    pipeline: str
    measure: str
    n: int
    depth: int
    ideal: float
    ceiling: float
    value: float
    missed: float
    misordered: float
    missed_interval: Interval | None
    misordered_interval: Interval | None
    ceilings: Mapping[int, float]


def loss_splits(
    bundle: Bundle,
    pipeline: str,
    measure: str,
    label: str | None = None,
    queries: Sequence[str] | None = None,
) -> tuple[LossSplit, ...]:
    """Split one pipeline's loss; empty where it has no first stage, or the bundle (a baseline, say) not its
    runs. ``queries``: only these count (default: all that are judged).

    Raises BundleError for a run that cannot be read.
    """
    part = bundle.pipelines[pipeline]
    if part.first_stage is None or measure in SET_MEASURES or not bundle.has(QRELS):
        return ()
    places = part.first_stage.run, part.run
    if not all(place and bundle.holds(place) for place in places):
        return ()
    qrels = _qrels(bundle) if queries is None else _qrels(bundle).select(queries)
    first, final = (_run(bundle, place) for place in places)
    wanted, depth = parse(measure), part.first_stage.depth
    retrieved = graded(first.select(qrels.query_ids), qrels)
    row = RANKED[wanted.name]
    ideal = row.scores(retrieved.ideal, wanted)
    ceiling = row.scores(retrieved.top(depth).sorted(), wanted)
    value = row.scores(graded(final.select(qrels.query_ids), qrels), wanted)
    deepest = int(retrieved.counts.max(initial=1))
    depths = sorted({d for d in DEPTHS if d <= deepest} | {depth})
    return (
        LossSplit(
            pipeline=label or pipeline,
            measure=measure,
            n=len(qrels),
            depth=depth,
            ideal=float(ideal.mean()),
            ceiling=float(ceiling.mean()),
            value=float(value.mean()),
            missed=float((ideal - ceiling).mean()),
            misordered=float((ceiling - value).mean()),
            missed_interval=stats.bootstrap_mean(ideal - ceiling),
            misordered_interval=stats.bootstrap_mean(ceiling - value),
            ceilings={d: float(row.scores(retrieved.top(d).sorted(), wanted).mean()) for d in depths},
        ),
    )


def graded_run(bundle: Bundle, pipeline: str) -> Graded | None:
    """A pipeline's run as grades; None where the bundle (a baseline, say) does not hold it. Raises BundleError."""
    place = bundle.pipelines[pipeline].run
    if not place or not bundle.has(QRELS) or not bundle.holds(place):
        return None
    qrels = _qrels(bundle)
    return graded(_run(bundle, place).select(qrels.query_ids), qrels)


@lru_cache(maxsize=4)
def _run(bundle: Bundle, place: str) -> Run:
    return read_run(bundle.file(place))


@lru_cache(maxsize=4)
def _qrels(bundle: Bundle) -> Qrels:
    return read_qrels(bundle)
