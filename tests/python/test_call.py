"""harness.run with objects and frames: figures found a second way, the same as by files, and one message each."""

from __future__ import annotations

import json
import pkgutil
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.stats import spearmanr

import harness
from harness.cli import main
from harness.errors import ConfigError, DataError, HarnessError, ModelError, UsageError

PAIRS = [
    ("the river flows", "a river flows", 4.0),
    ("the old city", "red fish", 0.5),
    ("deep lake", "the sea", 2.5),
]


def lengths(texts: list[str]) -> Any:
    """A function as a model."""
    return [[len(text), text.count("e"), 1.0] for text in texts]


def test_a_live_model_and_frames_come_to_what_the_same_files_come_to(
    frames: dict[str, Any], bi: Any, cross: Any, write_config: Callable[[str], Path], tmp_path: Path
) -> None:
    pipelines = {
        "bi": {"retrieve": "bi", "depth": 50},
        "two": {"retrieve": "bi", "rerank": "cross", "depth": [5, 20]},
    }
    path = write_config("".join(f"  {name}: {json.dumps(said)}\n" for name, said in pipelines.items()))
    exact = ["models.bi.precision=fp32", "models.cross.precision=fp32", "store=off"]
    by_files = harness.run(path, out=tmp_path / "files", overrides=exact)
    live = harness.run(
        **frames, models={"bi": bi, "cross": cross}, pipelines=pipelines, store="off", out=tmp_path / "live"
    )
    for name in by_files.pipelines:
        ours, theirs = (
            pd.read_csv(one.path / "runs" / f"{name}.trec", sep=" ", header=None) for one in (live, by_files)
        )
        pd.testing.assert_frame_equal(ours[[0, 2, 3]], theirs[[0, 2, 3]])
        np.testing.assert_allclose(ours[4], theirs[4], atol=1e-6)
    pd.testing.assert_frame_equal(live.summary, by_files.summary, atol=1e-12)
    assert live.result.manifest.data_sha256 == by_files.result.manifest.data_sha256
    assert "cannot be rerun from its config alone" in live.content["notes"][0]
    assert not any("rerun" in note for note in by_files.content["notes"])


def test_a_live_models_figure_is_what_brute_force_and_trec_eval_make_of_it(
    frames: dict[str, Any], bi: Any, tmp_path: Path
) -> None:
    pytrec_eval = pytest.importorskip("pytrec_eval")
    bundle = harness.run(
        **frames, models={"bi": bi}, pipelines={"bi": {"retrieve": "bi", "depth": 100}}, out=tmp_path / "b"
    )
    docs, queries = frames["documents"], frames["queries"]
    scores = bi.encode_query(list(queries["query"])) @ bi.encode_document(list(docs["text"])).T
    run = {
        q: {d: float(s) for d, s in zip(docs["doc_id"], row, strict=True)}
        for q, row in zip(queries["qid"], scores, strict=True)
    }
    qrels: dict[str, dict[str, int]] = {}
    for row in frames["judgments"].itertuples():
        qrels.setdefault(row.query_id, {})[row.doc_id] = int(row.grade)
    found = pytrec_eval.RelevanceEvaluator(qrels, {"ndcg_cut.10"}).evaluate(run)
    expected = np.mean([found[q]["ndcg_cut_10"] for q in qrels])
    assert bundle.value("bi", "ndcg@10") == pytest.approx(expected, abs=1e-6)


def test_pairs_come_to_scipys_correlation(bi: Any, tmp_path: Path) -> None:
    frame = pd.DataFrame(PAIRS, columns=["sentence1", "sentence2", "score"])
    frame.loc[3] = ["the bird", "the bird", np.nan]
    bundle = harness.run(pairs=frame, models={"bi": bi, "len": lengths}, out=tmp_path / "b")
    a, b = bi.encode([pair[0] for pair in PAIRS]), bi.encode([pair[1] for pair in PAIRS])
    expected = spearmanr((a * b).sum(axis=1), [pair[2] for pair in PAIRS]).statistic
    assert bundle.value("bi", "spearman") == pytest.approx(expected, abs=1e-12)
    assert bundle.content["counts"] == {"pairs": 3, "pairs_unscored": 1}
    assert list(bundle.pipelines) == ["bi", "len"]


def test_without_pipelines_there_is_what_init_would_write(
    frames: dict[str, Any], bi: Any, cross: Any, tmp_path: Path
) -> None:
    bundle = harness.run(**frames, models={"bi": bi, "cross": cross}, out=tmp_path / "b")
    assert list(bundle.pipelines) == ["bm25", "bi-encoder", "two-stage@10", "two-stage@50"]
    assert ["two-stage@10", "bi-encoder"] in bundle.content["compare"]


def test_an_object_takes_a_names_place_in_a_config_file(
    bi: Any, write_config: Callable[[str], Path], tmp_path: Path
) -> None:
    path = write_config("  bi: {retrieve: bi, depth: 10}\n")
    bundle = harness.run(path, models={"bi": bi}, out=tmp_path / "b")
    said = bundle.content["config"]["models"]
    assert said["bi"]["bi_encoder"]["live"] == "SentenceTransformer"
    assert "cross_encoder" in said["cross"]
    assert "its data" not in bundle.content["notes"][0]


