"""What verbs print are the report's own rows, typed until a writer writes them."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path

import pytest

from harness.compare import Options, compare
from harness.report.printed.comparison import comparison
from harness.report.printed.query import query
from harness.report.printed.selection import candidates, selection
from harness.report.printed.summary import summary_table, summary_tables
from harness.report.table import Column, DataTable, Estimate, main_text, merged, named, picked
from harness.report.tables import pipelines, references
from harness.report.view import view_of
from harness.report.writers import markdown, terminal
from harness.results import bundle as bundles
from harness.selection import select
from harness.show import show

TABLE = DataTable(
    "t",
    "A caption",
    (
        Column("name", "pipeline", "name"),
        Column("x", "ndcg@10", "number", "higher"),
        Column("delta", "difference", "signed"),
        Column("said", "verdict"),
    ),
    (
        ("[bold]bm25[/]", Estimate(0.5, 0.4, 0.6, mark="†"), -0.25, "worse"),
        ("bi", 0.75, None, "–"),
    ),
    ("Warning: one.",),
    marked=1,
)


def _printed(*parts: DataTable | str) -> list[str]:
    stream = io.StringIO()
    terminal.show(*parts, stream=stream)
    return stream.getvalue().splitlines()


def test_figures_stand_right_words_left_and_signs_can_be_typed() -> None:
    assert _printed("first", TABLE, "") == [
        "first",
        "A caption",
        "pipeline                      ndcg@10  difference  verdict",
        "[bold]bm25[/]  0.5000† [0.400, 0.600]     -0.2500  worse",
        "bi ←                           0.7500           –  –",
        "Warning: one.",
        "",
    ]


def test_the_best_is_bold_in_markdown_and_the_row_to_take_named() -> None:
    rows = markdown.document(TABLE).splitlines()[3:6]
    assert rows == [
        "| --- | ---: | ---: | --- |",
        r"| \[bold\]bm25\[/\] | 0.5000† \[0.400, 0.600\] | −0.2500 | worse |",
        "| **bi** | **0.7500** | – | – |",
    ]


def test_columns_are_picked_in_order_under_other_titles() -> None:
    table = picked(TABLE, {"delta": "Δ", "name": "", "absent": "?"})
    assert [(column.key, column.title) for column in table.columns] == [("delta", "Δ"), ("name", "pipeline")]
    assert table.rows[0] == (-0.25, "[bold]bm25[/]")


def test_columns_are_merged_in_place_of_the_first_and_only_where_all_are_there() -> None:
    both = Column("both", "both", "figures")
    table = merged(TABLE, ("x", "delta"), both, " / ")
    assert [column.key for column in table.columns] == ["name", "both", "said"]
    assert [row[1] for row in table.rows] == ["0.5000† / −0.2500", "0.7500 / –"]
    assert merged(TABLE, ("x", "absent"), both, " / ") is TABLE


@pytest.mark.parametrize("which", ["scored", "timed", "sts"])
def test_the_summary_is_the_report_s_table_of_pipelines(which: str, request: pytest.FixtureRequest) -> None:
    bundle = bundles.read(request.getfixturevalue(which))
    report = named(pipelines(view_of(bundle)))
    summary = summary_table(bundle)
    for row, whole in zip(named(summary), report, strict=True):
        for key, value in row.items():
            other = whole[key]
            if isinstance(value, Estimate) and isinstance(other, Estimate) and not value.has_interval:
                other = other.bare
            assert value == other, key


def test_published_figures_are_the_report_s(scored: Path) -> None:
    bundle = bundles.read(scored)
    assert summary_tables(bundle)[1] == references(view_of(bundle))


def test_what_cannot_be_believed_is_not_shown(timed: Path) -> None:
    bundle = bundles.read(timed)
    good = bundle.pipelines["good"]
    assert good.timing is not None
    part = replace(good, timing=replace(good.timing, invalid="a worker died"))
    broken = replace(bundle, result=replace(bundle.result, pipelines={**bundle.pipelines, "good": part}))
    row = next(row for row in named(summary_table(broken)) if row["pipeline"] == "good")
    assert (row["p50_ms"], row["p95_ms"], row["queries_per_s"]) == ("invalid", None, None)


def test_comparisons_say_their_figures_once(scored: Path) -> None:
    found = compare([scored], Options(changes=1))
    parts = list(comparison(found))
    (first, *_) = [part for part in parts if isinstance(part, DataTable)]
    row, told = named(first)[0], found.results[0]
    assert (row["first"], row["second"]) == (told.first, told.second)
    assert row["values"] == f"{told.first_value:.4f} {told.second_value:.4f}"
    assert row["wins"] == f"{told.wins}/{told.ties}/{told.losses}"
    assert isinstance(row["delta"], Estimate)
    assert row["delta"].value == told.delta
    assert any("Most changed queries" in part for part in parts if isinstance(part, str))


def test_candidates_are_typed_and_the_chosen_one_marked(timed: Path) -> None:
    found = select([timed])
    table = candidates(found)
    assert table.marked is not None
    assert table.rows[table.marked][0] == found.recommended
    p95 = next(column for column in table.columns if column.key == "p95_ms")
    assert p95.kind == "ms"
    lines = _printed(*selection(found))
    assert any(line.startswith(f"{found.recommended} ←") for line in lines)
    assert f"Recommended: {found.recommended}" in lines


def test_a_query_s_results_stand_side_by_side(scored: Path) -> None:
    lines = _printed(*query(show(scored, "q12", 3)))
    assert lines[0].startswith("q12: what is thing 12  (")
    assert sum(line.lstrip().startswith(("1  ", "2  ", "3  ")) for line in lines) == 3


def test_every_kind_is_written() -> None:
    kinds = {
        "number": "0.5000", "signed": "+0.5000", "effect": "+0.50", "points": "0.50", "deviation": "+50.0%",
        "share": "50%", "count": "0", "ms": "0.500", "seconds": "0.500", "span": "500 ms", "rate": "0.500",
        "ratio": "0.500", "bytes": "0 B", "p": "0.500", "money": "0.500", "figures": "0.5",
    }  # fmt: skip
    assert {kind: main_text(0.5, kind) for kind in kinds} == kinds  # type: ignore[arg-type]
