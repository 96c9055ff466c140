"""What the machine allows and is doing: read, recorded, never changed.

Threads = min(affinity, cgroup quota, physical cores): threads beyond the quota are throttled, and those
beyond the physical cores share an arithmetic unit.
"""

from __future__ import annotations

import os
import platform
from dataclasses import dataclass
from pathlib import Path

import psutil

_CGROUP = Path("/sys/fs/cgroup")
_CPU = Path("/sys/devices/system/cpu")
_PROC = Path("/proc")


@dataclass(frozen=True)
class Environment:
    """The machine as a measurement meets it; None where the system does not say.

    Attributes:
        cpu_model: name of the processor.
        logical_cpus, physical_cores: of the machine.
        affinity: logical CPUs this process may run on.
        cgroup_cpus: the CPU quota of its control group, in CPUs; None where it has none.
        threads: what a worker should use.
        governor: frequency governor of the first CPU it may run on.
        clock_mhz: current clock of the CPUs, on average, in MHz.
        load_average: over 1, 5 and 15 minutes.
        memory_bytes: physical memory, or the control group's limit where that is less.
    """

    cpu_model: str | None
    logical_cpus: int
    physical_cores: int | None
    affinity: int
    cgroup_cpus: float | None
    threads: int
    governor: str | None
    clock_mhz: float | None
    load_average: tuple[float, float, float] | None
    memory_bytes: int


def read_environment() -> Environment:
    """Read the machine now; takes a few milliseconds and raises nothing for what a system does not offer."""
    cpus = affinity_cpus()
    cores = psutil.cpu_count(logical=False)
    quota = cgroup_cpus()
    frequency = psutil.cpu_freq() if hasattr(psutil, "cpu_freq") else None
    limit = cgroup_memory_bytes()
    memory = int(psutil.virtual_memory().total)
    return Environment(
        cpu_model=cpu_model(),
        logical_cpus=os.cpu_count() or 1,
        physical_cores=cores,
        affinity=len(cpus),
        cgroup_cpus=quota,
        threads=usable_threads(len(cpus), quota, cores),
        governor=_text(_CPU / f"cpu{cpus[0]}" / "cpufreq" / "scaling_governor"),
        clock_mhz=float(frequency.current) if frequency else None,
        load_average=_load_average(),
        memory_bytes=min(memory, limit) if limit else memory,
    )


def usable_threads(affinity: int, quota: float | None, cores: int | None) -> int:
    """min(affinity, cgroup quota, physical cores), at least 1; part of a CPU is not worth a thread."""
    limits = [affinity, *([int(quota)] if quota is not None else []), *([cores] if cores else [])]
    return max(1, min(limits))


def affinity_cpus() -> tuple[int, ...]:
    """The logical CPUs this process may run on, in order; all of them where the system has no affinity."""
    if hasattr(os, "sched_getaffinity"):
        return tuple(sorted(os.sched_getaffinity(0)))
    return tuple(range(os.cpu_count() or 1))


def cgroup_cpus(root: Path = _CGROUP, proc: Path = _PROC) -> float | None:
    """CPUs that the control groups of this process grant (the tightest on the way up), version 2 or 1; or
    None."""
    quotas = [_cpu_max(folder) for folder in _groups(root, proc, "cpu")]
    return min((quota for quota in quotas if quota is not None), default=None)


def cgroup_memory_bytes(root: Path = _CGROUP, proc: Path = _PROC) -> int | None:
    """Memory that the control groups of this process grant (the tightest on the way up), or None."""
    limits = [
        int(text)
        for folder in _groups(root, proc, "memory")
        for name in ("memory.max", "memory.limit_in_bytes")
        if (text := _text(folder / name)) and text.isdigit()
    ]
    # Version 1 says "no limit" with a number of nearly 2^63.
    return min((limit for limit in limits if limit < 1 << 60), default=None)


def cpu_model(proc: Path = _PROC) -> str | None:
    """Name of the processor, or None."""
    for line in (_text(proc / "cpuinfo") or "").splitlines():
        name, _, value = line.partition(":")
        if name.strip() == "model name":
            return value.strip()
    return platform.processor() or None


def cpu_flags(proc: Path = _PROC) -> str:
    """Instruction sets of the first processor, as the system lists them; empty where it does not."""
    for line in (_text(proc / "cpuinfo") or "").splitlines():
        name, _, value = line.partition(":")
        if name.strip() in ("flags", "Features"):
            return value.strip()
    return ""


def _groups(root: Path, proc: Path, controller: str) -> list[Path]:
    """This process's control groups and all above them, in the unified tree and in the controller's own."""
    folders = [root, root / controller]
    for line in (_text(proc / "self" / "cgroup") or "").splitlines():
        _, controllers, path = [*line.split(":", 2), "", ""][:3]
        if controllers and controller not in controllers.split(","):
            continue
        folder = root / controller if controllers else root
        for part in Path(path.lstrip("/")).parts:
            folder /= part
            folders.append(folder)
    return folders


def _cpu_max(folder: Path) -> float | None:
    words = (_text(folder / "cpu.max") or "").split()
    if not words:
        words = [
            _text(folder / "cpu.cfs_quota_us") or "",
            _text(folder / "cpu.cfs_period_us") or "",
        ]
    # "max", or -1 in version 1, is no limit.
    if len(words) != 2 or not all(word.isdigit() for word in words) or int(words[1]) == 0:
        return None
    return int(words[0]) / int(words[1])


def _load_average() -> tuple[float, float, float] | None:
    try:
        return os.getloadavg()
    except (AttributeError, OSError):
        return None


def _text(path: Path) -> str | None:
    try:
        return path.read_text(encoding="utf-8").strip() or None
    except OSError:
        return None
