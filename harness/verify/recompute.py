"""Recomputing a bundle's figures from its own tables."""

from __future__ import annotations

import json
from collections.abc import Mapping

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from scipy import stats as scipy_stats

from harness import ids, stats
from harness.compare.evidence import Evidence
from harness.datamodel import Qrels, Run
from harness.errors import BundleError, DataError
from harness.measures import sets
from harness.measures.graded import grades_of
from harness.measures.names import Measure
from harness.measures.registry import parse
from harness.results.bundle import RESULT, Bundle
from harness.results.digests import content_digest, file_digest
from harness.results.places import inside
from harness.results.runs import read_columns, read_qrels
from harness.results.schema import Pipeline
from harness.results.tables import QRELS, QUERIES
from harness.stats.interval import Interval
from harness.verify import engine
from harness.verify.ledger import Ledger


def check_files(bundle: Bundle, ledger: Ledger) -> None:
    """Compare every file with the SHA-256 that the bundle was written with, and ``result.json`` with its
    own.
    """
    written = json.loads((bundle.path / RESULT).read_text(encoding="utf-8"))
    if "files" not in written or "digest" not in written:
        ledger.skip("the files' SHA-256: this bundle was written without them")
        return
    for place, stored in (written.get("files") or {}).items():
        path = inside(bundle.path, place)
        ledger.check(f"{place}, SHA-256", stored, file_digest(path) if path.is_file() else "absent")
    ledger.check(f"{RESULT}, SHA-256 of its content", written["digest"], content_digest(written))


def check_aggregates(bundle: Bundle, evidence: Evidence, ledger: Ledger) -> None:
    """Every value, count and interval of ``result.json`` from the stored scores of queries or pairs."""
    seed = bundle.result.config.seed
    values = _per_query(evidence, seed) if evidence.gold is None else _of_sets(evidence, seed)
    for (pipeline, measure), (value, interval) in values.items():
        figure = bundle.pipelines[pipeline].measures[measure]
        name = f"{pipeline}, {measure}"
        ledger.check(f"{name} value", figure.value, value)
        ledger.check(f"{name} n", figure.n, len(evidence.ids))
        special = _special(evidence, pipeline, measure) if evidence.gold is None else None
        # Bundles from before made every interval by the percentile bootstrap, of no width where all scores are equal.
        before = figure.interval is not None and figure.interval.method == "bootstrap-percentile"
        ledger.check_interval(name, figure.interval, interval if special is None or before else special)
    if evidence.gold is not None:
        _check_bands(bundle, evidence, ledger)


def _check_bands(bundle: Bundle, evidence: Evidence, ledger: Ledger) -> None:
    """How far the order of nearly equal scores can move a rank correlation, from the pairs' scores."""
    assert evidence.gold is not None
    for label in evidence.labels:
        ties = bundle.pipelines[label].ties
        measure = sets.SET_MEASURES.get(ties.measure) if ties else None
        if ties is None or measure is None or measure.band is None:
            continue
        outputs = evidence.outputs(label)[0]
        worst, best = measure.band(outputs, evidence.gold)
        canonical = measure.second.figure(outputs, evidence.gold)
        for key, value in {"canonical": canonical, "worst": worst, "best": best}.items():
            ledger.check(f"{label}, ties {key}", getattr(ties, key), value)


def _per_query(evidence: Evidence, seed: int) -> dict[tuple[str, str], tuple[float, Interval | None]]:
    n_arms, n_measures, n = evidence.values.shape
    rows = evidence.values.reshape(n_arms * n_measures, n)
    # One set of weights for all: drawing them is the cost.
    replicates = stats.bootstrap_means(rows, seed=seed)
    intervals = [stats.percentile_interval(row) if n > 1 else None for row in replicates]
    names = [(label, measure) for label in evidence.labels for measure in evidence.measures]
    means = [float(row.mean()) for row in rows]
    return dict(zip(names, zip(means, intervals, strict=True), strict=True))


def _special(evidence: Evidence, pipeline: str, measure: str) -> Interval | None:
    """The interval of scores of 0 and 1 or of equal ones, through SciPy's binomial test; None for all others."""
    scores, n = evidence.of(pipeline, measure), len(evidence.ids)
    if n < 2:
        return None
    if np.isin(scores, (0.0, 1.0)).all():
        found = scipy_stats.binomtest(int(scores.sum()), n).proportion_ci(0.95, "wilson")
        return Interval(float(found.low), float(found.high), 0.95, "wilson")
    if np.ptp(scores) > 0.0:
        return None
    others = float(scipy_stats.binomtest(0, n).proportion_ci(0.95, "exact").high)
    value = float(scores[0])
    return Interval(value - others * value, value + others * (1.0 - value), 0.95, "clopper-pearson")


def _of_sets(evidence: Evidence, seed: int) -> dict[tuple[str, str], tuple[float, Interval | None]]:
    gold = evidence.gold
    assert gold is not None
    found: dict[tuple[str, str], tuple[float, Interval | None]] = {}
    for name in evidence.measures:
        measure = sets.SET_MEASURES[name]
        replicates = measure.resampled(evidence.values, gold, seed)
        for label, drawn in zip(evidence.labels, replicates, strict=True):
            outputs = evidence.outputs(label)
            if not measure.defined(outputs, gold):
                found[label, name] = (0.0, None)
                continue
            value = float(np.mean([measure.second.figure(row, gold) for row in outputs]))
            found[label, name] = (value, measure.interval(drawn, len(gold)))
    return found


