"""Classification, pair classification and clustering end to end: figures equal a direct computation, every verb works."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

import harness
from harness.compare import compare
from harness.datasets.textfiles import lines
from harness.errors import ConfigError, DataError, UsageError
from harness.gate import gate, update_baseline
from harness.report.finding import finding
from harness.report.printed.summary import summary_table
from harness.results.bundle import Bundle
from harness.selection import select
from harness.show import show
from harness.verify import verify_bundle

KINDS = {"animal": ("bird", "fish"), "place": ("city", "lake"), "plant": ("tree", "forest")}
ADJECTIVES = ("long", "high", "old", "deep", "red", "blue", "green")
Make = Callable[..., Bundle]


def _texts(seed: int, n: int) -> list[tuple[str, str]]:
    random = np.random.default_rng(seed)
    rows = []
    for i in range(n):
        label = list(KINDS)[i % 3]
        noun, first, second = random.choice(KINDS[label]), *random.choice(ADJECTIVES, 2)
        rows.append((f"the {first} {noun} is {second} and {random.choice(ADJECTIVES)}", label))
    return rows


def _suite(folder: Path, task: str, dataset: str, measures: str, protocol: str = "") -> None:
    primary = measures.split(",")[0]
    more = f"protocol: {{{protocol}}}\n" if protocol else ""
    (folder / "suite.yaml").write_text(
        f"task: {task}\nversion: 1\ndataset: {{{dataset}}}\n{more}measures: [{measures}]\nprimary: {primary}\n"
    )


def _write(path: Path, rows: list[tuple[str, ...]]) -> None:
    path.write_text("".join("\t".join(row) + "\n" for row in rows))


@pytest.fixture
def make(tmp_path: Path, tiny_bi_encoder: Path, tiny_cross_encoder: Path) -> Make:
    """Run pipelines over the suite in the test's folder."""

    def run(pipelines: str, name: str = "bundle") -> Bundle:
        (tmp_path / "config.yaml").write_text(
            "suite: suite.yaml\ndevice: cpu\nstore: off\nmodels:\n"
            f"  bi: {{bi_encoder: {tiny_bi_encoder}}}\n  max: {{bi_encoder: {tiny_bi_encoder}, pooling: max}}\n"
            f"  cross: {{cross_encoder: {tiny_cross_encoder}}}\npipelines: {{{pipelines}}}\n"
        )
        return harness.run(tmp_path / "config.yaml", out=tmp_path / name)

    return run


@pytest.fixture
def classified(tmp_path: Path, make: Make) -> Bundle:
    _write(tmp_path / "train.tsv", _texts(0, 60))
    _write(tmp_path / "test.tsv", _texts(1, 45))
    _suite(tmp_path, "classification", "train: train.tsv, test: test.tsv", "accuracy, macro_f1")
    return make("bi: {encode: bi}, max: {encode: max}")


def _encoded(folder: Path, texts: list[str]) -> np.ndarray:
    from sentence_transformers import SentenceTransformer

    return np.asarray(SentenceTransformer(str(folder), device="cpu").encode(texts))


def test_a_classification_is_scikit_learns(classified: Bundle, tmp_path: Path, tiny_bi_encoder: Path) -> None:
    from sklearn.linear_model import LogisticRegression
    from sklearn.metrics import accuracy_score, f1_score

    train, test = (
        [text.split("\t") for _, text in lines(tmp_path / f"{name}.tsv")] for name in ("train", "test")
    )
    vectors = _encoded(tiny_bi_encoder, [row[0] for row in train + test])
    fitted = LogisticRegression(max_iter=1000).fit(vectors[:60], [row[1] for row in train])
    gold, found = [row[1] for row in test], fitted.predict(vectors[60:])
    assert classified.value("bi", "accuracy") == pytest.approx(accuracy_score(gold, found))
    assert classified.value("bi", "macro_f1") == pytest.approx(f1_score(gold, found, average="macro"))
    assert classified.content["pipelines"]["bi"]["stages"]["logistic_regression"]["max_iter"] == 1000


def test_draws_of_training_texts_are_repeats(tmp_path: Path, make: Make) -> None:
    _write(tmp_path / "train.tsv", _texts(0, 60))
    _write(tmp_path / "test.tsv", _texts(1, 45))
    _suite(
        tmp_path,
        "classification",
        "train: train.tsv, test: test.tsv",
        "accuracy",
        "samples_per_label: 2, repeats: 4",
    )
    made = make("bi: {encode: bi}")
    figure = made.content["pipelines"]["bi"]["measures"]["accuracy"]
    assert figure["repeats"]["n"] == 4
    assert figure["repeats"]["sd"] > 0
    assert made.frame("predictions").shape[0] == 4 * 45
    assert verify_bundle(made).exit_code == 0


