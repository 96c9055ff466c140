"""Tiny models with random weights, one of every kind that people have, each saved by the library itself."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import torch
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors
from transformers import PreTrainedTokenizerFast

_ALL = (
    "the a of in is and to river city mountain bird fish tree stone long high old deep red blue green bank flows "
    "grows stands lives swims flies where what how many far tall wide north south east west water snow forest sea "
    "lake query document find yes no :"
)
WORDS = list(dict.fromkeys(_ALL.split()))
#: As decoders' tokenizers have it: nothing is put around a text.
NOTHING = "nothing"
#: As BERT has it, and as T5 has it.
BOTH_ENDS, END = "both ends", "end"


def tokenizer(around: str, *, pad: str | None = "[PAD]", **more: Any) -> PreTrainedTokenizerFast:
    """A tokenizer of whole words, with what it puts around a text."""
    specials = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    vocabulary = {word: i for i, word in enumerate([*specials, *WORDS])}
    made = Tokenizer(models.WordLevel(vocabulary, unk_token="[UNK]"))
    made.normalizer = normalizers.Lowercase()
    made.pre_tokenizer = pre_tokenizers.Whitespace()
    ends = [("[CLS]", 2), ("[SEP]", 3)]
    if around == BOTH_ENDS:
        made.post_processor = processors.TemplateProcessing(
            single="[CLS] $A [SEP]", pair="[CLS] $A [SEP] $B:1 [SEP]:1", special_tokens=ends
        )
    elif around == END:
        made.post_processor = processors.TemplateProcessing(
            single="$A [SEP]", pair="$A [SEP] $B [SEP]", special_tokens=ends
        )
    names = {"unk_token": "[UNK]", "cls_token": "[CLS]", "sep_token": "[SEP]", "eos_token": "[SEP]"}
    if pad is not None:
        names["pad_token"] = pad
    return PreTrainedTokenizerFast(tokenizer_object=made, **names, **more)


#: Weights so large that whatever a model reads moves its answer far more than rounding does.
_SIZE = {
    "vocab_size": 5 + len(WORDS),
    "hidden_size": 32,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "initializer_range": 0.3,
}


def bert(head: str = "BertModel", **more: Any) -> Any:
    """An encoder with absolute positions."""
    import transformers

    torch.manual_seed(0)
    size = {**_SIZE, "intermediate_size": 64, "max_position_embeddings": 64, "pad_token_id": 0, **more}
    return getattr(transformers, head)(transformers.BertConfig(**size))


# Of several kinds that transformers has, those are taken here whose tokenizer is the one in the folder, and not one
# that the library builds of its words.


def roberta(head: str = "XLMRobertaXLModel", **more: Any) -> Any:
    """An encoder whose positions begin after the padding's: 34 of them hold 33 tokens."""
    import transformers

    torch.manual_seed(0)
    size = {**_SIZE, "intermediate_size": 64, "max_position_embeddings": 34, "pad_token_id": 0, **more}
    return getattr(transformers, head)(transformers.XLMRobertaXLConfig(**size, type_vocab_size=1))


def decoder(head: str = "StableLmModel", **more: Any) -> Any:
    """A decoder with rotary positions."""
    import transformers

    torch.manual_seed(0)
    size = {**_SIZE, "intermediate_size": 64, "max_position_embeddings": 64, "pad_token_id": 0, **more}
    return getattr(transformers, head)(transformers.StableLmConfig(**size, num_key_value_heads=2))


def absolute_decoder() -> Any:
    """A decoder with absolute positions."""
    from transformers import GPTBigCodeConfig, GPTBigCodeModel

    torch.manual_seed(0)
    size = {"n_positions": 64, "pad_token_id": 0, "bos_token_id": 2, "eos_token_id": 3}
    return GPTBigCodeModel(GPTBigCodeConfig(**_SIZE, **size))


def t5() -> Any:
    """An encoder and decoder of which the encoder is used."""
    from transformers import UMT5Config, UMT5Model

    torch.manual_seed(0)
    size = {"d_model": 32, "d_kv": 8, "d_ff": 64, "num_layers": 2, "num_heads": 4, "pad_token_id": 0}
    return UMT5Model(UMT5Config(vocab_size=_SIZE["vocab_size"], **size))


