"""compare: its figures against scipy, statsmodels and trec_eval; causes, slices, speed, losses, refusals."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy import stats as scipy_stats

from harness.compare import Options, compare
from harness.compare.evidence import load
from harness.compare.paired import compare_pairs
from harness.errors import BundleError, DataError, NotComparableError, UsageError
from harness.results import bundle as bundles
from harness.selection import select


def test_every_pair_agrees_with_scipy_and_one_family(plain: Path) -> None:
    found = compare([plain], Options(all_pairs=True))
    evidence = load(bundles.read(plain))
    assert len(found.results) == 10 * 4
    for result in found.results:
        one, other = evidence.of(result.first, result.measure), evidence.of(result.second, result.measure)
        theirs = scipy_stats.ttest_rel(one, other)
        alone = theirs.confidence_interval(0.95)
        assert result.interval is not None
        assert result.delta == pytest.approx(one.mean() - other.mean(), abs=1e-14)
        # Reranking the first 20 leaves recall@20 as it was: all differences are 0, and t is 0 / 0.
        same = {result.first, result.second} == {"first", "two"} and result.measure == "recall@20"
        assert same or result.interval.low < alone.low < alone.high < result.interval.high
        assert result.interval.low < result.interval.high
        assert (result.t_p_value is None) == same
        assert same or result.t_p_value == pytest.approx(theirs.pvalue, rel=1e-9)
        assert result.family == 40
        assert result.p_adjusted is not None
        assert result.p_value is not None
        assert result.p_adjusted >= result.p_value
        assert same or (result.p_adjusted <= 0.05) == (not result.interval.contains(0.0))


def test_one_pair_has_one_p_value_whichever_pairs_are_asked_for(plain: Path) -> None:
    """And a pair that was chosen after looking is in the whole family."""
    every = {(r.measure, r.first, r.second): r for r in compare([plain], Options(all_pairs=True)).results}
    one = compare([plain], Options(pairs=(("good", "near"),), measures=("ndcg@10",))).results[0]
    assert one == every["ndcg@10", "good", "near"]
    turned = compare([plain], Options(pairs=(("near", "good"),), measures=("ndcg@10",))).results[0]
    assert turned.p_adjusted == one.p_adjusted
    assert turned.interval is not None
    assert one.interval is not None
    assert (turned.interval.low, turned.interval.high) == (-one.interval.high, -one.interval.low)
    chosen = select([plain])
    for row in chosen.comparisons:
        key = ("ndcg@10", row.first, row.second)
        other = every.get(key) or every["ndcg@10", row.second, row.first]
        assert row.p_adjusted == other.p_adjusted


def test_the_order_of_the_queries_moves_no_p_value(plain: Path) -> None:
    evidence = load(bundles.read(plain))
    shuffled = evidence.subset(np.random.default_rng(0).permutation(len(evidence.ids)).astype(np.intp))
    pairs = [("good", "near"), ("bad", "two")]
    one, other = (compare_pairs(each, pairs, ["ndcg@10", "map"]) for each in (evidence, shuffled))
    assert [(r.p_value, r.p_adjusted) for r in one] == [(r.p_value, r.p_adjusted) for r in other]


def test_few_queries_enumerate_every_sign(plain: Path) -> None:
    evidence = load(bundles.read(plain)).subset(np.arange(12))
    (found,) = compare_pairs(evidence, [("good", "bad")], ["ndcg@10"])
    differences = evidence.of("good", "ndcg@10") - evidence.of("bad", "ndcg@10")
    sums = [abs(float(np.dot(signs, differences))) for signs in product((1, -1), repeat=12)]
    assert found.p_value == sum(s >= abs(differences.sum()) - 1e-12 for s in sums) / 2**12


def test_verdicts_and_pairs_that_cannot_be_told_apart(plain: Path) -> None:
    found = compare([plain], Options(pairs=(("good", "bad"), ("bad", "near"), ("near", "good"))))
    verdicts = {(r.first, r.second): r.words for r in found.results if r.measure == "ndcg@10"}
    assert verdicts == {
        ("good", "bad"): "good better",
        ("bad", "near"): "near better",
        ("near", "good"): "cannot be told apart",
    }
    assert ("good", "near") in found.indistinct
    assert ("good", "bad") not in found.indistinct
    assert found.n_all_pairs == 10


def test_declared_comparisons_are_the_default_and_frames_hold_all(plain: Path) -> None:
    found = compare([plain])
    assert [(r.first, r.second) for r in found.results if r.measure == "map"] == [
        (n, "good") for n in ("near", "bad", "first", "two")
    ]
    assert list(found.frame()["delta"]) == [r.delta for r in found.results]
    assert {"low", "high", "p_adjusted", "detectable"} <= set(found.frame().columns)


def test_most_changed_queries_are_the_largest_differences(plain: Path) -> None:
    found = compare([plain], Options(pairs=(("bad", "good"),), changes=4))
    evidence = load(bundles.read(plain))
    differences = np.abs(evidence.of("bad", "ndcg@10") - evidence.of("good", "ndcg@10"))
    assert [abs(c.delta) for c in found.changes] == sorted(differences, reverse=True)[:4]
    assert found.changes[0].text


@pytest.mark.parametrize("kind", ["length", "question", "judged"])
def test_slices_cover_each_query_once(plain: Path, kind: str) -> None:
    found = compare([plain], Options(pairs=(("good", "bad"),), slice_by=kind))
    assert sum(part.n for part in found.slices) == 40
    assert len(found.slices) > 1
    for part in found.slices:
        assert {figure.label for figure in part.figures} == {"good", "near", "bad", "first", "two"}
        assert all(c.n == part.n for c in part.comparisons)


def test_a_slice_file_may_overlap_and_counts_the_rest(plain: Path, tmp_path: Path) -> None:
    file = tmp_path / "slices.tsv"
    file.write_text("q1\teasy\nq2\teasy\nq2\thard\nnobody\thard\n")
    found = compare([plain], Options(pairs=(("good", "bad"),), slice_by=str(file)))
    assert {part.name: part.n for part in found.slices} == {"easy": 2, "hard": 1, "(in no slice)": 38}
    (single,) = (part for part in found.slices if part.n == 1)
    assert single.comparisons[0].interval is None


@pytest.mark.parametrize(
    ("text", "error", "words"),
    [("q1 easy\n", DataError, "query_id<TAB>slice"), ("zz\teasy\n", NotComparableError, "none of its")],
)
def test_bad_slice_files(plain: Path, tmp_path: Path, text: str, error: type[Exception], words: str) -> None:
    file = tmp_path / "slices.tsv"
    file.write_text(text)
    with pytest.raises(error, match=words):
        compare([plain], Options(slice_by=str(file)))


def test_unknown_slice_pair_and_measure(plain: Path) -> None:
    with pytest.raises(UsageError, match="length, question, judged"):
        compare([plain], Options(slice_by="nonsense"))
    with pytest.raises(UsageError, match="did you mean 'good'"):
        compare([plain], Options(pairs=(("goo", "bad"),)))
    with pytest.raises(UsageError, match="ndcg@10"):
        compare([plain], Options(measures=("ndcg@1",)))


def _weights(result: dict[str, Any]) -> None:
    result["pipelines"]["good"] |= {"kind": "bi-encoder", "stages": {"retrieve": "m", "depth": 10}}
    files = {"model.safetensors": "a" * 64, "tokenizer.json": "b" * 64, "config.json": "c" * 64}
    result["models"] = {
        "m": {
            "files": files,
            "settings": {"precision": "fp32", "device": "cpu", "max_length": 256},
            "revision": None,
            "name": "m",
        }
    }


@pytest.mark.parametrize(
    ("kind", "change"),
    [
        ("weights", lambda r: r["models"]["m"]["files"].update({"model.safetensors": "f" * 64})),
        ("tokenizer", lambda r: r["models"]["m"]["files"].update({"tokenizer.json": "f" * 64})),
        ("settings", lambda r: r["models"]["m"]["settings"].update(max_length=128)),
        ("precision", lambda r: r["models"]["m"]["settings"].update(precision="bf16")),
        ("library", lambda r: r["manifest"]["packages"].update(torch="0.1")),
        ("hardware", lambda r: r["manifest"]["machine"].update(cpu="another")),
        ("pipeline", lambda r: r["pipelines"]["good"]["stages"].update(depth=5)),
    ],
)
def test_each_cause_is_named_alone(
    edited: Callable[..., Path], kind: str, change: Callable[[dict[str, Any]], Any]
) -> None:
    first = edited(_weights, "first", ("good",))
    second = edited(lambda r: (_weights(r), change(r)), "second", ("good",))
    causes = compare([first, second]).causes["second:good", "first:good"]
    assert [cause.kind for cause in causes] == [kind]


def test_settings_are_told_in_one_line_and_defaults_are_no_difference(edited: Callable[..., Path]) -> None:
    def newer(result: dict[str, Any]) -> None:
        _weights(result)
        defaults = {
            "backend": "torch",
            "batch_size": 16,
            "batch_tokens": None,
            "prompts": {},
            "embeddings": "fp32",
        }
        result["models"]["m"]["settings"] |= defaults

    def other(result: dict[str, Any]) -> None:
        newer(result)
        result["models"]["m"]["settings"] |= {
            "batch_size": 8,
            "max_length": 128,
            "pooling": "cls",
            "normalize": True,
        }

    def causes(one: Callable[[dict[str, Any]], None], two: Callable[[dict[str, Any]], None]) -> list[str]:
        names = next(pairs)
        found = compare([edited(one, names[0], ("good",)), edited(two, names[1], ("good",))])
        return [str(cause) for cause in found.causes[f"{names[1]}:good", f"{names[0]}:good"]]

    pairs = iter([("a", "b"), ("c", "d"), ("e", "f")])
    assert causes(_weights, newer) == []
    assert causes(newer, other) == [
        "settings: m: max_length 128 and 256, batch_size 8 and 16",
        "settings: m: pooling cls, normalize True, which the second does not record",
    ]
    assert len(causes(lambda r: (_weights(r), r["models"]["m"].update(settings={})), other)) <= 3


def test_nothing_differs_between_a_bundle_and_its_copy(edited: Callable[..., Path]) -> None:
    found = compare([edited(_weights, "a", ("good",)), edited(_weights, "b", ("good",))])
    assert found.causes["b:good", "a:good"] == ()
    assert {r.verdict for r in found.results} == {"cannot be told apart"}
    assert all(r.p_adjusted == 1.0 for r in found.results)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda r: r["suite"].update(version=2), "suite version: 1 and 2"),
        (lambda r: r["manifest"]["data_sha256"].update(qrels="0" * 64), "data: SHA-256 of qrels"),
    ],
)
def test_other_data_does_not_compare(
    plain: Path, edited: Callable[..., Path], change: Any, words: str
) -> None:
    with pytest.raises(NotComparableError, match=words):
        compare([plain, edited(change, "other", ("good", "near"))])


def test_disjoint_queries_do_not_compare(sts: Callable[..., Path], plain: Path) -> None:
    with pytest.raises(NotComparableError, match="share none"):
        compare([plain, sts({"a": 1.0, "b": 2.0})])
    with pytest.raises(NotComparableError, match="share only 60 pairs of 120 and 60"):
        compare([sts({"a": 1.0}, name="x"), sts({"a": 1.0}, n=60, name="y")])


def test_empty_and_damaged_bundles(edited: Callable[..., Path], plain: Path) -> None:
    with pytest.raises(NotComparableError, match="empty"):
        compare([edited(lambda r: r.update(pipelines={}), "empty")])
    with pytest.raises(NotComparableError, match="second bundle"):
        compare([edited(lambda r: None, "one", ("good",))])
    (plain / "scores.parquet").write_bytes(b"PAR1 no")
    with pytest.raises(BundleError, match=r"scores\.parquet"):
        compare([plain])
    with pytest.raises(UsageError, match="twice"):
        compare([plain, plain])


def test_speed_is_a_ratio_of_shared_blocks(timed: Callable[..., Path]) -> None:
    found = compare([timed({"good": 10.0, "near": 13.0})], Options(pairs=(("near", "good"), ("bad", "good"))))
    ratio, refused = found.speed
    assert ratio.ratio == pytest.approx(1.3, rel=0.02)
    assert ratio.interval is not None
    assert ratio.interval.low < 1.3 < ratio.interval.high
    assert ratio.n_blocks == 12
    assert refused.ratio is None
    assert refused.refusal == "bad was not timed"


def test_speed_across_jobs_is_refused(timed: Callable[..., Path]) -> None:
    found = compare(
        [timed({"good": 10.0}, name="a"), timed({"good": 10.0}, name="b")],
        Options(pairs=(("b:good", "a:good"),)),
    )
    assert found.speed[0].ratio is None
    assert "different jobs" in (found.speed[0].refusal or "")


def test_speed_of_arms_comes_from_their_blocks(timed: Callable[..., Path]) -> None:
    found = compare([timed({"good": 12.0, "baseline:good": 10.0})])
    first = found.speed[0]
    assert (first.first, first.second) == ("good", "baseline:good")
    assert first.ratio == pytest.approx(1.2, rel=0.02)


def test_losses_add_up_and_the_ceiling_bounds_the_value(plain: Path) -> None:
    (loss,) = compare([plain]).losses
    assert loss.pipeline == "two"
    assert loss.ideal - loss.value == pytest.approx(loss.missed + loss.misordered, abs=1e-12)
    assert loss.value <= loss.ceiling <= loss.ideal == pytest.approx(1.0)
    assert list(loss.ceilings) == [10, 20]
    assert loss.ceilings[20] == loss.ceiling >= loss.ceilings[10]
    assert loss.value == pytest.approx(bundles.read(plain).value("two", "ndcg@10"), abs=1e-12)


def test_correlations_are_compared_by_a_paired_bootstrap(sts: Callable[..., Path]) -> None:
    found = compare([sts({"sharp": 0.3, "dull": 2.0, "same": None})])
    by_name = {(r.first, r.measure): r for r in found.results}
    dull, same = by_name["dull", "spearman"], by_name["same", "spearman"]
    assert dull.verdict == "second better"
    assert dull.interval is not None
    assert dull.interval.high < 0
    assert dull.wins is None
    assert same.verdict == "not defined"
    assert same.family == 2  # sharp and dull by two measures; nothing is known of the third


def test_six_real_systems_in_one_command(real_data: Path, tmp_path: Path) -> None:
    """The six DL 2019 runs: 15 pairs, seven of which cannot be told apart by ndcg@10."""
    import harness

    folder = real_data / "msmarco"
    suite = tmp_path / "dl19.yaml"
    suite.write_text(
        f"task: retrieval\nversion: 1\ndataset: {{queries: {folder}/queries.dl19.tsv, qrels: "
        f"{folder}/qrels.dl19.txt}}\n"
        "measures: [ndcg@10]\nprimary: ndcg@10\n"
    )
    bundle = harness.score(suite, *sorted((folder / "runs-dl19").glob("*.trec")), out=tmp_path / "bundle")
    found = compare([bundle], Options(all_pairs=True))
    assert len(found.results) == 15
    neural = {"ada2", "repllama", "splade-pp", "tas-b"}
    expected = {frozenset(pair) for pair in product(neural, neural) if len(set(pair)) == 2} | {
        frozenset({"bm25", "bm25-rm3"})
    }
    assert {frozenset(pair) for pair in found.indistinct} == expected


def test_run_files_of_different_depths_do_not_compare_beyond_the_shorter(
    real_data: Path, tmp_path: Path
) -> None:
    """RepLLaMA's file has 1,000 results a query, SPLADE's 100: by map, +0.0834 with p .0004 is a difference of files."""
    import harness

    folder = real_data / "msmarco"
    suite = tmp_path / "dl19.yaml"
    suite.write_text(
        f"task: retrieval\nversion: 1\ndataset: {{queries: {folder}/queries.dl19.tsv, qrels: "
        f"{folder}/qrels.dl19.txt}}\nmeasures: [ndcg@10, map-l2, recall@100-l2]\nprimary: ndcg@10\n"
    )
    cut = tmp_path / "cut.trec"
    lines = (folder / "runs-dl19" / "repllama.trec").read_text().splitlines(keepends=True)
    cut.write_text("".join(line for line in lines if int(line.split()[3]) <= 100))
    runs = [folder / "runs-dl19" / f"{name}.trec" for name in ("repllama", "splade-pp")]
    bundle = harness.score(suite, *runs, cut, out=tmp_path / "bundle")
    found = {(r.measure, r.first, r.second): r for r in compare([bundle], Options(all_pairs=True)).results}
    refused = found["map-l2", "repllama", "splade-pp"]
    assert refused.verdict == "not defined"
    assert "1,000 results a query and splade-pp 100" in refused.words
    assert found["ndcg@10", "repllama", "splade-pp"].note == ""
    assert found["recall@100-l2", "repllama", "splade-pp"].note == ""
    fair = next(r for (m, *pair), r in found.items() if m == "map-l2" and set(pair) == {"cut", "splade-pp"})
    assert fair.verdict == "cannot be told apart"
    assert abs(fair.delta or 0.0) == pytest.approx(0.0242, abs=5e-4)


def test_a_conclusion_that_hangs_on_unjudged_documents_is_said(tmp_path: Path) -> None:
    """One pipeline's results were never judged: it is behind as judged, and not without the unjudged results."""
    import harness

    queries = [f"q{i:02}" for i in range(30)]
    (tmp_path / "queries.tsv").write_text("".join(f"{q}\ttext\n" for q in queries))
    grades = {q: {f"{q}d{i}": int(i % 3 == 0) for i in range(12)} for q in queries}
    (tmp_path / "qrels.txt").write_text(
        "".join(f"{q} 0 {d} {g}\n" for q in queries for d, g in grades[q].items())
    )
    pool, new = [], []
    for q in queries:
        documents = list(grades[q])
        pool += [f"{q} 0 {d} 0 {20 - i} pool" for i, d in enumerate(documents)]
        relevant = [d for d in documents if grades[q][d]]
        ranked = [f"{q}new{i}" for i in range(5)] + relevant + [d for d in documents if not grades[q][d]]
        new += [f"{q} 0 {d} 0 {30 - i} new" for i, d in enumerate(ranked)]
    (tmp_path / "pool.trec").write_text("\n".join(pool) + "\n")
    (tmp_path / "new.trec").write_text("\n".join(new) + "\n")
    (tmp_path / "suite.yaml").write_text(
        "task: retrieval\nversion: 1\ndataset: {queries: queries.tsv, qrels: qrels.txt}\nmeasures: [ndcg@10]\n"
        "primary: ndcg@10\n"
    )
    bundle = harness.score(
        tmp_path / "suite.yaml", tmp_path / "pool.trec", tmp_path / "new.trec", out=tmp_path / "bundle"
    )
    (found,) = compare([bundle]).unjudged
    sign = 1.0 if found.first == "new" else -1.0
    assert sign * found.as_judged < 0 < sign * found.condensed
    assert not found.holds
    assert "do not rely on which is ahead" in found.words
    assert found.lowest <= found.as_judged <= found.highest
    assert compare([bundle], Options(pairs=(("new", "pool"),))).unjudged[0].first == "new"
