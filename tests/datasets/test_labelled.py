"""Labelled texts and labelled pairs: what they hold, and what is refused, with file and line."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.config import load_suite
from harness.datasets import labelled_pairs, texts
from harness.datasets.pairs import PairsData
from harness.datasets.texts import TextsData
from harness.errors import ConfigError, DataError


def _suite(folder: Path, task: str, dataset: str) -> Path:
    path = folder / "suite.yaml"
    measure = {"pair-classification": "average_precision", "clustering": "v_measure"}.get(task, "accuracy")
    path.write_text(
        f"task: {task}\nversion: 1\nmeasures: [{measure}]\nprimary: {measure}\ndataset: {{{dataset}}}\n",
        encoding="utf-8",
    )
    return path


def _split(folder: Path, train: str, test: str, more: str = "") -> TextsData:
    (folder / "train.tsv").write_text(train, encoding="utf-8")
    (folder / "test.tsv").write_text(test, encoding="utf-8")
    return texts.load_split(
        load_suite(_suite(folder, "classification", f"train: train.tsv, test: test.tsv{more}"))
    )


def _pairs(folder: Path, content: str, name: str = "pairs.tsv", more: str = "") -> PairsData:
    (folder / name).write_text(content, encoding="utf-8")
    return labelled_pairs.load(load_suite(_suite(folder, "pair-classification", f"pairs: {name}{more}")))


def test_texts_of_both_files_with_their_labels(tmp_path: Path) -> None:
    data = _split(tmp_path, "a dog\tanimal\nan oak\tplant\na cat\tanimal\n", "a cat\tanimal\n")
    assert [(item.text, item.label) for item in data.train][1] == ("an oak", "plant")
    assert data.all_texts == ("a dog", "an oak", "a cat", "a cat")
    assert data.counts == {"texts": 1, "train_texts": 3, "labels": 2, "texts_also_in_train": 1}
    assert data.notes == ("1 of the test texts are training texts too",)


@pytest.mark.parametrize(
    ("train", "test", "match"),
    [
        ("a\tx\nb\tx\n", "c\tx\n", "all 2 training texts have the label 'x'"),
        ("a\tx\nb\ty\n", "c\tx\nd\tz\n", r"test\.tsv:2: the label 'z' is not among the 2 labels .* x, y"),
        ("a\tx\n \ty\n", "c\tx\n", r"train\.tsv:2: text is empty"),
        ("a\tx\nb\t\n", "c\tx\n", r"train\.tsv:2: the label is empty"),
        ("a\tx\nb\n", "c\tx\n", r"train\.tsv:2: 1 columns, where 2 are expected \(text, label\)"),
        ("a\tx\nb\ty\n", "", r"test\.tsv: holds no texts"),
    ],
)
def test_texts_that_teach_nothing_are_refused(tmp_path: Path, train: str, test: str, match: str) -> None:
    with pytest.raises(DataError, match=match):
        _split(tmp_path, train, test)


def test_a_missing_column_names_the_two_that_are_needed(tmp_path: Path) -> None:
    with pytest.raises(
        ConfigError, match=r"suite\.yaml:5: .*columns: label must be among them; given are text, topic"
    ):
        _split(tmp_path, "a\tx\n", "a\tx\n", ", columns: [text, topic]")


def test_clustering_one_label_makes_no_sense(tmp_path: Path) -> None:
    (tmp_path / "t.tsv").write_text("a\tx\nb\tx\n")
    with pytest.raises(DataError, match="all 2 texts have the label 'x'"):
        texts.load_texts(load_suite(_suite(tmp_path, "clustering", "texts: t.tsv")))


def test_two_files_of_one_name_keep_their_texts_apart(tmp_path: Path) -> None:
    for folder, label in (("a", "x"), ("b", "y")):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "t.tsv").write_text(f"text {folder}\t{label}\n")
    data = texts.load_texts(load_suite(_suite(tmp_path, "clustering", "texts: [a/t.tsv, b/t.tsv]")))
    assert [item.id for item in data.texts] == ["0:t.tsv:1", "1:t.tsv:1"]


def test_pairs_with_their_labels(tmp_path: Path) -> None:
    data = _pairs(tmp_path, "a dog\ta hound\t1\na dog\ta cat\t0\n")
    assert [pair.gold for pair in data.pairs] == [1.0, 0.0]
    assert data.counts == {"pairs": 2, "pairs_positive": 1}


@pytest.mark.parametrize(
    ("content", "match"),
    [
        ("a\tb\t1\nc\td\t1\n", "all 2 labels are 1"),
        ("a\tb\t0\n", "all 1 labels are 0"),
        ("a\tb\t1\nc\td\tyes\n", r"pairs\.tsv:2: the label 'yes' is neither 0 nor 1"),
        ("a\t\t1\n", r"pairs\.tsv:1: sentence2 is empty"),
        ("a\tb\n", r"pairs\.tsv:1: 2 columns, where 3 are expected"),
        ("", r"pairs\.tsv: holds no pairs"),
    ],
)
def test_pairs_that_cannot_be_told_apart_are_refused(tmp_path: Path, content: str, match: str) -> None:
    with pytest.raises(DataError, match=match):
        _pairs(tmp_path, content)


def test_json_rows_need_the_keys(tmp_path: Path) -> None:
    row = '{"sentence1": "a", "sentence2": "b", "label": true}\n'
    assert _pairs(tmp_path, row + row.replace("true", "0"), "p.jsonl").counts["pairs_positive"] == 1
    with pytest.raises(DataError, match=r"p\.jsonl:1: no label among the keys sentence1, sentence2"):
        _pairs(tmp_path, '{"sentence1": "a", "sentence2": "b"}\n', "p.jsonl")


@pytest.mark.parametrize(
    ("load", "task"),
    [
        (texts.load_split, "classification"),
        (texts.load_texts, "clustering"),
        (labelled_pairs.load, "pair-classification"),
    ],
)
def test_a_dataset_of_another_kind_is_answered_with_the_forms(
    tmp_path: Path, load: object, task: str
) -> None:
    with pytest.raises(
        ConfigError, match=r"suite\.yaml:5: dataset has the keys docs; .*\{embedded: factbook\}"
    ):
        load(load_suite(_suite(tmp_path, task, "docs: d.tsv")))  # type: ignore[operator]


def test_the_factbook_teaches_nothing_about_the_entities_it_asks_for(tmp_path: Path) -> None:
    data = texts.load_split(load_suite(_suite(tmp_path, "classification", "embedded: factbook")))
    assert data.counts["labels"] == 19
    assert data.counts["texts_also_in_train"] == 0
    with pytest.raises(ConfigError, match="train and test are both 'dev'"):
        texts.load_split(
            load_suite(_suite(tmp_path, "classification", "embedded: factbook, train: dev, test: dev"))
        )
