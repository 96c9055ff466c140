"""Trainings in processes of their own, forked from one that has imported everything, to be killed as they are told.

Reads one JSON object a line and answers with one, when that training has ended:

    recipe, store   what is trained, and where it is kept
    every_s         seconds between checkpoints; 0: after each step
    step            SIGKILL itself at this step, or with ``interrupt`` SIGINT
    write           SIGKILL itself at the so-many-th file that is brought to the disk
    after_s         is killed after so long, wherever it is

One thread, since a process with several cannot be forked.
"""

from __future__ import annotations

import json
import os
import select
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from harness.models.folders import Permissions
from harness.progress import Advance, Log
from harness.store import open_store
from harness.train import checkpoints, cross_encoder, making
from harness.train.checkpoints import Going


class Doomed(Log):
    """A log, and the end of its own process at a step."""

    def __init__(self, asked: dict[str, Any]) -> None:
        super().__init__()
        self.asked = asked

    @contextmanager
    def task(self, what: str, total: int, unit: str, begun: int = 0) -> Iterator[Advance]:
        with super().task(what, total, unit, begun) as advance:
            steps = 0

            def counted(done: int) -> None:
                nonlocal steps
                steps += 1
                if steps == self.asked.get("step"):
                    os.kill(os.getpid(), signal.SIGINT if self.asked.get("interrupt") else signal.SIGKILL)
                advance(done)

            yield counted


def child(asked: dict[str, Any], planned: making.PlannedTraining) -> None:
    """Train, with stderr into a file beside the store."""
    with Path(f"{asked['store']}.log").open("a") as log:
        os.dup2(log.fileno(), 2)
    checkpoints.EVERY_NS = int(asked.get("every_s", 0) * 1e9)
    if "write" in asked:
        files = 0
        sync = os.fsync

        def counted(descriptor: int) -> None:
            nonlocal files
            files += 1
            if files == asked["write"]:
                os.kill(os.getpid(), signal.SIGKILL)
            sync(descriptor)

        os.fsync = counted
    progress = Doomed(asked)
    making.make(planned, open_store(Path(asked["store"]), progress.note), progress)


def main() -> None:
    """Answer every line."""
    import accelerate  # noqa: F401
    import datasets  # noqa: F401
    import sentence_transformers.cross_encoder  # noqa: F401
    import sentence_transformers.sentence_transformer  # noqa: F401
    import torch

    torch.set_num_threads(1)
    signal.signal(
        signal.SIGINT, signal.default_int_handler
    )  # a shell ignores it for what it starts in the background
    found: dict[str, Any] = {}
    mine = cross_encoder.material

    def material(recipe: Any, encoder: Any) -> Any:
        """The candidates of a recipe, looked for once: they are the same for each of its trainings."""
        if recipe.name not in found:
            found[recipe.name] = mine(recipe, encoder)
        return found[recipe.name]

    cross_encoder.material = material
    for line in sys.stdin:
        asked = json.loads(line)
        planned = making.plan(asked["recipe"], None, Permissions(offline=True))
        if isinstance(planned.recipe, making.Recipe):
            material(planned.recipe, Going(lambda *_: None, None).encoder(planned.base))
        pid = os.fork()
        if pid == 0:
            code = 70
            try:
                child(asked, planned)
                code = 0
            except KeyboardInterrupt:
                code = 130
            finally:
                sys.stderr.flush()
                os._exit(code)
        if "after_s" in asked:
            ended = os.pidfd_open(pid)
            if not select.select([ended], [], [], asked["after_s"])[0]:
                os.kill(pid, signal.SIGKILL)
            os.close(ended)
        _, status = os.waitpid(pid, 0)
        print(json.dumps({"code": os.waitstatus_to_exitcode(status), "key": planned.key}), flush=True)


if __name__ == "__main__":
    main()
