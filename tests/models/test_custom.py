"""A class of one's own: found beside the config, and whatever is wrong with it told as its own."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from harness.cli import main
from harness.config import ModelSettings
from harness.errors import ModelError
from harness.models import beside, loading
from harness.models.folders import Permissions
from harness.models.protocols import EncodesInStages, ScoresInStages
from harness.models.recipe import recipe_of

GOOD = """
import numpy as np


class Model:
    similarity = "cosine"

    def __init__(self, width=4):
        self.width = width

    def encode(self, texts, role):
        return np.asarray([[len(text), text.count("e"), len(role), 1][: self.width] for text in texts], np.float32)


class Ranker:
    def score(self, pairs):
        return np.asarray([len(set(a.split()) & set(b.split())) for a, b in pairs], np.float32)
"""


@pytest.fixture(autouse=True)
def _import_path() -> Iterator[None]:
    """Leave modules and the import path as they were."""
    path, modules = list(sys.path), set(sys.modules)
    yield
    sys.path[:] = path
    for name in set(sys.modules) - modules:
        if getattr(sys.modules[name], beside._MARK, None):
            del sys.modules[name]


def request(
    folder: Path, what: dict[str, Any], kind: str = "bi_encoder", **more: Any
) -> loading.ModelRequest:
    settings = ModelSettings.model_validate({kind: what, **more})
    return loading.request("m", settings, folder, "cpu", Permissions())


def load(folder: Path, name: str = "my.Model", kind: str = "bi_encoder", **more: Any) -> Any:
    return loading.load(request(folder, {"class": name}, kind, **more))[0]


def test_a_module_beside_the_config_is_found_and_its_class_used(tmp_path: Path) -> None:
    (tmp_path / "my.py").write_text(GOOD)
    model = loading.load(request(tmp_path, {"class": "my.Model", "args": {"width": 3}}))[0]
    np.testing.assert_array_equal(model.encode(["tree", "a"], "query"), [[4, 2, 5], [1, 0, 5]])
    assert model.similarity == "cosine"
    assert load(tmp_path, similarity="dot").similarity == "dot"
    assert load(tmp_path, "my.Ranker", "cross_encoder").score([("a b", "b c")]).tolist() == [1.0]
    assert not isinstance(model, EncodesInStages)


def test_a_package_beside_the_config_and_what_it_imports_later(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "__init__.py").write_text("")
    late = GOOD.replace("        return np", "        import aside\n        return aside.one + np")
    (tmp_path / "mine" / "models.py").write_text(late)
    (tmp_path / "aside.py").write_text("import numpy as np\none = np.float32(1)\n")
    assert load(tmp_path, "mine.models.Model").encode(["a"], "query").tolist() == [[2, 1, 6, 2]]


def test_each_config_has_its_own_module_of_a_name(tmp_path: Path) -> None:
    for name, width in (("one", 4), ("two", 2)):
        (tmp_path / name).mkdir()
        (tmp_path / name / "my.py").write_text(GOOD.replace("width=4", f"width={width}"))
    models = [load(tmp_path / name) for name in ("one", "two", "one")]
    assert [model.encode(["a"], "query").shape[1] for model in models] == [4, 2, 4]


def test_a_file_with_the_name_of_a_module_in_use_is_refused(tmp_path: Path) -> None:
    (tmp_path / "numpy.py").write_text(GOOD.replace("import numpy as np", ""))
    with pytest.raises(ModelError, match=r"numpy\.py: has the name of the module 'numpy' .*rename the file"):
        load(tmp_path, "numpy.Model")


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (
            "return [[1.0, 2.0] for text in texts]",
            r"encode\(2 texts, role='query'\) gave a list of 2; it must be a numpy",
        ),
        (
            "return np.ones((1, 3), np.float32)",
            r"gave an array \[1, 3\] of float32; .* \[2, dimension\] of float32",
        ),
        ("return np.ones((2, 3))", r"gave an array \[2, 3\] of float64"),
        ("return np.ones(2, np.float32)", r"gave an array \[2\] of float32"),
        ("return np.ones((2, 0), np.float32)", "gave vectors of no dimension"),
        ("return None", r"gave nothing \(None\)"),
        ("import torch; return torch.ones(2, 3)", r"gave a torch\.Tensor \[2, 3\]"),
        ("raise ValueError('no such role')", r"raised ValueError: no such role \(.*my\.py, line \d+\)"),
        ("raise SystemExit(3)", "raised SystemExit: 3"),
        ("return texts[7]", "raised IndexError"),
    ],
)
def test_a_fault_of_an_encoder_is_told_as_its_own(body: str, said: str, tmp_path: Path) -> None:
    (tmp_path / "my.py").write_text(
        f"import numpy as np\nclass Model:\n    similarity = 'cosine'\n    def encode(self, texts, role):\n        {body}\n"
    )
    with pytest.raises(ModelError, match=rf"class my\.Model: .*{said}"):
        load(tmp_path).encode(["a", "b"], "query")


def test_vectors_of_another_dimension_are_a_fault(tmp_path: Path) -> None:
    (tmp_path / "my.py").write_text(GOOD.replace(": self.width]", ": len(role) - 2]"))
    model = load(tmp_path)
    assert model.encode(["a"], "query").shape == (1, 3)
    with pytest.raises(
        ModelError, match=r"encode\(1 texts, role='document'\) gave an array \[1, 4\].* \[1, 3\] of"
    ):
        model.encode(["a"], "document")


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (
            "return [1.0, 2.0]",
            r"score\(2 pairs\) gave a list of 2; it must be a numpy array \[2\] of float32",
        ),
        ("return np.ones((2, 1), np.float32)", r"gave an array \[2, 1\] of float32"),
        ("return 1 / 0", "raised ZeroDivisionError"),
    ],
)
def test_a_fault_of_a_scorer_is_told_as_its_own(body: str, said: str, tmp_path: Path) -> None:
    text = f"import numpy as np\nclass Model:\n    def score(self, pairs):\n        {body}\n"
    (tmp_path / "my.py").write_text(text + "    def score_in_stages(self, pairs, mark):\n        return 0\n")
    model = load(tmp_path, kind="cross_encoder")
    with pytest.raises(ModelError, match=rf"class my\.Model: {said}" if "score" in said else said):
        model.score([("a", "b"), ("c", "d")])
    assert isinstance(model, ScoresInStages)
    with pytest.raises(ModelError, match=r"score_in_stages\(1 pairs\) gave a int"):
        model.score_in_stages([("a", "b")], lambda stage: None)


@pytest.mark.parametrize(
    ("text", "name", "said"),
    [
        ("import nowhere", "my.Model", r"importing my raised ModuleNotFoundError: No module named 'nowhere'"),
        ("class Model(:", "my.Model", r"importing my raised SyntaxError: .*my\.py, line 1"),
        ("import sys; sys.exit('usage: my.py FILE')", "my.Model", "raised SystemExit: usage"),
        (GOOD, "my.Modell", r"has no class 'Modell'; it has Model, Ranker"),
        (GOOD, "my.Ranker", r"is no bi-encoder: it needs encode\(texts, role\) and similarity"),
        (GOOD, "other.Model", r"there is no module 'other', neither beside the config"),
        (GOOD, "Model", "has no module, and no plug-in is called that; give its dotted name"),
        (GOOD.replace('"cosine"', '"cos"'), "my.Model", "its similarity is 'cos'; valid are cosine"),
        (GOOD.replace("width=4", "size"), "my.Model", "making it with no arguments raised TypeError"),
    ],
)
def test_a_class_that_cannot_be_made_is_told(text: str, name: str, said: str, tmp_path: Path) -> None:
    (tmp_path / "my.py").write_text(text)
    with pytest.raises(ModelError, match=rf"model 'm': class '?{name}'?.*{said}"):
        load(tmp_path, name)


def test_what_is_kept_depends_on_every_file_beside_the_config_that_is_imported(tmp_path: Path) -> None:
    (tmp_path / "my.py").write_text(GOOD + "\n    def late(self):\n        import helper\n")
    (tmp_path / "helper.py").write_text("import further\n")
    (tmp_path / "further.py").write_text("x = 1\n")
    (tmp_path / "unrelated.py").write_text("x = 1\n")

    def key() -> str:
        recipe = recipe_of(request(tmp_path, {"class": "my.Model"}))
        assert recipe is not None
        return recipe.key

    keys = [key()]
    (tmp_path / "unrelated.py").write_text("x = 2\n")
    assert key() == keys[0]
    (tmp_path / "further.py").write_text("x = 2\n")
    assert key() != keys[0]


@pytest.mark.parametrize(
    ("code", "kept"),
    [
        ("import requests\n", False),
        ("def late():\n    from urllib import request\n", False),
        ("import helper\n", False),
        ("from urllib.parse import quote\n", True),
        ("", True),
    ],
)
def test_answers_that_may_come_from_elsewhere_are_not_kept(code: str, kept: bool, tmp_path: Path) -> None:
    (tmp_path / "helper.py").write_text("import socket\n")
    (tmp_path / "my.py").write_text(
        GOOD
        + "\n\ndef never():\n    pass\n"
        + code.replace("import requests", "if 0: import requests").replace(
            "import helper", "if 0: import helper"
        )
    )
    assert (recipe_of(request(tmp_path, {"class": "my.Model"})) is not None) == kept


def test_a_class_that_says_who_answers_is_kept_under_it(tmp_path: Path) -> None:
    keys = []
    for said in ("one", "another"):  # of other lengths: Python tells compiled files by size and second
        (tmp_path / "my.py").write_text(f"import socket\n{GOOD}\nModel.identity = {said!r}\n")
        sys.modules.pop("my", None)
        recipe = recipe_of(request(tmp_path, {"class": "my.Model"}))
        assert recipe is not None
        keys.append(recipe.parts[0].files["identity"])
    assert keys == ["one", "another"]


@pytest.mark.parametrize(
    "setting", ["precision: bf16", "max_length: 3", "prompts: {query: x}", "device: cpu"]
)
def test_a_setting_that_a_class_would_not_see_is_refused(
    setting: str, write_config: Callable[[str], Path]
) -> None:
    path = write_config("  bi: {retrieve: own}\n")
    path.write_text(
        path.read_text().replace(
            "models:\n", f"models:\n  own: {{bi_encoder: {{class: my.Model}}, {setting}}}\n"
        )
    )
    assert main(["plan", str(path)]) == 2


def run(path: Path) -> subprocess.CompletedProcess[str]:
    """Run a config as a user does, from another folder and without PYTHONPATH to the config's."""
    command = [sys.executable, "-m", "harness", "run", str(path), "--out", str(path.parent / "bundle")]
    return subprocess.run(command, capture_output=True, text=True)