def test_a_bundles_own_config_is_refused_with_what_to_do(
    frames: dict[str, Any], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bundle = harness.run(**frames, models={"len": lengths}, out=tmp_path / "b", measures="ndcg@10")
    said = bundle.content["config"]
    models = {"len": {"bi_encoder": said["models"]["len"]["bi_encoder"]}}
    (tmp_path / "again.yaml").write_text(
        json.dumps({"suite": "vaswani", "models": models, "pipelines": said["pipelines"]})
    )
    assert main(["run", str(tmp_path / "again.yaml")]) == 2
    told = capsys.readouterr().err
    assert "model 'len' was an object given in Python (lengths)" in told
    assert "models={'len': object}" in told
    suite = {
        key: bundle.content["suite"][key] for key in ("task", "version", "dataset", "measures", "primary")
    }
    (tmp_path / "suite.yaml").write_text(json.dumps(suite))
    (tmp_path / "config.yaml").write_text(
        "suite: suite.yaml\npipelines: {bm25: {retrieve: bm25, depth: 10}}\n"
    )
    assert main(["run", str(tmp_path / "config.yaml")]) == 2
    assert "were given in Python, and no file holds them" in capsys.readouterr().err


def test_what_verify_and_the_page_need_is_in_such_a_bundle(
    frames: dict[str, Any], bi: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bundle = harness.run(**frames, models={"bi": bi, "len": lengths}, out=tmp_path / "b")
    assert main(["verify", str(bundle.path)]) == 0
    page = bundle.report().html
    assert "an object given in Python" in page
    assert "cannot be rerun from its config alone" in page


@pytest.mark.parametrize(
    ("changed", "error", "said"),
    [
        ({"documents": None}, ConfigError, "no documents were given: add documents="),
        ({"judgments": None}, UsageError, "documents, queries without judgments"),
        ({"pairs": PAIRS}, UsageError, "are data of two tasks"),
        ({"suite": "suite.yaml"}, UsageError, "a suite and documents, queries, judgments are given"),
        ({"model": {}}, ConfigError, "unknown key 'model' (did you mean 'models'?)"),
        ({"models": ["a"]}, UsageError, "models is a list, where names are wanted"),
        ({"models": {"bi": "all-MiniLM"}}, UsageError, "{'bi_encoder': 'all-MiniLM'}"),
        ({"models": {"m": 7}}, ModelError, "model 'm': a int is no model; one is a SentenceTransformer"),
        ({"models": {"m": dict}}, ModelError, "is a class, and an object is wanted"),
        ({"models": {"m": {"bi_encoder": lengths, "precision": "fp16"}}}, ConfigError, "is used as it is"),
        ({"models": {"m": {"bi_encoder": lengths, "similarity": "cos"}}}, ConfigError, "similarity"),
        ({"timing": "quick"}, UsageError, "nothing of what was given in Python (len, the data)"),
        ({"documents": "docs.tsv"}, DataError, "files are named in a suite"),
        ({"measures": ["ndcg@10", "nothing"]}, ConfigError, "nothing"),
    ],
)
def test_each_wrong_argument_has_one_message(
    frames: dict[str, Any], tmp_path: Path, changed: dict[str, Any], error: type[HarnessError], said: str
) -> None:
    given: dict[str, Any] = {**frames, "models": {"len": lengths}, "out": tmp_path / "b", **changed}
    with pytest.raises(error, match=re.escape(said)) as found:
        harness.run(**given)
    assert "Traceback" not in str(found.value)
    assert not (tmp_path / "b").exists()


@pytest.mark.parametrize(
    ("model", "said"),
    [
        (lambda texts: np.zeros((len(texts) + 1, 3)), "the function <lambda>: encode("),
        (lambda texts: np.zeros(len(texts)), "it must be a numpy array ["),
        (lambda texts: "words", "a str of 5; it must be a numpy array"),
        (lambda texts: [[1.0], [1.0, 2.0]], "a list of 2"),
        (lambda texts: np.zeros((len(texts), 0)), "gave vectors of no dimension"),
        (lambda texts: 1 / 0, "raised ZeroDivisionError"),
        ({"cross_encoder": lambda pairs: np.zeros((len(pairs), 2))}, "score("),
    ],
)
def test_a_function_of_another_shape_is_told_as_its_own(
    frames: dict[str, Any], tmp_path: Path, model: Any, said: str
) -> None:
    with pytest.raises(ModelError, match=re.escape(said)):
        harness.run(**frames, models={"m": model}, out=tmp_path / "b")


def test_nothing_to_measure_on_and_a_config_of_no_kind(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="nothing to measure on"):
        harness.run(models={"len": lengths})
    with pytest.raises(UsageError, match="config is a function"):
        harness.run(lengths)  # type: ignore[arg-type]
    with pytest.raises(UsageError, match="a named suite has its own"):
        harness.run("quickstart", measures=["ndcg@10"])


def test_no_module_takes_the_name_of_a_public_function() -> None:
    assert not {module.name for module in pkgutil.iter_modules(harness.__path__)} & set(harness.__all__)