def plain(folder: Path, model: Any, words: PreTrainedTokenizerFast) -> Path:
    """Save a transformer as transformers does: no modules, no library's settings."""
    model.save_pretrained(folder)
    words.save_pretrained(folder)
    return folder


def bi(
    folder: Path,
    model: Any,
    words: PreTrainedTokenizerFast,
    pooling: str | Sequence[str] = "mean",
    after: Sequence[Any] = (),
    **settings: Any,
) -> Path:
    """Save a SentenceTransformer of a transformer, a pooling, and what comes after."""
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.base.modules import Transformer
    from sentence_transformers.sentence_transformer.modules import Pooling

    include = settings.pop("include_prompt", True)
    transformer = Transformer(str(plain(folder / "parts", model, words)))
    modules = [transformer, Pooling(32, pooling, include), *after]  # type: ignore[arg-type]
    SentenceTransformer(modules=modules, device="cpu", **settings).save_pretrained(str(folder / "model"))
    return folder / "model"


def cross(folder: Path, model: Any, words: PreTrainedTokenizerFast, **settings: Any) -> Path:
    """Save a CrossEncoder."""
    from sentence_transformers import CrossEncoder

    parts = plain(folder / "parts", model, words)
    CrossEncoder(str(parts), device="cpu", **settings).save_pretrained(str(folder / "model"))
    return folder / "model"


def static(folder: Path) -> Path:
    """Save static embeddings: a vector for each word, and their mean."""
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import StaticEmbedding

    torch.manual_seed(0)
    words = tokenizer(NOTHING)
    module = StaticEmbedding(words, embedding_dim=32)
    SentenceTransformer(modules=[module], device="cpu").save_pretrained(str(folder))
    return folder


def dense() -> list[Any]:
    """A layer of another width, and vectors of length 1."""
    from sentence_transformers.base.modules import Dense, Normalize

    torch.manual_seed(3)
    return [Dense(32, 16), Normalize()]


PROMPTS = {"query": "query : ", "document": "document : "}
#: name -> what saves such a model in a folder and returns where it is.
BI_ENCODERS: dict[str, Callable[[Path], Path]] = {
    "BERT, mean": lambda f: bi(f, bert(), tokenizer(BOTH_ENDS)),
    "BERT, first token and maximum": lambda f: bi(f, bert(), tokenizer(BOTH_ENDS), ["cls", "max"]),
    "BERT without its pooler": lambda f: bi(f, bert(add_pooling_layer=False), tokenizer(BOTH_ENDS)),
    "BERT without modules": lambda f: plain(f, bert(), tokenizer(BOTH_ENDS)),
    "BERT, dense layer": lambda f: bi(f, bert(), tokenizer(BOTH_ENDS), after=dense()),
    "BERT, cut to 8 dimensions": lambda f: bi(f, bert(), tokenizer(BOTH_ENDS), truncate_dim=8),
    "BERT, by euclidean distance": lambda f: bi(
        f, bert(), tokenizer(BOTH_ENDS), similarity_fn_name="euclidean"
    ),
    "prompts": lambda f: bi(f, bert(), tokenizer(BOTH_ENDS), prompts=PROMPTS),
    "prompts, one of them by default": lambda f: bi(
        f, bert(), tokenizer(BOTH_ENDS), prompts={**PROMPTS, "find": "find : "}, default_prompt_name="find"
    ),
    "prompts left out of the mean": lambda f: bi(
        f, bert(), tokenizer(BOTH_ENDS), prompts=PROMPTS, include_prompt=False
    ),
    "a prompt for passages": lambda f: bi(
        f, bert(), tokenizer(BOTH_ENDS), prompts={"query": "query : ", "passage": "document : "}
    ),
    "RoBERTa, maximum length not said": lambda f: bi(f, roberta(), tokenizer(BOTH_ENDS)),
    "tokenizer padding left": lambda f: bi(f, bert(), tokenizer(BOTH_ENDS, padding_side="left")),
    "tokenizer with 1e30 tokens": lambda f: bi(f, decoder(), tokenizer(END, model_max_length=int(1e30))),
    "decoder, last token": lambda f: bi(f, decoder(), tokenizer(END), "lasttoken"),
    "decoder, last token, padding left": lambda f: bi(
        f, decoder(), tokenizer(END, padding_side="left"), "lasttoken"
    ),
    "decoder, weighted mean": lambda f: bi(f, absolute_decoder(), tokenizer(END), "weightedmean"),
    "decoder without modules": lambda f: plain(f, decoder("StableLmForCausalLM"), tokenizer(END)),
    "T5's encoder": lambda f: bi(f, t5(), tokenizer(END)),
    "static embeddings": static,
}
CROSS_ENCODERS: dict[str, Callable[[Path], Path]] = {
    "BERT": lambda f: cross(f, bert("BertForSequenceClassification", num_labels=1), tokenizer(BOTH_ENDS)),
    "BERT as transformers saves it": lambda f: plain(
        f, bert("BertForSequenceClassification", num_labels=1), tokenizer(BOTH_ENDS)
    ),
    "sigmoid in its settings": lambda f: cross(
        f,
        bert("BertForSequenceClassification", num_labels=1),
        tokenizer(BOTH_ENDS),
        activation_fn=torch.nn.Sigmoid(),
    ),
    "a default prompt": lambda f: cross(
        f,
        bert("BertForSequenceClassification", num_labels=1),
        tokenizer(BOTH_ENDS),
        prompts={"find": "find : "},
        default_prompt_name="find",
    ),
    "RoBERTa, maximum length not said": lambda f: cross(
        f, roberta("XLMRobertaXLForSequenceClassification", num_labels=1), tokenizer(BOTH_ENDS)
    ),
    "decoder": lambda f: cross(f, decoder("StableLmForSequenceClassification", num_labels=1), tokenizer(END)),
    "decoder that says yes or no": lambda f: cross(f, decoder("StableLmForCausalLM"), tokenizer(END)),
}


