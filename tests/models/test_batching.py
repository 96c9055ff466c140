"""Batches by token length: the same answers as the library's own, and exact counts."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.models.folders import ModelFolder
from harness.models.protocols import Role, Work
from harness.models.sentence import LoadSettings, SentenceBiEncoder, SentenceCrossEncoder, batches

TEXTS = [
    ("the river " * (i % 9 + 1) + ("tree", "bird", "fish", "snow")[i % 4]).strip() for i in range(53)
] + ["", "the"]


def bi(folder: Path, batch_size: int = 8) -> SentenceBiEncoder:
    return SentenceBiEncoder(ModelFolder(folder, "tiny", "folder"), LoadSettings("cpu", batch_size))


@pytest.mark.parametrize("batch_size", [1, 8, 64])
def test_embeddings_are_those_of_sentence_transformers(batch_size: int, tiny_bi_encoder: Path) -> None:
    from sentence_transformers import SentenceTransformer

    library = SentenceTransformer(str(tiny_bi_encoder), device="cpu", local_files_only=True)
    model = bi(tiny_bi_encoder, batch_size)
    roles: list[tuple[Role, np.ndarray]] = [
        ("query", library.encode_query(TEXTS, show_progress_bar=False)),
        ("document", library.encode_document(TEXTS, show_progress_bar=False)),
        ("sentence", library.encode(TEXTS, show_progress_bar=False)),
    ]
    for role, expected in roles:
        np.testing.assert_allclose(model.encode(TEXTS, role), expected, atol=1e-5)


def test_counts_are_exact(tiny_bi_encoder: Path) -> None:
    model = bi(tiny_bi_encoder)
    model.encode(["the", "the river", "the river bank", *["a"] * 8], "document")
    # Two batches of 8 and 3, longest first: 5 + 4 + 6 x 3 tokens padded to 8 x 5, then 3 x 3.
    assert model.work == Work(2, 11, 5 + 4 + 6 * 3 + 3 * 3, 8 * 5 + 3 * 3, 0)
    model.encode(["the " * 100], "document")
    assert model.work - Work(2, 11, 36, 49, 0) == Work(1, 1, 32, 32, 1)


def test_a_cross_encoders_scores_are_the_librarys_logits(tiny_cross_encoder: Path) -> None:
    import torch
    from sentence_transformers import CrossEncoder

    pairs = [(TEXTS[i], TEXTS[-i]) for i in range(len(TEXTS))]
    library = CrossEncoder(str(tiny_cross_encoder), device="cpu", local_files_only=True)
    expected = library.predict(pairs, activation_fn=torch.nn.Identity(), show_progress_bar=False)
    model = SentenceCrossEncoder(ModelFolder(tiny_cross_encoder, "tiny", "folder"), LoadSettings("cpu", 8))
    np.testing.assert_allclose(model.score(pairs), expected, atol=1e-5)
    assert model.work.forward_passes == -(-len(pairs) // 8)


@given(
    st.lists(st.integers(0, 600), max_size=80), st.integers(1, 40), st.one_of(st.none(), st.integers(1, 3000))
)
def test_batches_hold_every_input_once_and_keep_to_the_budget(
    lengths: list[int], size: int, tokens: int | None
) -> None:
    longest_first = np.sort(np.asarray(lengths, dtype=np.int64))[::-1]
    cuts = batches(longest_first, size, tokens)
    assert [i for cut in cuts for i in range(cut.start, cut.stop)] == list(range(len(lengths)))
    for cut in cuts:
        n = cut.stop - cut.start
        assert 1 <= n <= size
        assert tokens is None or n == 1 or n * longest_first[cut.start] <= tokens


def test_a_token_budget_changes_the_batches_and_not_the_answers(tiny_bi_encoder: Path) -> None:
    plain = bi(tiny_bi_encoder, 64)
    folder = ModelFolder(tiny_bi_encoder, "tiny", "folder")
    budgeted = SentenceBiEncoder(folder, LoadSettings("cpu", 64, batch_tokens=60))
    np.testing.assert_allclose(budgeted.encode(TEXTS, "document"), plain.encode(TEXTS, "document"), atol=1e-5)
    assert budgeted.work.forward_passes > plain.work.forward_passes
    assert budgeted.work.padded_tokens < plain.work.padded_tokens
    assert budgeted.work.tokens == plain.work.tokens


@pytest.mark.parametrize("precision", ["bf16", "fp16"])
def test_a_cross_encoder_in_half_precision_still_tells_pairs_apart(
    precision: str, tiny_cross_encoder: Path
) -> None:
    """Logits rounded to 8 bits would tie; those of the fp32 head do not, and they stay near the exact ones."""
    pairs = [(TEXTS[i], TEXTS[-i]) for i in range(len(TEXTS))]
    folder = ModelFolder(tiny_cross_encoder, "tiny", "folder")
    exact = SentenceCrossEncoder(folder, LoadSettings("cpu", 8)).score(pairs)
    half = SentenceCrossEncoder(folder, LoadSettings("cpu", 8, precision=precision)).score(pairs)
    np.testing.assert_allclose(half, exact, atol=0.05)
    assert not np.array_equal(half, exact)
    bits = half.view(np.uint32) & 0xFFFF if precision == "bf16" else half.view(np.uint32) & 0x1FFF
    assert bits.any()  # more than half precision's mantissa