@pytest.fixture
def paired(tmp_path: Path, make: Make) -> Bundle:
    rows = _texts(2, 80)
    random = np.random.default_rng(0)
    others = [rows[i] for i in random.permutation(80)]
    pairs = [(a, b, str(int(x == y))) for (a, x), (b, y) in zip(rows, others, strict=True)]
    _write(tmp_path / "pairs.tsv", pairs)
    _suite(tmp_path, "pair-classification", "pairs: pairs.tsv", "average_precision, best_accuracy, best_f1")
    return make("bi: {score: bi, similarity: [cosine, manhattan]}, cross: {score: cross}")


def test_pair_classification_is_scikit_learns(paired: Bundle, tmp_path: Path, tiny_bi_encoder: Path) -> None:
    from sklearn.metrics import average_precision_score
    from sklearn.metrics.pairwise import paired_manhattan_distances

    rows = [text.split("\t") for _, text in lines(tmp_path / "pairs.tsv")]
    first, second = (_encoded(tiny_bi_encoder, [row[i] for row in rows]) for i in (0, 1))
    labels = [int(row[2]) for row in rows]
    direct = average_precision_score(labels, -paired_manhattan_distances(first, second))
    assert list(paired.pipelines) == ["bi@cosine", "bi@manhattan", "cross"]
    assert paired.value("bi@manhattan", "average_precision") == pytest.approx(direct, abs=1e-6)
    assert paired.content["pipelines"]["bi@manhattan"]["stages"] == {"score": "bi", "similarity": "manhattan"}


@pytest.fixture
def clustered(tmp_path: Path, make: Make) -> Bundle:
    _write(tmp_path / "texts.tsv", _texts(3, 60))
    _suite(tmp_path, "clustering", "texts: texts.tsv", "v_measure", "repeats: 3")
    return make("bi: {encode: bi}, max: {encode: max}")


def test_clusters_are_scikit_learns(clustered: Bundle, tmp_path: Path, tiny_bi_encoder: Path) -> None:
    from sklearn.cluster import KMeans
    from sklearn.metrics import v_measure_score

    rows = [text.split("\t") for _, text in lines(tmp_path / "texts.tsv")]
    vectors = _encoded(tiny_bi_encoder, [row[0] for row in rows])
    runs = [KMeans(3, n_init=1, random_state=seed).fit_predict(vectors) for seed in range(3)]
    direct = np.mean([v_measure_score([row[1] for row in rows], found) for found in runs])
    assert clustered.value("bi", "v_measure") == pytest.approx(direct, abs=1e-9)
    assert (
        clustered.content["pipelines"]["bi"]["measures"]["v_measure"]["interval"]["method"]
        == "bootstrap-centred"
    )


