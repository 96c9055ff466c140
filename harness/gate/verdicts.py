"""What a gate says: checks, each with one of four verdicts, and the exit code they amount to."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    import pandas as pd

Verdict = Literal["pass", "fail", "inconclusive", "not comparable"]
Status = Literal["pass", "fail", "inconclusive", "not comparable", "not judged"]

EXIT_CODES: dict[Verdict, int] = {"pass": 0, "fail": 1, "inconclusive": 3, "not comparable": 4}
#: Which verdict of several checks decides: a proven regression first, a pass last.
_PRECEDENCE: tuple[Verdict, ...] = ("fail", "not comparable", "inconclusive", "pass")


#: Characters of a query's text that are shown.
_SHOWN = 80


@dataclass(frozen=True)
class Moved:
    """One query that a check turns on.

    Attributes:
        query_id, text: the text is empty where the bundle holds none.
        value, baseline: its figures; ``baseline`` is None where the check has none.
    """

    query_id: str
    text: str
    value: float
    baseline: float | None

    def __str__(self) -> str:
        text = " ".join(self.text.split())
        text = text if len(text) <= _SHOWN else f"{text[: _SHOWN - 1]}…"
        was = "" if self.baseline is None else f" instead of {self.baseline:.4f}"
        return f"query {self.query_id}: {self.value:.4f}{was}{f'  “{text}”' if text else ''}"


@dataclass(frozen=True)
class Check:
    """One rule applied to one pipeline.

    Attributes:
        pipeline: what was judged.
        subject: a measure, ``latency``, ``memory``, or ``counters``.
        rule: in words, such as ``non-inferiority, margin 0.005``.
        status: a verdict, or ``not judged`` where the policy does not apply to what the bundle holds.
        reason: the verdict in one sentence, with the figures it comes from.
        value, baseline: what was compared; None where there is none.
        low, high: the limits that the verdict was read from.
        detectable: the smallest effect that could have been seen; None where it does not apply.
        causes: why candidate and baseline may differ.
        queries: those that lost most (of a floor: the lowest), where the check did not pass.
        p_value: of this check's failing by chance, alone; None where chance has no part in it.
        p_adjusted: the same among all of the gate's checks, by Holm.
    """

    pipeline: str
    subject: str
    rule: str
    status: Status
    reason: str
    value: float | None = None
    baseline: float | None = None
    low: float | None = None
    high: float | None = None
    detectable: float | None = None
    causes: tuple[str, ...] = ()
    queries: tuple[Moved, ...] = ()
    p_value: float | None = None
    p_adjusted: float | None = None

    @property
    def details(self) -> tuple[str, ...]:
        """What stands below the reason, a line each: the queries, then the causes."""
        return (*map(str, self.queries), *(f"differs in {cause}" for cause in self.causes))


@dataclass(frozen=True)
class GateResult:
    """Every check of one bundle under one policy.

    Attributes:
        bundle, policy: names.
        baseline: the baseline's path, ``arms within the bundle``, or None.
        checks: in the policy's order.
        on_inconclusive: of the policy.
        started, ended: when what is judged was measured, ISO 8601; empty where the bundle does not say.
    """

    bundle: str
    policy: str
    baseline: str | None
    checks: tuple[Check, ...]
    on_inconclusive: Literal["warn", "fail"]
    started: str = ""
    ended: str = ""

    @property
    def verdict(self) -> Verdict:
        """The one that decides. Nothing judged is not comparable, never a pass."""
        judged = {check.status for check in self.checks} - {"not judged"}
        return next((verdict for verdict in _PRECEDENCE if verdict in judged), "not comparable")

    @property
    def exit_code(self) -> int:
        """0 pass, 1 fail, 3 inconclusive (1 under ``on_inconclusive: fail``), 4 not comparable."""
        if self.verdict == "inconclusive" and self.on_inconclusive == "fail":
            return EXIT_CODES["fail"]
        return EXIT_CODES[self.verdict]

    @property
    def summary(self) -> str:
        """The verdict and the counts in one line."""
        counts: dict[str, int] = {}
        for check in self.checks:
            counts[check.status] = counts.get(check.status, 0) + 1
        told = ", ".join(f"{n} {status}" for status, n in counts.items()) or "nothing was judged"
        failing = (
            " (the policy counts that as a failure)"
            if self.exit_code == 1 and self.verdict == "inconclusive"
            else ""
        )
        return f"{self.verdict.upper()}{failing}: {told}"

    def as_dict(self) -> dict[str, Any]:
        """Everything, as JSON can hold it."""
        return {"verdict": self.verdict, "exit_code": self.exit_code, **asdict(self)}

    def frame(self) -> pd.DataFrame:
        """One row a check, for notebooks."""
        import pandas as pd

        return pd.DataFrame([asdict(check) for check in self.checks])
