"""Results of MTEB and of sentence-transformers' evaluators as bundles: what they hold, and nothing that they do not."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from harness.cli import main
from harness.errors import DataError, UsageError
from harness.imported import import_results

#: As mteb 2.26 writes it, shortened.
SCORES = {
    "ndcg_at_1": 0.3, "ndcg_at_10": 0.5, "map_at_100": 0.25, "recall_at_100": 0.75, "precision_at_5": 0.125, "mrr_at_10": 0.4,
    "hit_rate_at_10": 0.9, "nauc_ndcg_at_1_max": 0.4, "accuracy": 0.01, "main_score": 0.5, "hf_subset": "default",
    "languages": ["eng-Latn"],
}  # fmt: skip
STS = {
    "cosine_spearman": 0.8,
    "cosine_pearson": 0.7,
    "euclidean_spearman": 0.6,
    "main_score": 0.8,
    "hf_subset": "en",
    "languages": [],
}


def _write(path: Path, task: str = "SciFact", revision: str = "r1", **more: Any) -> Path:
    scores = more.pop("scores", {"test": [SCORES]})
    content = {
        "dataset_revision": revision,
        "task_name": task,
        "mteb_version": "2.26.24",
        "scores": scores,
        **more,
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content))
    return path


def test_mteb_s_result_becomes_a_bundle_of_aggregates(tmp_path: Path) -> None:
    file = _write(tmp_path / "r1" / "SciFact.json")
    (tmp_path / "r1" / "model_meta.json").write_text(json.dumps({"name": "org/model-a"}))
    made = import_results([file, _write(tmp_path / "other.json")], tmp_path / "bundle")
    assert list(made.pipelines) == ["model-a", "other"]
    assert (made.primary, made.result.task, made.result.suite.name) == ("ndcg@10", "retrieval", "SciFact")
    assert set(made.measures) == {
        "ndcg@10",
        "ndcg@1",
        "map@100",
        "recall@100",
        "precision@5",
        "mrr@10",
        "hit_rate@10",
    }
    figure = made.pipelines["model-a"].measures["recall@100"]
    assert (figure.value, figure.n, figure.interval) == (0.75, None, None)
    assert dict(made.result.suite.dataset) == {
        "mteb": "SciFact",
        "revision": "r1",
        "split": "test",
        "subset": "default",
    }
    assert any("aggregates only" in note for note in made.result.notes)


def test_what_needs_queries_is_not_claimed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Not comparable (4) for every verb that decides; shown and drawn nevertheless."""
    one, two = str(_write(tmp_path / "one.json")), str(_write(tmp_path / "two.json"))
    bundle = str(tmp_path / "bundle")
    assert main(["import", one, two, "--out", bundle]) == 0
    out = capsys.readouterr().out
    assert "imported from one.json" in out
    assert "whether that is more than chance cannot be said of aggregates" in out
    (tmp_path / "policy.yaml").write_text("quality: {ndcg@10: {rule: floor, min: 0.1}}\n")
    for verb in (
        ["compare", bundle], ["gate", bundle, "--policy", str(tmp_path / "policy.yaml")], ["select", bundle],
        ["average", bundle], ["verify", bundle], ["power", bundle],
    ):  # fmt: skip
        assert main(verb) == 4, verb
        told = capsys.readouterr()
        assert "aggregates, and no scores of single items" in told.err + told.out, verb
    assert main(["export", bundle, "--to", "mteb", "--out", str(tmp_path / "exported")]) == 4
    assert "was imported without counts and intervals" in capsys.readouterr().err
    assert main(["report", bundle, "--out", str(tmp_path / "page")]) == 0
    assert "imported as figures that another program had made" in (tmp_path / "page/report.md").read_text()


def test_a_subset_is_chosen_and_pairs_are_known(tmp_path: Path) -> None:
    file = _write(
        tmp_path / "STS17.json",
        "STS17",
        scores={"test": [STS, {**STS, "hf_subset": "de", "cosine_spearman": 0.5}]},
    )
    with pytest.raises(UsageError, match="several subsets, en, de; name one with --subset"):
        import_results([file], tmp_path / "bundle")
    with pytest.raises(UsageError, match="no subset 'fr'; it has en, de"):
        import_results([file], tmp_path / "bundle", subset="fr")
    made = import_results([file], tmp_path / "bundle", subset="de")
    assert (made.result.task, made.measures) == ("sts", ("spearman", "pearson"))
    assert made.value("STS17", "spearman") == 0.5


