"""What a recipe says: from which weights, on what, and how."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, model_validator

from harness import locate, settings
from harness.config import PackagedModel, digest
from harness.config.configs import read_overridden
from harness.settings import Settings
from harness.train import lessons
from harness.train.lessons import Lesson
from harness.train.objectives import ObjectiveRecipe, ObjectiveSettings, versions
from harness.values import Seed

Positive = Annotated[int, Field(ge=1)]


class TrainingData(Settings):
    """The embedded corpus, and one of its splits."""

    embedded: Literal["factbook"]
    split: Literal["train", "dev"] = "train"


class RecipeSettings(Settings):
    """A cross-encoder with one output, trained on the logit with binary cross-entropy."""

    kind: Literal["cross-encoder"]
    version: Positive
    base: str | PackagedModel
    data: TrainingData
    lessons: Annotated[tuple[Lesson, ...], Field(min_length=1)]
    mining_depth: Positive = 50
    freeze_embeddings: bool = True
    freeze_layers: Annotated[int, Field(ge=0)] = 0  # the first so many, and all of the embeddings
    dropout: Annotated[float, Field(ge=0, lt=1)] = 0.0
    batch_size: Annotated[int, Field(ge=6)] = 24
    learning_rate: Annotated[float, Field(gt=0)]
    weight_decay: Annotated[float, Field(ge=0)] = 0.01
    warmup: Annotated[float, Field(ge=0, lt=1)] = 0.06
    decay: Annotated[float, Field(gt=0, le=1)] = (
        1.0  # the last share of the steps, in which the rate falls to 0
    )
    max_length: Positive = 96
    precision: Literal["auto", "fp32", "bf16"] = "auto"
    seed: Seed = 0
    description: str = ""
    why: str = ""  # one line, shown when the model is made

    @model_validator(mode="after")
    def _whole_groups(self) -> RecipeSettings:
        for lesson in self.lessons:
            if self.batch_size % lesson.group_size:
                raise ValueError(
                    f"batch_size {self.batch_size} holds no whole number of groups of {lesson.group_size} pairs, as "
                    f"{lesson.negatives} negatives make; give a multiple of {lesson.group_size}"
                )
        if self.decay + self.warmup > 1 and self.decay < 1:
            raise ValueError(
                f"warmup {self.warmup:g} and decay {self.decay:g} are more than all steps together"
            )
        return self


@dataclass(frozen=True)
class Recipe:
    """A recipe and the file it came from."""

    name: str
    settings: RecipeSettings
    folder: Path

    def key(self, base_files: dict[str, str], data_digest: str) -> str:
        """Return the digest of everything that the trained weights depend on."""
        code = {
            path.name: digest(path.read_text(encoding="utf-8"))
            for path in (Path(lessons.__file__), Path(__file__).with_name("cross_encoder.py"))
        }
        said = self.settings.model_dump(mode="json", exclude={"description", "why"})
        return digest([said, base_files, data_digest, versions(), code])


def load(name: str, beside: Path | None = None, overrides: Iterable[str] = ()) -> Recipe | ObjectiveRecipe:
    """Load a recipe by name (from ``configs/recipes``) or path. Raises ConfigError.

    ``overrides`` are ``key.inner=value`` texts, the value in YAML, as ``--set`` takes them.
    """
    path = locate.find("configs/recipes", name, beside)
    file = read_overridden(path, overrides)
    if "objective" in file.content:
        return ObjectiveRecipe(path.stem, settings.build(ObjectiveSettings, file.content, file), file)
    return Recipe(path.stem, settings.build(RecipeSettings, file.content, file), path.parent)
