"""``harness show BUNDLE --query ID``."""

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
    )
    verb.add_argument("bundle", type=Path, metavar="BUNDLE")
    verb.add_argument(
        "--query",
        required=True,
        type=options.words,
        metavar="ID",
        help="the query's id; for an sts bundle, the pair's",
    )
    verb.add_argument(
        "--top", type=int, default=10, metavar="N", help="how many results of each (default: 10)"
    )
    verb.add_argument("--json", action="store_true", help="print JSON")
    verb.set_defaults(handler=handle)


def handle(given: argparse.Namespace) -> int:
    """Show one query."""
    from harness import console
    from harness.report.printed.query import query
    from harness.report.writers import terminal
    from harness.show import show

    found = show(given.bundle, given.query, given.top)
    if given.json:
        console.say_json(found.as_dict())
        return 0
    terminal.show(*query(found))
    return 0
