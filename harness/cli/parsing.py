"""Parsing a command line: every complaint is an error with one message, and names the nearest valid word."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from typing import Any, NoReturn

from harness import console
from harness.errors import UsageError, listed, nearest


class Parser(argparse.ArgumentParser):
    """A parser that raises UsageError instead of ending the process."""

    def error(self, message: str) -> NoReturn:
        """Raise UsageError."""
        raise UsageError(f"{message}; '{self.prog} --help' shows what can be given")

    def parse(self, arguments: Sequence[str] | None = None) -> argparse.Namespace:
        """Parse. Raises UsageError for what is wrong, with the option that was probably meant."""
        given, strange = self.parse_known_args(arguments)
        if strange:
            parser = getattr(given, "parser", self)
            options = [option for option in parser._option_string_actions if option.startswith("--")]
            hints = (nearest(word.partition("=")[0], options) for word in strange if word.startswith("--"))
            hint = next(filter(None, hints), "")
            parser.error(f"unrecognized: {' '.join(strange)}{hint}")
        return given

    def _print_message(self, message: str, file: Any = None) -> None:
        console.write(file or sys.stderr, message)

    def _check_value(self, action: argparse.Action, value: Any) -> None:
        if action.choices is not None and value not in action.choices:
            # The names of verbs, or the values of an argument.
            names = [str(choice) for choice in action.choices]
            what = "command" if isinstance(action, argparse._SubParsersAction) else "choice"
            raise argparse.ArgumentError(
                None, f"unknown {what} {value!r}{nearest(str(value), names)}; valid are {listed(names)}"
            )


def add_verb(verbs: Any, name: str, about: str, *examples: tuple[str, str], epilog: str = "") -> Parser:
    """Add a verb and return its parser; its help ends with examples: arguments that can be given, what they do."""
    lines = ["examples:"]
    for arguments, what in examples:
        lines += [f"  harness {name} {arguments}".rstrip(), f"      {what}"]
    text = "\n".join(lines) + (f"\n\n{epilog}" if epilog else "")
    verb: Parser = verbs.add_parser(
        name,
        help=about,
        description=f"{about[0].upper()}{about[1:]}.",
        epilog=text,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    verb.set_defaults(parser=verb, examples=tuple(f"{name} {arguments}".strip() for arguments, _ in examples))
    return verb
