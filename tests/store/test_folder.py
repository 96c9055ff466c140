"""The store's folder: where it is, who may use it, and what it says where it cannot be used."""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from harness.cli import main
from harness.errors import ResourceError
from harness.store import StoreError, housekeeping, open_store, trees
from harness.store.errors import told
from harness.store.folder import _leave, folder_for, session
from harness.store.keys import text_hashes
from harness.store.pair_scores import PairTable


def test_where_it_is(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("HARNESS_STORE")
    default = folder_for(None, tmp_path)
    assert default is not None
    assert default.name == "store"
    assert folder_for("mine", tmp_path) == tmp_path / "mine"
    assert folder_for("off", tmp_path) is None
    monkeypatch.setenv("HARNESS_STORE", str(tmp_path / "theirs"))
    assert folder_for("mine", tmp_path) == tmp_path / "theirs"
    assert folder_for("off", tmp_path) is None
    monkeypatch.setenv("HARNESS_STORE", "off")
    assert folder_for("mine", tmp_path) is None


def test_a_newer_store_is_refused(tmp_path: Path) -> None:
    open_store(tmp_path)
    (tmp_path / "STORE.json").write_text('{"format": 2}')
    with pytest.raises(StoreError, match=r"written in format 2, and this version reads format 1; upgrade"):
        open_store(tmp_path)
    (tmp_path / "STORE.json").write_text("{")
    with pytest.raises(StoreError, match="is damaged, so its version is not known"):
        open_store(tmp_path)


def test_a_folder_that_cannot_be_written_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(
        StoreError, match=r"cannot be used \(Not a directory\); name a folder that can be written"
    ):
        open_store(tmp_path / "file" / "store")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_without_permission_is_refused(tmp_path: Path) -> None:
    open_store(tmp_path / "store")
    (tmp_path / "store" / "partial").chmod(0o500)
    with pytest.raises(StoreError, match="Permission denied"):
        open_store(tmp_path / "store")


@pytest.mark.parametrize("number", ["ENOSPC", "EDQUOT"])
def test_a_full_disk_says_what_to_do(number: str, tmp_path: Path) -> None:
    import errno

    with (
        pytest.raises(
            ResourceError, match=r"no space left; what was computed so far is kept.*harness cache prune"
        ),
        told(tmp_path),
    ):
        raise OSError(getattr(errno, number), "full")


_FULL = """
import resource, sys, numpy as np
from pathlib import Path
from harness.errors import ResourceError
from harness.store import open_store
from harness.store.keys import text_hashes
from harness.store.pair_scores import PairTable
store = open_store(Path(sys.argv[1]))
store.write("embeddings", "m/small", {}, np.zeros(10, dtype=np.float32))
resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, 50_000))  # no file may grow further
import signal; signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
def attempt(what):
    try:
        what()
    except ResourceError as error:
        print(error)
hashes = text_hashes(map(str, range(5000)))
attempt(lambda: store.write("embeddings", "m/large", {}, np.zeros(100_000, dtype=np.float32)))
attempt(lambda: PairTable(store, "p").add(hashes, hashes, np.zeros(5000, dtype=np.float32), {}))
"""


def test_where_no_more_can_be_written_nothing_is_half_written(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", _FULL, str(tmp_path)],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONPATH": "."},
    )
    assert done.stdout.count("no space left") == 2, done
    store = open_store(tmp_path)
    assert store.read("embeddings", "m/small") is not None
    assert store.read("embeddings", "m/large") is None
    assert list(store.scratch.iterdir()) == []
    hashes = text_hashes(["0"])
    assert not PairTable(store, "p").find(hashes, hashes).known.any()


@pytest.fixture
def small_disk(tmp_path: Path) -> Path:
    """A file system of 2 MB; skipped where none can be mounted."""
    folder = tmp_path / "disk"
    folder.mkdir()
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(folder)], capture_output=True, check=False
    )
    if done.returncode:
        pytest.skip("mounting a small file system is not allowed here")
    yield folder  # type: ignore[misc]
    subprocess.run(["umount", "-l", str(folder)], check=True)


def test_a_really_full_disk(small_disk: Path) -> None:
    store = open_store(small_disk / "store")
    store.write("embeddings", "m/first", {}, np.ones(100_000, dtype=np.float32))
    hashes = text_hashes(map(str, range(200)))
    table = PairTable(store, "p")
    table.add(hashes, hashes, np.ones(200, dtype=np.float32), {"texts": 200})
    with pytest.raises(ResourceError, match="no space left"):
        store.write("embeddings", "m/second", {}, np.ones(600_000, dtype=np.float32))
    (small_disk / "filler").write_bytes(b"")
    with pytest.raises(OSError, match="No space left"), (small_disk / "filler").open("wb") as filler:
        while True:
            filler.write(b"0" * 4096)
            filler.flush()
    more = text_hashes(map(str, range(10_000)))
    with pytest.raises(ResourceError, match="no space left"):
        table.add(more, more, np.zeros(10_000, dtype=np.float32), {})
    assert store.read("embeddings", "m/first") is not None
    assert store.read("embeddings", "m/second") is None
    (small_disk / "filler").unlink()
    assert (table.find(hashes, hashes).scores == 1).all()


