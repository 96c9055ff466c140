"""Fuse: the results of several pipelines made one, by reciprocal ranks or weighted scores."""

from __future__ import annotations

from typing import Any

from harness.stages.told import Kind, Sentence, Stages, Told

_FUSED = Sentence(
    "{} fuses the results of other pipelines by ranx, and searches nothing itself.",
    "{} fuse the results of other pipelines by ranx, and search nothing themselves.",
)


def _fused(stages: Stages) -> str:
    settings = {key: stages[key] for key in ("k", "weights", "normalisation") if key in stages}
    told = "".join(f", {key} {_plain(value)}" for key, value in settings.items())
    return f"{' + '.join(stages['fuse'])} by {stages['method']}{told}, depth {stages['depth']}"


def _plain(value: Any) -> str:
    return "/".join(f"{part:.3g}" for part in value) if isinstance(value, list) else str(value)


KIND = Kind(
    told=(Told("fusion", _fused, lambda part: _FUSED, ("fuse",), pipelines_first=True),),
    said=(_FUSED,),
)
