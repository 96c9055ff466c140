"""Known answers of published models: checked where the model is there, skipped by name where not."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.models import known
from harness.models.known import Absent, Answer


def test_the_similarities_of_minilm_are_as_published(minilm: str) -> None:
    found = [one for one in known.answers() if isinstance(one, Answer) and one.name.startswith(minilm)]
    assert [one.answer for one in found] == [0.6660, 0.1046, 0.1411]
    assert all(abs(one.found - one.answer) <= one.tolerance for one in found)


def test_a_cross_encoder_that_is_not_here_is_named() -> None:
    absent = [one.why for one in known.answers() if isinstance(one, Absent)]
    for name in ("cross-encoder/ms-marco-MiniLM-L6-v2", "cross-encoder/ms-marco-TinyBERT-L2-v2"):
        assert any(why.startswith(f"Berlin pairs of {name}: ") for why in absent)


def test_a_cross_encoder_that_is_here_is_scored(tiny_cross_encoder: Path) -> None:
    """By its own folder: the answers of another model must not be those published."""
    found = list(known._berlin(("nobody/nothing", str(tiny_cross_encoder)), (8.607138, -4.3200774)))
    assert [type(one) for one in found] == [Answer, Answer]
    assert all(isinstance(one, Answer) and abs(one.found - one.answer) > one.tolerance for one in found)


def test_without_the_package_the_similarities_are_skipped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(known, "_MINILM", "sentence-transformers/not-here")
    (first, *_) = known.answers()
    assert isinstance(first, Absent)
    assert first.why.startswith("similarities of sentence-transformers/not-here: ")
