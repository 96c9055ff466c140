"""One of the two models: asked as it is, and, where it is loaded here, as it would be under other settings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from harness.config import CustomModel, EncoderPair, Prompts
from harness.errors import HarnessError
from harness.models import loading
from harness.models.endpoints.models import EndpointEncoder, EndpointScorer
from harness.models.loading import ModelRequest
from harness.models.protocols import Role
from harness.models.roles import how
from harness.parity.texts import Group

#: Answers: [n, dimension], or [n, 1] of a cross-encoder.
Answers = NDArray[np.float64]


@dataclass(eq=False)
class Side:
    """A model that is asked.

    Attributes:
        name: in the config.
        request: how it is found and loaded.
        model: what answers.
    """

    name: str
    request: ModelRequest
    model: Any

    @classmethod
    def of(cls, request: ModelRequest) -> Side:
        """Load a model, or open what leads to its server. Raises ModelError."""
        return cls(request.name, request, loading.load(request)[0])

    @property
    def far(self) -> bool:
        """Whether a server holds it."""
        return isinstance(self.model, EndpointEncoder | EndpointScorer)

    @property
    def rerun(self) -> bool:
        """Whether it can be asked under other settings: one model, loaded here by the library."""
        source = self.request.settings.source
        return not self.far and not isinstance(source, CustomModel | EncoderPair)

    @property
    def scores(self) -> bool:
        """Whether it scores pairs."""
        return hasattr(self.model, "score")

    def ask(self, inputs: Sequence[Any], role: Role) -> Answers:
        """Return its answers. Raises what the model raises."""
        if self.scores:
            return np.asarray(self.model.score(list(inputs)), dtype=np.float64)[:, None]
        return np.asarray(self.model.encode(list(inputs), role), dtype=np.float64)

    def prompt(self, role: Role) -> str:
        """Return what is put before a text of a role, or before a pair's first text."""
        if isinstance(self.model, EndpointEncoder):
            return self.model.prompt(role)
        if isinstance(self.model, EndpointScorer):
            return self.model.prompt()
        if not self.rerun:
            return ""
        return (self.model._prompt if self.scores else how(self.model.model, role)[0]) or ""

    def varied(self, **settings: Any) -> Side | None:
        """Return it under other settings; None where it cannot be loaded under them."""
        key = tuple(sorted((name, repr(value)) for name, value in settings.items()))
        if not hasattr(self, "_varied"):
            self._varied: dict[Any, Side | None] = {}
        if key not in self._varied:
            self._varied[key] = self._loaded(settings)
        return self._varied[key]

    def _loaded(self, settings: dict[str, Any]) -> Side | None:
        wanted = replace(self.request, settings=self.request.settings.model_copy(update=settings))
        try:
            return Side.of(wanted)
        except (HarnessError, ValueError):
            return None

    @property
    def bare(self) -> Side | None:
        """It without any prompt."""
        return self.varied(prompts=Prompts(query="", document=None if self.scores else ""))

    def tokens(self, group: Group, places: Sequence[int]) -> list[int] | None:
        """Return how many tokens some inputs are, uncut; None where it does not say."""
        tokenizer = getattr(getattr(self.model, "model", None), "tokenizer", None)
        if tokenizer is None or not getattr(tokenizer, "is_fast", False):
            return None
        prompt = self.prompt(group.role)
        given = [group.inputs[i] for i in places]
        columns = (
            [[prompt + a for a, _ in given], [b for _, b in given]]
            if self.scores
            else [[prompt + t for t in given]]
        )
        return [len(ids) for ids in tokenizer(*columns, truncation=False, verbose=False)["input_ids"]]


__all__ = ["Answers", "Side"]
