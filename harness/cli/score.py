"""``harness score SUITE RUN...``."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from harness.cli import options
from harness.cli.parsing import add_verb


def add(verbs: Any) -> None:
    """Add the verb."""
    verb = add_verb(
        verbs,
        "score",
        "score existing TREC runs against a suite's judgments",
        ("suite.yaml run.trec", "one run; its pipeline is named after the file"),
        ("msmarco-dl19 a.trec b.trec.gz --out bundles/dl19", "two runs side by side, with paired tests"),
    )
    verb.add_argument(
        "suite", metavar="SUITE", help="a suite's name (see 'harness list suites') or the path of a YAML file"
    )
    verb.add_argument("runs", nargs="+", type=Path, metavar="RUN", help="TREC run files, plain or .gz")
    verb.add_argument(
        "--out", type=Path, metavar="DIR", help="the bundle's folder (default: bundles/score-TIME)"
    )
    options.offline(verb)
    verb.add_argument("--json", action="store_true", help="print result.json instead of the table")
    verb.set_defaults(handler=handle)


def handle(given: argparse.Namespace) -> int:
    """Score, and show what was found and where it lies."""
    from harness.cli.run import draw, show
    from harness.config import load_suite
    from harness.plan import running

    how = running.RunOptions(given.out, given.offline, options.command(), view=draw)
    show(running.score(load_suite(given.suite), given.runs, how), as_json=given.json)
    return 0
