"""Records of JSON files: one object a line, or one array of objects."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from harness.datasets.formats.kind import RecordFormat
from harness.datasets.textfiles import decoded, lines, opened_text, raw_lines
from harness.errors import DataError

_DECODER = json.JSONDecoder()
_SPACE = " \t\r\n"


def is_array(path: Path) -> bool:
    """Whether a file holds one array, by its first character."""
    with opened_text(path) as file:
        for _, raw in raw_lines(file):
            if text := raw.strip():
                return text.startswith(b"[")
    return False


def records(path: Path, columns: Sequence[str] | None = None) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield (line number, object), of either form; every object is whole, whichever columns are asked for. Raises
    DataError.
    """
    if is_array(path):
        return _of_array(path)
    return ((number, json_object(text, path, number)) for number, text in lines(path))


def json_object(text: str, path: Path, number: int) -> dict[str, Any]:
    """Parse one line of JSONL."""
    try:
        record = json.loads(text)
    except RecursionError:
        raise DataError(f"{path}:{number}: not valid JSON here (nested too deeply)") from None
    except ValueError as error:  # besides bad syntax, a number of thousands of digits
        raise _invalid(error, path, number) from None
    return _object(record, text, path, number)


def _invalid(error: ValueError, path: Path, number: int) -> DataError:
    return DataError(
        f"{path}:{number}: not valid JSON ({getattr(error, 'msg', error)}); a line holds one whole object, or the file "
        "one array of objects: is it complete?"
    )


def _object(record: Any, text: str, path: Path, number: int) -> dict[str, Any]:
    """Return what was parsed from a text where it is an object. Raises DataError."""
    if "\\ud" in text.lower():
        _check_surrogates(record, path, number)
    if not isinstance(record, dict):
        raise DataError(f"{path}:{number}: a JSON {type(record).__name__}, where an object is expected")
    return record


def _check_surrogates(record: Any, path: Path, number: int) -> None:
    """Refuse half a surrogate pair, which JSON can escape and UTF-8 cannot hold."""
    try:
        json.dumps(record, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        raise DataError(f"{path}:{number}: holds half a surrogate pair, which is no character") from None


class _Buffer:
    """A file's text of which only what is not parsed yet is kept."""

    def __init__(self, path: Path) -> None:
        self.path, self.number = path, 1
        self._text, self._at = "", 0
        self._blocks = self._read(path)

    @staticmethod
    def _read(path: Path) -> Iterator[str]:
        with opened_text(path) as file:
            for number, raw in raw_lines(file):
                yield decoded(raw, path, number)

    def _more(self) -> bool:
        """Read at least as much again as is kept, so that all attempts together take linear time."""
        kept = self._text[self._at :]
        blocks, size = [kept], 0
        for block in self._blocks:
            blocks.append(block)
            size += len(block)
            if size > max(len(kept), 1 << 16):
                break
        self._text, self._at = "".join(blocks), 0
        return size > 0

    def sign(self) -> str:
        """Take the next character that is no space; empty at the end."""
        while True:
            for i in range(self._at, len(self._text)):
                character = self._text[i]
                self.number += character == "\n"
                if character not in _SPACE:
                    self._at = i + 1
                    return character
            self._at = len(self._text)
            if not self._more():
                return ""

    def value(self) -> dict[str, Any]:
        """Take the object whose first character :meth:`sign` gave."""
        self._at -= 1
        while True:
            try:
                record, end = _DECODER.raw_decode(self._text, self._at)
            except RecursionError:
                raise DataError(
                    f"{self.path}:{self.number}: not valid JSON here (nested too deeply)"
                ) from None
            except ValueError as error:
                if not self._more():
                    raise _invalid(error, self.path, self.number) from None
                continue
            text = self._text[self._at : end]
            found = _object(record, text, self.path, self.number)
            self.number += text.count("\n")
            self._at = end
            return found


def _of_array(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    buffer = _Buffer(path)
    buffer.sign()  # the bracket
    sign = buffer.sign()
    if sign == "]":
        return
    while True:
        number = buffer.number
        yield number, buffer.value()
        sign = buffer.sign()
        if sign == "]":
            break
        if sign != ",":
            raise DataError(
                f"{path}:{buffer.number}: an array of objects goes on with , or ends with ], and here "
                + (f"stands {sign!r}" if sign else "the file ends; is it complete?")
            )
        buffer.sign()
    if rest := buffer.sign():
        raise DataError(f"{path}:{buffer.number}: after the end of the array stands {rest!r}")


FORMAT = RecordFormat(
    ("jsonl", "json", "ndjson"), records=records, line=json_object, in_lines=lambda path: not is_array(path)
)
