"""Options that several verbs share, declared once."""

from __future__ import annotations

import argparse
import os
import sys


def words(text: str) -> str:
    """An argument that is text and no path, whatever the locale says of its bytes."""
    try:
        return os.fsencode(text).decode("utf-8")
    except UnicodeError:
        raise argparse.ArgumentTypeError(f"{text!r} is not UTF-8 text") from None


def command() -> tuple[str, ...]:
    """The command that was given, as a file can hold it."""
    return tuple(argument.encode("utf-8", "backslashreplace").decode() for argument in sys.argv)


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


def pairs(verb: argparse.ArgumentParser, about: str) -> None:
    """Add ``--pair CANDIDATE BASELINE``."""
    verb.add_argument(
        "--pair",
        dest="pairs",
        nargs=2,
        action="append",
        default=[],
        metavar=("CANDIDATE", "BASELINE"),
        help=about,
    )


def measures(verb: argparse.ArgumentParser, about: str) -> None:
    """Add ``--measure M``."""
    verb.add_argument("--measure", dest="measures", action="append", default=[], metavar="M", help=about)


def offline(
    verb: argparse.ArgumentParser, about: str = "never touch the network; say at once what is missing"
) -> None:
    """Add ``--offline``."""
    verb.add_argument("--offline", action="store_true", help=about)
