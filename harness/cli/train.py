"""``harness train RECIPE``."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from harness.cli import options
from harness.cli.parsing import add_verb


def add(verbs: Any) -> None:
    """Add the verb."""
    verb = add_verb(
        verbs,
        "train",
        "make a model by a recipe, or find it where it was made before",
        ("quickstart-cross-encoder", "the quickstart's cross-encoder"),
        ("recipe.yaml --set seed=1 --out models/ranker", "your own recipe, and a copy of the model"),
    )
    verb.add_argument(
        "recipe",
        metavar="RECIPE",
        help="a recipe's name (configs/recipes/NAME.yaml) or the path of a YAML file",
    )
    verb.add_argument(
        "--out", type=Path, metavar="DIR", help="copy the model there (default: it stays in the store)"
    )
    options.overrides(verb)
    options.offline(verb)
    verb.set_defaults(handler=handle)


def handle(given: argparse.Namespace) -> int:
    """Train, and say where the model lies."""
    import shutil

    from harness import console
    from harness.errors import UsageError
    from harness.models.folders import Permissions
    from harness.plan.backbone import stored
    from harness.plan.offline import go_offline
    from harness.progress import default
    from harness.results.target import check_writable
    from harness.results.writing import writing
    from harness.store.folder import folder_for, open_store
    from harness.train import making, training

    if given.offline:
        go_offline()
    if given.out is not None:
        check_writable(given.out)
        if given.out.exists():
            raise UsageError(f"{given.out} exists already; name a folder that does not")
    root = folder_for(None, Path.cwd())
    if root is None:
        raise UsageError(
            "HARNESS_STORE is off, and a trained model is kept in the store; unset it, or name a folder"
        )
    progress = default()
    planned = making.plan(given.recipe, None, Permissions(offline=given.offline), given.overrides)
    store = open_store(root, progress.note)
    if making.find(planned, store) is None:
        making.check(planned, store, progress)
    folder = making.make(planned, store, progress, stored(store, progress)).path
    if given.out is not None:
        with writing(given.out) as partial:
            unwanted = shutil.ignore_patterns("FILES.json")
            shutil.copytree(folder, partial, ignore=unwanted, dirs_exist_ok=True)
        folder = given.out
    kind = planned.recipe.settings.kind.replace("-", "_")
    console.say(f"{planned.recipe.name}: {folder}")
    for step, spearman, n in training.chosen(folder):
        console.say(
            f"Spearman {spearman:.4f} on the {n:,} dev pairs after step {step:,}, which is the checkpoint kept"
        )
    for before, after in training.before_and_after(folder):
        for name, count in (("spearman", "pairs"), ("alignment", "positive_pairs"), ("uniformity", "texts")):
            if name in before:
                console.say(
                    f"{name}: {before[name]:.4f} before, {after[name]:.4f} after ({before[count]:,} {count} of dev)"
                )
    console.say(f"In a config: {{{kind}: {folder}}}, or {{{kind}: {{recipe: {given.recipe}}}}}")
    return 0
