"""What a suite or config may say, and the sentence each mistake gets."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.config import load_config, load_suite
from harness.errors import ConfigError, UsageError

SUITE = "task: retrieval\nversion: 1\ndataset: {qrels: q.txt}\nmeasures: [ndcg@10]\nprimary: ndcg@10\n"
CONFIG = """\
suite: s.yaml
models:
  bi: {bi_encoder: ./bi}
  cross: {cross_encoder: ./cross}
pipelines:
  one: {retrieve: bi, depth: 10}
  two: {retrieve: bi, rerank: cross, depth: [5, 10]}
"""


@pytest.fixture
def write(tmp_path: Path) -> object:
    def _write(config: str = CONFIG, suite: str = SUITE) -> Path:
        (tmp_path / "s.yaml").write_text(suite)
        (tmp_path / "c.yaml").write_text(config)
        return tmp_path / "c.yaml"

    return _write


def test_a_sweep_names_its_pipelines(write) -> None:  # type: ignore[no-untyped-def]
    assert list(load_config(write()).pipelines) == ["one", "two@5", "two@10"]


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        (
            "depth: 10}",
            "deepth: 10}",
            r"c.yaml:6: unknown key 'deepth' \(did you mean 'depth'\?\); valid keys here are",
        ),
        ("depth: 10}", "depth: ten}", r"c.yaml:6: pipelines.one.depth must be a whole number, not 'ten'"),
        (
            "depth: 10}",
            "depth: 0}",
            r"c.yaml:6: pipelines.one.depth should be greater than or equal to 1, not 0",
        ),
        (
            "retrieve: bi, depth: 10",
            "retrieve: bii, depth: 10",
            r"c.yaml:6: unknown model or pipeline 'bii' \(did you mean 'bi'\?\)",
        ),
        (
            "retrieve: bi, depth: 10",
            "retrieve: cross",
            r"c.yaml:6: retrieve takes a bi-encoder, sparse encoder, late-interaction model or BM25, and 'cross' is a",
        ),
        (
            "rerank: cross",
            "rerank: bi",
            r"c.yaml:7: rerank takes a cross-encoder or late-interaction model, and 'bi' is a bi-encoder",
        ),
        ("depth: [5, 10]", "depth: [5, 5]", r"c.yaml:7: .*one is given twice"),
        (
            "bi_encoder: ./bi",
            "bi_encoder: ./bi, precision: fp8",
            r"c.yaml:3: models.bi.precision is 'fp8'.*auto, fp32, fp16, bf16",
        ),
        (
            "bi_encoder: ./bi",
            "bi_encoder: ./bi, device: gpu",
            r"unknown device 'gpu'; valid are auto, cpu, cuda",
        ),
        (
            "bi_encoder: ./bi",
            "bi_encoder: ./bi, cross_encoder: x",
            r"a model is one of bi_encoder, cross_encoder, sparse_encoder, multi_vector or bm25",
        ),
        ("bi_encoder: ./bi", "bi_encoder: {pakage: x}", r"must be a hub id, a folder, \{package: NAME\}"),
        ("suite: s.yaml", "suite: nowhere", r"c.yaml:1: unknown suite 'nowhere'"),
        ("suite: s.yaml", "suite: gone.yaml", r"c.yaml:1: suite file .*gone.yaml does not exist"),
        (
            "suite: s.yaml",
            "suite: s.yaml\nsuite: s.yaml",
            r"c.yaml:2: key 'suite' is given twice \(first on line 1\)",
        ),
        ("suite: s.yaml", "suite: s.yaml\ntiming: quik", r"timing is 'quik' \(did you mean 'quick'\?\)"),
        ("suite: s.yaml", "suite: [", r"c.yaml:\d+: not valid YAML"),
        ("  one:", "  two@5: {retrieve: bi}\n  one:", r"two pipelines would be called 'two@5'"),
        ("  one:", "  ONE: {retrieve: bi}\n  one:", r"pipelines 'ONE' and 'one' differ in case alone"),
        ("  one:", "  ../one:", r"the name '../one' cannot be a file's name"),
        ("pipelines:", "compare: [[two@5, uno]]\npipelines:", r"unknown pipeline 'uno'"),
    ],
)
def test_a_mistake_in_a_config_names_file_and_line(write, old: str, new: str, says: str) -> None:  # type: ignore[no-untyped-def]
    assert old in CONFIG
    with pytest.raises(ConfigError, match=says):
        load_config(write(CONFIG.replace(old, new, 1)))


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("primary: ndcg@10", "primary: mrr", r"primary is 'mrr', which is not among the measures ndcg@10"),
        ("version: 1", "version: one", r"s.yaml:2: version must be a whole number"),
        ("version: 1\n", "", r"key 'version' is missing"),
        ("measures: [ndcg@10]", "measures: []", r"s.yaml:4: measures has 0 entries; it needs 1 or more"),
        ("task: retrieval", "tsk: retrieval", r"unknown key 'tsk' \(did you mean 'task'\?\)"),
    ],
)
def test_a_mistake_in_a_suite_names_file_and_line(write, old: str, new: str, says: str) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(ConfigError, match=says):
        load_config(write(suite=SUITE.replace(old, new, 1)))


def test_every_mistake_is_said_at_once(write) -> None:  # type: ignore[no-untyped-def]
    broken = CONFIG.replace("depth: 10}", "depth: x}").replace("./cross}", "./cross, precisoin: fp16}")
    with pytest.raises(ConfigError) as caught:
        load_config(write(broken))
    assert len(str(caught.value).splitlines()) == 2


def test_what_is_wrong_with_an_override_is_not_put_on_a_line_of_the_file(write) -> None:  # type: ignore[no-untyped-def]
    path = write(CONFIG)
    with pytest.raises(ConfigError, match=r"yaml with --set models.minilm.batch_size=x: .*whole number"):
        load_config(path, ["models.minilm.batch_size=x"])


def test_overrides(write) -> None:  # type: ignore[no-untyped-def]
    loaded = load_config(write(), ["device=cpu", "models.bi.batch_size=4", "pipelines.two.depth.1=7"])
    assert loaded.settings.device == "cpu"
    assert loaded.settings.models["bi"].batch_size == 4
    assert list(loaded.pipelines) == ["one", "two@5", "two@7"]
    assert loaded.digest != load_config(write()).digest
    for wrong in ("device", "=cpu", "pipelines.two.depth.9=1"):
        with pytest.raises(UsageError, match="--set"):
            load_config(write(), [wrong])


def test_not_utf8_and_no_mapping(tmp_path: Path) -> None:
    (tmp_path / "s.yaml").write_bytes(b"task: \xff\n")
    with pytest.raises(ConfigError, match="not UTF-8"):
        load_suite(tmp_path / "s.yaml")
    (tmp_path / "s.yaml").write_text("")
    with pytest.raises(ConfigError, match="is empty"):
        load_suite(tmp_path / "s.yaml")


def test_the_project_s_own_suites_and_configs_load() -> None:
    from harness import locate

    for name, path in locate.available("suites").items():
        assert load_suite(path).name == name
    for path in locate.available("configs").values():
        load_config(path)


@pytest.mark.parametrize(
    ("given", "found"), [("100ms", 100.0), ("1.5 s", 1500.0), ("800us", 0.8), ("40", 40.0)]
)
def test_a_latency_bound_has_a_unit_or_is_in_milliseconds(write, given: str, found: float) -> None:  # type: ignore[no-untyped-def]
    assert load_config(write(CONFIG + f"p99_bound: {given}\n")).settings.p99_bound == pytest.approx(found)


@pytest.mark.parametrize("given", ["fast", "0ms", "-3ms", "true", "10 minutes", "null ms"])
def test_a_latency_bound_that_is_none(write, given: str) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(ConfigError, match="write it as 100ms"):
        load_config(write(CONFIG + f"p99_bound: {given}\n"))
