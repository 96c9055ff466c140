"""``harness report BUNDLE... --out DIR``."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from harness.cli.parsing import add_verb

if TYPE_CHECKING:
    from harness.selection import Price


def add(verbs: Any) -> None:
    """Add the verb."""
    verb = add_verb(
        verbs,
        "report",
        "write a report: a page, Markdown, LaTeX, CSV and JSON tables, figures",
        ("bundles/now --out report", "report/index.html is the page, report/tables hold every figure"),
        ("bundles/a bundles/b --out leaderboard --as suites", "models across suites"),
        (
            "bundles/1 bundles/2 bundles/3 --out trend --as time --policy search.yaml",
            "one pipeline over time",
        ),
    )
    verb.add_argument("bundles", nargs="+", type=Path, metavar="BUNDLE", help="bundle folders")
    verb.add_argument("--out", type=Path, required=True, metavar="DIR", help="the report's folder")
    verb.add_argument(
        "--as",
        dest="kind",
        choices=("suites", "time", "devices"),
        help="of several bundles: models across suites, one pipeline over time, or across devices and precisions "
        "(default: by what the bundles share)",
    )
    verb.add_argument(
        "--policy", metavar="FILE", help="over time: judge each bundle against the first by this gate policy"
    )
    verb.add_argument(
        "--price-per-hour",
        type=float,
        metavar="PRICE",
        help="of one machine like the one measured on: adds costs",
    )
    verb.add_argument(
        "--queries-per-month",
        type=float,
        metavar="N",
        help="to be served (default: machines are always busy)",
    )
    verb.add_argument("--json", action="store_true", help="print what was written as JSON")
    verb.set_defaults(handler=handle)


def handle(given: argparse.Namespace) -> int:
    """Write the report, and say where its page lies."""
    from harness import console
    from harness.errors import UsageError
    from harness.report import folder
    from harness.report.view import view_of
    from harness.results import bundle as bundles

    folder.check_target(given.out)
    read = [bundles.read(path) for path in given.bundles]
    if len(read) == 1:
        for option, value in (("--as", given.kind), ("--policy", given.policy)):
            if value:
                raise UsageError(f"{option} {value} is for several bundles, and one is given")
        content = folder.write_one(view_of(read[0], _price(given)), given.out)
    else:
        if given.price_per_hour is not None:
            raise UsageError("--price-per-hour is for one bundle, and several are given")
        from harness.policy import load_policy
        from harness.report.several.choosing import several_of

        policy = load_policy(given.policy) if given.policy else None
        content = folder.write_several(several_of(read, given.kind, policy), given.out)
    page = given.out / folder.PAGE
    if given.json:
        console.say_json({"out": str(given.out), **content, "page": str(page)})
    else:
        why = f"  ({content['why']})" if "why" in content else ""
        console.say(f"Report: {page}{why}")
    return 0


def _price(given: argparse.Namespace) -> Price | None:
    from harness.errors import UsageError
    from harness.selection import Needs, Price

    if given.price_per_hour is None:
        if given.queries_per_month is not None:
            raise UsageError("--queries-per-month needs --price-per-hour")
        return None
    price = Price(given.price_per_hour, given.queries_per_month)
    Needs(price=price)  # checks it
    return price
