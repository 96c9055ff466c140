"""A recipe's model, made the first time it is asked for and kept in the store."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from harness.config import digest
from harness.datasets import factbook
from harness.models import device as devices
from harness.models import folders, precision
from harness.models.folders import ModelFolder, Permissions
from harness.models.protocols import BiEncoder
from harness.progress import Progress
from harness.store import Store, trees
from harness.train import checkpoints, room, training
from harness.train import recipe as recipes
from harness.train.checkpoints import Checkpoints, Going
from harness.train.cross_encoder import TrainingError
from harness.train.objectives import ObjectiveRecipe
from harness.train.recipe import Recipe
from harness.train.training import Data

KIND = "trained"

#: Makes a bi-encoder of a backbone: on CPU, in fp32, with its own settings.
Backbone = Callable[[ModelFolder], BiEncoder]


@dataclass(frozen=True)
class PlannedTraining:
    """A recipe with its backbone found, its data loaded and its key known; nothing is trained yet."""

    recipe: Recipe | ObjectiveRecipe
    base: ModelFolder
    key: str
    data: Data | None = None  # of a recipe with an objective


def plan(
    name: str, beside: Path | None, permissions: Permissions, overrides: Iterable[str] = ()
) -> PlannedTraining:
    """Find a recipe, its backbone and its data. Raises ConfigError, ModelError, DataError."""
    return plan_recipe(recipes.load(name, beside, overrides), permissions)


def plan_recipe(
    recipe: Recipe | ObjectiveRecipe, permissions: Permissions, data: Data | None = None
) -> PlannedTraining:
    """Find a loaded recipe's backbone, and its data if it is not given. Raises ConfigError, ModelError, DataError."""
    recipe = _with_precision(recipe)
    said = recipe.settings.base
    base = (
        folders.find(said, recipe.folder, None, permissions)
        if isinstance(said, str)
        else folders.find_package(said.package, permissions)
    )
    if isinstance(recipe, Recipe):
        return PlannedTraining(recipe, base, recipe.key(base.hashes(), factbook.digest()))
    data = data or training.load(recipe)
    return PlannedTraining(recipe, base, recipe.key(base.hashes(), data.digest), data)


def _with_precision(recipe: Recipe | ObjectiveRecipe) -> Any:
    """Return the recipe with the precision that it is trained in here, which its weights depend on."""
    device = getattr(recipe.settings, "device", "cpu")
    used = precision.resolved(recipe.settings.precision, devices.named(device), made_here=True)
    said: Any = recipe.settings.model_copy(update={"precision": used})
    return replace(recipe, settings=said)


def find(planned: PlannedTraining, store: Store) -> ModelFolder | None:
    """Return the model, where the store has it."""
    path = trees.read(store, KIND, planned.key)
    return None if path is None else _folder(path, planned)


def check(planned: PlannedTraining, store: Store, progress: Progress) -> None:
    """Raise ResourceError where this machine has too little memory or disk to train a recipe's model.

    A training that had begun here is not asked.
    """
    recipe = planned.recipe
    if not store.place(checkpoints.KIND, planned.key).is_dir():
        room.check(recipe.name, room.needed(recipe.settings, planned.base), store, progress.note)


def make(
    planned: PlannedTraining, store: Store, progress: Progress, backbone: Backbone | None = None
) -> ModelFolder:
    """Return the model from the store, trained there first where it is missing.

    ``backbone`` gives the base as a bi-encoder that remembers what it encoded, for mining.

    Two processes that ask at once train it once; a training that was cut off goes on from its last checkpoint. Raises
    TrainingError where the loss became no number: the last good checkpoint is then kept in the store, in a place of
    its own.
    """
    recipe = planned.recipe
    with store.locked(planned.key):
        kept = Checkpoints(store, planned.key, recipe.name, progress.note)
        found = find(planned, store)
        if found is not None:
            kept.clear()
            return found
        job = _Job(kept, progress, backbone)
        if kept.find() is None and recipe.settings.why:
            progress.note(recipe.settings.why)
        if isinstance(recipe, Recipe):
            trees.write(store, KIND, planned.key, lambda folder: _train_into(planned, folder, job))
        else:
            _make_towards_objective(planned, recipe, job)
        kept.clear()
    made = find(planned, store)
    assert made is not None
    return made


