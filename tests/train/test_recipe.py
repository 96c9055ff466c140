"""Recipes: what they say, what their key depends on, and training a tiny one to the end."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from harness.errors import ConfigError
from harness.models.folders import ModelFolder, Permissions
from harness.progress import Silent
from harness.store import open_store
from harness.train import making, recipe

RECIPE = """\
kind: cross-encoder
version: 1
base: {base}
data: {{embedded: factbook, split: dev}}
lessons: [{{negatives: random, questions: 24}}, {{negatives: mined, questions: 24}}]
batch_size: 6
learning_rate: 1.0e-3
max_length: 32
precision: fp32
"""


@pytest.fixture
def written(tmp_path: Path, tiny_bi_encoder: Path) -> Path:
    path = tmp_path / "tiny.yaml"
    path.write_text(RECIPE.format(base=tiny_bi_encoder))
    return path


def test_a_recipe_is_trained_once_and_kept(written: Path, tmp_path: Path) -> None:
    pytest.importorskip("datasets", reason="the extra 'demo' is not installed")
    store = open_store(tmp_path / "store")
    planned = making.plan(str(written), None, Permissions(offline=True))
    assert making.find(planned, store) is None
    made = making.make(planned, store, Silent())
    record = json.loads((made.path / "training.json").read_text())
    assert record["pairs"] == 24 * 2 + 24 * 3
    assert record["steps"] == record["pairs"] // 6
    assert record["data"]["split"] == "dev"
    assert made.weights
    assert not made.pickles
    before = made.path.stat().st_ino
    assert making.make(planned, store, Silent()).path.stat().st_ino == before

    from sentence_transformers import CrossEncoder

    model = CrossEncoder(str(made.path), device="cpu", local_files_only=True)
    assert model.num_labels == 1
    assert model.max_seq_length == 32


def test_the_key_depends_on_what_can_change_the_weights(written: Path, tiny_bi_encoder: Path) -> None:
    base = ModelFolder(tiny_bi_encoder, "tiny", "folder")
    key = recipe.load(str(written)).key(base.hashes(), "data")
    assert recipe.load(str(written)).key(base.hashes(), "data") == key
    assert recipe.load(str(written)).key(base.hashes(), "other data") != key
    assert recipe.load(str(written)).key({**base.hashes(), "model.safetensors": "other"}, "data") != key
    for old, new in (
        ("1.0e-3", "2.0e-3"),
        ("questions: 24}, {n", "questions: 12}, {n"),
        ("version: 1", "version: 2"),
    ):
        written.write_text(RECIPE.format(base=tiny_bi_encoder).replace(old, new))
        assert recipe.load(str(written)).key(base.hashes(), "data") != key
    written.write_text(RECIPE.format(base=tiny_bi_encoder) + "description: only words\n")
    assert recipe.load(str(written)).key(base.hashes(), "data") == key


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("negatives: random", "negatives: radnom", "did you mean 'random'"),
        ("split: dev", "split: test", "train, dev"),
        ("learning_rate: 1.0e-3", "learning_rate: -1", "greater than 0"),
        ("batch_size: 6", "batch_size: 1", "greater than or equal to 6"),
        ("kind: cross-encoder", "kind: bi-encoder", "valid are cross-encoder"),
    ],
)
def test_a_mistake_is_said(written: Path, tiny_bi_encoder: Path, old: str, new: str, says: str) -> None:
    written.write_text(RECIPE.format(base=tiny_bi_encoder).replace(old, new, 1))
    with pytest.raises(ConfigError, match=says):
        recipe.load(str(written))


def test_the_project_s_own_recipe_loads() -> None:
    assert recipe.load("quickstart-cross-encoder").settings.data.split == "train"


def test_planning_needs_no_torch() -> None:
    code = "import sys; import harness.train.making, harness.claims.ablation.running; print('torch' in sys.modules)"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "False"


@pytest.mark.parametrize(
    ("override", "words"),
    [
        ("batch_size=16", "batch_size 16 holds no whole number of groups of 3 pairs"),
        ("decay=0.99", "warmup 0.06 and decay 0.99 are more than all steps together"),
    ],
)
def test_what_cannot_be_trained_is_refused_in_words(override: str, words: str) -> None:
    with pytest.raises(ConfigError, match=words):
        recipe.load("quickstart-cross-encoder", overrides=[override])
