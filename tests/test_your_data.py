"""The commands of docs/your-data.md, run one after another over files as it describes them."""

from __future__ import annotations

import json
import re
import shlex
import shutil
from pathlib import Path

import pytest

from harness.cli import main
from harness.models import folders

PAGE = Path(__file__).parents[1] / "docs" / "your-data.md"


def _blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)


@pytest.fixture
def mine(collection: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder ``mine`` of the page, in the working directory."""
    monkeypatch.setattr(folders, "_known_package", lambda *_: None)  # the demo's weights would take seconds
    monkeypatch.setenv("HARNESS_STORE", str(collection / "store"))
    folder = collection / "mine"
    folder.mkdir()
    documents = [line.split("\t") for line in (collection / "docs.tsv").read_text().splitlines()]
    queries = [line.split("\t") for line in (collection / "queries.tsv").read_text().splitlines()]
    (folder / "docs.csv").write_text("id,text\n" + "".join(f'{key},"{text}"\n' for key, text in documents))
    (folder / "queries.jsonl").write_text(
        "".join(json.dumps({"_id": key, "text": text}) + "\n" for key, text in queries)
    )
    shutil.move(collection / "qrels.txt", folder / "qrels.txt")
    (folder / "old.trec").write_text("".join(f"q{i} Q0 d{i * 31 % 192} 1 1.0 t\n" for i in range(12)))
    (folder / "readme.md").write_text("# mine\n")
    (folder / "policy.yaml").write_text(next(text for text in _blocks("yaml") if "policy.yaml" in text))
    monkeypatch.chdir(collection)
    return folder


def test_every_command_of_the_page_does_what_it_says(mine: Path, capsys: pytest.CaptureFixture[str]) -> None:
    commands = [line for block in _blocks("sh") for line in block.splitlines()]
    assert len(commands) >= 10
    said = {}
    for command in commands:
        program, *arguments = shlex.split(command)
        assert program == "harness"
        assert main(arguments) == 0, (command, capsys.readouterr())
        said[command] = capsys.readouterr().out
    shown = _blocks("")[0].splitlines()
    assert [line for line in said["harness init mine"].splitlines() if line][: len(shown) - 3] == [
        line for line in shown if line
    ][: len(shown) - 3]
    assert Path("report/index.html").is_file()


def test_what_the_page_shows_is_what_is_written(mine: Path) -> None:
    assert main(["init", "mine"]) == 0
    suite = next(text for text in _blocks("yaml") if "mine/suite.yaml" in text)
    written = (mine / "suite.yaml").read_text()
    assert [line for line in suite.splitlines() if not line.startswith("#")] == [
        line for line in written.splitlines() if not line.startswith("#")
    ]
