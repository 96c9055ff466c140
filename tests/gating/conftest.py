"""Bundles to judge: scored by the project's own scorer from drawn runs, with timings and arms put in by
hand.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import harness
from harness import stats, values
from harness.results import bundle as bundles
from harness.results import writing
from harness.results.bundle import Bundle
from harness.results.tables import PAIR_SCORES, PAIRS, SAMPLES
from harness.timing import figures, record

N_QUERIES, N_DOCUMENTS, DEPTH = 40, 60, 20
Edit = Callable[[dict[str, Any]], None]
WORDS = ("what is", "how does", "who", "where", "is", "rivers of")


def _grades() -> dict[str, dict[str, int]]:
    random = np.random.default_rng(3)
    return {
        f"q{q}": {
            f"d{d}": int(max(0, random.integers(-4, 4)))
            for d in random.permutation(N_DOCUMENTS)[: 20 + q % 3 * 10]
        }
        for q in range(N_QUERIES)
    }


def _write_run(path: Path, noise: float, seed: int, skip: str = "") -> dict[str, list[str]]:
    """Rank documents by grade plus noise; the more noise, the worse."""
    random = np.random.default_rng(seed)
    lines, ranked = [], {}
    for query, grades in _grades().items():
        scores = {
            f"d{d}": round(grades.get(f"d{d}", 0) + noise * random.normal(), 3) for d in range(N_DOCUMENTS)
        }
        if query == skip:
            continue
        ranked[query] = sorted(scores, key=lambda d: (scores[d], d), reverse=True)[:40]
        lines += [f"{query} Q0 {d} {i + 1} {scores[d]!r} t" for i, d in enumerate(ranked[query])]
    path.write_text("\n".join(lines) + "\n")
    return ranked


def _rerank(first: dict[str, list[str]], path: Path) -> None:
    random = np.random.default_rng(11)
    lines = []
    for query, documents in first.items():
        scores = {d: _grades()[query].get(d, 0) + 0.8 * random.normal() for d in documents[:DEPTH]}
        lines += [f"{query} Q0 {d} 1 {score!r} t" for d, score in scores.items()]
    path.write_text("\n".join(lines) + "\n")


@pytest.fixture(scope="session")
def scored(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Six pipelines: good, near (as good), bad (one query unanswered), first, two (first, reranked),
    baseline:good.
    """
    folder = tmp_path_factory.mktemp("scored")
    texts = [f"{WORDS[q % len(WORDS)]} {'very ' * (q % 8)}thing {q}" for q in range(N_QUERIES)]
    (folder / "queries.tsv").write_text("".join(f"q{q}\t{text}\n" for q, text in enumerate(texts)))
    (folder / "qrels.txt").write_text(
        "".join(f"{q} 0 {d} {g}\n" for q, grades in _grades().items() for d, g in grades.items())
    )
    (folder / "suite.yaml").write_text(
        "task: retrieval\nversion: 1\ndataset: {queries: queries.tsv, qrels: qrels.txt}\n"
        "measures: [ndcg@10, mrr@10-l2, recall@20, map]\nprimary: ndcg@10\n"
    )
    _write_run(folder / "good.trec", 1.0, 1)
    _write_run(folder / "near.trec", 1.0, 2)
    _write_run(folder / "bad.trec", 4.0, 3, skip="q7")
    first = _write_run(folder / "first.trec", 3.0, 4)
    _rerank(first, folder / "two.trec")
    _write_run(folder / "baseline:good.trec", 1.0, 1)
    runs = [folder / f"{name}.trec" for name in ("good", "near", "bad", "first", "two", "baseline:good")]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            values, "_KEPT", {}
        )  # nobody may give a pipeline an arm's name; here a bundle of two is made up
        made = harness.score(folder / "suite.yaml", *runs, out=folder / "bundle")

    def two_stages(result: dict[str, Any]) -> None:
        source = {"source": "first", "depth": DEPTH, "run": "runs/first-stage/first.trec"}
        stages = {"retrieve": "first", "rerank": "ranker", "depth": DEPTH}
        result["pipelines"]["two"] |= {"kind": "two-stage", "stages": stages, "first_stage": source}

    return rewritten(
        made.path, folder / "whole", two_stages, {"runs/first.trec": "runs/first-stage/first.trec"}
    )


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
def edited(scored: Path, tmp_path: Path) -> Callable[..., Path]:
    """Return a function that copies the bundle with its result changed."""

    def edit(change: Edit, name: str = "edited", only: tuple[str, ...] = ()) -> Path:
        def both(result: dict[str, Any]) -> None:
            if only:
                result["pipelines"] = {k: v for k, v in result["pipelines"].items() if k in only}
                result["compare"] = [pair for pair in result["compare"] if set(pair) <= set(only)]
            change(result)

        return rewritten(scored, tmp_path / name, both)

    return edit


