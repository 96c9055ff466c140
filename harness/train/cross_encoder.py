"""Training a cross-encoder with sentence-transformers' own trainer."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from harness.datasets import factbook
from harness.errors import HarnessError, ModelError
from harness.models.folders import ModelFolder
from harness.models.protocols import BiEncoder
from harness.models.sentence import quiet
from harness.search import exact
from harness.search.topk import id_ranks
from harness.train import checkpoints, lessons
from harness.train.checkpoints import Going, OnStep
from harness.train.curve import Curve
from harness.train.lessons import Material, Pair
from harness.train.recipe import Recipe


class TrainingError(HarnessError):
    """Training cannot begin, or went wrong."""


def train(recipe: Recipe, base: ModelFolder, out: Path, going: Going) -> dict[str, Any]:
    """Train a recipe's cross-encoder from a backbone into ``out`` and return what is recorded with it.

    Raises TrainingError where a library is missing or the loss is no number.
    """
    _check_libraries()
    import torch

    from harness.train.losses import NotFiniteError

    said = recipe.settings
    from datasets.utils import logging as datasets_logging

    datasets_logging.disable_progress_bar()
    with quiet():
        found = material(recipe, going.encoder(base))
        torch.manual_seed(said.seed)
        model = _untrained(recipe, base)
        length = _tokens_of(model.tokenizer)
        pairs = lessons.schedule(found, said.lessons, said.batch_size, said.seed, length)
        watch = _watch(going.on_step)
        with going.kept.workplace() as scratch:
            trainer = _trainer(recipe, model, pairs, scratch, watch)
            try:
                checkpoints.run(trainer, going.kept, checkpoints.digest_of(pairs), watch)
            except NotFiniteError as error:
                going.kept.clear()
                raise TrainingError(
                    f"recipe {recipe.name}: {error} at step {trainer.state.global_step + 1}; lower the learning rate"
                ) from None
        model.eval()
        model.save_pretrained(str(out), create_model_card=False)
    record = {
        "recipe": recipe.name,
        "settings": said.model_dump(mode="json"),
        "base": {"name": base.name, "source": base.source, "files": base.hashes()},
        "data": {"embedded": said.data.embedded, "split": said.data.split, "sha256": factbook.digest()},
        "pairs": len(pairs),
        "steps": len(pairs) // said.batch_size,
        "losses": watch.curve.means,
    }
    (out / "training.json").write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
    (out / "README.md").write_text(_card(recipe, base, record), encoding="utf-8")
    return record


def material(recipe: Recipe, encoder: BiEncoder) -> Material:
    """Return the split's questions with what the backbone, as a bi-encoder, finds for each in the whole corpus."""
    said = recipe.settings
    passages = list(factbook.passages())
    questions = factbook.queries(said.data.split)
    grades: dict[str, dict[str, int]] = {question.id: {} for question in questions}
    for judgment in factbook.judgments(said.data.split):
        grades[judgment.query_id][judgment.passage_id] = judgment.grade
    kept = [(q.id, q.text) for q in questions if any(grade >= 2 for grade in grades[q.id].values())]
    import pyarrow as pa

    ids = [passage.id for passage in passages]
    vectors = encoder.encode([passage.text for passage in passages], "document")
    asked = encoder.encode([text for _, text in kept], "query")
    top = exact.search(asked, [vectors], encoder.similarity, said.mining_depth, id_ranks(pa.array(ids)))
    found = {query_id: [ids[i] for i in row] for (query_id, _), (row, _) in zip(kept, top, strict=True)}
    return Material({p.id: p.text for p in passages}, kept, grades, found)


def _watch(on_step: OnStep) -> Any:
    from transformers import TrainerCallback

    class Watch(TrainerCallback):  # type: ignore[misc, unused-ignore]
        """Shows progress, and remembers the losses."""

        def __init__(self) -> None:
            self.curve = Curve()

        def on_step_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:
            on_step(state.global_step, state.max_steps)

        def evaluates(self, step: int, steps: int) -> bool:
            return False

        def remembered(self) -> tuple[dict[str, Any], dict[str, Any]]:
            return {"losses": self.curve.as_dict()}, {}

        def recall(self, values: Mapping[str, Any], tensors: Mapping[str, Any]) -> None:
            self.curve.recall(values["losses"])

    return Watch()


def _tokens_of(tokenizer: Any) -> Callable[[str], int]:
    """Return how many tokens a text has; each text is counted once."""

    @cache
    def length(text: str) -> int:
        return len(tokenizer(text, add_special_tokens=False)["input_ids"])

    return length


