"""``harness load CONFIG MODEL [OTHER]``."""

from __future__ import annotations

import argparse
from typing import Any

from harness.cli import options
from harness.cli.parsing import add_verb


def add(verbs: Any) -> None:
    """Add the verb."""
    verb = add_verb(
        verbs,
        "load",
        "put load on a model behind a server: latency, failures by kind, and the highest rate within a bound",
        (
            "search.yaml deployed --concurrency 1,4,16 --p99-bound 100ms",
            "closed and open loop, and the highest rate",
        ),
        (
            "search.yaml new old --seconds 5",
            "two servers, also in turns: is the first slower than the second",
        ),
        epilog="exit codes: 0; of two servers 1 where the first is slower, 3 where that cannot be told;\n2 wrong "
        "input; 70 a server that fails at its first request",
    )
    verb.add_argument("config", metavar="CONFIG", help="a config's name or the path of a YAML file")
    verb.add_argument(
        "models", metavar="MODEL", nargs="+", help="a model with a url; a second one to compare it with"
    )
    verb.add_argument(
        "--concurrency", type=_counts, default=(1,), metavar="N,N", help="requests at once (default: 1)"
    )
    verb.add_argument(
        "--batch-size", type=_counts, default=(1,), metavar="N,N", help="texts of a request (default: 1)"
    )
    verb.add_argument("--seconds", type=float, default=10.0, metavar="S", help="of each load (default: 10)")
    verb.add_argument(
        "--load", type=_shares, default=(0.5, 0.7, 0.9), metavar="X,X",
        help="rates of the open loop, as shares of the closed loop's (default: 0.5,0.7,0.9)",
    )  # fmt: skip
    verb.add_argument(
        "--p99-bound", metavar="TIME", help="search the highest rate whose p99 is within this: 100ms, 1s"
    )
    verb.add_argument(
        "--documents", action="store_true", help="send the suite's documents, and not its queries"
    )
    verb.add_argument(
        "--price-per-million-tokens", type=float, metavar="PRICE", help="say what a million texts cost"
    )
    verb.add_argument("--price-per-hour", type=float, metavar="PRICE", help="likewise, by the server's hours")
    options.overrides(verb)
    verb.add_argument("--json", action="store_true", help="print JSON")
    verb.set_defaults(handler=handle)


def _counts(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in text.split(","))


def _shares(text: str) -> tuple[float, ...]:
    return tuple(float(part) for part in text.split(",") if part)


def handle(given: argparse.Namespace) -> int:
    """Put the load on, and show what came of it."""
    from harness import console
    from harness.config import load_config
    from harness.errors import UsageError
    from harness.loadtest import Options, load
    from harness.progress import default
    from harness.report.printed.load import load as printed
    from harness.report.writers import terminal
    from harness.values import milliseconds

    if len(given.models) > 2:
        raise UsageError(
            f"{len(given.models)} models are named; load is put on one, or on two to compare them"
        )
    try:
        bound = None if given.p99_bound is None else milliseconds(given.p99_bound)
    except ValueError as error:
        raise UsageError(f"--p99-bound: {error}") from None
    asked = Options(
        given.concurrency, given.batch_size, given.seconds, 100, given.load, bound, given.documents,
        given.price_per_million_tokens, given.price_per_hour,
    )  # fmt: skip
    found = load(load_config(given.config, given.overrides), tuple(given.models), asked, default())
    if given.json:
        console.say_json(found.as_dict())
    else:
        terminal.show(*printed(found))
    return found.exit_code
