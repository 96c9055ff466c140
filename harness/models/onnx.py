"""A model's transformer run by ONNX Runtime, from a file of the model's folder; all else stays the library's.

The library opens the model as ever, with its tokenizer, pooling and prompts, and the transformer's weights are then
replaced by the file. How coarse its numbers are, int8 say, is the file's affair and no setting.
"""

from __future__ import annotations

from collections.abc import Sequence
from importlib import metadata
from pathlib import Path
from typing import Any

from harness.errors import ModelError, UsageError, listed
from harness.models.folders import ModelFolder, sha256


def file_of(folder: ModelFolder, name: str | None) -> Path:
    """Return the ONNX file of a folder. Raises ModelError where it is not there, or is one of several."""
    found = sorted(folder.path.rglob("*.onnx"))
    names = [str(path.relative_to(folder.path)) for path in found]
    if name is not None:
        if not (folder.path / name).is_file():
            raise ModelError(
                f"{folder.path}: has no file {name!r}; its ONNX files are {listed(names) or 'none'}"
            )
        return folder.path / name
    if len(found) != 1:
        what = (
            f"holds several ONNX files, {listed(names)}; name one under 'file:'"
            if found
            else "holds no ONNX file"
        )
        raise ModelError(f"{folder.path}: {what}")
    return found[0]


def key_of(folder: ModelFolder, name: str | None) -> dict[str, str]:
    """Return what answers depend on besides the folder's other files."""
    return {"onnx": sha256(file_of(folder, name)), "onnxruntime": version()}


def version() -> str:
    """Return ONNX Runtime's version. Raises UsageError where it is not installed."""
    try:
        return metadata.version("onnxruntime")
    except metadata.PackageNotFoundError:
        raise UsageError(
            "'backend: onnx' needs ONNX Runtime, which is not installed: 'python -m pip install onnxruntime', or the "
            "extra 'onnx'"
        ) from None


def replace(model: Any, file: Path, device: str) -> None:
    """Let a file compute what the transformer of a library's model would.

    Raises:
        UsageError: ONNX Runtime is not installed.
        ModelError: another device than the CPU, a damaged file, or one of another model: of other inputs, or another
            output, or another width.
    """
    import torch

    version()
    if device.partition(":")[0] != "cpu":
        raise ModelError(
            f"'backend: onnx' runs on the CPU here, and the device is {device}; say 'device: cpu' for it"
        )
    session = _session(file, torch.get_num_threads())
    module = model[0]
    transformer = module.model
    wanted = module.modality_config["text"]["method_output_name"]
    wanted = wanted if isinstance(wanted, str) else wanted[-1]
    given, answers = [i.name for i in session.get_inputs()], [o.name for o in session.get_outputs()]
    known = list(model.tokenizer.model_input_names)
    if strange := [name for name in given if name not in known]:
        raise ModelError(
            f"{file}: asks for the inputs {listed(given)}, and this model's tokenizer gives {listed(known)}; "
            f"{listed(strange)} would be missing. Is it another model's?"
        )
    if wanted not in answers:
        raise ModelError(
            f"{file}: answers with {listed(answers)}, and this model is to answer with {wanted!r}"
        )
    made = _transformer_class()(session, transformer.config, given, answers, file)
    some = {key: value for key, value in model.preprocess(["a"]).items() if hasattr(value, "to")}
    with torch.inference_mode():
        answer, own = made(**some)[wanted], transformer(**_taken(transformer, some))[wanted]
    if answer.shape[-1] != own.shape[-1]:
        raise ModelError(
            f"{file}: its {wanted!r} is {answer.shape[-1]} numbers wide, and this model's {own.shape[-1]}; it is "
            "another model's"
        )
    module.model = made


def _taken(transformer: Any, features: dict[str, Any]) -> dict[str, Any]:
    import inspect

    names = inspect.signature(transformer.forward).parameters
    return {key: value for key, value in features.items() if key in names}


def _session(file: Path, threads: int) -> Any:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads, options.log_severity_level = threads, 3
    try:
        return onnxruntime.InferenceSession(str(file), options, providers=["CPUExecutionProvider"])
    except Exception as error:
        text = " ".join(str(error).split())[:200]
        raise ModelError(f"{file}: ONNX Runtime cannot read it ({text})") from None


def _transformer_class() -> Any:
    import torch

    class OnnxTransformer(torch.nn.Module):
        """Takes a transformer's place in a model of the library."""

        def __init__(
            self, session: Any, config: Any, inputs: Sequence[str], outputs: Sequence[str], file: Path
        ) -> None:
            super().__init__()
            self.session, self.config = session, config
            self.inputs, self.outputs, self.n_bytes = tuple(inputs), tuple(outputs), file.stat().st_size

        def forward(self, **features: Any) -> Any:
            """Return the file's outputs by name."""
            from transformers.utils import ModelOutput

            given = {name: features[name].cpu().numpy() for name in self.inputs}
            found = self.session.run(list(self.outputs), given)
            return ModelOutput({n: torch.from_numpy(v) for n, v in zip(self.outputs, found, strict=True)})

    return OnnxTransformer


__all__ = ["file_of", "key_of", "replace", "version"]
