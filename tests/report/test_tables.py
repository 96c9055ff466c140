"""CSV, JSON, LaTeX and Markdown say what the tables say."""

from __future__ import annotations

import csv as plain_csv
import json as plain_json
import math
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.report.figures import drawn_of
from harness.report.printed.comparison import limits
from harness.report.table import Column, DataTable, Estimate, Kind, interval_text, main_text
from harness.report.tables import TABLES, pipelines, shortened, tables
from harness.report.view import view_of
from harness.report.writers import csv, json, latex, markdown
from harness.report.writers.flat import fields, records
from harness.results import bundle as bundles
from harness.stats.interval import Interval

_NASTY = st.text(st.characters(exclude_categories=("Cs",)), max_size=30)
_FIGURE = st.one_of(st.none(), st.floats(allow_nan=False), st.integers(-(2**53), 2**53))
_ESTIMATE = st.builds(
    Estimate,
    st.floats(),
    st.none() | st.floats(),
    st.none() | st.floats(),
    st.none() | st.integers(0, 9),
    _NASTY,
)


def _table(*rows: tuple[object, ...]) -> DataTable:
    columns = (Column("name", "name", "name"), Column("x", "x", "number", "higher"), Column("y", "y", "ms"))
    return DataTable("t", "a caption", columns, rows)  # type: ignore[arg-type]


@pytest.mark.parametrize("kind", ["number", "signed"])
def test_nothing_is_minus_zero(kind: Kind) -> None:
    value = Estimate(-1e-9, -4e-5, 0.4, 9)
    for text in (interval_text(value, kind), main_text(value, kind), limits(Interval(-1e-9, 0.4, 0.95, "t"))):
        assert not re.search(r"[-\u2212]0\.0+\b", text), text


@given(st.lists(st.tuples(_NASTY, _FIGURE, st.one_of(_FIGURE, _ESTIMATE)), max_size=6))
def test_csv_reads_back_equal_whatever_it_holds(rows: list[tuple[object, ...]]) -> None:
    table = _table(*rows)

    assert csv.read(csv.document(table), table) == records(table)


@pytest.mark.parametrize(
    "text", ["=1+1", "+1", "-1", "@SUM(1)", " =1", "＝1", "'=1", "\t=1", "\r=1", "::error::x\n=1"]
)
def test_no_text_of_a_csv_is_a_formula_and_figures_stay_figures(text: str) -> None:
    table = _table((text, -0.5, None))
    (_, line) = csv.document(table).splitlines()
    cell, figure, _ = next(plain_csv.reader([line]))

    assert not cell.lstrip().startswith(("=", "+", "-", "@", "＝", "\t", "\r"))
    assert figure == "-0.5"
    assert f'",{figure},' in line  # unquoted: a number
    assert csv.read(csv.document(table), table) == records(table)


@pytest.mark.parametrize("which", ["timed", "sts"])
def test_every_table_of_a_bundle_reads_back_equal(which: str, request: pytest.FixtureRequest) -> None:
    made = tables(view_of(bundles.read(request.getfixturevalue(which))))

    assert {table.key for table in made} >= {"pipelines", "pairs", "manifest"}
    for table in made:
        assert csv.read(csv.document(table), table) == records(table)
        assert len({name for name, _ in fields(table)}) == len(fields(table))


def test_figures_are_those_of_the_bundle(timed: Path) -> None:
    bundle = bundles.read(timed)
    table = pipelines(view_of(bundle))
    names = [name for name, _ in fields(table)]

    for record in csv.read(csv.document(table), table):
        row = dict(zip(names, record, strict=True))
        part = bundle.content["pipelines"][str(row["pipeline"])]
        figure = part["measures"]["ndcg@10"]
        assert row["ndcg@10"] == figure["value"]
        assert (row["ndcg@10_low"], row["ndcg@10_high"]) == (
            figure["interval"]["low"],
            figure["interval"]["high"],
        )
        timing = part["timing"]
        assert row["p95_ms"] == (timing["latency"]["p95"]["value"] if timing else None)


def test_a_pipeline_named_as_a_column_does_not_hide_it() -> None:
    columns = (Column("query_id", "query"), Column("query_id", "query_id", "number"))
    table = DataTable("queries", "", columns, (("q1", 0.5),))

    assert [name for name, _ in fields(table)] == ["query_id", "query_id_2"]


