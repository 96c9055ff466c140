"""The main job: a config in, a bundle out."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from harness import interrupts, manifest, owners, yamlfile
from harness.config import Config, LoadedConfig, LoadedSuite, load_config, load_suite
from harness.errors import Interrupted, ResourceError, UsageError, listed, no_room
from harness.models import precision
from harness.models.folders import Permissions
from harness.pipelines import DOCUMENTS_AT_ONCE, PAIRS_AT_ONCE
from harness.plan import against, passages, speed
from harness.plan.against import Against
from harness.plan.alike import agreements
from harness.plan.doing import Doing
from harness.plan.helpers import Workers, helped
from harness.plan.judged import run_file
from harness.plan.offline import go_offline
from harness.plan.workbench import Workbench
from harness.progress import Progress, Row, Silent
from harness.results import bundle, target, writing
from harness.results.bundle import Bundle
from harness.results.runs import write_run
from harness.results.tables import SAMPLES
from harness.results.versions import SCHEMA
from harness.stages import Step, models_of, users_of
from harness.store import Store, open_store
from harness.store.folder import folder_for, session
from harness.tasks import steps_for, task_of
from harness.tasks.base import Outcome
from harness.text import flowing
from harness.timing.record import table_columns
from harness.train import lineage
from harness.values import check_name

_GOES_ON = (
    "The same command continues where this one stopped, but for what was being encoded: up to "
    f"{DOCUMENTS_AT_ONCE:,} documents, or {PAIRS_AT_ONCE:,} pairs"
)


@dataclass(frozen=True)
class RunOptions:
    """How a run is carried out; nothing here can change a pipeline's own figures.

    Attributes:
        out: the bundle's folder; None: ``bundles/CONFIG-TIME``.
        offline: whether the network is forbidden.
        command: as it is written into the manifest.
        against: the baseline measured in the same job; None: one arm.
        view: adds what is drawn from the bundle, such as its table, before the bundle takes its place.
        workers: the processes that share the work, this one among them.
        finished: is shown each pipeline's part of the result (name, part) as soon as it is done.
    """

    out: Path | None = None
    offline: bool = False
    command: tuple[str, ...] = ()
    against: Against | None = None
    view: Callable[[Bundle], None] | None = None
    finished: Callable[[LoadedConfig, str, Mapping[str, Any]], None] | None = None
    workers: Workers = field(default_factory=Workers)


def run(config: LoadedConfig, options: RunOptions = RunOptions(), progress: Progress | None = None) -> Bundle:
    """Run every pipeline of a config and write a bundle.

    Everything that can be checked before models and data are loaded is; then work shared by pipelines is
    done once.
    Raises a HarnessError of the kind that fits.
    """
    progress = progress or Silent()
    started = datetime.now(UTC)
    owners.clear_temporary()

    def check(folder: Path) -> None:
        names = (*config.pipelines, *config.settings.models)
        writing.check_target(folder, config.digest, names)

    with target.reserved(options.out, config.name, started, check) as out:
        lacking = _run(config, replace(options, out=out), progress, started)
        made = bundle.read(out)
    if lacking is not None:
        raise ResourceError(lacking)
    return made


def _run(config: LoadedConfig, options: RunOptions, progress: Progress, started: datetime) -> str | None:
    """Run, and write the bundle; returns why it lacks its page, where it does."""
    out = options.out
    assert out is not None
    if options.offline:
        go_offline()
    task = task_of(config.suite)
    task.check(config.suite)
    steps = steps_for(config)
    if options.against is not None:
        against.check(config, options.against)
    with (
        store_for(config, steps, progress) as store,
        helped(options.workers, config, store, offline=options.offline, progress=progress) as helpers,
    ):
        bench = Workbench(
            config,
            Permissions(offline=options.offline),
            progress,
            config.suite.settings.dataset.get("max_tokens"),
            store,
        )
        bench.find_models(models_of(steps), train_later=True)
        data = task.load(config)
        passages.check(config, bench, data)
        helpers.start_beside(bench.load_models)
        timing = speed.row(config)
        rows = [timing] if speed.wanted(config) is not None and timing.shared_by else []
        begun = (started, options.command)
        done = Doing(bench, data)
        try:
            with progress.whole([*rows_of(config, steps), *rows]):
                shown = _Shown(task, config, data, done, options.finished)
                for last in done.do(steps):
                    shown.update(last=last is steps[-1])
                helpers.end()  # before speed is measured
                bench.load_models()
                outcome = task.assemble(config, data, done)
                job = speed.Job(config, data, outcome, bench)
                if options.against is None:
                    timed = speed.time_pipelines(job, progress)
                    arms = None
                else:
                    arms = against.measure(job, options.against, progress)
                    outcome, timed = arms.outcome, arms.timed
        except KeyboardInterrupt:
            ready = done.finished(config)
            if not ready.pipelines:
                raise
            if writing.complete(out):
                raise Interrupted(
                    f"interrupted; {out} still holds the bundle of an earlier run. {_GOES_ON}"
                ) from None
            # Where there is a store nothing is lost but this bundle, and nobody is kept waiting for it.
            with interrupts.patience() if store is None else nullcontext():
                outcome = task.assemble(ready, data, done)
                with writing.writing(out) as folder:
                    _write(folder, config, _Made(data, outcome, None, None), bench, begun)
            raise Interrupted(_what_is_kept(config, outcome, out)) from None
        made = _Made(data, with_timings(outcome, timed), timed, arms)
        with writing.writing(out) as folder:
            _write(folder, config, made, bench, begun)
            lacking = _drawn(folder, options)
            writing.check_target(out, config.digest)  # another run may have been faster
        return lacking


def _drawn(folder: Path, options: RunOptions) -> str | None:
    """Add what is drawn from a bundle. Hours of work are in it: where that fails it stands without; returns why."""
    if options.view is None:
        return None
    whole = set(folder.iterdir())
    try:
        options.view(bundle.read(folder))
        writing.seal(folder)
    except Exception as error:
        owners.remove(set(folder.iterdir()) - whole)
        why = "no space left" if no_room(error) else f"{type(error).__name__}: {flowing(str(error))[:300]}"
        return (
            f"{options.out}: the bundle is whole, but its table and page could not be written ({why}); make them with "
            f"'harness report {options.out} --out DIR'"
        )
    return None


@dataclass(eq=False)
class _Shown:
    """Shows each pipeline's figures as soon as all that it needs is done; the last come with the table itself."""

    task: Any
    config: LoadedConfig
    data: Any
    done: Doing
    show: Callable[[LoadedConfig, str, Mapping[str, Any]], None] | None
    names: set[str] = field(default_factory=set)

    def update(self, *, last: bool) -> None:
        """Show what the newest step completes."""
        if self.show is None or last:
            return
        new = [name for name in self.done.finished(self.config).pipelines if name not in self.names]
        if not new:
            return
        self.names.update(new)
        outcome = self.task.assemble(self.config.with_only(new), self.data, self.done)
        for name, part in outcome.pipelines.items():
            self.show(self.config, name, part)


