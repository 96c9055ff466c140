"""Parsed JSON into frozen dataclasses, by their annotations; all that does not fit is told with its path.

A key that no field is named after is let be: a newer version may have more to say. ``null`` stands for what is not
there, so a field with a default takes its default. Whole numbers are counts, as far as they are exact in every program
that may read them; other numbers are finite; nothing is converted.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Mapping
from dataclasses import MISSING, fields, is_dataclass
from functools import cache
from types import NoneType, UnionType
from typing import Any, TypeVar, Union, cast, get_args, get_origin, get_type_hints

T = TypeVar("T")

_MOST = 2**53
#: Characters of a value that are shown.
_LONGEST = 60


#: Turns a value at a place into what a field holds, or adds to the problems.
_Reader = Callable[[Any, str, list[str]], Any]


def decoded(kind: type[T], content: Any) -> tuple[T | None, list[str]]:
    """Return content as a dataclass, or None, and what does not fit, each with its path."""
    problems: list[str] = []
    made = _reader(cast(Hashable, kind))(content, "", problems)
    return (None if problems else cast(T, made)), problems


def misfits(kinds: Mapping[str, Any], content: Mapping[str, Any], place: str) -> list[str]:
    """Return what does not fit of the keys named, each with its path; one whose type takes None may lack."""
    problems: list[str] = []
    for key, kind in kinds.items():
        if key in content:
            _reader(kind)(content[key], _below(place, key), problems)
        elif NoneType not in get_args(kind):
            problems.append(f"{_below(place, key)} is missing")
    return problems


def _no(value: Any, place: str, problems: list[str], wanted: str) -> None:
    given = repr(value)
    shown = given if len(given) <= _LONGEST else f"{given[: _LONGEST - 3]}..."
    problems.append(f"{place or 'the whole'} is {shown} (it should be {wanted})")


def _below(place: str, key: object) -> str:
    return f"{place}.{key}" if place else str(key)


@cache
def _reader(kind: Any) -> _Reader:
    """Return what reads one type."""
    if kind in _PLAIN:
        return _PLAIN[kind]
    if is_dataclass(kind):
        return _record(cast(type, kind))
    origin, inner = get_origin(kind), get_args(kind)
    if origin in (Union, UnionType):
        return _either(inner)
    if origin is tuple:
        return _list(inner) if inner[-1] is Ellipsis else _fixed(inner)
    if origin is Mapping:
        return _mapping(inner[1])
    raise TypeError(f"{kind!r} is no type of a result")


def _record(kind: type) -> _Reader:
    bare: str | None = getattr(kind, "BARE", None)
    hints = get_type_hints(kind)
    parts = [
        (one.name, hints[one.name], one.default is MISSING and one.default_factory is MISSING)
        for one in fields(kind)
    ]

    def read(value: Any, place: str, problems: list[str]) -> Any:
        if bare is not None and not isinstance(value, dict):
            value = {bare: value}
        if not isinstance(value, dict):
            return _no(value, place, problems, "a mapping of keys to values")
        before, given = len(problems), {}
        for name, hint, needed in parts:
            if name not in value:
                if needed:
                    problems.append(f"{_below(place, name)} is missing")
            elif needed or value[name] is not None:
                # Types that name each other are read when they are met.
                given[name] = _reader(hint)(value[name], _below(place, name), problems)
        return kind(**given) if len(problems) == before else None

    return read


def _either(kinds: tuple[Any, ...]) -> _Reader:
    """The first type that fits; what is wrong is told of the first that is not null."""
    wanted = [one for one in kinds if one is not NoneType]

    def read(value: Any, place: str, problems: list[str]) -> Any:
        if value is None and len(wanted) < len(kinds):
            return None
        tries: list[list[str]] = []
        for kind in wanted:
            found: list[str] = []
            made = _reader(kind)(value, place, found)
            if not found:
                return made
            tries.append(found)
        problems += tries[0]
        return None

    return read


def _list(kinds: tuple[Any, ...]) -> _Reader:
    one = _reader(kinds[0])

    def read(value: Any, place: str, problems: list[str]) -> Any:
        if not isinstance(value, list):
            return _no(value, place, problems, "a list")
        return tuple(one(item, _below(place, i), problems) for i, item in enumerate(value))

    return read


def _fixed(kinds: tuple[Any, ...]) -> _Reader:
    every = [_reader(kind) for kind in kinds]

    def read(value: Any, place: str, problems: list[str]) -> Any:
        if not isinstance(value, list) or len(value) != len(every):
            return _no(value, place, problems, f"a list of {len(every)}")
        given = enumerate(zip(every, value, strict=True))
        return tuple(one(item, _below(place, i), problems) for i, (one, item) in given)

    return read


def _mapping(kind: Any) -> _Reader:
    one = _reader(kind)

    def read(value: Any, place: str, problems: list[str]) -> Any:
        if not isinstance(value, dict):
            return _no(value, place, problems, "a mapping of keys to values")
        return {key: one(item, _below(place, key), problems) for key, item in value.items()}

    return read


def _anything(value: Any, place: str, problems: list[str]) -> Any:
    return value


def _of(kind: type, wanted: str) -> _Reader:
    def read(value: Any, place: str, problems: list[str]) -> Any:
        return value if isinstance(value, kind) else _no(value, place, problems, wanted)

    return read


def _count(value: Any, place: str, problems: list[str]) -> Any:
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= _MOST:
        return value
    return _no(value, place, problems, f"a whole number, 0 to {_MOST}")


def _number(value: Any, place: str, problems: list[str]) -> Any:
    if isinstance(value, int | float) and not isinstance(value, bool) and abs(value) <= _LARGEST:
        return float(value)
    return _no(value, place, problems, "a finite number")


_LARGEST = math.nextafter(math.inf, 0.0)
_PLAIN: dict[Any, _Reader] = {
    Any: _anything,
    bool: _of(bool, "true or false"),
    str: _of(str, "text"),
    int: _count,
    float: _number,
}
