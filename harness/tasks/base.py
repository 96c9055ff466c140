"""What every task answers: what a suite holds, and what becomes of its pipelines' results."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from harness.config import LoadedConfig, LoadedSuite
from harness.datamodel import Run
from harness.results.tables import Table
from harness.stages import Data, Pipeline, Results


@dataclass(frozen=True, eq=False)
class Outcome:
    """What a task made of the pipelines' results: everything of a bundle but the manifest."""

    pipelines: Mapping[str, Mapping[str, Any]]
    tables: Mapping[Table, Mapping[str, Any]]
    runs: Mapping[str, Run] = field(default_factory=dict)  # path in the bundle -> run
    warnings: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


class Done(Results, Protocol):
    """What the pipelines of a config came to."""

    def of(self, pipeline: Pipeline) -> Any:
        """Return a pipeline's run, scores of pairs, or embeddings."""


class Task(Protocol):
    """A kind of suite.

    Attributes:
        name: as a suite says.
        data: what a suite of this kind holds; its pipelines work on that.
    """

    name: str
    data: Data

    def check(self, suite: LoadedSuite) -> None:
        """Check measures and dataset of a suite. Raises ConfigError."""

    def load(self, config: LoadedConfig) -> Any:
        """Load the suite's data. Raises DataError."""

    def assemble(self, config: LoadedConfig, data: Any, done: Any) -> Outcome:
        """Turn what was done (a :class:`Done`) into measures and tables."""


def told(pipeline: Pipeline, result: Any) -> dict[str, Any]:
    """Return what a bundle's part of a pipeline begins with."""
    stage = pipeline.stage
    return {"kind": stage.kind, "stages": stage.told(pipeline.root.depth, result)}
