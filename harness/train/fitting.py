"""Training towards an objective with sentence-transformers' own trainers: best checkpoint kept, a NaN stops it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from harness.train import checkpoints
from harness.train.checkpoints import Going, OnStep
from harness.train.curve import Curve
from harness.train.objectives import IN_BATCH, ObjectiveSettings
from harness.train.quality import spearman_on
from harness.train.shaping import Shaped
from harness.train.sources import Examples

_COLUMNS = ("first", "second", "third")


@dataclass(frozen=True)
class Evaluation:
    """Spearman's correlation on dev after so many steps."""

    step: int
    spearman: float
    n: int


@dataclass(frozen=True)
class Fitted:
    """How training went; the model itself holds the weights of ``kept_step``."""

    steps: int
    losses: tuple[float, ...]
    evaluations: tuple[Evaluation, ...]
    kept_step: int  # 0: the weights it began with
    stopped: str | None = None  # why it stopped before its end


@dataclass
class _Best:
    """The checkpoint that is kept: the best on dev, or without dev the last."""

    step: int = 0
    score: float = -2.0
    weights: dict[str, Any] = field(default_factory=dict)


def fit(said: ObjectiveSettings, model: Any, shaped: Shaped, dev: Examples | None, going: Going) -> Fitted:
    """Train a model in place and leave it with the checkpoint that is kept."""
    from harness.train import losses

    loss = (
        losses.of_cross_encoder(said.objective, model)
        if said.kind == "cross-encoder"
        else losses.of_bi_encoder(said.objective, model, len(shaped.classes))
    )
    stopped: str | None = None
    watch = _watch(said, dev, going.on_step)
    with going.kept.workplace() as scratch:
        trainer = _trainer(said, model, losses.Finite(loss, watch.curve.add), shaped, scratch)
        trainer.add_callback(watch)
        try:
            checkpoints.run(trainer, going.kept, checkpoints.digest_of(_rows(shaped)), watch)
        except losses.NotFiniteError as error:
            stopped = f"{error} at step {trainer.state.global_step + watch.before_step}"
        steps = int(trainer.state.global_step)
    if watch.best.weights:
        model.load_state_dict(watch.best.weights)
    model.eval()
    return Fitted(steps, tuple(watch.curve.means), tuple(watch.evaluations), watch.best.step, stopped)


def _rows(shaped: Shaped) -> list[tuple[Any, ...]]:
    columns = shaped.columns if shaped.labels is None else (*shaped.columns, shaped.labels)
    return list(zip(*columns, strict=True))


def _watch(said: ObjectiveSettings, dev: Examples | None, on_step: OnStep) -> Any:
    import torch
    from transformers import TrainerCallback

    from harness.train.losses import NotFiniteError

    class Watch(TrainerCallback):  # type: ignore[misc, unused-ignore]
        """Shows progress, evaluates on dev, keeps the best weights, stops when there is no better for long."""

        before_step = 1  # what goes wrong between two steps belongs to the one that is coming

        def __init__(self) -> None:
            self.curve = Curve()
            self.evaluations: list[Evaluation] = []
            self.best = _Best()
            self.worse = 0

        def on_step_begin(self, args: Any, state: Any, control: Any, **_: Any) -> None:
            self.before_step = 1

        def on_step_end(self, args: Any, state: Any, control: Any, model: Any = None, **_: Any) -> None:
            step, steps = state.global_step, state.max_steps
            self.before_step = 0
            on_step(step, steps)
            if step not in points(steps, said.evaluations):
                return
            if dev is None:
                self._keep(model, step)
                return
            model.eval()
            with torch.inference_mode(), torch.autocast(model.device.type, enabled=False):
                found = spearman_on(model, dev)
            model.train()
            if not math.isfinite(found):
                raise NotFiniteError("dev's scores became no numbers")
            self.evaluations.append(Evaluation(step, found, len(dev)))
            better = found > self.best.score
            self.worse = 0 if better else self.worse + 1
            if better:
                self.best.score = found
            if better or said.keep == "last":
                self._keep(model, step)
            if said.patience is not None and self.worse >= said.patience:
                control.should_training_stop = True

        def _keep(self, model: Any, step: int) -> None:
            weights = {name: value.detach().cpu().clone() for name, value in model.state_dict().items()}
            if not all(
                bool(torch.isfinite(value).all()) for value in weights.values() if value.is_floating_point()
            ):
                raise NotFiniteError("the weights became no numbers")
            self.best.step, self.best.weights = step, weights

        def evaluates(self, step: int, steps: int) -> bool:
            return dev is not None and step in points(steps, said.evaluations)

        def remembered(self) -> tuple[dict[str, Any], dict[str, Any]]:
            values = {
                "losses": self.curve.as_dict(),
                "evaluations": [asdict(evaluation) for evaluation in self.evaluations],
                "best": {"step": self.best.step, "score": self.best.score},
                "worse": self.worse,
            }
            return values, self.best.weights

        def recall(self, values: Mapping[str, Any], tensors: Mapping[str, Any]) -> None:
            self.curve.recall(values["losses"])
            self.evaluations = [Evaluation(**said) for said in values["evaluations"]]
            self.best = _Best(**values["best"], weights=dict(tensors))
            self.worse = values["worse"]

    return Watch()


