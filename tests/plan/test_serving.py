"""From a config to what starts its workers."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from harness.config import load_config
from harness.errors import ConfigError, UsageError
from harness.models.folders import ModelFolder
from harness.models.loading import ModelRequest
from harness.plan.opening import Opening, as_served
from harness.plan.serving import NotTimeable, ServingSetup, environment, not_timeable, service_factories
from harness.timing.service import ServiceError

PIPELINES = """\
  bi: {retrieve: bi, depth: 100}
  two-stage: {retrieve: bi, rerank: cross, depth: [5, 20]}
  given: {run: runs/given.trec}
"""


def test_an_opening_is_json_and_says_the_same_again(write_config: Callable[[str], Path]) -> None:
    config = load_config(write_config(PIPELINES), ["models.bi.batch_size=3", "store=off", "seed=5"])
    opening = Opening(config, "two-stage@20", 2, offline=True)
    again = Opening.from_json(json.loads(json.dumps(opening.as_json())))
    assert again.config.settings == config.settings
    assert again.config.digest == config.digest
    assert again.config.suite.settings == config.suite.settings
    assert (again.config.folder, again.config.suite.folder) == (config.folder, config.suite.folder)
    assert (again.pipeline, again.threads, again.offline) == ("two-stage@20", 2, True)


def test_only_one_pipeline_with_its_one_depth(write_config: Callable[[str], Path]) -> None:
    config = load_config(write_config(PIPELINES))
    ((name, kept),) = config.with_only(["two-stage@20"]).pipelines.items()
    assert (name, kept.given, kept.root.depth, kept.models) == (
        "two-stage@20",
        "two-stage",
        20,
        ("bi", "cross"),
    )
    assert list(config.with_only(["bi"]).pipelines) == ["bi"]
    for wrong in ("two-stage", "two-stage@7", "b"):
        with pytest.raises(UsageError, match="it has bi, two-stage@5, two-stage@20, given"):
            config.with_only([wrong])


def test_a_recipes_model_is_served_from_its_folder(
    write_config: Callable[[str], Path], tmp_path: Path
) -> None:
    path = write_config("  two-stage: {retrieve: bi, rerank: made, depth: 5}\n")
    made = "models:\n  made: {cross_encoder: {recipe: quickstart-cross-encoder}, precision: bf16}\n"
    path.write_text(path.read_text().replace("models:\n", made))
    config = load_config(path)
    folder = ModelFolder(tmp_path, "made", "folder")
    requests = {
        name: ModelRequest(name, config.settings.models[name], (folder,), "cpu", None)
        for name in ("bi", "made")
    }
    models = as_served(config, requests).settings.models
    assert models["made"].source == str(tmp_path)
    assert models["made"].precision == "bf16"
    assert models["bi"] == config.settings.models["bi"]
    opening = Opening(as_served(config, requests), "two-stage", 1)
    assert Opening.from_json(json.loads(json.dumps(opening.as_json()))).config.settings.models == models


def test_a_key_of_a_newer_version_is_refused_in_words(write_config: Callable[[str], Path]) -> None:
    message = Opening(load_config(write_config(PIPELINES)), "bi", 1).as_json()
    message["config"]["content"]["quantum"] = True
    with pytest.raises(ConfigError, match="unknown key 'quantum'"):
        Opening.from_json(message)


def test_an_existing_run_has_no_speed(write_config: Callable[[str], Path]) -> None:
    config = load_config(write_config(PIPELINES))
    assert not_timeable(config, "bi") is None
    assert "given.trec was made before" in str(not_timeable(config, "given"))
    with pytest.raises(NotTimeable, match=r"given\.trec"):
        service_factories(config, ["bi", "given"], ServingSetup())
    assert list(service_factories(config, ["bi", "two-stage@5"], ServingSetup())) == ["bi", "two-stage@5"]


def test_a_python_without_the_harness_says_so(write_config: Callable[[str], Path], tmp_path: Path) -> None:
    bare = tmp_path / "python"
    bare.write_text(f'#!/bin/sh\nexec "{sys.executable}" -I -S "$@"\n')
    bare.chmod(0o755)
    config = load_config(write_config(PIPELINES))
    with pytest.raises(ServiceError, match=r"(?s)bi: its worker died \(exit code 1\).*No module named"):
        service_factories(config, ["bi"], ServingSetup(python=bare))["bi"]()


def test_the_environment_of_this_python_and_of_another() -> None:
    given = {"PYTHONPATH": "/elsewhere", "HOME": "/home", "OMP_NUM_THREADS": "64", "PYTHONHOME": "/p"}
    mine = environment(None, 2, given)
    assert mine["OMP_NUM_THREADS"] == mine["MKL_NUM_THREADS"] == "2"
    assert mine["HOME"] == "/home"
    assert set(mine["PYTHONPATH"].split(os.pathsep)) >= {entry for entry in sys.path if entry}
    other = environment(Path("/other/bin/python"), 2, given)
    assert "PYTHONPATH" not in other
    assert "PYTHONHOME" not in other
    assert other["PYTHONSAFEPATH"] == "1"
