"""The view model says what the bundle says, found in a second way, and says so where it holds nothing."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import harness
from harness.compare.paired import Paired
from harness.errors import BundleError, NotComparableError
from harness.report.blocks import sections
from harness.report.model import PipelineView
from harness.report.table import Column, DataTable, Estimate, interval_text, main_text, significant
from harness.report.tables import pipelines as pipelines_table
from harness.report.view import queries as query_view
from harness.report.view import view_of
from harness.report.view.answer import cheaper_of
from harness.report.view.comparing import Compared, group_letters
from harness.report.writers import markdown as markdowns
from harness.report.writers.html import page
from harness.results import writing
from harness.results.bundle import Bundle, read
from harness.results.schema import Control, Session
from harness.results.tables import SAMPLES, SCORES
from harness.selection.costs import Costs, Price


def _with(bundle: Bundle, **parts: Any) -> Bundle:
    return replace(bundle, result=replace(bundle.result, **parts))


def test_the_answer_names_the_best_and_how_sure(scored: Path) -> None:
    bundle = read(scored)
    view = view_of(bundle)
    best = max(bundle.pipelines, key=lambda name: bundle.value(name, "ndcg@10"))
    assert view.answer.recommended == best == "good"
    assert len(view.answer.sentences) == 2
    assert f"{bundle.value(best, 'ndcg@10'):.4f}" in view.answer.sentences[0]
    assert "over 40 queries" in view.answer.sentences[0]
    assert "pairs and measures (max-t)" in view.answer.sure
    assert any("Speed was not measured" in text for text in view.answer.caveats)


def _only(*names: str) -> Callable[[dict[str, Any]], None]:
    def change(result: dict[str, Any]) -> None:
        result["pipelines"] = {name: result["pipelines"][name] for name in names}
        result["compare"] = []

    return change


def _nearly_the_same(bundle: Bundle) -> Bundle:
    """The bundle with two@10's scores those of two@20, but for one query that is a little worse."""
    rows = bundle.table(SCORES).to_pandas()
    shallow, deep = rows["pipeline"] == "two@10", rows["pipeline"] == "two@20"
    rows.loc[shallow, "value"] = rows.loc[deep, "value"].to_numpy()
    first = rows.index[shallow & (rows["measure"] == "ndcg@10") & (rows["value"] > 0.1)][0]
    rows.loc[first, "value"] -= 0.01
    writing.write_table(bundle.path, SCORES, {name: rows[name].to_numpy() for name in rows})
    result = dict(bundle.content)
    for measure, figure in result["pipelines"]["two@10"]["measures"].items():
        figure["value"] = float(rows.loc[shallow & (rows["measure"] == measure), "value"].mean())
    writing.write_result(bundle.path, result)
    return read(bundle.path)


def test_a_cheaper_pipeline_as_good_as_the_best_stands_beside_it(
    edited: Callable[..., Bundle], timed: Path, scored: Path
) -> None:
    view = view_of(_nearly_the_same(edited(_only("two@10", "two@20", "bad"))))
    rows = {(r.first, r.second): r.verdict for r in view.all_pairs}
    assert rows["two@10", "two@20"] == "cannot be told apart"
    assert view.answer.recommended == view.answer.headline == "two@20"
    said = "or two@10, which cannot be told apart from it and scores 10 pairs per query instead of 20"
    assert view.answer.beside == said
    assert said in page(view).replace("\N{NO-BREAK SPACE}", " ")
    assert view_of(read(scored)).answer.beside == ""  # a run file tells nothing of its work
    shown = {row.first: row.verdict for row in view_of(read(timed)).all_pairs if row.second == "good"}
    assert "cannot be told apart" not in shown.values()


