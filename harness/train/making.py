"""A recipe's model, made the first time it is asked for and kept in the store."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from harness.datasets import factbook
from harness.models import folders
from harness.models.folders import ModelFolder, Permissions
from harness.progress import Progress
from harness.store import Store, trees
from harness.train import recipe as recipes
from harness.train.recipe import Recipe

KIND = "trained"


@dataclass(frozen=True)
class Planned:
    """A recipe with its backbone found and its key known; nothing is trained yet."""

    recipe: Recipe
    base: ModelFolder
    key: str


def plan(name: str, beside: Path | None, permissions: Permissions) -> Planned:
    """Find a recipe and its backbone. Raises ConfigError, ModelError."""
    recipe = recipes.load(name, beside)
    said = recipe.settings.base
    base = (
        folders.find(said, recipe.folder, None, permissions)
        if isinstance(said, str)
        else folders.find_package(said.package, permissions)
    )
    return Planned(recipe, base, recipe.key(base.hashes(), factbook.digest()))


def find(planned: Planned, store: Store) -> ModelFolder | None:
    """Return the model, where the store has it."""
    path = trees.read(store, KIND, planned.key)
    return None if path is None else _folder(path, planned)


def make(planned: Planned, store: Store, progress: Progress) -> ModelFolder:
    """Return the model from the store, trained there first where it is missing.

    Two processes that ask at once train it once.
    """
    with store.locked(planned.key):
        found = find(planned, store)
        if found is not None:
            return found
        if planned.recipe.settings.why:
            progress.note(planned.recipe.settings.why)
        trees.write(store, KIND, planned.key, lambda folder: train_into(planned, folder, progress))
    made = find(planned, store)
    assert made is not None
    return made


def train_into(planned: Planned, folder: Path, progress: Progress) -> None:
    """Train a recipe's model into a folder."""
    from harness.train import cross_encoder

    said = planned.recipe.settings
    done = 0
    questions = sum(lesson.questions or len(factbook.queries(said.data.split)) for lesson in said.lessons)
    with progress.task(f"{planned.recipe.name}: training", questions, "questions") as advance:

        def on_step(step: int, steps: int) -> None:
            nonlocal done
            reached = round(questions * step / steps)
            advance(reached - done)
            done = reached

        cross_encoder.train(planned.recipe, planned.base, folder, on_step)


def _folder(path: Path, planned: Planned) -> ModelFolder:
    return ModelFolder(path, planned.recipe.name, f"recipe {planned.recipe.name}", planned.key[:16])
