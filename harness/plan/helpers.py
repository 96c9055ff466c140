"""Processes that do a run's work beside it (``--workers``), started and ended by the one that writes the bundle."""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from typing import IO, Any

from harness.config import LoadedConfig, RecipeModel
from harness.errors import UsageError
from harness.models import device as devices
from harness.plan.helping import Help
from harness.progress import Progress
from harness.store import Store
from harness.text import flowing
from harness.timing.environment import affinity_cpus
from harness.timing.process import THREAD_VARIABLES, thread_environment
from harness.values import check_device

#: More processes than anybody has cores; a typing error.
MOST = 256


@dataclass(frozen=True)
class Workers:
    """How many processes work, this one among them, and on which device each; empty: on the config's."""

    count: int = 1
    devices: tuple[str, ...] = ()

    @classmethod
    def parsed(cls, text: str) -> Workers:
        """Read a count, or devices with commas between. Raises UsageError that says what is valid."""
        valid = "valid are a count from 1 on (2), or the devices to work on (cuda:0,cuda:1), one process each"
        try:
            count = int(text)
        except ValueError:
            names = tuple(name.strip() for name in text.split(","))
            try:
                for name in names:
                    check_device(name)
            except ValueError as error:
                raise UsageError(f"--workers {text!r}: {error}; {valid}") from None
            twice = [name for name in names if name != "cpu" and names.count(name) > 1]
            if twice:
                raise UsageError(
                    f"--workers {text!r}: {twice[0]} is given twice; one process works on a device"
                ) from None
            return cls(len(names), names)
        if not 1 <= count <= MOST:
            raise UsageError(f"--workers {count}: {valid}" + (f", up to {MOST}" if count > MOST else ""))
        return cls(count)

    def check(self) -> None:
        """Raise ModelError for a device that this machine does not have."""
        for name in self.devices:
            if name != "cpu":
                devices.resolve(name)

    def threads(self) -> int:
        """Threads of each process, so that all together take the cores that there are."""
        return max(1, len(affinity_cpus()) // self.count)


@dataclass(eq=False)
class Helpers:
    """The processes beside this one. Not a value: they live and end."""

    workers: Workers
    config: LoadedConfig
    store: Store | None
    offline: bool
    progress: Progress
    _running: list[tuple[subprocess.Popen[bytes], IO[bytes]]] = field(default_factory=list)

    def start_beside(self, load: Callable[[], None]) -> None:
        """Start all but this one, and load the models of this one meanwhile; what is trained is trained before."""
        models = self.config.settings.models.values()
        first = any(isinstance(model.source, RecipeModel) for model in models)
        if first:
            load()
        self._start_all()
        if not first:
            load()

    def _start_all(self) -> None:
        for place in range(1, self.workers.count):
            own = self.config
            if self.workers.devices:
                settings = own.settings.model_copy(update={"device": self.workers.devices[place]})
                own = replace(own, settings=settings)
            assert self.store is not None
            self._start(Help(own, self.offline, self.store.root, self.store.session))

    def _start(self, wanted: Help) -> None:
        said = tempfile.TemporaryFile(prefix="harness-")  # noqa: SIM115 - closed with the process
        process = subprocess.Popen(
            [sys.executable, "-m", "harness.helper"],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=said,
        )
        self._running.append((process, said))
        assert process.stdin is not None
        with suppress(BrokenPipeError):  # it has ended; what it said is told at the end
            process.stdin.write(pickle.dumps(wanted))
            process.stdin.flush()

    def end(self) -> None:
        """End them, which may happen at any moment: what is not in the store yet is nobody's."""
        for process, said in self._running:
            ended = process.poll()
            process.kill()
            process.wait()
            with suppress(OSError):
                if process.stdin is not None:
                    process.stdin.close()
            if ended:
                said.seek(0)
                words = flowing(said.read()[-2000:].decode("utf-8", "replace"))[-300:]
                self.progress.note(
                    f"a worker ended early ({words or f'exit code {ended}'}); its share was done by the others"
                )
            said.close()
        self._running.clear()


@contextmanager
def helped(
    workers: Workers, config: LoadedConfig, store: Store | None, *, offline: bool, progress: Progress
) -> Iterator[Helpers]:
    """Yield the processes to start; they have ended when the block does, however it does.

    Raises UsageError without a store, through which alone work can be shared, ModelError for a device that is missing.
    """
    if workers.count > 1 and store is None:
        raise UsageError(
            f"--workers {workers.count}: processes share their work through the store, and there is none "
            "('store: off', or nothing that it could keep); name a folder in HARNESS_STORE, or leave --workers out"
        )
    workers.check()
    helpers = Helpers(workers, config, store, offline, progress)
    with _threads(workers):
        try:
            yield helpers
        finally:
            helpers.end()


@contextmanager
def _threads(workers: Workers) -> Iterator[None]:
    """Let this process and those it starts share the cores, unless the environment says how many threads to use."""
    if workers.count == 1 or "OMP_NUM_THREADS" in os.environ:
        yield
        return
    before: Mapping[str, str | None] = {name: os.environ.get(name) for name in THREAD_VARIABLES}
    os.environ.update(thread_environment(workers.threads()))
    torch: Any = sys.modules.get("torch")
    if torch is not None:
        torch.set_num_threads(workers.threads())
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
