"""``harness show BUNDLE --query ID``, or ``--run PIPELINE``."""

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
        "show",
        "show one query: the pipelines' top results side by side, with judgments and text",
        ("bundles/now --query q17", "ten results of each pipeline"),
        ("bundles/now --query q17 --top 3 --json", "three, for a program"),
        ("bundles/now --run bi > bi.trec", "a pipeline's run, as a TREC file for other tools"),
    )
    verb.add_argument("bundle", type=Path, metavar="BUNDLE")
    what = verb.add_mutually_exclusive_group(required=True)
    what.add_argument(
        "--query",
        type=options.words,
        metavar="ID",
        help="the query's id; for an sts bundle, the pair's",
    )
    what.add_argument(
        "--run",
        type=options.words,
        metavar="PIPELINE",
        help="print this pipeline's whole run as TREC lines instead",
    )
    verb.add_argument(
        "--top", type=int, default=10, metavar="N", help="how many results of each (default: 10)"
    )
    verb.add_argument("--json", action="store_true", help="print JSON")
    verb.set_defaults(handler=handle)


def handle(given: argparse.Namespace) -> int:
    """Show one query, or print a run."""
    from harness import console
    from harness.errors import UsageError
    from harness.report.printed.query import query
    from harness.report.writers import terminal
    from harness.show import run_lines, show

    if given.run is not None:
        if given.json:
            raise UsageError("--run prints a TREC file, which has no JSON form; leave out --json")
        for lines in run_lines(given.bundle, given.run):
            console.say(*lines)
        return 0
    found = show(given.bundle, given.query, given.top)
    if given.json:
        console.say_json(found.as_dict())
        return 0
    terminal.show(*query(found))
    return 0
