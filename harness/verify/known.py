"""Known answers: what this installation must reproduce, without data or network.

Each is a figure that others published, that two independent programs agree on, or that is exact by hand.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np

from harness import stats
from harness.datamodel import Qrels, Run
from harness.errors import UsageError
from harness.measures import retrieval
from harness.measures.ranked import RANKED, examples
from harness.measures.registry import parse
from harness.verify import engine
from harness.verify.ledger import Ledger, Verification


@dataclass(frozen=True)
class Known:
    """One known answer: what it is, the answer, what this installation gives, and how far off it may be."""

    name: str
    answer: float
    found: float
    tolerance: float


def verify_installation(models: Iterable[Known] = (), absent: Sequence[str] = ()) -> Verification:
    """Check every known answer of this installation.

    ``models`` are those of published models, which this module cannot compute; ``absent`` says what could not be.
    """
    ledger = Ledger()
    for known in models:
        ledger.check(known.name, known.answer, known.found, known.tolerance)
    for why in absent:
        ledger.skip(why)
    for source in _SOURCES:
        for known in source():
            ledger.check(known.name, known.answer, known.found, known.tolerance)
    used = "known answers"
    try:
        used = f"known answers, {engine.name()}"
        for known in _two_engines():
            ledger.check(known.name, known.answer, known.found, known.tolerance)
    except UsageError as error:
        ledger.skip(f"every measure of a ranking a second time: {error}")
    return Verification(
        "installation", used, ledger.checked, tuple(ledger.mismatches), tuple(ledger.not_checked)
    )


def _measures() -> Iterator[Known]:
    """trec_eval's definition of ndcg and its order of ties; both by hand."""
    qrels = Qrels.from_dict({"q": {"a": 1, "b": 2}})
    run = Run.from_dict({"q": {"a": 2.0, "b": 1.0}})
    yield Known("ndcg@10 of a > b with grades 1 and 2", 0.85972, _mean(run, qrels, "ndcg@10"), 5e-6)
    tied = Run.from_dict({"q": {"a": 1.0, "b": 1.0}})
    only_a = Qrels.from_dict({"q": {"a": 1}})
    yield Known("mrr@10 of a tie: the greater id comes first", 0.5, _mean(tied, only_a, "mrr@10"), 0.0)
    unanswered = Qrels.from_dict({"q": {"a": 1}, "r": {"a": 1}})
    yield Known(
        "mrr@10 with one of two queries unanswered: it counts 0", 0.25, _mean(tied, unanswered, "mrr@10"), 0.0
    )
    negative = Qrels.from_dict({"q": {"a": 1, "b": -1}})
    yield Known(
        "ndcg@10 with a negative judgment: unjudged",
        1.0,
        _mean(Run.from_dict({"q": {"a": 1.0}}), negative, "ndcg@10"),
        0.0,
    )


def _counts() -> Iterator[Known]:
    """MLPerf's early-stopping counts, and the smallest counts that allow an exact interval of a
    percentile.
    """
    for p, count in ((0.9, 64), (0.95, 130), (0.99, 662), (0.999, 6636)):
        yield Known(
            f"early-stopping count of p{100 * p:g} at 0.99", count, stats.early_stopping_count(p), 0.0
        )
    for p, count in ((0.5, 6), (0.9, 36), (0.95, 72), (0.99, 368)):
        yield Known(f"smallest count for an interval of p{100 * p:g}", count, stats.smallest_count(p), 0.0)


def _tests() -> Iterator[Known]:
    """Student's own sleep data (1908), sign flips by enumeration, and Holm's correction by hand."""
    drug_1 = [0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0]
    drug_2 = [1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4]
    sleep = stats.compare_paired(drug_2, drug_1)
    yield Known("paired t of Student's sleep data, p", 0.00283289, sleep.t_p_value or math.nan, 1e-7)
    low = sleep.interval.low if sleep.interval else math.nan
    yield Known("paired t of Student's sleep data, lower limit", 0.7001142, low, 1e-6)
    yield Known(
        "sign flips of 1, 2, 3: 2 of 8",
        0.25,
        stats.compare_paired([1.0, 2.0, 3.0], [0.0, 0.0, 0.0]).p_value,
        0.0,
    )
    for i, (answer, found) in enumerate(zip((0.03, 0.06, 0.06), stats.holm([0.01, 0.04, 0.03]), strict=True)):
        yield Known(f"Holm's correction of 0.01, 0.04, 0.03: {i + 1}", answer, found, 1e-12)
    yield from _families()
    yield Known(
        "Spearman with a tie",
        0.9486832980505138,
        stats.correlation([1, 2, 2, 3], [1, 2, 3, 4], "spearman"),
        1e-12,
    )


