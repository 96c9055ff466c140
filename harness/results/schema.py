"""What ``result.json`` holds, declared once: the types that every reader of a bundle goes by.

A field is optional where a bundle may lack it. What a newer version adds is let be; what only those read who copy or
print it stays as it stands, in :attr:`harness.results.bundle.Bundle.content`. ``docs/bundle.md`` says what each key
means.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from harness.interval import Interval
from harness.results.decoding import decoded

Texts = Mapping[str, str]


@dataclass(frozen=True)
class Repeats:
    """Over how many repeats a figure is a mean, and their standard deviation."""

    n: int
    sd: float


@dataclass(frozen=True)
class Figure:
    """A figure with its count and uncertainty; a bare number is one without.

    Attributes:
        value: None where the count allows none, or nothing was measured.
        n: what it is over.
        interval: None where the count allows none.
        reason: why there is no value or interval, or empty.
        measured_in: the pipeline through which it was measured, where that was another one.
    """

    BARE: ClassVar[str] = "value"

    value: float | None
    n: int | None = None
    interval: Interval | None = None
    reason: str = ""
    measured_in: str = ""


Figures = Mapping[str, Figure | None]


def figure_of(made: Mapping[str, Any]) -> Figure:
    """Return a figure as :mod:`harness.timing.figures` makes it. Raises ValueError for what is none."""
    figure, problems = decoded(Figure, made)
    if figure is None:
        raise ValueError("; ".join(problems))
    return figure


def value_of(figure: Figure | None) -> float | None:
    """A figure's value; None where there is none."""
    return None if figure is None else figure.value


@dataclass(frozen=True)
class Measured:
    """A measure's figure of one pipeline.

    ``n``: None where it was imported without a count; ``limited_by_depth``: how deep the pipeline's results reach,
    where the measure looks deeper.
    """

    value: float
    n: int | None = None
    interval: Interval | None = None
    limited_by_depth: int | None = None
    repeats: Repeats | None = None


@dataclass(frozen=True)
class Reached:
    """How long the closed loop ran, and how many queries it served."""

    seconds: float | None = None
    count: int | None = None


@dataclass(frozen=True)
class Latency:
    """Closed-loop latency in ms; ``steady``: whether the warm-up settled."""

    mean: Figure | None = None
    p50: Figure | None = None
    p90: Figure | None = None
    p95: Figure | None = None
    p99: Figure | None = None
    autocorrelation: float | None = None
    steady: bool | None = None
    reached: Reached = field(default_factory=Reached)


@dataclass(frozen=True)
class LoadPoint:
    """Open-loop latency (ms, from the scheduled arrival) at one rate of arrival."""

    rate_per_s: float
    fraction: float | None = None
    p50: Figure | None = None
    p90: Figure | None = None
    p99: Figure | None = None
    n: int | None = None
    dropped: int | None = None
    valid: bool = True
    reason: str = ""


@dataclass(frozen=True)
class MaxRate:
    """The highest rate of arrival that keeps ``percentile`` of the latencies within ``bound_ms``."""

    bound_ms: float
    percentile: float
    rate_per_s: float | None = None
    broken_per_s: float | None = None
    valid: bool = False
    reason: str = ""


@dataclass(frozen=True)
class Timing:
    """One pipeline's timings; times are in ms unless a key says otherwise.

    Attributes:
        invalid: why nothing here can be believed; empty where it can.
        latency: of the closed loop; None where none was measured.
        stages: stage -> mean; ``sum_ratio`` is their sum over the whole.
        cold, index, throughput, memory: by name, as in the bundle.
        load: open-loop points by rate.
        max_rate: None where none was asked for.
        counters: exact work.
    """

    invalid: str = ""
    latency: Latency = field(default_factory=Latency)
    stages: Figures = field(default_factory=dict)
    cold: Figures = field(default_factory=dict)
    index: Figures = field(default_factory=dict)
    throughput: Figures = field(default_factory=dict)
    load: tuple[LoadPoint, ...] = ()
    max_rate: MaxRate | None = None
    memory: Figures = field(default_factory=dict)
    counters: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class FirstStage:
    """What a pipeline reranks: whose results, how many, and their run's place in the bundle."""

    source: str
    depth: int
    run: str


@dataclass(frozen=True)
class Ties:
    """A measure with ties in canonical, best and worst order."""

    measure: str
    canonical: float
    best: float
    worst: float


@dataclass(frozen=True)
class Index:
    """A search's index: its kind, size and time to build, and how much of the exact first results it finds.

    Of a sparse encoder or late interaction ``kind`` is what it holds, and ``count`` how much of that.
    """

    kind: str
    index_bytes: int
    build_s: float = 0.0
    overlap: Mapping[str, Figure] = field(default_factory=dict)
    count: int | None = None
    per_document: float | None = None
    per_query: float | None = None


@dataclass(frozen=True)
class Alike:
    """Two models of the same weights: the mean and the least cosine of their embeddings of the same texts."""

    first: str
    second: str
    texts: int
    cosine: Mapping[str, float]