def points(steps: int, evaluations: int) -> set[int]:
    """Return the steps after which dev is evaluated: as evenly spread as can be, the last one among them."""
    return {round(steps * (i + 1) / evaluations) for i in range(evaluations)} - {0} | {steps}


def _trainer(said: ObjectiveSettings, model: Any, loss: Any, shaped: Shaped, scratch: Path) -> Any:
    from datasets import Dataset
    from transformers.trainer_callback import PrinterCallback

    from harness.train.batches import LengthBuckets

    if said.kind == "cross-encoder":
        from sentence_transformers.cross_encoder import CrossEncoderTrainer as Trainer
        from sentence_transformers.cross_encoder import CrossEncoderTrainingArguments as Arguments
    else:
        from sentence_transformers.sentence_transformer import SentenceTransformerTrainer as Trainer
        from sentence_transformers.sentence_transformer import (
            SentenceTransformerTrainingArguments as Arguments,
        )
    in_batch = said.objective.name in IN_BATCH
    lengths = _lengths(shaped.columns)

    def bucketed(dataset: Any, batch_size: int, **_: Any) -> Any:
        return LengthBuckets(dataset, batch_size, lengths, said.seed)

    columns: dict[str, Any] = dict(zip(_COLUMNS, map(list, shaped.columns), strict=False))
    if shaped.labels is not None:
        columns["label"] = list(shaped.labels)
    steps = len(shaped) // said.batch_size * said.epochs
    arguments = Arguments(
        output_dir=str(scratch),
        num_train_epochs=said.epochs,
        max_steps=said.steps or -1,
        per_device_train_batch_size=said.batch_size,
        learning_rate=said.learning_rate,
        weight_decay=said.weight_decay,
        warmup_steps=round(said.warmup * min(steps, said.steps or steps)),
        lr_scheduler_type="linear",
        max_grad_norm=1.0,
        bf16=said.precision == "bf16",
        use_cpu=model.device.type == "cpu",
        seed=said.seed,
        data_seed=said.seed,
        batch_sampler="no_duplicates" if in_batch else bucketed,
        dataloader_drop_last=True,
        logging_strategy="no",
        save_strategy="no",
        report_to="none",
        disable_tqdm=True,
    )
    model.model_card_data.widget = [
        {"text": ""}
    ]  # else the library draws some for a card that is not written
    data = Dataset.from_dict(columns)
    trainer = checkpoints.resumable(Trainer)(model=model, args=arguments, train_dataset=data, loss=loss)
    trainer.remove_callback(PrinterCallback)
    return trainer


def _lengths(columns: Sequence[Sequence[str]]) -> list[int]:
    return [sum(map(len, row)) for row in zip(*columns, strict=True)]
