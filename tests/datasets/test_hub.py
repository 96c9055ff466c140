"""The hub's data-set files, through huggingface_hub against a loopback endpoint that answers like it."""

from __future__ import annotations

import gzip
import hashlib
import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import yaml

import harness
from harness.config import load_suite
from harness.datasets import pairs
from harness.errors import ConfigError

_SUITES = Path(harness.__file__).parent.parent / "suites"
_HUB = sorted(
    p.stem for p in _SUITES.glob("*.yaml") if "hub" in yaml.safe_load(p.read_text()).get("dataset", {})
)
_ROWS = [
    {"split": "test", "sentence1": "A dog runs.", "sentence2": "A dog is running.", "score": 4.8},
    {"split": "test", "sentence1": "A man eats “bread”.", "sentence2": "Snow falls.", "score": 1.0},
    {"split": "test", "sentence1": "One.", "sentence2": "Two.", "score": 3},
]
_BYTES = gzip.compress("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in _ROWS).encode(), mtime=0)
_SHA256 = hashlib.sha256(_BYTES).hexdigest()

Answer = Callable[[BaseHTTPRequestHandler, str], None]


def _send(
    handler: BaseHTTPRequestHandler, commit: str, *, etag: str = _SHA256, body: bytes = _BYTES, cut: int = 0
) -> None:
    handler.send_response(200)
    handler.send_header("X-Repo-Commit", commit)
    handler.send_header("ETag", f'"{etag}"')
    handler.send_header("Content-Length", str(len(body)))
    handler.end_headers()
    if handler.command == "GET":
        handler.wfile.write(body[: len(body) - cut])
        handler.close_connection = True


def _git_sha1(body: bytes) -> str:
    return hashlib.sha1(b"blob %d\0" % len(body) + body, usedforsecurity=False).hexdigest()


@pytest.fixture
def endpoint() -> Iterator[Callable[[Answer], dict[str, str]]]:
    """Serve answers at a loopback address; returns the environment that sends the library there."""
    servers: list[ThreadingHTTPServer] = []

    def serve(answer: Answer) -> dict[str, str]:
        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                parts = self.path.split("/")
                answer(self, parts[parts.index("resolve") + 1] if "resolve" in parts else "")

            do_HEAD = do_GET  # noqa: N815

            def log_message(self, *_: Any) -> None:
                pass

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        servers.append(server)
        return {"HF_ENDPOINT": f"http://127.0.0.1:{server.server_port}", "HF_HUB_DOWNLOAD_TIMEOUT": "5"}

    yield serve
    for server in servers:
        server.shutdown()
        server.server_close()


def test_the_suites_people_know_are_there() -> None:
    assert _HUB == ["sickr", "sts12", "sts13", "sts14", "sts15", "sts16", "stsb"]


def test_every_suite_loads_and_stays_in_the_cache(tmp_path: Path, load_apart: Any, endpoint: Any) -> None:
    home = {"HF_HOME": str(tmp_path)}
    first = load_apart(_HUB, home | endpoint(_send))
    again = load_apart(_HUB, home, offline=True)
    for name in _HUB:
        assert first[name] == again[name]
        assert first[name]["counts"] == {"pairs": 3, "pairs_unscored": 0}
        assert first[name]["pairs"][1] == ["test.jsonl.gz:2", "A man eats “bread”.", "Snow falls.", 1.0]
        assert "3 pairs were loaded, the suite says" in first[name]["notes"][0]


@pytest.fixture(scope="module")
def missing(tmp_path_factory: pytest.TempPathFactory, load_all_apart: Any) -> dict[str, dict[str, Any]]:
    """What every suite says with the network forbidden and nothing there."""
    answers: dict[str, dict[str, Any]] = load_all_apart(
        _HUB, {"HF_HOME": str(tmp_path_factory.mktemp("empty"))}, offline=True
    )
    return answers


@pytest.mark.parametrize("name", _HUB)
def test_without_network_each_says_what_is_missing_how_large_and_where_it_goes(
    name: str, missing: dict[str, dict[str, Any]]
) -> None:
    message = missing[name]["error"]
    assert missing[name]["code"] == 2
    assert message.startswith(f"suite {name}: mteb/")
    assert "test.jsonl.gz is missing in" in message
    assert "datasets--mteb--" in message
    assert "the network is forbidden" in message
    assert "to download" in message
    assert "Terms: " in message
    assert "\n" not in message


def _refused(load_apart: Any, home: Path, changes: dict[str, str], suite: str = "stsb") -> str:
    answer = load_apart([suite], {"HF_HOME": str(home), **changes})[suite]
    assert answer["code"] == 2
    kept = [path for path in home.rglob("*") if path.is_file() and path.suffix != ".lock"]
    assert not [path for path in kept if "blobs" in path.parts or "snapshots" in path.parts], kept
    return str(answer["error"])


def test_a_file_named_by_gits_sha1_is_checked_too(tmp_path: Path, load_apart: Any, endpoint: Any) -> None:
    right = endpoint(lambda handler, commit: _send(handler, commit, etag=_git_sha1(_BYTES)))
    assert load_apart(["stsb"], {"HF_HOME": str(tmp_path / "right"), **right})["stsb"]["counts"]["pairs"] == 3
    wrong = endpoint(lambda handler, commit: _send(handler, commit, etag="0" * 40))
    assert "has other bytes than it should (git-sha1" in _refused(load_apart, tmp_path / "wrong", wrong)


def test_other_bytes_than_the_hubs_own_digest_are_refused(
    tmp_path: Path, load_apart: Any, endpoint: Any
) -> None:
    other = gzip.compress(b"{}\n", mtime=0)
    message = _refused(load_apart, tmp_path, endpoint(lambda h, commit: _send(h, commit, body=other)))
    assert "has other bytes than it should (sha256" in message
    assert "refused and removed" in message


def _pinned(folder: Path, digest: str) -> Path:
    path = folder / "pinned.yaml"
    path.write_text(
        "task: sts\nversion: 1\nmeasures: [spearman]\nprimary: spearman\ndataset:\n  hub: some/pairs\n"
        f"  revision: {'a' * 40}\n  files: test.jsonl.gz\n  sha256: {{test.jsonl.gz: {digest}}}\n"
    )
    return path


def test_other_bytes_than_the_pinned_hash_are_refused(tmp_path: Path, load_apart: Any, endpoint: Any) -> None:
    served = endpoint(_send)
    good = str(_pinned(tmp_path, _SHA256))
    assert load_apart([good], {"HF_HOME": str(tmp_path / "good"), **served})[good]["counts"]["pairs"] == 3
    bad = str(_pinned(tmp_path, "b" * 64))
    assert f"the pinned one is {'b' * 64}; refused" in _refused(load_apart, tmp_path / "bad", served, bad)
    # With a name that is no SHA-256, only the bytes themselves can tell.
    by_git = endpoint(lambda handler, commit: _send(handler, commit, etag=_git_sha1(_BYTES)))
    assert "has other bytes than it should (sha256" in _refused(load_apart, tmp_path / "git", by_git, bad)


def test_half_a_file_is_refused(tmp_path: Path, load_apart: Any, endpoint: Any) -> None:
    def half(handler: BaseHTTPRequestHandler, commit: str) -> None:
        _send(handler, commit, cut=len(_BYTES) // 2)

    message = _refused(load_apart, tmp_path, endpoint(half))
    assert "it could not be fetched" in message or "other bytes than it should" in message


def test_an_error_of_the_hub_is_said(tmp_path: Path, load_apart: Any, endpoint: Any) -> None:
    def fail(handler: BaseHTTPRequestHandler, commit: str) -> None:
        handler.send_response(500)
        handler.send_header("Content-Length", "0")
        handler.end_headers()

    assert "the hub answered with an error" in _refused(load_apart, tmp_path, endpoint(fail))


def test_a_file_that_is_not_there_is_named(tmp_path: Path, load_apart: Any, endpoint: Any) -> None:
    def absent(handler: BaseHTTPRequestHandler, commit: str) -> None:
        handler.send_response(404)
        handler.send_header("X-Error-Code", "EntryNotFound")
        handler.send_header("X-Repo-Commit", commit)
        handler.send_header("Content-Length", "0")
        handler.end_headers()

    message = _refused(load_apart, tmp_path, endpoint(absent))
    assert "the hub has no mteb/stsbenchmark-sts@b0fddb56ed78/test.jsonl.gz" in message


def test_another_commit_than_the_pinned_one_is_refused(
    tmp_path: Path, load_apart: Any, endpoint: Any
) -> None:
    message = _refused(load_apart, tmp_path, endpoint(lambda handler, _: _send(handler, "f" * 40)))
    assert f"the hub answers with commit {'f' * 40}, not with the pinned one; refused" in message


def test_nobody_listening_is_said_in_one_message(tmp_path: Path, load_apart: Any) -> None:
    message = _refused(load_apart, tmp_path, {"HF_ENDPOINT": "http://127.0.0.1:9"})
    assert "it could not be fetched" in message
    assert "Terms: CC BY-SA 4.0" in message


def test_a_damaged_copy_in_the_cache_is_refused_on_the_next_use(
    tmp_path: Path, load_apart: Any, endpoint: Any
) -> None:
    home = {"HF_HOME": str(tmp_path)}
    load_apart(["stsb"], home | endpoint(_send))
    blob = next(path for path in tmp_path.rglob(_SHA256))
    blob.chmod(0o644)
    blob.write_bytes(_BYTES[:-3])
    answer = load_apart(["stsb"], home, offline=True)["stsb"]
    assert "has other bytes than it should" in answer["error"]
    assert not blob.exists()


def test_a_disk_too_small_is_said_before_the_download(tmp_path: Path, load_apart: Any, endpoint: Any) -> None:
    asked: list[str] = []

    def served(handler: BaseHTTPRequestHandler, commit: str) -> None:
        asked.append(handler.command)
        _send(handler, commit)

    suite = _pinned(tmp_path, _SHA256)
    suite.write_text(suite.read_text() + "needs: {disk_mb: 1.0e12}\n")
    answer = load_apart([str(suite)], {"HF_HOME": str(tmp_path / "home"), **endpoint(served)})[str(suite)]
    assert answer["code"] == 70
    assert "the disk is too small" in answer["error"]
    assert asked == []


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ("  revision: main\n", "is not a commit of 40 hexadecimal digits; a branch or tag may move"),
        (
            f"  revision: {'a' * 40}\n  sha256: {{other.gz: {'b' * 64}}}\n",
            "sha256: other.gz is not among the files",
        ),
        (f"  revision: {'a' * 40}\n  sha256: {{test.jsonl.gz: abc}}\n", "sha256"),
        (f"  revision: {'a' * 40}\n  file: x\n", "unknown key 'file'"),
    ],
)
def test_a_suite_that_is_not_pinned_is_refused(tmp_path: Path, change: str, message: str) -> None:
    path = tmp_path / "suite.yaml"
    path.write_text(
        "task: sts\nversion: 1\nmeasures: [spearman]\nprimary: spearman\ndataset:\n  hub: some/pairs\n"
        f"  files: test.jsonl.gz\n{change}"
    )
    with pytest.raises(ConfigError, match=message) as caught:
        pairs.source_of(load_suite(path))
    assert str(path) in str(caught.value)
