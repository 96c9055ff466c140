"""Lines of text files, plain or gzip."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from harness.datasets import textfiles
from harness.datasets.formats import jsonfiles
from harness.errors import DataError


def test_lines_keep_their_numbers_and_lose_mark_and_endings(tmp_path: Path) -> None:
    content = b"\xef\xbb\xbfone\r\n\n  \ntwo \xe2\x80\xa8 still two\x85\nthree"
    (tmp_path / "a.txt").write_bytes(content.replace(b"\x85", b""))
    (tmp_path / "a.txt.gz").write_bytes(gzip.compress(content.replace(b"\x85", b"")))
    wanted = [(1, "one"), (4, "two \u2028 still two"), (5, "three")]
    assert list(textfiles.lines(tmp_path / "a.txt")) == wanted == list(textfiles.lines(tmp_path / "a.txt.gz"))


@pytest.mark.parametrize("cut", [1, 8, 9, 20])
def test_a_truncated_gzip_file_is_an_error_wherever_it_ends(tmp_path: Path, cut: int) -> None:
    whole = gzip.compress("".join(f"line {i}\n" for i in range(2000)).encode())
    path = tmp_path / "a.txt.gz"
    path.write_bytes(whole[:-cut])
    with pytest.raises(DataError, match=r"a.txt.gz: the compressed data ends too early or is damaged"):
        list(textfiles.lines(path))
    with pytest.raises(DataError, match="ends too early or is damaged"):
        textfiles.spooled(path)


def test_damaged_gzip_data_is_an_error(tmp_path: Path) -> None:
    whole = bytearray(gzip.compress("".join(f"line {i * i}\n" for i in range(2000)).encode()))
    whole[len(whole) // 2] ^= 0xFF
    path = tmp_path / "a.txt.gz"
    path.write_bytes(bytes(whole))
    with pytest.raises(DataError, match=r"a.txt.gz: "):
        list(textfiles.lines(path))


@pytest.mark.parametrize(("end", "more"), [("\r", b""), ("\r", b"\r"), ("\r\n", b"\r\n"), ("\n", b"")])
@pytest.mark.parametrize("compressed", [True, False])
def test_line_ends_of_every_system(tmp_path: Path, end: str, more: bytes, compressed: bool) -> None:
    content = end.join(["one", "", "two"]).encode() + more
    (tmp_path / "a").write_bytes(gzip.compress(content) if compressed else content)
    assert list(textfiles.lines(tmp_path / "a")) == [(1, "one"), (3, "two")]
    with textfiles.spooled(tmp_path / "a") as file:
        file.seek(0)
        assert [line.strip() for line in file] == [b"one", b"", b"two"]


@pytest.mark.parametrize(
    ("start", "what"),
    [
        (b"\xff\xfe", "UTF-16"),
        (b"BZh9", "bzip2"),
        (b"\xfd7zXZ\x00", "xz"),
        (b"\x28\xb5\x2f\xfd", "zstandard"),
    ],
)
def test_what_is_no_text_is_named_with_a_remedy(tmp_path: Path, start: bytes, what: str) -> None:
    (tmp_path / "a.tsv").write_bytes(start + b"abc\n")
    for read in (textfiles.spooled, lambda path: list(textfiles.lines(path))):
        with pytest.raises(DataError, match=f"a.tsv: is {what}.*; "):
            read(tmp_path / "a.tsv")


def test_kinds_come_from_names() -> None:
    names = ("a.tsv", "a.b.JSONL.gz", "a", "a.gz")
    assert [textfiles.kind_of(Path(name)) for name in names] == ["tsv", "jsonl", "", ""]


@pytest.mark.parametrize("text", ["{", '{"a": ' + "1" * 5000 + "}", '{"a": 1', "NaN", "3", '"x"', "[]"])
def test_what_is_no_object_is_refused_by_line(text: str) -> None:
    with pytest.raises(DataError, match=r"^x.jsonl:7: "):
        jsonfiles.json_object(text, Path("x.jsonl"), 7)


def test_json_nested_too_deeply_is_refused_by_line() -> None:
    with pytest.raises(DataError, match=r"^x.jsonl:7: not valid JSON"):
        jsonfiles.json_object("[" * 200_000, Path("x.jsonl"), 7)