def test_json_is_strict_and_whole(timed: Path) -> None:
    for table in tables(view_of(bundles.read(timed))):
        content = plain_json.loads(json.document(table), parse_constant=lambda name: pytest.fail(name))
        assert len(content["rows"]) == len(table.rows)
    held = plain_json.loads(json.document(_table(("a", math.nan, Estimate(math.inf)))))
    assert held["rows"] == [["a", None, {"value": "Infinity"}]]


def test_only_columns_with_a_figure_are_there(scored: Path, timed: Path) -> None:
    without, with_times = (pipelines(view_of(bundles.read(path))) for path in (scored, timed))

    assert "p95_ms" not in {column.key for column in without.columns}
    assert "Speed was not measured." in without.notes
    assert "p95_ms" in {column.key for column in with_times.columns}


def test_long_tables_are_cut_with_a_count(scored: Path) -> None:
    table = TABLES["queries"](view_of(bundles.read(scored)))
    cut = shortened(table, 25)

    assert len(table.rows) == 40
    assert len(cut.rows) == 25
    assert cut.notes[-1] == "15 more rows are left out here; queries.csv holds all 40."
    assert len(csv.document(table).splitlines()) == 41


def test_latex_marks_the_best_and_escapes_everything() -> None:
    table = _table(
        (r"a_b & 50% of $x^2$ #1 {~} \input{/etc/passwd}", Estimate(0.5, 0.4, 0.6, mark="†"), 2.0),
        ("other", 0.25, None),
    )
    text = latex.document(table)

    assert (
        r"a\_b \& 50\% of \$x\textasciicircum{}2\$ \#1 \{\textasciitilde{}\} \textbackslash{}input\{" in text
    )
    assert r"\textbf{0.5000}\textsuperscript{\textdagger{}} {\scriptsize [0.400, 0.600]}" in text
    assert r"\textbf{0.2500}" not in text
    assert r"\textendash{}" in text
    assert re.search(r"\\toprule\n.*\n\\midrule\n.*\n.*\n\\bottomrule", text)


def test_latex_puts_the_groups_on_the_figures(scored: Path) -> None:
    text = latex.document(pipelines(view_of(bundles.read(scored))))

    assert re.search(r"\\textbf\{0\.\d{4}\}\\textsuperscript\{[a-z]+\}", text)
    assert " & group & " not in text


@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="pdflatex is not installed")
def test_latex_compiles(timed: Path, tmp_path: Path) -> None:
    made = [table for table in tables(view_of(bundles.read(timed))) if table.key != "queries"]
    body = "\\clearpage\n".join(latex.document(table) for table in made)
    head = (
        "\\documentclass{article}\\usepackage[T1]{fontenc}\\usepackage{booktabs,graphicx}\\begin{document}\n"
    )
    (tmp_path / "t.tex").write_text(f"{head}{body}\\end{{document}}\n", encoding="utf-8")

    found = subprocess.run(
        # Without the draft mode, TeX makes bitmaps of the fonts where the system lacks them, by other programs.
        ["pdflatex", "-draftmode", "-interaction=nonstopmode", "-halt-on-error", "t.tex"],
        cwd=tmp_path,
        capture_output=True,
        encoding="utf-8",
        errors="replace",
    )
    assert found.returncode == 0, found.stdout[-2000:]


def test_markdown_shows_texts_as_they_are(scored: Path) -> None:
    view = view_of(bundles.read(scored))
    text = markdown.report(view, {"pairs_matrix": drawn_of(view)["pairs_matrix"]})

    assert "<script>" not in text.replace("\\<script\\>", "")
    assert r"\<b\>odd\<b\>" in text
    assert "(figures/pairs_matrix.svg)" in text
    assert "(figures/recall_curves.svg)" not in text
    tables_ = [line for line in text.splitlines() if line.startswith("| ")]
    assert all(line.endswith("|") for line in tables_)


def test_markdown_of_sentence_pairs(sts: Path) -> None:
    text = markdown.report(view_of(bundles.read(sts)))

    assert "spearman" in text
    assert "nan" not in text.lower().replace("nan'", "")
