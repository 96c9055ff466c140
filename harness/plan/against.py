"""Two configs in one job: the baseline's quality by the same command, its speed in turns with the candidate's."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from harness import owners
from harness.config import LoadedConfig
from harness.errors import HarnessError, NotComparableError, UsageError, listed
from harness.plan.serving import environment
from harness.plan.speed.arms import Rivals, measure_rivals
from harness.plan.speed.measuring import Timed
from harness.plan.speed.session import Job
from harness.plan.speed.subjects import baseline_name
from harness.progress import Progress
from harness.results import bundle, runs, writing
from harness.results.bundle import Bundle
from harness.results.tables import DOCUMENTS, PAIR_SCORES, SCORES, Table
from harness.stages import Known, told_of
from harness.tasks.base import Outcome
from harness.timing.process import THREAD_VARIABLES

_LAST_LINES = 15
_ASKING_S = 60.0


class BaselineError(HarnessError):
    """The baseline could not be run; it ends the job as the baseline's own run ended."""

    def __init__(self, message: str, exit_code: int, details: Sequence[str] = ()) -> None:
        """Keep the exit code."""
        super().__init__(message, details)
        self.exit_code = exit_code


@dataclass(frozen=True)
class Against:
    """The baseline of a job.

    Attributes:
        config: who is measured against.
        python: the interpreter that it runs in; None is this one.
    """

    config: LoadedConfig
    python: Path | None = None


@dataclass(frozen=True, eq=False)
class Arms:
    """Both arms, to be written into one bundle.

    Attributes:
        outcome: of both; the baseline's pipelines as ``baseline:NAME``.
        timed: of both; None where timing is off.
        part: the bundle's ``against``.
        compare: each candidate with its baseline.
        models, work: of the baseline, by ``baseline:NAME``.
    """

    outcome: Outcome
    timed: Timed | None
    part: Mapping[str, Any]
    compare: tuple[tuple[str, str], ...]
    models: Mapping[str, Any]
    work: Mapping[str, Any]


def check(config: LoadedConfig, against: Against) -> None:
    """Refuse two arms that cannot be compared, before anything is computed.

    Raises:
        NotComparableError: another suite, or no pipeline of the same name.
        UsageError: an interpreter that is none.
    """
    python = against.python
    if python is not None and not (python.is_file() and os.access(python, os.X_OK)):
        raise UsageError(
            f"--python {python}: is no program that can be run; give the interpreter of an environment that has "
            "encoder-harness, such as other/bin/python"
        )
    if config.suite.digest != against.config.suite.digest:
        raise NotComparableError(
            f"{config.file.path} measures on suite {config.suite.name} (version {config.suite.settings.version}) and "
            f"{against.config.file.path} on {against.config.suite.name} (version "
            f"{against.config.suite.settings.version}): two arms are measured on one suite; make both name the same"
        )
    if python is not None:
        _has_the_package(python)
    mine, theirs = list(config.pipelines), list(against.config.pipelines)
    if not set(mine) & set(theirs):
        raise NotComparableError(
            f"no pipeline is in both configs, so nothing can be compared: {config.file.path} has {listed(mine)}; "
            f"{against.config.file.path} has {listed(theirs)}. Arms are matched by name"
        )


def _has_the_package(python: Path) -> None:
    """Ask an interpreter at once: its baseline is run after all of the candidate's work."""
    command = [str(python), "-c", "import harness; print(harness.__version__)"]
    try:
        done = subprocess.run(
            command,
            env=environment(python, 1),
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            check=False,
            stdin=subprocess.DEVNULL,
            timeout=_ASKING_S,
        )
        said, found = done.stderr, done.returncode == 0 and bool(done.stdout.strip())
    except (OSError, subprocess.TimeoutExpired) as error:
        said, found = str(error), False
    if not found:
        last = said.strip().splitlines()[-1:] or ["it said nothing"]
        raise UsageError(
            f"--python {python}: cannot import encoder-harness ({last[0]}); install it in that "
            "environment, or give the interpreter of one that has it"
        )


def measure(job: Job, against: Against, progress: Progress) -> Arms:
    """Run the baseline, put its quality beside the candidate's, and time both in turns.

    Raises:
        BaselineError: its run ended with an error.
        NotComparableError: it was measured on other data.
    """
    with owners.temporary_folder("baseline") as folder:
        theirs = _run_baseline(against, folder / "baseline", job.offline, progress)
        _same_data(job, theirs)
        outcome = merged(job.outcome, theirs)
        names = [name for name in job.outcome.pipelines if name in theirs.pipelines]
        timed, arms = measure_rivals(job, Rivals(against.config, against.python, tuple(names)), progress)
        result = theirs.result
    lone = {
        "candidate": [name for name in job.outcome.pipelines if name not in names],
        "baseline": [name for name in result.pipelines if name not in names],
    }
    warnings = tuple(
        f"{listed(some)}: only in the {side}, so compared with nothing" for side, some in lone.items() if some
    )
    part = {
        "config": theirs.content["config"],
        "python": str(against.python or sys.executable),
        "packages": result.manifest.packages,
        "result_key": result.result_key,
        "unmatched": lone,
        "blocks": max((len(arm["latency"]["log_ratios"]) for arm in arms.values()), default=0),
        "pipelines": arms,
    }
    if timed is not None:
        timed = replace(timed, warnings=(*timed.warnings, *warnings))
    else:
        outcome = replace(outcome, warnings=(*outcome.warnings, *warnings))
    return Arms(
        outcome,
        timed,
        part,
        tuple((name, baseline_name(name)) for name in names),
        {baseline_name(name): model for name, model in theirs.content.get("models", {}).items()},
        {baseline_name(name): work for name, work in theirs.content.get("work", {}).items()},
    )