@dataclass(frozen=True)
class _Job:
    """What a training is given, whatever the recipe."""

    kept: Checkpoints
    progress: Progress
    backbone: Backbone | None


def _train_into(planned: PlannedTraining, folder: Path, job: _Job) -> None:
    """Train the model of a recipe with lessons into a folder."""
    from harness.train import cross_encoder

    assert isinstance(planned.recipe, Recipe)
    said = planned.recipe.settings
    questions = sum(lesson.questions or len(factbook.queries(said.data.split)) for lesson in said.lessons)
    with _going(job, questions, "questions") as going:
        cross_encoder.train(planned.recipe, planned.base, folder, going)


@contextmanager
def _going(job: _Job, total: int, unit: str) -> Iterator[Going]:
    """Show a training that stands where its last checkpoint is, and say what an interruption leaves."""
    kept, progress = job.kept, job.progress

    def reached(step: int, steps: int) -> int:
        return round(total * step / steps)

    there = kept.reached
    done = 0 if there is None else reached(there.step, there.steps)
    if there is not None:
        progress.note(f"recipe {kept.recipe}: continues at {unit[:-1]} {done:,} of {total:,}")
    try:
        with progress.task(f"{kept.recipe}: training", total, unit, done) as advance:

            def on_step(step: int, steps: int) -> None:
                nonlocal done
                advance(reached(step, steps) - done)
                done = reached(step, steps)

            yield Going(on_step, kept, job.backbone)
    except KeyboardInterrupt:
        there = kept.reached
        where = (
            "begins anew, as there was no checkpoint yet"
            if there is None
            else f"continues at {unit[:-1]} {reached(there.step, there.steps):,}"
        )
        progress.note(
            f"recipe {kept.recipe}: interrupted at {unit[:-1]} {done:,} of {total:,}; the same command {where}"
        )
        raise


def _make_towards_objective(planned: PlannedTraining, recipe: ObjectiveRecipe, job: _Job) -> None:
    assert planned.data is not None
    kept, store = job.kept, job.kept.store
    examples = len(planned.data.examples) * recipe.settings.epochs
    with trees.scratch(store, planned.key) as scratch:
        with _going(job, examples, "examples") as going:
            fitted = training.train(recipe, planned.base, planned.data, scratch, going)

        def fill(folder: Path) -> None:
            shutil.copytree(scratch, folder, dirs_exist_ok=True)

        if fitted.stopped is None:
            trees.write(store, KIND, planned.key, fill)
            return
        kept.clear()
        key = digest([planned.key, "stopped"])
        if fitted.kept_step:
            trees.write(store, KIND, key, fill)
    left = "no checkpoint was reached before it, so nothing is kept"
    if fitted.kept_step:
        scores = [e.spearman for e in fitted.evaluations if e.step == fitted.kept_step]
        score = f" (Spearman {scores[0]:.4f} on dev)" if scores else ""
        left = f"the checkpoint after step {fitted.kept_step}{score} is kept in {store.place(KIND, key)}"
    said = recipe.settings
    raise TrainingError(
        f"recipe {recipe.name}: {fitted.stopped}, and training stopped; {left}. Lower learning_rate (now "
        f"{said.learning_rate:g}){', or train in fp32' if said.precision != 'fp32' else ''}"
    )


def _folder(path: Path, planned: PlannedTraining) -> ModelFolder:
    return ModelFolder(path, planned.recipe.name, f"recipe {planned.recipe.name}", planned.key[:16])
