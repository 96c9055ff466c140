"""Policies: what is valid, and how a mistake is told."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from harness.errors import ConfigError
from harness.policy import Floor, Golden, NonInferiority, load_policy

FULL = """\
pipelines: [two-stage@100]
quality:
  ndcg@10: {rule: non-inferiority, margin: 0.005}
  recall@100: {rule: golden}
  mrr@10: {rule: floor, min: 0.60}
speed: {latency: {max_slowdown: 1.05}, memory: {max_growth: 1.02}}
counters: exact
alpha: 0.05
on_inconclusive: warn
"""


def test_the_contracts_policy(policy: Callable[[str], Path]) -> None:
    settings = load_policy(policy(FULL)).settings
    assert [type(rule) for rule in settings.quality.values()] == [NonInferiority, Golden, Floor]
    assert settings.speed.latency is not None
    assert settings.speed.latency.max_slowdown == 1.05
    assert settings.on_inconclusive == "warn"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (
            "quality:\n  ndgc@10: {rule: golden}\n",
            r"policy\.yaml:2: unknown measure 'ndgc@10' \(did you mean "
            r"'ndcg'\?\)",
        ),
        (
            "quality:\n  ndcg@10: {rule: goldn}\n",
            r"policy\.yaml:2: quality\.ndcg@10\.rule is 'goldn' \(did you mean 'golden'\?\); "
            "valid are non-inferiority, golden, floor",
        ),
        ("quality:\n  ndcg@10: {margin: 0.1}\n", "quality.ndcg@10: key 'rule' is missing; valid are non-inf"),
        ("quality:\n  ndcg@10: {rule: non-inferiority}\n", "margin"),
        ("quality:\n  ndcg@10: {rule: floor, mim: 1}\n", "mim"),
        ("qualty: {}\n", r"policy\.yaml:1: unknown key 'qualty' \(did you mean 'quality'\?\)"),
        ("speed: {latency: {max_slowdown: 0.9}}\n", "max_slowdown"),
        ("alpha: 5\nquality: {ndcg@10: {rule: golden}}\n", "alpha"),
        ("alpha: 0\nquality: {ndcg@10: {rule: golden}}\n", "alpha should be greater than 0"),
        ("alpha: 0.5\nquality: {ndcg@10: {rule: golden}}\n", "alpha should be less than 0.5"),
        ("on_inconclusive: maybe\nquality: {ndcg@10: {rule: golden}}\n", "warn, fail"),
        ("pipelines: [a]\n", "judges nothing"),
        ("", "empty"),
    ],
)
def test_mistakes_are_named(policy: Callable[[str], Path], text: str, words: str) -> None:
    with pytest.raises(ConfigError, match=words):
        load_policy(policy(text))


def test_an_absent_policy() -> None:
    with pytest.raises(ConfigError, match="does not exist"):
        load_policy("no/such/policy.yaml")
    with pytest.raises(ConfigError, match="unknown policy"):
        load_policy("no-such-policy")


def test_the_shipped_policy_is_valid() -> None:
    assert load_policy("quickstart").settings.quality
