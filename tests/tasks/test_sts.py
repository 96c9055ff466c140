"""STS under every similarity: equal to sentence-transformers' evaluator; one encoding serves all; published figures."""

from __future__ import annotations

from pathlib import Path

import pytest

import harness
from harness.plan.planning import plan
from harness.progress import Silent
from harness.report.printed.summary import summary_tables
from harness.report.table import Estimate
from harness.results.bundle import Bundle
from harness.verify import verify_bundle

SIMILARITIES = ("cosine", "dot", "euclidean", "manhattan")
NOUNS = ("bird", "fish", "tree", "city", "lake", "stone")
ROWS = [
    (f"the {a} is {x}", f"a {b} {y} in the forest", round(5 * (i * 7 % 12) / 11, 2))
    for i, (a, b, x, y) in enumerate(
        (NOUNS[i % 6], NOUNS[i * i % 6], ("long", "red", "old")[i % 3], ("lives", "stands")[i % 2])
        for i in range(30)
    )
]


@pytest.fixture
def config(tmp_path: Path, tiny_backbone: Path) -> Path:
    """A config of one model, not normalised, so that no two similarities agree."""
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.base.modules import Transformer
    from sentence_transformers.sentence_transformer.modules import Pooling

    transformer = Transformer(str(tiny_backbone), max_seq_length=32)
    modules = [transformer, Pooling(transformer.get_embedding_dimension(), "max")]
    SentenceTransformer(modules=modules, device="cpu").save_pretrained(str(tmp_path / "model"))
    (tmp_path / "pairs.tsv").write_text("".join(f"{a}\t{b}\t{score}\n" for a, b, score in ROWS))
    (tmp_path / "suite.yaml").write_text(
        "task: sts\nversion: 1\ndataset: {pairs: pairs.tsv}\nmeasures: [spearman, pearson]\nprimary: spearman\n"
        "reference:\n  Elsewhere:\n    spearman: 0.5\n    source: nobody\n"
        "  model@manhattan:\n    spearman: 0.25\n    source: somebody\n"
    )
    (tmp_path / "config.yaml").write_text(
        "suite: suite.yaml\ndevice: cpu\nstore: store\nmodels:\n  m: {bi_encoder: ./model}\npipelines:\n"
        f"  m: {{score: m, similarity: [{', '.join(SIMILARITIES)}]}}\n  own: {{score: m}}\n"
    )
    return tmp_path / "config.yaml"


@pytest.fixture
def bundle(config: Path) -> Bundle:
    return harness.run(config, out=config.parent / "bundle")


def test_four_similarities_are_the_evaluators(bundle: Bundle, config: Path) -> None:
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.evaluation import EmbeddingSimilarityEvaluator

    model = SentenceTransformer(str(config.parent / "model"), device="cpu")
    first, second, gold = (list(column) for column in zip(*ROWS, strict=True))
    theirs = EmbeddingSimilarityEvaluator(
        first, second, gold, similarity_fn_names=list(SIMILARITIES), write_csv=False
    )(model)
    for similarity in SIMILARITIES:
        for measure in ("spearman", "pearson"):
            mine = bundle.value(f"m@{similarity}", measure)
            assert mine == pytest.approx(theirs[f"{measure}_{similarity}"], abs=1e-6)
    assert len({bundle.value(f"m@{one}", "pearson") for one in SIMILARITIES}) == 4
    assert bundle.value("own", "pearson") == bundle.value("m@cosine", "pearson")
    assert verify_bundle(bundle).exit_code == 0


def test_sentences_are_encoded_once_for_all_similarities(bundle: Bundle) -> None:
    different = {text for row in ROWS for text in row[:2]}
    work = bundle.result["work"]["m"]
    assert work["texts"] + work["stored"]["texts"] == len(different)


def test_the_plan_counts_shared_sentences_once(config: Path) -> None:
    from harness.config import load_config

    made = plan(load_config(config), Silent(), calibrate=False)
    (step,) = made.steps
    assert step.total == len({text for row in ROWS for text in row[:2]})
    assert step.shared_by == (*(f"m@{one}" for one in SIMILARITIES), "own")


def test_published_figures_stand_beside_the_same_model_and_similarity(bundle: Bundle) -> None:
    rows = {row[0]: row[2:6] for row in summary_tables(bundle)[1].rows}
    assert rows["Elsewhere"] == (0.5, None, None, None)
    published, measured, difference, pipeline = rows["model@manhattan"]
    value = bundle.value("m@manhattan", "spearman")
    assert isinstance(measured, Estimate)
    assert (published, measured.value, pipeline) == (0.25, value, "m@manhattan")
    assert difference == pytest.approx(value - 0.25)


def test_a_suite_without_published_figures_has_no_such_table(config: Path) -> None:
    suite = config.parent / "suite.yaml"
    suite.write_text(suite.read_text().split("reference:")[0])
    assert len(summary_tables(harness.run(config, out=config.parent / "bundle"))) == 1


@pytest.mark.long
def test_stsb_under_every_similarity_is_as_published(real_data: Path, tmp_path: Path, minilm: str) -> None:
    suite = Path("suites/stsb.yaml").read_text()
    (tmp_path / "suite.yaml").write_text(
        "task: sts\nversion: 1\nmeasures: [spearman, pearson]\nprimary: spearman\n"
        f"dataset: {{pairs: {real_data / 'sts/stsb/test.csv'}}}\n" + suite[suite.index("reference:") :]
    )
    (tmp_path / "config.yaml").write_text(
        f"suite: suite.yaml\ndevice: cpu\nstore: off\nmodels:\n  m: {{bi_encoder: {minilm}}}\n"
        "pipelines:\n  m: {score: m, similarity: [cosine, euclidean, manhattan]}\n"
    )
    table = summary_tables(harness.run(tmp_path / "config.yaml", out=tmp_path / "bundle"))[1]
    differences = [row[4] for row in table.rows if row[5]]
    assert len(differences) == 6
    assert all(isinstance(one, float) and abs(one) <= 2e-4 for one in differences)
