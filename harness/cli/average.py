"""``harness average BUNDLE...``."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from harness.cli.parsing import add_verb


def add(verbs: Any) -> None:
    """Add the verb."""
    verb = add_verb(
        verbs,
        "average",
        "the mean over several suites, each counting alike, with an interval",
        ("bundles/nano-* --group nano-beir", "NanoBEIR's thirteen sets"),
        ("bundles/scifact bundles/fiqa --measure recall@100", "any suites, by a measure that all have"),
    )
    verb.add_argument("bundles", nargs="+", type=Path, metavar="BUNDLE", help="bundle folders, one a suite")
    verb.add_argument(
        "--group",
        metavar="NAME",
        help="every member of this group and no other: nano-beir, beir, cqadupstack, or the path of a YAML file",
    )
    verb.add_argument(
        "--measure", metavar="NAME", help="what is averaged (default: what the suites decide by)"
    )
    verb.add_argument("--json", action="store_true", help="print everything as JSON")
    verb.set_defaults(handler=handle)


def handle(given: argparse.Namespace) -> int:
    """Answer as a table and sentences, or JSON."""
    from harness import console
    from harness.compare.average import macro_average
    from harness.config.groups import load_group
    from harness.measures import registry
    from harness.report.printed.average import average
    from harness.report.writers import terminal
    from harness.results import bundle

    group = None if given.group is None else load_group(given.group)
    measure = None if given.measure is None else registry.spelled(given.measure)
    found = macro_average([bundle.read(path) for path in given.bundles], group, measure)
    if given.json:
        console.say_json(found.as_dict())
    else:
        terminal.show(*average(found))
    return 0