@dataclass(frozen=True)
class Pipeline:
    """One pipeline's part of a result.

    Attributes:
        kind: of pipeline; ``harness.stages`` knows what each means.
        stages: what it is made of; each kind has keys of its own.
        measures: measure -> figure.
        run: its results' place in the bundle; empty where it has none.
        first_stage: what it reranks.
        unanswered: judged queries without a result.
        results: rows of the run.
        judged: ``judged@K`` -> mean share of the first K that somebody judged.
        ties: of the primary measure.
        index: of a search through one.
        timing: None where speed was not measured.
        name: in the config.
    """

    kind: str
    stages: Mapping[str, Any]
    measures: Mapping[str, Measured]
    run: str = ""
    first_stage: FirstStage | None = None
    unanswered: int = 0
    results: int | None = None
    judged: Mapping[str, float | None] = field(default_factory=dict)
    ties: Ties | None = None
    index: Index | None = None
    timing: Timing | None = None
    name: str = ""

    @property
    def runs(self) -> tuple[str, ...]:
        """Places of its runs: its own, and that of its first stage."""
        first = () if self.first_stage is None else (self.first_stage.run,)
        return tuple(place for place in (self.run, *first) if place)


@dataclass(frozen=True)
class Suite:
    """What was measured on; ``reference``: system -> measure -> published figure, and their ``source``."""

    name: str
    version: int
    description: str = ""
    dataset: Mapping[str, Any] = field(default_factory=dict)
    reference: Mapping[str, Mapping[str, float | str]] = field(default_factory=dict)

    @property
    def title(self) -> str:
        """Its name and version."""
        return f"{self.name} (version {self.version})"


@dataclass(frozen=True)
class Config:
    """What is read of the resolved config."""

    name: str = ""
    seed: int = 0
    models: Mapping[str, Any] = field(default_factory=dict)
    compare: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Git:
    """The checkout that a bundle was made with."""

    commit: str = ""


@dataclass(frozen=True)
class Machine:
    """The hardware, as far as it decides whether stored times compare."""

    cpu: str | None = None
    architecture: str | None = None
    cores: int | None = None
    affinity: int | None = None


@dataclass(frozen=True)
class Manifest:
    """When and with what a bundle was made; times are ISO 8601, or empty."""

    started: str = ""
    ended: str = ""
    git: Git = field(default_factory=Git)
    packages: Texts = field(default_factory=dict)
    data_sha256: Texts = field(default_factory=dict)
    machine: Machine = field(default_factory=Machine)
    devices: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Model:
    """A model's identity: where it is from, the settings in use, and the SHA-256 of its files."""

    kind: str = ""
    name: str = ""
    source: str = ""
    revision: str = ""
    settings: Mapping[str, Any] = field(default_factory=dict)
    files: Texts = field(default_factory=dict)


@dataclass(frozen=True)
class Tally:
    """A model's work."""

    forward_passes: int = 0
    texts: int = 0
    tokens: int = 0
    padded_tokens: int = 0
    truncated: int = 0


@dataclass(frozen=True)
class Work(Tally):
    """A model's work in this run, and what it took of it from the store."""

    stored: Tally = field(default_factory=Tally)


@dataclass(frozen=True)
class Control:
    """The A/A control: a pipeline against its own copy; ``pipeline`` is empty where none was measured."""

    pipeline: str = ""
    log_ratios: tuple[float, ...] = ()
    noisy: bool = False
    reason: str = ""


@dataclass(frozen=True)
class Session:
    """What all timings of a bundle have in common.

    Attributes:
        profile: its name.
        indicative: whether it is for a first look only.
        sets, blocks: of fresh processes, and of the closed loop.
        environment: the machine while timing.
        overhead_ns: of the timer, a query.
        control: of the machine.
        notes: sentences.
    """

    profile: str = ""
    indicative: bool = False
    sets: int | None = None
    blocks: int | None = None
    environment: Mapping[str, Any] = field(default_factory=dict)
    overhead_ns: float | None = None
    control: Control = field(default_factory=Control)
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Ratio:
    """The candidate over the baseline: of every block, estimated, and the two-arm rule's verdict on it."""

    ratio: Figure | None = None
    log_ratios: tuple[float, ...] = ()
    verdict: str = ""
    reason: str = ""


@dataclass(frozen=True)
class Arm:
    """One pipeline against its counterpart of the baseline arm; None where it was not measured of both."""

    latency: Ratio | None = None
    memory: Ratio | None = None
    throughput: Ratio | None = None


@dataclass(frozen=True)
class Against:
    """The two-arm comparison, by pipeline."""

    pipelines: Mapping[str, Arm] = field(default_factory=dict)


@dataclass(frozen=True)
class Partial:
    """What an interrupted run did not come to."""

    missing: tuple[str, ...] = ()


@dataclass(frozen=True)
class Result:
    """``result.json`` in the newest schema, as far as readers go by it."""

    task: str
    suite: Suite
    primary: str
    measures: tuple[str, ...]
    pipelines: Mapping[str, Pipeline]
    config: Config
    manifest: Manifest
    config_digest: str = ""
    compare: tuple[tuple[str, str], ...] = ()
    counts: Mapping[str, int] = field(default_factory=dict)
    alike: tuple[Alike, ...] = ()
    notes: tuple[str, ...] = ()
    partial: Partial | None = None
    warnings: tuple[str, ...] = ()
    models: Mapping[str, Model] = field(default_factory=dict)
    work: Mapping[str, Work] = field(default_factory=dict)
    timing: Session | None = None
    against: Against | None = None
    result_key: str = ""
    perf_key: str = ""
    files: Texts = field(default_factory=dict)
