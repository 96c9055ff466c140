"""Two configs in one job: what is refused, and how a baseline's quality is put beside the candidate's."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

from harness.config import load_config
from harness.errors import HarnessError, NotComparableError, UsageError
from harness.gate import gate
from harness.plan import running
from harness.plan.against import Against, BaselineError
from harness.plan.running import RunOptions
from harness.verify import verify_bundle

SUITE = "task: retrieval\nversion: {version}\ndataset: {{docs: d.tsv, queries: q.tsv, qrels: r.txt}}\nmeasures: [ndcg@10]\nprimary: ndcg@10\n"
CONFIG = "suite: {suite}\nstore: off\nmodels:\n  words: {{bm25: {{k1: {k1}}}}}\npipelines:\n  {name}: {{retrieve: words, depth: 10}}\n  other: {{retrieve: bm25, depth: 10}}\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    texts = [
        "red fox",
        "red red dog",
        "blue cat and dog",
        "a red house by the sea",
        "sea of cats",
        "dog and fox",
    ]
    (tmp_path / "d.tsv").write_text("".join(f"d{i}\t{text}\n" for i, text in enumerate(texts)))
    (tmp_path / "q.tsv").write_text("q0\tred fox\nq1\tdog\nq2\tsea\n")
    (tmp_path / "r.txt").write_text("q0 0 d0 1\nq1 0 d1 1\nq2 0 d4 1\n")
    (tmp_path / "s.yaml").write_text(SUITE.format(version=1))
    (tmp_path / "s2.yaml").write_text(SUITE.format(version=2))
    (tmp_path / "a.yaml").write_text(CONFIG.format(suite="s.yaml", k1=0.9, name="search"))
    (tmp_path / "b.yaml").write_text(CONFIG.format(suite="s.yaml", k1=0.0, name="search"))
    (tmp_path / "c.yaml").write_text(CONFIG.format(suite="s.yaml", k1=0.9, name="found"))
    (tmp_path / "new.yaml").write_text(CONFIG.format(suite="s2.yaml", k1=0.9, name="search"))
    return tmp_path


def both(folder: Path, first: str, second: str, python: Path | None = None) -> Any:
    options = RunOptions(out=folder / "out", against=Against(load_config(folder / second), python))
    return running.run(load_config(folder / first), options)


def test_both_arms_are_in_one_bundle(folder: Path) -> None:
    made = both(folder, "a.yaml", "b.yaml")
    assert list(made.pipelines) == ["search", "other", "baseline:search", "baseline:other"]
    assert made.content["compare"] == [["search", "baseline:search"], ["other", "baseline:other"]]
    part = made.content["pipelines"]["baseline:search"]
    assert (made.path / part["run"]).is_file()
    assert part["run"] == "runs/baseline/search.trec"
    assert made.content["against"]["python"] == sys.executable
    assert made.content["against"]["config"]["models"]["words"]["bm25"]["k1"] == 0.0
    assert made.content["against"]["pipelines"] == {}
    assert verify_bundle(made).mismatches == ()


def test_the_baseline_is_as_it_would_be_alone(folder: Path) -> None:
    made = both(folder, "a.yaml", "b.yaml")
    for config, prefix in (("a.yaml", ""), ("b.yaml", "baseline:")):
        alone = running.run(load_config(folder / config), RunOptions(out=folder / f"alone-{config}"))
        for name, part in alone.content["pipelines"].items():
            assert made.content["pipelines"][f"{prefix}{name}"]["measures"] == part["measures"]
            mine, theirs = (
                made.path / made.content["pipelines"][f"{prefix}{name}"]["run"],
                alone.path / part["run"],
            )
            assert mine.read_bytes() == theirs.read_bytes()
        if not prefix:
            assert alone.content["result_key"] == made.content["result_key"]


def test_a_gate_judges_the_arms(folder: Path) -> None:
    made = both(folder, "a.yaml", "a.yaml")
    policy = folder / "policy.yaml"
    policy.write_text("pipelines: [search]\nquality:\n  ndcg@10: {rule: golden}\nalpha: 0.05\n")
    assert gate(made, policy).exit_code == 0


def test_pipelines_without_a_partner_are_named(folder: Path) -> None:
    made = both(folder, "a.yaml", "c.yaml")
    assert made.content["against"]["unmatched"] == {"candidate": ["search"], "baseline": ["found"]}
    assert any(text.startswith("search: only in the candidate") for text in made.content["warnings"])


def test_another_suite_does_not_compare(folder: Path) -> None:
    with pytest.raises(NotComparableError, match="two arms are measured on one suite") as caught:
        both(folder, "a.yaml", "new.yaml")
    assert caught.value.exit_code == 4
    assert not (folder / "out").exists()


def test_an_interpreter_that_is_none(folder: Path) -> None:
    with pytest.raises(UsageError, match="no program that can be run"):
        both(folder, "a.yaml", "b.yaml", folder / "a.yaml")


def test_an_environment_without_the_harness(folder: Path) -> None:
    python = folder / "python"
    python.write_text("#!/bin/sh\necho \"No module named 'harness'\" >&2\nexit 1\n")
    python.chmod(0o755)
    # Said before any work: a config whose own run would end with another error.
    (folder / "d.tsv").unlink()
    with pytest.raises(
        UsageError, match=r"cannot import encoder-harness \(No module named 'harness'\); install it"
    ):
        both(folder, "a.yaml", "b.yaml", python)
    assert not (folder / "out").exists()


def test_an_interpreter_that_cannot_run_the_baseline(folder: Path) -> None:
    python = folder / "python"
    python.write_text(
        "#!/bin/sh\nif [ $1 = -c ]; then echo 0.1.0; else echo first >&2; echo last >&2; exit 3; fi\n"
    )
    python.chmod(0o755)
    with pytest.raises(BaselineError, match=r"could not be run by .*python:\nfirst\nlast$") as caught:
        both(folder, "a.yaml", "b.yaml", python)
    assert isinstance(caught.value, HarnessError)
    assert (caught.value.exit_code, caught.value.details) == (70, ("first", "last"))


def test_nothing_in_common(folder: Path) -> None:
    text = (folder / "c.yaml").read_text().replace("other:", "another:")
    (folder / "c.yaml").write_text(text)
    with pytest.raises(NotComparableError, match="no pipeline is in both configs"):
        both(folder, "a.yaml", "c.yaml")