def test_counted_work_is_compared_along_one_first_stage_and_one_reranker() -> None:
    def pipeline(name: str, kind: str, stages: dict[str, Any], results: int) -> PipelineView:
        figure = Estimate(0.5, n=100)
        return PipelineView(
            name,
            "",
            kind,
            stages,
            {"ndcg@10": figure},
            "",
            {},
            0,
            results,
            Costs(),
            None,
            False,
            None,
            None,
            False,
        )

    two = {"retrieve": "m", "rerank": "r"}
    best = pipeline("two@20", "two-stage", two, 2000)
    others = (
        pipeline("two@10", "two-stage", two, 1000),
        pipeline("two@50", "two-stage", two, 5000),
        pipeline("another", "two-stage", {**two, "rerank": "small"}, 500),
        pipeline("elsewhere", "two-stage", {**two, "retrieve": "n"}, 500),
        pipeline("alone", "bi-encoder", {"retrieve": "m"}, 10_000),
        pipeline("bm25", "bm25", {"retrieve": "bm25"}, 10_000),
        pipeline("run", "run", {"run": "x"}, 500),
    )

    def found(*tied: str) -> Compared:
        row = Paired(
            "ndcg@10", "", best.name, 100, 0.5, 0.5, 0.0, None, 1.0, 1.0, 1.0, 1, 0.0, 0, 100, 0, 0.1,
            "cannot be told apart",
        )  # fmt: skip
        rows = tuple(
            replace(
                row, first=one.name, verdict="cannot be told apart" if one.name in tied else "second better"
            )
            for one in others
        )
        return Compared(None, (), rows, {}, {})

    def beside(*tied: str) -> str | None:
        made = cheaper_of(best, (best, *others), found(*tied))
        return None if made is None else f"{made.name} {made.words}"

    assert beside("two@10") == "two@10 scores 10 pairs per query instead of 20"
    assert beside("two@10", "alone") == "alone scores 0 pairs per query instead of 20"
    assert beside("two@50", "another", "elsewhere", "bm25", "run") is None
    assert beside() is None


def test_figures_are_the_bundles(scored: Path) -> None:
    bundle = read(scored)
    for one in view_of(bundle).pipelines:
        for measure, figure in one.measures.items():
            stored = bundle.content["pipelines"][one.name]["measures"][measure]
            assert (figure.value, figure.low, figure.high, figure.n) == (
                stored["value"], stored["interval"]["low"], stored["interval"]["high"], stored["n"],
            )  # fmt: skip


def test_recall_curves_pass_through_the_measured_recall(scored: Path) -> None:
    bundle = read(scored)
    curves = view_of(bundle).recall
    assert curves is not None
    assert curves.level == 1
    place = curves.depths.index(20)
    for curve in curves.curves:
        if curve.values[place] is not None:
            assert curve.values[place] == pytest.approx(bundle.value(curve.pipeline, "recall@20"), abs=1e-12)
    shallow = next(curve for curve in curves.curves if curve.pipeline == "two@10")
    assert [value is None for value in shallow.values] == [depth > 10 for depth in curves.depths]


def test_sweeps_hold_depths_ceilings_and_the_loss_split(scored: Path) -> None:
    (sweep,) = view_of(read(scored)).sweeps
    assert [point.depth for point in sweep.points] == [10, 20]
    assert sweep.alone is not None
    assert sweep.ideal == pytest.approx(1.0)
    for point in sweep.points:
        assert point.loss is not None
        assert sweep.ceilings[point.depth] == pytest.approx(point.loss.ceiling)
        assert point.loss.value == pytest.approx(point.quality.value)
        assert point.loss.missed + point.loss.misordered == pytest.approx(point.loss.ideal - point.loss.value)


def test_every_query_has_its_scores_and_results(scored: Path) -> None:
    bundle = read(scored)
    part = view_of(bundle).per_query
    assert part is not None
    assert len(part.ids) == len(part.details) == 40
    rows = bundle.table(SCORES).to_pylist()
    for row in rows[::17]:
        place = (
            part.pipelines.index(row["pipeline"]),
            part.measures.index(row["measure"]),
            part.ids.index(row["query_id"]),
        )
        assert part.values[place] == row["value"]
    spread = np.ptp(part.values[:, part.measures.index("ndcg@10")], axis=0)
    assert [spread[d.query] for d in part.details] == sorted(spread, reverse=True)
    detail = part.details[0]
    lines = (scored / bundle.content["pipelines"]["good"]["run"]).read_text().splitlines()
    wanted = [line.split()[2] for line in lines if line.split()[0] == part.ids[detail.query]][:10]
    assert [part.documents[hit.document] for hit in detail.hits["good"]] == wanted


