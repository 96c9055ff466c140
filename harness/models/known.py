"""Known answers of published models, computed here: what ``harness verify`` holds against what was published.

Nothing is fetched: a model that is not on this machine is skipped by name.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from harness.config import ModelSettings
from harness.errors import ModelError
from harness.models import loading
from harness.models.folders import Permissions
from harness.models.protocols import BiEncoder, CrossEncoder

_MINILM = "sentence-transformers/all-MiniLM-L6-v2"
#: Quickstart of the sentence-transformers documentation.
_SENTENCES = ("The weather is lovely today.", "It's so sunny outside!", "He drove to the stadium.")
_SIMILARITIES = {(0, 1): 0.6660, (0, 2): 0.1046, (1, 2): 0.1411}
_PRINTED = 1e-4  # published with four digits

_QUESTION = "How many people live in Berlin?"
_PASSAGES = (
    "Berlin had a population of 3,520,031 registered inhabitants in an area of 891.82 square kilometers.",
    "Berlin is well known for its museums.",
)
#: The models' cards: hub ids, newer first, and the logits of question and passages.
_BERLIN = (
    (("cross-encoder/ms-marco-MiniLM-L6-v2", "cross-encoder/ms-marco-MiniLM-L-6-v2"), (8.607138, -4.3200774)),
    (
        ("cross-encoder/ms-marco-TinyBERT-L2-v2", "cross-encoder/ms-marco-TinyBERT-L-2-v2"),
        (7.152365, -6.2870445),
    ),
)
_NO_NETWORK = Permissions(offline=True, why="a check fetches nothing")
_LOGITS = 1e-3  # fp32 on another device moves the fifth digit


@dataclass(frozen=True)
class Answer:
    """One published answer, and what came out here."""

    name: str
    answer: float
    found: float
    tolerance: float


@dataclass(frozen=True)
class Absent:
    """What could not be checked, and why."""

    why: str


def answers() -> Iterator[Answer | Absent]:
    """Yield every answer of the models that are on this machine."""
    yield from _similarities()
    for names, logits in _BERLIN:
        yield from _berlin(names, logits)


def _similarities() -> Iterator[Answer | Absent]:
    try:
        model = cast(BiEncoder, _load(_MINILM, ModelSettings(bi_encoder=_MINILM)))
    except ModelError as error:
        yield Absent(f"similarities of {_MINILM}: {error}")
        return
    vectors = model.encode(_SENTENCES, loading.SYMMETRIC)
    for (first, second), published in _SIMILARITIES.items():
        a, b = vectors[first].astype(float), vectors[second].astype(float)
        found = float(a @ b / ((a @ a) * (b @ b)) ** 0.5)
        yield Answer(
            f"{_MINILM}: similarity of sentences {first + 1} and {second + 1}", published, found, _PRINTED
        )


def _berlin(names: tuple[str, ...], logits: tuple[float, ...]) -> Iterator[Answer | Absent]:
    why = ""
    for name in names:
        try:
            model = cast(CrossEncoder, _load(name, ModelSettings(cross_encoder=name)))
        except ModelError as error:
            why = why or str(error)
            continue
        scores = model.score([(_QUESTION, passage) for passage in _PASSAGES])
        for number, (published, found) in enumerate(zip(logits, scores.tolist(), strict=True), 1):
            yield Answer(f"{name}: logit of Berlin pair {number}", published, found, _LOGITS)
        return
    yield Absent(f"Berlin pairs of {names[0]}: {why}")


def _load(name: str, settings: ModelSettings) -> BiEncoder | CrossEncoder:
    wanted = loading.request(name, settings, Path.cwd(), "cpu", _NO_NETWORK)
    return loading.load(wanted)[0]
