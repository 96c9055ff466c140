"""Where a bundle goes is known to work before any work is done, and no two runs take one default folder."""

from __future__ import annotations

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest

from harness.errors import BundleError
from harness.results import target, writing

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def test_a_folder_that_can_be_written_is_left_as_it_was(tmp_path: Path) -> None:
    target.check_writable(tmp_path / "new" / "deep" / "b", ["a.trec"])
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "there").mkdir()
    target.check_writable(tmp_path / "there")
    assert [path.name for path in tmp_path.rglob("*")] == ["there"]


@pytest.mark.parametrize(
    ("place", "says"),
    [
        ("file/b", "cannot be written (Not a directory); name another folder with --out"),
        ("n" * 250, "cannot be written (File name too long)"),
        ("/proc/b", "cannot be written ("),
    ],
)
def test_what_cannot_be_written_is_said(tmp_path: Path, place: str, says: str) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(BundleError) as raised:
        target.check_writable(tmp_path / place)
    assert says in str(raised.value)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_read_only_folder(tmp_path: Path) -> None:
    (tmp_path / "closed").mkdir(mode=0o500)
    with pytest.raises(BundleError, match=r"Permission denied"):
        target.check_writable(tmp_path / "closed" / "b")


def test_a_name_too_long_for_a_file(tmp_path: Path) -> None:
    with pytest.raises(BundleError, match=r"305 bytes are too long for a file's name; shorten the name"):
        target.check_writable(tmp_path / "b", ["東" * 100 + ".trec"])


def test_a_locale_without_such_names(tmp_path: Path) -> None:
    script = (
        "from pathlib import Path\nfrom harness.results import target\nfrom harness.errors import BundleError\n"
        f"for folder, files in (({str(tmp_path)!r} + '/gr\\u00f6\\u00dfe', ()), ({str(tmp_path)!r} + '/b', ['\\u6771'])):\n"
        "    try:\n        target.check_writable(Path(folder), files)\n"
        "    except BundleError as error:\n        assert 'PYTHONUTF8=1' in str(error), error\n"
        "    else:\n        raise SystemExit('accepted')\n"
    )
    told = {**os.environ, "LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    subprocess.run([sys.executable, "-c", script], env=told, check=True, timeout=60)


def test_runs_of_one_second_take_folders_of_their_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    def take(_: int) -> Path:
        with target.reserved(None, "config", NOW, target.check_writable) as folder:
            with writing.writing(folder) as partial:
                (partial / "mine").write_text("")
            return folder

    with ThreadPoolExecutor(8) as pool:
        taken = list(pool.map(take, range(40)))
    assert len(set(taken)) == 40
    assert all(path.parent == Path("bundles") for path in taken)


def test_what_was_reserved_for_nothing_is_given_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(KeyError), target.reserved(None, "config", NOW, target.check_writable):
        raise KeyError
    assert list(Path("bundles").iterdir()) == []


def test_two_at_once_do_not_write_one_folder(tmp_path: Path) -> None:
    out = tmp_path / "new" / "b"
    with target.reserved(out, "config", NOW, target.check_writable) as folder:
        with (
            pytest.raises(
                BundleError, match=rf"b: another run \(process {os.getpid()}\) is writing this folder"
            ),
            target.reserved(out, "config", NOW, target.check_writable),
        ):
            pass
        with target.reserved(out.with_name("other"), "config", NOW, target.check_writable):
            pass
        with writing.writing(folder) as partial:
            (partial / "mine").write_text("")
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["b", "mine", "new"]


_KILLED = """
import os, sys
from datetime import UTC, datetime
from pathlib import Path
from harness.results import target, writing
with target.reserved(Path(sys.argv[1]), "config", datetime.now(UTC), lambda folder: None) as folder:
    with writing.writing(folder) as partial:
        (partial / "half").write_text("")
        {moment}
        os.kill(os.getpid(), 9)
"""
#: Killed while the older folder stands aside, the worst moment.
_ASIDE = "folder.rename(target.beside(folder, target._OLD) / 'old')"


@pytest.mark.parametrize("moment", ["pass", _ASIDE])
@pytest.mark.parametrize("next_to", ["b", "other"])
def test_what_a_kill_left_is_gone_after_the_next_run_and_nothing_is_lost(
    tmp_path: Path, moment: str, next_to: str
) -> None:
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "old").write_text("")
    (tmp_path / ".b.partial-mine").mkdir()  # of nobody who says so
    (tmp_path / ".theirs.running").write_text("no lock of ours")
    killed = subprocess.run(
        [sys.executable, "-c", _KILLED.format(moment=moment), str(tmp_path / "b")],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        timeout=60,
        check=False,
    )
    assert killed.returncode == -9
    assert len(list(tmp_path.glob(".b.*"))) >= 3
    with target.reserved(tmp_path / next_to, "config", NOW, lambda folder: None):
        assert (tmp_path / "b" / "old").is_file()
    left = sorted(path.name for path in tmp_path.iterdir())
    assert left == [".b.partial-mine", ".theirs.running", "b"]


def test_what_a_living_process_is_writing_is_left_alone(tmp_path: Path) -> None:
    with writing.writing(tmp_path / "b") as partial:
        (partial / "half").write_text("")
        with target.reserved(tmp_path / "other", "config", NOW, target.check_writable):
            assert (partial / "half").is_file()
    assert (tmp_path / "b" / "half").is_file()
