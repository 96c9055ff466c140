"""Several services measured side by side, so that a machine that drifts drifts for all.

The services of one set are alive together and warm, and take turns in short blocks on identical queries, one
at a time, in an order drawn anew each round; two of them as ABBA or BAAB. A repeat starts the whole set
afresh. A service that fails is left out from then on, with its own words, and the others finish.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from types import TracebackType
from typing import TypeVar

import numpy as np

from harness.errors import NotComparableError
from harness.timing.clock import Clock
from harness.timing.closed_loop import block_size, run_block
from harness.timing.memory import peak_rss_bytes
from harness.timing.profiles import Profile, Quota
from harness.timing.samples import Place, Samples, concatenate
from harness.timing.service import Request, Service, ServiceError, ServiceFactory, ServiceInfo
from harness.timing.warmup import WarmUp, WarmUpRule, warm_up

_Found = TypeVar("_Found")


@dataclass(frozen=True)
class Measured:
    """What one service gave.

    Attributes:
        name: its name.
        samples: of all its sets and blocks.
        warm_ups: one for each set it was started in.
        infos: what it said of itself, one for each set it was started in.
        peak_rss_bytes: of its process tree, one for each set it ended alive; empty where it has no process.
        quota_met: whether the quota's duration and count were both reached in every set.
        failure: why it ended early; None where it did not.
    """

    name: str
    samples: Samples
    warm_ups: tuple[WarmUp, ...]
    infos: tuple[ServiceInfo, ...]
    peak_rss_bytes: tuple[int, ...]
    quota_met: bool
    failure: str | None


class ServiceSet:
    """Fresh services, warm and alive together: a context manager that closes whatever it started.

    Not a value: it holds what lives. Attributes ``live``, ``warm_ups``, ``infos`` and ``failures`` are by
    name.
    """

    def __init__(
        self,
        factories: Mapping[str, ServiceFactory],
        requests: Sequence[Request],
        clock: Clock,
        rule: WarmUpRule,
        *,
        at_once: int = 1,
    ) -> None:
        """Prepare; nothing is started before the context is entered.

        ``at_once``: services that start side by side, which is sooner than one after the other, but says
        nothing of how long one takes alone.

        Raises:
            NotComparableError: no services or no requests.
        """
        if not factories or not requests:
            raise NotComparableError(
                f"there is nothing to time: {len(factories)} services and {len(requests)} queries"
            )
        self._factories, self._requests, self._clock, self._rule = factories, requests, clock, rule
        self._at_once = at_once
        self.live: dict[str, Service] = {}
        self.warm_ups: dict[str, WarmUp] = {}
        self.infos: dict[str, ServiceInfo] = {}
        self.failures: dict[str, str] = {}

    def __enter__(self) -> ServiceSet:
        """Start all services, then warm up each."""
        try:
            if self._at_once > 1:
                self._start_side_by_side()
            else:
                for name, factory in self._factories.items():
                    self._start(name, factory)
            for name in list(self.live):
                self._warm_up(name)
        except BaseException:
            self._close_all()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close all services."""
        self._close_all()

    def run(
        self, name: str, requests: Sequence[Request], place: Place, budget_ns: int | None = None
    ) -> Samples:
        """One block of one service; no samples, and the failure kept, where it fails."""
        served = self.attempt(
            name, lambda service: run_block(service, requests, self._clock, place=place, budget_ns=budget_ns)
        )
        return concatenate([]) if served is None else served

    def attempt(self, name: str, action: Callable[[Service], _Found]) -> _Found | None:
        """What an action on one living service gives; None, and the failure kept, where the service fails."""
        try:
            return action(self.live[name])
        except ServiceError as error:
            self._fail(name, error)
            return None

    def dismiss(self, name: str) -> None:
        """Close one living service that is needed no more."""
        _close(self.live.pop(name))

    def _start(self, name: str, factory: ServiceFactory) -> None:
        try:
            service = factory()
        except ServiceError as error:
            self.failures[name] = str(error)
            return
        self.live[name] = service
        try:
            self.infos[name] = service.info()
        except ServiceError as error:
            self._fail(name, error)

    def _start_side_by_side(self) -> None:
        pool = ThreadPoolExecutor(self._at_once)
        started = {name: pool.submit(factory) for name, factory in self._factories.items()}
        try:
            for name, service in started.items():
                self._start(name, service.result)
        except BaseException:
            for service in started.values():
                service.add_done_callback(_close_started)
            raise
        finally:
            pool.shutdown(wait=False, cancel_futures=True)

    def _warm_up(self, name: str) -> None:
        try:
            self.warm_ups[name] = warm_up(self.live[name], self._requests, self._clock, self._rule)
        except ServiceError as error:
            self._fail(name, error)

    def _fail(self, name: str, error: ServiceError) -> None:
        self.failures[name] = str(error)
        _close(self.live.pop(name))

    def _close_all(self) -> None:
        if not self.live:
            return
        # Side by side: each waits for a process to end.
        with ThreadPoolExecutor(len(self.live)) as pool:
            list(pool.map(_close, [self.live.popitem()[1] for _ in range(len(self.live))]))


def turn_order(names: Sequence[str], key: Sequence[int], *, mirrored: bool) -> tuple[str, ...]:
    """The order of one round, drawn from ``key`` (seed, set, round); mirrored, it then runs back: ABBA,
    ABCCBA."""
    order = [names[i] for i in np.random.default_rng(list(key)).permutation(len(names))]
    return tuple(order + order[::-1] if mirrored else order)


