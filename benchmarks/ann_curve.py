"""Recall against queries a second: HNSW at growing ef, FAISS flat and the exact search, on one model's embeddings.

Usage: python benchmarks/ann_curve.py CONFIG MODEL [--m 32] [--ef-construction 200] [--depth 10] [--seconds 2]

Queries come one by one, as a user's do, encoded beforehand; every way of searching takes turns in short blocks, so that a
machine that drifts drifts for all. Embeddings and indexes come from the store, or are made and kept there.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import Any

import numpy as np

from harness.config import load_config
from harness.models.folders import Permissions
from harness.pipelines import Collection, EncodesCorpus
from harness.plan import ann
from harness.plan.workbench import Workbench
from harness.progress import default
from harness.search.resident import ResidentIndex
from harness.search.settings import Approximate, Build
from harness.store.folder import folder_for, open_store
from harness.tasks import task_of
from harness.timing.clock import MonotonicClock

EFS = (16, 32, 64, 128, 256, 512)
ROUNDS = 5


def main() -> None:
    """Measure, and print a table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("config")
    parser.add_argument("model")
    parser.add_argument("--m", type=int, default=32)
    parser.add_argument("--ef-construction", type=int, default=200)
    parser.add_argument("--depth", type=int, default=10)
    parser.add_argument(
        "--seconds", type=float, default=2.0, help="for each way of searching, over all rounds"
    )
    given = parser.parse_args()
    config, progress, clock = load_config(given.config), default(), MonotonicClock()
    data = task_of(config.suite).load(config)
    root = folder_for(config.settings.store, config.folder)
    store = None if root is None else open_store(root, progress.note)
    bench = Workbench(config, Permissions(offline=True), progress, None, store)
    bench.find_models([given.model])
    collection = Collection(data.corpus)
    encoder: Any = bench.encoder(given.model)
    queries = encoder.encode([query.text for query in data.queries], "query")
    blocks = encoder.documents(collection) if isinstance(encoder, EncodesCorpus) else None
    if blocks is None:
        blocks = [encoder.encode(list(data.corpus.texts()), "document")]
    resident = ResidentIndex(blocks, encoder.similarity, collection.ranks)
    graph = Build(given.m, given.ef_construction)
    ways: dict[str, Any] = {"exact": resident}
    ways["flat"] = ann.searcher(bench, given.model, Approximate(Build()), collection)
    for ef in EFS:
        if ef >= given.depth:
            ways[f"hnsw ef {ef}"] = ann.searcher(bench, given.model, Approximate(graph, ef), collection)

    def found(way: Any) -> list[set[int]]:
        return [set(way.search(queries[i : i + 1], given.depth)[0][0].tolist()) for i in range(len(queries))]

    wanted = found(resident)
    recall = {
        name: np.asarray([len(f & w) / len(w) for f, w in zip(found(way), wanted, strict=True)])
        for name, way in ways.items()
    }
    rates = timed(ways, queries, given, clock.now_ns)
    print(f"{len(collection):,} documents, {len(queries)} queries, depth {given.depth}, one query at a time")
    print(
        f"{'search':14} {'recall':>8} {'worst query':>12} {'queries/s':>10} {'least to most':>18} {'MB':>8} {'built in s':>11}"
    )
    for name, way in ways.items():
        facts = None if name == "exact" else way.index.facts
        between = f"{rates[name].min():,.0f} to {rates[name].max():,.0f}"
        built = "-" if facts is None else f"{facts.build_s:.1f}"
        print(
            f"{name:14} {recall[name].mean():8.4f} {recall[name].min():12.2f} {np.median(rates[name]):10,.0f} "
            f"{between:>18} {way.nbytes / 1e6:8.1f} {built:>11}"
        )


def timed(ways: dict[str, Any], queries: Any, given: Any, now_ns: Callable[[], int]) -> dict[str, Any]:
    """Queries a second of each round, by way of searching."""
    rng = np.random.default_rng(0)
    rates: dict[str, list[float]] = {name: [] for name in ways}
    block_ns = given.seconds * 1e9 / ROUNDS
    for _ in range(ROUNDS):
        for name in rng.permutation(list(ways)):
            way, done = ways[name], 0
            way.search(queries[:1], given.depth)
            started = now_ns()
            while now_ns() - started < block_ns:
                i = done % len(queries)
                way.search(queries[i : i + 1], given.depth)
                done += 1
            rates[name].append(done * 1e9 / (now_ns() - started))
    return {name: np.asarray(values) for name, values in rates.items()}


if __name__ == "__main__":
    main()
