"""Exact search over embeddings on disk against the bare matrix product and partial sort of the same size.

    python benchmarks/search_large.py                        1,000,000 x 384, 1,000 queries, depth 1,000
    python benchmarks/search_large.py --documents 8_800_000  as large as MS MARCO: 13.5 GB on disk

Random unit vectors are written into a store, shard by shard, as a run would. Each part then runs in a process of
its own, so that its memory is its own: RssAnon, sampled while it runs; mapped file pages do not count. The bare
part is what a few lines of NumPy do with everything at hand: the product a block of queries at a time, and
argpartition. Both give the same documents, in the same order.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import shutil
import sys
import tempfile
import threading
from pathlib import Path
from typing import Any

import numpy as np

from harness.plan.memory import own_bytes
from harness.search import exact
from harness.store import open_store
from harness.timing.clock import NS_PER_S, MonotonicClock

SHARD = 4096
BLOCK = 250  # queries of one block of the bare product: with a million documents, 1 GB of scores


def unit_vectors(rng: np.random.Generator, n: int, dimension: int, dtype: str) -> np.ndarray:
    """Return random unit vectors, [n, dimension]."""
    vectors = rng.standard_normal((n, dimension), dtype=np.float32)
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(dtype)


def queries_of(asked: argparse.Namespace) -> np.ndarray:
    """Return the queries, [n_queries, dimension] fp32."""
    return unit_vectors(np.random.default_rng(1), asked.queries, asked.dimension, "float32")


def ranks_of(asked: argparse.Namespace) -> np.ndarray:
    """Return places of the documents' ids in the order of ids."""
    return np.random.default_rng(2).permutation(np.arange(asked.documents, dtype=np.uint32))


def fill(folder: Path, asked: argparse.Namespace) -> None:
    """Write the embeddings into a store."""
    store, rng = open_store(folder), np.random.default_rng(0)
    for i, low in enumerate(range(0, asked.documents, SHARD)):
        n = min(SHARD, asked.documents - low)
        store.write("embeddings", f"random/{i:06d}", {}, unit_vectors(rng, n, asked.dimension, asked.dtype))


def ours(folder: Path, asked: argparse.Namespace) -> list[Any]:
    """Search the store's shards: mapped, checksums verified, merged exactly."""
    store = open_store(folder)

    def shards() -> Any:
        for i in range(-(-asked.documents // SHARD)):
            artifact = store.read("embeddings", f"random/{i:06d}")
            assert artifact is not None
            yield artifact.array

    return exact.search(queries_of(asked), shards(), "dot", asked.depth, ranks_of(asked))


def bare(folder: Path, asked: argparse.Namespace) -> list[Any]:
    """Matrix product and partial sort, everything in memory; loading is not timed."""
    store = open_store(folder)
    documents = np.concatenate(
        [store.read("embeddings", f"random/{i:06d}").array for i in range(-(-asked.documents // SHARD))]  # type: ignore[union-attr]
    ).astype(np.float32, copy=False)
    queries = queries_of(asked)
    clock = MonotonicClock()
    start = clock.now_ns()
    product = sort = 0
    found = []
    for low in range(0, len(queries), BLOCK):
        before = clock.now_ns()
        scores = queries[low : low + BLOCK] @ documents.T
        between = clock.now_ns()
        best = np.argpartition(scores, scores.shape[1] - asked.depth, axis=1)[:, -asked.depth :]
        sort += clock.now_ns() - between
        product += between - before
        found.append((best, np.take_along_axis(scores, best, axis=1)))
    bare.seconds = (clock.now_ns() - start) / NS_PER_S  # type: ignore[attr-defined]
    bare.parts = (product / NS_PER_S, sort / NS_PER_S)  # type: ignore[attr-defined]
    return found


def measured(what: str, folder: Path, asked: argparse.Namespace, answer: Path) -> None:
    """Run one part and write its seconds, its peak of own memory and its answer."""
    clock, peak, stop = MonotonicClock(), [0], threading.Event()

    def watch() -> None:
        while not stop.wait(0.02):
            peak[0] = max(peak[0], own_bytes())

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    start = clock.now_ns()
    found = {"ours": ours, "bare": bare}[what](folder, asked)
    seconds = (clock.now_ns() - start) / NS_PER_S
    stop.set()
    watcher.join()
    parts = None
    if what == "bare":
        seconds, parts = bare.seconds, bare.parts  # type: ignore[attr-defined]
        ranks = ranks_of(asked)
        rows = []
        for positions, scores in ((p, s) for block in found for p, s in zip(*block, strict=True)):
            rows.append(positions[np.lexsort((-ranks[positions].astype(np.int64), -scores))])
        found = [(row, None) for row in rows]
    np.save(answer.with_suffix(".npy"), np.stack([positions for positions, _ in found]))
    answer.write_text(json.dumps({"seconds": seconds, "peak_rss_anon_bytes": peak[0], "parts": parts}))


def main() -> int:
    """Run the parts, one after the other, and compare."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    number = lambda text: int(text.replace("_", "").replace(",", ""))  # noqa: E731
    for name, default in (("documents", 1_000_000), ("queries", 1000), ("dimension", 384), ("depth", 1000)):
        parser.add_argument(f"--{name}", type=number, default=default)
    parser.add_argument("--dtype", choices=["float32", "float16"], default="float32")
    parser.add_argument("--repeats", type=int, default=3, help="take the fastest of so many (default: 3)")
    parser.add_argument("--folder", type=Path, help="where to put the store (default: a temporary folder)")
    asked = parser.parse_args()
    folder = Path(tempfile.mkdtemp(dir=asked.folder))
    context = multiprocessing.get_context("spawn")
    parts = ["ours", "bare"] if asked.documents <= 2_000_000 else ["ours"]
    results: dict[str, list[Any]] = {part: [] for part in parts}
    try:
        fill(folder / "store", asked)
        for _ in range(asked.repeats):
            for part in parts:
                answer = folder / f"{part}.json"
                process = context.Process(target=measured, args=(part, folder / "store", asked, answer))
                process.start()
                process.join()
                if process.exitcode:
                    return 1
                results[part].append(json.loads(answer.read_text()))
        best = {part: min(runs, key=lambda run: run["seconds"]) for part, runs in results.items()}
        peak = max(run["peak_rss_anon_bytes"] for run in results["ours"])
        print(
            f"{asked.documents:,} x {asked.dimension} {asked.dtype}, {asked.queries:,} queries, depth "
            f"{asked.depth:,}: {best['ours']['seconds']:.2f} s, peak RssAnon {peak / 1e6:.0f} MB"
        )
        if "bare" in best:
            product, sort = best["bare"]["parts"]
            own = max(run["peak_rss_anon_bytes"] for run in results["bare"]) / 1e6
            print(
                f"bare: {best['bare']['seconds']:.2f} s (product {product:.2f} s, sort {sort:.2f} s), "
                f"peak RssAnon {own:.0f} MB"
            )
            answers = [np.load(folder / f"{part}.npy") for part in parts]
            differing = int((answers[0] != answers[1]).any(axis=1).sum())
            ratio = best["ours"]["seconds"] / best["bare"]["seconds"]
            print(f"ratio {ratio:.2f}; queries whose results differ: {differing}")
        return 0
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
