"""Collections through ir_datasets' own loading code, on miniatures in the true formats."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import yaml

import harness
from harness.datasets import ir
from harness.datasets.ir import IrCollection, text_of
from harness.datasets.ir_documents import IrPassages
from harness.errors import DataError

_SUITES = Path(harness.__file__).parent.parent / "suites"
_IR = sorted(
    path.stem
    for path in _SUITES.glob("*.yaml")
    if "ir_datasets" in yaml.safe_load(path.read_text()).get("dataset", {})
)


@pytest.fixture(scope="module")
def loaded(ir_home: Path, request: pytest.FixtureRequest) -> Mapping[str, dict[str, Any]]:
    """What every suite over ir_datasets loads to from the miniatures, with the network forbidden."""
    load = request.getfixturevalue("load_all_apart")
    # Miniatures need no room for the documents of the real ones.
    changes = {"IR_DATASETS_HOME": str(ir_home), "IR_DATASETS_SKIP_DISK_FREE": "true"}
    return load(_IR, changes, offline=True)


@pytest.mark.parametrize("name", _IR)
def test_every_suite_loads_from_files_in_its_true_format(
    name: str, loaded: Mapping[str, dict[str, Any]]
) -> None:
    answer = loaded[name]
    assert "error" not in answer, answer
    assert answer["texts"]
    assert answer["queries"]


def test_all_the_suites_people_know_are_there() -> None:
    named = {
        "msmarco-dev",
        "msmarco-dl19",
        "msmarco-dl20",
        "vaswani",
        "beir-arguana",
        "beir-scifact",
        "beir-quora",
    }
    assert named | {f"{n}-rerank" for n in named if n.startswith("msmarco")} <= set(_IR)


def test_msmarco_keeps_the_judged_queries_and_repairs_the_encoding(
    loaded: Mapping[str, dict[str, Any]],
) -> None:
    answer = loaded["msmarco-dl19"]
    assert answer["queries"] == [["100", "where does the river flow"], ["101", "when does the library open"]]
    assert answer["counts"]["documents"] == 8
    assert answer["texts"]["5"] == "Café culture in the old town."
    assert "8 documents were loaded, the suite says 8,841,823" in answer["notes"]


@pytest.mark.parametrize("name", ["msmarco-dev-rerank", "msmarco-dl19-rerank", "msmarco-dl20-rerank"])
def test_reranking_fetches_the_candidates_alone(name: str, loaded: Mapping[str, dict[str, Any]]) -> None:
    answer, full = loaded[name], loaded[name.removesuffix("-rerank")]
    assert sorted(answer["texts"]) == ["0", "1", "3", "5"]
    assert answer["texts"] == {doc_id: full["texts"][doc_id] for doc_id in answer["texts"]}
    assert answer["counts"]["candidate_documents"] == 4
    assert answer["scans"] == 0 < full["scans"]
    assert "documents" not in answer["counts"]
    assert "corpus" not in answer["digests"]
    assert answer["digests"]["candidate_documents"] != full["digests"]["corpus"]
    assert any("only the 4 documents that are candidates were read" in note for note in answer["notes"])


def test_a_title_is_joined_by_a_space_and_an_empty_one_leaves_none(
    loaded: Mapping[str, dict[str, Any]],
) -> None:
    assert loaded["beir-scifact"]["texts"]["d1"] == "Rivers The river flows north."
    assert loaded["beir-scifact"]["texts"]["d2"] == "A mountain is high."


def test_a_querys_own_document_is_left_out_where_the_data_set_needs_it(
    loaded: Mapping[str, dict[str, Any]],
) -> None:
    assert {name for name in _IR if loaded[name]["self"]} == {"beir-arguana", "beir-quora"}


@pytest.fixture(scope="module")
def missing(
    tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Mapping[str, dict[str, Any]]:
    """What every suite says with the network forbidden and nothing there."""
    load = request.getfixturevalue("load_all_apart")
    return load(_IR, {"IR_DATASETS_HOME": str(tmp_path_factory.mktemp("empty"))}, offline=True)


@pytest.mark.parametrize("name", _IR)
def test_without_network_each_says_what_is_missing_how_large_and_where_it_goes(
    name: str, missing: Mapping[str, dict[str, Any]]
) -> None:
    message = missing[name]["error"]
    assert missing[name]["code"] == 2
    assert message.startswith(f"suite {name}: ir_datasets ")
    assert "are missing in" in message
    assert "--offline forbids" in message
    assert "to download" in message
    assert "on disk" in message
    assert "Terms: " in message
    assert "http" in message
    assert "\n" not in message


def test_terms_not_accepted_are_said_before_anything_is_fetched(tmp_path: Path, load_apart: Any) -> None:
    answer = load_apart(["msmarco-dl19"], {"IR_DATASETS_HOME": str(tmp_path)})["msmarco-dl19"]
    assert answer["code"] == 2
    assert "MS MARCO, non-commercial" in answer["error"]
    assert "HARNESS_ACCEPT_TERMS=ms-marco" in answer["error"]
    assert _files(tmp_path) == []


def test_a_disk_too_small_is_said_before_anything_is_fetched(tmp_path: Path, load_apart: Any) -> None:
    suite = tmp_path / "huge.yaml"
    suite.write_text(
        "task: retrieval\nversion: 1\ndataset: {ir_datasets: vaswani}\nmeasures: [ndcg@10]\nprimary: "
        "ndcg@10\n"
        "needs: {disk_mb: 1.0e12}\n"
    )
    home = tmp_path / "home"
    answer = load_apart([str(suite)], {"IR_DATASETS_HOME": str(home)})[str(suite)]
    assert answer["code"] == 70
    assert "the disk is too small" in answer["error"]
    assert "Nothing was fetched" in answer["error"]
    assert _files(home) == []


def test_no_network_is_said_in_one_message(tmp_path: Path, load_apart: Any) -> None:
    with socket.socket() as taken:  # bound and not listening: connections are refused
        taken.bind(("127.0.0.1", 0))
        proxy = f"http://127.0.0.1:{taken.getsockname()[1]}"
        changes = {
            "IR_DATASETS_HOME": str(tmp_path),
            "HTTP_PROXY": proxy,
            "HTTPS_PROXY": proxy,
            "NO_PROXY": "",
        }
        changes |= {"http_proxy": proxy, "https_proxy": proxy, "no_proxy": "", "IR_DATASETS_DL_TRIES": "1"}
        answer = load_apart(["vaswani", "beir-scifact"], changes)
    for name in ("vaswani", "beir-scifact"):
        assert "could not be fetched" in answer[name]["error"]
        assert str(tmp_path) in answer[name]["error"]
    assert _files(tmp_path) == []


def test_damaged_files_are_named(ir_home: Path, tmp_path: Path, load_apart: Any) -> None:
    broken = (ir_home / "vaswani" / "npl.tar.gz").read_bytes()
    (tmp_path / "vaswani").mkdir()
    (tmp_path / "vaswani" / "npl.tar.gz").write_bytes(broken[: len(broken) // 2])
    answer = load_apart(["vaswani"], {"IR_DATASETS_HOME": str(tmp_path)}, offline=True)["vaswani"]
    assert answer["code"] == 2
    assert "could not be read" in answer["error"]
    assert str(tmp_path / "vaswani") in answer["error"]


def test_where_a_file_goes_by_hand_is_said(tmp_path: Path, load_apart: Any) -> None:
    answers = load_apart(["vaswani", "msmarco-dl19"], {"IR_DATASETS_HOME": str(tmp_path)}, offline=True)
    place = f"put the file there as {tmp_path / 'vaswani' / 'npl.tar.gz'} or {tmp_path / 'downloads'}/"
    assert place in answers["vaswani"]["error"]
    assert "(a link will do)" in answers["vaswani"]["error"]
    assert f"put the file there as {tmp_path / 'msmarco-passage'}" in answers["msmarco-dl19"]["error"]


class _Fails:
    """A data set whose documents cannot be had, for a reason of its own."""

    def __init__(self, error: Exception) -> None:
        self._error = error

    def docs_iter(self) -> Any:
        raise self._error


def test_a_missing_package_is_no_damaged_file() -> None:
    told = "This dataset requires inscriptis. Run 'pip install ir_datasets[inscriptis]'"
    with pytest.raises(
        DataError, match=f"ir_datasets x: its docs need a package: {re.escape(told)}"
    ) as caught:
        next(IrCollection("x", _Fails(ImportError(told)), None).documents())
    assert "damaged" not in str(caught.value)


def test_what_nobody_may_fetch_is_not_promised_by_a_network(tmp_path: Path) -> None:
    """In a process of its own, since ir_datasets is changed where it asks for files."""
    script = (
        "import sys\n"
        "from pathlib import Path\n"
        "from harness.datasets import ir\n"
        "from harness.errors import DataError\n"
        "ir._install_gate()\n"
        "from ir_datasets.util.download import Download, LocalDownload\n"
        "place = Path(sys.argv[1])\n"
        "download = Download([LocalDownload(place, 'Sign the form at http://x.org first')], cache_path=str(place))\n"
        "class Licensed:\n"
        "    def docs_iter(self):\n"
        "        return iter([download.path()])\n"
        "try:\n"
        "    next(ir.IrCollection('x', Licensed(), None).documents())\n"
        "except DataError as error:\n"
        "    print(error)\n"
    )
    place = tmp_path / "corpus.tgz"
    done = subprocess.run(
        [sys.executable, "-c", script, str(place)],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    assert done.stderr == ""
    assert done.stdout.strip() == (
        f"ir_datasets x: its docs are not at {place}, and nobody may fetch them for you: Sign the form at http://x.org first"
    )


def _files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file() and path.name != "irds_version.txt"]


class _Plain(NamedTuple):
    doc_id: str
    headline: str
    body: str


def test_a_document_without_a_text_of_its_own_needs_named_fields() -> None:
    document = _Plain("d1", " One ", "two")
    with pytest.raises(DataError, match="choose fields with 'text' among doc_id, headline, body"):
        text_of(document, None, "x")
    assert text_of(document, ("headline", "body"), "x") == "One two"
    with pytest.raises(DataError, match="no field 'title'; they have"):
        text_of(document, ("title",), "x")


def _registered() -> Any:
    """A data set of ir_datasets' own classes, from bytes."""
    from ir_datasets.datasets.base import Dataset
    from ir_datasets.formats import TrecQrels, TrecScoredDocs, TsvDocs, TsvQueries
    from ir_datasets.util import StringFile

    def build(queries: str, qrels: str, run: str = "q1\td1\n", documents: str = "d1\tone\nd2\ttwo\n") -> Any:
        return Dataset(
            TsvDocs(StringFile(documents)),
            TsvQueries(StringFile(queries)),
            TrecQrels(StringFile(qrels), {}),
            TrecScoredDocs(StringFile(run)),
        )

    return build


