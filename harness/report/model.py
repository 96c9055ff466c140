"""The view model: everything a report shows of one bundle, typed, frozen, and without layout.

``harness.report.view.view_of`` builds it; ``blocks/`` arrange it in sections; ``figures/`` draw it; ``writers/``
write it. A part that a bundle does not hold is None or empty, never made up.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from harness.compare.losses import LossSplit
from harness.compare.paired import Paired
from harness.report.table import Estimate
from harness.results.schema import MaxRate
from harness.selection.costs import Costs

FloatArray = NDArray[np.float64]


@dataclass(frozen=True)
class LoadPoint:
    """Open-loop latency (ms, from the scheduled arrival) at one rate of arrival."""

    rate_per_s: float
    fraction: float | None
    p50: Estimate
    p90: Estimate
    p99: Estimate
    n: int | None
    dropped: int | None
    valid: bool
    reason: str


@dataclass(frozen=True)
class TimingView:
    """One pipeline's timings.

    Attributes:
        invalid: why nothing here can be believed; empty where it can.
        latency: mean, p50, p90, p95, p99 in ms, closed loop.
        autocorrelation, steady, seconds: of the closed loop.
        stages: stage -> mean ms; ``sum_ratio``: their sum over the whole.
        cold: start, first_query in ms.
        index: build_s, load_s.
        throughput: queries_per_s, documents_per_s, pairs_per_s, tokens_per_s, padded_tokens_per_s.
        load: open-loop points by rate; max_rate as stored, or None.
        memory: bytes by kind.
        counters: exact work by kind.
        samples: closed-loop latencies in ms, sorted [n]; empty where the bundle holds none.
    """

    invalid: str = ""
    latency: Mapping[str, Estimate] = field(default_factory=dict)
    autocorrelation: float | None = None
    steady: bool | None = None
    seconds: float | None = None
    stages: Mapping[str, Estimate] = field(default_factory=dict)
    sum_ratio: float | None = None
    cold: Mapping[str, Estimate] = field(default_factory=dict)
    index: Mapping[str, Estimate] = field(default_factory=dict)
    throughput: Mapping[str, Estimate] = field(default_factory=dict)
    load: tuple[LoadPoint, ...] = ()
    max_rate: MaxRate | None = None
    memory: Mapping[str, Estimate] = field(default_factory=dict)
    counters: Mapping[str, int] = field(default_factory=dict)
    samples: FloatArray = field(default_factory=lambda: np.zeros(0))


@dataclass(frozen=True)
class PipelineView:
    """One pipeline.

    Attributes:
        name: as the config says.
        what: its stages in words.
        kind: bi-encoder, bm25, cross-encoder, two-stage, run or score.
        stages: as stored.
        measures: measure -> estimate; marked † where limited by depth.
        groups: letters of the sets of pipelines that cannot be told apart by the primary measure (all pairs,
            max-t); those that share a letter cannot. Empty where it is not known.
        judged: such as judged@10 -> share; None where unknown.
        unanswered, results: counts.
        costs: as ``harness select`` sees them.
        timing: None where speed was not measured.
        recommended: whether it is the answer.
        best_probability: share of bootstrap resamples in which its primary measure is the highest.
        front_probability: share of them in which it is on the front of quality against the cost axis.
        on_front: whether it is on that front; without a cost axis, whether it is the best.
    """

    name: str
    what: str
    kind: str
    stages: Mapping[str, Any]
    measures: Mapping[str, Estimate]
    groups: str
    judged: Mapping[str, float | None]
    unanswered: int
    results: int | None
    costs: Costs
    timing: TimingView | None
    recommended: bool
    best_probability: float | None
    front_probability: float | None
    on_front: bool


@dataclass(frozen=True)
class Answer:
    """The recommendation.

    Attributes:
        recommended: a pipeline's name, or None.
        headline: a few words.
        sentences: two, with figures.
        sure: how sure that is.
        caveats: what to keep in mind, each a sentence.
        beside: a cheaper pipeline that cannot be told apart from it, in a few words; or empty.
    """

    recommended: str | None
    headline: str
    sentences: tuple[str, ...]
    sure: str
    caveats: tuple[str, ...]
    beside: str = ""


@dataclass(frozen=True)
class TradeOff:
    """One pipeline in the plane of quality (primary measure) and p95 latency in ms."""

    pipeline: str
    quality: Estimate
    latency: Estimate
    on_front: bool
    recommended: bool


@dataclass(frozen=True)
class DepthPoint:
    """One depth of a sweep; latency is p95 in ms, None where not measured."""

    pipeline: str
    depth: int
    quality: Estimate
    latency: Estimate | None
    loss: LossSplit | None


@dataclass(frozen=True)
class DepthSweep:
    """The depths of one reranker over one first stage, by the primary measure.

    Attributes:
        family: a name for it, such as ``minilm → ranker``.
        first_stage, reranker: the two.
        points: by depth.
        ceilings: depth -> what a perfect reranker would reach; empty where the bundle holds no runs.
        ideal: of the best ranking of all judged documents.
        alone: the first stage by itself, where a pipeline is just that.
    """

    family: str
    first_stage: str
    reranker: str
    points: tuple[DepthPoint, ...]
    ceilings: Mapping[int, float]
    ideal: float | None
    alone: Estimate | None


@dataclass(frozen=True)
class RecallCurve:
    """Mean recall at each of the depths; None beyond what the pipeline returns."""

    pipeline: str
    values: tuple[float | None, ...]


@dataclass(frozen=True)
class RecallCurves:
    """Recall at k for every pipeline; ``level`` is the grade from which a document counts as relevant."""

    depths: tuple[int, ...]
    level: int
    curves: tuple[RecallCurve, ...]


class Hit(NamedTuple):
    """One result of one query; ``grade`` is None where nobody judged it, ``document`` a place in
    ``PerQuery.documents``.
    """

    document: int
    score: float
    grade: int | None


@dataclass(frozen=True)
class QueryDetail:
    """First results of one query: pipeline -> hits, best first. ``query`` is a place in ``PerQuery.ids``."""

    query: int
    hits: Mapping[str, tuple[Hit, ...]]


@dataclass(frozen=True, eq=False)
class PerQuery:
    """Every judged query under every pipeline.

    Attributes:
        ids, texts: in the suite's order; a text is empty where the bundle holds none.
        pipelines, measures: axes of ``values``.
        values: [n_pipelines, n_measures, n_queries].
        relevant: judged relevant documents a query [n_queries]; None without judgments.
        details: of the queries that differ most, as many as the page can hold, most different first.
        documents, document_texts: ids and texts of the documents named there; a text is empty where unknown.
        cut: characters left out of each text.
    """

    ids: tuple[str, ...]
    texts: tuple[str, ...]
    pipelines: tuple[str, ...]
    measures: tuple[str, ...]
    values: FloatArray
    relevant: NDArray[np.int64] | None
    details: tuple[QueryDetail, ...]
    documents: tuple[str, ...]
    document_texts: tuple[str, ...]
    cut: tuple[int, ...]


@dataclass(frozen=True)
class WorstPair:
    """A sentence pair that a pipeline places far from the gold score.

    ``rank_difference`` is the pipeline's rank share minus gold's, from -1 (put far too low) to 1.
    """

    pipeline: str
    pair_id: str
    first: str
    second: str
    gold: float
    score: float
    rank_difference: float


@dataclass(frozen=True, eq=False)
class PairScores:
    """STS: gold [n_pairs] and scores [n_pipelines, n_pairs]; worst pairs of every pipeline, worst first."""

    ids: tuple[str, ...]
    pipelines: tuple[str, ...]
    gold: FloatArray
    scores: FloatArray
    worst: tuple[WorstPair, ...]


@dataclass(frozen=True)
class SpeedRatioView:
    """How many times as slow the first is as the second, measured side by side.

    Attributes:
        first, second: the arms; ``second`` is the baseline.
        latency: ratio of latencies, above 1 where the first is slower.
        memory: ratio of peak memory, where two arms of one job tell it.
        verdict: of the two-arm rule, or empty where none was asked for.
        reason: why there is no ratio or no verdict, or empty.
    """

    first: str
    second: str
    latency: Estimate
    memory: Estimate = field(default_factory=lambda: Estimate(None))
    verdict: str = ""
    reason: str = ""


@dataclass(frozen=True)
class Reference:
    """A published figure beside what was measured; ``pipeline`` is None where nothing like it was measured."""

    system: str
    measure: str
    published: float
    source: str
    pipeline: str | None
    measured: Estimate | None

    @property
    def difference(self) -> float | None:
        """Measured - published."""
        if self.measured is None or self.measured.value is None:
            return None
        return self.measured.value - self.published


@dataclass(frozen=True)
class Paragraph:
    """One paragraph of the method, with a short title; a line break separates items of a list."""

    title: str
    text: str


@dataclass(frozen=True)
class ManifestPart:
    """One part of the manifest: a title, and (key, value) rows as text."""

    title: str
    rows: tuple[tuple[str, str], ...]


@dataclass(frozen=True, eq=False)
class ReportView:
    """Everything a report shows of one bundle.

    Attributes:
        name: the bundle folder's name.
        title: the suite and its version.
        description: the suite's, or empty.
        task: retrieval or sts.
        unit: what figures are means over: ``queries`` or ``pairs``; ``n``: how many.
        counts: everything counted, and everything left out.
        primary, measures: as the suite says.
        pipelines: in the config's order.
        answer: the recommendation.
        trade_offs: quality against p95 latency; empty without timings.
        sweeps: depth sweeps.
        recall: None where the bundle holds no runs.
        comparisons: declared in advance, or else of each with the first, every measure.
        declared: whether they were declared in advance.
        all_pairs: every pair of pipelines by the primary measure, corrected over every pair and measure (max-t).
        per_query: None for sentence pairs, or without per-query scores.
        pair_scores: None but for sentence pairs.
        references: published figures.
        method: in words.
        manifest: in rows.
        notes, warnings: sentences.
        started: when the bundle was made, ISO 8601, or empty.
        reasons: of the choice, as ``harness select`` gives them.
        arithmetic: how costs were computed, to be redone by hand.
        ratios: of the speeds of the declared pairs; empty without timings.
    """

    name: str
    title: str
    description: str
    task: str
    unit: str
    n: int
    counts: Mapping[str, int]
    primary: str
    measures: tuple[str, ...]
    pipelines: tuple[PipelineView, ...]
    answer: Answer
    trade_offs: tuple[TradeOff, ...]
    sweeps: tuple[DepthSweep, ...]
    recall: RecallCurves | None
    comparisons: tuple[Paired, ...]
    declared: bool
    all_pairs: tuple[Paired, ...]
    per_query: PerQuery | None
    pair_scores: PairScores | None
    references: tuple[Reference, ...]
    method: tuple[Paragraph, ...]
    manifest: tuple[ManifestPart, ...]
    notes: tuple[str, ...]
    warnings: tuple[str, ...]
    started: str
    reasons: tuple[str, ...] = ()
    arithmetic: tuple[str, ...] = ()
    ratios: tuple[SpeedRatioView, ...] = ()

    def pipeline(self, name: str) -> PipelineView:
        """Return a pipeline by name. Raises KeyError."""
        for one in self.pipelines:
            if one.name == name:
                return one
        raise KeyError(name)
