"""trackio: a project a suite, a run a pipeline, in a folder; nothing is sent, and no dashboard is started."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from harness.export.figures import Told
from harness.export.target import Asked, Target, environment, library, telling

#: Where trackio goes to if it is told nothing else; unset for the while, so that nothing leaves this machine.
_ELSEWHERE = (
    "TRACKIO_SPACE_ID",
    "TRACKIO_SERVER_URL",
    "TRACKIO_DATASET_ID",
    "TRACKIO_BUCKET_ID",
    "TRACKIO_WEBHOOK_URL",
)


def _write(pipelines: Sequence[Told], asked: Asked) -> list[str]:
    project = asked.name or pipelines[0].suite
    asked.out.mkdir(parents=True, exist_ok=True)
    with environment(TRACKIO_DIR=str(asked.out.absolute()), **dict.fromkeys(_ELSEWHERE)):
        trackio: Any = library("trackio", "trackio")
        with telling("trackio", str(asked.out)):
            for one in pipelines:
                _run(trackio, project, one)
    return [f"trackio: {len(pipelines)} runs in the project {project!r} of {asked.out}"]


def _run(trackio: Any, project: str, one: Told) -> None:
    config = {
        "suite": one.suite,
        "pipeline": one.name,
        "result_key": one.bundle.content.get("result_key", ""),
    }
    trackio.init(project, name=one.name, config=config, embed=False, auto_log_gpu=False, auto_log_cpu=False)
    trackio.log({key: value for figure in one.figures for key, value in figure.named.items()})
    trackio.finish()


TARGET = Target("trackio", "runs of a trackio project", _write, frozenset({"name"}))
