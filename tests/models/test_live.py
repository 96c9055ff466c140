"""A model that was given as an object: known by its weights and settings, left as it was, kept only where all is known."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from harness.config import ModelSettings
from harness.errors import ModelError
from harness.models import live, loading
from harness.models.folders import Permissions
from harness.models.recipe import recipe_of

TEXTS = ["the river flows", "a very old city in the deep north", "snow", ""]


@pytest.fixture
def bi(tiny_bi_encoder: Path) -> Any:
    from sentence_transformers import SentenceTransformer

    return SentenceTransformer(str(tiny_bi_encoder), device="cpu")


def request(
    value: Any, kind: str = "bi_encoder", max_tokens: int | None = None, **more: Any
) -> loading.ModelRequest:
    settings = ModelSettings.model_validate({kind: {"live": "object"}, **more})
    return loading.request("m", settings, Path(), "cpu", Permissions(), max_tokens, live.found(value, kind))


def from_folder(folder: Path, kind: str = "bi_encoder") -> Any:
    settings = ModelSettings.model_validate({kind: str(folder), "precision": "fp32"})
    return loading.load(loading.request("m", settings, Path(), "cpu", Permissions(offline=True)))[0]


@pytest.mark.parametrize("pooling", ["mean", "cls", "max"])
def test_it_answers_as_its_folder_does_with_prompts_and_pooling(
    bi: Any, pooling: str, tmp_path: Path
) -> None:
    from sentence_transformers.sentence_transformer.modules import Pooling

    bi[1] = Pooling(bi[1].embedding_dimension, pooling)
    bi.prompts = {"query": "where is ", "document": "water "}
    bi.save_pretrained(str(tmp_path / "folder"))
    ours, theirs = loading.load(request(bi))[0], from_folder(tmp_path / "folder")
    for role in ("query", "document", "sentence"):
        np.testing.assert_allclose(ours.encode(TEXTS, role), theirs.encode(TEXTS, role), atol=1e-6)
    np.testing.assert_allclose(ours.encode(TEXTS, "query"), bi.encode_query(TEXTS), atol=1e-6)
    assert not np.allclose(ours.encode(TEXTS, "query"), ours.encode(TEXTS, "document"), atol=1e-3)


def test_a_cross_encoder_scores_as_its_folder_does(tiny_cross_encoder: Path) -> None:
    from sentence_transformers import CrossEncoder

    model = CrossEncoder(str(tiny_cross_encoder), device="cpu")
    pairs = [(a, b) for a in TEXTS[:3] for b in TEXTS[:3]]
    ours = loading.load(request(model, "cross_encoder"))[0].score(pairs)
    np.testing.assert_allclose(ours, from_folder(tiny_cross_encoder, "cross_encoder").score(pairs), atol=1e-6)
    assert live.found(model).kind == "cross_encoder"


def test_what_was_given_is_left_as_it_was(bi: Any) -> None:
    bi.train()
    before = live.found(bi)
    length = bi.max_seq_length
    model = loading.load(request(bi, max_tokens=4))[0]
    model.encode(TEXTS, "query")
    assert model.max_length == 4
    assert (bi.training, bi.max_seq_length) == (True, length)
    assert live.found(bi).files == before.files
    shared = {p.data_ptr() for p in bi.parameters()}
    assert {
        p.data_ptr() for p in model.model.parameters()
    } == shared  # and no memory taken for a second model


def _nudged(model: Any) -> None:
    next(model.parameters()).data[3, 3] += 1e-3


def _prompted(model: Any) -> None:
    model.prompts = {"query": "where "}


def _pooled(model: Any) -> None:
    model[1].pooling_mode = "cls"


def _shortened(model: Any) -> None:
    model.max_seq_length = 4


def _uppercase(model: Any) -> None:
    from tokenizers import normalizers

    model.tokenizer.backend_tokenizer.normalizer = normalizers.Sequence([])


@pytest.mark.parametrize(
    ("change", "which"),
    [
        (_nudged, "weights"),
        (_prompted, "settings"),
        (_pooled, "settings"),
        (_shortened, "settings"),
        (_uppercase, "settings"),
    ],
)
def test_whatever_changes_an_answer_changes_its_key(
    bi: Any, change: Callable[[Any], None], which: str
) -> None:
    before, recipe = live.found(bi).files, recipe_of(request(bi))
    bi.encode(TEXTS)  # which sets how its tokenizer cuts and pads
    assert live.found(bi).files == before
    change(bi)
    after = live.found(bi).files
    assert {name for name in after if after[name] != before[name]} == {which}
    again = recipe_of(request(bi))
    assert recipe is not None
    assert again is not None
    assert recipe.key != again.key


def _hooked(model: Any) -> None:
    model[0].register_forward_hook(lambda *_: None)


def _patched(model: Any) -> None:
    model[0].forward = lambda features, **_: features


def _strange(model: Any) -> None:
    import torch

    class Own(torch.nn.Module):
        def forward(self, features: Any, **_: Any) -> Any:
            return features

    model.append(Own())


@pytest.mark.parametrize("change", [_hooked, _patched, _strange])
def test_nothing_is_kept_of_what_weights_and_settings_do_not_say(
    bi: Any, change: Callable[[Any], None]
) -> None:
    assert live.found(bi).kept
    change(bi)
    assert not live.found(bi).kept
    assert recipe_of(request(bi)) is None


def test_nothing_is_kept_of_a_function_or_of_a_class_of_ones_own() -> None:
    class Own:
        similarity = "dot"

        def encode(self, texts: Any, role: str) -> Any:
            return np.ones((len(texts), 2), np.float32)

    for value in (Own(), lambda texts: np.ones((len(texts), 2))):
        assert recipe_of(request(value)) is None
        model, identity = loading.load(request(value))
        assert model.encode(["a", "b"], "query").shape == (2, 2)
        assert identity.files == {}
    assert loading.load(request(Own()))[0].similarity == "dot"
    assert loading.load(request(Own(), similarity="euclidean"))[0].similarity == "euclidean"


def test_what_is_both_or_of_another_kind_is_asked_for(bi: Any) -> None:
    class Both:
        similarity = "dot"
        encode = score = lambda self, *_: None

    with pytest.raises(ModelError, match="both encodes and scores; say which"):
        live.found(Both())
    assert live.found(Both(), "cross_encoder").kind == "cross_encoder"
    with pytest.raises(ModelError, match="belongs under 'bi_encoder'"):
        live.found(bi, "cross_encoder")
    with pytest.raises(ModelError, match="cannot be used as 'sparse_encoder'"):
        live.found(lambda texts: texts, "sparse_encoder")
