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
_OTHERS = re.compile(r"[A-Za-z][A-Za-z0-9]*(?:_[A-Za-z]+)*")
#: ir-measures' ``AP(rel=2)@100``, trec_eval's ``map_cut_100`` and ``iprec_at_recall_0.10``.
_THEIRS = re.compile(
    r"(?P<name>[A-Za-z][A-Za-z0-9]*?(?:_[A-Za-z]+)*)(?:\((?P<options>[^()]*)\))?(?:[@_](?P<at>[0-9]+(?:\.[0-9]+)?))?"
)
_OPTION = re.compile(r"(\w+)\s*=\s*['\"]?([\w.-]+)['\"]?")


@dataclass(frozen=True)
class Measure:
    """A measure of a ranking: its name, how deep it looks (0: all results), and the grade that counts as relevant.

    ``parameter`` are the digits behind the point of a fraction that the name carries, as in ``rbp.80``, or empty; of a
    level of recall they are hundredths, as in ``iprec.50``, since that may be 0 and 1 too.
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

    @property
    def hundredths(self) -> float:
        """The parameter as a number, where it is written in hundredths."""
        return int(self.parameter) / 100


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
    def hundredths(self) -> bool:
        """Whether its parameter is written in hundredths, from 00 to 100."""

    @property
    def usual(self) -> str:
        """Its parameter where others write none, or empty."""

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
    if row.parameter and row.hundredths:
        if len(parameter) < 2 or int(parameter) > 100:
            raise ConfigError(
                f"measure {text!r} needs its {row.parameter} in hundredths, two digits or 100, as in {name}.50 for 0.50"
            )
        parameter = f"{int(parameter):02}"
    elif row.parameter and not int(parameter or 0):
        raise ConfigError(f"measure {text!r} needs its {row.parameter}, as in {name}.80 for 0.80")
    if parameter and not row.parameter:
        raise ConfigError(f"measure {text!r}: {name} has no parameter, and takes no point")
    return Measure(name, int(depth or 0), int(level or 1), parameter)


def spelled(text: str, known: Mapping[str, Written]) -> str:
    """Write trec_eval's and ir-measures' spelling our way, ``AP(rel=2)@100`` as ``map@100-l2``; all else as it is."""
    ours = _translated(text, known)
    return text if ours is None else ours


def _translated(text: str, known: Mapping[str, Written]) -> str | None:
    match = _THEIRS.fullmatch(text)
    if match is None:
        return None
    given = dict(_OPTION.findall(match["options"] or ""))
    level, at = given.pop("rel", None), match["at"]
    exponential = given.pop("dcg", "log2") == "exp-log2"
    name = _named(match["name"], known)
    if name is None:
        return None
    if exponential:
        name = f"{name}_burges"
    if given.pop("relative", "False") == "True":
        name = f"relative_{name}"
    row = known.get(name)
    if (
        row is None or given.keys() - {"p"} or (row.usual and level is None)
    ):  # without a level, theirs weighs the grade
        return None
    if row.parameter:
        fraction = at if row.hundredths else given.get("p", row.usual)
        if not fraction or not re.fullmatch(r"0?\.[0-9]+|[01](\.0+)?", fraction):
            return None
        value = float(fraction)
        if row.hundredths and round(value * 100) != value * 100:
            return None
        name += f".{round(value * 100):02}" if row.hundredths else f".{fraction.partition('.')[2] or '0'}"
    elif "p" in given:
        return None
    if at and not row.hundredths:
        if row.depth == "none" or not at.isdigit():
            return None
        name += f"@{at}"
    return name + (f"-l{level}" if level and level != "1" and row.level else "")


def _named(theirs: str, known: Mapping[str, Written]) -> str | None:
    return next((ours for ours, row in known.items() if theirs in (ours, *row.also)), None)


def _hint(text: str, name: str, known: Mapping[str, Written]) -> str:
    """Say how a name of trec_eval's or of ir-measures is written here, or which valid name is nearest."""
    ours = _translated(text, known)
    if ours is not None:
        return f" (written {ours} here)"
    other = _OTHERS.match(text)
    theirs = None if other is None else _named(other[0], known)
    return nearest(name.lower(), known) if theirs is None else f" (what is called {theirs} here)"
