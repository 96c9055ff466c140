"""A world in which every text, id and name would do harm, and a way to run verbs in it as any terminal would."""

from __future__ import annotations

import io
import json
import os
import shutil
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from harness.cli import main

#: Where foreign text is free: it may hold white space and line breaks.
TEXTS = (
    "a line\n::error title=x::owned",
    "a return\r::warning::owned",
    "::stop-commands::owned",
    "##[error]owned",
    "\x1b[31mred\x1b]0;owned\x07",
    "a bell \x07, a backspace \x08, a C1 code \x9b31m",
    "next line\x85::error::owned and\u2028::error::owned",
    "turned \u202egnp.exe\u202c and \u2066isolated\u2069",
    "=HYPERLINK(owned)",
    "@SUM(1+1)",
    "\t=1+1",
    "[red]markup[/red] and Zürich, 東京, ✓",
)
#: Ids hold no white space.
IDS = (
    "::error::a",
    "##[error]b",
    "\x9b31mc",
    "\u202ed",
    "=1+1",
    "-2",
    "@e",
    "+f",
    "\u2066g",
    "[red]h",
    "Zürich",
    "東京",
)
#: Pipelines and models are named by a config, which may hold no control character.
NAMES = ("::error::p", "=1+1", "[red]p", "##[error]p", "größe")


@dataclass(frozen=True)
class Said:
    """What one command did: its exit code, and the bytes on its streams."""

    code: int
    out: bytes
    err: bytes


@pytest.fixture
def say(monkeypatch: pytest.MonkeyPatch) -> Callable[[Sequence[object], str], Said]:
    """Run one command in this process, its streams of a given encoding."""

    def run(arguments: Sequence[object], encoding: str) -> Said:
        streams = io.BytesIO(), io.BytesIO()
        for name, raw in zip(("stdout", "stderr"), streams, strict=True):
            monkeypatch.setattr(sys, name, io.TextIOWrapper(raw, encoding=encoding, newline="\n"))
        code = main([str(argument) for argument in arguments])
        return Said(code, *(raw.getvalue() for raw in streams))

    return run


@dataclass(frozen=True)
class World:
    """Where the files lie: ``folder`` holds what is written below, ``bundle`` is what a run made of it."""

    folder: Path
    bundle: Path


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory, tiny_bi_encoder: Path, tiny_cross_encoder: Path) -> World:
    """Documents, queries, configs, a policy, recipes and claims that say the worst, and a bundle of them."""
    folder = tmp_path_factory.mktemp("world")
    _write_collection(folder)
    models = f"  '::error::m': {{bi_encoder: {tiny_bi_encoder}}}\n  cross: {{cross_encoder: {tiny_cross_encoder}}}\n"
    forms = (
        "{retrieve: bm25, depth: 8}",
        "{retrieve: '::error::m', depth: 8}",
        "{retrieve: '::error::m', rerank: cross, depth: 4}",
        "{rerank: cross, candidates: bm25, depth: 4}",
        "{retrieve: bm25, depth: 4}",
    )
    pipelines = "".join(f"  '{name}': {form}\n" for name, form in zip(NAMES, forms, strict=True))
    (folder / "config.yaml").write_text(
        f"suite: suite.yaml\ndevice: cpu\nmodels:\n{models}pipelines:\n{pipelines}", encoding="utf-8"
    )
    (folder / "policy.yaml").write_text(
        "quality: {ndcg@10: {rule: floor, min: 0.5}, recall@100: {rule: golden}}\n", encoding="utf-8"
    )
    _write_training(folder, tiny_bi_encoder)
    (folder / "sts.yaml").write_text(
        "task: sts\nversion: 1\ndataset: {pairs: pairs.csv}\nmeasures: [spearman]\nprimary: spearman\n"
    )
    (folder / "all-pairs.yaml").write_text(
        f"suite: sts.yaml\ndevice: cpu\nmodels:\n{models}bi_encoder: '::error::m'\ncross_encoder: cross\n"
        "thresholds: {bi_encoder: 0.9, cross_encoder: 3}\nbudget_s: 2\nrepeats: 2\ntolerance: 0.99\n"
        'published: {n: 10000, bi_encoder_s: 5, cross_encoder_s: 234000, source: "x\\n::error::owned"}\n'
    )
    os.environ["HARNESS_STORE"] = str(folder / "store")
    bundle = folder / "b\n::error::owned"
    assert main(["run", str(folder / "config.yaml"), "--offline", "--out", str(bundle)]) == 0
    shutil.copytree(bundle, folder / "second")
    return World(folder, bundle)


def _write_collection(folder: Path) -> None:
    documents = [
        {"_id": name, "text": f"{text} the old river"} for name, text in zip(IDS, TEXTS, strict=True)
    ]
    queries = [{"_id": name, "text": f"{text} river"} for name, text in zip(IDS, TEXTS, strict=True)]
    for name, rows in (("docs", documents), ("queries", queries)):
        lines = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
        (folder / f"{name}.jsonl").write_text(lines, encoding="utf-8")
    judged = "".join(
        f"{q} 0 {IDS[(i + j) % len(IDS)]} {j % 3}\n" for i, q in enumerate(IDS) for j in range(4)
    )
    (folder / "qrels.txt").write_text(judged, encoding="utf-8")
    for name in NAMES:
        rows = [f"{q} Q0 {d} 1 {-i} t" for q in IDS for i, d in enumerate(IDS[:6])]
        (folder / f"{name}.trec").write_text("\n".join(rows) + "\n", encoding="utf-8")
    (folder / "suite.yaml").write_text(
        "task: retrieval\nversion: 1\nmeasures: [ndcg@10, recall@100]\nprimary: ndcg@10\n"
        "dataset: {docs: docs.jsonl, queries: queries.jsonl, qrels: qrels.txt}\n"
        "reference:\n  'a paper\\n::error::owned': {ndcg@10: 0.4, source: 'x\\n::error::owned'}\n",
        encoding="utf-8",
    )


def _write_training(folder: Path, base: Path) -> None:
    (folder / "recipe.yaml").write_text(
        f"kind: cross-encoder\nversion: 1\nbase: {base}\ndata: {{embedded: factbook, split: dev}}\n"
        "lessons: [{negatives: random, questions: 12}]\nbatch_size: 6\nlearning_rate: 1.0e-3\nmax_length: 32\n"
        'precision: fp32\ndescription: "x\\n::error::owned"\n',
        encoding="utf-8",
    )
    words = ("river", "bird", "fish", "tree", "stone", "city")
    pairs = [f"the {a} and the {b},the {b},{i % 6}\n" for i, a in enumerate(words) for b in words if a != b]
    (folder / "pairs.csv").write_text("".join(pairs), encoding="utf-8")
    (folder / "ablation.yaml").write_text(
        'version: 1\nsource: "x\\n::error::owned"\nnote: "\\e[31m"\nseeds: [0]\nevaluate: {pairs: pairs.csv}\n'
        f"common: {{base: {base}, batch_size: 8, learning_rate: 1.0e-3, max_length: 32, steps: 1, pooling: mean}}\n"
        "recipes:\n  '::error::r': {objective: {name: regression}, data: {pairs: pairs.csv}}\n"
        "table:\n  - block: '::error::b'\n    rows:\n      - {row: \"\\e[31m\", cells: {'::error::r': {published: 1.0}}}\n",
        encoding="utf-8",
    )
