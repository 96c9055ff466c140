"""A bundle with the verbs as methods. What they return has frames, and draws itself in a notebook."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self, TypeVar

from harness import compare, gate, selection, show
from harness.errors import UsageError
from harness.policy import LoadedPolicy, policy_of
from harness.python.arguments import Call
from harness.results import bundle as bundles
from harness.selection import Needs, Price, parse_size

if TYPE_CHECKING:
    from harness.report.table import DataTable

_Made = TypeVar("_Made", bound="_Drawn")


class _Drawn:
    """What draws itself in a notebook as its verb prints it."""

    @classmethod
    def of(cls, found: Any) -> Self:
        """Return what was found as one that draws itself."""
        made = cls.__new__(cls)
        made.__dict__.update(found.__dict__)
        return made

    def _parts(self) -> Iterable[DataTable | str]:
        raise NotImplementedError

    def _repr_html_(self) -> str:
        from harness.report.writers import notebook

        return notebook.document(*self._parts())


class Comparison(_Drawn, compare.Comparison):
    """As :class:`harness.compare.Comparison`."""

    def _parts(self) -> Iterable[DataTable | str]:
        from harness.report.printed.comparison import comparison

        return comparison(self)


class Verdict(_Drawn, gate.GateResult):
    """As :class:`harness.gate.GateResult`."""

    def _parts(self) -> Iterable[DataTable | str]:
        from harness.report.printed.verdict import verdict

        return verdict(self)


class Selection(_Drawn, selection.Selection):
    """As :class:`harness.selection.Selection`."""

    def _parts(self) -> Iterable[DataTable | str]:
        from harness.report.printed.selection import selection as printed

        return printed(self)


class Shown(_Drawn, show.Shown):
    """As :class:`harness.show.Shown`."""

    def _parts(self) -> Iterable[DataTable | str]:
        from harness.report.printed.query import query

        return query(self)


@dataclass(frozen=True)
class Report:
    """A page; ``path`` is where it was written, or None."""

    html: str
    path: Path | None = None

    def _repr_html_(self) -> str:
        from harness.report.writers import notebook

        return notebook.framed(self.html)


class Bundle(_Drawn, bundles.Bundle):
    """One bundle folder, read only, with the verbs as methods."""

    def _parts(self) -> Iterable[DataTable | str]:
        from harness.report.finding import finding
        from harness.report.printed.summary import summary_tables

        return (*summary_tables(self), finding(self))

    def compare(
        self,
        *others: bundles.Bundle | str | Path,
        pairs: Sequence[tuple[str, str]] = (),
        every_pair: bool = False,
        measures: Sequence[str] = (),
        slice_by: str | None = None,
        changes: int = 3,
    ) -> Comparison:
        """Compare its pipelines, or those of one name in other bundles; of these, this one is the baseline.

        ``pairs`` are (pipeline, baseline) names, else those that the config declares. ``frame()`` of what is returned
        has a row a comparison and measure. Raises UsageError, NotComparableError.
        """
        asked = compare.Options(tuple(pairs), every_pair, _several(measures), slice_by, changes)
        return Comparison.of(compare.compare([self, *others], asked))

    def gate(
        self,
        policy: str | Path | Mapping[str, Any],
        baseline: bundles.Bundle | str | Path | None = None,
    ) -> Verdict:
        """Judge it by a policy, given by name, path or as a mapping; ``frame()`` has a row a check.

        ``verdict`` is pass, fail, inconclusive or not comparable. Raises ConfigError, BundleError.
        """
        where = baseline.path if isinstance(baseline, bundles.Bundle) else baseline
        return Verdict.of(gate.gate(self, _policy(policy), where))

    def select(
        self,
        *others: bundles.Bundle | str | Path,
        minimum: Mapping[str, float] | None = None,
        max_p95_ms: float | None = None,
        max_memory: str | float | None = None,
        max_cost: float | None = None,
        price_per_hour: float | None = None,
        queries_per_month: float | None = None,
        utilisation: float = 1.0,
        objective: str = "quality",
        axis: str | None = None,
        margin: float | None = None,
        cross_validate: bool = False,
        dev: selection.Dev | None = None,
    ) -> Selection:
        """Choose a pipeline under constraints; ``recommended`` is its name, ``frame()`` has a row a pipeline.

        ``minimum`` maps measures to what is to be reached; ``dev`` is a share of the queries, a file of ids or ids, to
        choose on, and the others are reported on. Raises UsageError, NotComparableError.
        """
        price = None
        if price_per_hour is not None:
            price = Price(price_per_hour, queries_per_month, utilisation)
        elif queries_per_month is not None:
            raise UsageError("queries_per_month needs price_per_hour")
        memory = parse_size(max_memory) if isinstance(max_memory, str) else max_memory
        needs = Needs(
            max_p95_ms,
            memory,
            max_cost,
            tuple((minimum or {}).items()),
            price,
            objective,
            axis,
            margin,
            cross_validate,
            dev,
        )
        return Selection.of(selection.select([self, *others], needs))

    def show(self, query: str, top: int = 10) -> Shown:
        """Look at one query, by its id: every pipeline's first results; ``frame()`` has a row a result.

        Raises UsageError for a query that it does not hold.
        """
        return Shown.of(show.show(self, str(query), top))

    def report(self, out: str | Path | None = None) -> Report:
        """Draw its page; with ``out`` the whole report is written into that folder, which need not exist.

        Raises UsageError where ``out`` holds something else.
        """
        from harness.report import folder
        from harness.report.view import view_of
        from harness.report.writers import html

        view = view_of(self)
        if out is None:
            return Report(html.page(view))
        folder.write_one(view, Path(out))
        page = Path(out) / folder.PAGE
        return Report(page.read_text(encoding="utf-8"), page)


def _several(given: Sequence[str]) -> tuple[str, ...]:
    return (given,) if isinstance(given, str) else tuple(given)


def _policy(policy: str | Path | Mapping[str, Any]) -> LoadedPolicy | str | Path:
    if not isinstance(policy, Mapping):
        return policy
    return policy_of("given in Python", Call(Path.cwd() / "policy", dict(policy), {}))
