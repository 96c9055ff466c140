"""``harness power BUNDLE...``."""

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
        "power",
        "how many queries a margin needs, and what the queries at hand can show",
        ("reports/baselines/quickstart", "from the baseline's scores of each query"),
        ("bundles/now --measure ndcg@10 --margin 0.01 --power 0.9", "one measure and margin"),
        (
            "bundles/before bundles/now --queries 200 --plot power.svg",
            "what 200 queries would show, and a curve",
        ),
    )
    verb.add_argument(
        "bundles", nargs="+", type=Path, metavar="BUNDLE", help="bundle folders on the same queries"
    )
    verb.add_argument(
        "--margin",
        dest="margins",
        type=float,
        action="append",
        default=[],
        metavar="X",
        help="a difference to be shown (repeatable; default: 0.005, 0.01, 0.02, 0.05)",
    )
    verb.add_argument(
        "--queries",
        type=int,
        action="append",
        default=[],
        metavar="N",
        help="say what N queries can show (repeatable; default: those at hand, and a curve)",
    )
    options.pairs(verb, "only these two pipelines (repeatable)")
    options.measures(verb, "only this (repeatable)")
    verb.add_argument(
        "--power", type=float, default=0.8, metavar="P", help="probability of showing it (default: 0.8)"
    )
    verb.add_argument(
        "--alpha",
        type=float,
        default=0.05,
        metavar="A",
        help="one-sided error rate, as a gate's (default: 0.05)",
    )
    verb.add_argument(
        "--slowdown", type=float, default=1.05, metavar="RATIO", help="of a speed rule (default: 1.05)"
    )
    verb.add_argument("--plot", type=Path, metavar="FILE", help="draw the curve: FILE.svg or FILE.png")
    verb.add_argument("--json", action="store_true", help="print everything as JSON")
    verb.set_defaults(handler=handle)


def handle(given: argparse.Namespace) -> int:
    """Answer as tables and sentences, or JSON."""
    from harness import console
    from harness.errors import UsageError
    from harness.power import MARGINS, Asked, power
    from harness.report.printed.power import power as printed
    from harness.report.writers import terminal

    if given.plot is not None and given.plot.suffix not in (".svg", ".png"):
        raise UsageError(f"--plot {given.plot}: give a file that ends in .svg or .png")
    asked = Asked(
        margins=tuple(given.margins) or MARGINS,
        queries=tuple(given.queries),
        pairs=tuple((first, second) for first, second in given.pairs),
        measures=tuple(given.measures),
        power=given.power,
        alpha=given.alpha,
        slowdown=given.slowdown,
    )
    found = power(given.bundles, asked)
    if given.plot is not None:
        from harness.report.figures.power import save_curve

        save_curve(found, given.plot)
    if given.json:
        console.say_json(found.as_dict())
    else:
        terminal.show(*printed(found))
    return 0