@pytest.mark.parametrize(
    ("queries", "qrels", "message"),
    [
        ("q1\tone\nq1\ttwo\n", "q1 0 d1 1\n", "query id 'q1' is given twice"),
        ("", "q1 0 d1 1\n", "holds no queries"),
        ("q1\tone\n", "", "holds no judgments"),
        ("q1\tone\n", "q1 0 d1 1\nq1 0 d1 2\n", "query 'q1', document 'd1': judged twice, differently"),
        ("q1 one\n", "q1 0 d1 1\n", "its queries could not be read .*expected 2 fields"),
        ("q1\tone\n", "q1 0 d1\n", "its qrels could not be read"),
    ],
)
def test_bad_collections_are_refused_by_name(queries: str, qrels: str, message: str) -> None:
    collection = IrCollection("made/up", _registered()(queries, qrels), None)
    with pytest.raises(DataError, match=rf"ir_datasets made/up: {message}"):
        (collection.queries(), collection.qrels())


def test_a_pair_listed_twice_with_one_grade_is_one_judgment() -> None:
    collection = IrCollection("made/up", _registered()("q1\tone\n", "q1 0 d1 1\nq1 0 d1 1\n"), None)
    assert collection.qrels().n_rows == 1


@pytest.mark.parametrize(
    ("run", "message"),
    [
        ("q1 0 d1 1 nan x\n", "candidates: query 'q1', document 'd1': score nan"),
        ("q1\td1\nq1\td1\n", "candidates: query 'q1', document 'd1': given twice"),
        ("", "holds no candidates"),
    ],
)
def test_bad_candidates_are_refused(run: str, message: str) -> None:
    with pytest.raises(DataError, match=message):
        IrCollection("made/up", _registered()("q1\tone\n", "q1 0 d1 1\n", run), None).candidates()


def test_a_candidate_that_the_collection_lacks_is_named() -> None:
    class Store:
        def get_many(self, ids: list[str]) -> dict[str, Any]:
            return {"d1": _Plain("d1", "", "one")} if "d1" in ids else {}

    class Set:
        def docs_store(self) -> Store:
            return Store()

    passages = IrPassages(IrCollection("made/up", Set(), ("body",)), ["d9", "d1"])
    with pytest.raises(DataError, match="has no document 'd9', which is among the candidates"):
        _ = passages.contents


def test_an_unknown_id_gets_the_nearest_one() -> None:
    with pytest.raises(DataError, match=r"unknown ir_datasets id 'vaswanni' .did you mean 'vaswani'"):
        ir.open_collection("vaswanni")
    with pytest.raises(
        DataError, match="ir_datasets msmarco-passage: has no queries; try one of msmarco-passage/"
    ):
        ir.open_collection("msmarco-passage")