def test_long_tails_are_cut_with_a_count(scored: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(query_view, "BUDGET", 6_000)
    view = view_of(read(scored))
    part = view.per_query
    assert part is not None
    assert 0 < len(part.details) < 40
    assert len(part.documents) == len(part.document_texts) == len(part.cut)
    assert max(len(text) for text in part.document_texts) <= query_view.LONGEST
    (block,) = [section for section in sections(view) if section.id == "queries"]
    said = block.parts[0].explanation  # type: ignore[union-attr]
    assert f"the {len(part.details):,} that differ most" in said
    assert f"the other {40 - len(part.details):,}" in said


def test_timings_front_and_costs(timed: Path) -> None:
    view = view_of(read(timed), Price(per_hour=2.0))
    assert [point.pipeline for point in view.trade_offs if point.on_front][:1] == ["good"]
    assert {point.pipeline for point in view.trade_offs} == {"good", "bad", "first", "two@10", "two@20"}
    good = view.pipeline("good")
    assert good.timing is not None
    assert len(good.timing.samples) == 480
    assert good.timing.sum_ratio == 1.0
    assert "sum_ratio" not in good.timing.stages
    assert good.costs.per_million == pytest.approx(2.0 * 1e6 / (25.0 * 3600))
    assert any("2 × 1,000,000" in line for line in view.arithmetic)
    assert "at a p95 latency of" in view.answer.sentences[0]
    said = {paragraph.title: paragraph.text for paragraph in view.method}["Speed"]
    assert "profile ci: 3 fresh sets of processes, 12 blocks" in said
    assert "a note on timing." in said


def test_sentence_pairs_and_the_worst_of_them(sts: Path) -> None:
    view = view_of(read(sts))
    part = view.pair_scores
    assert part is not None
    assert view.per_query is None
    assert view.recall is None
    assert view.unit == "pairs"
    worst = [pair for pair in part.worst if pair.pipeline == "far"]
    assert len(worst) == 10
    moved = [abs(pair.rank_difference) for pair in worst]
    assert moved == sorted(moved, reverse=True)
    assert 0 < moved[0] <= 1
    assert view.answer.recommended == "near"


def test_published_figures_stand_beside_the_same_system(scored: Path) -> None:
    found = {reference.system: reference for reference in view_of(read(scored)).references}
    assert found["good"].pipeline == "good"
    assert found["good"].difference == pytest.approx(read(scored).value("good", "ndcg@10") - 0.5)
    assert found["other"].pipeline is None
    assert found["other"].difference is None


def test_without_per_query_scores(aggregates: Bundle) -> None:
    view = view_of(aggregates)
    assert view.per_query is None
    assert view.recall is None
    assert not view.all_pairs
    assert view.answer.recommended == "good"
    assert view.answer.sure == "This bundle holds no per-query scores, so how sure that is cannot be said."
    assert {section.id for section in sections(view)} >= {"answer", "comparison", "method", "manifest"}


def test_a_single_pipeline(edited: Callable[..., Bundle]) -> None:
    def one(result: dict[str, Any]) -> None:
        result["pipelines"] = {"good": result["pipelines"]["good"]}
        result["compare"] = []

    view = view_of(edited(one))
    assert view.answer.recommended is None
    assert "nothing to choose between" in view.answer.sentences[1]
    assert not view.all_pairs
    assert view.pipelines[0].groups == ""


def test_no_pipeline_at_all(edited: Callable[..., Bundle]) -> None:
    with pytest.raises(NotComparableError, match="holds no pipeline"):
        view_of(edited(lambda result: result.update(pipelines={})))


def test_damaged_scores_are_an_error(edited: Callable[..., Bundle]) -> None:
    bundle = edited()
    (bundle.path / "scores.parquet").write_bytes(b"no parquet")
    with pytest.raises(BundleError, match=r"scores\.parquet: is not what the bundle was written with"):
        view_of(bundle)


def _pair(first: str, second: str, told: bool) -> Paired:
    verdict = "first better" if told else "cannot be told apart"
    return Paired(
        "m", first, second, 9, 1.0, 0.5, 0.5, None, None, None, None, 1, None, 1, 1, 1, None, verdict
    )  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("told", "letters"),
    [
        ((), {"x": "a", "y": "a", "z": "a"}),
        (("xz",), {"x": "a", "y": "ab", "z": "b"}),
        (("xy", "xz"), {"x": "a", "y": "b", "z": "b"}),
        (("xy", "xz", "yz"), {"x": "a", "y": "b", "z": "c"}),
    ],
)
def test_letters_are_shared_exactly_where_pairs_are_not_told_apart(
    told: tuple[str, ...], letters: dict[str, str]
) -> None:
    pairs = [_pair(a, b, a + b in told) for a, b in ("xy", "xz", "yz")]
    assert group_letters("xyz", pairs) == letters


def test_letters_agree_with_the_verdicts(scored: Path) -> None:
    view = view_of(read(scored))
    for row in view.all_pairs:
        shared = set(view.pipeline(row.first).groups) & set(view.pipeline(row.second).groups)
        assert bool(shared) == (row.verdict == "cannot be told apart")


