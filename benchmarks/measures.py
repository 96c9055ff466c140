"""Measures of 6,980 queries x 1,000 results: ours (NumPy over all queries at once, one tie order) against pytrec_eval.

    python benchmarks/measures.py [--queries N] [--depth N] [--rounds N]

Runs are drawn at random, seeded; judgments are MS MARCO dev's shape (about one relevant document a query). pytrec_eval
starts from the dictionaries it takes; ours from a Run. Prints seconds per round, the ratio, and this process' peak memory.
"""

from __future__ import annotations

import argparse
import resource
import statistics

import numpy as np
import pyarrow as pa

from harness.datamodel import Qrels, Run
from harness.measures.registry import parse
from harness.measures.retrieval import evaluate
from harness.timing.clock import MonotonicClock

OURS = ("mrr@10", "recall@1000", "ndcg@10")
THEIRS = ("recip_rank", "recall.1000", "ndcg_cut.10")


def main() -> None:
    """Measure."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--queries", type=int, default=6980)
    parser.add_argument("--depth", type=int, default=1000)
    parser.add_argument("--documents", type=int, default=200_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--ours-only", action="store_true", help="for the memory of ours alone")
    given = parser.parse_args()
    draw = np.random.default_rng(0)
    ids = pa.array([str(i) for i in range(given.documents)])
    queries = [f"q{i}" for i in range(given.queries)]
    positions = np.concatenate([draw.choice(given.documents, given.depth, replace=False) for _ in queries])
    scores = draw.random(len(positions)).astype(np.float32)
    run = Run.from_positions(queries, np.full(len(queries), given.depth), positions, scores, ids)
    relevant = positions[:: given.depth] if given.depth else positions
    qrels = Qrels.from_columns(queries, [str(p) for p in relevant], np.ones(len(queries), dtype=np.int32))
    clock = MonotonicClock()
    evaluator, results = (None, {}) if given.ours_only else _theirs(qrels, run)
    ratios = []
    for i in range(given.rounds):
        start = clock.now_ns()
        ours = evaluate(run, qrels, [parse(m) for m in OURS]).values.mean(axis=0)
        middle = clock.now_ns()
        if evaluator is None:
            print(f"round {i + 1}: ours {(middle - start) / 1e9:.2f} s", flush=True)
            continue
        found = evaluator.evaluate(results)
        end = clock.now_ns()
        ratios.append((middle - start) / (end - middle))
        recall = np.mean([row["recall_1000"] for row in found.values()])
        print(
            f"round {i + 1}: ours {(middle - start) / 1e9:.2f} s, pytrec_eval {(end - middle) / 1e9:.2f} s, ratio {ratios[-1]:.2f}; "
            f"recall@1000 {ours[1]:.6f} and {recall:.6f}",
            flush=True,
        )
    if ratios:
        print(
            f"ratio ours / pytrec_eval: median {statistics.median(ratios):.2f}, from {min(ratios):.2f} to {max(ratios):.2f}"
        )
    print(f"peak memory of this process: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3:,.0f} MB")


def _theirs(qrels: Qrels, run: Run) -> tuple[object, dict[str, dict[str, float]]]:
    import pytrec_eval

    judged = {
        query: {doc.as_py(): 1 for doc in qrels.doc_ids.take(pa.array(qrels.docs[i : i + 1]))}
        for i, query in enumerate(qrels.query_ids)
    }
    results = {query: dict(run.results(query)) for query in run.query_ids}
    return pytrec_eval.RelevanceEvaluator(judged, set(THEIRS)), results


if __name__ == "__main__":
    main()
