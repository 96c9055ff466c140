"""Six pipelines in one run against the six run one by one, each with an empty store.

    python benchmarks/shared_work.py --suite SUITE --bi-encoder MODEL --cross-encoder MODEL

The bi-encoder alone, two stages at 10, 20, 50 and 100, and the cross-encoder over BM25's first 100. Says how many
forward passes each took, the share of the wall time, and whether every derived pipeline is what it is alone: scores
within 1e-5, the same order outside near-ties.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from itertools import pairwise
from pathlib import Path
from typing import Any

import yaml

from harness.timing.clock import NS_PER_S, MonotonicClock

NEAR = 1e-5
PIPELINES = {
    "bi": {"retrieve": "bi", "depth": 1000},
    "two-stage": {"retrieve": "bi", "rerank": "ranker", "depth": [10, 20, 50, 100]},
    "cross": {"rerank": "ranker", "candidates": "bm25", "depth": 100},
}


def alone() -> dict[str, dict[str, Any]]:
    """Return every pipeline as a config of its own."""
    single = {name: value for name, value in PIPELINES.items() if name != "two-stage"}
    sweep = {f"two-stage@{depth}": {**PIPELINES["two-stage"], "depth": depth} for depth in (10, 20, 50, 100)}
    return {**single, **sweep}


def run(folder: Path, name: str, asked: argparse.Namespace, pipelines: dict[str, Any]) -> tuple[Path, float]:
    """Run a config with an empty store; return the bundle and the seconds it took, start-up included."""
    used = {
        "bi": {"bi_encoder": asked.bi_encoder},
        "ranker": {"cross_encoder": asked.cross_encoder},
    }
    needed = {
        value for pipeline in pipelines.values() for value in pipeline.values() if isinstance(value, str)
    }
    content = {
        "suite": str(Path(asked.suite).resolve()),
        "device": asked.device,
        "timing": "off",
        "models": {key: value for key, value in used.items() if key in needed},
        "pipelines": pipelines,
    }
    config = folder / f"{name}.yaml"
    config.write_text(yaml.safe_dump(content))
    environment = {**os.environ, "HARNESS_STORE": str(folder / f"store-{name}")}
    clock = MonotonicClock()
    start = clock.now_ns()
    subprocess.run(
        [sys.executable, "-m", "harness", "run", str(config), "--out", str(folder / name)],
        env=environment,
        check=True,
        stdout=subprocess.DEVNULL,
    )
    return folder / name, (clock.now_ns() - start) / NS_PER_S


def results_of(bundle: Path, name: str) -> dict[str, list[tuple[str, float]]]:
    """Return each query's results of a pipeline, best first."""
    found: dict[str, list[tuple[str, float]]] = {}
    for line in (bundle / "runs" / f"{name}.trec").read_text().splitlines():
        query, _, document, _, score, _ = line.split()
        found.setdefault(query, []).append((document, float(score)))
    return found


def differences(
    one: dict[str, list[tuple[str, float]]], two: dict[str, list[tuple[str, float]]]
) -> tuple[float, int]:
    """Return the largest difference of a score, and how many neighbours stand the other way without a
    near-tie."""
    largest, swapped = 0.0, 0
    for query in one.keys() | two.keys():
        first, second = dict(one.get(query, [])), dict(two.get(query, []))
        largest = max([largest, *(abs(first[d] - second[d]) for d in first.keys() & second.keys())])
        for a, b in pairwise(two.get(query, [])):
            if a[0] in first and b[0] in first and first[b[0]] - first[a[0]] > NEAR:
                swapped += 1
        edge = min(second.values(), default=0.0)
        swapped += sum(first[d] - edge > NEAR for d in first.keys() - second.keys())
    return largest, swapped


def main() -> int:
    """Run, compare, print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--suite", required=True)
    parser.add_argument("--bi-encoder", default="sentence-transformers/all-MiniLM-L6-v2")
    parser.add_argument("--cross-encoder", required=True)
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        shared, seconds = run(folder, "shared", asked, PIPELINES)
        work = json.loads((shared / "result.json").read_text())["work"]
        total, rows, passes = 0.0, [], 0
        for name, pipeline in alone().items():
            bundle, took = run(folder, name, asked, {name: pipeline})
            total += took
            passes += sum(
                w["forward_passes"] for w in json.loads((bundle / "result.json").read_text())["work"].values()
            )
            largest, swapped = differences(results_of(shared, name), results_of(bundle, name))
            rows.append(
                {"pipeline": name, "seconds": took, "largest_difference": largest, "swapped": swapped}
            )
        both = sum(w["forward_passes"] for w in work.values())
        result = {
            "shared_seconds": seconds,
            "alone_seconds": total,
            "share": seconds / total,
            "work": work,
            "forward_passes": {"shared": both, "alone": passes},
            "pipelines": rows,
        }
        if asked.json:
            print(json.dumps(result, indent=1))
            return 0
        print(f"together {seconds:.1f} s, one by one {total:.1f} s: {seconds / total:.2f} of the time")
        print(f"forward passes: {both:,} together, {passes:,} one by one; {json.dumps(work)}")
        for row in rows:
            print(
                f"  {row['pipeline']:<14} {row['seconds']:6.1f} s alone   scores differ by "
                f"{row['largest_difference']:.1e} at "
                f"most, {row['swapped']} out of order"
            )
    return 0


if __name__ == "__main__":
    sys.exit(main())
