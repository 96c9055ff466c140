"""Bundles to report: scored by the project's own scorer from drawn runs over hostile texts, with timings put in."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import harness
from harness import stats
from harness.results import bundle as bundles
from harness.results import writing
from harness.results.bundle import Bundle
from harness.results.tables import DOCUMENTS, PAIR_SCORES, PAIRS, SAMPLES, SCORES

N_QUERIES, N_DOCUMENTS, DEPTH = 40, 50, 20
Edit = Callable[[dict[str, Any]], None]

#: Texts that would do harm, or be lost, where a page took them for markup or one script for another.
HOSTILE = (
    "<script>alert(1)</script>",
    "</script><svg onload=alert(2)><text>svg</text></svg>",
    "<img src=x onerror=alert(3)> & &amp; \"quoted\" 'single'",
    "{{ 7 * 7 }} {% raw %} `tick` \\back ${7*7}",
    "ما هي عاصمة الأردن؟",
    "東京の天気はどうですか",
    "👩‍👩‍👧‍👦 🇨🇭 emoji 🦄",
    "]]> <!-- comment --> <!DOCTYPE html>",
)
LONG = "<b>long</b> " + "word " * 2000
#: A pipeline may be called like this: a slash cannot be in the name of its file, nor a backslash.
ODD = "<b>odd<b> & \"q\" 'x' %_$#{}~^"


def _grade(random: np.random.Generator) -> int:
    return int(max(0, random.integers(-3, 4)))


def _write_run(
    path: Path, grades: dict[str, dict[str, int]], noise: float, seed: int
) -> dict[str, list[str]]:
    random = np.random.default_rng(seed)
    lines, ranked = [], {}
    for query, judged in grades.items():
        scores = {f"d{d}": judged.get(f"d{d}", 0) + noise * random.normal() for d in range(N_DOCUMENTS)}
        ranked[query] = sorted(scores, key=lambda d: -scores[d])[:40]
        lines += [f"{query} Q0 {d} {i + 1} {scores[d]!r} t" for i, d in enumerate(ranked[query])]
    path.write_text("\n".join(lines) + "\n")
    return ranked


@pytest.fixture(scope="session")
def scored(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A retrieval bundle of good, bad, first, two@10 and two@20 (first, reranked), and one with an odd name."""
    folder = tmp_path_factory.mktemp("report")
    random = np.random.default_rng(3)
    grades = {
        f"q{q}": {f"d{d}": _grade(random) for d in random.permutation(N_DOCUMENTS)[:25]}
        for q in range(N_QUERIES)
    }
    queries = [HOSTILE[q] if q < len(HOSTILE) else f"what is thing {q}" for q in range(N_QUERIES)]
    documents = [HOSTILE[d] if d < len(HOSTILE) else f"a passage about thing {d}" for d in range(N_DOCUMENTS)]
    documents[len(HOSTILE)] = LONG.strip()
    (folder / "queries.tsv").write_text("".join(f"q{i}\t{text}\n" for i, text in enumerate(queries)))
    (folder / "docs.tsv").write_text("".join(f"d{i}\t{text}\n" for i, text in enumerate(documents)))
    (folder / "qrels.txt").write_text(
        "".join(f"{q} 0 {d} {g}\n" for q, judged in grades.items() for d, g in judged.items())
    )
    (folder / "suite.yaml").write_text(
        "task: retrieval\nversion: 1\nmeasures: [ndcg@10, recall@20, mrr@10-l2]\nprimary: ndcg@10\n"
        "dataset: {docs: docs.tsv, queries: queries.tsv, qrels: qrels.txt}\n"
        "reference:\n  good: {ndcg@10: 0.5, source: a paper}\n  other: {ndcg@10: 0.4, source: another}\n"
    )
    _write_run(folder / "good.trec", grades, 0.8, 1)
    _write_run(folder / "bad.trec", grades, 4.0, 2)
    first = _write_run(folder / "first.trec", grades, 2.0, 3)
    for depth in (10, 20):
        redraw = np.random.default_rng(4)
        lines = [
            f"{q} Q0 {d} 1 {grades[q].get(d, 0) + 0.9 * redraw.normal()!r} t"
            for q, found in first.items()
            for d in found[:depth]
        ]
        (folder / f"two@{depth}.trec").write_text("\n".join(lines) + "\n")
    _write_run(folder / f"{ODD}.trec", grades, 1.5, 5)
    names = ("good", "bad", "first", "two@10", "two@20", ODD)
    made = harness.score(folder / "suite.yaml", *(folder / f"{n}.trec" for n in names), out=folder / "bundle")

    # Scoring runs needs no texts of documents; a run by models keeps them.
    texts = {"doc_id": [f"d{d}" for d in range(N_DOCUMENTS)], "text": documents}
    writing.write_table(made.path, DOCUMENTS, texts)

    def stages(result: dict[str, Any]) -> None:
        for depth in (10, 20):
            source = {"source": "first", "depth": depth, "run": "runs/first-stage/first.trec"}
            part = result["pipelines"][f"two@{depth}"]
            part |= {"kind": "two-stage", "first_stage": source}
            part["stages"] = {"retrieve": "first", "rerank": "ranker", "depth": depth}
        result["pipelines"]["first"] |= {"kind": "bi-encoder", "stages": {"retrieve": "first", "depth": 40}}

    whole = rewritten(
        made.path,
        folder / "whole",
        stages,
        {made.content["pipelines"]["first"]["run"]: "runs/first-stage/first.trec"},
    )
    return whole


