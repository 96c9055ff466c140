"""What a server was when it was last seen: what it says of itself, and how it answers a few texts.

A server's weights cannot be hashed. So a few probing texts are asked at the start of each run; where an answer is
another one, or the server says something else of itself, what was kept of it stands for another model.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from harness.models.endpoints.models import EndpointEncoder, EndpointScorer
from harness.values import digest

_LONG = (
    "A lake is a body of standing water in a basin, larger and deeper than a pond. Rivers bring its water from "
    "the hills around it, and most lakes give it on to a river that flows to the sea. Where none does, the "
    "water leaves as vapour, and what it carried stays behind as salt. Ice dug many of the lakes of the north; "
    "others fill craters, or valleys that a landslide closed. Fish, birds and plants live in belts from the "
    "shore to the deep, and every year the colder"
)
#: Short and long, with a tail that a shorter limit cuts off, and signs of several scripts.
TEXTS = ("Where does a river end?", "The highest mountain.", "Zürich, Москва, 東京 and naïve café №5", _LONG)
#: How far apart two answers of one model may be, as a share of an answer's size; more where the server itself wavers.
_ROUNDING, _TIMES = 1e-4, 4.0


@dataclass(frozen=True, eq=False)
class Standing:
    """What a server was when it was last asked.

    Attributes:
        facts: what it says of itself.
        probes: its answers to ``TEXTS``, [4, dimension], or [3, 1] of a reranker.
        noise: how far apart its answers in a batch and alone were, as a share of their size.
    """

    facts: Mapping[str, Any]
    probes: NDArray[np.float32]
    noise: float

    @property
    def key(self) -> str:
        """Stands for the model behind the server in all that is kept."""
        return digest(
            [dict(self.facts), hashlib.sha256(np.ascontiguousarray(self.probes).tobytes()).hexdigest()]
        )


def see(model: EndpointEncoder | EndpointScorer, before: Standing | None) -> tuple[Standing, list[str]]:
    """Ask a server what it is, and return that and what has changed: nothing, where it is as it was.

    The standing of before is returned as long as it holds, so that small differences do not add up. No work is
    counted. Raises what asking raises.
    """
    work = model.work
    try:
        probes = _asked(model)
        facts = model.facts()
        changes = [] if before is None else _changes(before, facts, probes)
        if before is not None and not changes:
            return before, []
        return Standing(facts, probes, _apart(_asked_alone(model), probes)), changes
    finally:
        model.work = work


def _changes(before: Standing, facts: Mapping[str, Any], probes: NDArray[np.float32]) -> list[str]:
    said = []
    if dict(before.facts) != dict(facts):
        keys = sorted(key for key in {*before.facts, *facts} if before.facts.get(key) != facts.get(key))
        parts = [f"{key}: {_short(before.facts.get(key))}, now {_short(facts.get(key))}" for key in keys]
        said.append(f"it says something else of itself ({'; '.join(parts[:3])})")
    if before.probes.shape != probes.shape:
        said.append(f"its vectors have {probes.shape[1]:,} numbers, and had {before.probes.shape[1]:,}")
        return said
    apart, allowed = _apart(before.probes, probes), max(_ROUNDING, _TIMES * before.noise)
    if apart > allowed:
        said.append(
            f"its answers to the same texts moved by {apart:.2g} of their size (up to {allowed:.1g} is rounding)"
        )
    return said


def _asked(model: EndpointEncoder | EndpointScorer) -> NDArray[np.float32]:
    if isinstance(model, EndpointEncoder):
        return model.encode(TEXTS, "sentence")
    return model.score([(TEXTS[0], text) for text in TEXTS[1:]])[:, None]


def _asked_alone(model: EndpointEncoder | EndpointScorer) -> NDArray[np.float32]:
    if isinstance(model, EndpointEncoder):
        return np.concatenate([model.encode([text], "sentence") for text in TEXTS])
    return np.concatenate([model.score([(TEXTS[0], text)]) for text in TEXTS[1:]])[:, None]


def _apart(first: NDArray[np.float32], second: NDArray[np.float32]) -> float:
    """The largest distance of two answers to one text, as a share of the answers' size; of scores, of the largest."""
    wide = np.linalg.norm(first.astype(np.float64) - second.astype(np.float64), axis=1)
    size = np.linalg.norm(first.astype(np.float64), axis=1)
    if first.shape[1] == 1:
        size = np.full_like(size, size.max())
    return float((wide / np.maximum(size, 1e-12)).max())


def _short(value: Any) -> str:
    text = "nothing" if value is None else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 60 else text[:59] + "…"
