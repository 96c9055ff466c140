"""The quickstart and the oracles on machines that are not ours: instruction sets off, one thread, held to the clock.

Run in an environment that has the package with the extra `demo`. Everything is compared with the same command on the
machine as it is; a job that ends over twice the time that the README states for 2 idle AVX2 cores fails.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
AVX2 = {"ATEN_CPU_CAPABILITY": "avx2", "ONEDNN_MAX_CPU_ISA": "AVX2"}
ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1")
SAME = 2e-4
#: The spread of the ranked pipelines' ndcg@10 between seeds of the recipe, on the suite's test questions.
SEEDS = 0.04
FIRST_MINUTE_S, WHOLE_S, SECOND_S = 60, 300, 10

FIRST_MINUTE = """suite: quickstart
models:
  minilm: {bi_encoder: sentence-transformers/all-MiniLM-L6-v2}
pipelines:
  bm25: {retrieve: bm25, depth: 100}
  bi-encoder: {retrieve: minilm, depth: 100}
"""
VASWANI = """task: retrieval
version: 1
dataset: {docs: vaswani/docs.tsv, queries: vaswani/queries.tsv, qrels: vaswani/qrels.txt}
measures: [ndcg@10, mrr@10, recall@100, map@100]
primary: ndcg@10
"""
STSB = """task: sts
version: 1
dataset: {pairs: sts/stsb/test.csv, columns: [sentence1, sentence2, score], header: false, scale: [0, 5]}
measures: [spearman, pearson]
primary: spearman
"""


def figures(
    config: str, folder: Path, settings: dict[str, str], store: str
) -> tuple[dict[str, float], float]:
    """Run a config in a process with some variables set; return its figures, and the seconds that the command took."""
    out = folder / f"{Path(config).stem}-{len(list(folder.iterdir()))}"
    environment = {**os.environ, **settings, "HARNESS_STORE": str(folder / store)}
    began = time.monotonic()
    command = [sys.executable, "-m", "harness", "run", config, "--offline", "--out", str(out)]
    subprocess.run(command, env=environment, check=True, cwd=ROOT)
    took = time.monotonic() - began
    result = json.loads((out / "result.json").read_text(encoding="utf-8"))
    found = {
        f"{name} {measure}": figure["value"]
        for name, part in result["pipelines"].items()
        for measure, figure in part["measures"].items()
    }
    return found, took


def held(what: str, limit: float, took: float) -> list[str]:
    """Say how long a job took, and whether that is over twice what is stated."""
    print(f"{what}: {took:.1f} s (stated: {limit} s)", flush=True)
    return [f"{what} took {took:.0f} s, over twice the {limit} s that are stated"] if took > 2 * limit else []


def differing(what: str, here: dict[str, float], there: dict[str, float], bound: float) -> list[str]:
    """Compare figures of two machines."""
    if here.keys() != there.keys():
        return [f"{what}: other figures on the two machines: {sorted(here.keys() ^ there.keys())}"]
    worst = max(here, key=lambda key: abs(here[key] - there[key]))
    print(
        f"{what}: {len(here)} figures, at most {abs(here[worst] - there[worst]):.2e} apart ({worst})",
        flush=True,
    )
    return [
        f"{what}: {key} is {here[key]:.5f} here and {there[key]:.5f} there"
        for key in here
        if abs(here[key] - there[key]) > bound
    ]


def main() -> int:
    """Run all jobs; print every fault at the end."""
    faults: list[str] = []
    with tempfile.TemporaryDirectory(prefix="harness-machines-") as name:
        folder = Path(name)
        (folder / "minute.yaml").write_text(FIRST_MINUTE, encoding="utf-8")
        jobs = {"first minute": str(folder / "minute.yaml")}
        if data := os.environ.get("HARNESS_TEST_DATA"):
            for suite, text, pipelines in (
                ("vaswani", VASWANI, "bi: {retrieve: m, depth: 1000}"),
                ("stsb", STSB, "bi: {score: m}"),
            ):
                given = text.replace(": vaswani/", f": {data}/vaswani/").replace(
                    " vaswani/", f" {data}/vaswani/"
                )
                (folder / f"{suite}-suite.yaml").write_text(
                    given.replace("pairs: sts/", f"pairs: {data}/sts/"), encoding="utf-8"
                )
                (folder / f"{suite}.yaml").write_text(
                    f"suite: ./{suite}-suite.yaml\nmodels:\n"
                    "  m: {bi_encoder: sentence-transformers/all-MiniLM-L6-v2}\n"
                    f"pipelines:\n  {pipelines}\n",
                    encoding="utf-8",
                )
                jobs[suite] = str(folder / f"{suite}.yaml")
        for job, config in jobs.items():
            here, _ = figures(config, folder, {}, "here")
            there, _ = figures(config, folder, {**AVX2, **ONE_THREAD}, "one-thread")
            faults += differing(f"{job}, AVX2 and one thread", here, there, SAME)
        here, _ = figures("quickstart", folder, {}, "here")
        _, minute = figures(jobs["first minute"], folder, AVX2, "avx2")
        faults += held("first figures, AVX2", FIRST_MINUTE_S, minute)
        there, rest = figures("quickstart", folder, AVX2, "avx2")
        faults += held("whole quickstart, AVX2", WHOLE_S, minute + rest)
        again, second = figures("quickstart", folder, AVX2, "avx2")
        faults += held("second run, AVX2", SECOND_S, second)
        faults += differing("second run, AVX2", there, again, 0.0)
        plain = {key for key in here if key.startswith(("bm25", "bi-encoder"))}
        faults += differing(
            "quickstart, AVX2", {k: here[k] for k in plain}, {k: there[k] for k in plain}, SAME
        )
        ranked = {key for key in here if "ndcg@10" in key} - plain
        faults += differing(
            "its trained ranker", {k: here[k] for k in ranked}, {k: there[k] for k in ranked}, SEEDS
        )
    for fault in faults:
        print(f"FAULT: {fault}", flush=True)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
