"""Every kind of model answers as sentence-transformers does by default, to 1e-5, or says that it does not."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch

from harness.errors import ModelError
from harness.models import probe
from harness.models.folders import ModelFolder
from harness.models.protocols import Role
from harness.models.sentence import LoadSettings, SentenceBiEncoder, SentenceCrossEncoder

TEXTS = [
    "the river",
    "a long and deep river flows to the sea in the south and the old bank stands in the water of the lake",
    "bird",
    "where is the mountain",
    "many fish swims in the green lake and a red bird flies to the tall tree of the forest in the north",
    "",
    "the old city stands",
    "how deep is the water of the blue sea in the west",
]
PAIRS = [(TEXTS[i], TEXTS[-i - 1]) for i in range(len(TEXTS))]
BI = [
    "BERT, mean",
    "BERT, first token and maximum",
    "BERT without its pooler",
    "BERT without modules",
    "BERT, dense layer",
    "BERT, cut to 8 dimensions",
    "BERT, by euclidean distance",
    "prompts",
    "prompts, one of them by default",
    "prompts left out of the mean",
    "a prompt for passages",
    "RoBERTa, maximum length not said",
    "tokenizer padding left",
    "tokenizer with 1e30 tokens",
    "decoder, last token",
    "decoder, last token, padding left",
    "decoder, weighted mean",
    "decoder without modules",
    "T5's encoder",
    "static embeddings",
]
CROSS = [
    "BERT",
    "BERT as transformers saves it",
    "sigmoid in its settings",
    "a default prompt",
    "RoBERTa, maximum length not said",
    "decoder",
    "decoder that says yes or no",
]
Zoo = Callable[[str], Path]


def bi(folder: Path, batch_size: int = 8, **settings: object) -> SentenceBiEncoder:
    return SentenceBiEncoder(
        ModelFolder(folder, "tiny", "folder"), LoadSettings("cpu", batch_size, **settings)
    )


def cross(folder: Path, batch_size: int = 8, **settings: object) -> SentenceCrossEncoder:
    return SentenceCrossEncoder(
        ModelFolder(folder, "tiny", "folder"), LoadSettings("cpu", batch_size, **settings)
    )


@pytest.mark.parametrize("kind", BI)
def test_a_bi_encoder_answers_as_the_library_does(kind: str, bi_encoders: Zoo) -> None:
    from sentence_transformers import SentenceTransformer

    library = SentenceTransformer(str(bi_encoders(kind)), device="cpu", local_files_only=True)
    model = bi(bi_encoders(kind))
    expected: dict[Role, np.ndarray] = {
        "query": library.encode_query(TEXTS, show_progress_bar=False),
        "document": library.encode_document(TEXTS, show_progress_bar=False),
        "sentence": library.encode(TEXTS, show_progress_bar=False),
    }
    for role, vectors in expected.items():
        np.testing.assert_allclose(model.encode(TEXTS, role), vectors, atol=1e-5)
        staged = model.encode_in_stages(TEXTS[:3], role, lambda stage: None)
        np.testing.assert_allclose(staged, vectors[:3], atol=1e-5)
    assert model.similarity == library.similarity_fn_name
    assert len({row.tobytes() for row in model.token_digests(TEXTS, "query")}) == len(TEXTS)  # words are read
    # Padding on the left moves absolute positions: here we are no better than the library, and say so.
    assert (probe.batch_sensitivity(model) < 1e-4) is (kind != "tokenizer padding left")


@pytest.mark.parametrize("kind", CROSS)
def test_a_cross_encoder_answers_with_the_librarys_logits(kind: str, cross_encoders: Zoo) -> None:
    from sentence_transformers import CrossEncoder

    library = CrossEncoder(str(cross_encoders(kind)), device="cpu", local_files_only=True)
    expected = library.predict(PAIRS, activation_fn=torch.nn.Identity(), show_progress_bar=False)
    model = cross(cross_encoders(kind))
    np.testing.assert_allclose(model.score(PAIRS), expected, atol=1e-5)
    np.testing.assert_allclose(model.score_in_stages(PAIRS[:3], lambda stage: None), expected[:3], atol=1e-5)
    assert (
        model.describe()["activation"] == "identity"
    )  # ours, whatever the model says: logits do not saturate
    assert len({row.tobytes() for row in model.token_digests(PAIRS, "sentence")}) == len(
        PAIRS
    )  # words are read
    assert np.ptp(expected) > 0.1  # random weights, and still no vacuous comparison
    assert probe.batch_sensitivity(model) < 1e-4
    sigmoid = library.predict(PAIRS, activation_fn=torch.nn.Sigmoid(), show_progress_bar=False)
    theirs = cross(cross_encoders(kind), activation="sigmoid").score(PAIRS)
    np.testing.assert_allclose(theirs, sigmoid, atol=1e-6)


def test_the_prompts_of_a_config_replace_the_models_own(bi_encoders: Zoo, cross_encoders: Zoo) -> None:
    plain, prompted = bi(bi_encoders("BERT, mean")), bi(bi_encoders("prompts"), prompts={"query": ""})
    np.testing.assert_allclose(prompted.encode(TEXTS, "query"), plain.encode(TEXTS, "query"), atol=1e-5)
    given = [("find : " + first, second) for first, second in PAIRS]
    without, own = cross(cross_encoders("BERT")), cross(cross_encoders("a default prompt"))
    np.testing.assert_allclose(own.score(PAIRS), without.score(given), atol=1e-5)
    assert np.abs(own.score(PAIRS) - without.score(PAIRS)).max() > 0.01
    said = cross(cross_encoders("BERT"), prompts={"query": "find : "})
    np.testing.assert_allclose(said.score(PAIRS), own.score(PAIRS), atol=1e-5)
    assert said.describe()["prompts"] == {"query": "find : "}
    silenced = cross(cross_encoders("a default prompt"), prompts={"query": ""})
    np.testing.assert_allclose(silenced.score(PAIRS), without.score(PAIRS), atol=1e-5)
    assert "prompts" not in silenced.describe()


def test_a_prompt_that_the_library_does_not_use_is_told(bi_encoders: Zoo) -> None:
    (told,) = bi(bi_encoders("a prompt for passages")).remarks
    assert told.startswith("its prompt 'passage' is not used")
    assert bi(bi_encoders("prompts")).remarks == ()
    said = bi(bi_encoders("a prompt for passages"), prompts={"document": "document : "})
    assert said.remarks == ()


@pytest.mark.parametrize("kind", ["RoBERTa, maximum length not said", "BERT, mean"])
def test_the_longest_text_is_as_long_as_there_are_positions(kind: str, bi_encoders: Zoo) -> None:
    """34 positions of a RoBERTa, whose first is the one after the padding's, are 33 tokens: the library ends there."""
    limit = 33 if "RoBERTa" in kind else 64
    model = bi(bi_encoders(kind))
    assert model.max_length == limit
    words = limit - 2
    long, cut = "the river " * 40, ("the river " * 40).split()[:words]
    np.testing.assert_allclose(
        model.encode([long], "document"), model.encode([" ".join(cut)], "document"), atol=1e-5
    )
    assert model.work.truncated == 1


