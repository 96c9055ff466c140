"""What suites say of size, work and terms, and how it is listed."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

import harness
from harness.config import LoadedSuite, Needs, Terms, load_config, load_suite
from harness.datasets import needs
from harness.datasets.needs import Conditions
from harness.errors import ConfigError, DataError, ResourceError
from harness.measures import registry, sets
from harness.tasks import task_of

_SUITES = sorted(
    path
    for path in (Path(harness.__file__).parent.parent / "suites").glob("*.yaml")
    if not path.stem.startswith(("quickstart", "factbook"))
)


@pytest.fixture(params=_SUITES, ids=lambda path: path.stem)
def suite(request: pytest.FixtureRequest) -> LoadedSuite:
    """Each suite of the project over data of others."""
    return load_suite(request.param)


def test_every_suite_is_valid_and_says_its_size_needs_and_terms(suite: LoadedSuite) -> None:
    task_of(suite).check(suite)
    told = suite.settings.needs
    assert told.pairs or (told.queries and (told.documents or told.candidates))
    assert told.download_mb
    assert told.disk_mb is not None
    assert told.disk_mb >= told.download_mb
    assert told.source
    assert suite.settings.terms is not None
    assert suite.settings.description


def test_msmarcos_terms_need_consent_and_others_do_not(suite: LoadedSuite) -> None:
    assert suite.settings.terms is not None
    assert suite.settings.terms.accept == ("ms-marco" if "marco" in suite.name else None)


def test_every_reference_figure_is_a_share_with_a_source_and_a_known_measure(suite: LoadedSuite) -> None:
    for figures in suite.settings.reference.values():
        assert figures["source"]
        for measure, value in figures.items():
            if measure not in ("source", "note"):
                assert 0 < value < 1
                if suite.settings.task == "sts":
                    sets.parse(measure, sets.CORRELATIONS)
                else:
                    registry.parse(measure)


def test_forward_passes_follow_from_the_sizes() -> None:
    assert needs.forward_passes(Needs(documents=1000, queries=10)) == {
        "bi-encoder": "1,010",
        "cross-encoder": "10 x depth",
    }
    assert needs.forward_passes(Needs(queries=10, candidates=900)) == {"cross-encoder": "900"}
    assert needs.forward_passes(Needs(pairs=5)) == {"bi-encoder": "up to 10", "cross-encoder": "5"}
    assert needs.forward_passes(Needs()) == {}


def test_terms_must_be_accepted_by_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    conditions = Conditions(
        "suite x: ", Needs(download_mb=12), Terms(name="N", text="T.", url="U", accept="n")
    )
    for value in ("", "m", "nn"):
        monkeypatch.setenv(needs.ACCEPT, value)
        with pytest.raises(DataError) as caught:
            conditions.check("its files are", tmp_path)
        assert str(caught.value) == (
            f"suite x: its files are missing in {tmp_path}. The suite needs 12 MB to download. Terms: N: T "
            "<U>. They must "
            "be accepted before anything is fetched: if you do, set HARNESS_ACCEPT_TERMS=n and run the same "
            "command again."
        )
    monkeypatch.setenv(needs.ACCEPT, "m, n")
    conditions.check("its files are", tmp_path)


def test_what_is_there_already_counts_towards_the_disk_needed(tmp_path: Path) -> None:
    folder = tmp_path / "a"
    free = needs.free_space(folder) / 1e6
    too_much = Conditions("suite x: ", Needs(disk_mb=free + 1e6))
    with pytest.raises(
        ResourceError, match=r"the disk is too small: .* are needed in .*, .* are free"
    ) as caught:
        too_much.check("its files are", folder)
    assert caught.value.exit_code == 70
    Conditions("suite x: ", Needs(disk_mb=free + 1e6), everything=False).check("its files are", folder)
    with pytest.raises(ResourceError):
        Conditions().check("it is", folder, size=int((free + 1e6) * 1e6))
    folder.mkdir()
    with (folder / "sparse").open("wb") as file:
        file.truncate(2_000_000)
    assert needs.used(folder) == 2_000_000
    assert needs.used(tmp_path / "none") == 0


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ("reference: {bm25: {ndcg@10: 0.5}}", "the figures of 'bm25' need a source"),
        ("reference: {bm25: {ndcg@10: high, source: x}}", "bm25: ndcg@10 must be a number"),
        ("needs: {documents: -1}", "needs.documents"),
        ("needs: {document: 1}", "unknown key 'document' .did you mean 'documents'"),
        ("terms: {text: free}", "key 'name' is missing"),
    ],
)
def test_what_makes_no_sense_is_refused(tmp_path: Path, more: str, message: str) -> None:
    path = tmp_path / "s.yaml"
    path.write_text(
        f"task: retrieval\nversion: 1\ndataset: {{qrels: q}}\nmeasures: [ndcg@10]\nprimary: ndcg@10\n{more}\n"
    )
    with pytest.raises(ConfigError, match=message):
        load_suite(path)


def test_what_only_describes_a_suite_does_not_change_its_digest(tmp_path: Path) -> None:
    text = "task: retrieval\nversion: 1\ndataset: {qrels: q}\nmeasures: [ndcg@10, map]\nprimary: ndcg@10\n"
    path = tmp_path / "s.yaml"
    path.write_text(text)
    digest = load_suite(path).digest
    path.write_text(
        f"{text}description: words\nneeds: {{queries: 3}}\nreference: {{x: {{map: 0.1, source: y}}}}\n"
    )
    assert load_suite(path).digest == digest
    path.write_text(text.replace("version: 1", "version: 2"))
    assert load_suite(path).digest != digest


def test_list_suites_shows_size_needs_and_terms() -> None:
    code = (
        "from argparse import Namespace; from harness.cli.list import handle\n"
        "handle(Namespace(what='suites', json=False))"
    )
    path = os.pathsep.join([str(Path(harness.__file__).parent.parent), os.environ.get("PYTHONPATH", "")])
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONPATH": path},
    )
    line = next(line for line in done.stdout.splitlines() if line.startswith("msmarco-dl19 "))
    for words in (
        "8,841,823 documents, 43 queries",
        "1.06 GB download",
        "8,841,866 texts",
        "MS MARCO, non-commercial",
    ):
        assert words in line


def test_a_config_may_have_the_name_of_its_suite(tmp_path: Path) -> None:
    config = tmp_path / "vaswani.yaml"
    config.write_text("suite: vaswani\npipelines: {bm25: {retrieve: bm25}}\n")
    assert load_config(config).suite.settings.dataset == {"ir_datasets": "vaswani"}