def test_a_run_with_a_class_beside_the_config(write_config: Callable[[str], Path]) -> None:
    path = write_config(
        "  own: {retrieve: own, depth: 5}\n  two: {retrieve: own, rerank: ranker, depth: 5}\n"
    )
    classes = "  own: {bi_encoder: {class: my.Model}}\n  ranker: {cross_encoder: {class: my.Ranker}}\n"
    path.write_text(path.read_text().replace("models:\n", "models:\n" + classes))
    (path.parent / "my.py").write_text(GOOD)
    done = run(path)
    assert done.returncode == 0, done.stderr
    (path.parent / "my.py").write_text(GOOD.replace(", np.float32)\n\n\nclass", ").tolist()\n\n\nclass"))
    failed = run(path)
    assert failed.returncode == 2
    assert "harness: class my.Model: encode(" in failed.stderr
    assert "Traceback" not in failed.stderr


def test_a_bare_dotted_name_is_told_how_a_class_is_named(
    write_config: Callable[[str], Path], capsys: pytest.CaptureFixture[str]
) -> None:
    path = write_config("  own: {retrieve: own}\n")
    path.write_text(path.read_text().replace("models:\n", "models:\n  own: {bi_encoder: my.Model}\n"))
    assert main(["run", str(path)]) == 2
    said = capsys.readouterr().err
    assert "a class of your own is named by {class: my.Model}" in said
    assert "--offline" not in said


def test_offline_is_said_only_where_it_was_asked_for(
    write_config: Callable[[str], Path], capsys: pytest.CaptureFixture[str]
) -> None:
    path = write_config("  own: {retrieve: own}\n")
    path.write_text(path.read_text().replace("models:\n", "models:\n  own: {bi_encoder: some/thing}\n"))
    assert main(["run", str(path)]) == 2
    assert "the network may not be used (HF_HUB_OFFLINE is set)" in capsys.readouterr().err
    assert main(["run", str(path), "--offline"]) == 2
    assert "the network may not be used (--offline)" in capsys.readouterr().err
