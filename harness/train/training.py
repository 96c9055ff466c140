"""From a recipe with an objective to a model's folder: weights, a card, and what it was made of."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from harness.errors import DataError, listed
from harness.models.folders import ModelFolder
from harness.models.sentence import quiet
from harness.train import lineage, shaping, sources
from harness.train.checkpoints import Going
from harness.train.cross_encoder import _check_libraries
from harness.train.fitting import Fitted, fit
from harness.train.objectives import IN_BATCH, ObjectiveRecipe
from harness.train.shaping import Shaped
from harness.train.sources import Examples

RECORD = "training.json"
_SPHERE = ("spearman", "alignment", "uniformity")


@dataclass(frozen=True)
class Data:
    """What a recipe is trained on, and the pairs that choose its checkpoint."""

    examples: Examples
    dev: Examples | None

    @property
    def digest(self) -> str:
        """SHA-256 of both."""
        return f"{self.examples.digest} {self.dev.digest if self.dev else ''}"


def load(recipe: ObjectiveRecipe) -> Data:
    """Load a recipe's data. Raises ConfigError, DataError."""
    said = recipe.settings
    dev = None if said.dev is None else sources.scored_pairs(said.dev, recipe.file)
    return Data(sources.load(said.data, recipe.file), dev)


def train(recipe: ObjectiveRecipe, base: ModelFolder, data: Data, out: Path, going: Going) -> Fitted:
    """Train a recipe's model into ``out``. Raises HarnessError for data or a backbone that does not fit.

    Where the loss becomes no number, ``Fitted.stopped`` says so, and the weights are those of the last good
    checkpoint, or nothing is written where there is none.
    """
    _check_libraries()
    from datasets.utils import logging as datasets_logging

    from harness.train import backbones

    datasets_logging.disable_progress_bar()
    said = recipe.settings
    shaped = shaping.shaped(data.examples, said.objective)
    with quiet():
        if said.mining is not None:
            from harness.train import mining

            shaped = mining.mined(shaped, said.mining, said.objective, going.encoder(base))
        check_batches(recipe, shaped)
        model = backbones.untrained(said, base)
        measured = [_sphere(recipe, model, data)]
        fitted = fit(said, model, shaped, data.dev, going)
        if fitted.kept_step:
            measured.append(_sphere(recipe, model, data))
            model.save_pretrained(str(out), create_model_card=False)
    if fitted.kept_step:
        record = _record(recipe, base, data, shaped, fitted)
        if all(measured):
            record |= dict(zip(("before", "after"), measured, strict=True))
        (out / RECORD).write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
        (out / "README.md").write_text(card(record), encoding="utf-8")
        lineage.write(out, shaped)
    return fitted


def _sphere(recipe: ObjectiveRecipe, model: Any, data: Data) -> dict[str, Any] | None:
    from harness.train import quality

    if not recipe.settings.before_and_after or data.dev is None:
        return None
    model.eval()
    return quality.sphere_on(model, data.dev)


def check_batches(recipe: ObjectiveRecipe, shaped: Shaped) -> None:
    """Raise DataError where there are too few examples for one batch."""
    said = recipe.settings
    if len(shaped) < said.batch_size:
        why = ", whose rest are the negatives" if said.objective.name in IN_BATCH else ""
        raise DataError(
            f"recipe {recipe.name}: {len(shaped):,} examples fill no batch of {said.batch_size}{why}; lower "
            "batch_size, or give more data"
        )


def _record(
    recipe: ObjectiveRecipe, base: ModelFolder, data: Data, shaped: Shaped, fitted: Fitted
) -> dict[str, Any]:
    from harness.train.objectives import versions

    said, dev = recipe.settings, data.dev
    return {
        "recipe": recipe.name,
        "recipe_sha256": recipe.digest,
        "settings": said.model_dump(mode="json", exclude_none=True),
        "base": {"name": base.name, "source": base.source, "files": base.hashes()},
        "data": {
            "kind": data.examples.kind,
            "sha256": data.examples.digest,
            "examples": len(data.examples),
            "skipped": data.examples.skipped,
            "trained_on": len(shaped),
            "classes": list(shaped.classes),
        },
        "dev": None if dev is None else {"sha256": dev.digest, "pairs": len(dev)},
        "steps": fitted.steps,
        "kept_step": fitted.kept_step,
        "stopped": fitted.stopped,
        "losses": list(fitted.losses),
        "evaluations": [asdict(evaluation) for evaluation in fitted.evaluations],
        "packages": versions(),
    }


def before_and_after(folder: Path) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    """Return what was measured on dev at start and end, where the recipe asked for it."""
    path = folder / RECORD
    record = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    return [(record["before"], record["after"])] if "before" in record else []


def chosen(folder: Path) -> list[tuple[int, float, int]]:
    """Return (step, Spearman, pairs) of the evaluation that a model's checkpoint was chosen by, or nothing."""
    path = folder / RECORD
    if not path.is_file():
        return []
    record = json.loads(path.read_text(encoding="utf-8"))
    found = [e for e in record.get("evaluations", ()) if e["step"] == record["kept_step"]]
    return [(e["step"], e["spearman"], e["n"]) for e in found]


def card(record: dict[str, Any]) -> str:
    """Return a model's card, from its record."""
    said, data, base = record["settings"], record["data"], record["base"]
    kind = "cross-encoder" if said["kind"] == "cross-encoder" else "bi-encoder"
    lines = [
        f"# {record['recipe']}",
        "",
        f"A {kind} made by encoder-harness from {base['name']} ({base['source']})"
        + (f", its first {said['layers']} layers" if "layers" in said else "")
        + f", towards the objective {said['objective']['name']}.",
        "",
        f"- Trained on {data['trained_on']:,} examples of {data['examples']:,} {data['kind']} "
        f"(SHA-256 {data['sha256'][:16]}), {record['steps']:,} steps of {said['batch_size']}, seed {said['seed']}.",
    ]
    if kind == "bi-encoder":
        lines.append(f"- Pooling {said.get('pooling', 'mean')}.")
    kept = [e for e in record["evaluations"] if e["step"] == record["kept_step"]]
    if kept:
        lines.append(
            f"- The checkpoint after step {kept[0]['step']:,} is kept: Spearman {kept[0]['spearman']:.4f} on the "
            f"{kept[0]['n']:,} dev pairs that chose it, which is therefore no test."
        )
    if "before" in record:
        told = (
            f"{name} {record['before'][name]:.4f} before, {record['after'][name]:.4f} after"
            for name in _SPHERE
            if name in record["before"]
        )
        lines.append(f"- On dev: {listed(told)}.")
    if record["stopped"]:
        lines.append(f"- Training stopped: {record['stopped']}.")
    lines += [
        "",
        f"`{RECORD}` has every setting, loss and version; `{lineage.FILE}` digests of what it was trained on.",
        f"Packages: {listed(f'{name} {version}' for name, version in record['packages'].items())}.",
    ]
    return "\n".join(lines) + "\n"
