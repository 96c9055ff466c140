"""Each objective's loss equals its formula, written out in NumPy, on a batch made by hand."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from harness.models.folders import ModelFolder
from harness.train import backbones, losses
from harness.train.objectives import Objective, ObjectiveSettings

FIRST = ["the river flows north", "a tall tree", "the old stone bank"]
SECOND = ["the long river", "a green tree grows in the forest", "the bird flies"]
THIRD = ["the fish swims", "snow and water", "a deep blue lake"]
SCORES = [0.9, 0.5, 0.0]
CLASSES = [0, 2, 1]


def settings(kind: str, objective: dict[str, Any], **more: Any) -> ObjectiveSettings:
    said = {
        "kind": kind,
        "version": 1,
        "base": "x",
        "objective": objective,
        "data": {"texts": "x"},
        "learning_rate": 1,
    }
    return ObjectiveSettings.model_validate({**said, "max_length": 32, "dropout": 0.0, **more})


@pytest.fixture(scope="module")
def model(tiny_backbone: Path) -> Any:
    made = backbones.untrained(
        settings("bi-encoder", {"name": "regression"}), ModelFolder(tiny_backbone, "tiny", "folder")
    )
    return made.train()  # as in training; dropout is 0


def loss_of(
    model: Any, objective: Objective, columns: list[list[str]], labels: list[float]
) -> tuple[float, Any]:
    torch.manual_seed(1)
    loss = losses.of_bi_encoder(objective, model, n_classes=3)
    features = [model.preprocess(column) for column in columns]
    return float(loss(features, torch.tensor(labels)).detach()), loss


def embedded(model: Any, texts: list[str]) -> np.ndarray:
    with torch.no_grad():
        return np.asarray(model(model.preprocess(texts))["sentence_embedding"], dtype=np.float64)


def cosines(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    unit = [m / np.linalg.norm(m, axis=1, keepdims=True) for m in (x, y)]
    return unit[0] @ unit[1].T


def cross_entropy(logits: np.ndarray, classes: list[int]) -> float:
    shifted = logits - logits.max(axis=1, keepdims=True)
    log_p = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    return float(-np.mean([row[c] for row, c in zip(log_p, classes, strict=True)]))


PARTS = {
    "u": lambda u, v: u,
    "v": lambda u, v: v,
    "|u-v|": lambda u, v: np.abs(u - v),
    "u*v": lambda u, v: u * v,
}


@pytest.mark.parametrize(
    "parts",
    [
        ("u", "v"),
        ("|u-v|",),
        ("u*v",),
        ("|u-v|", "u*v"),
        ("u", "v", "u*v"),
        ("u", "v", "|u-v|"),
        ("u", "v", "|u-v|", "u*v"),
    ],
)
def test_classification(model: Any, parts: tuple[str, ...]) -> None:
    objective = Objective(name="classification", concatenation=parts)
    value, loss = loss_of(model, objective, [FIRST, SECOND], CLASSES)
    u, v = embedded(model, FIRST), embedded(model, SECOND)
    features = np.concatenate([PARTS[part](u, v) for part in parts], axis=1)
    weight, bias = (
        p.detach().numpy().astype(np.float64) for p in (loss.classifier.weight, loss.classifier.bias)
    )
    assert weight.shape == (3, 32 * len(parts))
    assert value == pytest.approx(cross_entropy(features @ weight.T + bias, CLASSES), abs=1e-5)


def test_regression(model: Any) -> None:
    value, _ = loss_of(model, Objective(name="regression"), [FIRST, SECOND], SCORES)
    cos = np.diag(cosines(embedded(model, FIRST), embedded(model, SECOND)))
    assert value == pytest.approx(np.mean((cos - SCORES) ** 2), abs=1e-6)


@pytest.mark.parametrize("margin", [1.0, 5.0])
def test_triplet_is_euclidean_with_its_margin(model: Any, margin: float) -> None:
    value, _ = loss_of(model, Objective(name="triplet", margin=margin), [FIRST, SECOND, THIRD], [0.0] * 3)
    a, p, n = (embedded(model, texts) for texts in (FIRST, SECOND, THIRD))
    gaps = np.linalg.norm(a - p, axis=1) - np.linalg.norm(a - n, axis=1) + margin
    assert value == pytest.approx(np.maximum(gaps, 0).mean(), abs=1e-5)
    assert Objective(name="triplet").margin == 1


@pytest.mark.parametrize("name", ["contrastive", "simcse-supervised"])
def test_in_batch_contrast_with_hard_negatives_and_without(model: Any, name: Any) -> None:
    objective = Objective(name=name, scale=20)
    u = embedded(model, FIRST)
    for columns in ([FIRST, SECOND], [FIRST, SECOND, THIRD]):
        value, _ = loss_of(model, objective, columns, [0.0] * 3)
        others = np.concatenate([embedded(model, texts) for texts in columns[1:]])
        assert value == pytest.approx(cross_entropy(20 * cosines(u, others), [0, 1, 2]), abs=1e-4)


def test_binary_cross_entropy(model: Any) -> None:
    value, loss = loss_of(model, Objective(name="binary-cross-entropy", scale=10), [FIRST, SECOND], SCORES)
    assert loss.loss.scale.item() == 10
    assert loss.loss.shift.item() == 0
    p = 1 / (1 + np.exp(-10 * np.diag(cosines(embedded(model, FIRST), embedded(model, SECOND)))))
    y = np.asarray(SCORES)
    assert value == pytest.approx(np.mean(-y * np.log(p) - (1 - y) * np.log(1 - p)), abs=1e-4)


def test_center_loss(model: Any) -> None:
    objective = Objective(name="center", center_weight=0.5, concatenation=("u", "v", "|u-v|"))
    torch.manual_seed(1)
    loss = losses.of_bi_encoder(objective, model, 3)
    inner: Any = loss.loss
    with torch.no_grad():
        inner.centers.copy_(torch.arange(3 * 96).reshape(3, 96) / 100)
    value = float(loss([model.preprocess(t) for t in (FIRST, SECOND)], torch.tensor(CLASSES)).detach())
    u, v = embedded(model, FIRST), embedded(model, SECOND)
    features = np.concatenate([u, v, np.abs(u - v)], axis=1)
    weight, bias, centers = (
        p.detach().numpy().astype(np.float64)
        for p in (inner.classifier.weight, inner.classifier.bias, inner.centers)
    )
    pull = np.mean(((features - centers[CLASSES]) ** 2).sum(axis=1))
    assert value == pytest.approx(cross_entropy(features @ weight.T + bias, CLASSES) + 0.25 * pull, rel=1e-5)


def test_unsupervised_simcse_s_only_augmentation_is_dropout(tiny_backbone: Path) -> None:
    folder = ModelFolder(tiny_backbone, "tiny", "folder")
    objective = Objective(name="simcse-unsupervised")
    still = backbones.untrained(settings("bi-encoder", {"name": objective.name}), folder).train()
    value, _ = loss_of(still, objective, [FIRST, FIRST], [0.0] * 3)
    u = embedded(still, FIRST)
    assert value == pytest.approx(cross_entropy(20 * cosines(u, u), [0, 1, 2]), abs=1e-4)
    noisy = backbones.untrained(settings("bi-encoder", {"name": objective.name}, dropout=0.3), folder).train()
    columns = losses.embed_columns(noisy, [noisy.preprocess(FIRST), noisy.preprocess(FIRST)])
    assert not torch.allclose(columns[0], columns[1])  # the two passes of one text drop different units


@pytest.mark.parametrize("name", ["binary-cross-entropy", "regression"])
def test_cross_encoder(tiny_backbone: Path, name: str) -> None:
    made = backbones.untrained(
        settings("cross-encoder", {"name": name}), ModelFolder(tiny_backbone, "tiny", "folder")
    )
    made.train()
    value = float(
        losses.of_cross_encoder(Objective(name=name), made)([FIRST, SECOND], torch.tensor(SCORES)).detach()
    )
    logits = made.predict(
        list(zip(FIRST, SECOND, strict=True)), activation_fn=torch.nn.Identity(), show_progress_bar=False
    )
    p, y = 1 / (1 + np.exp(-np.asarray(logits, dtype=np.float64))), np.asarray(SCORES)
    wanted = (
        np.mean(-y * np.log(p) - (1 - y) * np.log(1 - p)) if name != "regression" else np.mean((p - y) ** 2)
    )
    assert value == pytest.approx(wanted, abs=1e-5)


def test_what_is_no_number_is_raised_before_a_step_uses_it() -> None:
    class Broken(torch.nn.Module):
        def forward(self) -> torch.Tensor:
            return torch.tensor(float("nan"))

    with pytest.raises(losses.NotFiniteError, match="the loss became nan"):
        losses.Finite(Broken())()
