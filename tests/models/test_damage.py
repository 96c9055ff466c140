"""A folder that is not all there, or of two models, is refused with what is wrong: never filled with random numbers."""

from __future__ import annotations

import json
import shutil
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from safetensors.torch import load_file, save_file

from harness.config import ModelSettings
from harness.errors import ModelError
from harness.models import anatomy, loading
from harness.models.folders import Permissions

Zoo = Callable[[str], Path]


@pytest.fixture
def copied(tmp_path: Path) -> Callable[[Path], Path]:
    """A copy of a model's folder, to be damaged."""

    def copy(folder: Path) -> Path:
        return Path(shutil.copytree(folder, tmp_path / "model"))

    return copy


def load(folder: Path, kind: str = "bi_encoder") -> Any:
    settings = ModelSettings.model_validate({kind: str(folder)})
    return loading.load(loading.request("m", settings, folder, "cpu", Permissions(offline=True)))[0]


def without(folder: Path, *names: str) -> None:
    """Take those weights whose name begins so out of a folder's file."""
    file = folder / "model.safetensors"
    weights = load_file(file)
    kept = {name: tensor for name, tensor in weights.items() if not name.startswith(names)}
    assert len(kept) < len(weights)
    save_file(kept, file, {"format": "pt"})


def changed(folder: Path, **values: Any) -> None:
    """Change values of config.json."""
    file = folder / "config.json"
    file.write_text(json.dumps(json.loads(file.read_text()) | values))


def test_a_missing_layer_is_refused_by_name(bi_encoders: Zoo, copied: Callable[[Path], Path]) -> None:
    folder = copied(bi_encoders("BERT, mean"))
    without(folder, "encoder.layer.1.output")
    with pytest.raises(
        ModelError, match=r"4 of the model's weights are not in its files: encoder\.layer\.1\.output"
    ):
        load(folder)


def test_more_layers_than_the_file_has_are_refused_by_name(
    bi_encoders: Zoo, copied: Callable[[Path], Path]
) -> None:
    folder = copied(bi_encoders("decoder, last token"))
    changed(folder, num_hidden_layers=3)
    with pytest.raises(ModelError, match=r"not in its files: .*layers\.2\..* and \d+ more"):
        load(folder)


@pytest.mark.parametrize(
    ("kind", "head"), [("BERT as transformers saves it", "classifier"), ("decoder", "score")]
)
def test_a_rerankers_missing_head_is_refused_by_name(
    kind: str, head: str, cross_encoders: Zoo, copied: Callable[[Path], Path]
) -> None:
    folder = copied(cross_encoders(kind))
    without(folder, head)
    with pytest.raises(ModelError, match=rf"of the model's weights are not in its files: {head}\."):
        load(folder, "cross_encoder")


def test_a_pooler_may_be_absent_where_no_answer_depends_on_it(
    bi_encoders: Zoo, cross_encoders: Zoo, copied: Callable[[Path], Path], tmp_path: Path
) -> None:
    assert load(bi_encoders("BERT without its pooler")).encode(["the river"], "query").shape == (1, 32)
    folder = copied(cross_encoders("BERT"))
    without(folder, "bert.pooler")
    with pytest.raises(
        ModelError, match=r"2 of the model's weights are not in its files: bert\.pooler\.dense"
    ):
        load(folder, "cross_encoder")


def test_tied_weights_are_not_missing(cross_encoders: Zoo, tied: Path) -> None:
    """A decoder's last layer may be its first one again, and T5's encoder shares its embeddings."""
    names = load_file(tied / "model.safetensors")
    assert not any("lm_head" in name for name in names)
    assert load(tied, "cross_encoder").score([("the river", "a lake")]).shape == (1,)


def test_weights_of_another_shape_are_named(bi_encoders: Zoo, copied: Callable[[Path], Path]) -> None:
    folder = copied(bi_encoders("BERT, mean"))
    changed(folder, intermediate_size=48)
    with pytest.raises(
        ModelError,
        match=r"do not fit config\.json: encoder\.layer\.0\.\S+ is \[.*64.*\] in the file and \[.*48",
    ):
        load(folder)


@pytest.mark.parametrize("kind", ["BERT, mean", "static embeddings"])
def test_a_missing_tokenizer_is_refused(kind: str, bi_encoders: Zoo, copied: Callable[[Path], Path]) -> None:
    folder = copied(bi_encoders(kind))
    for file in [*folder.rglob("tokenizer*"), *folder.rglob("special_tokens*"), *folder.rglob("vocab*")]:
        file.unlink()
    with pytest.raises(ModelError, match="has no tokenizer"):
        load(folder)


def test_an_empty_tokenizer_is_refused(cross_encoders: Zoo, copied: Callable[[Path], Path]) -> None:
    """transformers makes one up where a folder has only the settings of one, and every text is the same to it."""
    folder = copied(cross_encoders("BERT"))
    changed(folder, model_type="bert")
    (folder / "tokenizer.json").unlink()
    settings = folder / "tokenizer_config.json"
    settings.write_text(json.dumps(json.loads(settings.read_text()) | {"tokenizer_class": "BertTokenizer"}))
    with pytest.raises(ModelError, match=r"the model has no tokenizer: it needs tokenizer\.json"):
        load(folder, "cross_encoder")