def missing(config: LoadedConfig, outcome: Outcome) -> list[str]:
    """Return the pipelines of a config that an outcome lacks."""
    return [name for name in config.pipelines if name not in outcome.pipelines]


def _what_is_kept(config: LoadedConfig, outcome: Outcome, out: Path) -> str:
    lacking = missing(config, outcome)
    what = f"without {listed(lacking)}" if lacking else "without timings"
    return f"interrupted; what was finished is in {out}, {what}. {_GOES_ON}"


@dataclass(frozen=True, eq=False)
class _Made:
    """What a run came to, before it is written."""

    data: Any
    outcome: Outcome
    timed: speed.Timed | None
    arms: against.Arms | None


def with_timings(outcome: Outcome, timed: speed.Timed | None) -> Outcome:
    """The outcome with each pipeline's timing, the raw samples and the warnings of a measurement."""
    if timed is None:
        return outcome
    parts: dict[str, Mapping[str, Any]] = {
        name: {**part, "timing": timed.pipelines.get(name)} for name, part in outcome.pipelines.items()
    }
    samples = {SAMPLES: table_columns(timed.records)} if timed.records else {}
    return replace(
        outcome,
        pipelines=parts,
        tables={**outcome.tables, **samples},
        warnings=(*outcome.warnings, *timed.warnings),
    )


def rows_of(config: LoadedConfig, steps: Sequence[Step]) -> list[Row]:
    """Return what a live view shows of the steps that take time: one row for the work that several of them share."""
    users = users_of(config.pipelines.values())
    together: dict[str, dict[str, None]] = {}
    for step in steps:
        if step.row:
            together.setdefault(step.row, {}).update(dict.fromkeys(users[step.shared]))
    return [Row(what, tuple(names)) for what, names in together.items()]


@contextmanager
def store_for(config: LoadedConfig, steps: Sequence[Step], progress: Progress) -> Iterator[Store | None]:
    """Yield the store a config asks for, with the session of its run.

    None where there is none or nothing to keep.
    """
    root = folder_for(config.settings.store, config.folder)
    if root is None or not any(step.keeps for step in steps):
        yield None
        return
    with session(open_store(root, progress.note), config.digest) as store:
        yield store


def score(suite: LoadedSuite, runs: Sequence[Path], options: RunOptions = RunOptions()) -> Bundle:
    """Score existing TREC runs; each pipeline is named after its file's stem.

    No model and no corpus is needed. Raises UsageError where two would be called alike, or one by no valid name.
    """
    runs = [run_file(path, suite) for path in runs]
    stems = [
        path.name.removesuffix(".gz").rsplit(".", 1)[0] if "." in path.name else path.name for path in runs
    ]
    for stem, path in zip(stems, runs, strict=True):
        try:
            check_name(stem)
        except ValueError as error:
            raise UsageError(
                f"{str(path)!r}: a pipeline is named after its run, and {error}; rename it"
            ) from None
        if stems.count(stem) > 1:
            raise UsageError(f"{path}: two run files would both be called {stem!r}; rename one")
    content = {
        "suite": suite.name,
        "pipelines": {stem: {"run": str(path.resolve())} for stem, path in zip(stems, runs, strict=True)},
    }
    file = yamlfile.YamlFile(Path.cwd() / "command line", content, {})
    config = LoadedConfig("score", Config.model_validate(content), file, suite)
    return run(config, options)


