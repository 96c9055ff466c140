"""``harness compare BUNDLE...``."""

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
        "compare",
        "compare pipelines within a bundle, or across several",
        ("bundles/now", "the comparisons that the config declares"),
        ("bundles/before bundles/now --measure ndcg@10", "pipelines of one name in two bundles"),
        ("bundles/now --pair two-stage@20 bi-encoder --slice length", "one pair, also by length of query"),
    )
    verb.add_argument(
        "bundles", nargs="+", type=Path, metavar="BUNDLE", help="bundle folders; the first is the baseline"
    )
    options.pairs(verb, "compare these two pipelines (repeatable; across bundles BUNDLE:PIPELINE)")
    verb.add_argument("--all", action="store_true", help="compare every pair of pipelines")
    options.measures(verb, "only this measure (repeatable)")
    verb.add_argument(
        "--slice", metavar="BY", help="length, question, judged, or a file of query_id<TAB>slice lines"
    )
    verb.add_argument(
        "--changes",
        type=int,
        default=3,
        metavar="N",
        help="most changed queries to show for each pair (default: 3)",
    )
    verb.add_argument("--json", action="store_true", help="print everything as JSON")
    verb.set_defaults(handler=handle)


def handle(given: argparse.Namespace) -> int:
    """Compare, and print tables and sentences, or JSON."""
    from harness import console
    from harness.compare import Options, compare
    from harness.errors import UsageError
    from harness.report.printed.comparison import comparison
    from harness.report.writers import terminal

    if given.changes < 0:
        raise UsageError(f"--changes is {given.changes}; it is a count, 0 or more")
    if given.all and given.pairs:
        raise UsageError("--all and --pair exclude each other: give one of them")
    pairs = tuple((first, second) for first, second in given.pairs)
    asked = Options(pairs, given.all, tuple(given.measures), given.slice, given.changes)
    found = compare(given.bundles, asked)
    if given.json:
        console.say_json(found.as_dict())
    else:
        terminal.show(*comparison(found))
    return 0
