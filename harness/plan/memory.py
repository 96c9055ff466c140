"""How much memory a run may use, and whether it keeps to it."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

import psutil

from harness.errors import ResourceError

_CGROUP = ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes")


def available() -> int:
    """Return the bytes of memory that this machine, or the cgroup the process lives in, has."""
    total = int(psutil.virtual_memory().total)
    for name in _CGROUP:
        try:
            text = Path(name).read_text().strip()
        except OSError:
            continue
        if text.isdigit():
            total = min(total, int(text))
    return total


def own_bytes() -> int:
    """Return the process's own memory: on Linux its anonymous pages, without files that are mapped."""
    if sys.platform == "linux":
        for line in Path("/proc/self/status").read_text().splitlines():
            if line.startswith("RssAnon:"):
                return int(line.split()[1]) * 1024
    return int(psutil.Process().memory_info().rss)


def readable(size: float) -> str:
    """Return a size as people write it."""
    for unit, factor in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if size >= factor:
            return f"{size / factor:.3g} {unit}"
    return f"{size:.0f} bytes"


@dataclass(frozen=True)
class Budget:
    """The memory a run may use, in bytes."""

    limit: int

    @classmethod
    def of(cls, configured: int | None) -> Budget:
        """Return the configured limit, or half of what there is."""
        return cls(configured if configured is not None else available() // 2)

    def check(self, what: str) -> None:
        """Raise ResourceError where the process has grown beyond the limit."""
        used = own_bytes()
        if used > self.limit:
            raise ResourceError(
                f"{what} needs more than the memory_limit of {readable(self.limit)}: the process uses "
                f"{readable(used)}. "
                "Lower batch_size, depth or max_length, or raise memory_limit; what was computed so far is "
                "kept"
            )

    def reserve(self, needed: int, what: str) -> None:
        """Raise ResourceError where so many more bytes would go beyond the limit."""
        used = own_bytes()
        if used + needed > self.limit:
            raise ResourceError(
                f"{what} needs {readable(needed)} beside the {readable(used)} in use, and the memory_limit "
                "is "
                f"{readable(self.limit)}; raise memory_limit, or lower depth"
            )
