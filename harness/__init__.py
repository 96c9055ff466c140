"""encoder-harness: evaluate bi-encoders, cross-encoders and two-stage search, quality and speed together.

The Python API has the command line's words::

    import harness

    bundle = harness.run("quickstart")
    bundle.summary          # a pandas frame: pipeline, measure, value, n, low, high
    bundle.frame("scores")  # any of the bundle's tables

Heavy libraries are imported when something is run, not here.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from harness.results.bundle import Bundle

__version__ = "0.1.0"
__all__ = ["__version__", "load", "run", "score"]


def run(
    config: str | Path, *, out: str | Path | None = None, overrides: Sequence[str] = (), offline: bool = False
) -> Bundle:
    """Run a config, given by name or path, and return its bundle.

    ``overrides`` are ``"key.inner=value"`` texts. Raises HarnessError.
    """
    from harness.config import load_config
    from harness.plan import running

    options = running.RunOptions(Path(out) if out else None, offline)
    return running.run(load_config(config, overrides), options)


def score(
    suite: str | Path,
    *runs: str | Path,
    out: str | Path | None = None,
    measures: Sequence[str] | None = None,
) -> Bundle:
    """Score TREC run files against a suite's judgments, or a file of judgments, and return the bundle.

    ``measures`` go with a file of judgments, the first deciding. Raises HarnessError.
    """
    from harness.plan import running
    from harness.plan.judged import judged_by

    options = running.RunOptions(Path(out) if out else None)
    return running.score(judged_by(suite, measures), [Path(path) for path in runs], options)


def load(bundle: str | Path) -> Bundle:
    """Read a bundle. Raises BundleError."""
    from harness.results import bundle as reading

    return reading.read(bundle)
