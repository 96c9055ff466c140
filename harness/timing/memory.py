"""Peak memory of a process tree: the workers that a worker starts count as its own."""

from __future__ import annotations

from pathlib import Path

import psutil

_PROC = Path("/proc")


def peak_rss_bytes(pid: int) -> int | None:
    """Sum of the peak resident sizes of a process and its living descendants, in bytes; None if it is gone.

    The peaks may lie at different times, so for a tree of several processes this is an upper bound; for one
    process it is exact where the system keeps the peak (Linux, Windows) and the current size elsewhere. A
    peak is kept for the life of a process, so asking once at the end is enough, and nothing runs beside what
    is timed.
    """
    try:
        root = psutil.Process(pid)
        tree = [root, *root.children(recursive=True)]
    except psutil.NoSuchProcess:
        return None
    return sum(_peak(process) for process in tree)


def _peak(process: psutil.Process) -> int:
    try:
        for line in (_PROC / str(process.pid) / "status").read_text("utf-8", "replace").splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    except OSError:
        pass  # no such file on this system, or the process has just ended
    try:
        memory = process.memory_info()
    except psutil.NoSuchProcess:
        return 0
    return int(getattr(memory, "peak_wset", memory.rss))
