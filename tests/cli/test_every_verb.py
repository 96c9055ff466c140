"""Every verb, in every encoding, over texts that would do harm: a verb that is added is asked for its own case."""

from __future__ import annotations

import argparse
import csv
import io
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from harness.cli import parser

ENCODINGS = ("utf-8", "ascii", "cp1252")
#: What a terminal obeys instead of showing it.
OBEYED = re.compile(
    "[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff]"
)

#: Verb -> the commands to try, and the codes they may end with. '{x}' is a file of the world, '{bundle}' its bundle,
#: '{out}' a new folder.
CASES: dict[str, tuple[tuple[str, tuple[int, ...]], ...]] = {
    "init": (("init {docs.jsonl} {queries.jsonl} {qrels.txt} {::error::p.trec} --out {out}", (0,)),),
    "run": (("run {config.yaml} --offline --out {out}", (0,)), ("run {config.yaml} --offline --out {bundle} --json", (0,))),
    "plan": (("plan {config.yaml} --no-timing", (0,)), ("plan {config.yaml} --no-timing --json", (0,))),
    "score": (("score {suite.yaml} {::error::p.trec} {größe.trec} --out {out}", (0,)),),
    "import": (("import {text}", (2,)),),
    "try": (("try {config.yaml} {text} --offline", (0,)), ("try {config.yaml} {text} --offline --json", (0,))),
    "compare": (
        ("compare {bundle} --all --slice length --changes 20", (0,)),
        ("compare {bundle} {second}", (0,)),
        ("compare {bundle} --json", (0,)),
    ),
    "parity": (("parity {config.yaml} a b", (2,)),),
    "load": (("load {config.yaml} a", (2,)),),
    "gate": (
        ("gate {bundle} --policy {policy.yaml} --baseline {bundle} --junit {out}", (0, 1, 3)),
        ("gate {bundle} --policy {policy.yaml} --baseline {bundle} --json", (0, 1, 3)),
        ("gate {bundle} --update-baseline --reason {text} --baseline {out}", (0,)),
    ),
    "average": (
        ("average {bundle}", (0,)), ("average {bundle} --json", (0,)), ("average {bundle} --group nano-beir", (4,)),
        ("average {bundle} {bundle}", (2,)), ("average {bundle} --measure nonsense", (2,)), ("average {bundle} --group nonsense", (2,)),
    ),
    "power": (("power {bundle}", (0,)), ("power {bundle} --json", (0,)), ("power {bundle} --margin 0", (2,))),
    "select": (("select {bundle} --min ndcg@10=0.1", (0,)), ("select {bundle} --json", (0,))),
    "show": (
        ("show {bundle} --query ::error::a", (0,)),
        ("show {bundle} --query {id}", (0,)),
        ("show {bundle} --query ::error::a --json", (0,)),
        ("show {bundle} --query {text}", (2,)),
    ),
    "report": (("report {bundle} --out {out}", (0,)), ("report {bundle} {second} --out {out} --json", (0,))),
    "export": (
        ("export {bundle} --to hub --pipeline ::error::p --out {out}", (0,)),
        ("export {bundle} --to mteb --out {out} --json", (0, 2)),
        ("export {bundle} --to hub --pipeline {text} --out {out}", (2,)),
    ),
    "verify": (("verify {bundle}", (0,)), ("verify {bundle} --json", (0,))),
    "train": (("train {recipe.yaml} --offline", (0,)),),
    "ablation": (("ablation {ablation.yaml} --offline --out {out}", (0,)),),
    "all-pairs": (("all-pairs {all-pairs.yaml} --offline --out {out}", (0, 3, 4)),),
    "list": tuple((f"list {what}", (0,)) for what in ("suites", "configs", "models", "measures", "pipelines", "plugins")),
    "completion": (("completion bash", (0, 2)),),
    "help": (("help gate", (0,)),),
    "cache": (("cache ls", (0,)), ("cache prune --max 1TB --json", (0,))),
}  # fmt: skip
#: Seconds of work, so in one encoding only.
SLOW = {"run", "report", "train", "ablation", "all-pairs", "verify"}


