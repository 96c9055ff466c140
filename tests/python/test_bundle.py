"""The verbs as methods: what they answer is what the verbs do, with frames, and drawn without markup of others'."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

import harness
from harness.compare import Options, compare
from harness.errors import ConfigError, UsageError
from harness.gate import gate
from harness.report.table import Column, DataTable, Estimate
from harness.report.writers import notebook
from harness.selection import Needs, select

FLOOR = {"pipelines": ["bi-encoder"], "quality": {"ndcg@10": {"rule": "floor", "min": 0.0001}}}


@pytest.fixture
def bundle(frames: dict[str, Any], bi: Any, tmp_path: Path) -> Any:
    return harness.run(**frames, models={"bi": bi}, out=tmp_path / "bundle")


def test_methods_answer_as_the_verbs_do(bundle: Any, tmp_path: Path) -> None:
    compared = bundle.compare().as_dict()
    assert compared == compare([bundle.path], Options(changes=3)).as_dict()
    chosen = bundle.select(minimum={"recall@100": 0.01}, margin=0.01)
    assert (
        chosen.as_dict()
        == select([bundle.path], Needs(minimums=(("recall@100", 0.01),), margin=0.01)).as_dict()
    )
    assert set(chosen.frame()["pipeline"]) == {"bm25", "bi-encoder"}
    (tmp_path / "policy.yaml").write_text(
        "pipelines: [bi-encoder]\nquality: {ndcg@10: {rule: floor, min: 0.0001}}\n"
    )
    by_file, by_mapping = gate(bundle.path, tmp_path / "policy.yaml"), bundle.gate(FLOOR)
    assert by_mapping.frame().equals(by_file.frame())
    assert by_mapping.verdict == by_file.verdict
    shown = bundle.show("q3", top=2).frame()
    assert list(shown["rank"]) == [1, 2, 1, 2]
    shutil.copytree(bundle.path, tmp_path / "before")
    found = harness.load(tmp_path / "before").compare(bundle, measures="ndcg@10").frame()
    assert list(found["delta"]) == [0.0, 0.0]


def test_against_a_baseline_that_is_a_bundle(bundle: Any) -> None:
    policy = {"pipelines": ["bi-encoder"], "quality": {"ndcg@10": {"rule": "golden"}}}
    assert bundle.gate(policy, baseline=harness.load(bundle.path)).verdict == "pass"


def test_everything_draws_itself_with_the_words_of_its_verb(bundle: Any, tmp_path: Path) -> None:
    assert "[" in bundle._repr_html_()
    assert "Found: " in bundle._repr_html_()
    assert "<table>" in bundle.compare()._repr_html_()
    verdict = bundle.gate(FLOOR)
    assert verdict.summary in verdict._repr_html_()
    assert "bi-encoder" in bundle.select()._repr_html_()
    assert "q3" in bundle.show("q3")._repr_html_()
    report = bundle.report(tmp_path / "report")
    assert report.path == tmp_path / "report" / "index.html"
    assert report.html == report.path.read_text(encoding="utf-8")
    frame = report._repr_html_()
    assert frame.count("<iframe") == 1
    assert "<script" not in frame


def test_text_of_others_is_no_markup_in_a_cell() -> None:
    table = DataTable(
        "t", "<b>caption</b>", (Column("name", "<i>"), Column("x", "x", "number", "higher")),
        (("<script>alert(1)</script>", Estimate(0.5, 0.4, 0.6, 10)), ("b\x1b[2J", Estimate(0.7))), ("a <note>",), 0,
    )  # fmt: skip
    drawn = notebook.document("<img>", table, "& more")
    for bad in ("<script", "<b>caption", "<i>", "<img", "<note", "\x1b"):
        assert bad not in drawn
    assert "<small>[0.400, 0.600]</small>" in drawn
    assert "<b>0.7000</b>" in drawn


def test_what_cannot_be_asked_is_told(bundle: Any, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"policy, quality\.ndcg@10\.mn: unknown key 'mn'"):
        bundle.gate({"quality": {"ndcg@10": {"rule": "floor", "min": 0.5, "mn": 0.6}}})
    with pytest.raises(ConfigError, match="policy: judges nothing"):
        bundle.gate({})
    with pytest.raises(UsageError, match="needs price_per_hour"):
        bundle.select(queries_per_month=3e7)
    with pytest.raises(UsageError, match="q999"):
        bundle.show("q999")
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "file").write_text("")
    with pytest.raises(UsageError, match="holds other files"):
        bundle.report(tmp_path / "other")
