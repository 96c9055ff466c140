"""What a model reads of a long text is the same from its beginning as from the whole, whatever its tokenizer is."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from harness.models import beginnings
from harness.models.folders import ModelFolder
from harness.models.sentence import LoadSettings, SentenceBiEncoder

LIMIT = 16
WORDS = [
    "river",
    "Größe",
    "漢字",
    "don't",
    "unbelievable",
    "a",
    "🎈",
    "12,345.6",
    "x" * 200,
    "e\u0301",
    "\u202eb",
    "<mask>",
    "<",
    "mask",
    ">",
]
GAPS = [" ", "  ", "\n", "\t", " " * 50, "\u3000", "", "-", "\x00"]


def _trained(kind: str) -> Any:
    from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, trainers
    from transformers import PreTrainedTokenizerFast

    made: Any
    if kind == "wordpiece":
        made = Tokenizer(models.WordPiece(unk_token="[UNK]"))
        made.normalizer = normalizers.BertNormalizer()
        made.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
        trainer: Any = trainers.WordPieceTrainer(
            vocab_size=200, special_tokens=["[UNK]", "[PAD]", "<mask>"], show_progress=False
        )
    elif kind == "byte-level":
        made = Tokenizer(models.BPE())
        made.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
        made.decoder = decoders.ByteLevel()
        trainer = trainers.BpeTrainer(
            vocab_size=400,
            special_tokens=["[PAD]", "<mask>"],
            initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
            show_progress=False,
        )
    else:
        made = Tokenizer(models.Unigram())
        made.normalizer = normalizers.Sequence([normalizers.NFKC(), normalizers.Replace(" {2,}", " ")])
        made.pre_tokenizer = pre_tokenizers.Metaspace()
        trainer = trainers.UnigramTrainer(
            vocab_size=120,
            special_tokens=["[UNK]", "[PAD]", "<mask>"],
            unk_token="[UNK]",
            show_progress=False,
        )
    made.train_from_iterator([_text(random.Random(i), 60) for i in range(6)], trainer)
    return PreTrainedTokenizerFast(tokenizer_object=made, pad_token="[PAD]", mask_token="<mask>")


def _text(chance: random.Random, words: int) -> str:
    return "".join(chance.choice(WORDS) + chance.choice(GAPS) for _ in range(words))


@pytest.fixture(scope="module", params=["wordpiece", "byte-level", "unigram"])
def tokenizer(request: pytest.FixtureRequest) -> Any:
    return _trained(request.param)


def _read(tokenizer: Any, given: Any, limit: int = LIMIT) -> list[int]:
    texts = (given,) if isinstance(given, str) else given
    return list(tokenizer(*texts, truncation=True, max_length=limit)["input_ids"])


def test_long_texts_are_cut_and_read_as_the_whole(tokenizer: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(beginnings, "_CHARACTERS", 4)  # so that cuts fall close to what is read
    chance, cut = random.Random(5), 0
    for i in range(40):
        text = (" " * chance.choice((0, 0, 400))) + _text(chance, chance.choice((3, 60, 200)))
        (head,) = beginnings.read_only([text], tokenizer, LIMIT)
        assert text.startswith(head)
        assert _read(tokenizer, head) == _read(tokenizer, text)
        cut += head != text
        short = _text(chance, i % 12)
        for pair in ((short, text), (text, short)):
            (kept,) = beginnings.read_only([pair], tokenizer, LIMIT)
            for limit in (LIMIT, LIMIT - 1):
                assert _read(tokenizer, tuple(kept), limit) == _read(tokenizer, pair, limit)
    assert cut > 10


@pytest.mark.parametrize("text", [" " * 20_000 + "river", "x" * 20_000, "\x00" * 20_000 + "river bank"])
def test_white_space_and_endless_words_are_taken_as_they_are(tokenizer: Any, text: str) -> None:
    (head,) = beginnings.read_only([text], tokenizer, LIMIT)
    assert _read(tokenizer, head) == _read(tokenizer, text)


def test_a_short_text_and_a_model_without_an_end_see_no_tokenizer() -> None:
    assert beginnings.read_only(["a b", ("a", "b")], _Loud(), 512) == ["a b", ("a", "b")]
    assert beginnings.read_only(["x " * 10**6], _Loud(), None) == ["x " * 10**6]


class _Loud:
    is_fast = True

    def __call__(self, *_: Any, **__: Any) -> Any:
        raise AssertionError("it was asked")


def test_a_book_is_embedded_from_its_beginning(tiny_bi_encoder: Path) -> None:
    model = SentenceBiEncoder(ModelFolder(tiny_bi_encoder, "tiny", "folder"), LoadSettings("cpu", 8))
    book = "the river flows " * 300_000
    seen: list[int] = []
    real: Callable[..., Any] = model.model.preprocess

    def preprocess(inputs: Any, **more: Any) -> Any:
        seen.extend(map(len, inputs))
        return real(inputs, **more)

    model.model.preprocess = preprocess
    found = model.encode([book, "the river"], "document")
    assert max(seen) < 10_000
    assert model.work.truncated == 1
    assert (found == model.encode([book[:4000], "the river"], "document")).all()