@pytest.fixture
def plain(edited: Callable[..., Path]) -> Path:
    """The bundle without a baseline's arm."""
    return edited(lambda result: None, "plain", ("good", "near", "bad", "first", "two"))


def _figure(value: float | None, n: int, interval: stats.Interval | None) -> dict[str, Any]:
    return {"value": value, "n": n, "interval": None if interval is None else vars(interval).copy()}


@pytest.fixture
def timed(scored: Path, tmp_path: Path) -> Callable[..., Path]:
    """Return a function that writes the bundle with timings: each pipeline's mean latency in ms, and 12
    shared blocks.
    """

    def make(latencies: dict[str, float], *, noisy: bool = False, name: str = "timed") -> Path:
        target = tmp_path / name
        shutil.copytree(scored, target)
        random = np.random.default_rng(5)
        places = [(s, b) for s in range(3) for b in range(4)]
        partner = "baseline:good" if "baseline:good" in latencies else next(iter(latencies))
        copy = figures.copy_name(partner)
        values: dict[str, dict[tuple[int, int], np.ndarray[Any, Any]]] = {}
        records: dict[str, dict[str, record.Series]] = {}
        for pipeline, latency in {**latencies, copy: latencies[partner] * (1.5 if noisy else 1.0)}.items():
            every = {place: latency * np.exp(0.02 * random.normal(size=30)) for place in places}
            sets, blocks = np.repeat(places, 30, axis=0).T
            records[pipeline] = {
                "latency": record.Series(
                    "ms", sets, blocks, np.full(len(sets), "q0"), np.concatenate(list(every.values()))
                ),
                "memory.peak_rss": record.series("bytes", [latency * 2**20] * 3, sets=[0, 1, 2]),
                "index.build": record.series("s", [36.0]),
                "offline.queries.seconds": record.series("s", [1.0] * 5),
                "offline.queries.items": record.series("1", [1000.0 / latency] * 5),
                "offline.queries.pairs": record.series("1", [0.0] * 5),
                "offline.queries.tokens": record.series("1", [0.0] * 5),
                "offline.queries.padded_tokens": record.series("1", [0.0] * 5),
            }
            values[pipeline] = every
        records[copy] = {"latency": records[copy]["latency"]}
        del values[copy]
        writing.write_table(target, SAMPLES, record.table_columns(records))
        result = json.loads((target / "result.json").read_text())
        for pipeline in latencies:
            every = records[pipeline]["latency"].value
            percentiles = {
                key: _figure(
                    stats.percentile(every, p),
                    len(every),
                    stats.quantile_interval(every, p) if len(every) >= stats.smallest_count(p) else None,
                )
                for key, p in (("p50", 0.5), ("p90", 0.9), ("p95", 0.95))
            }
            result["pipelines"][pipeline]["timing"] = {
                "invalid": None,
                "latency": {"mean": _figure(float(every.mean()), len(every), None), **percentiles},
                "index": {"build_s": _figure(36.0, 1, None)},
                "throughput": {"queries_per_s": _figure(1000.0 / latencies[pipeline], 5, None)},
                "memory": figures.memory(records[pipeline]),
                "counters": {"forward_passes": 10, "tokens": 500},
            }
        if {"good", "baseline:good"} <= set(latencies):
            logs = stats.block_log_ratios(
                [values["good"][p] for p in places], [values["baseline:good"][p] for p in places]
            )
            estimate = stats.estimate_ratio(logs)
            arm = {
                "latency": {
                    "ratio": _figure(estimate.ratio, 12, estimate.interval),
                    "log_ratios": logs.tolist(),
                    "verdict": "invalid" if noisy else "pass",
                    "reason": "too noisy" if noisy else "",
                },
                "memory": {
                    "ratio": figures.series_ratio(
                        records["good"], records["baseline:good"], "memory.peak_rss"
                    )
                },
            }
            result["against"] = {"config": {}, "python": "", "blocks": 12, "pipelines": {"good": arm}}
        result["timing"] = {
            "profile": "ci",
            "sets": 3,
            "blocks": 12,
            "control": {
                "pipeline": partner,
                **figures.control(figures.control_logs(records, partner)),
            },
            "notes": [],
        }
        writing.write_result(target, {k: v for k, v in result.items() if k not in ("files", "digest")})
        return target

    return make


