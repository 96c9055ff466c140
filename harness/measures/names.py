"""How measures of a ranking are written, everywhere: ``ndcg@10``, ``mrr@10-l2``, ``f1@10``, ``rbp.80``, ``map``."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, Protocol

from harness.errors import ConfigError, listed, nearest

#: Whether something stands in a measure's name: always, where wanted, never.
Use = Literal["needed", "optional", "none"]
Better = Literal["higher"]
_FORM = re.compile(
    r"(?P<name>[a-z][a-z0-9_-]*?)(?:\.(?P<parameter>[0-9]+))?(?:@(?P<depth>[0-9]+))?(?:-l(?P<level>[0-9]+))?"
)
_OTHERS = re.compile(r"[A-Za-z]+(?:_[A-Za-z]+)*")


@dataclass(frozen=True)
class Measure:
    """A measure of a ranking: its name, how deep it looks (0: all results), and the grade that counts as relevant.

    ``parameter`` are the digits behind the point of a fraction that the name carries, as in ``rbp.80``, or empty.
    """

    name: str
    depth: int = 0
    level: int = 1
    parameter: str = ""

    def __str__(self) -> str:
        parameter = f".{self.parameter}" if self.parameter else ""
        depth = f"@{self.depth}" if self.depth else ""
        level = f"-l{self.level}" if self.level != 1 else ""
        return f"{self.name}{parameter}{depth}{level}"

    @property
    def fraction(self) -> float:
        """The parameter as a number."""
        return float(f"0.{self.parameter}")


class Written(Protocol):
    """What a measure's row says of how it is written."""

    @property
    def depth(self) -> Use:
        """Whether it takes a depth."""

    @property
    def level(self) -> bool:
        """Whether it takes a relevance level."""

    @property
    def parameter(self) -> str:
        """What its parameter is, or empty where it has none."""

    @property
    def also(self) -> tuple[str, ...]:
        """How trec_eval and ir-measures write it."""


def read(text: str, known: Mapping[str, Written]) -> Measure:
    """Read a measure of one of the known names. Raises ConfigError that says what is valid."""
    match = _FORM.fullmatch(text)
    name = match["name"] if match else text
    if match is None or name not in known:
        raise ConfigError(
            f"unknown measure {text!r}{_hint(text, name, known)}; valid are {listed(known)}, with a depth and, where "
            "wanted, a relevance level, as in ndcg@10 or recall@100-l2"
        )
    row, parameter, depth, level = known[name], match["parameter"] or "", match["depth"], match["level"]
    if level and not row.level:
        raise ConfigError(f"measure {text!r}: {name} works on raw grades and takes no relevance level")
    if (level and not int(level)) or (depth and not int(depth)):
        raise ConfigError(f"measure {text!r}: depth and relevance level start at 1")
    if row.depth == "needed" and not depth:
        raise ConfigError(f"measure {text!r} needs a depth, as in {name}@10")
    if row.depth == "none" and depth:
        raise ConfigError(f"measure {text!r}: {name} takes no depth")
    if row.parameter and not int(parameter or 0):
        raise ConfigError(f"measure {text!r} needs its {row.parameter}, as in {name}.80 for 0.80")
    if parameter and not row.parameter:
        raise ConfigError(f"measure {text!r}: {name} has no parameter, and takes no point")
    return Measure(name, int(depth or 0), int(level or 1), parameter)


def _cut(rest: str, row: Written) -> str:
    """Write the depth and the relevance level that follow another's name, ``_10`` or ``(rel=2)@10``, our way."""
    depth, level = re.search(r"[_@]([0-9]+)", rest), re.search(r"rel=([0-9]+)", rest)
    at = f"@{depth[1]}" if depth and row.depth != "none" else ""
    return at + (f"-l{level[1]}" if level and row.level and level[1] != "1" else "")


def _hint(text: str, name: str, known: Mapping[str, Written]) -> str:
    """Say how a name of trec_eval's or of ir-measures is written here, or which valid name is nearest."""
    other = _OTHERS.match(text)
    for ours, row in known.items():
        if other and other[0] in (ours, *row.also):
            return f" (written {ours}{_cut(text[other.end() :], row)} here)"
    return nearest(name.lower(), known)
