"""What existing runs are scored by: a suite, or a file of judgments in its place, as with trec_eval."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from harness.config import LoadedSuite, is_judgments, load_suite, suite_of_judgments
from harness.errors import ConfigError, UsageError, listed
from harness.measures import registry

#: The measures where nothing but a file of judgments is given; the first decides.
USUAL = ("ndcg@10", "mrr@10", "recall@100", "map")


#: How the files end that MTEB writes into its folder of predictions.
PREDICTIONS = "_predictions.json"


def judged_by(name: str | Path, measures: Sequence[str] | None = None) -> LoadedSuite:
    """Return a suite by name or path, or one made of a file of judgments.

    Raises ConfigError for what cannot be found, UsageError for measures that cannot be or that a suite has of its own.
    """
    if not is_judgments(name):
        return _suite(name, measures)
    for i, measure in enumerate(measures or ()):
        try:
            registry.parse(measure)
        except ConfigError as error:
            raise UsageError(f"--measures: {error}") from None
        if measure in (measures or ())[:i]:
            raise UsageError(f"--measures: {measure} is given twice")
    return suite_of_judgments(Path(name), measures or USUAL)


def _suite(name: str | Path, measures: Sequence[str] | None) -> LoadedSuite:
    path = Path(name)
    if path.suffix not in ("", ".yaml", ".yml") and not path.exists():
        raise UsageError(
            f"{path}: no such file; give a suite's name or YAML file, or a file of judgments as trec_eval takes it"
        )
    suite = load_suite(name)
    if measures is not None:
        raise UsageError(
            f"--measures goes with a file of judgments, and the suite {suite.name} has its own: "
            f"{listed(suite.settings.measures)}"
        )
    return suite


def run_file(path: Path, suite: LoadedSuite) -> Path:
    """Return a run's file: of a folder of MTEB's predictions, those of the suite's task, or the only ones.

    Raises UsageError where it cannot be told which.
    """
    if not path.is_dir():
        return path
    found = {one.name.removesuffix(PREDICTIONS): one for one in sorted(path.glob(f"*{PREDICTIONS}"))}
    task = str(suite.settings.dataset.get("mteb", ""))
    if len(found) != 1 and task not in found:
        told = f"those of {listed(found)}" if found else "none"
        raise UsageError(
            f"{path}: is a folder, and of MTEB's predictions ({PREDICTIONS}) it holds {told}; give the file of the "
            "task that is scored"
        )
    return found.get(task) or next(iter(found.values()))
