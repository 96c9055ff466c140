"""What the machine allows is read from its files, and only read."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from harness.timing.environment import (
    cgroup_cpus,
    cgroup_memory_bytes,
    cpu_model,
    read_environment,
    usable_threads,
)
from harness.timing.memory import peak_rss_bytes


@pytest.mark.parametrize(
    ("affinity", "quota", "cores", "threads"),
    [(8, None, 4, 4), (2, None, 4, 2), (8, 3.5, 4, 3), (8, 0.5, 4, 1), (8, None, None, 8)],
)
def test_threads_are_the_least_of_what_is_granted(affinity, quota, cores, threads):
    assert usable_threads(affinity, quota, cores) == threads


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def test_version_2_takes_the_tightest_group_on_the_way_up(tmp_path):
    write(tmp_path / "proc/self/cgroup", "0::/a/b\n")
    write(tmp_path / "cg/a/cpu.max", "150000 100000\n")
    write(tmp_path / "cg/a/b/cpu.max", "max 100000\n")
    write(tmp_path / "cg/a/memory.max", "2000000\n")
    write(tmp_path / "cg/a/b/memory.max", "max\n")
    assert cgroup_cpus(tmp_path / "cg", tmp_path / "proc") == 1.5
    assert cgroup_memory_bytes(tmp_path / "cg", tmp_path / "proc") == 2_000_000


def test_version_1_is_read_too(tmp_path):
    write(tmp_path / "proc/self/cgroup", "4:cpu,cpuacct:/job\n5:memory:/job\n")
    write(tmp_path / "cg/cpu/job/cpu.cfs_quota_us", "200000")
    write(tmp_path / "cg/cpu/job/cpu.cfs_period_us", "100000")
    write(tmp_path / "cg/cpu/cpu.cfs_quota_us", "-1")
    write(tmp_path / "cg/memory/memory.limit_in_bytes", "9223372036854771712")
    assert cgroup_cpus(tmp_path / "cg", tmp_path / "proc") == 2.0
    assert cgroup_memory_bytes(tmp_path / "cg", tmp_path / "proc") is None


def test_a_system_that_says_nothing(tmp_path):
    assert cgroup_cpus(tmp_path, tmp_path) is None
    write(tmp_path / "cpuinfo", "processor\t: 0\nmodel name\t: A Processor\n")
    assert cpu_model(tmp_path) == "A Processor"


def test_this_machine():
    environment = read_environment()
    assert 1 <= environment.threads <= environment.affinity <= environment.logical_cpus
    assert environment.memory_bytes > 0


def test_peak_memory_of_this_process():
    assert peak_rss_bytes(os.getpid()) > 10_000_000
    assert peak_rss_bytes(2**22 + 1) is None
