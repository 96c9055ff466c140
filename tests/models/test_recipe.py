"""What a model's answers depend on, without torch, and without the wrong thing being kept."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from harness.config import ModelSettings, load_config
from harness.errors import ModelError
from harness.models import loading
from harness.models.folders import Permissions
from harness.models.protocols import Identity, Work
from harness.models.recipe import recipe_of

_NO_TORCH = """
import sys
from pathlib import Path
from harness.config import load_config
from harness.models import loading
from harness.models.folders import Permissions
from harness.models.recipe import recipe_of
config = load_config(sys.argv[1])
for name, model in config.settings.models.items():
    print(recipe_of(loading.request(name, model, config.folder, "cpu", Permissions(offline=True))).key)
assert "torch" not in sys.modules
"""


def test_keys_need_no_torch_and_are_the_same_in_every_process(write_config: Callable[[str], Path]) -> None:
    path = write_config("  bi: {retrieve: bi}\n")
    outputs = {
        subprocess.run(
            [sys.executable, "-c", _NO_TORCH, str(path)],
            capture_output=True,
            text=True,
            check=True,
            env={**os.environ, "PYTHONPATH": str(Path.cwd()), "PYTHONHASHSEED": seed},
        ).stdout
        for seed in ("1", "2")
    }
    assert len(outputs) == 1


def test_the_identity_from_the_store_is_the_one_of_the_loaded_model(
    write_config: Callable[[str], Path],
) -> None:
    config = load_config(write_config("  bi: {retrieve: bi}\n"))
    for name, settings in config.settings.models.items():
        request = loading.request(name, settings, config.folder, "cpu", Permissions(offline=True))
        recipe = recipe_of(request)
        assert recipe is not None
        loaded = loading.load(request)[1]
        again = loading.identity(request, dict(loaded.settings), [part.files for part in recipe.parts])
        assert again == loaded == Identity.from_dict(loaded.as_dict())


def custom(folder: Path, monkeypatch: pytest.MonkeyPatch, arguments: dict[str, object]) -> str | None:
    """The key of a third party's class in a package."""
    monkeypatch.syspath_prepend(str(folder))
    for name in [name for name in sys.modules if name.partition(".")[0] == "theirs"]:
        monkeypatch.delitem(sys.modules, name)
    settings = ModelSettings.model_validate(
        {"bi_encoder": {"class": "theirs.model.Encoder", "args": arguments}}
    )
    recipe = recipe_of(loading.request("m", settings, folder, "cpu", Permissions()))
    return None if recipe is None else recipe.key


def test_a_third_partys_class_is_its_whole_package_its_arguments_and_the_files_they_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "theirs"
    package.mkdir()
    (package / "__init__.py").write_text("")
    (package / "helper.py").write_text("x = 1\n")
    (package / "model.py").write_text("class Encoder:\n    pass\n")
    weights = tmp_path / "weights.bin"
    weights.write_bytes(b"1")
    keys = [custom(tmp_path, monkeypatch, {"weights": str(weights), "n": 1})]
    assert keys[0] == custom(tmp_path, monkeypatch, {"weights": str(weights), "n": 1})
    (package / "helper.py").write_text("x = 2\n")
    keys.append(custom(tmp_path, monkeypatch, {"weights": str(weights), "n": 1}))
    keys.append(custom(tmp_path, monkeypatch, {"weights": str(weights), "n": 2}))
    weights.write_bytes(b"2")
    keys.append(custom(tmp_path, monkeypatch, {"weights": str(weights), "n": 2}))
    assert len(set(keys)) == 4


def test_a_class_without_source_is_not_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = ModelSettings.model_validate({"bi_encoder": {"class": "builtins.dict"}})
    assert recipe_of(loading.request("m", settings, tmp_path, "cpu", Permissions())) is None


def test_a_class_that_is_not_there_is_named(tmp_path: Path) -> None:
    settings = ModelSettings.model_validate({"bi_encoder": {"class": "nowhere.Encoder"}})
    with pytest.raises(ModelError, match=r"class 'nowhere\.Encoder' cannot be imported"):
        recipe_of(loading.request("m", settings, tmp_path, "cpu", Permissions()))


def test_work_adds_and_subtracts() -> None:
    assert Work(3, 4, 5, 6, 1) - Work(1, 1, 1, 1, 1) + Work(texts=2) == Work(2, 5, 4, 5, 0)
