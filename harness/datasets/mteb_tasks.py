"""Tasks of MTEB, by name or as a class of a file beside the suite; splits, subsets and revisions are MTEB's.

MTEB is the extra ``mteb``. What it downloads it downloads itself, at the revision that the task pins.
"""

from __future__ import annotations

import importlib.util
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from harness.config import LoadedSuite
from harness.datasets.needs import ACCEPT, accepted
from harness.errors import DataError, UsageError, install, listed, nearest

_NEEDS = "{what} needs MTEB, which is not installed; " + install("mteb", "mteb")


@dataclass(frozen=True)
class Part:
    """One split of one subset of a task, as MTEB loads it.

    ``rows`` is what MTEB keeps of it: for retrieval a mapping with corpus, queries and judgments, else its table.
    """

    task: Any
    rows: Any
    split: str
    subset: str

    @property
    def note(self) -> str:
        """What is to be said of where the data come from."""
        told = self.task.metadata
        revision = f" at revision {told.dataset['revision']}" if told.dataset.get("revision") else ""
        part = f"split {self.split}" + ("" if self.subset == "default" else f", subset {self.subset}")
        return f"data: MTEB's task {told.name}{revision}, {part}, through mteb {_version()}"


def library(what: str) -> Any:
    """Return MTEB. Raises UsageError, naming its extra, where it is not installed."""
    try:
        import mteb
    except ImportError:
        raise UsageError(_NEEDS.format(what=what)) from None
    return mteb


def _version() -> str:
    from importlib import metadata

    return metadata.version("mteb")


def part_of(
    suite: LoadedSuite, given: Mapping[str, Any], kinds: tuple[str, ...], offline: bool = False
) -> Part:
    """Load what a suite names of a task. Raises DataError, UsageError.

    ``given``: ``mteb`` the task, and perhaps ``split``, ``subset`` and the ``revision`` that it must have; ``kinds``:
    what MTEB calls the tasks that can be taken here.
    """
    task = _task(suite, str(given["mteb"]))
    told = task.metadata
    if told.type not in kinds:
        raise DataError(
            f"suite {suite.name}: MTEB's {told.name} is a task of {told.type}; a suite with task: "
            f"{suite.settings.task} takes {listed(kinds)}"
        )
    revision = told.dataset.get("revision")
    if given.get("revision") not in (None, revision):
        raise DataError(
            f"suite {suite.name}: it pins revision {given['revision']} of {told.name}, and mteb {_version()} has "
            f"{revision}: other data; install the version of mteb that it was written for, or change the revision"
        )
    split = _one(suite, "split", given.get("split"), list(told.eval_splits), told.name)
    subset = _one(suite, "subset", given.get("subset"), list(told.hf_subsets), told.name)
    terms = suite.settings.terms
    if terms is not None and terms.accept and not accepted(terms.accept):
        raise DataError(
            f"suite {suite.name}: the data of {told.name} are under the terms {terms.name}: {terms.text} "
            f"<{terms.url}>. They must be accepted before anything is fetched: if you do, set {ACCEPT}={terms.accept} "
            "and run the same command again."
        )
    _load(suite, task, subset)
    try:
        return Part(
            task,
            task.dataset[subset][split] if subset in task.dataset else task.dataset[split],
            split,
            subset,
        )
    except (KeyError, TypeError, AttributeError) as error:
        raise DataError(
            f"suite {suite.name}: what MTEB loaded of {told.name} has no split {split!r} of the subset {subset!r} "
            f"({type(error).__name__}: {error})"
        ) from None


def _one(suite: LoadedSuite, what: str, given: str | None, known: list[str], task: str) -> str:
    if given is None and len(known) == 1:
        return known[0]
    if given is None:
        raise DataError(
            f"suite {suite.name}: {task} has several {what}s, {listed(known)}; name one as '{what}: {known[0]}' of the "
            "dataset"
        )
    if given not in known:
        raise DataError(
            f"suite {suite.name}: {task} has no {what} {given!r}{nearest(given, known)}; it has {listed(known)}"
        )
    return given


def _task(suite: LoadedSuite, name: str) -> Any:
    mteb = library(f"suite {suite.name}")
    if "." in name and (suite.folder / f"{name.split('.')[0]}.py").is_file():
        return _beside(suite, name)
    try:
        return mteb.get_task(name)
    except KeyError as error:
        hint = " ".join(str(error.args[0] if error.args else error).split())
        raise DataError(
            f"suite {suite.name}: MTEB {_version()} has no task {name!r} ({hint[:200]}); a task of your own is "
            "named by its class in a file beside the suite, as in my_tasks.MyTask"
        ) from None


def _beside(suite: LoadedSuite, name: str) -> Any:
    """Make the task of a class in a file beside the suite."""
    stem, _, wanted = name.partition(".")
    path = suite.folder / f"{stem}.py"
    specification = importlib.util.spec_from_file_location(f"harness_mteb_tasks.{stem}", path)
    assert specification is not None and specification.loader is not None  # noqa: PT018
    module = importlib.util.module_from_spec(specification)
    sys.modules[specification.name] = module  # where what it defines looks for its own module
    try:
        specification.loader.exec_module(module)
        made = getattr(module, wanted)
        task = made()
    except Exception as error:
        raise DataError(
            f"suite {suite.name}: the task {name} of {path} cannot be made ({type(error).__name__}: "
            f"{' '.join(str(error).split())[:300]})"
        ) from error
    if not hasattr(task, "metadata") or not hasattr(task, "load_data"):
        raise DataError(
            f"suite {suite.name}: {name} of {path} is no task of MTEB (a subclass of its AbsTask)"
        )
    return task


def _load(suite: LoadedSuite, task: Any, subset: str) -> None:
    """Have MTEB load a task's data. Whatever fails there is told as what it is: data that cannot be had."""
    try:
        if task.hf_subsets and len(task.hf_subsets) > 1:
            task.hf_subsets = [subset]
        task.load_data(num_proc=None)
        convert = getattr(task, "convert_v1_dataset_format_to_v2", None)
        if convert is not None:
            convert(num_proc=None)
    except MemoryError:
        raise
    except Exception as error:
        forbidden = os.environ.get("HF_HUB_OFFLINE", "").upper() in ("1", "ON", "YES", "TRUE")
        why = " The network is forbidden (--offline, or HF_HUB_OFFLINE)." if forbidden else ""
        raise DataError(
            f"suite {suite.name}: MTEB could not load {task.metadata.name} ({type(error).__name__}: "
            f"{' '.join(str(error).split())[:300]}).{why} Run once with a network, or fill the cache of Hugging Face's "
            "datasets from another machine's (HF_HOME names another folder)"
        ) from None