def rewritten(source: Path, target: Path, change: Edit, copies: dict[str, str] | None = None) -> Path:
    """Write a bundle again with another result, sealed as a new one is."""
    shutil.copytree(source, target)
    for here, there in (copies or {}).items():
        (target / there).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(target / here, target / there)
    result = json.loads((target / "result.json").read_text())
    change(result)
    writing.write_result(target, {k: v for k, v in result.items() if k not in ("files", "digest")})
    return target


@pytest.fixture
def edited(scored: Path, tmp_path: Path) -> Callable[..., Bundle]:
    """Return a function that copies the bundle, with its result changed and tables removed."""

    def edit(change: Edit = lambda result: None, *, without: tuple[str, ...] = ()) -> Bundle:
        target = tmp_path / "edited"
        shutil.copytree(scored, target)
        for name in without:
            path = target / name
            shutil.rmtree(path) if path.is_dir() else path.unlink()
        result = json.loads((target / "result.json").read_text())
        change(result)
        writing.write_result(target, {k: v for k, v in result.items() if k not in ("files", "digest")})
        return bundles.read(target)

    return edit


def _figure(value: float | None, n: int, interval: stats.Interval | None = None) -> dict[str, Any]:
    return {"value": value, "n": n, "interval": None if interval is None else dict(vars(interval))}


