"""What every task answers: what must be computed, and what becomes of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from harness.config import LoadedConfig, LoadedSuite
from harness.datamodel import Run
from harness.results.tables import Table
from harness.search.ann import Approximate, Build


@dataclass(frozen=True)
class Retrieve:
    """One search of a source (a bi-encoder or BM25) over the corpus, at its greatest depth.

    ``how``: through an index by a library; None is exact.
    """

    source: str
    depth: int
    how: Approximate | None = None


@dataclass(frozen=True)
class BuildIndex:
    """An index of a bi-encoder's documents, for the searches that go through it."""

    source: str
    build: Build


@dataclass(frozen=True)
class Candidates:
    """Candidates nobody has to search for: ``all`` documents, the ``dataset``'s own, or a run file's."""

    source: str
    depth: int


@dataclass(frozen=True)
class Rerank:
    """Each pair of a query and a candidate of any of these stages, scored once by one cross-encoder."""

    model: str
    candidates: tuple[tuple[Retrieve | Candidates, int], ...]  # (stage, how many of its first results)


@dataclass(frozen=True)
class ReadRun:
    """An existing run, read from a file."""

    path: str


@dataclass(frozen=True)
class ScoreSentences:
    """Each sentence pair scored by one model; a bi-encoder by its own similarity, or by another."""

    model: str
    similarity: str | None = None


@dataclass(frozen=True)
class Encode:
    """Each text of a suite encoded by one bi-encoder."""

    model: str


Step = Retrieve | BuildIndex | Candidates | Rerank | ReadRun | ScoreSentences | Encode


@dataclass(frozen=True, eq=False)
class Outcome:
    """What a task made of the steps' results: everything of a bundle but the manifest."""

    pipelines: Mapping[str, Mapping[str, Any]]
    tables: Mapping[Table, Mapping[str, Any]]
    runs: Mapping[str, Run] = field(default_factory=dict)  # path in the bundle -> run
    warnings: tuple[str, ...] = ()


class Task(Protocol):
    """A kind of suite."""

    name: str

    def check(self, suite: LoadedSuite) -> None:
        """Check measures and dataset of a suite. Raises ConfigError."""

    def steps(self, config: LoadedConfig) -> tuple[Step, ...]:
        """Return the smallest set of steps for a config's pipelines, in order. Raises ConfigError."""

    def load(self, config: LoadedConfig) -> Any:
        """Load the suite's data. Raises DataError."""

    def assemble(self, config: LoadedConfig, data: Any, results: Mapping[Step, Any]) -> Outcome:
        """Turn the steps' results into measures and tables."""
