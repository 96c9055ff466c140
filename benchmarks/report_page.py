"""How large and how quick is a page of 10 pipelines x 6,980 queries? Run: python benchmarks/report_page.py

Drawn runs (100 results a query) over made-up passages of 60 words are scored as any others are; the page is then
written and, where Chromium and playwright are there, opened.
"""

from __future__ import annotations

import argparse
import shutil
import tempfile
import time
from pathlib import Path

import numpy as np

import harness
from harness.report.view import view_of
from harness.report.writers.html import page
from harness.results import bundle as bundles
from harness.results import writing
from harness.results.tables import DOCUMENTS

N_DOCUMENTS, JUDGED = 200_000, 20


def make(folder: Path, pipelines: int, queries: int, depth: int) -> Path:
    """Write a bundle of drawn runs, with the texts of all first results."""
    random = np.random.default_rng(0)
    judged = random.integers(0, N_DOCUMENTS, (queries, JUDGED))
    grades = np.maximum(0, random.integers(-2, 4, (queries, JUDGED)))
    (folder / "queries.tsv").write_text(
        "".join(f"{q}\twhat is the {q}th made-up question about\n" for q in range(queries))
    )
    with (folder / "qrels.txt").open("w") as file:
        for q in range(queries):
            for d, g in dict(zip(judged[q].tolist(), grades[q].tolist(), strict=True)).items():
                file.write(f"{q} 0 d{d} {g}\n")
    (folder / "suite.yaml").write_text(
        "task: retrieval\nversion: 1\ndataset: {queries: queries.tsv, qrels: qrels.txt}\n"
        "measures: [ndcg@10, mrr@10, recall@100, map@100]\nprimary: ndcg@10\n"
    )
    for p in range(pipelines):
        with (folder / f"pipeline-{p}.trec").open("w") as file:
            for q in range(queries):
                found = random.integers(0, N_DOCUMENTS, depth)
                known = judged[q][random.random(JUDGED) < 0.3 + 0.05 * p]
                places = random.permutation(min(2 * JUDGED, depth))[: len(known)]
                found[places] = known
                for rank, d in enumerate(dict.fromkeys(found.tolist())):
                    file.write(f"{q} Q0 d{d} {rank + 1} {depth - rank} t\n")
    runs = [folder / f"pipeline-{p}.trec" for p in range(pipelines)]
    made = harness.score(folder / "suite.yaml", *runs, out=folder / "bundle")
    words = np.asarray([f"word{i}" for i in range(5000)])
    texts = [" ".join(row) for row in words[random.integers(0, 5000, (N_DOCUMENTS, 60))]]
    writing.write_table(
        made.path, DOCUMENTS, {"doc_id": [f"d{d}" for d in range(N_DOCUMENTS)], "text": texts}
    )
    return made.path


def opened(file: Path) -> str:
    """Seconds until the page is loaded, and until the per-query view works."""
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        return "no playwright: not opened"
    place = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if place is None:
        return "no chromium: not opened"
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=place, args=["--no-sandbox"])
        tab = browser.new_page()
        start = time.perf_counter()
        tab.goto(file.as_uri(), wait_until="load")
        loaded = time.perf_counter() - start
        tab.wait_for_selector("html[data-ready=yes]")
        ready = time.perf_counter() - start
        start = time.perf_counter()
        tab.fill("#filter", "777")
        tab.wait_for_function("document.querySelectorAll('#list tbody tr').length > 0")
        filtered = time.perf_counter() - start
        browser.close()
    return f"loaded {loaded:.2f} s, usable {ready:.2f} s, filtered {filtered:.2f} s"


def main() -> None:
    """Make, write, open."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pipelines", type=int, default=10)
    parser.add_argument("--queries", type=int, default=6980)
    parser.add_argument("--depth", type=int, default=100)
    parser.add_argument("--keep", type=Path, help="make the bundle here, and leave it")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = given.keep or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / "bundle"
        if not (path / "result.json").is_file():
            start = time.perf_counter()
            make(folder, given.pipelines, given.queries, given.depth)
            print(f"bundle made in {time.perf_counter() - start:.1f} s")
        start = time.perf_counter()
        view = view_of(bundles.read(path))
        built = time.perf_counter() - start
        text = page(view)
        whole = time.perf_counter() - start
        file = folder / "report.html"
        file.write_text(text, encoding="utf-8")
        part = view.per_query
        shown = 0 if part is None else len(part.details)
        print(
            f"{given.pipelines} pipelines x {given.queries:,} queries: view {built:.1f} s, page {whole:.1f} s, "
            f"{len(text.encode()) / 1e6:.2f} MB; results shown for {shown:,} queries"
        )
        print(opened(file))


if __name__ == "__main__":
    main()
