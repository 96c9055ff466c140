"""Names that a config uses and nothing defines."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from harness.config.pipelines import pipeline_names, unrolled_names
from harness.errors import ConfigError, listed, nearest

if TYPE_CHECKING:
    from harness.config.configs import LoadedConfig


def check_references(config: LoadedConfig) -> None:
    """Report every name that a pipeline or comparison uses and nothing defines, all at once."""
    problems: list[str] = []
    known = {**{name: model.kind for name, model in config.settings.models.items()}, "bm25": "bm25"}

    def check(pipeline: str, key: str, name: str, kinds: tuple[str, ...]) -> None:
        where = config.file.where(("pipelines", pipeline, key))
        valid = [n for n, kind in known.items() if kind in kinds]
        wanted = " or ".join(kind.replace("_", "-") if kind != "bm25" else "BM25" for kind in kinds)
        if name not in known:
            problems.append(
                f"{where}: unknown model {name!r}{nearest(name, valid)}; here can stand "
                f"{listed(valid) or 'none yet: add one under models'}"
            )
        elif known[name] not in kinds:
            problems.append(
                f"{where}: {key} takes a {wanted}, and {name!r} is a {known[name].replace('_', '-')}; "
                f"here can stand {listed(valid) or 'none yet: add one under models'}"
            )

    for name, pipeline in config.settings.pipelines.items():
        if pipeline.retrieve:
            check(name, "retrieve", pipeline.retrieve, ("bi_encoder", "bm25"))
            if pipeline.index not in (None, "exact") and known.get(pipeline.retrieve) == "bm25":
                problems.append(
                    f"{config.file.where(('pipelines', name, 'index'))}: index is for a bi-encoder's vectors; BM25 has "
                    "an index of its own: leave it out"
                )
        if pipeline.fuse:
            problems += _of_fusion(config, name, pipeline.fuse)
        if pipeline.rerank:
            check(name, "rerank", pipeline.rerank, ("cross_encoder",))
        if pipeline.score:
            check(name, "score", pipeline.score, ("bi_encoder", "cross_encoder"))
        if pipeline.encode:
            check(name, "encode", pipeline.encode, ("bi_encoder",))
    names = pipeline_names(config.settings)
    twice = {name for name in names if names.count(name) > 1}
    for name in sorted(twice):
        problems.append(f"{config.file.where(('pipelines',))}: two pipelines would be called {name!r}")
    alike: dict[str, str] = {}
    for name in dict.fromkeys(names):
        other = alike.setdefault(name.casefold(), name)
        if other != name:
            problems.append(
                f"{config.file.where(('pipelines',))}: pipelines {other!r} and {name!r} differ in case alone, and "
                "their run files would be one where file names have no case; give them other names"
            )
    for i, pair in enumerate(config.settings.compare or ()):
        for name in pair:
            if name not in names:
                where = config.file.where(("compare", i))
                problems.append(
                    f"{where}: unknown pipeline {name!r}{nearest(name, names)}; known are {listed(names)}"
                )
    if problems:
        raise ConfigError(problems[0], problems[1:])


def _of_fusion(config: LoadedConfig, name: str, fused: Sequence[str]) -> list[str]:
    """What is wrong with the names of the pipelines that another one fuses."""
    given = config.settings.pipelines
    valid = [
        full
        for other, pipeline in given.items()
        if pipeline.fuse is None and pipeline.score is None and pipeline.encode is None
        for full in unrolled_names(other, pipeline)
    ]
    problems = []
    for i, wanted in enumerate(fused):
        if wanted in valid:
            continue
        where = config.file.where(("pipelines", name, "fuse", i))
        pipeline = given.get(wanted)
        if pipeline is None:
            told = f"unknown pipeline {wanted!r}{nearest(wanted, valid)}"
        elif pipeline.fuse is not None:
            told = f"{wanted!r} is itself a fusion"
        elif pipeline.score is not None or pipeline.encode is not None:
            told = f"{wanted!r} searches nothing"
        else:
            told = f"{wanted!r} is a sweep; name one of {listed(unrolled_names(wanted, pipeline))}"
        problems.append(f"{where}: {told}; fuse takes {listed(valid) or 'none here'}")
    return problems
