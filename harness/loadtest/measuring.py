"""A load test of one endpoint, or of two in turns."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np

from harness.config import LoadedConfig
from harness.errors import UsageError, listed, nearest
from harness.loadtest.asking import OVERHEAD_CALLS, Target, Wave, overhead_ns
from harness.parity.texts import Group, groups
from harness.progress import Progress
from harness.stats import Interval, percentile, quantile_interval, smallest_count
from harness.tasks import task_of
from harness.timing.arms import Arms, ArmsSettings, measure_arms
from harness.timing.clock import NS_PER_S, Clock, MonotonicClock
from harness.timing.concurrent import Loaded, drawn, load_point, run_closed, run_open
from harness.timing.load_curve import LatencyBound, LoadPoint, max_rate
from harness.timing.open_loop import Limits
from harness.timing.profiles import Quota
from harness.timing.warmup import WarmUpRule

_PERCENTILES = {"p50": 0.5, "p90": 0.9, "p99": 0.99}
_INPUTS = 1000
_QUEUE = 1000
#: Exit codes of the verdicts on two arms, as the gate's.
_CODES = {"pass": 0, "fail": 1, "inconclusive": 3, "invalid": 3}


@dataclass(frozen=True)
class Options:
    """What is measured.

    Attributes:
        concurrency, batch_size: requests at once, and texts of one; each pair is measured.
        seconds, count: of each load, at least; never over four times the seconds.
        loads: rates of the open loop as shares of the closed loop's.
        bound_ms: the p99 that a rate must keep; None: no highest rate is searched for.
        documents: whether documents are asked, and not queries.
        per_million_tokens, per_hour: prices; None: not told.
    """

    concurrency: tuple[int, ...] = (1,)
    batch_size: tuple[int, ...] = (1,)
    seconds: float = 10.0
    count: int = 100
    loads: tuple[float, ...] = (0.5, 0.7, 0.9)
    bound_ms: float | None = None
    documents: bool = False
    per_million_tokens: float | None = None
    per_hour: float | None = None
    seed: int = 0


@dataclass(frozen=True)
class Row:
    """One load on one endpoint. Times are ms; an interval is None where the count allows none.

    Attributes:
        load: ``closed``, or ``open`` at a rate.
        rate_per_s: requests a second: answered of the closed loop, arriving of the open one.
        n: requests, with those that failed; their latency counts as infinite.
        failures: by kind.
        latency: percentile -> (value, interval or None); None where it is infinite or the count too small.
        invalid: why the figures say nothing.
    """

    model: str
    concurrency: int
    batch_size: int
    load: str
    rate_per_s: float | None
    n: int
    failures: dict[str, int]
    latency: dict[str, tuple[float | None, Interval | None]]
    invalid: str | None = None


@dataclass(frozen=True)
class Highest:
    """The highest rate within the bound, of one endpoint: requests a second, and texts."""

    model: str
    concurrency: int
    batch_size: int
    bound_ms: float
    rate_per_s: float | None
    broken_per_s: float
    reason: str | None


@dataclass(frozen=True)
class Load:
    """What came out."""

    rows: tuple[Row, ...]
    highest: tuple[Highest, ...] = ()
    overhead_ms: dict[str, float | None] = field(default_factory=dict)
    overhead_n: int = OVERHEAD_CALLS
    cost: dict[str, dict[str, float]] = field(default_factory=dict)
    verdict: str | None = None
    ratio: dict[str, Any] | None = None
    reason: str | None = None

    @property
    def exit_code(self) -> int:
        """0, or of two endpoints the verdict's: 1 slower, 3 inconclusive or invalid."""
        return 0 if self.verdict is None else _CODES[self.verdict]

    def as_dict(self) -> dict[str, Any]:
        """Return it for JSON."""
        return asdict(self)


