"""The command line: one small module a verb; heavy imports inside the handler."""

from __future__ import annotations

import argparse
import sys
import textwrap
import traceback
from collections.abc import Sequence
from contextlib import suppress

from harness import __version__, console, interrupts
from harness.cli import (
    average,
    cache,
    claims,
    compare,
    completion,
    export,
    gate,
    init,
    load,
    parity,
    plan,
    power,
    report,
    run,
    score,
    select,
    show,
    train,
    verify,
)
from harness.cli import import_ as import_verb
from harness.cli import list as list_verb
from harness.cli import try_ as try_verb
from harness.cli.parsing import Parser, add_verb
from harness.errors import HarnessError, Interrupted, ResourceError, no_room
from harness.text import flowing

VERBS = (
    init,
    run,
    plan,
    score,
    import_verb,
    try_verb,
    compare,
    parity,
    load,
    gate,
    select,
    average,
    power,
    show,
    report,
    export,
    verify,
    train,
    claims,
    list_verb,
    cache,
    completion,
)
_BEGINNINGS = """\
beginnings:
  harness run quickstart          BM25, a bi-encoder, a cross-encoder and two-stage search, on data that comes with it
  harness init FOLDER             a suite and a config from files of your own
  harness list suites             public data by name
  harness VERB --help             examples of a verb
"""
_EXIT_CODES = (
    "exit codes: 0 done or pass; 1 regression, mismatch, or no pipeline meets the constraints; 2 usage, configuration "
    "or unreadable data; 3 inconclusive; 4 not comparable, or nothing measured; 70 internal error or out of resources; "
    "130 interrupted"
)


_INTERRUPTED = "interrupted; the same command can be run again"


def parser() -> Parser:
    """Return the parser with every verb."""
    top = Parser(
        prog="harness",
        description="Evaluate bi-encoders, cross-encoders and two-stage search.",
        epilog=f"{_BEGINNINGS}\n{textwrap.fill(_EXIT_CODES, 100)}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    top.add_argument("--version", action="version", version=f"encoder-harness {__version__}")
    top.add_argument("--debug", action="store_true", help="show tracebacks")
    verbs = top.add_subparsers(dest="verb", metavar="VERB")
    for verb in VERBS:
        verb.add(verbs)
    about = add_verb(verbs, "help", "show the help of a verb", ("gate", "as 'harness gate --help'"))
    about.add_argument("of", nargs="?", metavar="VERB", help="the verb (default: all of them)")
    return top


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code; every error is one readable message on stderr."""
    console.prepare()
    if arguments is None:
        interrupts.heed()
    debug = False
    try:
        try:
            top = parser()
            given = top.parse(arguments)
        except SystemExit as stop:  # --help and --version have been answered
            console.finish()
            return int(stop.code or 0)
        debug = given.debug
        if given.verb == "help":
            asked = [given.of, "--help"] if given.of else ["--help"]
            return main(asked)
        if given.verb is None:
            # Nothing was asked for, so nothing is done: 0 would tell a script that left the verb out that it passed.
            top.print_help(sys.stderr)
            return 2
        code = int(given.handler(given))
        console.finish()
        return code
    except HarnessError as error:
        return _fail(error.message, error.exit_code, debug=debug, details=error.details)
    except Interrupted as stop:
        return _interrupted(str(stop))
    except KeyboardInterrupt:
        return _interrupted(_INTERRUPTED)
    except MemoryError:
        return _fail("out of memory; use a smaller batch_size, or fewer candidates", 70, debug=debug)
    except OSError as error:
        if no_room(error):
            return _fail(
                f"no space left{f' for {error.filename}' if error.filename else ''}; free some and run the same "
                "command again",
                70,
                debug=debug,
            )
        return _unforeseen(error, debug=debug)
    except UnicodeEncodeError as error:
        if error.encoding == "utf-8":
            return _unforeseen(error, debug=debug)
        return _fail(
            f"{error.object!r}: this locale has no such file names; set PYTHONUTF8=1, or a locale such as "
            "LC_ALL=C.UTF-8",
            2,
            debug=debug,
        )
    except Exception as error:
        if "out of memory" in str(error).lower():
            return _fail("the device is out of memory; use a smaller batch_size", 70, debug=debug)
        return _unforeseen(error, debug=debug)


def _interrupted(message: str) -> int:
    interrupts.told()
    code = _fail(message, interrupts.CODE, debug=False)
    if interrupts.pressed():  # by a user of the program
        interrupts.leave()
    return code


def _unforeseen(error: BaseException, *, debug: bool) -> int:
    return _fail(
        f"internal error ({type(error).__name__}: {flowing(str(error))[:300]}); this is a fault of encoder-harness: "
        "run again with 'harness --debug ...' and report it",
        70,
        debug=debug,
    )


def _fail(message: str, code: int, *, debug: bool, details: Sequence[str] = ()) -> int:
    if (
        interrupts.pressed() and code != interrupts.CODE
    ):  # a library made something else of it, or a worker was ended
        return _interrupted(_INTERRUPTED)
    with suppress(ResourceError):
        if debug:
            console.tell(*traceback.format_exc().splitlines())
        console.tell(f"harness: {message}", *(f"  {line}" for line in details))
        console.finish()
    return code
