"""Digests: of large files remembered while they stay as they are, in a place that only their user writes."""

from __future__ import annotations

import json
import os
from pathlib import Path

import platformdirs
import pytest

from harness.results import digests


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache folder of the user's, and a process that knows nothing yet."""
    monkeypatch.setattr(platformdirs, "user_cache_dir", lambda *given, **named: str(tmp_path / "cache"))
    monkeypatch.setattr(digests, "SMALL", 4)
    monkeypatch.setattr(digests, "_here", {})
    return tmp_path / "cache" / "digests.json"


@pytest.fixture
def hashed(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """The files that were really hashed."""
    seen: list[Path] = []

    def counted(path: Path) -> str:
        seen.append(path)
        return real(path)

    real = digests.file_digest
    monkeypatch.setattr(digests, "file_digest", counted)
    return seen


def _old(path: Path, text: str) -> Path:
    """A file whose times say that it was written long ago."""
    path.write_text(text)
    os.utime(path, ns=(10**18, 10**18))
    return path


def _forget() -> None:
    digests._here.clear()


def test_a_large_file_is_hashed_once(
    tmp_path: Path, cache: Path, hashed: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(digests, "_SETTLED_NS", -(10**18))  # as if all was written long ago
    large, small = _old(tmp_path / "large", "0123456789"), _old(tmp_path / "small", "012")
    first = digests.known_digest(large)
    assert digests.known_digest(large) == first == digests.file_digest(large)
    _forget()
    assert digests.known_digest(large) == first
    assert hashed.count(large) == 2  # once, and by this test itself
    assert digests.known_digest(small) == digests.known_digest(small)
    assert hashed.count(small) == 2
    assert cache.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("same_time", [True, False])
def test_a_change_is_seen_though_size_and_time_stay(
    tmp_path: Path, cache: Path, same_time: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(digests, "_SETTLED_NS", -(10**18))
    path = _old(tmp_path / "large", "0123456789")
    before = digests.known_digest(path)
    path.write_text("0123456780")
    if same_time:
        os.utime(path, ns=(10**18, 10**18))  # a program can set this time, and not the other
    assert digests.known_digest(path) != before
    _forget()
    assert digests.known_digest(path) == digests.file_digest(path)


def test_what_was_just_written_is_not_remembered(tmp_path: Path, cache: Path, hashed: list[Path]) -> None:
    path = tmp_path / "large"
    path.write_text("0123456789")
    digests.known_digest(path)
    assert json.loads(cache.read_text()) == {}
    _forget()
    digests.known_digest(path)
    assert hashed == [path, path]


@pytest.mark.parametrize("content", ["", "[]", "{", '{"a": 1}', '{"a": [["x"], 2]}', "[" * 100_000])
def test_a_damaged_memory_is_none(tmp_path: Path, cache: Path, content: str) -> None:
    cache.parent.mkdir()
    cache.write_text(content)
    cache.chmod(0o600)
    path = _old(tmp_path / "large", "0123456789")
    assert digests.known_digest(path) == digests.file_digest(path)


def test_a_memory_that_others_can_write_is_none(
    tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(digests, "_SETTLED_NS", -(10**18))
    path = _old(tmp_path / "large", "0123456789")
    digests.known_digest(path)
    content = json.loads(cache.read_text())
    content[str(path.resolve())][1] = "0" * 64
    cache.write_text(json.dumps(content))
    _forget()
    assert digests.known_digest(path) == "0" * 64  # their own user is believed
    cache.chmod(0o622)
    _forget()
    assert digests.known_digest(path) == digests.file_digest(path)


def test_a_folder_that_cannot_be_written_remembers_nothing(tmp_path: Path, cache: Path) -> None:
    cache.parent.write_text("a file where the folder would be")
    path = _old(tmp_path / "large", "0123456789")
    assert digests.known_digest(path) == digests.file_digest(path)
