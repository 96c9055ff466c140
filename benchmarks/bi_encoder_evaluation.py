"""One bi-encoder evaluation against sentence-transformers' own evaluator, on the same texts, alternately.

    python benchmarks/bi_encoder_evaluation.py DOCS.tsv QUERIES.tsv QRELS.txt [--documents N] [--rounds N]

Both load nothing in the timed part but encode queries and documents, search exactly, and compute ndcg@10, mrr@10,
recall@100 and map@100. Prints each round, the ratio ours / theirs per round, and both systems' figures.
"""

from __future__ import annotations

import argparse
import statistics
from pathlib import Path
from typing import Any

from harness.datasets import trec
from harness.datasets.local import FileCorpus, read_queries
from harness.measures.registry import parse
from harness.measures.retrieval import evaluate
from harness.models import folders
from harness.models.sentence import LoadSettings, SentenceBiEncoder
from harness.pipelines import Collection, VectorRetriever
from harness.timing.clock import MonotonicClock

MEASURES = ("ndcg@10", "mrr@10", "recall@100", "map@100")


def main() -> None:
    """Measure."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    for name in ("docs", "queries", "qrels"):
        parser.add_argument(name, type=Path)
    parser.add_argument("--documents", type=int, default=0, help="only the first N documents (default: all)")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--model", default="sentence-transformers/all-MiniLM-L6-v2")
    given = parser.parse_args()

    corpus = FileCorpus(given.docs)
    ids, texts = corpus.contents.ids.to_pylist(), list(corpus.texts())
    if given.documents:
        from harness.datamodel import Document
        from harness.datasets.corpus import MemoryCorpus

        ids, texts = ids[: given.documents], texts[: given.documents]
        used: Any = MemoryCorpus(Document(i, t) for i, t in zip(ids, texts, strict=True))
    else:
        used = corpus
    queries = read_queries(given.queries)
    qrels = trec.read_qrels(given.qrels).select([query.id for query in queries])
    model = SentenceBiEncoder(
        folders.find(given.model, Path.cwd()), LoadSettings(device="cpu", batch_size=16)
    )
    theirs = _their_evaluator(queries, dict(zip(ids, texts, strict=True)), given.qrels)
    clock = MonotonicClock()
    ratios = []
    ours_figures: dict[str, float] = {}
    their_figures: dict[str, float] = {}
    for i in range(given.rounds):
        seconds = {}
        for who in ("ours", "theirs") if i % 2 == 0 else ("theirs", "ours"):
            start = clock.now_ns()
            if who == "ours":
                run = VectorRetriever(model, "model", Collection(used)).retrieve(queries, 1000)
                means = evaluate(run, qrels, [parse(m) for m in MEASURES]).values.mean(axis=0)
                ours_figures = dict(zip(MEASURES, means.tolist(), strict=True))
            else:
                their_figures = theirs(model.model)
            seconds[who] = (clock.now_ns() - start) / 1e9
        ratios.append(seconds["ours"] / seconds["theirs"])
        print(
            f"round {i + 1}: ours {seconds['ours']:.1f} s, theirs {seconds['theirs']:.1f} s, ratio {ratios[-1]:.3f}",
            flush=True,
        )
    print(
        f"ratio ours / theirs: median {statistics.median(ratios):.3f}, from {min(ratios):.3f} to {max(ratios):.3f}, n = {len(ratios)}"
    )
    print("ours  ", {k: round(v, 5) for k, v in ours_figures.items()})
    print("theirs", {k: round(float(v), 5) for k, v in their_figures.items() if k.startswith("cosine")})


def _their_evaluator(queries: Any, documents: dict[str, str], qrels: Path) -> Any:
    from sentence_transformers.sentence_transformer.evaluation import InformationRetrievalEvaluator

    relevant: dict[str, set[str]] = {}
    for line in qrels.read_text().splitlines():
        query, _, document, grade = line.split()
        if int(grade) > 0:
            relevant.setdefault(query, set()).add(document)
    return InformationRetrievalEvaluator(
        {query.id: query.text for query in queries}, documents, relevant,
        ndcg_at_k=[10], mrr_at_k=[10], precision_recall_at_k=[100], map_at_k=[100], accuracy_at_k=[10],
        batch_size=32, write_csv=False, show_progress_bar=False,
    )  # fmt: skip


if __name__ == "__main__":
    main()
