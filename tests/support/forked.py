"""``harness`` in processes of its own, forked from one that has imported what most verbs import.

A start takes a few milliseconds instead of two seconds of imports; all else is as in any process: arguments, environment,
streams, folder, signals, exit code. What a command imports, and how the interpreter is set up, is for tests that start Python
themselves. Torch is not imported before the fork, since a process with threads of its own cannot be forked.
"""

from __future__ import annotations

import atexit
import json
import os
import select
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

MODULES = (
    "harness.plan.running", "harness.report.folder", "harness.report.printed.summary", "harness.verify", "harness.gate",
    "harness.selection", "harness.show", "harness.compare", "harness.datasets.trec", "matplotlib.backends.backend_svg",
)  # fmt: skip


ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}


class Started:
    """A process, as ``subprocess.Popen`` with texts shows it."""

    def __init__(self, forker: Forker, pid: int, streams: Sequence[str]) -> None:
        self.pid = pid
        self.returncode: int | None = None
        self._forker, self._streams = forker, streams
        self._ended = os.pidfd_open(pid)

    def communicate(self, timeout: float | None = None) -> tuple[str, str]:
        """Wait for its end, and return what it wrote."""
        if self.returncode is None:
            if not select.select([self._ended], [], [], timeout)[0]:
                raise subprocess.TimeoutExpired("harness", timeout or 0)
            os.close(self._ended)
            self.returncode = self._forker.ask({"reap": self.pid})
        written = [Path(name).read_text(encoding="utf-8", errors="replace") for name in self._streams]
        return written[0], written[1]

    def send_signal(self, number: int) -> None:
        """Send it a signal; nobody else can have its number before it was waited for."""
        if self.returncode is None:
            os.kill(self.pid, number)


class Forker:
    """The process that forks; to be closed. Only Linux can wait for another's child: elsewhere each command starts anew."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._process = subprocess.Popen(
            [sys.executable, __file__],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, **ONE_THREAD, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
            text=True,
        )

    def ask(self, asked: dict[str, Any]) -> int:
        """Ask for one thing and return the number that comes back."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(asked) + "\n")
        self._process.stdin.flush()
        return int(self._process.stdout.readline())

    def start(
        self, arguments: Sequence[object], environment: Mapping[str, str] = os.environ
    ) -> Started | subprocess.Popen[str]:
        """Start ``harness`` with arguments, in this folder."""
        told = [str(argument) for argument in arguments]
        if not hasattr(os, "pidfd_open"):
            command = [sys.executable, "-m", "harness", *told]
            return subprocess.Popen(
                command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
            )
        streams = []
        for _ in range(2):
            descriptor, name = tempfile.mkstemp(dir=self.folder)
            os.close(descriptor)
            streams.append(name)
        asked = {
            "arguments": told,
            "environment": dict(environment),
            "folder": str(Path.cwd()),
            "streams": streams,
        }
        return Started(self, self.ask(asked), streams)

    def run(
        self, arguments: Sequence[object], environment: Mapping[str, str] = os.environ
    ) -> subprocess.CompletedProcess[str]:
        """Run ``harness`` to its end."""
        process = self.start(arguments, environment)
        out, err = process.communicate(timeout=120)
        assert process.returncode is not None
        return subprocess.CompletedProcess(list(map(str, arguments)), process.returncode, out, err)

    def close(self) -> None:
        """End it."""
        self._process.communicate()


def _child(asked: dict[str, Any]) -> int:
    """Become what a new process would be, and run the command."""
    for number, name in enumerate([os.devnull, *asked["streams"]]):
        opened = os.open(name, os.O_RDONLY if number == 0 else os.O_WRONLY)
        os.dup2(opened, number)
        os.close(opened)
    sys.stdin, sys.stdout, sys.stderr = (
        os.fdopen(number, mode, encoding="utf-8", closefd=False)
        for number, mode in ((0, "r"), (1, "w"), (2, "w"))
    )
    os.chdir(asked["folder"])
    os.environ.clear()
    os.environ.update(asked["environment"])
    sys.path[:0] = [part for part in os.environ.get("PYTHONPATH", "").split(os.pathsep) if part]
    sys.argv = ["harness", *asked["arguments"]]
    from harness.cli import main

    code = main()
    atexit._run_exitfuncs()
    sys.stdout.flush()
    sys.stderr.flush()
    return code


def serve() -> None:
    """Answer every line: a fork with its number, an end that is waited for with its code."""
    import importlib

    for name in MODULES:
        importlib.import_module(name)
    assert "torch" not in sys.modules
    signal.signal(
        signal.SIGINT, signal.default_int_handler
    )  # a shell ignores it for what it starts in the background
    for line in sys.stdin:
        asked = json.loads(line)
        if "reap" in asked:
            _, status = os.waitpid(asked["reap"], 0)
            print(os.waitstatus_to_exitcode(status), flush=True)
            continue
        pid = os.fork()
        if pid == 0:
            code = 1
            try:
                code = _child(asked)
            finally:
                os._exit(code)
        print(pid, flush=True)


if __name__ == "__main__":
    serve()