def check_runs(bundle: Bundle, evidence: Evidence, ledger: Ledger) -> None:
    """Per-query scores, ties, judged share and counts, from runs and judgments, through the second engine.

    Raises BundleError for a run that cannot be read, UsageError where the engine is not installed.
    """
    if not bundle.has(QRELS) or not (bundle.path / "runs").is_dir():
        ledger.skip(
            "per-query scores, judged shares and ties: the bundle holds no runs (a baseline does not)"
        )
        return
    engine.name()
    judged_rows = bundle.table(QRELS)
    qrels = read_qrels(bundle).select(evidence.ids)
    _check_counts(bundle, judged_rows, ledger)
    judged = engine.judgments(qrels)
    measures = [parse(measure) for measure in evidence.measures]
    for pipeline, part in bundle.pipelines.items():
        run = _canonical_run(bundle, part, ledger)
        scores = engine.evaluate(run, judged, evidence.ids, measures)
        for column, measure in enumerate(evidence.measures):
            stored = evidence.of(pipeline, measure)
            ledger.checked += len(stored)
            for row in np.flatnonzero(np.abs(stored - scores[:, column]) > 1e-9):
                ledger.checked -= 1
                ledger.check(
                    f"scores: {pipeline}, {measure}, query {evidence.ids[int(row)]}",
                    float(stored[row]),
                    float(scores[row, column]),
                )
        chosen = run.select(evidence.ids)
        _say_what_single_precision_reorders(pipeline, chosen, ledger)
        ledger.check(f"{pipeline}, unanswered", part.unanswered, int((chosen.counts == 0).sum()))
        ledger.check(f"{pipeline}, results", part.results, run.n_rows)
        _check_judged(part, chosen, judged, ledger)
        _check_ties(part, chosen, (qrels, judged), ledger)


def _say_what_single_precision_reorders(pipeline: str, run: Run, ledger: Ledger) -> None:
    """trec_eval's own program reads scores in single precision, and breaks the ties that this makes by document id."""
    with np.errstate(over="ignore"):
        single = run.scores.astype(np.float32)
    tied = (
        (np.diff(run.query_of_row) == 0) & (single[1:] == single[:-1]) & (run.scores[1:] != run.scores[:-1])
    )
    if n := int((tied & (run.docs[1:] > run.docs[:-1])).sum()):
        ledger.skip(
            f"{pipeline}, the order of {n:,} neighbouring results whose scores differ only beyond single precision: "
            "trec_eval reads them as ties and would order them the other way"
        )


def _check_counts(bundle: Bundle, judged_rows: pa.Table, ledger: Ledger) -> None:
    grades = judged_rows["grade"].to_numpy()
    grades = grades[grades >= 0]
    found = {"judgments": len(grades), "judgments_relevant": int((grades > 0).sum())}
    if bundle.has(QUERIES):
        found["queries"] = bundle.table(QUERIES).num_rows
    for name, value in found.items():
        if (stored := bundle.result.counts.get(name)) is not None:
            ledger.check(f"counts, {name}", stored, value)


def _canonical_run(bundle: Bundle, part: Pipeline, ledger: Ledger) -> Run:
    path = bundle.file(part.run)
    columns = read_columns(path)
    try:
        run = columns.run()
    except DataError as error:
        raise BundleError(f"{path}: {error}") from None
    written = columns.documents
    if isinstance(written, np.ndarray):
        written = ids.texts(written)
    documents = pc.equal(run.doc_id_column(), written)
    order = np.asarray(documents.to_numpy(zero_copy_only=False))
    if not order.all():
        line = int(np.argmin(order))
        ledger.check(
            f"{part.run}: document on line {line + 1}, in canonical order",
            written[line].as_py(),
            run.doc_id_column()[line].as_py(),
        )
    ranks = columns.places
    expected = np.arange(run.n_rows) - np.repeat(run.offsets[:-1], run.counts) + 1
    wrong = np.flatnonzero(ranks != expected)
    if len(wrong):
        ledger.check(
            f"{part.run}: rank on line {int(wrong[0]) + 1}", int(ranks[wrong[0]]), int(expected[wrong[0]])
        )
    ledger.checked += 2
    return run


def _check_judged(part: Pipeline, run: Run, judged: Mapping[str, Mapping[str, int]], ledger: Ledger) -> None:
    for name, stored in part.judged.items():
        depth = int(name.partition("@")[2])
        top = run.top(depth)
        documents, offsets = top.doc_id_column().to_pylist(), top.offsets.tolist()
        shares = [
            sum(judged.get(query, {}).get(document, -1) >= 0 for document in documents[low:high])
            / (high - low)
            for query, low, high in zip(top.query_ids, offsets[:-1], offsets[1:], strict=True)
            if high > low
        ]
        ledger.check(f"{part.name}, {name}", stored, float(np.mean(shares)) if shares else None)


def _check_ties(
    part: Pipeline,
    run: Run,
    truth: tuple[Qrels, Mapping[str, Mapping[str, int]]],
    ledger: Ledger,
) -> None:
    ties, (qrels, judged) = part.ties, truth
    if not ties:
        return
    measure = parse(ties.measure)
    found = dict.fromkeys(("canonical", "best", "worst"), _mean(run, judged, measure))
    if bool(((np.diff(run.query_of_row) == 0) & (np.diff(run.scores) == 0)).any()):
        grades = grades_of(run, qrels)
        for name, sign in (("best", -1), ("worst", 1)):
            order = np.lexsort((sign * grades, -run.scores, run.query_of_row))
            found[name] = _mean(_reordered(run, order), judged, measure)
    for name, value in found.items():
        ledger.check(f"{part.name}, ties {name}", getattr(ties, name), value)


def _mean(run: Run, judged: Mapping[str, Mapping[str, int]], measure: Measure) -> float:
    return float(engine.evaluate(run, judged, run.query_ids, [measure]).mean())


def _reordered(run: Run, order: NDArray[np.intp]) -> Run:
    return Run(run.query_ids, run.offsets, run.docs[order], run.vocabulary, run.scores)