def test_a_token_beyond_the_vocabulary_is_named_with_its_text(
    bi_encoders: Zoo, copied: Callable[[Path], Path]
) -> None:
    folder = copied(bi_encoders("BERT, mean"))
    file = folder / "model.safetensors"
    weights = load_file(file)
    name = "embeddings.word_embeddings.weight"
    rows = len(weights[name]) - 3
    save_file({**weights, name: weights[name][:rows].clone()}, file, {"format": "pt"})
    changed(folder, vocab_size=rows)
    model = load(folder)
    assert f"more tokens than the {rows}" in model.remarks[0]
    assert model.encode(["the river"], "query").shape == (1, 32)
    with pytest.raises(
        ModelError, match=rf"'find no' has the token {rows + 1}, and the model has vectors for {rows}"
    ):
        model.encode(["the river", "find no"], "query")


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (lambda f: f.write_bytes(f.read_bytes()[:-100]), "is cut short"),
        (lambda f: f.write_bytes(f.read_bytes() + b"more"), "is longer than it should be"),
        (lambda f: f.write_bytes(b""), "no safetensors file"),
        (lambda f: f.write_bytes(b"\x00" * 64), "no safetensors file"),
        (lambda f: f.write_bytes(b"garbled" * 100), "no safetensors file"),
        (lambda f: f.write_bytes(b"version https://git-lfs.github.com/spec/v1\n"), "pointer of Git LFS"),
        (lambda f: f.write_bytes(f.read_bytes()[:8] + b"?" + f.read_bytes()[9:]), "header is damaged"),
        (lambda f: f.write_bytes(struct.pack("<Q", 2) + b"[]"), "header is damaged"),
    ],
)
def test_a_damaged_file_of_weights_is_named(
    damage: Callable[[Path], Any], said: str, bi_encoders: Zoo, copied: Callable[[Path], Path]
) -> None:
    folder = copied(bi_encoders("BERT, mean"))
    damage(folder / "model.safetensors")
    with pytest.raises(ModelError, match=f"model.safetensors: .*{said}"):
        load(folder)


def test_a_missing_shard_is_named(tmp_path: Path) -> None:
    index = {"weight_map": {"a": "model-00001-of-00002.safetensors", "b": "model-00002-of-00002.safetensors"}}
    (tmp_path / "model.safetensors.index.json").write_text(json.dumps(index))
    (tmp_path / "model-00001-of-00002.safetensors").write_bytes(struct.pack("<Q", 2) + b"{}")
    with pytest.raises(ModelError, match=r"1 of its 2 files of weights are not there: model-00002-of-00002"):
        anatomy.check(tmp_path)


@pytest.mark.parametrize(
    ("sizes", "said"),
    [
        (
            {"num_hidden_layers": 10_000_000},
            "says num_hidden_layers 10,000,000, and the weights beside it are",
        ),
        ({"intermediate_size": 10**12}, "says intermediate_size 1,000,000,000,000, and no tensor"),
        ({"hidden_size": 4_000_000}, "says hidden_size 4,000,000"),
        ({"vocab_size": 10**9}, "says vocab_size 1,000,000,000"),
        ({"max_position_embeddings": 10**9}, "and the weights beside it hold 64 positions"),
    ],
)
def test_sizes_that_no_weight_answers_to_are_refused_before_anything_is_built(
    sizes: dict[str, int], said: str, bi_encoders: Zoo, copied: Callable[[Path], Path]
) -> None:
    folder = copied(bi_encoders("BERT, mean"))
    changed(folder, **sizes)
    with pytest.raises(ModelError, match=said):
        loading.request("m", ModelSettings(bi_encoder=str(folder)), folder, "cpu", Permissions(offline=True))


@pytest.mark.parametrize(
    "content",
    [
        {"modules": []},
        [],
        ["sentence_transformers.models.Transformer"],
        [{"idx": 0, "name": "0", "path": ""}],
        [{"name": 0, "path": "", "type": "x.Y"}],
        "transformer",
        None,
    ],
)
def test_modules_of_another_shape_are_refused(
    content: Any, bi_encoders: Zoo, copied: Callable[[Path], Path]
) -> None:
    folder = copied(bi_encoders("BERT, mean"))
    (folder / "modules.json").write_text(json.dumps(content))
    with pytest.raises(ModelError, match=r"modules\.json: is to be a list of modules"):
        load(folder)


@pytest.mark.parametrize(
    ("file", "content"),
    [
        ("config.json", "[]"),
        ("config.json", "{"),
        ("config.json", '{"model_type": "no-such-model"}'),
        ("config_sentence_transformers.json", '{"prompts": ["query: "]}'),
        ("config_sentence_transformers.json", '{"prompts": {"query": 3}}'),
        ("config_sentence_transformers.json", '"x"'),
        ("modules.json", '[{"name": "0", "path": "", "type": "no.such.Module"}]'),
        ("modules.json", '[{"name": "0", "path": "../other", "type": "no.such.Module"}]'),
        ("1_Pooling/config.json", '{"pooling_mode": "no-such"}'),
        ("tokenizer.json", "{}"),
        ("tokenizer.json", "garbled"),
    ],
)
def test_a_configuration_that_makes_no_sense_is_a_models_error(
    file: str, content: str, bi_encoders: Zoo, copied: Callable[[Path], Path]
) -> None:
    folder = copied(bi_encoders("BERT, mean"))
    (folder / file).write_text(content)
    with pytest.raises(ModelError, match="model 'm': "):
        load(folder)