def test_a_lock_is_let_go_of_by_a_process_that_is_killed(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    code = (
        "import sys; from pathlib import Path; from harness.store import open_store\n"
        "with open_store(Path(sys.argv[1])).locked('ab'): print('held', flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code, str(tmp_path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": "."},
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        with store.locked_if_free("ab") as held:
            assert not held
        with store.locked_if_free("cd") as held:
            assert held
        process.send_signal(signal.SIGKILL)
        process.wait()
        with store.locked("ab"), store.locked_if_free("ab") as held:
            assert not held


def test_a_session_lasts_until_its_run_ends(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    with pytest.raises(ZeroDivisionError), session(store, "key") as first:
        with session(store, "key") as beside:
            assert beside.session != first.session
        raise ZeroDivisionError
    with session(store, "key") as again:
        assert again.session == first.session
    with session(store, "key") as new:
        assert new.session != first.session


def test_pruning_removes_what_was_used_longest_ago(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    store = open_store(tmp_path)
    now = datetime.now(UTC)
    for i in range(5):
        store.write("embeddings", f"m{i}/s", {}, np.zeros(1000, dtype=np.float32))
        then = (now - timedelta(days=5 - i)).timestamp()
        os.utime(store.place("embeddings", f"m{i}/s"), (then, then))
    trees.write(store, "indexes", "tree", lambda folder: (folder / "a").write_bytes(b"0" * 4000))  # type: ignore[arg-type]
    (store.scratch / "left").write_bytes(b"0")
    then = (now - timedelta(days=1)).timestamp()
    os.utime(store.scratch / "left", (then, then))
    assert store.read("embeddings", "m0/s") is not None  # used just now
    monkeypatch.setenv("HARNESS_STORE", str(tmp_path))
    assert main(["cache", "ls", "--json"]) == 0
    listed = json.loads(capsys.readouterr().out)
    assert {kind["kind"]: kind["artifacts"] for kind in listed["kinds"]}["embeddings"] == 5
    bound = 3 * (listed["bytes"] // 6) + 200
    assert main(["cache", "prune", "--max", str(bound)]) == 0
    assert [store.has("embeddings", f"m{i}/s") for i in range(5)] == [True, False, False, False, True]
    assert trees.read(store, "indexes", "tree") is not None
    assert sum(entry.size for entry in housekeeping.entries(store)) <= bound
    assert list(store.scratch.iterdir()) == []
    assert main(["cache", "prune", "--max", "0"]) == 0
    assert housekeeping.entries(store) == []
    assert main(["cache", "prune", "--max", "lots"]) == 2
    assert "is no size" in capsys.readouterr().err


_USER = """
import sys, numpy as np
from pathlib import Path
from harness.store import open_store, trees
from harness.store.keys import text_hashes
from harness.store.pair_scores import PairTable
store = open_store(Path(sys.argv[1]))
assert store.read("embeddings", "m/used") is not None
print("uses", flush=True)
hashes = text_hashes(map(str, range(50)))
for i in range(40):
    key = f"t{i % 7}"
    with store.locked(key):
        if trees.read(store, "indexes", key) is None:
            trees.write(store, "indexes", key, lambda folder: (folder / "a").write_bytes(b"0" * 4000))
        assert (trees.read(store, "indexes", key) / "a").stat().st_size == 4000
    table = PairTable(store, f"p{i % 3}")
    if not table.find(hashes, hashes).known.all():
        table.add(hashes, hashes, np.ones(50, dtype=np.float32), {})
    assert table.find(hashes, hashes).known.all()
    store.write("embeddings", f"m{i % 5}/s", {}, np.zeros(10, dtype=np.float32))
    assert store.read("embeddings", f"m{i % 5}/s") is not None
print("done", flush=True)
sys.stdin.read()
"""


def test_pruning_leaves_alone_what_a_process_that_lives_uses(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    for name in ("used", "unused"):
        store.write("embeddings", f"m/{name}", {}, np.zeros(1000, dtype=np.float32))
        then = (datetime.now(UTC) - timedelta(days=5)).timestamp()
        os.utime(store.place("embeddings", f"m/{name}"), (then, then))
    with subprocess.Popen(
        [sys.executable, "-c", _USER, str(tmp_path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "uses\n"
        pruned = housekeeping.prune(store, 0, datetime.now(UTC))
        assert [entry.path.name for entry in pruned.removed] == ["unused"]
        assert (pruned.users, pruned.used >= 1) == (1, True)
        while process.poll() is None and not select.select([process.stdout], [], [], 0)[0]:
            housekeeping.prune(store, 0, datetime.now(UTC))
        assert process.stdout.readline() == "done\n"
        process.send_signal(signal.SIGKILL)
    assert len(list((tmp_path / "leases").iterdir())) == 2
    housekeeping.prune(store, 0, datetime.now(UTC))
    assert housekeeping.entries(store) == []
    assert len(list((tmp_path / "leases").iterdir())) == 1


def test_what_dead_processes_were_writing_is_gone_when_the_store_is_opened(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    code = (
        "import os, sys; from pathlib import Path; from harness.store import open_store, trees\n"
        "with trees.scratch(open_store(Path(sys.argv[1])), 'k' * 64) as folder:\n"
        "    (folder / 'weights').write_bytes(b'0'); os.kill(os.getpid(), 9)"
    )
    told = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    subprocess.run([sys.executable, "-c", code, str(tmp_path)], env=told, check=False)
    with trees.scratch(store, "m" * 64) as mine:
        assert len(list(store.scratch.iterdir())) == 2
        open_store(tmp_path)
        assert list(store.scratch.iterdir()) == [mine]


def test_a_store_that_can_be_written_no_more_is_left_without_a_word(tmp_path: Path) -> None:
    lease = tmp_path / "lease"
    lease.mkdir()  # what cannot be unlinked, for root as for others
    _leave(lease)
    assert lease.exists()