def round_requests(requests: Sequence[Request], key: Sequence[int], count: int) -> tuple[Request, ...]:
    """The queries of one round: a shuffle drawn from ``key``, over again where ``count`` asks for more.

    All services of a round serve the first queries of it, as many as their blocks take.
    """
    shuffled = np.random.default_rng([*key, 1]).permutation(len(requests))
    return tuple(requests[i] for i in np.resize(shuffled, count).tolist())


@dataclass(frozen=True, eq=False)
class Besides:
    """Whatever else is to be measured of a set's services while they live and are warm.

    Attributes:
        measure: called with the set, its number, and what was gathered so far.
        standby: services that are started and warmed with each set for its sake, and take no turns.
    """

    measure: Callable[[ServiceSet, int, Recorder], None]
    standby: Mapping[str, ServiceFactory]


def measure_closed_loop(
    factories: Mapping[str, ServiceFactory],
    requests: Sequence[Request],
    profile: Profile,
    clock: Clock,
    *,
    seed: int = 0,
    besides: Besides | None = None,
) -> dict[str, Measured]:
    """Single-stream latency of several services, by name, as the profile asks, and what is measured besides.

    Raises:
        NotComparableError: no services or no requests.
        ClockError: the clock went backwards.
    """
    quota = profile.closed.share(profile.sets)
    recorder = Recorder(factories)
    standby = {} if besides is None else besides.standby
    for set_index in range(profile.sets):
        remaining = recorder.unfailed(factories)
        if set_index > 0 and not remaining:
            break
        with ServiceSet(
            {**remaining, **standby}, requests, clock, profile.warm_up, at_once=profile.starts_at_once
        ) as services:
            _take_turns(services, requests, profile, quota, (seed, set_index), recorder)
            if besides is not None:
                besides.measure(services, set_index, recorder)
            recorder.keep_set(services)
    return recorder.measured()


class Recorder:
    """Gathers what each service gives over several sets. Attributes are by name of the service."""

    def __init__(self, factories: Mapping[str, ServiceFactory]) -> None:
        """Start with nothing for each service."""
        self.samples: dict[str, list[Samples]] = {name: [] for name in factories}
        self.warm_ups: dict[str, list[WarmUp]] = {name: [] for name in factories}
        self.infos: dict[str, list[ServiceInfo]] = {name: [] for name in factories}
        self.peaks: dict[str, list[int]] = {name: [] for name in factories}
        self.failures: dict[str, str] = {}
        self.short: set[str] = set()

    def unfailed(self, factories: Mapping[str, ServiceFactory]) -> dict[str, ServiceFactory]:
        """The services that have not failed so far."""
        return {name: factory for name, factory in factories.items() if name not in self.failures}

    def keep_set(self, services: ServiceSet) -> None:
        """Keep what a set says of the services gathered here; while they live, for their memory is read
        here."""
        for name in self.samples:
            if name in services.failures:
                self.failures[name] = services.failures[name]
            if name in services.warm_ups:
                self.warm_ups[name].append(services.warm_ups[name])
            if name in services.infos:
                info = services.infos[name]
                self.infos[name].append(info)
                peak = peak_rss_bytes(info.pid) if name in services.live and info.pid > 0 else None
                self.peaks[name].extend([] if peak is None else [peak])

    def measured(self) -> dict[str, Measured]:
        """Everything gathered, as values."""
        return {
            name: Measured(
                name=name,
                samples=concatenate(parts),
                warm_ups=tuple(self.warm_ups[name]),
                infos=tuple(self.infos[name]),
                peak_rss_bytes=tuple(self.peaks[name]),
                quota_met=name not in self.short and name not in self.failures,
                failure=self.failures.get(name),
            )
            for name, parts in self.samples.items()
        }


def _take_turns(
    services: ServiceSet,
    requests: Sequence[Request],
    profile: Profile,
    quota: Quota,
    key: tuple[int, int],
    recorder: Recorder,
) -> None:
    sizes = {name: block_size(warm.probe_ns, profile.block) for name, warm in services.warm_ups.items()}
    used_ns = dict.fromkeys((name for name in services.live if name in recorder.samples), 0)
    counts = dict.fromkeys(used_ns, 0)
    turn = 0
    while pending := [
        name for name in used_ns if name in services.live and not quota.over(used_ns[name], counts[name])
    ]:
        queries = round_requests(requests, (*key, turn), max(sizes[name] for name in pending))
        for name in turn_order(pending, (*key, turn), mirrored=len(pending) == 2):
            budget_ns = quota.ceiling_ns - used_ns[name]
            if name not in services.live or budget_ns <= 0:
                continue
            block = services.run(name, queries[: sizes[name]], Place(key[1], turn), budget_ns)
            recorder.samples[name].append(block)
            used_ns[name] += int(block.round_trip_ns.sum())
            counts[name] += len(block)
        turn += 1
    recorder.short.update(name for name in used_ns if not quota.reached(used_ns[name], counts[name]))


def _close_started(started: Future[Service]) -> None:
    if not started.cancelled() and started.exception() is None:
        _close(started.result())


def _close(service: Service) -> None:
    # It has already said why it failed, or has nothing left to say.
    with suppress(ServiceError):
        service.close()