@pytest.mark.parametrize(
    ("bundle", "measure", "unit"),
    [
        ("classified", "accuracy", "texts"),
        ("paired", "average_precision", "pairs"),
        ("clustered", "v_measure", "texts"),
    ],
)
def test_every_verb_works(
    bundle: str, measure: str, unit: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    made: Bundle = request.getfixturevalue(bundle)
    first, *_, last = made.pipelines
    checked = verify_bundle(made)
    assert (checked.mismatches, checked.exit_code) == ((), 0)
    found = compare([made])
    row = next(one for one in found.results if one.measure == measure and one.first == last)
    assert row.delta == pytest.approx(made.value(last, measure) - made.value(first, measure))
    assert row.interval is not None
    assert select([made]).recommended in made.pipelines
    baseline = update_baseline(made, tmp_path / "baseline", "the first")
    assert baseline.has(next(iter(_items_table(baseline))))
    policy = tmp_path / "policy.yaml"
    policy.write_text(
        f"quality:\n  {measure}: {{rule: non-inferiority, margin: 0.01}}\npipelines: [{last}]\nalpha: 0.05\n"
    )
    assert gate(made, policy, baseline.path).exit_code == 0
    assert f"over {made.pipelines[first].measures[measure].n} {unit}" in finding(made)
    assert unit in summary_table(made).caption
    item = compare([made, _copy(made, tmp_path)]).results[0]
    assert item.delta == 0.0
    assert show(made, _first_item(made)).query_id == _first_item(made)


def _items_table(bundle: Bundle) -> list[object]:
    from harness.results.tables import PAIRS, TEXTS

    return [table for table in (PAIRS, TEXTS) if bundle.has(table)]


def _first_item(bundle: Bundle) -> str:
    from harness.compare.evidence import load

    return load(bundle).ids[0]


def _copy(bundle: Bundle, folder: Path) -> Bundle:
    import shutil

    return harness.load(shutil.copytree(bundle.path, folder / "copy"))


def test_verify_finds_a_prediction_that_was_changed(classified: Bundle) -> None:
    from harness.results import writing
    from harness.results.tables import PREDICTIONS

    rows = classified.table(PREDICTIONS).to_pydict()
    rows["label"][:20] = ["plant" if label != "plant" else "place" for label in rows["label"][:20]]
    writing.write_table(classified.path, PREDICTIONS, rows)
    wrong = [one.figure for one in verify_bundle(classified.path).mismatches]
    assert "bi, accuracy value" in wrong
    assert "predictions.parquet, SHA-256" in wrong


@pytest.mark.parametrize(
    ("pipelines", "match"),
    [
        (
            "a: {score: bi}",
            r"config\.yaml:8: suite suite has the task classification, where a pipeline is \{encode: MODEL\}",
        ),
        ("a: {encode: cross}", "encode takes a bi-encoder, and 'cross' is a cross-encoder"),
        ("a: {encode: bi, depth: 10}", "a pipeline that encodes texts has no depth"),
    ],
)
def test_a_pipeline_of_another_task_is_refused(
    tmp_path: Path, make: Make, pipelines: str, match: str
) -> None:
    _suite(tmp_path, "classification", "train: train.tsv, test: test.tsv", "accuracy")
    with pytest.raises(ConfigError, match=match):
        make(pipelines)


@pytest.mark.parametrize(
    ("pipelines", "match"),
    [
        ("a: {score: cross, similarity: dot}", "'cross' is a cross-encoder, which scores pairs itself"),
        ("a: {score: bi, similarity: [dot, dot]}", "similarity: one is given twice"),
        ("a: {score: bi, similarity: jaccard}", "valid are cosine, dot, euclidean, manhattan"),
        ("a: {encode: bi, similarity: dot}", "given are the keys encode, similarity"),
    ],
)
def test_a_similarity_that_cannot_be_is_refused(
    tmp_path: Path, make: Make, pipelines: str, match: str
) -> None:
    _suite(tmp_path, "pair-classification", "pairs: pairs.tsv", "average_precision")
    with pytest.raises(ConfigError, match=match):
        make(pipelines)


@pytest.mark.parametrize(
    ("task", "dataset", "protocol", "match"),
    [
        ("classification", "train: t.tsv, test: t.tsv", "repeats: 3", "all would learn from the same texts"),
        (
            "classification",
            "train: t.tsv, test: t.tsv",
            "sample_per_label: 8",
            "did you mean 'samples_per_label'",
        ),
        ("clustering", "texts: t.tsv", "clusters: 1", "protocol.clusters"),
        ("sts", "pairs: t.tsv", "repeats: 2", "the task sts has no protocol to set"),
    ],
)
def test_a_protocol_that_cannot_be_is_refused(
    tmp_path: Path, make: Make, task: str, dataset: str, protocol: str, match: str
) -> None:
    measure = {"classification": "accuracy", "clustering": "v_measure", "sts": "spearman"}[task]
    _suite(tmp_path, task, dataset, measure, protocol)
    with pytest.raises(ConfigError, match=match):
        make("a: {encode: bi}" if task != "sts" else "a: {score: bi}")


def test_fewer_texts_than_clusters_is_refused(tmp_path: Path, make: Make) -> None:
    _write(tmp_path / "t.tsv", _texts(0, 6))
    _suite(tmp_path, "clustering", "texts: t.tsv", "v_measure", "clusters: 50")
    with pytest.raises(DataError, match="6 different texts cannot make 50 clusters"):
        make("a: {encode: bi}")


def test_a_solver_that_has_not_finished_says_so(tmp_path: Path, make: Make) -> None:
    _write(tmp_path / "t.tsv", _texts(0, 30))
    _write(tmp_path / "u.tsv", _texts(1, 9))
    _suite(tmp_path, "classification", "train: t.tsv, test: u.tsv", "accuracy", "max_iter: 1")
    (warning,) = make("a: {encode: bi}").content["warnings"]
    assert "had not converged after 1 iterations in 1 of 1 fits" in warning


def test_trying_a_text_is_not_for_labels(tmp_path: Path, make: Make, classified: Bundle) -> None:
    from harness.config import load_config
    from harness.plan.trying import try_text
    from harness.progress import Silent

    with pytest.raises(UsageError, match="a single text has no answer there"):
        try_text(load_config(tmp_path / "config.yaml"), "the bird", 3, offline=True, progress=Silent())


@pytest.mark.long
@pytest.mark.parametrize(
    ("config", "suite", "measure", "value", "within"),
    [
        ("transfer", "factbook-classification", "accuracy", 0.9107, 0.003),
        (
            "transfer",
            "factbook-clustering",
            "v_measure",
            0.7130,
            0.02,
        ),  # k-means turns last bits into other clusters
        ("transfer-pairs", "factbook-pairs", "average_precision", 0.8100, 0.001),
    ],
)
def test_the_shipped_configs_run_offline(
    tmp_path: Path, minilm: str, config: str, suite: str, measure: str, value: float, within: float
) -> None:
    from harness.config import load_config

    content = Path(load_config(config).file.path).read_text(encoding="utf-8")
    assert minilm in content
    made = harness.run(config, out=tmp_path / "bundle", overrides=[f"suite={suite}"], offline=True)
    assert made.value(next(iter(made.pipelines)), measure) == pytest.approx(value, abs=within)