def load(config: LoadedConfig, names: tuple[str, ...], options: Options, progress: Progress) -> Load:
    """Put load on one endpoint of a config, or on two: each by itself, and then in turns, the first against the second.

    Raises UsageError for what cannot be asked, and what a first request fails with; later failures are counted.
    """
    _check(config, names, options)
    models = config.settings.models
    task = task_of(config.suite)
    task.check(config.suite)
    data = task.load(config)
    scores = models[names[0]].kind == "cross_encoder"
    asked = groups(data, scores, _INPUTS)
    group = asked[1] if options.documents and not scores and len(asked) > 2 else asked[0]
    clock = MonotonicClock()
    test = _Test(options, clock, progress)
    for name in names:
        for batch_size in options.batch_size:
            for concurrency in options.concurrency:
                target = Target.of(name, models[name], group, batch_size, concurrency)
                try:
                    test.measure(target, batch_size, concurrency)
                finally:
                    target.close()
    arms = _in_turns(config, names, group, options, clock) if len(names) == 2 else None
    return test.result(arms)


class _Test:
    """Rows as they are measured. Not a value: what is measured is only ever added to."""

    def __init__(self, options: Options, clock: Clock, progress: Progress) -> None:
        self._options, self._clock, self._progress = options, clock, progress
        self._quota = Quota(round(options.seconds * NS_PER_S), options.count)
        self.rows: list[Row] = []
        self.highest: list[Highest] = []
        self.overhead: dict[str, float | None] = {}
        self.cost: dict[str, dict[str, float]] = {}

    def measure(self, target: Target, batch_size: int, concurrency: int) -> None:
        """Warm up, then closed loop, open loop, and the highest rate."""
        target.first()
        brief = Quota(max(1, self._quota.duration_ns // 5), 2 * concurrency)
        run_closed(target.attempt, target.requests, self._clock, concurrency, brief)
        if target.name not in self.overhead:
            passed = overhead_ns(target, self._clock)
            self.overhead[target.name] = float(np.median(passed)) / 1e6 if passed else None

        def row(load: str, rate: float | None, loaded: Loaded, latency: Any, invalid: str | None) -> None:
            self.rows.append(
                Row(
                    target.name, concurrency, batch_size, load, rate, len(loaded.samples), dict(loaded.failures),
                    latency, invalid,
                )
            )  # fmt: skip

        target.tokens = target.answered = 0
        closed = run_closed(target.attempt, target.requests, self._clock, concurrency, self._quota)
        row("closed", closed.served_per_s, closed, _closed(closed), None)
        tokens = target.tokens / target.answered if target.answered and target.tokens else None
        capacity = closed.served_per_s
        if capacity is None:
            self._progress.note(f"{target.name}: nothing was answered ({target.last})")
            return

        def open_at(rate: float) -> LoadPoint:
            limits = Limits(_QUEUE, self._quota.ceiling_ns)
            arrivals = drawn(rate, self._quota, self._options.seed)
            loaded = run_open(target.attempt, target.requests, arrivals, self._clock, concurrency, limits)
            point = load_point(loaded, rate, concurrency)
            row("open", rate, loaded, _open(point), point.invalid)
            return point

        curve = [open_at(share * capacity) for share in self._options.loads]
        if self._options.bound_ms is not None:
            bound = LatencyBound(round(self._options.bound_ms * 1e6))
            found = max_rate(bound, closed.samples, open_at, curve=curve, capacity=capacity)
            self.highest.append(
                Highest(
                    target.name, concurrency, batch_size, self._options.bound_ms, found.rate_per_s, found.broken_per_s,
                    found.invalid,
                )
            )  # fmt: skip
            capacity = found.rate_per_s or capacity
        self._price(target.name, capacity * batch_size, tokens)

    def _price(self, name: str, texts_per_s: float, tokens: float | None) -> None:
        """The price of a million texts: of their tokens, or of the hours at the highest rate that was shown."""
        found = self.cost.setdefault(name, {})
        if self._options.per_million_tokens is not None and tokens is not None:
            found["tokens_per_text"] = tokens
            found["by_tokens"] = tokens * self._options.per_million_tokens
        if self._options.per_hour is not None:
            price = 1e6 / texts_per_s / 3600 * self._options.per_hour
            found["by_hours"] = min(price, found.get("by_hours", price))

    def result(self, arms: Arms | None) -> Load:
        """Return what was measured."""
        ratio = None
        if arms is not None and arms.ratio is not None:
            limits = arms.ratio.interval
            ratio = {
                "value": arms.ratio.ratio,
                "n": arms.ratio.n_blocks,
                "interval": None if limits is None else [limits.low, limits.high],
            }
        return Load(
            tuple(self.rows),
            tuple(self.highest),
            self.overhead,
            OVERHEAD_CALLS,
            {name: cost for name, cost in self.cost.items() if cost},
            None if arms is None else arms.verdict,
            ratio,
            None if arms is None else arms.reason,
        )


def _closed(loaded: Loaded) -> dict[str, tuple[float | None, Interval | None]]:
    """Percentiles with their exact binomial intervals; a failed request is infinitely late."""
    values = np.where(loaded.samples.dropped, np.inf, loaded.samples.round_trip_ns / 1e6)
    found: dict[str, tuple[float | None, Interval | None]] = {}
    for name, p in _PERCENTILES.items():
        value = percentile(values, p) if len(values) >= smallest_count(p) else None
        found[name] = _finite(value, quantile_interval(values, p) if value is not None else None)
    return found


def _open(point: LoadPoint) -> dict[str, tuple[float | None, Interval | None]]:
    if point.summary is None:
        return dict.fromkeys(_PERCENTILES, (None, None))
    found = {}
    for name, p in _PERCENTILES.items():
        one = point.summary.percentiles[p]
        limits = one.interval
        if limits is not None:
            limits = Interval(limits.low / 1e6, limits.high / 1e6, limits.confidence, limits.method)
        found[name] = _finite(None if one.value is None else one.value / 1e6, limits)
    return found


def _finite(value: float | None, limits: Interval | None) -> tuple[float | None, Interval | None]:
    if value is None or not np.isfinite(value):
        return None, None
    return value, limits if limits is not None and np.isfinite(limits.high) else None


def _in_turns(
    config: LoadedConfig, names: tuple[str, ...], group: Group, options: Options, clock: Clock
) -> Arms:
    """Measure two endpoints in mirrored turns, each turn a wave of requests, by the gate's rule of a slow-down."""
    batch_size, concurrency = options.batch_size[0], options.concurrency[0]
    targets = [
        Target.of(name, config.settings.models[name], group, batch_size, concurrency) for name in names
    ]

    def started(target: Target) -> Callable[[], Wave]:
        return lambda: Wave(target, concurrency, clock)

    short = min(1.0, options.seconds / 10)
    rule = WarmUpRule(min_calls=5, min_ns=round(short * NS_PER_S), give_up_ns=round(10 * short * NS_PER_S))
    try:
        settings = ArmsSettings(warm_up=rule, seed=options.seed)
        return measure_arms(started(targets[0]), started(targets[1]), targets[0].requests, clock, settings)
    finally:
        for target in targets:
            target.close()


def _is_price(price: float | None) -> bool:
    return price is None or 0 < price < math.inf


def _check(config: LoadedConfig, names: tuple[str, ...], options: Options) -> None:
    models = config.settings.models
    for name in names:
        if name not in models:
            raise UsageError(
                f"{config.name} has no model {name!r}{nearest(name, models)}; its models are {listed(models) or 'none'}"
            )
        if models[name].endpoint is None:
            raise UsageError(
                f"{name} is no endpoint: load is put on models with a url; how fast one is that is loaded here, the "
                "timing of a run says"
            )
    if len(set(names)) < len(names):
        raise UsageError(f"{names[0]!r} is named twice; two endpoints are compared")
    if len({models[name].kind for name in names}) > 1:
        raise UsageError(f"{listed(names)}: one embeds and the other reranks, so their loads do not compare")
    wrong = [
        f"--{word}"
        for word, bad in (
            ("concurrency", any(not 1 <= c <= 1024 for c in options.concurrency)),
            ("batch-size", any(not 1 <= b <= 4096 for b in options.batch_size)),
            ("seconds", not 0 < options.seconds <= 3600),
            ("load", any(not 0 < share < 1 for share in options.loads)),
            ("price-per-million-tokens", not _is_price(options.per_million_tokens)),
            ("price-per-hour", not _is_price(options.per_hour)),
        )
        if bad
    ]
    if wrong:
        raise UsageError(
            f"{listed(wrong)}: concurrency is from 1 to 1024, a batch from 1 to 4096 texts, seconds above 0, a load "
            "between 0 and 1, a price positive and finite"
        )


__all__ = ["Load", "Options", "Row", "load"]