@pytest.fixture
def sts(scored: Path, tmp_path: Path) -> Callable[..., Path]:
    """Return a function that writes an STS bundle; each pipeline is gold plus so much noise (None: one
    score).
    """

    def make(noise: dict[str, float | None], n: int = 120, name: str = "sts") -> Path:
        target = tmp_path / name
        target.mkdir()
        random = np.random.default_rng(9)
        gold = random.integers(0, 11, n) / 2.0
        ids = [f"p{i}" for i in range(n)]
        rows = {
            label: np.full(n, 0.5)
            if level is None
            else gold + level * np.random.default_rng(i).normal(size=n)
            for i, (label, level) in enumerate(noise.items())
        }
        parts: dict[str, Any] = {}
        for label, row in rows.items():
            figures: dict[str, Any] = {}
            for kind in ("spearman", "pearson"):
                if np.ptp(row) == 0:
                    figures[kind] = _figure(0.0, n, None)
                else:
                    figures[kind] = _figure(
                        stats.correlation(row, gold, kind), n, stats.bootstrap_correlation(row, gold, kind)
                    )
            parts[label] = {
                "kind": "score",
                "stages": {"score": label},
                "measures": figures,
                "unanswered": 0,
                "timing": None,
            }
        texts = [f"a sentence {i}" for i in range(n)]
        writing.write_table(target, PAIRS, {"pair_id": ids, "first": texts, "second": texts, "gold": gold})
        writing.write_table(
            target,
            PAIR_SCORES,
            {
                "pipeline": [k for k in rows for _ in ids],
                "pair_id": ids * len(rows),
                "score": np.concatenate(list(rows.values())),
            },
        )
        base = json.loads((scored / "result.json").read_text())
        names = list(rows)
        suite = {"name": "sts", "version": 1, "task": "sts", "digest": ""}
        manifest = {**base["manifest"], "data_sha256": {"pairs": f"{n}"}}
        result = {
            "schema": base["schema"],
            "task": "sts",
            "suite": suite,
            "config": {"name": "sts", "seed": 0},
            "config_digest": "",
            "primary": "spearman",
            "measures": ["spearman", "pearson"],
            "compare": [[k, names[0]] for k in names[1:]],
            "counts": {"pairs": n},
            "notes": [],
            "warnings": [],
            "pipelines": parts,
            "models": {},
            "work": {},
            "result_key": "",
            "perf_key": "",
            "manifest": manifest,
        }
        writing.write_result(target, result)
        return target

    return make


@pytest.fixture
def policy(tmp_path: Path) -> Callable[[str], Path]:
    """Write a policy file."""

    def write(text: str, name: str = "policy.yaml") -> Path:
        path = tmp_path / name
        path.write_text(text)
        return path

    return write


@pytest.fixture
def read() -> Callable[[Path], Bundle]:
    """Read a bundle."""
    return bundles.read
