"""How much memory there is, how much this process uses."""

from __future__ import annotations

import sys
from pathlib import Path

import psutil

_CGROUP = ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes")


def available() -> int:
    """Return the bytes of memory that this machine, or the cgroup the process lives in, has."""
    total = int(psutil.virtual_memory().total)
    for name in _CGROUP:
        try:
            text = Path(name).read_text(encoding="utf-8").strip()
        except OSError:
            continue
        if text.isdigit():
            total = min(total, int(text))
    return total


def free() -> int:
    """Return the bytes of memory that could be had now without taking any from other processes."""
    return min(int(psutil.virtual_memory().available), available())


def own_bytes() -> int:
    """Return the process's own memory: on Linux its anonymous pages, without files that are mapped."""
    if sys.platform == "linux":
        for line in Path("/proc/self/status").read_text(encoding="utf-8").splitlines():
            if line.startswith("RssAnon:"):
                return int(line.split()[1]) * 1024
    return int(psutil.Process().memory_info().rss)
