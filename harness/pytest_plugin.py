"""A gate as a test: ``@pytest.mark.harness("search.yaml", policy="policy.yaml")``.

The config is run before the test's own lines, the bundle judged, and the verdict's words are the failure. The fixture
``harness_bundle`` is that bundle; ``harness_gate`` judges any.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from harness.python.bundle import Bundle, Verdict

MARK = "harness"


class Inconclusive(UserWarning):
    """A policy whose ``on_inconclusive`` is ``warn`` could not be decided."""


def pytest_configure(config: pytest.Config) -> None:
    """Say what the marker takes."""
    config.addinivalue_line(
        "markers",
        f"{MARK}(config=None, policy=None, baseline=None, **keys): run a config as harness.run does, and hold its "
        "bundle to a policy; paths are relative to the test's file",
    )


@pytest.fixture
def harness_bundle(request: pytest.FixtureRequest, tmp_path: Path) -> Bundle:
    """Return the bundle of the test's marker, run now. Fails the test where there is no marker."""
    found = _marked(request.node)
    if found is None:
        pytest.fail(
            f"harness_bundle belongs to a test with @pytest.mark.{MARK}(config, policy=...)", pytrace=False
        )
    import harness

    folder = request.path.parent
    given = {**found, "config": _beside(found["config"], folder)}
    given.pop("policy"), given.pop("baseline")
    try:
        return harness.run(given.pop("config"), out=given.pop("out", tmp_path / "bundle"), **given)
    except harness.errors.HarnessError as error:
        pytest.fail(f"harness: {error}", pytrace=False)


@pytest.fixture
def harness_gate(request: pytest.FixtureRequest) -> Callable[..., Verdict]:
    """Return a function (bundle, policy, baseline=None) that fails the test with the verdict's words."""

    def judged(bundle: Any, policy: Any, baseline: Any = None) -> Verdict:
        import harness

        folder = request.path.parent
        read = harness.load(bundle) if isinstance(bundle, str | Path) else bundle
        try:
            verdict = read.gate(_beside(policy, folder), _beside(baseline, folder))
        except harness.errors.HarnessError as error:
            pytest.fail(f"harness: {error}", pytrace=False)
        said = "\n".join(_words(verdict))
        if verdict.exit_code == 3:
            warnings.warn(Inconclusive(said), stacklevel=2)
        elif verdict.exit_code:
            pytest.fail(said, pytrace=False)
        return verdict

    return judged


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> None:
    """Judge the bundle of a marked test, before its own lines."""
    found = _marked(pyfuncitem)
    if found is not None and found["policy"] is not None:
        request = pyfuncitem._request
        bundle = request.getfixturevalue("harness_bundle")
        request.getfixturevalue("harness_gate")(bundle, found["policy"], found["baseline"])


def _marked(node: Any) -> dict[str, Any] | None:
    """What the nearest marker says: config, policy, baseline and keys; None without one."""
    marker = node.get_closest_marker(MARK)
    if marker is None:
        return None
    if len(marker.args) > 1:
        pytest.fail(f"@pytest.mark.{MARK} takes one config; name the policy: policy=...", pytrace=False)
    config = marker.args[0] if marker.args else marker.kwargs.get("config")
    return {"policy": None, "baseline": None, **marker.kwargs, "config": config}


def _beside(given: Any, folder: Path) -> Any:
    """A path beside the test's file where there is one; else what was given, which may be a name."""
    if not isinstance(given, str | Path) or Path(given).is_absolute():
        return given
    path = folder / given
    return path if path.exists() else given


def _words(verdict: Verdict) -> list[str]:
    from harness.report.printed.verdict import verdict as printed

    return [re.sub(r"[\x00-\x08\x0b-\x1f\x7f]", "?", line) for line in printed(verdict)]


__all__ = ["Inconclusive", "harness_bundle", "harness_gate", "pytest_configure", "pytest_pyfunc_call"]
