"""What makes a kind of stage: everything that the rest of the program asks of it."""

from __future__ import annotations

from dataclasses import dataclass
from inspect import isabstract

from harness.stages.forms import Form
from harness.stages.told import Sentence, Told
from harness.stages.tree import Stage


@dataclass(frozen=True)
class Kind:
    """One kind of stage. Nothing has a default: a part that lacks is an error when the kind's file is imported.

    Attributes:
        forms: how its pipelines are written in a config.
        stages: its nodes of the tree.
        told: how bundles tell of its pipelines.
        said: every sentence that the method says of them, in this order.
    """

    forms: tuple[type[Form], ...]
    stages: tuple[type[Stage], ...]
    told: tuple[Told, ...]
    said: tuple[Sentence, ...]

    def __post_init__(self) -> None:
        """Refuse classes that lack a part. Raises TypeError."""
        for part in (*self.forms, *self.stages):
            if isabstract(part):
                lacking = sorted(getattr(part, "__abstractmethods__", ()))
                raise TypeError(f"{part.__name__} lacks {', '.join(lacking)}")
