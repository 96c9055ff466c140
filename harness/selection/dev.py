"""Choosing on some queries (dev) and reporting on the others (test), which had no part in the choice.

The best of several is best partly by luck with the queries at hand; on others its figure is right on average
(T. Hastie, R. Tibshirani, J. Friedman, *The Elements of Statistical Learning*, 2009, section 7.2).
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from harness.compare.evidence import Evidence
from harness.errors import DataError, UsageError, counted, listed
from harness.stats.interval import Interval

#: Fewer queries on either side are neither a choice nor a figure.
HANDFUL = 5
#: What ids are hashed with, as a data set's ``sample`` does with its default seed.
_KEY = b"0"
_SHOWN = 3

#: A share of the queries, a file of query ids one a line, either of them as text, or the ids.
Dev = float | str | Path | Collection[str]


@dataclass(frozen=True)
class Held:
    """What the choice is worth on the queries that it was not made on.

    Attributes:
        said: how the dev queries were given.
        n_dev, n_test: queries chosen on, and queries measured on.
        value, interval: of the recommended pipeline on the test queries; None where none is recommended.
        test: pipeline -> measure -> aggregate on the test queries.
    """

    said: str
    n_dev: int
    n_test: int
    value: float | None = None
    interval: Interval | None = None
    test: dict[str, dict[str, float]] = field(default_factory=dict)


def parse_dev(text: str) -> float | Path:
    """A share of the queries where the text is a number, otherwise the path of a file of ids."""
    try:
        return float(text)
    except ValueError:
        return Path(text)


def require_share(dev: Dev | None) -> None:
    """Raise UsageError for a share that leaves no queries to choose on, or none to measure on."""
    dev = parse_dev(dev) if isinstance(dev, str) else dev
    if isinstance(dev, int | float) and not 0.0 < dev < 1.0:
        raise UsageError(
            f"--dev {dev:g}: a share of the queries is above 0 and below 1, such as 0.3; for a file whose name is a "
            f"number give ./{dev:g}"
        )


def split(dev: Dev, evidence: Evidence) -> tuple[Evidence, Evidence, str]:
    """The same arms on the dev queries and on the others, and how the former were given.

    A share is of those with the smallest BLAKE2b digest of their id: one split for everybody, on every machine, in
    whatever order queries come; a smaller share is part of a larger one.

    Raises UsageError for ids that are not measured, for fewer than five queries on either side, and for measures of a
    whole set; DataError for a file that cannot be read.
    """
    if evidence.gold is not None:
        raise UsageError(
            f"--dev: it takes scores of queries, and these are measures of a set of {evidence.unit}"
        )
    ids, dev = evidence.ids, parse_dev(dev) if isinstance(dev, str) else dev
    if isinstance(dev, int | float):
        said = f"the share of {dev:.4g} whose ids hash lowest"
        chosen = frozenset(_lowest(ids, round(dev * len(ids))))
    else:
        said = f"those in {dev}" if isinstance(dev, Path) else "the ids given"
        chosen = frozenset(_read(dev) if isinstance(dev, Path) else dev)
        if unknown := sorted(chosen.difference(ids)):
            more = f" and {len(unknown) - _SHOWN:,} more" if len(unknown) > _SHOWN else ""
            raise UsageError(
                f"--dev: {said}: {counted(len(unknown), 'query is', 'queries are')} not among the {len(ids):,} "
                f"measured: {listed(unknown[:_SHOWN])}{more}; ids are such as {listed(ids[:_SHOWN])}"
            )
    n_test = len(ids) - len(chosen)
    if min(len(chosen), n_test) < HANDFUL:
        raise UsageError(
            f"--dev: {said}: {len(chosen):,} of {counted(len(ids), 'query', 'queries')} to choose on leave {n_test:,} "
            f"to measure on; both take at least {HANDFUL}"
        )
    in_dev = np.asarray([name in chosen for name in ids])
    return evidence.subset(np.flatnonzero(in_dev)), evidence.subset(np.flatnonzero(~in_dev)), said


def quality_of(evidence: Evidence) -> dict[str, dict[str, float]]:
    """Every arm's aggregates by measure; what is not defined counts 0."""
    return {
        label: {m: evidence.mean(label, m) or 0.0 for m in evidence.measures} for label in evidence.labels
    }


def held_out(said: str, dev: Evidence, test: Evidence, label: str | None, measure: str) -> Held:
    """The figure of a choice on the queries that it was not made on; ``label`` is None where nothing was chosen."""
    value, interval = (
        (None, None) if label is None else (test.mean(label, measure), test.interval(label, measure))
    )
    return Held(said, len(dev.ids), len(test.ids), value, interval, quality_of(test))


def _lowest(ids: Sequence[str], n: int) -> list[str]:
    def digest(name: str) -> bytes:
        return hashlib.blake2b(name.encode(), digest_size=16, key=_KEY).digest()

    return sorted(ids, key=digest)[:n]


def _read(path: Path) -> list[str]:
    """The ids in a file, one a line."""
    if not path.is_file():  # a pipe or a device would be waited for
        raise UsageError(
            f"--dev {str(path)!r} is neither a share of the queries, such as 0.3, nor a file of query ids, one a line"
        )
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"{path}: cannot be read as UTF-8 text ({error})") from None
    return [line.strip() for line in lines if line.strip()]
