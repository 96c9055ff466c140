"""What a claim is: a config that says what is measured with, and an experiment that tells what came out."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from harness.models.folders import Permissions
    from harness.progress import Progress
    from harness.report.table import DataTable

#: Where configs of claims lie.
CONFIGS = "configs/claims"


@dataclass(frozen=True)
class ClaimResult:
    """What came out.

    Attributes:
        content: everything measured, as JSON-like values.
        tables: what is shown of it.
        conclusive: False where too little held to say what the claim asks.
    """

    content: Mapping[str, Any]
    tables: tuple[DataTable, ...]
    conclusive: bool = True


@dataclass(frozen=True)
class Experiment:
    """A config of a claim, read: its name, and what measures it, which raises a HarnessError of the kind that fits."""

    name: str
    run: Callable[[Permissions, Progress], ClaimResult]


@dataclass(frozen=True)
class Claim:
    """A claim of the literature that a verb checks.

    Attributes:
        verb: its name, that of its default config, and of the files that hold what came out.
        about: what the verb does, in a line.
        load: reads a config by name or path, with overrides. It imports what is heavy when it is called, so that a
            parser can be made without. Raises ConfigError.
    """

    verb: str
    about: str
    load: Callable[[str, Sequence[str]], Experiment]
