"""Files of the model hub's data sets at a pinned revision, through huggingface_hub and its cache."""

from __future__ import annotations

import hashlib
import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from harness.datasets.needs import Conditions
from harness.errors import DataError, HarnessError, ResourceError, listed

_COMMIT = re.compile(r"[0-9a-f]{40}")
_BLOB_NAMES = {
    64: "sha256",
    40: "git-sha1",
}  # a cached file's name is the hub's own digest of it, by its length


@dataclass(frozen=True)
class HubFile:
    """One file of a data set at one commit; ``sha256`` where it is known beforehand."""

    repo: str
    revision: str
    name: str
    sha256: str | None = None

    def __str__(self) -> str:
        return f"{self.repo}@{self.revision[:12]}/{self.name}"


def check_revision(revision: str) -> str:
    """Return a revision. Raises ValueError for a branch or tag, which may move."""
    if not _COMMIT.fullmatch(revision):
        raise ValueError(
            f"revision: {revision!r} is not a commit of 40 hexadecimal digits; a branch or tag may move"
        )
    return revision


def fetch(file: HubFile, conditions: Conditions) -> Path:
    """Return the path of a file in the hub's cache, fetched if it is not there yet.

    The bytes are checked against the file's SHA-256 where the suite gives one, and always against the digest
    by which the hub names the file (SHA-256 for a large file, git's blob SHA-1 for others), on every use.
    What does not match is removed. Raises DataError or ResourceError.
    """
    import huggingface_hub
    from huggingface_hub import constants

    folder = Path(constants.HF_HUB_CACHE) / f"datasets--{file.repo.replace('/', '--')}"
    kept = huggingface_hub.try_to_load_from_cache(
        file.repo, file.name, revision=file.revision, repo_type="dataset"
    )
    if not isinstance(kept, str):
        if _is_offline(constants):
            why = ", and the network is forbidden (--offline, or HF_HUB_OFFLINE)"
            raise DataError(_missing(file, conditions, folder, why))
        conditions.check(f"{file} is", folder)
        kept = _download(file, conditions, folder)
    path = Path(kept)
    _verify(path, file)
    return path


def names_at(repo: str, revision: str, conditions: Conditions) -> list[str]:
    """Return the files of a data set at a commit: the hub's, or where there is no network those of the cache.

    Raises DataError where neither is to be had.
    """
    import huggingface_hub
    from huggingface_hub import constants

    folder = Path(constants.HF_HUB_CACHE) / f"datasets--{repo.replace('/', '--')}"
    why = ", and the network is forbidden (--offline, or HF_HUB_OFFLINE)"
    if not _is_offline(constants):
        try:
            return list(huggingface_hub.HfApi().list_repo_files(repo, repo_type="dataset", revision=revision))
        except Exception as error:  # the library's own kinds, its HTTP library's, and the operating system's
            why = f", and the hub could not be asked ({type(error).__name__}: {' '.join(str(error).split())[:200]})"
    kept = folder / "snapshots" / revision
    names = [path.relative_to(kept).as_posix() for path in sorted(kept.rglob("*")) if path.is_file()]
    if not names:
        raise DataError(conditions.missing(f"{repo}@{revision[:12]} is", folder, why))
    return names


def _is_offline(constants: Any) -> bool:
    value = os.environ.get("HF_HUB_OFFLINE", "").upper()
    return bool(constants.HF_HUB_OFFLINE) or value in ("1", "ON", "YES", "TRUE")


def _missing(file: HubFile, conditions: Conditions, folder: Path, why: str) -> str:
    return (
        f"{conditions.missing(f'{file} is', folder, why)} Run once with a network, or copy the hub's cache of another "
        "machine there (HF_HOME names another folder)."
    )


def _download(file: HubFile, conditions: Conditions, folder: Path) -> str:
    import huggingface_hub
    from huggingface_hub.errors import (
        EntryNotFoundError,
        HfHubHTTPError,
        RepositoryNotFoundError,
        RevisionNotFoundError,
    )

    before = set(_partial(folder))
    try:
        url = huggingface_hub.hf_hub_url(file.repo, file.name, repo_type="dataset", revision=file.revision)
        told = huggingface_hub.get_hf_file_metadata(url)
        _check_told(told, file)
        conditions.check(f"{file} is", folder, told.size)
        return str(
            huggingface_hub.hf_hub_download(file.repo, file.name, repo_type="dataset", revision=file.revision)
        )
    except HarnessError:
        raise
    except EntryNotFoundError:
        raise DataError(f"{conditions.suite}the hub has no {file}{_there(file)}") from None
    except (RepositoryNotFoundError, RevisionNotFoundError) as error:
        raise DataError(f"{conditions.suite}the hub has no {file} ({type(error).__name__})") from None
    except Exception as error:  # the library's own kinds, its HTTP library's, and the operating system's
        if isinstance(error, OSError) and error.errno in (28, 122):
            raise ResourceError(
                f"{file}: no space left in {folder}; free some and run the same command again"
            ) from None
        detail = " ".join(str(error).split())[:300]
        answered = (
            "the hub answered with an error"
            if isinstance(error, HfHubHTTPError)
            else "it could not be fetched"
        )
        why = f", and {answered} ({type(error).__name__}: {detail})"
        raise DataError(_missing(file, conditions, folder, why)) from None
    finally:
        for path in set(_partial(folder)) - before:
            path.unlink(missing_ok=True)


def _partial(folder: Path) -> list[Path]:
    blobs = folder / "blobs"
    return list(blobs.glob("*.incomplete")) if blobs.is_dir() else []


def _there(file: HubFile) -> str:
    import huggingface_hub

    try:
        names = huggingface_hub.HfApi().list_repo_files(
            file.repo, repo_type="dataset", revision=file.revision
        )
    except Exception:  # only a hint
        return ""
    return f"; at this revision it has {listed(names[:20])}"


def _check_told(told: Any, file: HubFile) -> None:
    if told.commit_hash and told.commit_hash != file.revision:
        raise DataError(
            f"{file}: the hub answers with commit {told.commit_hash}, not with the pinned one; refused"
        )
    etag = str(told.etag or "")
    if file.sha256 and len(etag) == 64 and etag != file.sha256:
        raise DataError(
            f"{file}: the hub's file has SHA-256 {etag}, the pinned one is {file.sha256}; refused"
        )


def _verify(path: Path, file: HubFile) -> None:
    """Check a cached file's bytes.

    Raises DataError and removes the file where they are not what they should be.
    """
    blob = path.resolve()
    wanted = {"sha256": file.sha256} if file.sha256 else {}
    if re.fullmatch(r"[0-9a-f]+", blob.name) and len(blob.name) in _BLOB_NAMES:
        wanted.setdefault(_BLOB_NAMES[len(blob.name)], blob.name)
    for kind, digest in wanted.items():
        found = _digest(blob, kind)
        if found != digest:
            path.unlink(missing_ok=True)
            blob.unlink(missing_ok=True)
            raise DataError(
                f"{file}: has other bytes than it should ({kind} {found}, not {digest}); the copy in {path} was "
                "refused and removed: run again to fetch it anew"
            )


def _digest(path: Path, kind: str) -> str:
    sha = hashlib.sha256() if kind == "sha256" else hashlib.sha1(usedforsecurity=False)
    if kind == "git-sha1":
        sha.update(f"blob {path.stat().st_size}\0".encode())
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            sha.update(block)
    return sha.hexdigest()
