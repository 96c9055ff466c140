"""``harness init``: what it writes runs, and nothing is overwritten."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from harness.cli import main
from harness.config import load_config
from harness.errors import DataError, UsageError
from harness.models import folders
from harness.plan import beginning


@pytest.fixture
def mine(collection: Path) -> Path:
    """A folder of files and nothing else."""
    folder = collection / "mine"
    folder.mkdir()
    for name in ("docs.tsv", "queries.tsv", "qrels.txt"):
        shutil.move(collection / name, folder / name)
    (folder / "old.trec").write_text("".join(f"q{i} Q0 d{i} 1 1.0 t\n" for i in range(12)))
    (folder / "notes.md").write_text("# mine\n")
    return folder


@pytest.fixture(autouse=True)
def _no_model(monkeypatch: pytest.MonkeyPatch) -> None:
    """As on a machine without the demo's bi-encoder: its weights would take seconds."""
    monkeypatch.setattr(folders, "_known_package", lambda *_: None)


def test_from_files_to_a_bundle(
    mine: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(mine)
    assert main(["init"]) == 0
    said = capsys.readouterr().out
    assert "docs.tsv     documents" in said
    assert "notes.md     not used: unknown format 'md'" in said
    assert "12 judged queries, 192 documents, 72 judgments" in said
    assert "No bi-encoder is on this machine" in said
    assert "Next:    harness run search.yaml" in said
    assert main(["run", "search.yaml", "--out", "bundle"]) == 0
    result = json.loads((mine / "bundle/result.json").read_text())
    assert list(result["pipelines"]) == ["bm25", "old"]
    assert "{docs: docs.tsv, queries: queries.tsv, qrels: qrels.txt}" in (mine / "suite.yaml").read_text()


@pytest.mark.parametrize("there", ["suite.yaml", "search.yaml"])
def test_nothing_is_overwritten(mine: Path, there: str) -> None:
    (mine / there).write_text("mine: yes\n")
    before = sorted(mine.iterdir())
    with pytest.raises(UsageError, match="exists already, and is left as it is"):
        beginning.begin([mine], None)
    assert (mine / there).read_text() == "mine: yes\n"
    assert sorted(mine.iterdir()) == before


def test_models_beside_the_files(mine: Path, tiny_bi_encoder: Path, tiny_cross_encoder: Path) -> None:
    shutil.copytree(tiny_bi_encoder, mine / "bi model")
    shutil.copytree(tiny_cross_encoder, mine / "ranker")
    made = beginning.begin([mine], mine.parent / "work")
    config = load_config(made.config)
    assert {name: model.kind for name, model in config.settings.models.items()} == {
        "bi-model": "bi_encoder",
        "ranker": "cross_encoder",
    }
    text = made.config.read_text()
    assert "bi-model: {bi_encoder: ../mine/bi model}" in text
    assert "two-stage: {retrieve: bi-model, rerank: ranker, depth: [10, 50]}" in text
    assert list(config.settings.compare or ()) == [
        ("two-stage@10", "bi-encoder"),
        ("two-stage@50", "bi-encoder"),
        ("bi-encoder", "bm25"),
    ]


def test_runs_and_judgments_alone(mine: Path) -> None:
    made = beginning.begin([mine / "qrels.txt", mine / "old.trec"], mine / "out")
    assert list(load_config(made.config).settings.pipelines) == ["old"]


def test_pairs_of_one_layout_are_one_suite(tmp_path: Path) -> None:
    for name in ("a.test.tsv", "b.test.tsv", "a.train.tsv"):
        (tmp_path / name).write_text("4.5\ta red fox\tone fox\n0.2\told dogs\ttwo cats\n")
    made = beginning.begin([tmp_path], None)
    suite = made.suite.read_text()
    assert "pairs: [a.test.tsv, b.test.tsv], columns: [score, sentence1, sentence2]" in suite
    assert (
        "a.train.tsv",
        "not used: sentence pairs with scores too; suite.yaml can name it instead",
    ) in made.seen
    assert made.notes[-1] == "4 sentence pairs"


def test_a_folder_in_beir_s_layout(mine: Path) -> None:
    folder = mine / "beir"
    (folder / "qrels").mkdir(parents=True)
    for name, source in (("corpus", "docs"), ("queries", "queries")):
        rows = [line.split("\t") for line in (mine / f"{source}.tsv").read_text().splitlines()]
        lines = [json.dumps({"_id": key, "text": text}) for key, text in rows]
        (folder / f"{name}.jsonl").write_text("\n".join(lines) + "\n")
    judged = [line.split() for line in (mine / "qrels.txt").read_text().splitlines()]
    (folder / "qrels/dev.tsv").write_text(
        "query-id\tcorpus-id\tscore\n" + "".join(f"{q}\t{d}\t{g}\n" for q, _, d, g in judged)
    )
    made = beginning.begin([folder], None)
    assert "dataset: {beir: ., split: dev}" in made.suite.read_text()
    assert made.notes[-1] == "12 judged queries, 192 documents, 72 judgments"


@pytest.mark.parametrize(
    ("names", "says"),
    [
        (["docs.tsv", "queries.tsv"], "missing are .*judgments"),
        (["qrels.txt", "queries.tsv"], "missing are documents"),
        (["notes.md"], "nothing to measure was found"),
        (["none.tsv"], "no such file or folder"),
    ],
)
def test_what_is_missing_is_said_and_nothing_is_left(mine: Path, names: list[str], says: str) -> None:
    with pytest.raises(UsageError, match=says):
        beginning.begin([mine / name for name in names], mine / "out")
    assert not (mine / "out").exists()


def test_files_that_do_not_load_leave_nothing(mine: Path) -> None:
    with (mine / "docs.tsv").open("a") as file:
        file.write("d0\tgiven twice\n")
    with pytest.raises(DataError, match="'d0' is given 2 times"):
        beginning.begin([mine], None)
    assert not list(mine.glob("*.yaml"))


def test_a_folder_is_named_under_the_key_of_its_kind(mine: Path, tiny_bi_encoder: Path) -> None:
    shutil.copytree(tiny_bi_encoder, mine / "splade")
    modules = mine / "splade/modules.json"
    content = json.loads(modules.read_text())
    content[1]["type"] = "sentence_transformers.sparse_encoder.models.SpladePooling"
    modules.write_text(json.dumps(content))
    made = beginning.begin([mine], mine.parent / "work")
    assert "splade: {sparse_encoder: ../mine/splade}" in made.config.read_text()