def _told_suite(suite: LoadedSuite, other: str) -> dict[str, Any]:
    """What a bundle says of its suite; data of another size than the suite's are another data set, by name too."""
    told = {"name": suite.name, "digest": suite.digest, **suite.settings.model_dump(mode="json")}
    return told if not other else {**told, "name": f"{suite.name} of {other}", "reference": {}}


def _write(
    folder: Path,
    config: LoadedConfig,
    made: _Made,
    bench: Workbench,
    begun: tuple[datetime, tuple[str, ...]],
) -> None:
    for place, results in made.outcome.runs.items():
        path = folder / place
        path.parent.mkdir(parents=True, exist_ok=True)
        write_run(results, path, path.stem)
    for table, columns in made.outcome.tables.items():
        writing.write_table(folder, table, columns)
    writing.write_result(folder, _result(config, made, bench, begun))


def _result(
    config: LoadedConfig, made: _Made, bench: Workbench, begun: tuple[datetime, tuple[str, ...]]
) -> dict[str, Any]:
    """Everything that ``result.json`` says."""
    data, outcome, arms = made.data, made.outcome, made.arms
    suite = config.suite.settings
    identities = {name: identity.as_dict() for name, identity in bench.identities.items()}
    result_key, perf_key = manifest.keys(
        suite=config.suite.digest,
        digests=data.digests,
        models=identities,
        pipelines=config.said_of_pipelines,
        devices=bench.devices,
        used_threads=bench.threads,
    )
    lacking = missing(config, outcome) if arms is None else []
    return {
        "schema": SCHEMA,
        "task": suite.task,
        "suite": _told_suite(config.suite, getattr(data, "other", "")),
        "config": {
            "name": config.name,
            **config.settings.model_dump(mode="json", by_alias=True, exclude_none=True),
        },
        "config_digest": config.digest,
        "primary": suite.primary,
        "measures": list(suite.measures),
        "compare": _compared(config, made, lacking),
        "counts": dict(data.counts),
        "notes": [*config.notes, *getattr(data, "notes", ()), *outcome.notes],
        **({"partial": {"missing": lacking}} if lacking else {}),
        "warnings": _warnings(made, bench, lacking),
        "pipelines": {name: dict(part) for name, part in outcome.pipelines.items()},
        "models": identities if arms is None else {**identities, **arms.models},
        "alike": agreements(bench, data) if arms is None and not lacking else [],
        "work": bench.work if arms is None else {**bench.work, **arms.work},
        "timing": None if made.timed is None else made.timed.session or None,
        "against": None if arms is None else arms.part,
        "result_key": result_key,
        "perf_key": perf_key,
        "manifest": _manifest(config, data, bench, begun),
    }


def _compared(config: LoadedConfig, made: _Made, lacking: Sequence[str]) -> list[list[str]]:
    """The comparisons that were declared, or each pipeline with the first; none of what is missing."""
    names = list(made.outcome.pipelines)
    default = tuple((name, names[0]) for name in names[1:]) if made.arms is None else made.arms.compare
    return [list(pair) for pair in config.settings.compare or default if not set(pair) & set(lacking)]


def _warnings(made: _Made, bench: Workbench, lacking: Sequence[str]) -> list[str]:
    cut = (
        f"this run was interrupted: {listed(lacking)} {'is' if len(lacking) == 1 else 'are'} missing; the same command "
        "continues it"
    )
    return [
        *([cut] if lacking else []),
        *made.outcome.warnings,
        *bench.warnings,
        *bench.of_servers,
        *bench.own_classes(timed=made.timed is not None),
        *bench.cut_off(),
        *lineage.trained_on(bench.requests, made.data),
    ]


def _manifest(
    config: LoadedConfig, data: Any, bench: Workbench, begun: tuple[datetime, tuple[str, ...]]
) -> dict[str, Any]:
    """What the figures were made with, and when."""
    started, command = begun
    return {
        "started": started.isoformat(timespec="seconds"),
        "ended": datetime.now(UTC).isoformat(timespec="seconds"),
        "command": list(command),
        "git": manifest.git_state(Path(__file__).parent),
        "packages": manifest.packages(),
        "data_sha256": dict(data.digests),
        "seed": config.settings.seed,
        "machine": {**manifest.machine(), "precisions": precision.asked()},
        "threads": dict(bench.threads),
        "devices": bench.devices,
        "executable": sys.executable,
    }


__all__ = ["Bundle", "RunOptions", "load_config", "load_suite", "run", "score"]
