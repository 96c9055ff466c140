"""Names that a config uses and nothing defines."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.config.pipelines import pipeline_names
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
        if pipeline.rerank:
            check(name, "rerank", pipeline.rerank, ("cross_encoder",))
        if pipeline.score:
            check(name, "score", pipeline.score, ("bi_encoder", "cross_encoder"))
    names = pipeline_names(config.settings)
    twice = {name for name in names if names.count(name) > 1}
    for name in sorted(twice):
        problems.append(f"{config.file.where(('pipelines',))}: two pipelines would be called {name!r}")
    for i, pair in enumerate(config.settings.compare or ()):
        for name in pair:
            if name not in names:
                where = config.file.where(("compare", i))
                problems.append(
                    f"{where}: unknown pipeline {name!r}{nearest(name, names)}; known are {listed(names)}"
                )
    if problems:
        raise ConfigError("\n".join(problems))