def _untrained(recipe: Recipe, base: ModelFolder) -> Any:
    from sentence_transformers import CrossEncoder

    said = recipe.settings
    model = CrossEncoder(
        str(base.path),
        num_labels=1,
        device="cpu",
        max_length=said.max_length,
        local_files_only=True,
        config_kwargs={"hidden_dropout_prob": said.dropout, "attention_probs_dropout_prob": said.dropout},
        model_kwargs={"use_safetensors": True},
    )
    embeddings = getattr(model.transformers_model.base_model, "embeddings", None)
    if said.freeze_embeddings:
        if embeddings is None:
            raise ModelError(
                f"{base.path}: freeze_embeddings: this backbone has no embedding layer by that name"
            )
        embeddings.requires_grad_(False)
        # Which of the two texts a token belongs to is new to a bi-encoder: this part is learned.
        embeddings.token_type_embeddings.requires_grad_(said.freeze_layers == 0)
    if said.freeze_layers:
        layers = getattr(getattr(model.transformers_model.base_model, "encoder", None), "layer", None)
        if layers is None or embeddings is None or len(layers) < said.freeze_layers:
            raise ModelError(
                f"{base.path}: freeze_layers {said.freeze_layers}: this backbone has "
                f"{'no layers by that name' if layers is None else f'{len(layers)} layers'}"
            )
        for part in (embeddings, *layers[: said.freeze_layers]):
            part.requires_grad_(False)
    return model


def _trainer(recipe: Recipe, model: Any, pairs: list[Pair], scratch: Path, watch: Any) -> Any:
    from datasets import Dataset
    from sentence_transformers.base.sampler import DefaultBatchSampler
    from sentence_transformers.cross_encoder import CrossEncoderTrainer, CrossEncoderTrainingArguments
    from sentence_transformers.cross_encoder.losses import BinaryCrossEntropyLoss
    from torch.utils.data import SequentialSampler

    said = recipe.settings

    def in_order(dataset: Any, batch_size: int, drop_last: bool, **_: Any) -> Any:
        return DefaultBatchSampler(SequentialSampler(dataset), batch_size=batch_size, drop_last=drop_last)

    steps = len(pairs) // said.batch_size
    arguments = CrossEncoderTrainingArguments(
        output_dir=str(scratch),
        num_train_epochs=1,
        per_device_train_batch_size=said.batch_size,
        learning_rate=said.learning_rate,
        weight_decay=said.weight_decay,
        warmup_steps=math.ceil(said.warmup * steps),
        **_rate(said.decay, steps),
        max_grad_norm=1.0,
        bf16=said.precision == "bf16",
        use_cpu=True,
        seed=said.seed,
        data_seed=said.seed,
        batch_sampler=in_order,
        logging_strategy="no",
        save_strategy="no",
        report_to="none",
        disable_tqdm=True,
    )
    data = Dataset.from_dict(
        {
            "query": [p.query for p in pairs],
            "passage": [p.passage for p in pairs],
            "label": [p.label for p in pairs],
        }
    )
    from transformers.trainer_callback import PrinterCallback

    from harness.train.losses import Finite

    loss = Finite(BinaryCrossEntropyLoss(model), watch.curve.add)
    trainer = checkpoints.resumable(CrossEncoderTrainer)(
        model=model, args=arguments, train_dataset=data, loss=loss, callbacks=[watch]
    )
    trainer.remove_callback(PrinterCallback)
    return trainer


def _rate(decay: float, steps: int) -> dict[str, Any]:
    """How the learning rate goes after the warm-up: it falls to the end, or stays and falls in the last steps only."""
    if decay == 1:
        return {"lr_scheduler_type": "linear"}
    shape = {"num_decay_steps": math.ceil(decay * steps), "decay_type": "linear"}
    return {"lr_scheduler_type": "warmup_stable_decay", "lr_scheduler_kwargs": shape}


def _check_libraries() -> None:
    import importlib.util

    missing = [name for name in ("accelerate", "datasets") if importlib.util.find_spec(name) is None]
    if missing:
        raise TrainingError(
            f"training needs {' and '.join(missing)}, not installed here: 'python -m pip install {' '.join(missing)}' "
            "installs what is missing"
        )


def _card(recipe: Recipe, base: ModelFolder, record: dict[str, Any]) -> str:
    return (
        f"# {recipe.name}\n\nA cross-encoder made by encoder-harness from {base.name} ({base.source}) on the "
        f"{recipe.settings.data.split} split of its embedded corpus: {record['pairs']:,} pairs, "
        f"{record['steps']:,} steps, seed {recipe.settings.seed}.\n"
        "It knows this corpus' kind of questions and is no general reranker. `training.json` has everything else.\n"
    )
