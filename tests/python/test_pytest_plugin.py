"""The pytest plug-in: a gate as a test, whose failure is the verdict's words."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest_plugins = ["pytester"]

TESTS = """
import pytest

@pytest.mark.harness("config.yaml", policy={"quality": {"ndcg@10": {"rule": "floor", "min": 0.0001}}})
def test_good_enough(harness_bundle):
    assert list(harness_bundle.pipelines) == ["bm25"]
    assert harness_bundle.path.name == "bundle"

@pytest.mark.harness("config.yaml", policy="policy.yaml")
def test_too_bad():
    raise AssertionError("its own lines come after the verdict")

@pytest.mark.harness("config.yaml", policy={"quality": {"ndcg@10": {"rule": "floor", "mini": 1}}})
def test_wrong_policy(): ...

@pytest.mark.harness("nothing.yaml", policy="policy.yaml")
def test_no_such_config(): ...

@pytest.mark.harness("config.yaml")
def test_a_fixture_judges(harness_bundle, harness_gate):
    assert harness_gate(harness_bundle.path, {"quality": {"mrr@10": {"rule": "floor", "min": 0.0}}}).verdict == "pass"
    harness_gate(harness_bundle, "policy.yaml")

def test_without_a_marker(harness_bundle): ...

def test_of_no_concern(): ...
"""


def test_verdicts_are_the_words_of_a_failure(pytester: pytest.Pytester, collection: Path) -> None:
    (collection / "config.yaml").write_text(
        "suite: suite.yaml\npipelines: {bm25: {retrieve: bm25, depth: 20}}\n"
    )
    (collection / "policy.yaml").write_text("quality: {ndcg@10: {rule: floor, min: 0.99}}\n")
    (collection / "test_search.py").write_text(TESTS)
    found = pytester.runpytest_inprocess(
        "-p",
        "harness.pytest_plugin",
        "-p",
        "no:cacheprovider",
        "--strict-markers",
        str(collection / "test_search.py"),
    )
    found.assert_outcomes(passed=2, failed=4, errors=1)
    text = found.stdout.str()
    assert "FAIL: 1 fail" in text
    assert "is below 0.99: one-sided 95% limits" in text
    assert "its own lines come after the verdict" not in text
    assert "unknown key 'mini'" in text
    assert "harness_bundle belongs to a test with @pytest.mark.harness" in text
    assert "nothing.yaml" in text
    assert "Traceback" not in text
