"""MLflow: an experiment a suite, a run a pipeline, in a store of files or, pushed, on the tracking server."""

from __future__ import annotations

import os
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from harness.errors import UsageError
from harness.export.figures import Told
from harness.export.target import Asked, Target, environment, library, telling

_SERVER = "MLFLOW_TRACKING_URI"
_LONGEST = 250


def _write(pipelines: Sequence[Told], asked: Asked) -> list[str]:
    server = os.environ.get(_SERVER)
    if asked.push and not server:
        raise UsageError(
            f"--push to MLflow goes to the tracking server that {_SERVER} names, and it names none"
        )
    tracking: Any = library("mlflow.tracking", "mlflow")
    where = str(server) if asked.push else asked.out.absolute().as_uri()
    name = asked.name or pipelines[0].suite
    # MLflow keeps its store of files, and asks for this before it writes one.
    with environment(MLFLOW_ALLOW_FILE_STORE="true"), telling("MLflow", where):
        if not asked.push:
            asked.out.mkdir(parents=True, exist_ok=True)
        client = tracking.MlflowClient(tracking_uri=where)
        known = client.get_experiment_by_name(name)
        experiment = client.create_experiment(name) if known is None else known.experiment_id
        for one in pipelines:
            _run(client, experiment, one)
    return [f"MLflow: {len(pipelines)} runs in the experiment {name!r} of {where}"]


def _run(client: Any, experiment: str, one: Told) -> None:
    run = client.create_run(experiment, tags={"mlflow.runName": one.name, "bundle": one.bundle.name})
    number = run.info.run_id
    for key, value in _parameters(one).items():
        client.log_param(number, key, str(value)[:_LONGEST])
    now = int(datetime.fromisoformat(one.date).timestamp() * 1000) if one.date else 0
    for figure in one.figures:
        for key, value in figure.named.items():
            client.log_metric(number, key, float(value), timestamp=now)
    client.set_terminated(number)


def _parameters(one: Told) -> dict[str, Any]:
    stages = one.bundle.content["pipelines"][one.name].get("stages") or {}
    said = {f"stages.{key}": value for key, value in stages.items() if isinstance(value, str | int | float)}
    return {
        "suite": one.suite,
        "pipeline": one.name,
        "result_key": one.bundle.content.get("result_key", ""),
        **said,
    }


TARGET = Target("mlflow", "runs of an MLflow experiment", _write, frozenset({"name"}), pushes=True)
