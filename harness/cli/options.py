"""Options that several verbs share, declared once."""

from __future__ import annotations

import argparse


def overrides(verb: argparse.ArgumentParser) -> None:
    """Add ``--set KEY=VALUE``."""
    verb.add_argument(
        "--set",
        dest="overrides",
        action="append",
        default=[],
        metavar="KEY=VALUE",
        help="override a key of the config",
    )


def offline(verb: argparse.ArgumentParser) -> None:
    """Add ``--offline``."""
    verb.add_argument(
        "--offline", action="store_true", help="never touch the network; say at once what is missing"
    )