@pytest.fixture(scope="session")
def timed(scored: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The bundle with made-up timings of every pipeline but the odd one: good is slow, bad is fast."""
    target = tmp_path_factory.mktemp("timed") / "timed"
    shutil.copytree(scored, target)
    random = np.random.default_rng(5)
    result = json.loads((target / "result.json").read_text())
    columns: dict[str, list[Any]] = {key: [] for key in SAMPLES.schema.names}
    for name, mean in {"good": 40.0, "bad": 2.0, "first": 8.0, "two@10": 20.0, "two@20": 30.0}.items():
        drawn = mean * np.exp(0.1 * random.normal(size=(12, 40)))
        for block, samples in enumerate(drawn):
            columns["pipeline"] += [name] * 40
            columns["series"] += ["latency"] * 40
            columns["set"] += [block // 4] * 40
            columns["block"] += [block % 4] * 40
            columns["index"] += list(range(40))
            columns["item"] += ["q0"] * 40
            columns["value"] += samples.tolist()
            columns["unit"] += ["ms"] * 40
        for series, value, unit in (
            ("seconds", 1.0, "s"),
            ("items", 1000.0 / mean, "1"),
            *((counter, 0.0, "1") for counter in ("pairs", "tokens", "padded_tokens")),
        ):
            row = (name, f"offline.queries.{series}", 0, 0, 0, "", value, unit)
            for key, cell in zip(columns, row, strict=True):
                columns[key].append(cell)
        every = drawn.ravel()
        percentiles = {
            key: _figure(stats.percentile(every, p), every.size, stats.quantile_interval(every, p))
            for key, p in (("p50", 0.5), ("p90", 0.9), ("p95", 0.95), ("p99", 0.99))
        }
        result["pipelines"][name]["timing"] = {
            "invalid": None,
            "latency": {"mean": _figure(float(every.mean()), 480), **percentiles, "steady": True,
                        "autocorrelation": 0.01, "reached": {"seconds": 10.0, "count": 480}},
            "stages": {"encode": _figure(mean / 2, 480), "search": _figure(mean / 2, 480), "sum_ratio": 1.0},
            "cold": {"start": _figure(900.0, 3), "first_query": _figure(mean * 9, 3)},
            "index": {"build_s": 3.0, "load_s": 0.1},
            "throughput": {"queries_per_s": _figure(1000.0 / mean, 5)},
            "load": [{"rate_per_s": 500.0 / mean, "fraction": 0.5,
                      "p50": _figure(mean, 200, stats.Interval(mean * 0.9, mean * 1.1, 0.95, "batch-means")),
                      "p90": _figure(mean * 2, 200, stats.Interval(mean * 1.8, mean * 2.3, 0.95, "batch-means")),
                      "p99": _figure(None, 200), "n": 200, "dropped": 0, "valid": name != "bad", "reason": "it lagged"}],
            "max_rate": None,
            "memory": {"peak_rss_bytes": 2.0**28, "index_bytes": 2.0**20},
            "counters": {"forward_passes": 40, "tokens": 900},
        }  # fmt: skip
    result["timing"] = {"profile": "ci", "sets": 3, "blocks": 12, "environment": {"threads": 2}, "overhead_ns": 300,
                        "control": {"noisy": False, "reason": ""}, "notes": ["a note on timing"]}  # fmt: skip
    writing.write_table(target, SAMPLES, columns)
    writing.write_result(target, {k: v for k, v in result.items() if k not in ("files", "digest")})
    return target


@pytest.fixture(scope="session")
def sts(scored: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An STS bundle of three pipelines: near gold, far from it, and one that gives every pair the same score."""
    target = tmp_path_factory.mktemp("sts") / "sts"
    target.mkdir()
    n, random = 200, np.random.default_rng(9)
    gold = random.integers(0, 11, n) / 2.0
    scores = {
        "near": gold + random.normal(size=n),
        "far": gold + 5 * random.normal(size=n),
        "flat": np.full(n, 0.5),
    }
    ids = [f"p{i}" for i in range(n)]
    parts: dict[str, Any] = {}
    for name, row in scores.items():
        defined = np.ptp(row) > 0
        figures = {
            kind: _figure(stats.correlation(row, gold, kind), n, stats.bootstrap_correlation(row, gold, kind))
            if defined
            else _figure(0.0, n)
            for kind in ("spearman", "pearson")
        }
        parts[name] = {
            "kind": "score",
            "stages": {"score": name},
            "measures": figures,
            "unanswered": 0,
            "timing": None,
        }
    texts = [HOSTILE[i % len(HOSTILE)] + f" {i}" for i in range(n)]
    writing.write_table(target, PAIRS, {"pair_id": ids, "first": texts, "second": texts[::-1], "gold": gold})
    rows = {
        "pipeline": [k for k in scores for _ in ids],
        "pair_id": ids * 3,
        "score": np.concatenate(list(scores.values())),
    }
    writing.write_table(target, PAIR_SCORES, rows)
    base = json.loads((scored / "result.json").read_text())
    content = {
        **base, "task": "sts", "suite": {"name": "sts", "version": 1, "task": "sts", "digest": ""},
        "primary": "spearman", "measures": ["spearman", "pearson"], "compare": [["far", "near"]],
        "counts": {"pairs": n}, "pipelines": parts, "notes": [], "warnings": [],
    }  # fmt: skip
    writing.write_result(target, {k: v for k, v in content.items() if k not in ("files", "digest")})
    return target


@dataclass(frozen=True)
class Words:
    """What must be shown as it is."""

    hostile: tuple[str, ...] = HOSTILE
    long: str = LONG.strip()
    odd: str = ODD


@pytest.fixture(scope="session")
def words() -> Words:
    """The harmful texts, the long passage, and the odd pipeline's name."""
    return Words()


@pytest.fixture
def read() -> Callable[[Path], Bundle]:
    """Read a bundle."""
    return bundles.read


@pytest.fixture
def aggregates(edited: Callable[..., Bundle]) -> Bundle:
    """The bundle without per-query scores, runs and texts: figures alone."""
    return edited(without=(f"{SCORES.name}.parquet", "runs", "documents.parquet"))
