"""``harness parity CONFIG A B``."""

from __future__ import annotations

import argparse
from typing import Any

from harness.cli import options
from harness.cli.parsing import add_verb


def add(verbs: Any) -> None:
    """Add the verb."""
    verb = add_verb(
        verbs,
        "parity",
        "whether two models of a config answer alike, and if not, why: is the server the model that was evaluated",
        ("search.yaml minilm deployed", "a model at hand, and the server that should hold it"),
        ("search.yaml minilm int8 --tolerance 0.02", "two backends, of which one may round"),
        epilog="exit codes: 0 the same; 1 they differ; 2 wrong input; 3 it cannot be told;\n"
        "70 a server that fails for good",
    )
    verb.add_argument("config", metavar="CONFIG", help="a config's name or the path of a YAML file")
    verb.add_argument(
        "first", metavar="A", help="a model of the config; one that is loaded here can be asked why"
    )
    verb.add_argument("second", metavar="B", help="another one")
    verb.add_argument(
        "--texts",
        type=int,
        default=256,
        metavar="N",
        help="of the suite's queries and documents each (default: 256)",
    )
    verb.add_argument(
        "--tolerance",
        type=float,
        default=1e-5,
        metavar="SHARE",
        help="how far apart two answers may be, as a share of their size (default: 1e-5)",
    )
    options.overrides(verb)
    options.offline(verb)
    verb.add_argument("--json", action="store_true", help="print JSON")
    verb.set_defaults(handler=handle)


def handle(given: argparse.Namespace) -> int:
    """Ask both, and tell what differs and why."""
    from harness import console
    from harness.config import load_config
    from harness.parity import Options, parity
    from harness.progress import default
    from harness.report.printed.parity import parity as printed
    from harness.report.writers import terminal

    config = load_config(given.config, given.overrides)
    asked = Options(given.texts, given.tolerance, given.offline)
    found = parity(config, given.first, given.second, asked, default())
    if given.json:
        console.say_json(found.as_dict())
    else:
        terminal.show(*printed(found))
    return found.exit_code
