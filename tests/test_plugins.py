"""Plug-ins by entry points: the example of docs/ installed and used, and what is wrong with one told with its name."""

from __future__ import annotations

import importlib.util
import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import harness
from harness import plugins
from harness.cli import main

EXAMPLE = Path(__file__).parents[1] / "docs" / "plugin"
PIPELINES = "{bm25: {retrieve: bm25, depth: 20}, letters: {retrieve: mine, depth: 20}}"


@pytest.fixture(scope="session")
def example(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The example of docs/, installed by pip into a folder of its own, offline."""
    for needed in ("pip", "setuptools"):
        if importlib.util.find_spec(needed) is None:
            pytest.skip(f"the extra 'dev' ({needed}) is not installed")
    source, target = tmp_path_factory.mktemp("source") / "plugin", tmp_path_factory.mktemp("target")
    shutil.copytree(EXAMPLE, source)
    alone = ("--no-deps", "--no-index", "--no-build-isolation", "--disable-pip-version-check", "--quiet")
    subprocess.run(
        [sys.executable, "-m", "pip", "install", *alone, "--target", str(target), str(source)], check=True
    )
    return target


@pytest.fixture(autouse=True)
def _afresh(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.syspath_prepend(str(Path(__file__).parent))  # restores the import path at the end
    plugins.forget()
    yield
    sys.modules.pop("harness_letters", None)
    plugins.forget()


@pytest.fixture
def add(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Lay a distribution with entry points beside a module, as pip leaves one."""

    def added(name: str, points: dict[str, str], code: str = "", version: str = "1.0") -> None:
        folder = tmp_path / "installed"
        about = folder / f"{name.replace('-', '_')}-{version}.dist-info"
        about.mkdir(parents=True)
        (about / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
        (about / "entry_points.txt").write_text(
            "".join(f"[{group}]\n{line}\n" for group, line in points.items())
        )
        (folder / f"{name.replace('-', '_')}.py").write_text(code)
        monkeypatch.syspath_prepend(str(folder))
        plugins.forget()

    return added


@pytest.fixture
def suite(collection: Path) -> Path:
    path = collection / "config.yaml"
    text = (collection / "suite.yaml").read_text()
    (collection / "suite.yaml").write_text(text.replace("[ndcg@10,", "[top_grade, ndcg@10,"))
    path.write_text(
        f"suite: suite.yaml\nmodels: {{mine: {{bi_encoder: {{class: letters}}}}}}\npipelines: {PIPELINES}\n"
    )
    return path


def listed(what: str, capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    capsys.readouterr()
    assert main(["list", what, "--json"]) == 0
    rows: list[dict[str, Any]] = json.loads(capsys.readouterr().out)
    return rows


def test_the_example_is_in_list_in_a_bundle_and_on_a_page(
    example: Path,
    suite: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert len((EXAMPLE / "harness_letters.py").read_text().splitlines()) <= 50
    monkeypatch.syspath_prepend(str(example))
    plugins.forget()
    rows = {(row["group"], row["name"]): row for row in listed("plugins", capsys)}
    for group, name in (("measures", "top_grade"), ("models", "letters"), ("report_blocks", "letters")):
        assert rows[f"harness.{group}", name]["from"] == "harness-letters 1.0"
        assert rows[f"harness.{group}", name]["state"] == "usable"
    told = {row["measure"]: row for row in listed("measures", capsys)}
    assert told["top_grade"]["origin"] == "harness-letters 1.0"
    assert told["mrr[@K][-lLEVEL]"]["origin"] == "encoder-harness"
    assert any(row["model"] == "class letters" for row in listed("models", capsys))

    bundle = harness.run(suite, out=tmp_path / "bundle")
    qrels = bundle.frame("qrels").set_index(["query_id", "doc_id"])["grade"].to_dict()
    first = {}
    for line in (bundle.path / "runs" / "letters.trec").read_text().splitlines():
        query, _, document, rank, *_ = line.split()
        if rank == "1":
            first[query] = qrels.get((query, document), 0)
    asked = bundle.frame("queries")["query_id"]
    by_hand = sum(first.get(query, 0) for query in asked) / len(asked)
    assert bundle.value("letters", "top_grade") == pytest.approx(by_hand, abs=1e-12)
    assert bundle.content["manifest"]["packages"]["harness-letters"] == "1.0"
    assert bundle.content["models"]["mine"]["source"] == "class letters"
    page = bundle.report().html
    assert '<section id="letters"' in page
    assert f"letters: {by_hand:.2f}" in page
    assert main(["verify", str(bundle.path)]) == 0


def test_without_the_example_its_names_are_unknown(suite: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", str(suite)]) == 2
    assert "unknown measure 'top_grade'" in capsys.readouterr().err
    assert main(["run", str(suite), "--set", "suite=quickstart"]) == 2
    assert "class 'letters' has no module, and no plug-in is called that" in capsys.readouterr().err


MEASURE = """
from dataclasses import replace
from harness.measures import ranked
ROW = replace(ranked.RANKED["mrr"], name="mine", also=())
OTHER = replace(ranked.RANKED["mrr"], name="other", also=())
"""


def test_two_of_one_name_are_refused_and_the_rest_goes_on(
    add: Callable[..., None], collection: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    add("first-one", {"harness.measures": "mine = first_one:ROW\nother = first_one:OTHER"}, MEASURE)
    add("second-one", {"harness.measures": "mine = second_one:ROW"}, MEASURE)
    states = {(row["name"], row["from"]): row["state"] for row in listed("plugins", capsys)}
    twice = "two plug-ins of harness.measures are called 'mine': of first-one 1.0, second-one 1.0"
    assert twice in states["mine", "first-one 1.0"]
    assert twice in states["mine", "second-one 1.0"]
    assert states["other", "first-one 1.0"] == "usable"
    assert "other[@K][-lLEVEL]" in {row["measure"] for row in listed("measures", capsys)}
    runs, suite = collection / "a.trec", collection / "suite.yaml"
    runs.write_text("q0 Q0 d0 1 1.0 a\n")
    text = suite.read_text()
    suite.write_text(text.replace("mrr@10,", "other@10,"))
    assert main(["score", str(suite), str(runs), "--out", str(collection / "ok")]) == 0
    suite.write_text(text.replace("mrr@10,", "mine@10,"))
    assert main(["score", str(suite), str(runs), "--out", str(collection / "no")]) == 2
    told = capsys.readouterr().err
    assert twice in told
    assert "uninstall one of them" in told


def test_one_that_fails_on_import_is_named_and_the_rest_goes_on(
    add: Callable[..., None], suite: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    add(
        "broken-one",
        {
            "harness.measures": "bad = broken_one:ROW",
            "harness.report_blocks": "bad = broken_one:section",
            "harness.models": "bad = broken_one:Model",
        },
        "raise RuntimeError('no such\\nthing')",
    )
    states = [row["state"] for row in listed("plugins", capsys)]
    why = "plug-in 'bad' (harness.{}) of broken-one 1.0 cannot be imported: RuntimeError: no such thing"
    assert states == [why.format(group) for group in ("models", "measures", "report_blocks")]
    rows = listed("measures", capsys)
    assert not any(row["measure"].startswith("bad") for row in rows)
    text = suite.read_text()
    suite.with_name("suite.yaml").write_text(
        suite.with_name("suite.yaml").read_text().replace("top_grade, ", "")
    )
    suite.write_text(text.replace(PIPELINES, "{bm25: {retrieve: bm25, depth: 20}}"))
    assert main(["run", str(suite), "--out", str(tmp_path / "b")]) == 0
    assert f"warning: {why.format('report_blocks')}; the rest goes on" in capsys.readouterr().err
    assert (tmp_path / "b" / "report" / "index.html").is_file()
    suite.write_text(text.replace("letters}", "bad}"))
    assert main(["run", str(suite), "--out", str(tmp_path / "c")]) == 2
    assert why.format("models") in capsys.readouterr().err


BLOCKS = """
from harness.report.blocks.base import Prose, Section
def fails(view): raise ValueError("nothing there")
def wrong(view): return "text"
def taken(view): return Section("answer", "Mine", (), ())
def empty(view): return None
def fine(view): return Section("fine", "A <b>title", (), (Prose(("said <script>",)),))
"""


def test_a_section_that_fails_is_named_and_the_page_is_whole(
    add: Callable[..., None], suite: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = "\n".join(f"{name} = some_blocks:{name}" for name in ("fails", "wrong", "taken", "empty", "fine"))
    add("some-blocks", {"harness.report_blocks": lines}, BLOCKS)
    suite.with_name("suite.yaml").write_text(
        suite.with_name("suite.yaml").read_text().replace("top_grade, ", "")
    )
    suite.write_text(suite.read_text().replace(PIPELINES, "{bm25: {retrieve: bm25, depth: 20}}"))
    page = harness.run(suite, out=tmp_path / "b").report().html
    told = capsys.readouterr().err
    assert "section 'fails' of some-blocks 1.0 failed (ValueError: nothing there)" in told
    assert "section 'wrong' of some-blocks 1.0 gave a str" in told
    assert "section 'taken' of some-blocks 1.0 has the id 'answer'" in told
    assert page.index('<section id="fine"') < page.index('<section id="method"')
    assert "A &lt;b&gt;title" in page
    assert "said <script>" not in page


@pytest.mark.parametrize(
    ("group", "line", "said"),
    [
        ("measures", "mrr = odd_one:ROW", "is called as one of the package's own"),
        (
            "measures",
            "odd = odd_one:ROW",
            "where a Ranked of harness.measures.families.row is wanted: it is a int",
        ),
        ("tasks", "odd = odd_one:ROW", "it has no name, data, check, load, assemble"),
        ("datasets", "odd = odd_one:ROW", "where a CollectionKind"),
        ("report_blocks", "odd = odd_one:ROW", "it is a int"),
        ("measures", "odd = odd_one:NOTHING", "cannot be imported: AttributeError"),
    ],
)
def test_what_is_no_row_of_its_group_is_told(
    add: Callable[..., None], capsys: pytest.CaptureFixture[str], group: str, line: str, said: str
) -> None:
    add("odd-one", {f"harness.{group}": line}, "ROW = 7")
    (row,) = listed("plugins", capsys)
    assert said in row["state"]


KIND = """
from harness.datamodel import Document, Qrels, Query
from harness.datasets.corpus import MemoryCorpus
from harness.datasets.retrieval.kinds.kind import CollectionKind, CollectionSettings, Loaded

class Settings(CollectionSettings):
    squares: int

def load(source, suite, wanted):
    docs = [Document(f"d{i}", f"number {i} squared {i * i}") for i in range(source.squares)]
    return Loaded((Query("q", "number 3"),), Qrels.from_dict({"q": {"d3": 1}}), MemoryCorpus(docs))

KIND = CollectionKind("squares", "{squares: N}", Settings, load)
"""


def test_a_data_set_of_a_plug_in(
    add: Callable[..., None], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    add("square-sets", {"harness.datasets": "squares = square_sets:KIND"}, KIND)
    said = {"task": "retrieval", "version": 1, "dataset": {"squares": 9}, "measures": ["mrr@10"]}
    pipelines = {"bm25": {"retrieve": "bm25", "depth": 5}}
    bundle = harness.run({"suite": said, "pipelines": pipelines}, out=tmp_path / "b")
    assert bundle.value("bm25", "mrr@10") == 1.0
    with pytest.raises(harness.errors.ConfigError, match="unknown key 'squarez'"):
        harness.run({"suite": {**said, "dataset": {"squares": 9, "squarez": 1}}, "pipelines": pipelines})


def test_nothing_of_plug_ins_is_read_or_imported_where_none_is_named(tmp_path: Path) -> None:
    code = (
        "import sys; from importlib import metadata\n"
        "found = metadata.entry_points\n"
        "def refuse(**asked):\n"
        "    if asked.get('group', '').startswith('harness'): raise SystemExit('plug-ins were read')\n"
        "    return found(**asked)\n"
        "metadata.entry_points = refuse\n"
        "from harness.cli import main\n"
        "for line in (['--help'], ['list', 'suites'], ['list', 'configs'], ['list', 'pipelines']): assert main(line) == 0\n"
        "from harness.measures import registry; registry.parse(registry.spelled('nDCG@10'))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