def _families() -> Iterator[Known]:
    """max-t against every sign assignment by hand, Wilson's and Hall's formulas, and tabled noncentral t."""
    scores = np.asarray([[9.0, 8, 9, 7, 9, 8, 6, 9], [5.0, 6, 7, 5, 4, 6, 7, 5], [6.0, 5, 7, 6, 4, 5, 7, 6]])
    pairs = [(0, 1), (0, 2), (1, 2)]
    found = stats.max_t_means(scores, pairs)
    rows = [scores[i] - scores[j] for i, j in pairs]

    def largest(signs: Sequence[int]) -> list[float]:
        moved = [np.asarray(signs) * row for row in rows]
        return [abs(row.mean()) / (row.std(ddof=1) / math.sqrt(8)) for row in moved]

    own = largest([1] * 8)
    drawn = [max(largest(signs)) for signs in product((1, -1), repeat=8)]
    for k, pair in enumerate(pairs):
        share = sum(value >= own[k] - 1e-9 for value in drawn) / len(drawn)
        yield Known(
            f"max-t of three pipelines, pair {pair}: all 256 signs", share, float(found.adjusted[k]), 1e-12
        )
    yield Known(
        "Wilson's lower limit of 43 of 43", 43 / (43 + 1.959963984540054**2), stats.wilson(43, 43).low, 1e-9
    )
    yield Known("detectable effect at 43 items, in standard errors", 2.8677, stats.multiplier(43), 1e-4)
    yield Known("detectable effect at 10 items, in standard errors", 3.1496, stats.multiplier(10), 1e-4)


def _sets() -> Iterator[Known]:
    """Measures of whole sets by hand: three of four right; a threshold among ties; clusters that split a label."""
    yield Known(
        "accuracy, 3 of 4 right", 0.75, stats.group_measure([0, 0, 1, 1], [0, 0, 0, 1], "accuracy"), 0.0
    )
    macro = stats.group_measure([0, 0, 1, 1], [0, 0, 0, 1], "macro_f1")
    yield Known("macro F1 of the same: the mean of 4/5 and 2/3", 11 / 15, macro, 1e-12)
    split = stats.group_measure([0, 0, 1, 2], [0, 0, 1, 1], "v_measure")
    yield Known("v-measure of two labels in three clusters", 0.8, split, 1e-12)
    tied = stats.threshold_measure([0.9, 0.5, 0.5, 0.1], [1, 1, 0, 0], "best_accuracy")
    yield Known("best accuracy with a tie, which no threshold can part", 0.75, tied, 0.0)
    precision = stats.threshold_measure([0.9, 0.5, 0.5, 0.1], [1, 1, 0, 0], "average_precision")
    yield Known("average precision of the same: 1/2 + 1/2 * 2/3", 5 / 6, precision, 1e-12)


def _two_engines() -> Iterator[Known]:
    """Every measure on drawn runs with ties, missing queries and graded judgments: both ways to it."""
    random = np.random.default_rng(7)
    documents = [f"d{i}" for i in range(40)]
    qrels = Qrels.from_dict(
        {
            f"q{q}": {d: int(random.integers(0, 4)) for d in random.choice(documents, 15, replace=False)}
            for q in range(12)
        }
    )
    run = Run.from_dict(
        {
            f"q{q}": {d: float(random.integers(0, 6)) for d in random.choice(documents, 25, replace=False)}
            for q in range(11)
        }
    )
    measures = examples()
    mine = retrieval.evaluate(run, qrels, measures).values
    theirs = engine.evaluate(run, engine.judgments(qrels), qrels.query_ids, measures)
    for column, measure in enumerate(measures):
        yield Known(
            f"{measure} by {RANKED[measure.name].second.name} on drawn runs",
            float(theirs[:, column].mean()),
            float(mine[:, column].mean()),
            1e-12,
        )


def _mean(run: Run, qrels: Qrels, text: str) -> float:
    return float(retrieval.evaluate(run, qrels, [parse(text)]).values.mean())


_SOURCES: tuple[Callable[[], Iterator[Known]], ...] = (_measures, _counts, _tests, _sets)
