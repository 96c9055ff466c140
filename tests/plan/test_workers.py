"""Several processes share a run's work: the bundle is that of one, whoever dies."""

from __future__ import annotations

import os
import pickle
import random
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
import pytest

from harness.cli import main
from harness.config import load_config
from harness.errors import UsageError
from harness.plan.helpers import Workers
from harness.plan.helping import Help
from harness.store.files import read

Make = Callable[..., Any]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1", Workers()),
        ("3", Workers(3)),
        ("cuda:0, cuda:1", Workers(2, ("cuda:0", "cuda:1"))),
        ("cpu,cpu", Workers(2, ("cpu", "cpu"))),
    ],
)
def test_workers_are_a_count_or_devices(text: str, expected: Workers) -> None:
    assert Workers.parsed(text) == expected


@pytest.mark.parametrize(
    ("text", "what"),
    [("0", "from 1 on"), ("-1", "from 1 on"), ("257", "up to 256"), ("gpu", "unknown device 'gpu'"), ("", "unknown device"),
     ("cuda:0,cuda:0", "cuda:0 is given twice"), ("1.5", "unknown device")],
)  # fmt: skip
def test_other_workers_are_refused_with_what_is_valid(text: str, what: str) -> None:
    with pytest.raises(UsageError, match=what):
        Workers.parsed(text)


def test_a_device_that_is_not_there_and_no_store_are_refused_before_any_work(
    make_bench: Make, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    config = str(make_bench().folder / "config.yaml")
    assert main(["run", config, "--workers", "cuda:98,cuda:99"]) == 2
    assert "device 'cuda:98'" in capsys.readouterr().err
    monkeypatch.setenv("HARNESS_STORE", "off")
    assert main(["run", config, "--workers", "2"]) == 2
    assert "processes share their work through the store, and there is none" in capsys.readouterr().err


def test_more_workers_than_shards_write_the_bundle_of_one(make_bench: Make, same_bundle: Make) -> None:
    bench = make_bench()
    bench.run("one", store=bench.folder / "other")
    bench.run("three", "--workers", "3")
    same_bundle(bench.folder / "one", bench.folder / "three")
    assert not list((bench.store / "partial").iterdir())


def test_a_process_that_helps_does_the_work_and_the_session_is_the_runs(make_bench: Make) -> None:
    """Alone with the store, it makes every shard and finds what it needs; what it made counts as the run's own."""
    bench = make_bench()
    first = bench.run("first")
    for shard in (bench.store / "embeddings").rglob("*"):
        if shard.is_file():
            shard.unlink()
    config = load_config(bench.folder / "config.yaml")
    process = subprocess.Popen(
        [sys.executable, "-m", "harness.helper"],
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(bench.folder), str(Path.cwd())])},
        stdin=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.stdin is not None
    assert process.stderr is not None
    process.stdin.write(pickle.dumps(Help(config, True, bench.store, "the-runs-own")))
    process.stdin.flush()  # and stays open: with it the process would end
    assert process.stderr.read() == b""
    assert process.wait() == 0
    process.stdin.close()
    process.stderr.close()
    kept = [read(path) for path in (bench.store / "embeddings").rglob("*") if path.is_file()]
    assert {artifact.header["session"] for artifact in kept} == {"the-runs-own"}
    assert (
        sum(len(artifact.array) for artifact in kept) == first["work"]["enc"]["texts"] - 12
    )  # queries are not shared


@pytest.mark.long
def test_twenty_kills_of_workers_and_of_the_driver_leave_the_bundle_of_one(
    make_bench: Make, same_bundle: Make
) -> None:
    bench = make_bench(n_documents=9_000)
    bench.run("one", store=bench.folder / "other")
    rng, killed, pause, whole = random.Random(5), {"driver": 0, "worker": 0}, threading.Event(), 0
    while sum(killed.values()) < 20 or not whole:
        begun, calls = bench.n_calls(), rng.randrange(0, 5)
        driver = bench.start("many", "--workers", "2")
        alive = psutil.Process(driver.pid)
        workers: list[psutil.Process] = []
        while alive.status() != psutil.STATUS_ZOMBIE and not (workers and bench.n_calls() >= begun + calls):
            workers = [one for one in alive.children() if one.status() != psutil.STATUS_ZOMBIE]
            pause.wait(0.02)
        if workers and sum(killed.values()) < 20:
            who = rng.choice(["driver", "worker"])
            (alive if who == "driver" else rng.choice(workers)).kill()
            killed[who] += 1
        driver.communicate()
        assert not psutil.wait_procs(workers, timeout=20)[1]
        if driver.returncode == 0:  # a worker's death, or none, is no end; what a killed driver left goes on
            whole += 1
            same_bundle(bench.folder / "one", bench.folder / "many")
            shutil.rmtree(bench.folder / "many")
            shutil.rmtree(bench.store)
    assert min(killed.values()) > 3
    assert whole > 3
