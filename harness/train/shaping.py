"""From examples to the columns that an objective is trained on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from harness.errors import DataError, listed
from harness.train.objectives import Objective
from harness.train.sources import LABELS, Examples


@dataclass(frozen=True)
class Shaped:
    """Columns of texts, each [n_examples], and a number for each example where the objective has labels."""

    columns: tuple[tuple[str, ...], ...]
    labels: tuple[float, ...] | tuple[int, ...] | None = None
    classes: tuple[str, ...] = field(default=())

    def __len__(self) -> int:
        return len(self.columns[0])


#: Objective -> kinds of examples it can be trained on.
_TAKES = {
    "classification": ("inferences",),
    "center": ("inferences",),
    "regression": ("pairs",),
    "binary-cross-entropy": ("pairs", "inferences"),
    "triplet": ("triplets", "inferences"),
    "contrastive": ("pairs", "inferences", "triplets"),
    "simcse-supervised": ("triplets", "inferences"),
    "simcse-unsupervised": ("pairs", "inferences", "triplets", "texts"),
}


def shaped(examples: Examples, objective: Objective) -> Shaped:
    """Return the examples as the objective takes them. Raises DataError where it cannot take them."""
    name = objective.name
    if examples.kind not in _TAKES[name]:
        raise DataError(
            f"objective {name} cannot be trained on {examples.kind}; it takes {listed(_TAKES[name])}"
        )
    result = _shaped(examples, objective)
    if not len(result):
        raise DataError(
            f"objective {name}: none of the {len(examples):,} {examples.kind} is an example for it"
        )
    return result


def _shaped(examples: Examples, objective: Objective) -> Shaped:
    name, columns = objective.name, examples.columns
    if name in ("classification", "center"):
        classes = tuple(label for label in LABELS if label in set(examples.labels))
        if len(classes) < 2:
            raise DataError(f"objective {name}: all labels are {classes[0]!r}; it needs two classes or more")
        return Shaped(columns, tuple(classes.index(label) for label in examples.labels), classes)
    if name == "simcse-unsupervised":
        texts = tuple(dict.fromkeys(text for column in columns for text in column))
        return Shaped((texts, texts))
    if name in ("regression", "binary-cross-entropy"):
        if examples.kind == "pairs":
            check_scores(examples.scores, name)
            return Shaped(columns, examples.scores)
        # Entailed or not: the two classes of binary inference.
        return Shaped(columns, tuple(float(label == "entailment") for label in examples.labels))
    if examples.kind == "triplets":
        return Shaped(columns)
    if examples.kind == "inferences":
        if name == "contrastive":
            return Shaped(_kept(columns, [label == "entailment" for label in examples.labels]))
        return Shaped(_entailed_and_contradicted(examples))
    return Shaped(_kept(columns, [score >= objective.positive_from for score in examples.scores]))


def check_scores(scores: Sequence[float], name: str) -> None:
    """Raise DataError for a label outside [0, 1], or one that is no number."""
    for i, score in enumerate(scores):
        if not 0 <= score <= 1:  # a NaN neither
            raise DataError(
                f"objective {name}: the label {score} of example {i + 1} is outside 0 to 1; 'scale: [LOW, HIGH]' "
                "brings scores there"
            )


def _kept(columns: tuple[tuple[str, ...], ...], keep: Sequence[bool]) -> tuple[tuple[str, ...], ...]:
    return tuple(tuple(text for text, kept in zip(column, keep, strict=True) if kept) for column in columns)


def _entailed_and_contradicted(examples: Examples) -> tuple[tuple[str, ...], ...]:
    """Premises with a hypothesis they entail and one they contradict [Gao et al. 2021]; the first of each."""
    found: dict[str, dict[str, str]] = {}
    for premise, hypothesis, label in zip(*examples.columns, examples.labels, strict=True):
        found.setdefault(premise, {}).setdefault(label, hypothesis)
    triplets = [
        (premise, has["entailment"], has["contradiction"])
        for premise, has in found.items()
        if "entailment" in has and "contradiction" in has
    ]
    return tuple(zip(*triplets, strict=True)) if triplets else ((), (), ())
