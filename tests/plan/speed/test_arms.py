"""Two arms on a virtual clock: ratios from the samples, verdicts, and what goes wrong."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from harness.plan.speed.arms import ArmsPlan, measure_all
from harness.plan.speed.subjects import Subject
from harness.timing.clock import NS_PER_S
from harness.timing.profiles import PROFILES
from harness.timing.service import ServiceInfo
from harness.timing.warmup import WarmUpRule
from scripted import ScriptedService, VirtualClock, noisy, requests_of

MS = 1_000_000
PROFILE = replace(PROFILES["quick"], arm_warm_up=WarmUpRule(min_ns=0, give_up_ns=NS_PER_S))


class Worker(ScriptedService):
    def info(self) -> ServiceInfo:
        return ServiceInfo(self.name, 0, {"start_ns": NS_PER_S, "threads": 2})


def measured(factor=1.0, spread=0.03, dies_on=None):
    clock, seeds = VirtualClock(), iter(range(10_000))

    def start(duration, name, dies=None):
        return lambda: Worker(clock, noisy(int(duration * MS), spread, next(seeds)), name=name, dies_on=dies)

    candidates = {"bm25": start(2 * factor, "bm25", dies_on), "bi": start(10 * factor, "bi")}
    baselines = {"bm25": start(2, "bm25"), "bi": start(10, "bi")}
    subjects = (Subject("bm25", ()), Subject("bi", ("document",), neural=True))
    return measure_all(
        ArmsPlan(candidates, baselines, subjects, requests_of(range(1, 30)), PROFILE, 0, clock)
    )


def test_equal_arms_pass():
    timed, arms = measured()
    assert {name: arm["latency"]["verdict"] for name, arm in arms.items()} == {"bm25": "pass", "bi": "pass"}
    assert arms["bi"]["latency"]["ratio"]["n"] == len(arms["bi"]["latency"]["log_ratios"]) == 12
    assert arms["bi"]["throughput"]["ratio"]["value"] == pytest.approx(1.0, abs=0.1)
    assert arms["bi"]["memory"]["ratio"]["value"] is None
    assert timed.session["control"]["pipeline"] == "baseline:bi"
    assert timed.session["control"]["ratio"]["n"] == 12
    assert list(timed.pipelines) == ["bm25", "baseline:bm25", "bi", "baseline:bi"]
    assert timed.pipelines["bi"]["cold"]["start"] is None
    assert timed.pipelines["bi"]["counters"] == timed.pipelines["baseline:bi"]["counters"]
    json.dumps([timed.session, timed.pipelines, arms], allow_nan=False)


def test_a_slower_candidate_fails():
    _, arms = measured(1.2)
    assert arms["bi"]["latency"]["verdict"] == "fail"
    assert arms["bi"]["latency"]["ratio"]["value"] == pytest.approx(1.2, abs=0.02)
    assert "the candidate takes 1.2" in arms["bi"]["latency"]["reason"]


def test_an_arm_that_dies_is_invalid_and_the_other_pipeline_is_judged():
    timed, arms = measured(dies_on=100)
    assert arms["bm25"]["latency"]["verdict"] == "invalid"
    assert "died on call" in arms["bm25"]["latency"]["reason"]
    assert "died on call" in timed.pipelines["bm25"]["invalid"]
    assert arms["bi"]["latency"]["verdict"] == "pass"


def test_a_noisy_machine_gives_no_verdict():
    timed, arms = measured(spread=1.5)
    assert timed.session["control"]["noisy"]
    assert {arm["latency"]["verdict"] for arm in arms.values()} == {"invalid"}
    assert "too noisy" in arms["bi"]["latency"]["reason"]
