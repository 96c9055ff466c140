"""Weights & Biases: a run a pipeline, kept in a folder as its offline mode does, or, pushed, sent as it is made."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from harness.export.figures import Told
from harness.export.target import Asked, Target, environment, library, telling


def _write(pipelines: Sequence[Told], asked: Asked) -> list[str]:
    project = asked.name or pipelines[0].suite
    asked.out.mkdir(parents=True, exist_ok=True)
    mode = "online" if asked.push else "offline"
    with environment(WANDB_SILENT="true", WANDB_CONSOLE="off", WANDB_MODE=mode):
        wandb: Any = library("wandb", "wandb")
        with telling("Weights & Biases", project if asked.push else str(asked.out)):
            for one in pipelines:
                _run(wandb, project, one, asked, mode)
    how = "sent to" if asked.push else f"in {asked.out / 'wandb'} ('wandb sync' sends them) for"
    return [f"Weights & Biases: {len(pipelines)} runs {how} the project {project!r}"]


def _run(wandb: Any, project: str, one: Told, asked: Asked, mode: str) -> None:
    config = {
        "suite": one.suite,
        "pipeline": one.name,
        "result_key": one.bundle.content.get("result_key", ""),
    }
    quiet = wandb.Settings(x_disable_stats=True, x_disable_meta=True, disable_git=True, disable_code=True)
    run = wandb.init(
        project=project,
        name=one.name,
        config=config,
        dir=str(asked.out.absolute()),
        mode=mode,
        settings=quiet,
    )
    for figure in one.figures:
        for key, value in figure.named.items():
            run.summary[key] = value
    run.finish()


TARGET = Target("wandb", "runs of Weights & Biases, offline", _write, frozenset({"name"}), pushes=True)