def merged(outcome: Outcome, theirs: Bundle) -> Outcome:
    """The outcome with the baseline's pipelines, runs and rows beside its own."""
    known, models = Known.of(theirs.result), theirs.result.models
    parts: dict[str, Mapping[str, Any]] = dict(outcome.pipelines)
    kept = dict(outcome.runs)
    for name, part in theirs.pipelines.items():
        told = told_of(part)
        used = [model for model in told.models(part.stages, known) if model in models]
        names = {old: baseline_name(old) for old in (*used, *told.pipelines(part.stages, known))}
        renamed = _renamed(theirs.content["pipelines"][name], told.renamed(part.stages, names), names)
        for place in part.runs:
            kept[_moved(place)] = runs.read_run(theirs.file(place))
        parts[baseline_name(name)] = renamed
    tables = dict(outcome.tables)
    for table in (SCORES, PAIR_SCORES):
        if table in tables and theirs.has(table):
            rows = theirs.table(table)
            names = pa.array([baseline_name(name) for name in rows["pipeline"].to_pylist()], pa.string())
            rows = rows.set_column(rows.schema.get_field_index("pipeline"), "pipeline", names)
            tables[table] = _appended(table, tables[table], rows)
    if DOCUMENTS in tables and theirs.has(DOCUMENTS):
        rows = theirs.table(DOCUMENTS)
        mine = writing.as_table(DOCUMENTS, tables[DOCUMENTS])
        new = pc.invert(pc.is_in(rows["doc_id"], value_set=mine["doc_id"].combine_chunks()))
        tables[DOCUMENTS] = _appended(DOCUMENTS, tables[DOCUMENTS], rows.filter(new))
    warnings = tuple(f"baseline: {text}" for text in theirs.result.warnings)
    return replace(
        outcome, pipelines=parts, runs=kept, tables=tables, warnings=(*outcome.warnings, *warnings)
    )


def _renamed(part: Mapping[str, Any], stages: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    """A baseline's pipeline, its models and pipelines called by the names that they have beside the candidate's."""
    first = part.get("first_stage")
    made = {**part, "stages": stages, "timing": None}
    if part.get("run"):
        made["run"] = _moved(part["run"])
    if first:
        source = names.get(first["source"], first["source"])
        made["first_stage"] = {**first, "source": source, "run": _moved(first["run"])}
    return made


def _moved(place: str) -> str:
    return f"runs/baseline/{place.removeprefix('runs/')}"


def _appended(table: Table, columns: Mapping[str, Any], rows: pa.Table) -> dict[str, Any]:
    both = pa.concat_tables([writing.as_table(table, columns), rows.cast(table.schema)])
    return {name: both[name] for name in table.schema.names}


def _run_baseline(against: Against, out: Path, offline: bool, progress: Progress) -> Bundle:
    """Run the baseline's quality as a command of its own; its store is the candidate's."""
    python = str(against.python or sys.executable)
    command = [python, "-m", "harness", "run", str(against.config.file.path.resolve()), "--set", "timing=off"]
    command += ["--out", str(out), *(["--offline"] if offline else [])]
    progress.note(f"baseline: the quality of {against.config.name}, run by {python}")
    variables = {
        name: value for name, value in environment(against.python, 1).items() if name not in THREAD_VARIABLES
    }
    limits = {name: os.environ[name] for name in THREAD_VARIABLES if name in os.environ}
    done = subprocess.run(
        command,
        env={**variables, **limits},
        capture_output=True,
        encoding="utf-8",
        errors="replace",
        check=False,
        stdin=subprocess.DEVNULL,
    )
    if done.returncode:
        said = done.stderr.strip().splitlines()[-_LAST_LINES:] or ["it said nothing"]
        code = done.returncode if done.returncode in (2, 4, 70, 130) else 70
        raise BaselineError(f"the baseline {against.config.name} could not be run by {python}:", code, said)
    return bundle.read(out)


def _same_data(job: Job, theirs: Bundle) -> None:
    mine, other = dict(job.data.digests), theirs.result.manifest.data_sha256
    changed = [key for key in mine if key in other and mine[key] != other[key]]
    if changed or theirs.result.suite.version != job.config.suite.settings.version:
        told = (
            ", ".join(f"{key} {mine[key][:8]}… and {other[key][:8]}…" for key in changed) or "suite version"
        )
        raise NotComparableError(
            f"the two arms were measured on other data ({told}): the interpreter of the baseline reads the suite "
            "otherwise, so their figures do not compare"
        )
