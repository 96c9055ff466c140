"""What a model's answers depend on, known before it is loaded and without torch: the keys of all that is
kept."""

from __future__ import annotations

import inspect
import json
import platform
import sys
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from importlib import metadata
from pathlib import Path
from typing import Any

from harness.config import CustomModel, ModelSettings, digest
from harness.errors import ModelError
from harness.models import beside, custom, loading, runtimes
from harness.models import device as devices
from harness.models.folders import ModelFolder, sha256
from harness.models.loading import ModelRequest
from harness.models.protocols import Role
from harness.models.sentence import LoadSettings

_LIBRARIES = ("sentence-transformers", "tokenizers", "torch", "transformers")
#: Modules that ask another process or machine.
_ELSEWHERE = frozenset(
    {
        "aiohttp",
        "anthropic",
        "boto3",
        "botocore",
        "cohere",
        "ftplib",
        "google.genai",
        "grpc",
        "http.client",
        "httpx",
        "litellm",
        "mistralai",
        "multiprocessing.connection",
        "ollama",
        "openai",
        "paramiko",
        "pycurl",
        "redis",
        "requests",
        "socket",
        "subprocess",
        "tritonclient",
        "urllib.request",
        "urllib3",
        "voyageai",
        "websocket",
        "websockets",
        "xmlrpc.client",
        "zmq",
    }
)
_MOST_FILES = 2000  # of a third party's package: more are not hashed, and nothing of it is kept


@dataclass(frozen=True)
class ModelKey:
    """Everything that can change an embedding or a pair's score but the text and its role."""

    kind: str
    files: Mapping[str, str]  # SHA-256 of weights, tokenizer, configuration and code
    precision: str
    device: str  # its kind, such as cpu or cuda, and the machine's architecture
    backend: str
    batch_size: int
    batch_tokens: int | None
    batch_plan: str
    max_length: int | None
    prompts: Mapping[str, str] | None
    pooling: str | None
    normalize: bool | None
    activation: str
    trust_remote_code: bool
    arguments: Mapping[str, Any] = field(default_factory=dict)  # of a third party's class
    reading: int = loading.READING
    libraries: Mapping[str, str] = field(default_factory=dict)

    @property
    def digest(self) -> str:
        """SHA-256 over every field."""
        return digest(asdict(self))


@dataclass(frozen=True)
class Recipe:
    """A model's keys; one a folder where queries and documents have an encoder each."""

    parts: tuple[ModelKey, ...]
    folders: tuple[ModelFolder, ...]
    similarity: str | None
    signatures: tuple[Any, ...] = ()

    @property
    def key(self) -> str:
        """Key of the model as a whole, similarity included."""
        return digest([[part.digest for part in self.parts], self.similarity])

    def key_for(self, role: Role) -> str:
        """Key of what answers for one role."""
        return (self.parts[0] if role == "query" else self.parts[-1]).digest

    @property
    def batch_size(self) -> int:
        """The pinned batch size."""
        return self.parts[0].batch_size

    def check_unchanged(self, name: str) -> None:
        """Raise ModelError where a file of the model is not what it was when the run began."""
        for folder, before, part in zip(self.folders, self.signatures, self.parts, strict=False):
            try:
                now: Any = folder.signature()
                same = now == before or folder.hashes() == dict(part.files)
            except OSError:
                same = False
            if not same:
                raise ModelError(
                    f"model {name!r}: files in {folder.path} changed during the run, so what it computed "
                    "belongs to no one "
                    "model; nothing of it was kept since. Let the folder be and run the same command again"
                )