@pytest.mark.parametrize(
    ("value", "text"), [(0, "0"), (0.01234, "0.0123"), (1.234, "1.23"), (12.34, "12.3"), (1234.5, "1,234")]
)
def test_three_digits_without_an_exponent(value: float, text: str) -> None:
    assert significant(value) == text


def test_cells() -> None:
    figure = Estimate(-0.0155, -0.033, 0.003, 9, "†")
    assert main_text(figure, "signed") == "−0.0155†"
    assert interval_text(figure, "signed") == "[−0.033, +0.003]"
    assert interval_text(Estimate(0.5), "number") == ""
    assert main_text(0.0004, "p") == "< 0.001"
    table = DataTable("k", "", (Column("a", "a", "ms", "lower"),), ((3.0,), (Estimate(1.0),), (None,)))
    assert table.best(0) == {1}


def test_speeds_side_by_side(timed: Path) -> None:
    view = view_of(read(timed))
    ratios = {(one.first, one.second): one for one in view.ratios}
    bad = ratios["bad", "good"]
    assert bad.latency.value == pytest.approx(2.0 / 40.0, rel=0.05)
    assert bad.latency.low is not None
    assert bad.latency.low < bad.latency.value < (bad.latency.high or 0)
    assert bad.latency.n == 12
    assert all(view.pipeline(one.first).timing is not None for one in view.ratios)


def test_invalid_timings_decide_nothing(timed: Path) -> None:
    bundle = read(timed)
    good = bundle.pipelines["good"]
    assert good.timing is not None
    part = replace(good, timing=replace(good.timing, invalid="its worker died"))
    view = view_of(_with(bundle, pipelines={**bundle.pipelines, "good": part}))
    assert "good" not in {point.pipeline for point in view.trade_offs}
    assert "at a p95 latency" not in view.answer.sentences[0]
    assert any("The timing of good is invalid: its worker died." in text for text in view.answer.caveats)
    (latency,) = [section for section in sections(view) if section.id == "latency"]
    assert "its worker died" in latency.parts[0].texts[0]  # type: ignore[union-attr]


def test_two_arms_stand_first(timed: Path, tmp_path: Path) -> None:
    """The bundle with bad's figures and samples as those of good's baseline arm."""
    folder = Path(shutil.copytree(timed, tmp_path / "arms"))
    for table in (SCORES, SAMPLES):
        rows = read(timed).table(table)
        names = ["baseline:good" if name == "bad" else name for name in rows["pipeline"].to_pylist()]
        columns = {name: rows[name].combine_chunks() for name in rows.column_names}
        writing.write_table(folder, table, {**columns, "pipeline": names})
    result = json.loads((folder / "result.json").read_text())
    result["pipelines"]["baseline:good"] = result["pipelines"].pop("bad")
    result["compare"] = []
    arm = {"latency": {"verdict": "fail", "reason": "", "log_ratios": []}, "memory": {"ratio": None}}
    result["against"] = {"blocks": 12, "pipelines": {"good": arm}}
    writing.write_result(folder, result)
    view = view_of(read(folder))
    first = view.ratios[0]
    assert (first.first, first.second, first.verdict) == ("good", "baseline:good", "fail")
    # From the samples: they were drawn around 40 and 2 ms.
    assert first.latency.value == pytest.approx(20.0, rel=0.05)
    assert first.latency.n == 12
    assert first.memory.value is None
    assert [(one.first, one.second) for one in view.ratios].count(("good", "baseline:good")) == 1


def test_without_runs_scores_remain(edited: Callable[..., Bundle]) -> None:
    view = view_of(edited(without=("runs",)))
    assert view.per_query is not None
    assert view.per_query.details == ()
    assert view.recall is None
    (block,) = [section for section in sections(view) if section.id == "queries"]
    assert "holds no runs" in block.parts[0].explanation  # type: ignore[union-attr]


def test_a_first_look_and_a_noisy_machine_are_said(timed: Path) -> None:
    bundle = read(timed)
    told = Session("quick", indicative=True, control=Control(noisy=True))
    caveats = " ".join(view_of(_with(bundle, timing=told)).answer.caveats)
    assert "the profile quick, which is for a first look" in caveats
    assert "too noisy while timing" in caveats
    assert "too noisy" not in " ".join(view_of(bundle).answer.caveats)


def test_what_is_not_told_apart_is_not_recommended_outright(edited: Callable[..., Bundle]) -> None:
    def twins(result: dict[str, Any]) -> None:
        result["pipelines"] = {name: result["pipelines"][name] for name in ("two@10", "two@20")}
        result["compare"] = []

    view = view_of(edited(twins))
    (row,) = view.all_pairs
    ahead = "is ahead, though not for certain" in view.answer.sentences[0]
    assert ahead == (row.verdict == "cannot be told apart")


