"""Every measure that a suite can ask for: rankings' and whole sets', behind one door."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from harness.errors import ConfigError
from harness.measures import names
from harness.measures.names import Better, Measure
from harness.measures.ranked import RANKED, ROWS
from harness.measures.sets import BY_TASK, SET_MEASURES
from harness.plugins import OWN

RETRIEVAL = "retrieval"


@dataclass(frozen=True)
class Entry:
    """One measure as it is told: how it is written, the task of its suites, what it is, what computes it a second
    time, where its definition comes from, and which package has it.
    """

    measure: str
    task: str
    what: str
    checked_by: str
    source: str
    origin: str = OWN


def entries() -> Iterator[Entry]:
    """Every measure, task by task."""
    for row in RANKED.values():
        what = row.what.format(parameter="P")
        yield Entry(row.form, RETRIEVAL, what, row.second.name, row.source, RANKED.origin(row.name))
    for task, measures in BY_TASK.items():
        for measure in measures.values():
            yield Entry(measure.name, task, measure.what, measure.second.name, measure.source)


def parse(text: str) -> Measure:
    """Read a measure of a ranking. Raises ConfigError that says what is valid."""
    return names.read(text, RANKED)


def spelled(text: str) -> str:
    """Write a measure our way that trec_eval or ir-measures writes otherwise; all else as it is."""
    return text if text in SET_MEASURES else names.spelled(text, ROWS)


def any_pooled(texts: Iterable[str]) -> bool:
    """Whether any of these measures looks at what was in the pool and not judged."""
    measures = [_ranked(text) for text in texts]
    return any(measure is not None and RANKED[measure.name].pooled for measure in measures)


def check(text: str) -> None:
    """Raise ConfigError for what is no measure of any task."""
    if text in SET_MEASURES:
        return
    try:
        parse(text)
    except ConfigError as error:
        raise ConfigError(f"{error}; for pairs and texts {', '.join(SET_MEASURES)}") from None


def told(text: str) -> str | None:
    """What a measure looks at, in words; None for one that is not known here (another version's bundle may hold it)."""
    if text in SET_MEASURES:
        return SET_MEASURES[text].what
    measure = _ranked(text)
    return None if measure is None else RANKED[measure.name].told(measure)


def better(text: str) -> Better:
    """Which of two values of a measure is better."""
    if text in SET_MEASURES:
        return SET_MEASURES[text].better
    measure = _ranked(text)
    return "higher" if measure is None else RANKED[measure.name].better


def _ranked(text: str) -> Measure | None:
    try:
        return parse(text)
    except ConfigError:
        return None
