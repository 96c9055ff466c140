"""What is timed, and on which texts."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from harness.config import LoadedConfig, load_config
from harness.datamodel import Run
from harness.plan.speed import session
from harness.plan.speed.subjects import SAMPLE, Subject, material_of, shared_from, timeable
from harness.tasks import task_of
from harness.tasks.base import Outcome
from harness.timing.clock import NS_PER_S
from scripted import VirtualClock

CONFIG = """\
suite: s.yaml
timing: quick
p99_bound: 50ms
models:
  enc: {bi_encoder: ./enc}
  rank: {cross_encoder: ./rank}
pipelines:
  old: {run: old.trec}
  bm25: {retrieve: bm25, depth: 3}
  two: {retrieve: enc, rerank: rank, depth: [2, 3]}
  cross: {rerank: rank, candidates: bm25, depth: 3}
"""


@pytest.fixture
def config(tmp_path: Path) -> LoadedConfig:
    (tmp_path / "d.tsv").write_text("".join(f"d{i}\ttext {i}\n" for i in range(5)))
    (tmp_path / "q.tsv").write_text("q0\tone\nq1\ttwo two\n")
    (tmp_path / "r.txt").write_text("q0 0 d0 1\nq1 0 d1 1\n")
    (tmp_path / "old.trec").write_text("q0 Q0 d0 1 1.0 old\n")
    (tmp_path / "s.yaml").write_text(
        "task: retrieval\nversion: 1\ndataset: {docs: d.tsv, queries: q.tsv, qrels: r.txt}\nmeasures: [ndcg@10]\nprimary: ndcg@10\n"
    )
    (tmp_path / "c.yaml").write_text(CONFIG)
    return load_config(tmp_path / "c.yaml")


def test_a_sweep_is_timed_at_each_depth_and_a_run_file_never(config: LoadedConfig) -> None:
    assert timeable(config) == (
        Subject("bm25", ()),
        Subject("two@2", ("document", "pair"), neural=True, reranks=True),
        Subject("two@3", (), neural=True, reranks=True),
        Subject("cross", (), neural=True, reranks=True),
    )


def test_a_model_shared_names_where_it_was_measured(config: LoadedConfig) -> None:
    assert shared_from(config) == {
        "two@3": {"document": "two@2", "pair": "two@2"},
        "cross": {"pair": "two@2"},
    }


def test_the_texts_are_the_suites_own(config: LoadedConfig) -> None:
    run = Run.from_positions(
        ["q0", "q1"], np.asarray([2, 1]), np.asarray([0, 3, 1]), np.asarray([2.0, 1.0, 1.0]), ids()
    )
    data = task_of(config.suite).load(config)
    pipelines = {subject.name: {"run": f"runs/{subject.name}.trec"} for subject in timeable(config)}
    material = material_of(config, data, Outcome(pipelines, {}, {"runs/two@2.trec": run}))
    assert [(request.id, request.texts) for request in material.queries] == [
        ("q0", ("one",)),
        ("q1", ("two two",)),
    ]
    assert sorted(request.texts for request in material.documents) == [(f"text {i}",) for i in range(5)]
    assert {request.kind for request in material.documents} == {"document"}
    assert len(material.documents) <= SAMPLE
    assert sorted(request.texts for request in material.pairs["two@2"]) == [
        ("one", "text 0"),
        ("one", "text 3"),
        ("two two", "text 1"),
    ]


def ids():
    import pyarrow as pa

    return pa.chunked_array([[f"d{i}" for i in range(5)]])


def test_what_has_no_speed_says_why(config: LoadedConfig) -> None:
    (reason,) = session.untimed(config)
    assert reason.startswith("old: the run file old.trec")


def test_a_void_measurement_says_only_why(config: LoadedConfig) -> None:
    profile = session.wanted(config)
    assert profile is not None
    made = session.void(profile, timeable(config), "the clock went backwards")
    assert made.pipelines["bm25"]["invalid"] == "the clock went backwards"
    assert made.pipelines["bm25"]["latency"] is None
    assert made.warnings == ("timing: the clock went backwards",)


def test_a_bound_and_an_estimate(config: LoadedConfig) -> None:
    bound = session.bound_of(config)
    assert bound is not None
    assert bound.latency_ns == 50_000_000
    assert session.seconds(config) > 30
    assert session.row(config).shared_by == ("bm25", "two@2", "two@3", "cross")


def test_ticks_end_at_the_estimate_however_long_it_takes() -> None:
    from contextlib import contextmanager

    shown: list[int] = []
    said: list[str] = []

    class Kept:
        @contextmanager
        def task(self, what, total, unit):
            yield shown.append

        def note(self, text):
            said.append(text)

    clock = VirtualClock()
    with session.ticking(Kept(), "timing", 10.0, clock) as tick:  # type: ignore[arg-type]
        for _ in range(100):
            clock.advance_ns(NS_PER_S // 2)
            tick()
        assert sum(shown) == 9
    assert sum(shown) == 10
    assert said == [
        "timing: 30 s so far; about 10 s were foreseen",
        "timing: 50 s so far; about 10 s were foreseen",
    ]
