"""STS under every similarity: equal to sentence-transformers' evaluator; one encoding serves all; published figures."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

import harness
from harness.config import load_config
from harness.plan.planning import plan
from harness.progress import Silent
from harness.report.printed.summary import summary_tables
from harness.report.table import Estimate
from harness.results import tables
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
    work = bundle.content["work"]["m"]
    assert work["texts"] + work["stored"]["texts"] == len(different)


def test_the_plan_counts_shared_sentences_once(config: Path) -> None:
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


def test_pairs_of_the_same_tokens_have_the_same_score(config: Path, tiny_cross_encoder: Path) -> None:
    """The tokenizer knows no capitals: other letters, the same tokens, in other batches, and still one score each."""
    rows = [(a, b) for a, b, _ in ROWS[:10]] + [(a, a) for a, _, _ in ROWS[:10]]
    rows = [*rows, *((a.upper(), b.title()) for a, b in rows), *((f"{a} {a}", b) for a, b in rows)]
    text = "".join(f"{a}\t{b}\t{i % 6}\n" for i, (a, b) in enumerate(rows))
    (config.parent / "pairs.tsv").write_text(text)
    config.write_text(
        config.read_text().replace(
            "models:\n", f"models:\n  c: {{cross_encoder: {tiny_cross_encoder}, batch_size: 3}}\n"
        )
        + "  c: {score: c}\n"
    )
    bundle = harness.run(config, out=config.parent / "bundle")
    scores = bundle.table(tables.PAIR_SCORES).to_pandas()
    for _, of in scores.groupby("pipeline"):
        np.testing.assert_array_equal(of["score"].to_numpy()[:20], of["score"].to_numpy()[20:40])
    cosines = scores[scores["pipeline"] == "m@cosine"]["score"].to_numpy()
    assert set(cosines[10:20]) == {1.0}
    different = {part.lower() for row in rows for part in row}
    work = bundle.content["work"]
    assert work["m"]["texts"] + work["m"]["stored"]["texts"] == len(different)
    pairs = {(a.lower(), b.lower()) for a, b in rows}
    assert work["c"]["texts"] + work["c"]["stored"]["texts"] == len(pairs)
    planned = plan(load_config(config), Silent(), calibrate=False)
    assert [(step.stored, step.total) for step in planned.steps] == [
        (len(different),) * 2,
        (len(pairs),) * 2,
    ]


def test_scores_that_single_precision_cannot_tell_apart_are_told(config: Path) -> None:
    (config.parent / "near.py").write_text(
        "import numpy as np\nclass Scorer:\n    def score(self, pairs):\n"
        "        return (1 + np.arange(len(pairs)) * np.spacing(np.float32(1))).astype(np.float32)\n"
    )
    config.write_text(
        config.read_text().replace("models:\n", "models:\n  n: {cross_encoder: {class: near.Scorer}}\n")
    )
    config.write_text(config.read_text() + "  near: {score: n}\n")
    bundle = harness.run(config, out=config.parent / "bundle")
    ties = bundle.content["pipelines"]["near"]["ties"]
    assert ties["worst"] < ties["canonical"] < ties["best"]
    assert ties["worst"] == pytest.approx(-ties["best"])  # every order of the different pairs is possible
    (told,) = [text for text in bundle.content["warnings"] if text.startswith("near: ")]
    assert told.startswith(
        "near: the order of scores that single precision cannot tell apart can move spearman from -0."
    )
    assert verify_bundle(bundle).exit_code == 0
    assert (
        bundle.content["pipelines"]["m@manhattan"]["ties"]["worst"]
        == bundle.content["pipelines"]["m@manhattan"]["ties"]["best"]
    )


@pytest.mark.long
def test_sts17_arabic_is_mtebs_figure(real_data: Path, tmp_path: Path, minilm: str) -> None:
    """Six pairs are the same text twice: ordered by the noise of their cosines they gave .509076."""
    lines = (real_data / "sts/sts17/ar-ar.jsonl").read_text(encoding="utf-8").splitlines()
    rows = [json.loads(line) for line in lines]
    text = "".join(f"{row['sentence1']}\t{row['sentence2']}\t{row['score']}\n" for row in rows)
    (tmp_path / "pairs.tsv").write_text(text, encoding="utf-8")
    (tmp_path / "suite.yaml").write_text(
        "task: sts\nversion: 1\nmeasures: [spearman]\nprimary: spearman\ndataset: {pairs: pairs.tsv}\n"
    )
    (tmp_path / "config.yaml").write_text(
        f"suite: suite.yaml\ndevice: cpu\nstore: off\nmodels:\n  m: {{bi_encoder: {minilm}}}\n"
        "pipelines:\n  m: {score: m}\n"
    )
    bundle = harness.run(tmp_path / "config.yaml", out=tmp_path / "bundle")
    assert bundle.value("m", "spearman") == pytest.approx(0.508929, abs=2e-6)
