"""``harness ablation``: every cell trained once a seed, kept in the store, and put into the table."""

from __future__ import annotations

from collections.abc import Sequence

from harness import manifest
from harness.claims.ablation.figures import Ablation, Figure
from harness.claims.ablation.settings import Cell, LoadedAblation
from harness.config import digest
from harness.errors import UsageError
from harness.models.folders import Permissions
from harness.plan.backbone import stored
from harness.progress import Progress
from harness.store import Store, open_store
from harness.store.folder import folder_for
from harness.train import making, training
from harness.train.making import PlannedTraining
from harness.train.objectives import ObjectiveRecipe
from harness.train.training import Data


def run(config: LoadedAblation, permissions: Permissions, progress: Progress) -> Ablation:
    """Train what the store has not, and collect the figures. Raises a HarnessError of the kind that fits.

    Interrupted, the same command goes on where it stopped: every finished model is in the store.
    """
    root = folder_for(None, config.file.path.parent)
    if root is None:
        raise UsageError(
            "HARNESS_STORE is off, and trained models are kept in the store; unset it, or name a folder"
        )
    store = open_store(root, progress.note)
    planned = _planned([recipe for cell in config.cells for recipe in cell.recipes], permissions)
    keys = {plan.key: plan for plan in planned.values()}
    missing = {key for key, plan in keys.items() if making.find(plan, store) is None}
    for key in missing:
        making.check(keys[key], store, progress)
    progress.note(f"{config.name}: {len(keys)} models, {len(keys) - len(missing)} of them in the store")
    figures = tuple(_figure(cell, planned, store, progress) for cell in config.cells)
    said = config.settings
    first = next(iter(planned.values()))
    assert first.data is not None
    assert first.data.dev is not None
    return Ablation(
        name=config.name,
        figures=figures,
        seeds=said.seeds,
        pairs=len(first.data.dev),
        trained=len(missing),
        found=len(keys) - len(missing),
        about={
            "config": said.model_dump(mode="json"),
            "base": {"name": first.base.name, "source": first.base.source, "files": first.base.hashes()},
            "models": {name: plan.key for name, plan in planned.items()},
            "data_sha256": {name: plan.data.digest for name, plan in planned.items() if plan.data},
            "packages": manifest.packages(),
            "machine": manifest.machine(),
        },
    )


def _planned(recipes: Sequence[ObjectiveRecipe], permissions: Permissions) -> dict[str, PlannedTraining]:
    """Find backbones and data, each data set read once."""
    data: dict[str, Data] = {}
    planned = {}
    for recipe in recipes:
        said = recipe.settings
        same = digest([said.data, said.dev])
        if same not in data:
            data[same] = training.load(recipe)
        planned[recipe.name] = making.plan_recipe(recipe, permissions, data[same])
    return planned


def _figure(cell: Cell, planned: dict[str, PlannedTraining], store: Store, progress: Progress) -> Figure:
    values = []
    for recipe in cell.recipes:
        folder = making.make(planned[recipe.name], store, progress, stored(store, progress))
        (_, spearman, _), *_ = training.chosen(folder.path)
        values.append(100 * spearman)
    return Figure(cell.block, cell.row, cell.column, cell.published, tuple(values))
