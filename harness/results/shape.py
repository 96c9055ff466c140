"""A result in its types, and what types cannot say: names that are files' names, and figures that are all there."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from harness.errors import BundleError, listed
from harness.results.decoding import decoded
from harness.results.places import plain_name, plain_place
from harness.results.schema import Result

#: How many problems of one file are told.
_TOLD = 3
_JUDGED = re.compile(r"judged@[1-9][0-9]{0,8}")


def result_of(content: Mapping[str, Any], file: Path) -> Result:
    """Return a result of the newest schema. Raises BundleError that says what is wrong, and where."""
    result, problems = decoded(Result, content)
    if result is None:
        more = f", and {len(problems) - _TOLD} more" if len(problems) > _TOLD else ""
        raise BundleError(f"{file}: {'; '.join(problems[:_TOLD])}{more}; the file is damaged, or was edited")
    for problem in _problems(result):
        raise BundleError(f"{file}: {problem}")
    return replace(result, pipelines={n: replace(part, name=n) for n, part in result.pipelines.items()})


def _problems(result: Result) -> Iterator[str]:
    for what, names in (("pipeline", result.pipelines), ("measure", result.measures)):
        for name in names:
            if not plain_name(name):
                yield f"the {what} name {name!r} cannot be a file's name"
    if result.config.name and not plain_name(result.config.name):
        yield f"the config's name {result.config.name!r} cannot be a folder's name"
    runs = [place for part in result.pipelines.values() for place in part.runs]
    for place in (*result.files, *runs):
        if not plain_place(place):
            yield (
                f"names the file {place!r}; a bundle's files are named by their path inside it, such as "
                "'runs/NAME.trec'"
            )
    if result.primary not in result.measures:
        yield f"the primary measure {result.primary!r} is not among those measured"
    for name, part in result.pipelines.items():
        if lacking := [measure for measure in result.measures if measure not in part.measures]:
            yield f"pipeline {name!r} has no figure of {listed(lacking)}"
        if strange := [key for key in part.judged if not _JUDGED.fullmatch(key)]:
            yield f"pipelines.{name}.judged.{strange[0]} is no share of the first results, such as judged@10"
