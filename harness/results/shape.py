"""What ``result.json`` must look like, as far as a reader goes by it; what else stands there is let be."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from harness.errors import BundleError, listed
from harness.results.places import plain_name, plain_place

#: How many problems of one file are told.
_TOLD = 3


class _Part(BaseModel):
    """A part of the result: known keys in their type, others as they are."""

    model_config = ConfigDict(extra="allow", strict=True, frozen=True, allow_inf_nan=False)


#: A count, as far as it is one in every program that may read it.
_Count = Annotated[int, Field(ge=0, le=2**53)]
_Pair = Annotated[list[str], Field(min_length=2, max_length=2)]
_JudgedAt = Annotated[str, Field(pattern=r"^judged@[1-9][0-9]{0,8}$")]


class _Interval(_Part):
    low: float | None
    high: float | None
    confidence: float = 0.95
    method: str = ""


class _Figure(_Part):
    value: float | None
    n: _Count | None = None
    interval: _Interval | None = None


class _Measured(_Figure):
    value: float
    n: _Count
    limited_by_depth: _Count | None = None


_Figures = dict[str, _Figure | float | None]


class _Latency(_Part):
    mean: _Figure | None = None
    p50: _Figure | None = None
    p90: _Figure | None = None
    p95: _Figure | None = None
    p99: _Figure | None = None
    autocorrelation: float | None = None
    steady: bool | None = None
    reached: dict[str, float | None] | None = None


class _Timing(_Part):
    invalid: str | None = None
    latency: _Latency | None = None
    stages: _Figures | None = None
    cold: _Figures | None = None
    index: _Figures | None = None
    throughput: _Figures | None = None
    load: list[dict[str, _Figure | float | bool | str | None]] | None = None
    max_rate: dict[str, float | bool | str | None] | None = None
    memory: _Figures | None = None
    counters: dict[str, float] | None = None


class _FirstStage(_Part):
    source: str
    depth: _Count
    run: str


class _Ties(_Part):
    measure: str
    canonical: float
    best: float
    worst: float


class _Pipeline(_Part):
    kind: str
    stages: dict[str, Any]
    measures: dict[str, _Measured]
    run: str | None = None
    first_stage: _FirstStage | None = None
    unanswered: _Count = 0
    results: _Count | None = None
    judged: dict[_JudgedAt, float | None] = {}
    ties: _Ties | None = None
    index: dict[str, Any] | None = None
    timing: _Timing | None = None


class _Suite(_Part):
    name: str
    version: int
    dataset: dict[str, Any] = {}
    reference: dict[str, dict[str, float | str]] = {}


class _Config(_Part):
    name: str | None = None
    seed: Annotated[int, Field(ge=0)] = 0


class _Machine(_Part):
    cpu: str | None = None


class _Manifest(_Part):
    started: str = ""
    ended: str = ""
    data_sha256: dict[str, str] = {}
    packages: dict[str, str] = {}
    machine: _Machine = _Machine()
    devices: dict[str, Any] = {}


class _Model(_Part):
    settings: dict[str, Any] = {}
    files: dict[str, str] = {}


class _Control(_Part):
    pipeline: str | None = None
    noisy: bool = False
    reason: str | None = None
    log_ratios: list[float] = []


class _Session(_Part):
    profile: str = ""
    sets: _Count | None = None
    blocks: _Count | None = None
    overhead_ns: float | None = None
    control: _Control | None = None
    environment: dict[str, Any] | None = None
    notes: list[str] = []


class _Ratio(_Part):
    ratio: _Figure | None = None
    log_ratios: list[float] = []
    verdict: str | None = None
    reason: str | None = None


class _Against(_Part):
    pipelines: dict[str, dict[str, _Ratio | None]] = {}


class _Result(_Part):
    task: str
    suite: _Suite
    primary: str
    measures: list[str]
    pipelines: dict[str, _Pipeline]
    config: _Config
    manifest: _Manifest
    compare: list[_Pair] = []
    counts: dict[str, _Count] = {}
    notes: list[str] = []
    warnings: list[str] = []
    models: dict[str, _Model] = {}
    work: dict[str, dict[str, Any]] = {}
    timing: _Session | None = None
    against: _Against | None = None
    files: dict[str, str] = {}


def check(result: Mapping[str, Any], file: Path) -> None:
    """Raise BundleError where a result is not what a bundle's result is, naming the place and what is there."""
    try:
        _Result.model_validate(dict(result))
    except ValidationError as error:
        problems = list(dict.fromkeys(_told(detail) for detail in error.errors()))
        more = f", and {len(problems) - _TOLD} more" if len(problems) > _TOLD else ""
        raise BundleError(
            f"{file}: {'; '.join(problems[:_TOLD])}{more}; the file is damaged, or was edited"
        ) from None
    for what, names in (("pipeline", result["pipelines"]), ("measure", result["measures"])):
        strange = [name for name in names if not plain_name(name)]
        if strange:
            raise BundleError(f"{file}: the {what} name {strange[0]!r} cannot be a file's name")
    if (name := result["config"].get("name")) is not None and not plain_name(name):
        raise BundleError(f"{file}: the config's name {name!r} cannot be a folder's name")
    runs = [
        p.get("run") for part in result["pipelines"].values() for p in (part, part.get("first_stage") or {})
    ]
    strange = [p for p in (*result.get("files", {}), *filter(None, runs)) if not plain_place(p)]
    if strange:
        raise BundleError(
            f"{file}: names the file {strange[0]!r}; a bundle's files are named by their path inside it, such as "
            "'runs/NAME.trec'"
        )
    if result["primary"] not in result["measures"]:
        raise BundleError(f"{file}: the primary measure {result['primary']!r} is not among those measured")
    for name, part in result["pipelines"].items():
        lacking = [measure for measure in result["measures"] if measure not in part["measures"]]
        if lacking:
            raise BundleError(f"{file}: pipeline {name!r} has no figure of {listed(lacking)}")


def _told(detail: Any) -> str:
    """A problem in a few words; what a union adds to the path of a problem is left out of it."""
    place = ".".join(
        str(part) for part in detail["loc"] if not str(part).startswith(("_", "dict[", "function"))
    )
    given = repr(detail["input"])
    shown = given if len(given) <= 60 else f"{given[:57]}..."
    return f"{place} is {shown} ({detail['msg'][:1].lower()}{detail['msg'][1:]})"
