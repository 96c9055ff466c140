"""One artifact, one file: as a whole or not at all, and every damage found."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from harness.store import files
from harness.store.files import Damaged


def written(folder: Path, array: np.ndarray) -> Path:
    """Write an artifact."""
    path = folder / "kind" / "artifact"
    folder.joinpath("partial").mkdir(exist_ok=True)
    files.write(path, {"work": {"texts": 3}, "session": "abc"}, array, folder / "partial")
    return path


@pytest.mark.parametrize(
    "array",
    [
        np.arange(12, dtype=np.float32).reshape(4, 3),
        np.arange(6, dtype=np.float16).reshape(2, 3),
        np.zeros((0, 7), dtype=np.float32),
        np.zeros(0, dtype=np.uint8),
        np.array([(1, 0.5), (2, -0.25)], dtype=[("document", "<i8"), ("score", "<f4")]),
        np.asfortranarray(np.arange(12, dtype=np.float32).reshape(4, 3)),
    ],
    ids=["fp32", "fp16", "no-rows", "empty", "columns", "fortran"],
)
def test_what_is_written_is_read_and_mapped(array: np.ndarray, tmp_path: Path) -> None:
    found = files.read(written(tmp_path, array))
    assert found.header == {"work": {"texts": 3}, "session": "abc"}
    assert found.array.dtype == array.dtype
    assert found.array.shape == array.shape
    assert np.array_equal(found.array, array)
    assert not found.array.flags.writeable
    assert list((tmp_path / "partial").iterdir()) == []


@given(place=st.floats(0, 1, exclude_max=True), bit=st.integers(0, 7))
@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_every_flipped_bit_is_found(place: float, bit: int, tmp_path: Path) -> None:
    path = written(tmp_path, np.arange(40, dtype=np.float32))
    content = bytearray(path.read_bytes())
    content[int(place * len(content))] ^= 1 << bit
    path.write_bytes(bytes(content))
    with pytest.raises(Damaged):
        files.read(path)


@given(kept=st.floats(0, 1, exclude_max=True))
@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_every_cut_is_found(kept: float, tmp_path: Path) -> None:
    path = written(tmp_path, np.arange(40, dtype=np.float32))
    content = path.read_bytes()
    path.write_bytes(content[: int(kept * len(content))])
    with pytest.raises(Damaged):
        files.read(path)


def test_a_write_that_fails_leaves_nothing_and_keeps_what_was_there(tmp_path: Path) -> None:
    path = written(tmp_path, np.ones(3, dtype=np.float32))
    with pytest.raises(ValueError, match="Out of range float"):
        files.write(path, {"work": float("nan")}, np.zeros(3, dtype=np.float32), tmp_path / "partial")
    assert files.read(path).array.tolist() == [1, 1, 1]
