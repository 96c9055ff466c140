"""The command line: one small module a verb; heavy imports inside the handler."""

from __future__ import annotations

import argparse
import errno
import os
import sys
import traceback
from collections.abc import Sequence

from harness import __version__
from harness.cli import (
    ablation,
    all_pairs,
    cache,
    compare,
    gate,
    plan,
    report,
    run,
    score,
    select,
    show,
    train,
    verify,
)
from harness.cli import list as list_verb
from harness.cli import try_ as try_verb
from harness.errors import HarnessError, Interrupted

_VERBS = (
    run,
    plan,
    score,
    try_verb,
    compare,
    gate,
    select,
    show,
    report,
    verify,
    train,
    ablation,
    all_pairs,
    list_verb,
    cache,
)
_EXIT_CODES = (
    "exit codes: 0 done or pass; 1 regression, mismatch, or no pipeline meets the constraints; 2 usage, configuration "
    "or unreadable data; 3 inconclusive; 4 not comparable, or nothing measured; 70 internal error or out of resources; "
    "130 interrupted"
)


def parser() -> argparse.ArgumentParser:
    """Return the parser with every verb."""
    top = argparse.ArgumentParser(
        prog="harness",
        description="Evaluate bi-encoders, cross-encoders and two-stage search.",
        epilog=_EXIT_CODES,
    )
    top.add_argument("--version", action="version", version=f"encoder-harness {__version__}")
    top.add_argument("--debug", action="store_true", help="show tracebacks")
    verbs = top.add_subparsers(dest="verb", metavar="VERB", required=True)
    for verb in _VERBS:
        verb.add(verbs)
    return top


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code; every error is one readable message on stderr."""
    try:
        given = parser().parse_args(arguments)
    except SystemExit as stop:  # argparse has said what is wrong
        return int(stop.code or 0)
    try:
        return int(given.handler(given))
    except HarnessError as error:
        return _fail(str(error), error.exit_code, debug=given.debug)
    except Interrupted as stop:
        return _fail(str(stop), 130, debug=False)
    except KeyboardInterrupt:
        return _fail("interrupted; the same command can be run again", 130, debug=False)
    except BrokenPipeError:  # the reader, `head` say, has what it wants
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except MemoryError:
        return _fail("out of memory; use a smaller batch_size, or fewer candidates", 70, debug=given.debug)
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            return _fail(
                f"no space left{f' for {error.filename}' if error.filename else ''}; free some and run the same "
                "command again",
                70,
                debug=given.debug,
            )
        return _unforeseen(error, debug=given.debug)
    except Exception as error:
        if "out of memory" in str(error).lower():
            return _fail("the device is out of memory; use a smaller batch_size", 70, debug=given.debug)
        return _unforeseen(error, debug=given.debug)


def _unforeseen(error: BaseException, *, debug: bool) -> int:
    text = " ".join(str(error).split())[:300]
    return _fail(
        f"internal error ({type(error).__name__}: {text}); this is a fault of encoder-harness: run again with "
        "'harness --debug ...' and report it",
        70,
        debug=debug,
    )


def _fail(message: str, code: int, *, debug: bool) -> int:
    if debug:
        traceback.print_exc()
    print(f"harness: {message}", file=sys.stderr)
    return code
