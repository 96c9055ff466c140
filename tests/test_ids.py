"""Ids as integers are the same ids: codes, order and lookups as of texts."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness import ids

NUMBERS = st.one_of(st.integers(0, 120), st.integers(0, 10**18 - 1))


@given(st.lists(NUMBERS, min_size=1, max_size=30))
def test_numbers_are_coded_as_their_texts_are(values: list[int]) -> None:
    texts = [str(value) for value in values]
    found = ids.numbers(pa.array(texts))
    assert found is not None
    assert found.tolist() == values
    codes, vocabulary = ids.coded(found)
    expected_codes, expected = ids.coded(texts)
    assert vocabulary.texts.to_pylist() == expected.texts.to_pylist() == sorted(set(texts))
    assert codes.tolist() == expected_codes.tolist()
    assert [vocabulary.texts[code].as_py() for code in codes.tolist()] == texts


@pytest.mark.parametrize("odd", ["", "007", "00", "+7", "-7", "7.0", "0x7", " 7", "\uff17", "x", "1" * 19])
def test_what_is_not_written_as_an_integer_is_is_no_number(odd: str) -> None:
    assert ids.numbers(pa.array(["7", odd, "12"])) is None
    assert ids.numbers(pa.array([odd])) is None


def test_a_slice_of_a_column_is_read_from_its_own_place() -> None:
    found = ids.numbers(pa.array(["x", "3", "44", "y"]).slice(1, 2))
    assert found is not None
    assert found.tolist() == [3, 44]


@given(st.lists(NUMBERS, max_size=20), st.lists(NUMBERS, max_size=20), st.booleans())
def test_ids_are_found_in_another_vocabulary_by_number_as_by_text(
    mine: list[int], theirs: list[int], as_text: bool
) -> None:
    _, numbered = ids.coded(np.asarray(mine, dtype=np.int64))
    _, other = ids.coded([str(n) for n in theirs] if as_text else np.asarray(theirs, dtype=np.int64))
    places = {text: i for i, text in enumerate(other.texts.to_pylist())}
    assert numbered.found_in(other).tolist() == [places.get(text, -1) for text in numbered.texts.to_pylist()]