def test_an_evaluator_s_csv_is_its_last_row(tmp_path: Path) -> None:
    """Columns as sentence-transformers 6.2 writes them; of several similarities the first counts, and it is said."""
    path = tmp_path / "Information-Retrieval_evaluation_dev_results.csv"
    path.write_text(
        "epoch,steps,cosine-Accuracy@1,cosine-Precision@3,cosine-MRR@10,cosine-NDCG@10,cosine-MAP@100,dot-NDCG@10\n"
        "0.5,10,0.1,0.2,0.3,0.4,0.5,0.9\n1.0,20,0.2,0.3,0.4,0.5,0.6,0.9\n"
    )
    made = import_results([path], tmp_path / "bundle", names=["mine"])
    figures = {name: figure.value for name, figure in made.pipelines["mine"].measures.items()}
    assert figures == {"hit_rate@1": 0.2, "precision@3": 0.3, "mrr@10": 0.4, "ndcg@10": 0.5, "map@100": 0.6}
    assert (
        "by cosine, the last of 2 rows (epoch 1.0, steps 20); figures by dot are left out"
        in made.result.notes[0]
    )
    pairs = tmp_path / "similarity_evaluation_sts-dev_results.csv"
    pairs.write_text("epoch,steps,cosine_pearson,cosine_spearman\n-1,-1,0.7,0.8\n")
    sts = import_results([pairs], tmp_path / "sts")
    assert (sts.result.task, sts.primary) == ("sts", "spearman")


def test_an_evaluator_s_own_file(tmp_path: Path, tiny_bi_encoder: Path) -> None:
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.evaluation import InformationRetrievalEvaluator

    queries, corpus = {"q1": "red", "q2": "blue"}, {"d1": "red", "d2": "blue", "d3": "green"}
    judge = InformationRetrievalEvaluator(
        queries, corpus, {"q1": {"d1"}, "q2": {"d3"}}, name="dev", accuracy_at_k=[1], mrr_at_k=[3]
    )
    figures = judge(SentenceTransformer(str(tiny_bi_encoder), device="cpu"), output_path=str(tmp_path))
    (file,) = tmp_path.glob("*.csv")
    made = import_results([file], tmp_path / "bundle", names=["m"])
    assert made.value("m", "ndcg@10") == pytest.approx(figures["dev_cosine_ndcg@10"], abs=1e-12)
    assert made.value("m", "mrr@3") == pytest.approx(figures["dev_cosine_mrr@3"], abs=1e-12)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("{", "is no JSON"),
        ("[]", "is no TaskResult of MTEB: it lacks task_name or scores"),
        (
            '{"mteb_dataset_name": "SciFact", "test": {"ndcg_at_10": 0.5}}',
            "a result of MTEB before 1.11, in another form",
        ),
        ('{"task_name": "T", "scores": {}}', "holds no split"),
        ('{"task_name": "T", "scores": {"test": {"ndcg_at_10": 1}}}', "scores.test is no list of objects"),
        (
            '{"task_name": "T", "scores": {"test": [{"hf_subset": "d", "weird": 1}]}}',
            "of no task that is known here",
        ),
        (
            '{"task_name": "T", "scores": {"test": [{"hf_subset": "d", "ndcg_at_10": "x"}]}}',
            "ndcg_at_10 is 'x', and no finite",
        ),
        (
            '{"task_name": "T", "scores": {"test": [{"hf_subset": "d", "ndcg_at_10": NaN}]}}',
            "no finite number",
        ),
    ],
)
def test_what_is_no_result_is_said(tmp_path: Path, content: str, says: str) -> None:
    (tmp_path / "T.json").write_text(content)
    with pytest.raises(DataError, match=says):
        import_results([tmp_path / "T.json"], tmp_path / "bundle")
    assert not (tmp_path / "bundle").exists()


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("", "its first line should begin with epoch,steps"),
        ("epoch,steps,cosine_spearman\n", "and a line of figures follow"),
        ("epoch,steps,loss\n1,2,3\n", "none of its columns loss is a measure"),
        ("epoch,steps,cosine_spearman\n1,2\n", "2 columns, where the header has 3"),
        ("epoch,steps,cosine_spearman\n1,2,nan\n", "no finite number"),
    ],
)
def test_a_csv_that_is_none_is_said(tmp_path: Path, content: str, says: str) -> None:
    (tmp_path / "e.csv").write_text(content)
    with pytest.raises(DataError, match=says):
        import_results([tmp_path / "e.csv"], tmp_path / "bundle")


def test_results_of_other_tasks_or_data_are_not_put_together(tmp_path: Path) -> None:
    one = _write(tmp_path / "one.json")
    with pytest.raises(DataError, match=r"one.json is of the task SciFact, and .*two.json of NFCorpus"):
        import_results([one, _write(tmp_path / "two.json", "NFCorpus")], tmp_path / "bundle")
    with pytest.raises(
        DataError, match="are of other data: revision r1 and r2; their figures do not compare"
    ):
        import_results([one, _write(tmp_path / "two.json", revision="r2")], tmp_path / "bundle")
    with pytest.raises(UsageError, match="1 names are given for 2 files"):
        import_results([one, one], tmp_path / "bundle", names=["a"])
    with pytest.raises(UsageError, match="two pipelines would be called 'one'"):
        import_results([one, one], tmp_path / "bundle")