def test_only_what_was_declared_is_called_declared(scored: Path, edited: Callable[..., Bundle]) -> None:
    """Without a declaration each is held against the first, which nobody declared."""
    said = markdowns.report(view_of(read(scored)))
    assert "Each against the first: by ndcg@10" in said
    assert "eclared in advance" not in said

    def declare(result: dict[str, Any]) -> None:
        result["config"]["compare"] = result["compare"] = [["good", "bad"]]

    said = markdowns.report(view_of(edited(declare)))
    assert "Declared in advance: by ndcg@10" in said
    assert "Each against the first" not in said


def test_the_method_names_how_each_interval_was_made(edited: Callable[..., Bundle]) -> None:
    def perfect(result: dict[str, Any]) -> None:
        interval = {"low": 0.9, "high": 1.0, "confidence": 0.95, "method": "wilson"}
        result["pipelines"]["good"]["measures"]["mrr@10-l2"]["interval"] = interval

    view = view_of(edited(perfect))
    said = {paragraph.title: paragraph.text for paragraph in view.method}["Intervals and tests"]
    assert (
        "is the percentile bootstrap (10,000 resamples, seeded); Wilson’s where every figure is 0 or 1."
        in said
    )
    assert "Clopper" not in said
    assert "bootstrap interval" not in markdowns.report(view)


def test_a_load_point_shows_no_figure_without_an_interval(timed: Path, tmp_path: Path) -> None:
    result = json.loads((timed / "result.json").read_text())
    result["pipelines"]["good"]["timing"]["load"][0]["p99"] = {
        "value": 100.0, "n": 1_000, "interval": None, "reason": "waits are correlated",
    }  # fmt: skip
    shutil.copytree(timed, tmp_path / "copy")
    writing.write_result(tmp_path / "copy", {k: v for k, v in result.items() if k not in ("files", "digest")})
    view = view_of(read(tmp_path / "copy"))
    (point,) = view.pipeline("good").timing.load  # type: ignore[union-attr]
    assert point.p90.has_interval
    assert point.p99.value is None
    assert "Left empty is what has no interval" in markdowns.report(view)


def _scored(folder: Path, runs: dict[str, dict[str, str]]) -> Bundle:
    """A bundle of run files, each query -> its results in order; of every query ``a`` alone is relevant."""
    folder.mkdir()
    queries = sorted({query for run in runs.values() for query in run})
    (folder / "q.tsv").write_text("".join(f"{query}\ttext\n" for query in queries))
    (folder / "qrels.txt").write_text("".join(f"{query} 0 a 1\n" for query in queries))
    (folder / "suite.yaml").write_text(
        "task: retrieval\nversion: 1\ndataset: {queries: q.tsv, qrels: qrels.txt}\nmeasures: [ndcg@1, map]\n"
        "primary: ndcg@1\n"
    )
    for name, run in runs.items():
        lines = [f"{q} Q0 {d} 1 {9 - i} t\n" for q, found in run.items() for i, d in enumerate(found)]
        (folder / f"{name}.trec").write_text("".join(lines))
    return harness.score(
        folder / "suite.yaml", *(folder / f"{name}.trec" for name in runs), out=folder / "out"
    )


def test_one_query_makes_nothing_certain(tmp_path: Path) -> None:
    """Every resample of one query is that query: it would be the best in 100 % of 10,000."""
    view = view_of(_scored(tmp_path / "one", {"hit": {"q0": "ab"}, "miss": {"q0": "ba"}}))
    said = markdowns.report(view)
    assert "resamples" not in said.partition("## Method")[0]
    assert "cannot be told apart" in said
    assert view.pipeline("hit").best_probability is None


def test_a_measure_that_looks_deeper_than_a_run_file_is_noted_where_its_figures_stand(tmp_path: Path) -> None:
    runs = {"long": {f"q{i}": "bca" for i in range(8)}, "short": {f"q{i}": "b" for i in range(8)}}
    (table,) = [pipelines_table(view_of(_scored(tmp_path / "two", runs)))]
    (note,) = [note for note in table.notes if "compare" in note]
    assert note.startswith("Not all figures of map compare: short has 1 results a query and long 3")


def test_captions_say_for_what_a_latency_and_a_best_depth_hold(timed: Path) -> None:
    said = markdowns.report(view_of(read(timed)))
    assert "their intervals hold for these queries in these processes" in said
    assert "That depth is the best of 2 on the queries it is reported on" in said