def test_a_suites_limit_goes_for_static_embeddings_too(bi_encoders: Zoo) -> None:
    model = bi(bi_encoders("static embeddings"), max_length=2)
    assert model.max_length == 2
    np.testing.assert_array_equal(
        model.encode(["the river flows"], "query"), model.encode(["the river"], "query")
    )


def test_a_text_without_a_token_is_a_vector_of_zeros(bare: Callable[..., Path]) -> None:
    """As mean and last-token pooling, and static embeddings, make of it in a batch."""
    model = bi(bare("bi"))
    vectors = model.encode(["", "the river", ""], "document")
    assert not vectors[[0, 2]].any()
    np.testing.assert_allclose(vectors[1], model.encode(["the river"], "document")[0], atol=1e-5)
    assert model.encode([""], "query").shape == (1, 32)
    assert not model.encode_in_stages([""], "query", lambda stage: None).any()


def test_a_pair_without_a_token_has_no_score(bare: Callable[..., Path]) -> None:
    model = cross(bare("cross"))
    assert np.isfinite(model.score([("", "the river"), ("the river", "")])).all()
    with pytest.raises(ModelError, match=r"the pair \('', ''\) has no token at all"):
        model.score([("the", "a"), ("", "")])


def test_without_a_padding_token_texts_go_one_by_one(bare: Callable[..., Path]) -> None:
    for load, kind in ((bi, "bi"), (cross, "cross")):
        with pytest.raises(ModelError, match=r"has no padding token.*'batch_size: 1'"):
            load(bare(kind, pad=None))
    alone, padded = bi(bare("bi", pad=None), 1), bi(bare("bi"))
    np.testing.assert_allclose(alone.encode(TEXTS, "query"), padded.encode(TEXTS, "query"), atol=1e-5)
    scores = cross(bare("cross", pad=None), 1).score(PAIRS)
    np.testing.assert_allclose(scores, cross(bare("cross")).score(PAIRS), atol=1e-5)


def test_left_padding_with_absolute_positions_is_told_with_the_figure(absolute: Path) -> None:
    model = bi(absolute)
    apart = probe.batch_sensitivity(model)
    assert apart > 0.1
    (told,) = probe.warnings(model)
    assert f"differ by {apart:.0%} of its size" in told
    assert "'batch_size: 1'" in told
    assert probe.warnings(bi(absolute, 1)) == ()
    assert model.work.texts == 0  # none of it counts as work


def test_more_than_one_output_is_refused_by_name(two_labels: Path) -> None:
    with pytest.raises(ModelError, match=r"has 2 outputs \(no, yes\), where a reranker has one score"):
        cross(two_labels)
