"""What a result was made with: enough to make it again, and to say what differs when it cannot be."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
from collections.abc import Mapping
from importlib import metadata
from pathlib import Path
from typing import Any

import psutil

from harness import plugins
from harness.values import digest

#: Packages whose version can change a figure.
_PACKAGES = (
    "encoder-harness", "bm25s", "faiss-cpu", "huggingface-hub", "ir-datasets", "numba", "numpy", "onnxruntime",
    "openvino", "pandas", "pyarrow", "PyStemmer", "scipy", "safetensors", "sentence-transformers", "tokenizers",
    "torch", "transformers",
)  # fmt: skip
#: Those that can change a run's scores; the rest only measure or store them.
_SCORING = ("bm25s", "numpy", "PyStemmer", "sentence-transformers", "tokenizers", "torch", "transformers")


def packages() -> dict[str, str]:
    """Return the installed version of every package that can change a figure, those of plug-ins in use too."""
    versions = {}
    for name in _PACKAGES:
        try:
            versions[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return versions | plugins.used()


def git_state(folder: Path) -> dict[str, Any] | None:
    """Return the commit of the checkout around a folder, and a digest of what is not committed; None outside of one."""

    def git(*arguments: str) -> str:
        done = subprocess.run(
            # Without the lock that "git status" would take for a moment, and leave behind where it is killed.
            ["git", "--no-optional-locks", "-C", str(folder), *arguments],
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            check=True,
            timeout=10,
        )
        return done.stdout.strip()

    try:
        commit = git("rev-parse", "HEAD")
        changes = git("status", "--porcelain=v1", "--untracked-files=no") and git("diff", "HEAD")
    except (OSError, subprocess.SubprocessError):
        return None
    return {"commit": commit, "dirty": digest(changes) if changes else None}


def machine() -> dict[str, Any]:
    """Return the hardware and operating system, read only."""
    affinity = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return {
        "cpu": _cpu_model(),
        "architecture": platform.machine(),
        "cores": psutil.cpu_count(logical=False),
        "logical_cores": psutil.cpu_count(),
        "affinity": affinity,
        "memory_bytes": psutil.virtual_memory().total,
        "system": platform.platform(),
        "python": platform.python_version(),
    }


def _cpu_model() -> str:
    try:
        for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    except OSError:
        pass
    return platform.processor() or platform.machine()


def threads() -> dict[str, Any]:
    """Return how many threads torch uses, and with which BLAS, where torch is loaded."""
    torch = sys.modules.get("torch")
    if torch is None:
        return {}
    return {
        "torch_threads": torch.get_num_threads(),
        "torch_interop_threads": torch.get_num_interop_threads(),
        "mkldnn": bool(torch.backends.mkldnn.is_available()),
        "cpu_capability": str(torch.backends.cpu.get_cpu_capability()),
    }


def keys(
    *,
    suite: str,
    digests: Mapping[str, str],
    models: Mapping[str, Any],
    pipelines: Any,
    devices: Mapping[str, Any],
    used_threads: Mapping[str, Any],
) -> tuple[str, str]:
    """Return ``result_key`` (all that can change quality) and ``perf_key`` (that, and the hardware)."""
    versions = packages()
    quality = {
        "suite": suite,
        "data": dict(digests),
        "models": dict(models),
        "pipelines": pipelines,
        "packages": {name: versions.get(name) for name in (*_SCORING, *plugins.used())},
    }
    result_key = digest(quality)
    hardware = {k: v for k, v in machine().items() if k != "python"}
    return result_key, digest([result_key, hardware, dict(used_threads), dict(devices)])
