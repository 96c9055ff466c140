"""Bytes and times: typed in and written out."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.units import milliseconds, size_in_bytes, size_text, span_text


@pytest.mark.parametrize(
    ("text", "size"),
    [("4GB", 4 * 10**9), ("512 MiB", 512 * 2**20), ("1.5g", 1_500_000_000), (1000, 1000), ("7", 7)],
)
def test_sizes(text: Any, size: int) -> None:
    assert size_in_bytes(text) == size


@pytest.mark.parametrize("text", ["", "GB", "-1GB", "4 XB", True, "0"])
def test_what_is_no_size(text: Any) -> None:
    with pytest.raises(ValueError, match="is no size"):
        size_in_bytes(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("50", 50.0),
        ("50ms", 50.0),
        ("0.2 s", 200.0),
        ("800us", 0.8),
        (".5S", 500.0),
        (7, 7.0),
        ("250 µs", 0.25),
    ],
)
def test_times(text: Any, expected: float) -> None:
    assert milliseconds(text) == pytest.approx(expected, rel=1e-15)


@pytest.mark.parametrize("text", ["", "ms", "-5ms", "5 min", "nan", "inf", "1e3", True, "0", "9" * 400])
def test_what_is_no_time(text: Any) -> None:
    with pytest.raises(ValueError, match="is no time; write it as 50ms"):
        milliseconds(text)


@given(st.integers(1, 999_000_000_000))
def test_a_size_that_is_written_is_that_size_when_typed(size: int) -> None:
    assert abs(size_in_bytes(size_text(size)) - size) <= 0.006 * size


@pytest.mark.parametrize(
    ("size", "text"),
    [(0, "0 B"), (999, "999 B"), (999_999, "1 MB"), (983_500_000, "984 MB"), (5.3e12, "5,300 GB")],
)
def test_sizes_as_people_read_them(size: float, text: str) -> None:
    assert size_text(size) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (2.5e-8, "25 ns"), (0.00025, "250 µs"), (0.0123, "12.3 ms"), (0.9999, "1 s"), (5, "5 s"), (119.6, "120 s"),
        (600, "10 min"), (234_000, "65 h"), (23_400_000, "271 days"),
    ],
)  # fmt: skip
def test_times_as_people_read_them(seconds: float, text: str) -> None:
    assert span_text(seconds) == text
