"""What was recomputed, and what came out different."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from harness.stats.interval import Interval

if TYPE_CHECKING:
    import pandas as pd

#: Two engines sum in another order; anything beyond this is another figure.
TOLERANCE = 1e-9


@dataclass(frozen=True)
class Mismatch:
    """A figure that does not follow from what it is said to come from."""

    figure: str
    stored: Any
    recomputed: Any

    def __str__(self) -> str:
        return f"{self.figure}: {_shown(self.stored)} is stored, {_shown(self.recomputed)} recomputed"


@dataclass(frozen=True)
class Verification:
    """The outcome.

    Attributes:
        subject: the bundle's path, or ``installation``.
        engine: what recomputed the measures.
        checked: figures recomputed.
        mismatches: those that differ, most aggregate first.
        not_checked: what could not be recomputed, and why.
    """

    subject: str
    engine: str
    checked: int
    mismatches: tuple[Mismatch, ...]
    not_checked: tuple[str, ...]

    @property
    def exit_code(self) -> int:
        """0 where everything agrees, 1 for a mismatch, 4 where nothing could be recomputed."""
        if self.mismatches:
            return 1
        return 0 if self.checked else 4

    def as_dict(self) -> dict[str, Any]:
        """Everything, as JSON can hold it."""
        return {"exit_code": self.exit_code, **asdict(self)}

    def frame(self) -> pd.DataFrame:
        """One row a mismatch, for notebooks."""
        import pandas as pd

        return pd.DataFrame(
            [asdict(one) for one in self.mismatches], columns=["figure", "stored", "recomputed"]
        )


@dataclass
class Ledger:
    """Collects while verifying."""

    checked: int = 0
    mismatches: list[Mismatch] = field(default_factory=list)
    not_checked: list[str] = field(default_factory=list)

    def check(self, figure: str, stored: Any, recomputed: Any, tolerance: float = TOLERANCE) -> None:
        """Count one figure, and keep it where it differs by more than ``tolerance`` of max(1, its size)."""
        self.checked += 1
        if not _equal(stored, recomputed, tolerance):
            self.mismatches.append(Mismatch(figure, stored, recomputed))

    def check_interval(self, figure: str, stored: Interval | None, recomputed: Interval | None) -> None:
        """Compare both limits of an interval, either of which may be None; and what they are said to be."""
        for limit in ("low", "high"):
            one, other = (None if side is None else getattr(side, limit) for side in (stored, recomputed))
            self.check(f"{figure} interval {limit}", one, other)
        if stored is None or recomputed is None:
            return
        for said in ("confidence", "method"):
            if not _equal(getattr(stored, said), getattr(recomputed, said), TOLERANCE):
                self.check(f"{figure} interval {said}", getattr(stored, said), getattr(recomputed, said))

    def skip(self, why: str) -> None:
        """Say what is not recomputed."""
        if why not in self.not_checked:
            self.not_checked.append(why)


def _equal(stored: Any, recomputed: Any, tolerance: float) -> bool:
    if isinstance(stored, bool) or isinstance(recomputed, bool):
        return stored is recomputed
    if isinstance(stored, int | float) and isinstance(recomputed, int | float):
        if isinstance(stored, int) and isinstance(recomputed, int):
            return stored == recomputed
        return math.isclose(stored, recomputed, rel_tol=tolerance, abs_tol=tolerance)
    return bool(stored == recomputed)


def _shown(value: Any) -> str:
    return repr(value) if isinstance(value, float) else str(value)
