"""Make a run and judgments of MS MARCO's size and form, for measuring how fast runs are scored.

Usage: python benchmarks/make_run.py DIR [--queries 6980] [--depth 1000] [--runs 1] [--seed 0]

Queries and passages have ids as those of MS MARCO's small development set (7 digits; passages up to 8,841,823). A query
has 1 relevant passage, 1.07 on average; a run finds it at a rank that is drawn, or not at all. Scores fall with the rank,
in the digits of single precision, with ties. Everything is drawn from the seed: the same call writes the same bytes.
Writes qrels.txt, and run.trec, or run-1.trec, run-2.trec ... .
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np

PASSAGES = 8_841_823
FOUND = 0.95


def main() -> None:
    """Write the files."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("--queries", type=int, default=6_980)
    parser.add_argument("--depth", type=int, default=1_000)
    parser.add_argument("--runs", type=int, default=1)
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    given.folder.mkdir(parents=True, exist_ok=True)
    generator = np.random.default_rng(given.seed)
    queries = np.sort(generator.choice(1_100_000, given.queries, replace=False))
    relevant = [
        generator.choice(PASSAGES, int(n), replace=False) for n in 1 + generator.poisson(0.07, given.queries)
    ]
    with (given.folder / "qrels.txt").open("w", encoding="ascii", newline="\n") as file:
        for query, passages in zip(queries, relevant, strict=True):
            file.writelines(f"{query} 0 {passage} 1\n" for passage in passages)
    for number in range(1, given.runs + 1):
        name = "run.trec" if given.runs == 1 else f"run-{number}.trec"
        _write_run(
            given.folder / name, queries, relevant, given.depth, np.random.default_rng([given.seed, number])
        )


def _write_run(
    path: Path, queries: np.ndarray, relevant: list[np.ndarray], depth: int, generator: np.random.Generator
) -> None:
    with path.open("w", encoding="ascii", newline="\n") as file:
        for query, wanted in zip(queries, relevant, strict=True):
            passages = generator.choice(PASSAGES, depth, replace=False)
            passages = passages[~np.isin(passages, wanted)]
            for passage in wanted:
                rank = int(generator.pareto(0.5) * 2)  # many at the top, and a long tail
                if generator.random() < FOUND and rank < len(passages):
                    passages[rank] = passage
            _, first = np.unique(passages, return_index=True)
            passages = passages[np.sort(first)]
            scores = np.sort(generator.normal(70, 4, len(passages)))[::-1].round(4)  # rounded: some are tied
            file.writelines(
                f"{query} Q0 {passage} {rank} {score:.6f} synthetic\n"
                for rank, (passage, score) in enumerate(zip(passages, scores, strict=True), start=1)
            )


if __name__ == "__main__":
    main()
