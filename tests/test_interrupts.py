"""Ctrl-C ends a program soon wherever it is, and at once when pressed again; a worker ends with its driver."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from harness import owners
from harness.cli import main

_DEEP = """
import hashlib
from harness import interrupts
interrupts.GRACE_S = 0.1
interrupts.at_once(lambda: print("let go", flush=True))
interrupts.heed()
{patience}
said = False
while True:
    try:  # a call of a library that lasts for hours, knows no signals, and makes light of them
        if not said:
            said = True
            print("deep", flush=True)
        hashlib.pbkdf2_hmac("sha512", b"", b"", 2**31 - 1)
    except KeyboardInterrupt:
        pass
"""


def started(code: str) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-c", code],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "deep\n"
    return process


def test_ctrl_c_ends_what_is_deep_in_a_library() -> None:
    process = started(_DEEP.format(patience=""))
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert (process.returncode, out) == (130, "let go\n")
    assert err == "harness: interrupted; the same command can be run again\n"


def test_what_is_written_is_waited_for_until_ctrl_c_is_pressed_again() -> None:
    process = started(_DEEP.format(patience="kept = interrupts.patience(); kept.__enter__()"))
    assert process.stdout is not None
    process.send_signal(signal.SIGINT)
    assert process.stdout.readline() == "let go\n"
    with pytest.raises(subprocess.TimeoutExpired):
        process.wait(0.5)
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=60)
    assert process.returncode == 130


def test_where_it_is_ignored_it_stays_ignored() -> None:
    code = "import signal; signal.signal(signal.SIGINT, signal.SIG_IGN)\nfrom harness import interrupts\ninterrupts.heed()\n"
    code += "import os; os.kill(os.getpid(), signal.SIGINT); print('deep', flush=True); input()"
    process = started(code)
    process.kill()
    process.communicate()


@pytest.fixture
def timing(
    write_config: Callable[[str], Path], tmp_path: Path
) -> Callable[[], tuple[subprocess.Popen[bytes], list[psutil.Process]]]:
    """Start a run, and return it with its workers as soon as there is one."""
    config = write_config("  words: {retrieve: bm25, depth: 5}\n  bi: {retrieve: bi, depth: 5}\n")

    def start() -> tuple[subprocess.Popen[bytes], list[psutil.Process]]:
        command = ["run", str(config), "--offline", "--set", "timing=smoke", "--out", str(tmp_path / "b")]
        told = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
        run = subprocess.Popen(
            [sys.executable, "-m", "harness", *command],
            env=told,
            stderr=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
        )
        driver = psutil.Process(run.pid)
        while True:
            with suppress(subprocess.TimeoutExpired):
                run.wait(0.02)
                raise AssertionError("it ended without a worker")
            workers = []
            for child in driver.children():
                with suppress(psutil.Error):
                    workers += [child] if "harness.worker" in child.cmdline() else []
            if workers:
                return run, workers

    return start


def test_ctrl_c_while_timing_leaves_a_bundle_and_no_worker(
    timing: Callable[[], tuple[subprocess.Popen[bytes], list[psutil.Process]]], tmp_path: Path
) -> None:
    run, workers = timing()
    run.send_signal(signal.SIGINT)
    assert run.wait(60) == 130
    assert not psutil.wait_procs(workers, 10)[1]
    assert not list(tmp_path.glob(".b*"))


def test_a_killed_driver_leaves_no_worker_and_after_the_next_run_nothing_at_all(
    timing: Callable[[], tuple[subprocess.Popen[bytes], list[psutil.Process]]], tmp_path: Path
) -> None:
    run, workers = timing()
    run.kill()
    run.wait()
    assert not psutil.wait_procs(workers, 10)[1]
    assert main(["run", str(tmp_path / "config.yaml"), "--offline", "--out", str(tmp_path / "b")]) == 0
    assert not list(tmp_path.glob(".b*"))
    store = Path(os.environ["HARNESS_STORE"])
    assert not list((store / "partial").iterdir())
    assert all(owners.is_own(path) for path in (store / "leases").iterdir())