@dataclass(frozen=True)
class Zoo:
    """Models by kind, each made when it is first asked for."""

    root: Path
    makers: dict[str, Callable[[Path], Path]]

    def __call__(self, kind: str) -> Path:
        """The folder of a kind of model."""
        place = self.root / str(list(self.makers).index(kind))
        done = place / "where"
        if not done.is_file():
            place.mkdir()
            done.write_text(str(self.makers[kind](place)))
        return Path(done.read_text())


@pytest.fixture(scope="session")
def bi_encoders(tmp_path_factory: pytest.TempPathFactory) -> Zoo:
    """Bi-encoders by kind."""
    return Zoo(tmp_path_factory.mktemp("bi-encoders"), BI_ENCODERS)


@pytest.fixture(scope="session")
def cross_encoders(tmp_path_factory: pytest.TempPathFactory) -> Zoo:
    """Cross-encoders by kind."""
    return Zoo(tmp_path_factory.mktemp("cross-encoders"), CROSS_ENCODERS)


@pytest.fixture(scope="session")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Path]:
    """Decoders whose tokenizer puts nothing around a text, with or without a padding token."""
    root = tmp_path_factory.mktemp("bare")

    def make(kind: str, pad: str | None = "[PAD]") -> Path:
        place = root / f"{kind}-{pad is not None}"
        if place.is_dir():
            return place / "model" if kind == "bi" else place
        words = tokenizer(NOTHING, pad=pad)
        more = {} if pad else {"pad_token_id": None}
        if kind == "bi":
            parts = plain(place / "model", decoder(**more), words)
            (parts / "config.json").write_text(
                (parts / "config.json").read_text().replace('"StableLmModel"', '"StableLmForCausalLM"')
            )
            return parts
        return plain(place, decoder("StableLmForSequenceClassification", num_labels=1, **more), words)

    return make


@pytest.fixture(scope="session")
def absolute(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A decoder with absolute positions whose tokenizer pads on the left."""
    return bi(
        tmp_path_factory.mktemp("absolute"),
        absolute_decoder(),
        tokenizer(END, padding_side="left"),
        "lasttoken",
    )


@pytest.fixture(scope="session")
def two_labels(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A classifier of pairs with two outputs."""
    model = bert("BertForSequenceClassification", num_labels=2, id2label={0: "no", 1: "yes"})
    return plain(tmp_path_factory.mktemp("two-labels"), model, tokenizer(BOTH_ENDS))


@pytest.fixture(scope="session")
def tied(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A decoder that says yes or no, whose last layer is its embeddings."""
    return cross(
        tmp_path_factory.mktemp("tied"),
        decoder("StableLmForCausalLM", tie_word_embeddings=True),
        tokenizer(END),
    )
