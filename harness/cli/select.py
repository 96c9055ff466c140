"""``harness select BUNDLE...``."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from harness.cli.parsing import add_verb

if TYPE_CHECKING:
    from harness.selection import Needs


def add(verbs: Any) -> None:
    """Add the verb."""
    verb = add_verb(
        verbs,
        "select",
        "choose a pipeline under constraints, with the Pareto front and the reasons",
        ("bundles/now --max-p95 50ms --min ndcg@10=0.6", "the best that answers within 50 ms"),
        (
            "bundles/now --margin 0.01 --cross-validate",
            "which are as good to 0.01, and what the choice is worth",
        ),
        ("bundles/now --dev 0.3", "choose on 30 % of the queries, report on the others"),
        ("bundles/now --price-per-hour 0.4 --queries-per-month 3e7 --objective cost", "the cheapest"),
    )
    verb.add_argument("bundles", nargs="+", type=Path, metavar="BUNDLE")
    verb.add_argument("--max-p95", metavar="TIME", help="p95 latency at most: 50ms, 0.2s, or milliseconds")
    verb.add_argument("--max-memory", metavar="SIZE", help="peak memory at most: 800MB, 2GiB, or bytes")
    verb.add_argument("--max-cost", type=float, metavar="PRICE", help="price of a million queries at most")
    verb.add_argument(
        "--min",
        dest="minimums",
        action="append",
        default=[],
        metavar="MEASURE=VALUE",
        help="reach this (repeatable)",
    )
    verb.add_argument(
        "--price-per-hour", type=float, metavar="PRICE", help="of one machine like the one measured on"
    )
    verb.add_argument(
        "--queries-per-month",
        type=float,
        metavar="N",
        help="to be served (default: machines are always busy)",
    )
    verb.add_argument(
        "--utilisation",
        type=float,
        default=1.0,
        metavar="SHARE",
        help="share of the throughput to use (default: 1)",
    )
    verb.add_argument(
        "--objective",
        default="quality",
        metavar="WHAT",
        help="quality, a measure, p95, memory or cost (default: quality)",
    )
    verb.add_argument(
        "--axis",
        metavar="COST",
        help="the front's cost axis: cost, p95 or memory (default: the first measured)",
    )
    verb.add_argument(
        "--margin",
        type=float,
        metavar="X",
        help="call pipelines tied where their difference is shown to be smaller than this",
    )
    verb.add_argument(
        "--cross-validate",
        action="store_true",
        help="also measure the choice on queries it was not made on, in five folds",
    )
    verb.add_argument(
        "--dev",
        metavar="IDS_FILE|SHARE",
        help="choose on these queries, or on this share of them, and report on the others",
    )
    verb.add_argument("--json", action="store_true", help="print everything as JSON")
    verb.set_defaults(handler=handle)


def handle(given: argparse.Namespace) -> int:
    """Choose, and say why."""
    from harness import console
    from harness.report.printed.selection import selection
    from harness.report.writers import terminal
    from harness.selection import select

    found = select(given.bundles, _needs(given))
    if given.json:
        console.say_json(found.as_dict())
        return found.exit_code
    terminal.show(*selection(found))
    return found.exit_code


def _needs(given: argparse.Namespace) -> Needs:
    from harness.errors import UsageError
    from harness.selection import Needs, Price, parse_size, parse_time

    minimums = []
    for text in given.minimums:
        measure, _, value = text.rpartition("=")
        try:
            minimums.append((measure, float(value)))
        except ValueError:
            measure = ""
        if not measure:
            raise UsageError(f"--min {text!r} is not MEASURE=VALUE, as in --min ndcg@10=0.6")
    price = None
    if given.price_per_hour is not None:
        price = Price(given.price_per_hour, given.queries_per_month, given.utilisation)
    elif given.queries_per_month is not None:
        raise UsageError("--queries-per-month needs --price-per-hour")
    latency = None if given.max_p95 is None else parse_time(given.max_p95)
    memory = None if given.max_memory is None else parse_size(given.max_memory)
    return Needs(
        latency,
        memory,
        given.max_cost,
        tuple(minimums),
        price,
        given.objective,
        given.axis,
        given.margin,
        given.cross_validate,
        given.dev,
    )