def recipe_of(request: ModelRequest) -> Recipe | None:
    """Return a model's recipe, or None where not all it depends on can be read, so that nothing may be kept.

    Needs torch only for the device ``auto``. Raises ModelError for a class that cannot be imported.
    """
    device = devices.named(request.device)
    settings, source = request.settings, request.settings.source
    if isinstance(source, CustomModel):
        try:
            files = _code_of(source, request.base)
        except ModelError as error:
            raise ModelError(f"model {request.name!r}: {error}") from None
        if files is None:
            return None
        part = _key(request, loading.plain_settings(request, device), device, files, source.args)
        return Recipe((part,), (), settings.similarity)
    if request.live is not None:
        if not request.live.kept:
            return None
        used = loading.plain_settings(request, device)
        part = _key(request, used, device, request.live.files, {})
        return Recipe((part,), (), settings.similarity)
    parts, signatures = [], []
    for folder in request.folders:
        if settings.trust_remote_code and "--" in json.dumps(folder.json("config.json").get("auto_map", {})):
            return None  # its code lies in another repository
        signatures.append(folder.signature())
        parts.append(
            _key(
                request,
                loading.load_settings(request, folder, device),
                device,
                folder.hashes(),
                _further(settings, folder),
            )
        )
    return Recipe(tuple(parts), request.folders, settings.similarity, tuple(signatures))


def _further(settings: ModelSettings, folder: ModelFolder) -> dict[str, Any]:
    """Settings that few kinds of model have, where they are given; and the file that stands in for the weights."""
    given = {"max_active_dims": settings.max_active_dims}
    backend = settings.backend or loading.BACKEND
    other = {} if backend == loading.BACKEND else runtimes.key_of(folder, settings.file, backend)
    return {**{name: value for name, value in given.items() if value is not None}, **other}


def _key(
    request: ModelRequest,
    used: LoadSettings,
    device: str,
    files: Mapping[str, str],
    arguments: Mapping[str, Any],
) -> ModelKey:
    return ModelKey(
        kind=request.settings.kind,
        files=files,
        precision=used.precision,
        device=f"{device.partition(':')[0]} {platform.machine()}",
        backend=used.backend,
        batch_size=used.batch_size,
        batch_tokens=used.batch_tokens,
        batch_plan=loading.BATCH_PLAN,
        max_length=used.max_length,
        prompts=used.prompts,
        pooling=used.pooling,
        normalize=used.normalize,
        activation=used.activation,
        trust_remote_code=used.trust_remote_code,
        arguments=dict(arguments),
        libraries={name: _version(name) for name in _LIBRARIES},
    )


def _version(name: str) -> str:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return ""


def _code_of(source: CustomModel, base: Path) -> dict[str, str] | None:
    """Hashes of a class's code and of every file its arguments name, or None where they cannot be read.

    Its code is its whole package; of a module beside the config also what it imports from there.
    """
    made = custom.find_class(source, base)
    try:
        own = inspect.getsourcefile(made)
        json.dumps(source.args)
    except TypeError:
        return None
    if own is None or not Path(own).is_file():
        return None
    said = getattr(made, "identity", None)
    if not isinstance(said, str) and asks_elsewhere(source, base):
        return None
    top = sys.modules[made.__module__.partition(".")[0]]
    roots = [Path(path) for path in getattr(top, "__path__", ())]
    files = {str(p.relative_to(root.parent)): p for root in roots for p in sorted(root.rglob("*.py"))}
    if not files or Path(own).resolve().is_relative_to(base.resolve()):
        for path in list(files.values()) or [Path(own)]:
            files |= beside.sources(path, base)
    for argument, value in source.args.items():
        if isinstance(value, str) and value and Path(value).expanduser().exists():
            given = Path(value).expanduser()
            inside = [given] if given.is_file() else sorted(p for p in given.rglob("*") if p.is_file())
            files |= {f"args/{argument}/{p.relative_to(given)}": p for p in inside}
    if len(files) > _MOST_FILES:
        return None
    try:
        known = {"class": source.class_, **({"identity": said} if isinstance(said, str) else {})}
        return {name: sha256(path) for name, path in files.items()} | known
    except OSError:
        return None


def asks_elsewhere(source: CustomModel, base: Path) -> tuple[str, ...]:
    """Modules for talking to others that a class's code imports: its answers may be a server's, and change with it.

    Looked at are its own module and what that imports from beside the config; a package may fetch its weights.
    """
    try:
        own = inspect.getsourcefile(custom.find_class(source, base))
    except (TypeError, ModelError):
        return ()
    files = beside.sources(Path(own), base).values() if own is not None and Path(own).is_file() else ()
    return tuple(sorted({name for path in files for name in beside.imported(path) if name in _ELSEWHERE}))