def _verbs() -> dict[str, argparse.ArgumentParser]:
    (action,) = (a for a in parser()._actions if isinstance(a, argparse._SubParsersAction))
    return dict(action.choices)


def _commands() -> Iterator[tuple[str, tuple[int, ...], str]]:
    for verb, commands in CASES.items():
        for command, codes in commands:
            for encoding in ENCODINGS[1:2] if verb in SLOW else ENCODINGS:
                yield command, codes, encoding


def test_every_verb_has_a_case() -> None:
    assert set(CASES) == set(_verbs()), "say in CASES how the new verb is tried"


@pytest.mark.parametrize("verb", ["", *_verbs()])
def test_every_help_can_be_shown_in_plain_characters(
    verb: str, say: Callable[[Sequence[object], str], Any]
) -> None:
    said = say([*filter(None, [verb]), "--help"], "ascii")
    assert said.code == 0
    assert said.out.decode("ascii").startswith("usage: harness")


@pytest.mark.parametrize(("command", "codes", "encoding"), list(_commands()))
def test_nothing_from_the_data_is_obeyed(
    command: str,
    codes: tuple[int, ...],
    encoding: str,
    world: Any,
    say: Callable[[Sequence[object], str], Any],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("HARNESS_STORE", str(world.folder / "store"))
    monkeypatch.chdir(tmp_path)
    named = {
        "{bundle}": str(world.bundle),
        "{out}": str(tmp_path / "o\n::error::owned"),
        "{text}": "river\n::error::owned \x1b[31m ü",
        "{id}": "\x9b31mc",
    }
    arguments = [
        named.get(word, str(world.folder / word[1:-1]) if word.startswith("{") else word)
        for word in command.split()
    ]
    said = say(arguments, encoding)
    assert said.code in codes, said
    for raw in (said.out, said.err):
        shown = raw.decode(encoding)
        assert not OBEYED.search(shown)
        assert "##[" not in shown
        assert not [line for line in shown.splitlines() if line.lstrip().startswith("::")]
    _check_files(Path(named["{out}"]))


def _check_files(out: Path) -> None:
    """What is written for people, and for spreadsheets, is as harmless; runs and result.json are data."""
    written = [out] if out.is_file() else [*out.rglob("*")] if out.is_dir() else []
    for path in written:
        if path.suffix in (".md", ".html", ".tex", ".csv", ".svg", ".xml", "") and path.is_file():
            text = path.read_text(encoding="utf-8")
            assert not OBEYED.search(text.replace("\t", "")), path
            if path.suffix == ".csv":
                _check_cells(text)


def _check_cells(text: str) -> None:
    for row in csv.reader(io.StringIO(text, newline="")):
        for cell in row:
            if cell.lstrip().startswith(("=", "+", "-", "@")):
                float(cell)  # a figure may be negative; a text may not begin like a formula


def test_a_whole_run_in_the_c_locale(world: Any, tmp_path: Path) -> None:
    """Python's own UTF-8 mode off: file names, arguments and what other programs say are bytes of ASCII there."""
    (tmp_path / "c.yaml").write_text(
        f"suite: {world.folder / 'suite.yaml'}\npipelines: {{words: {{retrieve: bm25, depth: 4}}}}\n",
        encoding="utf-8",
    )
    told = {**os.environ, "LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    told.pop("PYTHONIOENCODING", None)
    commands: list[list[str]] = [
        ["run", "c.yaml", "--out", "b"],
        ["show", "b", "--query", "Zürich"],
        ["try", "c.yaml", "Zürich river", "--json"],
    ]
    for command in commands:
        done = subprocess.run(
            [sys.executable, "-m", "harness", *command],
            cwd=tmp_path,
            env=told,
            capture_output=True,
            timeout=120,
        )
        assert done.returncode == 0, done.stderr
        assert done.stdout.isascii()
    assert json.loads((tmp_path / "b/result.json").read_text(encoding="utf-8"))["pipelines"]
