"""What every target takes: a pipeline's figures, each with its count and interval, and what they were measured on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from harness.errors import NotComparableError, UsageError, listed, nearest
from harness.results.bundle import Bundle


@dataclass(frozen=True)
class Figured:
    """One figure: unrounded, with how many queries or pairs it is of, and its 95 % interval where there is one."""

    measure: str
    value: float
    n: int
    low: float | None
    high: float | None

    @property
    def words(self) -> str:
        """Count and interval, as a sentence has them."""
        limits = "" if self.low is None else f", 95 % interval {self.low:.4f} to {self.high:.4f}"
        return f"n = {self.n:,}{limits}"

    @property
    def named(self) -> dict[str, float]:
        """What is known of it, under names for a tracker: ``ndcg_at_10``, ``ndcg_at_10_n``, ``_low``, ``_high``."""
        parts = {"": self.value, "_n": self.n, "_low": self.low, "_high": self.high}
        name = plain(self.measure)
        return {name + suffix: value for suffix, value in parts.items() if value is not None}


@dataclass(frozen=True, eq=False)
class Told:
    """One pipeline of a bundle."""

    bundle: Bundle
    name: str
    figures: tuple[Figured, ...]

    @property
    def suite(self) -> str:
        """The suite's name."""
        return str(self.bundle.content["suite"]["name"])

    @property
    def dataset(self) -> dict[str, Any]:
        """What the suite says of its data."""
        found: dict[str, Any] = self.bundle.content["suite"].get("dataset") or {}
        return found

    @property
    def date(self) -> str:
        """When it was measured, ISO 8601, or empty."""
        return str(self.bundle.content["manifest"].get("started") or "")

    @property
    def packages(self) -> dict[str, str]:
        """Versions of the packages it was measured with."""
        return dict(self.bundle.content["manifest"].get("packages") or {})

    @property
    def primary(self) -> Figured:
        """The figure that the suite decides by."""
        return next(one for one in self.figures if one.measure == self.bundle.primary)


def told(bundle: Bundle, pipelines: Sequence[str] = ()) -> tuple[Told, ...]:
    """Return some pipelines, all unless named. Raises UsageError for a name that the bundle does not have."""
    for name in pipelines:
        if name not in bundle.pipelines:
            raise UsageError(
                f"--pipeline {name!r}: the bundle has no such pipeline{nearest(name, bundle.pipelines)}; it has "
                f"{listed(bundle.pipelines)}"
            )
    if not bundle.pipelines:
        raise NotComparableError(f"{bundle.path}: holds no pipeline, so there is nothing to export")
    found = []
    for name in dict.fromkeys(pipelines or bundle.pipelines):
        rows = []
        for measure, figure in bundle.pipelines[name].measures.items():
            if figure.n is None:
                raise NotComparableError(
                    f"{bundle.path}: {name} was imported without counts and intervals, and what is exported carries "
                    "them; hand on the file that it was imported from"
                )
            limits = figure.interval
            low, high = (None, None) if limits is None else (limits.low, limits.high)
            rows.append(Figured(measure, figure.value, figure.n, low, high))
        found.append(Told(bundle, name, tuple(rows)))
    return tuple(found)


def plain(measure: str) -> str:
    """A measure's name where ``@`` may not stand, as MTEB writes it: ``ndcg_at_10``."""
    return measure.replace("@", "_at_").replace(".", "_").replace("-", "_")
