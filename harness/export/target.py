"""What a target of an export is, and what all of them need."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

from harness.errors import HarnessError, ResourceError, UsageError, install, no_room
from harness.export.figures import Told
from harness.results.target import check_writable


@dataclass(frozen=True)
class Asked:
    """What the user wants of an export.

    Attributes:
        out: the folder to write.
        push: whether it may leave this machine.
        repo: of the model on the hub, OWNER/NAME.
        dataset: on the hub, OWNER/NAME, where the suite does not say.
        task: MTEB's name of it, where it is not the suite's.
        name: of the model, or of the experiment.
    """

    out: Path
    push: bool = False
    repo: str | None = None
    dataset: str | None = None
    task: str | None = None
    name: str | None = None


@dataclass(frozen=True)
class Target:
    """One target.

    Attributes:
        name: as ``--to`` says.
        what: in a few words.
        write: (pipelines, what is asked) -> lines to say.
        takes: which options of :class:`Asked` mean something to it.
        pushes: whether there is anywhere to push to.
        one: whether it describes one pipeline.
    """

    name: str
    what: str
    write: Callable[[Sequence[Told], Asked], list[str]]
    takes: frozenset[str] = frozenset()
    pushes: bool = False
    one: bool = False


#: What an extra installs, where that has another name.
_PACKAGES = {"mlflow": "mlflow-skinny", "demo": "huggingface-hub"}


def library(name: str, extra: str) -> Any:
    """Import a target's library. Raises UsageError that names the extra."""
    try:
        return import_module(name)
    except ImportError as error:
        raise UsageError(
            f"this export is written by {name}, which is not installed ({error}); "
            + install(_PACKAGES.get(extra, extra), extra)
        ) from None


@contextmanager
def telling(target: str, where: str) -> Iterator[None]:
    """Raise what a library or a server refuses as a ResourceError with its words."""
    try:
        yield
    except (HarnessError, KeyboardInterrupt):
        raise
    except Exception as error:
        if no_room(error):
            raise
        why = " ".join(str(error).split())[:300]
        raise ResourceError(
            f"{target} refused to take this at {where} ({type(error).__name__}: {why})"
        ) from error


@contextmanager
def environment(**values: str | None) -> Iterator[None]:
    """Set variables of the environment for a while; None leaves one out."""
    before = {name: os.environ.get(name) for name in values}
    try:
        _set(values)
        yield
    finally:
        _set(before)


def _set(values: Mapping[str, str | None]) -> None:
    for name, value in values.items():
        os.environ.pop(name, None)
        if value is not None:
            os.environ[name] = value


def fresh(out: Path) -> Path:
    """Make a folder for an export. Raises UsageError where something is in it, BundleError where it cannot be made."""
    check_writable(out)
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise UsageError(
            f"--out {out}: is there already, and not empty; name a folder that does not exist yet"
        )
    out.mkdir(parents=True, exist_ok=True)
    return out
