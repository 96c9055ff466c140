"""A model's transformer run by ONNX Runtime or OpenVINO, from a file of its folder; all else stays the library's.

The library opens the model as ever, with its tokenizer, pooling and prompts, and the transformer's weights are then
replaced by the file. How coarse its numbers are, int8 say, is the file's affair and no setting.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any, Protocol

from harness.errors import ModelError, UsageError, listed
from harness.models.folders import ModelFolder, sha256


class Session(Protocol):
    """A file, opened."""

    @property
    def inputs(self) -> Sequence[str]:
        """Their names."""

    @property
    def outputs(self) -> Sequence[str]:
        """Likewise."""

    def run(self, given: Mapping[str, Any]) -> Sequence[Any]:
        """Return every output of some inputs, NumPy arrays, in their order."""


@dataclass(frozen=True)
class Runtime:
    """A library that runs files.

    Attributes:
        name: in messages.
        package: on PyPI, and the extra that brings it is the backend's name.
        files: patterns of the files that it reads, those of the first are looked for first.
        open: opens a file for so many threads.
    """

    name: str
    package: str
    files: tuple[str, ...]
    open: Callable[[Path, int], Session]


def file_of(folder: ModelFolder, name: str | None, backend: str) -> Path:
    """Return the file that a backend runs. Raises ModelError where it is not there, or is one of several."""
    runtime = RUNTIMES[backend]
    found = next((files for files in (sorted(folder.path.rglob(p)) for p in runtime.files) if files), [])
    names = [str(path.relative_to(folder.path)) for path in found]
    if name is not None:
        if not (folder.path / name).is_file():
            raise ModelError(
                f"{folder.path}: has no file {name!r}; its files for {runtime.name} are {listed(names) or 'none'}"
            )
        return folder.path / name
    if len(found) != 1:
        what = (
            f"holds several files for {runtime.name}, {listed(names)}; name one under 'file:'"
            if found
            else f"holds no file for {runtime.name} ({listed(runtime.files)})"
        )
        raise ModelError(f"{folder.path}: {what}")
    return found[0]


def key_of(folder: ModelFolder, name: str | None, backend: str) -> dict[str, str]:
    """Return what answers depend on besides the folder's other files."""
    file, package = file_of(folder, name, backend), RUNTIMES[backend].package
    digests = [sha256(part) for part in (file, _weights_of(file)) if part is not None]
    return {backend: " ".join(digests), f"{package} version": version(backend)}


def wanted(name: str | None, backend: str) -> tuple[str, ...]:
    """Return patterns of the files that a folder from elsewhere must bring for a backend."""
    if name is None:
        return ("*.xml", "openvino/*") if backend == "openvino" else RUNTIMES[backend].files
    return (name, f"{name.removesuffix('.xml')}.bin") if name.endswith(".xml") else (name,)


def version(backend: str) -> str:
    """Return a backend's version. Raises UsageError where it is not installed."""
    runtime = RUNTIMES[backend]
    try:
        return metadata.version(runtime.package)
    except metadata.PackageNotFoundError:
        raise UsageError(
            f"'backend: {backend}' needs {runtime.name}, which is not installed: 'python -m pip install "
            f"{runtime.package}', or the extra '{backend}'"
        ) from None


def _weights_of(file: Path) -> Path | None:
    """The second file of OpenVINO's own format."""
    beside = file.with_suffix(".bin")
    return beside if file.suffix == ".xml" and beside.is_file() else None


def replace(model: Any, file: Path, device: str, backend: str) -> None:
    """Let a file compute what the transformer of a library's model would.

    Raises:
        UsageError: the backend is not installed.
        ModelError: another device than the CPU, a damaged file, or one of another model: of other inputs, or another
            output, or another width.
    """
    import torch

    version(backend)
    if device.partition(":")[0] != "cpu":
        raise ModelError(
            f"'backend: {backend}' runs on the CPU here, and the device is {device}; say 'device: cpu' for it"
        )
    session = RUNTIMES[backend].open(file, torch.get_num_threads())
    module = model[0]
    transformer = module.model
    wanted = module.modality_config["text"]["method_output_name"]
    wanted = wanted if isinstance(wanted, str) else wanted[-1]
    given, answers = list(session.inputs), list(session.outputs)
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
    made = _transformer_class()(session, transformer.config, file)
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


def _transformer_class() -> Any:
    import torch

    class FileTransformer(torch.nn.Module):
        """Takes a transformer's place in a model of the library."""

        def __init__(self, session: Session, config: Any, file: Path) -> None:
            super().__init__()
            self.session, self.config = session, config
            parts = (file, _weights_of(file))
            self.n_bytes = sum(part.stat().st_size for part in parts if part is not None)

        def forward(self, **features: Any) -> Any:
            """Return the file's outputs by name."""
            from transformers.utils import ModelOutput

            names = self.session.outputs
            found = self.session.run({name: features[name].cpu().numpy() for name in self.session.inputs})
            return ModelOutput({name: torch.from_numpy(own) for name, own in zip(names, found, strict=True)})

    return FileTransformer


class _Onnx:
    """ONNX Runtime."""

    def __init__(self, file: Path, threads: int) -> None:
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads, options.log_severity_level = threads, 3
        try:
            self._session = onnxruntime.InferenceSession(
                str(file), options, providers=["CPUExecutionProvider"]
            )
        except Exception as error:
            raise _unreadable(file, RUNTIMES["onnx"], error) from None
        self.inputs = [given.name for given in self._session.get_inputs()]
        self.outputs = [answer.name for answer in self._session.get_outputs()]

    def run(self, given: Mapping[str, Any]) -> Sequence[Any]:
        """Return every output."""
        found: Sequence[Any] = self._session.run(self.outputs, dict(given))
        return found


class _OpenVino:
    """OpenVINO, at the precision of the file: left to itself it computes in bf16 wherever a CPU can."""

    def __init__(self, file: Path, threads: int) -> None:
        import openvino

        how = {
            "INFERENCE_PRECISION_HINT": "f32",
            "INFERENCE_NUM_THREADS": threads,
            "PERFORMANCE_HINT": "LATENCY",
        }
        try:
            core = openvino.Core()
            self._model = core.compile_model(core.read_model(str(file)), "CPU", how)
        except Exception as error:
            raise _unreadable(file, RUNTIMES["openvino"], error) from None
        self.inputs = [given.any_name for given in self._model.inputs]
        self.outputs = [answer.any_name for answer in self._model.outputs]
        self._request = self._model.create_infer_request()

    def run(self, given: Mapping[str, Any]) -> Sequence[Any]:
        """Return every output; copied, since the next request writes where this one's are."""
        found = self._request.infer(dict(given))
        return [found[place].copy() for place in range(len(self.outputs))]


def _unreadable(file: Path, runtime: Runtime, error: Exception) -> ModelError:
    text = " ".join(str(error).split())[:200]
    return ModelError(f"{file}: {runtime.name} cannot read it ({text})")


#: Backends besides torch; a new one is a row.
RUNTIMES: Mapping[str, Runtime] = {
    "onnx": Runtime("ONNX Runtime", "onnxruntime", ("*.onnx",), _Onnx),
    "openvino": Runtime("OpenVINO", "openvino", ("*.xml", "*.onnx"), _OpenVino),
}


__all__ = ["RUNTIMES", "file_of", "key_of", "replace", "version", "wanted"]
