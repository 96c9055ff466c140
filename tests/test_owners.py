"""Marks say whose something is; only what nobody needs is removed."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from harness import owners


def dead_mark(stem: str) -> str:
    """What a process that is dead by now had marked."""
    code = f"from harness import owners; print(owners.marked({stem!r}))"
    told = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    return subprocess.run(
        [sys.executable, "-c", code], env=told, check=True, text=True, capture_output=True
    ).stdout.strip()


def test_a_living_process_and_a_dead_one(tmp_path: Path) -> None:
    mine, dead = tmp_path / owners.marked("x."), tmp_path / dead_mark("x.")
    assert owners.is_own(mine)
    assert not owners.is_own(dead)
    assert mine != tmp_path / owners.marked("x.")
    assert (owners.abandoned(mine), owners.abandoned(dead)) == (False, True)


def test_another_process_with_the_same_id(tmp_path: Path) -> None:
    mine = owners.marked("x.")
    reused = re.sub(r"-[0-9a-f]+-", "-12ab-", mine, count=1)
    assert owners.abandoned(tmp_path / reused)


@pytest.mark.parametrize("name", ["x.partial-abcd1234", "x", "1-2-3-4", "1-zz-00000000-00000000"])
def test_what_bears_no_mark_is_nobodys_to_remove(tmp_path: Path, name: str) -> None:
    assert not owners.abandoned(tmp_path / name)


def test_another_machines_is_left_alone_for_a_day(tmp_path: Path) -> None:
    theirs = tmp_path / "x.1-12ab-00000000-00000000"
    theirs.write_text("")
    assert not owners.abandoned(theirs)
    then = (datetime.now(UTC) - timedelta(days=2)).timestamp()
    os.utime(theirs, (then, then))
    assert owners.abandoned(theirs)


def test_sweeping_removes_what_the_dead_left(tmp_path: Path) -> None:
    dead, mine, other = dead_mark("x."), owners.marked("x."), "x.other"
    for name in (dead, mine, other):
        (tmp_path / name).mkdir()
        (tmp_path / name / "file").write_text("")
    assert [path.name for path in owners.sweep(tmp_path)] == [dead]
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted([mine, other])


def test_a_link_is_removed_and_what_it_leads_to_stays(tmp_path: Path) -> None:
    (tmp_path / "precious").mkdir()
    link = tmp_path / dead_mark("x.")
    link.symlink_to(tmp_path / "precious", target_is_directory=True)
    owners.sweep(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["precious"]


def test_a_temporary_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    (tmp_path / dead_mark("harness-baseline-")).mkdir()
    with owners.temporary_folder("baseline") as folder:
        assert list(tmp_path.iterdir()) == [folder]
        assert folder.stat().st_mode & 0o777 == 0o700
    assert list(tmp_path.iterdir()) == []
