"""Runs and judgments as JSON."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from harness.datasets import trec
from harness.errors import DataError


def test_a_run_and_judgments_as_json_are_those_of_trec(tmp_path: Path) -> None:
    (tmp_path / "run.json").write_text('\n {"q2": {"b": 1, "a": 2.5}, "q1": {"a b": -1e3}}')
    run = trec.read_run(tmp_path / "run.json")
    assert {query: list(run.results(query)) for query in run.query_ids} == {
        "q1": [("a b", -1000.0)], "q2": [("a", 2.5), ("b", 1.0)],
    }  # fmt: skip
    (tmp_path / "qrels.json").write_text(json.dumps({"q1": {"a": 2, "b": 0}, "q2": {"c": 1.0, "d": -1}}))
    (tmp_path / "qrels.txt").write_text("q1 0 a 2\nq1 0 b 0\nq2 0 c 1\nq2 0 d -1\n")
    one, other = trec.read_qrels(tmp_path / "qrels.json"), trec.read_qrels(tmp_path / "qrels.txt")
    assert one.query_ids == other.query_ids
    assert one.grades.tolist() == other.grades.tolist()
    assert one.n_negative == other.n_negative == 1


def test_mteb_s_predictions_are_their_one_table(tmp_path: Path) -> None:
    made = {"mteb_model_meta": {"model_name": "m", "revision": None}, "default": {"test": {"q": {"d": 0.5}}}}
    (tmp_path / "T_predictions.json").write_text(json.dumps(made))
    assert list(trec.read_run(tmp_path / "T_predictions.json").results("q")) == [("d", 0.5)]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ('{"q": {"d": 1', "begins as JSON does, and is none"),
        ('{"q": [1]}', r"query 'q' has \[1\]; results as JSON are {query: {document: number}}"),
        ('{"q": {"d": "1"}}', "query 'q', document 'd': '1' is no number"),
        ('{"q": {"d": true}}', "True is no number"),
        ('{"q": {"d": NaN}}', "nan is no number"),
        ('{"q": {"d": Infinity}}', "not a finite number"),
        ('{"en": {"test": {"q": {"d": 1}}}}', "predictions of several subsets"),
        ('{"q": {"d": 1, "d": 2}}', "'d' is named twice in one object"),
        ('{"q": {}}', "holds no results"),
        (
            '{"mteb_model_meta": {}, "en": {"test": {}}, "de": {"test": {}}}',
            "predictions of en/test, de/test",
        ),
        ('{"mteb_model_meta": {}}', "predictions of nothing"),
        ('{"mteb_model_meta": {}, "default": {"test": [0.1, 0.2]}}', "are a list, and no results of queries"),
    ],
)
def test_what_is_wrong_with_a_run_is_said(tmp_path: Path, content: str, says: str) -> None:
    (tmp_path / "run.json").write_text(content)
    with pytest.raises(DataError, match=says):
        trec.read_run(tmp_path / "run.json")


@pytest.mark.parametrize("grade", ["0.5", "1e9"])
def test_a_grade_that_is_none_is_said(tmp_path: Path, grade: str) -> None:
    (tmp_path / "qrels.json").write_text(f'{{"q": {{"d": {grade}}}}}')
    with pytest.raises(DataError, match=r"query 'q', document 'd': the grade .* is not a whole number"):
        trec.read_qrels(tmp_path / "qrels.json")
