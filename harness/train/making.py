"""A recipe's model, made the first time it is asked for and kept in the store."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterable
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
from harness.train import recipe as recipes
from harness.train import training
from harness.train.cross_encoder import TrainingError
from harness.train.fitting import Fitted
from harness.train.objectives import ObjectiveRecipe
from harness.train.recipe import Recipe
from harness.train.training import Data

KIND = "trained"

#: Makes a bi-encoder of a backbone: on CPU, in fp32, with its own settings.
Backbone = Callable[[ModelFolder], BiEncoder]


@dataclass(frozen=True)
class Planned:
    """A recipe with its backbone found, its data loaded and its key known; nothing is trained yet."""

    recipe: Recipe | ObjectiveRecipe
    base: ModelFolder
    key: str
    data: Data | None = None  # of a recipe with an objective


def plan(name: str, beside: Path | None, permissions: Permissions, overrides: Iterable[str] = ()) -> Planned:
    """Find a recipe, its backbone and its data. Raises ConfigError, ModelError, DataError."""
    return plan_recipe(recipes.load(name, beside, overrides), permissions)


def plan_recipe(
    recipe: Recipe | ObjectiveRecipe, permissions: Permissions, data: Data | None = None
) -> Planned:
    """Find a loaded recipe's backbone, and its data if it is not given. Raises ConfigError, ModelError, DataError."""
    recipe = _with_precision(recipe)
    said = recipe.settings.base
    base = (
        folders.find(said, recipe.folder, None, permissions)
        if isinstance(said, str)
        else folders.find_package(said.package, permissions)
    )
    if isinstance(recipe, Recipe):
        return Planned(recipe, base, recipe.key(base.hashes(), factbook.digest()))
    data = data or training.load(recipe)
    return Planned(recipe, base, recipe.key(base.hashes(), data.digest), data)


def _with_precision(recipe: Recipe | ObjectiveRecipe) -> Any:
    """Return the recipe with the precision that it is trained in here, which its weights depend on."""
    device = getattr(recipe.settings, "device", "cpu")
    used = precision.resolved(recipe.settings.precision, devices.named(device), made_here=True)
    said: Any = recipe.settings.model_copy(update={"precision": used})
    return replace(recipe, settings=said)


def find(planned: Planned, store: Store) -> ModelFolder | None:
    """Return the model, where the store has it."""
    path = trees.read(store, KIND, planned.key)
    return None if path is None else _folder(path, planned)


def make(planned: Planned, store: Store, progress: Progress, backbone: Backbone | None = None) -> ModelFolder:
    """Return the model from the store, trained there first where it is missing.

    ``backbone`` gives the base as a bi-encoder that remembers what it encoded, for mining.

    Two processes that ask at once train it once. Raises TrainingError where the loss became no number: the last
    good checkpoint is then kept in the store, in a place of its own.
    """
    with store.locked(planned.key):
        found = find(planned, store)
        if found is not None:
            return found
        if planned.recipe.settings.why:
            progress.note(planned.recipe.settings.why)
        if isinstance(planned.recipe, Recipe):
            trees.write(
                store, KIND, planned.key, lambda folder: train_into(planned, folder, progress, backbone)
            )
        else:
            _make_towards_objective(planned, planned.recipe, store, progress)
    made = find(planned, store)
    assert made is not None
    return made


def train_into(planned: Planned, folder: Path, progress: Progress, backbone: Backbone | None = None) -> None:
    """Train the model of a recipe with lessons into a folder."""
    from harness.train import cross_encoder

    assert isinstance(planned.recipe, Recipe)
    said = planned.recipe.settings
    done = 0
    questions = sum(lesson.questions or len(factbook.queries(said.data.split)) for lesson in said.lessons)
    with progress.task(f"{planned.recipe.name}: training", questions, "questions") as advance:

        def on_step(step: int, steps: int) -> None:
            nonlocal done
            reached = round(questions * step / steps)
            advance(reached - done)
            done = reached

        encoder = None if backbone is None else backbone(planned.base)
        cross_encoder.train(planned.recipe, planned.base, folder, on_step, encoder)


def _make_towards_objective(
    planned: Planned, recipe: ObjectiveRecipe, store: Store, progress: Progress
) -> None:
    with tempfile.TemporaryDirectory(prefix="harness-trained-") as scratch:
        fitted = _fit(planned, recipe, Path(scratch), progress)

        def fill(folder: Path) -> None:
            shutil.copytree(scratch, folder, dirs_exist_ok=True)

        if fitted.stopped is None:
            trees.write(store, KIND, planned.key, fill)
            return
        key = digest([planned.key, "stopped"])
        if fitted.kept_step:
            trees.write(store, KIND, key, fill)
    kept = "no checkpoint was reached before it, so nothing is kept"
    if fitted.kept_step:
        scores = [e.spearman for e in fitted.evaluations if e.step == fitted.kept_step]
        score = f" (Spearman {scores[0]:.4f} on dev)" if scores else ""
        kept = f"the checkpoint after step {fitted.kept_step}{score} is kept in {store.place(KIND, key)}"
    said = recipe.settings
    raise TrainingError(
        f"recipe {recipe.name}: {fitted.stopped}, and training stopped; {kept}. Lower learning_rate (now "
        f"{said.learning_rate:g}){', or train in fp32' if said.precision != 'fp32' else ''}"
    )


def _fit(planned: Planned, recipe: ObjectiveRecipe, folder: Path, progress: Progress) -> Fitted:
    assert planned.data is not None
    done = 0
    examples = len(planned.data.examples) * recipe.settings.epochs
    with progress.task(f"{recipe.name}: training", examples, "examples") as advance:

        def on_step(step: int, steps: int) -> None:
            nonlocal done
            reached = round(examples * step / steps)
            advance(reached - done)
            done = reached

        return training.train(recipe, planned.base, planned.data, folder, on_step)


def _folder(path: Path, planned: Planned) -> ModelFolder:
    return ModelFolder(path, planned.recipe.name, f"recipe {planned.recipe.name}", planned.key[:16])
