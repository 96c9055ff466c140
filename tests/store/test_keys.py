"""Every field of a key matters: change one, and it is another artifact."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.config import load_config
from harness.datamodel import Query
from harness.models import loading
from harness.models.folders import Permissions
from harness.models.recipe import ModelKey, Recipe, recipe_of
from harness.plan.searches import Search
from harness.store.keys import key_of_texts, text_hashes

KEY = ModelKey(
    kind="bi_encoder",
    files={"model.safetensors": "aa", "tokenizer.json": "bb"},
    precision="fp32",
    device="cpu x86_64",
    backend="torch",
    batch_size=16,
    batch_tokens=None,
    batch_plan="longest first by tokens",
    max_length=128,
    prompts={"query": "q: "},
    pooling="mean",
    normalize=True,
    activation="identity",
    trust_remote_code=False,
    arguments={"a": 1},
    libraries={"torch": "2.13.0"},
)

#: A strategy of other values for every field; a field that is added without one fails the test below.
OTHER: dict[str, st.SearchStrategy[Any]] = {
    "kind": st.just("cross_encoder"),
    "files": st.dictionaries(
        st.sampled_from(["model.safetensors", "tokenizer.json", "config.json"]), st.text(max_size=4)
    ),
    "precision": st.sampled_from(["fp16", "bf16"]),
    "device": st.sampled_from(["cuda x86_64", "cpu aarch64", "mps arm64"]),
    "backend": st.text(min_size=1, max_size=8),
    "batch_size": st.integers(1, 4096),
    "batch_tokens": st.none() | st.integers(1, 100_000),
    "batch_plan": st.text(min_size=1, max_size=30),
    "max_length": st.none() | st.integers(1, 8192),
    "prompts": st.none() | st.dictionaries(st.sampled_from(["query", "document"]), st.text(max_size=12)),
    "pooling": st.none() | st.sampled_from(["cls", "max"]),
    "normalize": st.none() | st.just(False),
    "activation": st.just("sigmoid"),
    "trust_remote_code": st.just(True),
    "arguments": st.dictionaries(st.text(max_size=3), st.integers() | st.text(max_size=3)),
    "reading": st.integers(0, 9),
    "libraries": st.dictionaries(st.sampled_from(["torch", "transformers"]), st.text(max_size=6)),
}


@pytest.mark.parametrize("field", [field.name for field in dataclasses.fields(ModelKey)])
@given(data=st.data())
def test_every_field_of_a_models_key_matters(field: str, data: st.DataObject) -> None:
    before = getattr(KEY, field)
    other = data.draw(OTHER[field].filter(lambda value: value != before))
    assert dataclasses.replace(KEY, **{field: other}).digest != KEY.digest


@given(
    one=st.tuples(
        st.sampled_from(["m", "n"]),
        st.sampled_from(["query", "document"]),
        st.sampled_from(["fp32", "fp16"]),
        st.lists(st.text(max_size=4), max_size=3),
    ),
    two=st.tuples(
        st.sampled_from(["m", "n"]),
        st.sampled_from(["query", "document"]),
        st.sampled_from(["fp32", "fp16"]),
        st.lists(st.text(max_size=4), max_size=3),
    ),
)
def test_model_role_dtype_texts_and_their_order_matter(one: Any, two: Any) -> None:
    keys = [
        key_of_texts(model=model, role=role, dtype=dtype, hashes=text_hashes(texts))
        for model, role, dtype, texts in (one, two)
    ]
    assert (keys[0] == keys[1]) == (one == two)


SEARCH = Search("s", "c", (Query("q1", "one"), Query("q2", "two")), 10, False)


@pytest.mark.parametrize(
    ("field", "other"),
    [
        ("source", "t"),
        ("corpus", "d"),
        ("queries", (Query("q1", "one"),)),
        ("queries", (Query("q1", "one"), Query("q2", "2"))),
        ("queries", (Query("q2", "two"), Query("q1", "one"))),
        ("depth", 11),
        ("exclude_self", True),
    ],
)
def test_every_field_of_a_searchs_key_matters(field: str, other: Any) -> None:
    assert dataclasses.replace(SEARCH, **{field: other}).key != SEARCH.key


def test_lone_surrogates_have_a_digest_too() -> None:
    assert not np.array_equal(*text_hashes(["\ud800", "\ud801"]))


def recipe(config: Path) -> Recipe:
    """The recipe of the model ``bi`` of a config; nothing is loaded."""
    loaded = load_config(config)
    found = recipe_of(
        loading.request(
            "bi",
            loaded.settings.models["bi"],
            loaded.folder,
            loaded.settings.device,
            Permissions(offline=True),
        )
    )
    assert found is not None
    return found


@pytest.mark.parametrize(
    "setting",
    [
        "precision: bf16",
        "batch_size: 3",
        "max_length: 7",
        "prompts: {query: 'q: '}",
        "prompts: {document: 'd: '}",
        "pooling: cls",
        "normalize: false",
    ],
)
def test_every_setting_of_a_config_reaches_the_key(setting: str, write_config: Callable[..., Path]) -> None:
    path = write_config("  bi: {retrieve: bi}\n")
    before = recipe(path)
    path.write_text(path.read_text().replace("bi: {bi_encoder:", f"bi: {{{setting}, bi_encoder:"))
    assert recipe(path).key_for("document") != before.key_for("document")


@pytest.mark.parametrize(
    "name", ["model.safetensors", "tokenizer.json", "config.json", "1_Pooling/config.json"]
)
def test_a_model_saved_again_under_the_same_name_is_another(
    name: str, write_config: Callable[..., Path], tiny_bi_encoder: Path, tmp_path: Path
) -> None:
    import shutil

    copy = tmp_path / "copy"
    shutil.copytree(tiny_bi_encoder, copy)
    path = write_config("  bi: {retrieve: bi}\n")
    path.write_text(path.read_text().replace(str(tiny_bi_encoder), str(copy)))
    before = recipe(path)
    file = copy / name
    content = file.read_bytes()
    file.write_bytes(
        content[:-1] + b" " + content[-1:]
        if name.endswith("json")
        else content[:-1] + bytes([content[-1] ^ 1])
    )
    after = recipe(path)
    assert after.key_for("document") != before.key_for("document")
    from harness.errors import ModelError

    with pytest.raises(ModelError, match="changed during the run"):
        before.check_unchanged("bi")
    after.check_unchanged("bi")


def test_the_similarity_is_no_part_of_what_an_embedding_depends_on(write_config: Callable[..., Path]) -> None:
    path = write_config("  bi: {retrieve: bi}\n")
    before = recipe(path)
    path.write_text(path.read_text().replace("bi: {bi_encoder:", "bi: {similarity: dot, bi_encoder:"))
    after = recipe(path)
    assert after.key_for("document") == before.key_for("document")
    assert after.key != before.key
