"""Losses of the objectives: sentence-transformers' own where it has them.

With u and v the embeddings of a pair, f their concatenation, N the batch's size and s the scale:

    classification        mean over pairs of -log softmax(W f + b)[label]             [Reimers and Gurevych 2019]
    regression            mean of (cos(u, v) - label)^2                               [Reimers and Gurevych 2019]
    triplet               mean of max(||a - p|| - ||a - n|| + margin, 0)              [Reimers and Gurevych 2019]
    contrastive, simcse   mean of -log(exp(s cos(u_i, v_i)) / sum_j exp(s cos(u_i, v_j))), over every v_j of the
                          batch, hard negatives among them                            [Gao et al. 2021]
    binary-cross-entropy  mean of -label log p - (1 - label) log(1 - p), p = sigmoid(s cos(u, v) + b); s and b are
                          learned, from ``scale`` and 0                               [Zhai et al. 2023, one pair each]
    center                classification + weight / 2 * mean of ||f - c_label||^2     [Wen et al. 2016]

A centre c is a parameter that the optimiser moves, where Wen et al. move it by a rule of its own. A cross-encoder
with logit z has: binary-cross-entropy with p = sigmoid(z); regression, mean of (sigmoid(z) - label)^2.

Embeddings are brought to fp32 before a loss of theirs: in bf16 a cosine has three digits.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from typing import Any

import torch
from sentence_transformers.base.losses.merged_forward import embed_columns
from sentence_transformers.cross_encoder import losses as cross_losses
from sentence_transformers.sentence_transformer import losses as library
from torch import Tensor, nn

from harness.train.objectives import IN_BATCH, Objective


class NotFiniteError(Exception):
    """The loss, the weights or a score became a NaN or an infinity."""


class Embedded(nn.Module):
    """One of the library's losses of embeddings, computed in fp32."""

    def __init__(self, model: nn.Module, loss: nn.Module) -> None:
        super().__init__()
        self.model = model
        self.loss = loss

    def forward(self, features: Iterable[dict[str, Tensor]], labels: Tensor) -> Tensor:
        """Return the loss of a batch, a scalar."""
        columns = list(embed_columns(self.model, features))
        with torch.autocast(columns[0].device.type, enabled=False):
            loss: Any = self.loss
            found: Tensor = loss.compute_loss_from_embeddings([c.float() for c in columns], labels)
        return found


class PairBinaryCrossEntropy(nn.Module):
    """Binary cross-entropy of a scaled and shifted cosine; scale and shift are learned."""

    def __init__(self, scale: float) -> None:
        super().__init__()
        self.scale = nn.Parameter(torch.tensor(float(scale)))
        self.shift = nn.Parameter(torch.tensor(0.0))

    def compute_loss_from_embeddings(self, columns: list[Tensor], labels: Tensor) -> Tensor:
        """Return the loss of embeddings [n, d], [n, d] and labels [n] in [0, 1]."""
        logits = self.scale * torch.cosine_similarity(columns[0], columns[1]) + self.shift
        return nn.functional.binary_cross_entropy_with_logits(logits, labels.float().view(-1))


class CenterLoss(nn.Module):
    """Softmax cross-entropy, and the pull of every pair's features to the centre of its class."""

    def __init__(self, objective: Objective, dimension: int, n_classes: int) -> None:
        super().__init__()
        self.parts = objective.concatenation
        self.weight = objective.center_weight
        self.classifier = nn.Linear(len(self.parts) * dimension, n_classes)
        self.centers = nn.Parameter(torch.zeros(n_classes, len(self.parts) * dimension))

    def compute_loss_from_embeddings(self, columns: list[Tensor], labels: Tensor) -> Tensor:
        """Return the loss of embeddings [n, d], [n, d] and classes [n]."""
        features = concatenated(columns[0], columns[1], self.parts)
        classes = labels.view(-1).long()
        pull = (features - self.centers[classes]).square().sum(dim=1).mean()
        return nn.functional.cross_entropy(self.classifier(features), classes) + self.weight / 2 * pull


def concatenated(u: Tensor, v: Tensor, parts: Iterable[str]) -> Tensor:
    """Return the named parts side by side, [n, parts * d]."""
    known = {"u": lambda: u, "v": lambda: v, "|u-v|": lambda: (u - v).abs(), "u*v": lambda: u * v}
    return torch.cat([known[part]() for part in parts], dim=1)


class Finite(nn.Module):
    """A loss that raises NotFiniteError instead of returning what is no number, and tells ``told`` what it returns."""

    def __init__(self, loss: nn.Module, told: Callable[[float], None] = lambda value: None) -> None:
        super().__init__()
        self.loss = loss
        self._told = told

    def forward(self, *given: Any, **named: Any) -> Tensor:
        """Return the loss of a batch, a scalar."""
        value: Tensor = self.loss(*given, **named)
        number = float(value.detach())
        if not math.isfinite(number):
            raise NotFiniteError(f"the loss became {number}")
        self._told(number)
        return value


def of_bi_encoder(objective: Objective, model: Any, n_classes: int) -> nn.Module:
    """Return the loss of a bi-encoder's objective."""
    name = objective.name
    dimension = int(model.get_embedding_dimension())
    if name == "classification":
        parts = objective.concatenation
        softmax: nn.Module = library.SoftmaxLoss(
            model,
            dimension,
            n_classes,
            concatenation_sent_rep="u" in parts,
            concatenation_sent_difference="|u-v|" in parts,
            concatenation_sent_multiplication="u*v" in parts,
        )
        return softmax
    if name == "regression":
        return Embedded(model, library.CosineSimilarityLoss(_nothing()))
    if name == "triplet":
        metric = library.TripletDistanceMetric.EUCLIDEAN
        return Embedded(model, library.TripletLoss(_nothing(), metric, triplet_margin=objective.margin))
    if name in IN_BATCH:
        return Embedded(model, library.MultipleNegativesRankingLoss(_nothing(), scale=objective.scale))
    if name == "binary-cross-entropy":
        return Embedded(model, PairBinaryCrossEntropy(objective.scale))
    return Embedded(model, CenterLoss(objective, dimension, n_classes))


def of_cross_encoder(objective: Objective, model: Any) -> nn.Module:
    """Return the loss of a cross-encoder's objective."""
    loss: nn.Module = (
        cross_losses.BinaryCrossEntropyLoss(model)
        if objective.name == "binary-cross-entropy"
        else cross_losses.MSELoss(model, activation_fn=nn.Sigmoid())
    )
    return loss


def _nothing() -> nn.Module:
    """The model is run by Embedded; the library's loss only computes."""
    return nn.Identity()
