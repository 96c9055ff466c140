"""``python -m harness.helper``: does a run's work beside the process that writes its bundle.

Started by :mod:`harness.plan.helpers`, which tells it on standard input what to help with, and holds that open for as
long as it lives. It says nothing but what went wrong; a Ctrl-C is for the one that started it.
"""

from __future__ import annotations

import signal
import sys

from harness import console
from harness.errors import HarnessError


def main() -> int:
    """Help; returns the exit code."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    from harness.plan.helping import serve

    try:
        serve(sys.stdin.buffer)
    except HarnessError as error:
        console.tell(error.message)
        return error.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main())
