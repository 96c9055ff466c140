"""Kills a training at random moments, and compares what it ends with to one that was left alone, byte by byte.

    python benchmarks/training_kills.py [RECIPE] [--kills 10] [--seed 0] [--set KEY=VALUE]...

Stores in a temporary folder, with the embeddings of the user's own store, so that mining finds them. In the first the recipe (default: the quickstart's) is trained without a break; in
the second it is killed by SIGKILL up to 50 s after its training began or went on, again and again, and then let end.
For each kill: the step it was at, the step that the next start goes on from, and the seconds of training between them.
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from harness.models.folders import Permissions
from harness.progress import Advance, Log
from harness.store import open_store
from harness.store.folder import folder_for
from harness.train import making
from harness.train.making import PlannedTraining

_LONGEST_S = 50.0


class Told(Log):
    """A log that also writes down when each step was done: one line a step, in nanoseconds."""

    def __init__(self, file: Path) -> None:
        """Append to a file."""
        super().__init__()
        self._file = file.open("a")

    @contextmanager
    def task(self, what: str, total: int, unit: str, begun: int = 0) -> Iterator[Advance]:
        """Log a task, and its steps where it is a training."""
        with super().task(what, total, unit, begun) as advance:

            def told(done: int) -> None:
                advance(done)
                if what.endswith(": training"):
                    print(time.monotonic_ns(), file=self._file, flush=True)

            yield told


def child(planned: PlannedTraining, store: Path, steps: Path) -> None:
    """Train, as ``harness train`` does."""
    from harness.plan.backbone import stored

    progress = Told(steps)
    opened = open_store(store, progress.note)
    making.make(planned, opened, progress, stored(opened, progress))


@dataclass(frozen=True)
class Attempt:
    """One start of the training, and how it ended."""

    killed: bool
    begun: int  # the step it went on from
    reached: int
    lost_s: float  # of training that the next start has to do again
    writing: bool  # whether it was killed while it wrote a checkpoint


@dataclass(frozen=True)
class Experiment:
    """Where everything lies, and the command of one training."""

    folder: Path
    command: list[str]
    key: str

    def model(self, store: str) -> dict[str, bytes]:
        """Every file of the finished model."""
        folder = self.folder / store / "trained" / self.key
        return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}

    def checkpoint(self, store: str) -> int:
        """The step of the newest checkpoint."""
        found = (self.folder / store / "checkpoints" / self.key).glob("*")
        return max((int(path.name) for path in found), default=0)

    def take_along(self, source: Path | None, store: str) -> None:
        """Begin a store with the embeddings of another one, where it has any."""
        if source is not None and (source / "embeddings").is_dir():
            shutil.copytree(source / "embeddings", self.folder / store / "embeddings")

    def start(self, store: str, kill_after_s: float | None = None) -> Attempt:
        """Train, and kill it so long after its first step."""
        steps = self.folder / "steps"
        steps.write_text("")
        begun = self.checkpoint(store)
        command = [*self.command, "--child", str(self.folder / store), str(steps)]
        with subprocess.Popen(command) as process:
            if kill_after_s is not None:
                while process.poll() is None and not steps.stat().st_size:
                    time.sleep(0.05)
                try:
                    process.wait(kill_after_s)
                except subprocess.TimeoutExpired:
                    process.send_signal(signal.SIGKILL)
            code = process.wait()
        ended = time.monotonic_ns()
        done = [int(line) for line in steps.read_text().split()]
        if code not in (0, -signal.SIGKILL):
            raise SystemExit(f"the training ended with exit code {code}")
        kept = self.checkpoint(store)
        since = done[kept - begun - 1] if kept > begun else done[0]
        writing = any((self.folder / store / "partial").glob("*/checkpoint-*"))
        lost = (ended - since) / 1e9 if code else 0.0
        return Attempt(bool(code), begun, begun + len(done), lost, writing)


def main() -> None:
    """Run the experiment and print a table."""
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("recipe", nargs="?", default="quickstart-cross-encoder")
    options.add_argument("--kills", type=int, default=10)
    options.add_argument("--seed", type=int, default=0)
    options.add_argument("--set", dest="overrides", action="append", default=[], metavar="KEY=VALUE")
    options.add_argument("--child", nargs=2, type=Path, metavar=("STORE", "STEPS"), help=argparse.SUPPRESS)
    given = options.parse_args()
    planned = making.plan(given.recipe, None, Permissions(offline=True), given.overrides)
    if given.child:
        child(planned, *given.child)
        return
    command = [sys.executable, os.path.abspath(__file__), given.recipe]  # noqa: PTH100
    command += [word for override in given.overrides for word in ("--set", override)]
    with tempfile.TemporaryDirectory(prefix="training-kills-") as folder:
        experiment = Experiment(Path(folder), command, planned.key)
        experiment.take_along(folder_for(None, Path.cwd()), "whole")
        begun = time.monotonic()
        whole = experiment.start("whole")
        print(
            f"without a break: {whole.reached:,} steps in {time.monotonic() - begun:.0f} s with all that is around"
        )
        draw = random.Random(given.seed)
        lost: list[float] = []
        trainings = same = 0
        while len(lost) < given.kills:
            if not (experiment.folder / f"killed-{trainings}").is_dir():
                experiment.take_along(experiment.folder / "whole", f"killed-{trainings}")
            attempt = experiment.start(f"killed-{trainings}", draw.uniform(0, _LONGEST_S))
            if attempt.killed:
                lost.append(attempt.lost_s)
                amid = ", amid the writing of a checkpoint" if attempt.writing else ""
                kept = experiment.checkpoint(f"killed-{trainings}")
                print(
                    f"kill {len(lost):>3}: from step {attempt.begun:,} to {attempt.reached:,}{amid}; the next goes on "
                    f"from {kept:,}, lost {attempt.lost_s:.1f} s",
                    flush=True,
                )
                continue
            trainings += 1
            same += experiment.model(f"killed-{trainings - 1}") == experiment.model("whole")
        experiment.start(f"killed-{trainings}")
        same += experiment.model(f"killed-{trainings}") == experiment.model("whole")
        print(
            f"{given.kills} kills lost {sum(lost):.0f} s of training, {max(lost):.1f} s at most; {same} of "
            f"{trainings + 1} killed trainings ended with the same bytes as the one without a break"
        )


if __name__ == "__main__":
    main()
