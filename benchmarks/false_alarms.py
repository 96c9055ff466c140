"""How often the A/B rule is wrong on this machine: one pipeline against itself, and against a slowed copy.

    python benchmarks/false_alarms.py quickstart bi-encoder --comparisons 20 --into aa.jsonl
    python benchmarks/false_alarms.py quickstart bi-encoder --comparisons 10 --slow 0.10 --into slow.jsonl

Each comparison is a job of its own: 12 blocks over 3 sets of fresh processes, once extended to 20. They are added to
the file of --into, so that many can be gathered in several short sittings; what is printed is over all in the file.

The sleep overshoots by the system's timer slack (some 0.1 ms), so slow a pipeline that takes milliseconds.

Asked for: at most 3 of 20 comparisons of a pipeline with itself call the two different; the rule's false alarms over
2,000 resamplings of the blocks recorded are 5 % or less; a copy slowed by 10 % is called slower, or inconclusive, in 9 of
10.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import replace
from pathlib import Path

import numpy as np

from harness import stats
from harness.config import load_config
from harness.plan.running import go_offline
from harness.plan.serving import ServingSetup, service_factories
from harness.plan.speed.subjects import material_of
from harness.tasks import task_of
from harness.tasks.base import Outcome
from harness.timing.arms import ArmsSettings, measure_arms, paired_log_ratios
from harness.timing.clock import NS_PER_S, Clock, MonotonicClock
from harness.timing.profiles import PROFILES
from harness.timing.service import Request, Service, ServiceFactory, ServiceReply


class Slowed:
    """A service with a sleep in its search, as long as a share of each query."""

    def __init__(self, service: Service, share: float, clock: Clock) -> None:
        self._service, self._share, self._clock = service, share, clock
        self.batch, self.info, self.close = service.batch, service.info, service.close

    def query(self, request: Request) -> ServiceReply:
        """Serve, then sleep."""
        reply = self._service.query(request)
        started_ns = self._clock.now_ns()
        self._clock.sleep_until_ns(started_ns + int(self._share * reply.elapsed_ns))
        slept_ns = self._clock.now_ns() - started_ns
        stages = {**reply.stages_ns, "search": reply.stages_ns.get("search", 0) + slept_ns}
        return replace(reply, elapsed_ns=reply.elapsed_ns + slept_ns, stages_ns=stages)


def slowed(factory: ServiceFactory, share: float, clock: Clock) -> ServiceFactory:
    """The same service, slower."""
    return (lambda: Slowed(factory(), share, clock)) if share else factory


def told(rows: list[dict[str, object]], slow: float) -> None:
    """Print what all comparisons of the file come to."""
    logs = [np.asarray(row["log_ratios"]) for row in rows if row["verdict"] != "invalid"]
    ratios = [float(stats.estimate_ratio(one).ratio) for one in logs]
    verdicts = [str(row["verdict"]) for row in rows]
    counts = {verdict: verdicts.count(verdict) for verdict in dict.fromkeys(verdicts)}
    seconds = [float(str(row["seconds"])) for row in rows]
    print(f"{len(rows)} comparisons, {np.mean(seconds):.0f} s each: {counts}")
    print(f"ratios from {min(ratios):.3f} to {max(ratios):.3f}, median {np.median(ratios):.3f}")
    if slow:
        found = sum(verdict in ("fail", "inconclusive") for verdict in verdicts)
        print(f"slowed by {slow:.0%}: called slower or inconclusive in {found} of {len(rows)}")
        return
    per_set = ArmsSettings().blocks_per_set
    different = sum(
        any(stats.judge_slowdown(way, sets=np.arange(len(one)) // per_set) == "fail" for way in (one, -one))
        for one in logs
    )
    print(f"called different, in either direction: {different} of {len(rows)}")
    every = np.concatenate(logs)
    # A block may be recorded either way round: which copy is called the candidate is chance.
    rate = stats.false_alarm_rate(np.concatenate([every, -every]), n_resamples=2_000)
    print(f"false alarms over 2,000 resamplings of {len(every)} blocks, either way round: {rate:.2%}")


def main() -> None:
    """Compare, add, and tell."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("config")
    parser.add_argument("pipeline")
    parser.add_argument("--comparisons", type=int, default=20)
    parser.add_argument("--slow", type=float, default=0.0, help="share by which the candidate is slowed")
    parser.add_argument("--profile", default="quick", help="whose blocks and warm-up are used")
    parser.add_argument("--control", action="store_true", help="with the A/A control, as in a run")
    parser.add_argument("--into", type=Path, default=Path("false_alarms.jsonl"))
    given = parser.parse_args()
    go_offline()
    config, profile, clock = load_config(given.config), PROFILES[given.profile], MonotonicClock()
    assert profile is not None
    data = task_of(config.suite).load(config)
    queries = material_of(config, data, Outcome({}, {})).queries
    factory = service_factories(config, [given.pipeline], ServingSetup(offline=True))[given.pipeline]
    for _ in range(given.comparisons):
        done = len(given.into.read_text().splitlines()) if given.into.is_file() else 0
        settings = ArmsSettings(
            warm_up=profile.arm_warm_up,
            block=profile.arm_block,
            control=given.control,
            seed=done,
            at_once=len(("candidate", "baseline", "control")),
        )
        started_ns = clock.now_ns()
        arms = measure_arms(slowed(factory, given.slow, clock), factory, queries, clock, settings)
        seconds = (clock.now_ns() - started_ns) / NS_PER_S
        samples = {name: arm.samples for name, arm in arms.measured.items()}
        logs = (
            []
            if arms.ratio is None
            else paired_log_ratios(samples["candidate"], samples["baseline"]).tolist()
        )
        row = {"verdict": arms.verdict, "reason": arms.reason, "log_ratios": logs, "seconds": seconds}
        with given.into.open("a") as file:
            file.write(json.dumps(row) + "\n")
        print(f"{done + 1}: {arms.verdict} in {seconds:.0f} s: {arms.reason}", flush=True)
    told([json.loads(line) for line in given.into.read_text().splitlines()], given.slow)


if __name__ == "__main__":
    main()
