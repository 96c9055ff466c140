"""What BM25 takes for a word: scripts with marks, scripts without spaces, stems and stop words of many languages."""

from __future__ import annotations

import unicodedata

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from harness.config import Bm25
from harness.search import words
from harness.search.bm25 import Bm25Index

GERMAN = [
    "Die alten Häuser am Hafen wurden im letzten Jahr verkauft.",
    "Ein Haus ohne Dach steht am Rand des Dorfes.",
    "Der Zug fährt jeden Morgen um sechs Uhr nach Hamburg.",
    "Viele Züge hatten gestern große Verspätung.",
    "Meine Großmutter backt sonntags einen Kuchen mit Kirschen.",
    "Die Kinder spielen im Garten mit einem roten Ball.",
    "Im Winter füttern wir die Vögel mit Körnern.",
    "Der Vogel singt auf dem höchsten Ast der Eiche.",
    "Das Krankenhaus liegt neben der neuen Schule.",
    "Unsere Lehrerin erklärte die Regeln der Rechtschreibung.",
    "Bäume werfen im Herbst ihre Blätter ab.",
    "Ein Blatt Papier fiel vom Schreibtisch.",
    "Das Meer war ruhig, und die Fischer fuhren hinaus.",
    "Frische Fische gibt es nur auf dem Markt am Samstag.",
    "Der Bäcker öffnet um fünf und verkauft warmes Brot.",
    "Am Abend lasen sie Bücher über ferne Länder.",
    "Das Buch über die Geschichte der Stadt ist vergriffen.",
    "Regen und Wind hielten die Wanderer nicht auf.",
    "Wir wanderten drei Tage lang durch das Gebirge.",
    "Die Brücke über den Fluss wird im Mai gesperrt.",
    "Zwei Brücken verbinden die Insel mit dem Festland.",
    "Der Arzt verschrieb ein Mittel gegen den Husten.",
    "Mehrere Ärzte arbeiten in dieser Praxis.",
    "Die Ernte der Äpfel beginnt im September.",
]
JAPANESE = [
    "東京は日本の首都です。",
    "大阪には古い城があります。",
    "京都のお寺を見に行きました。",
    "猫は魚を食べるのが好きです。",
    "犬と公園を散歩します。",
    "図書館で本を読みました。",
    "山の上に雪が降っています。",
    "電車は毎朝とても混んでいます。",
    "夏には海で泳ぎます。",
    "新しいｺﾝﾋﾟｭｰﾀを買いました。",
    "母は台所で料理をしています。",
    "日本語の文法は難しいです。",
]
CHINESE = [
    "北京是中国的首都。",
    "上海是一座很大的城市。",
    "熊猫喜欢吃竹子。",
    "他每天骑自行车上班。",
    "长江是亚洲最长的河流。",
    "图书馆里有很多书。",
    "春天的时候花都开了。",
    "这家饭馆的面条很好吃。",
    "医生说他需要休息。",
    "火车站离这里不远。",
    "冬天哈尔滨非常冷。",
    "学生们正在准备考试。",
]


@pytest.mark.parametrize(
    ("language", "texts", "asked", "found"),
    [
        ("german", GERMAN, "das Haus der Häuser", {0, 1}),
        ("de", GERMAN, "die Brücke", {19, 20}),
        ("de", GERMAN, "Züge", {2, 3}),
        ("de", GERMAN, "Arzt", {21, 22}),
        ("japanese", JAPANESE, "日本の首都", {0, 11}),
        ("ja", JAPANESE, "コンピュータ", {9}),
        ("zh", CHINESE, "中国首都", {0}),
        ("chinese", CHINESE, "熊猫吃竹子吗", {2}),
        ("zh", CHINESE, "图书馆", {5}),
    ],
)
def test_what_shares_words_of_its_language_is_found(
    language: str, texts: list[str], asked: str, found: set[int]
) -> None:
    index = Bm25Index(texts, Bm25(language=language))
    positions, scores = index.search([asked], len(texts), np.arange(len(texts)))[0]
    assert set(positions.tolist()) == found
    assert (scores > 0).all()
    assert index.notes([asked], []) == ()


@pytest.mark.parametrize("texts", [JAPANESE, CHINESE])
@pytest.mark.parametrize("tokenizer", ["bm25s", "words"])
def test_a_tokenizer_that_cannot_split_a_corpus_says_so(texts: list[str], tokenizer: str) -> None:
    index = Bm25Index(texts, Bm25(tokenizer=tokenizer, stemmer="none"))
    (note,) = index.notes(["日本"], [])
    assert "most documents are written without spaces" in note
    assert "language: zh" in note


def test_an_index_read_again_knows_that_it_does_not_split(tmp_path: object) -> None:
    settings = Bm25()
    Bm25Index(CHINESE, settings).save(tmp_path)  # type: ignore[arg-type]
    assert Bm25Index.load(tmp_path, settings).notes([], []) == Bm25Index(CHINESE, settings).notes([], [])  # type: ignore[arg-type]


def test_a_mark_belongs_to_its_word_and_one_character_is_a_word() -> None:
    assert words.words("हिन्दी में खोज") == ["हिन्दी", "में", "खोज"]
    assert words.words("GPT-4, l'eau; x") == ["GPT", "4", "l", "eau", "x"]
    assert words.words(unicodedata.normalize("NFD", "café")) == ["café"]


def test_scripts_without_spaces_are_cut_in_pairs_and_the_rest_is_not() -> None:
    assert words.bigrams("Python3の本を買う") == ["Python3", "の本", "本を", "を買", "買う"]
    assert words.bigrams("字 and 한국어") == ["字", "and", "한국", "국어"]
    assert words.bigrams("ภาษา") == ["ภา", "าษ", "ษา"]


def test_ngrams_by_hand() -> None:
    assert words.ngrams(4)("Häuser im") == ["Häus", "äuse", "user", "im"]


@given(st.text(max_size=40))
def test_no_letter_is_lost_or_made_up(text: str) -> None:
    plain = "".join(words.words(text))
    assert "".join(words.ngrams(1)(text)) == plain
    singles = [pair[0] for pair in words.bigrams(text)]
    assert set("".join(singles)) <= set(plain)
    assert set("".join(words.bigrams(text))) == set(plain)


@pytest.mark.parametrize("name", sorted(words.LANGUAGES))
def test_every_language_can_be_indexed_and_is_named_by_its_code(name: str) -> None:
    settings = Bm25(language=name)
    assert Bm25(language=words.LANGUAGES[name].code) == settings
    assert Bm25Index(["a text", "東京 ไทย"], settings).n_documents == 2


def test_what_is_said_beside_a_language_stands() -> None:
    made = Bm25(language="de", stemmer="none", stopwords=("foo",), tokenizer={"ngrams": 3})
    assert (made.stemmer, made.stopwords) == ("none", ("foo",))
    assert made.told()["tokenizer"] == {"ngrams": 3}


def test_english_is_what_it_was_before_there_were_languages() -> None:
    before = {"k1": 0.9, "b": 0.4, "method": "lucene", "stemmer": "english", "stopwords": "english"}
    assert Bm25().told() == Bm25(language="en").told() == before


@pytest.mark.parametrize(
    ("given_", "says"),
    [
        ({"language": "klingon"}, "no language 'klingon'"),
        ({"language": "germann"}, "did you mean 'german'"),
        ({"stemmer": "germn"}, "did you mean 'german'"),
        ({"stopwords": "klingon"}, "no list of stop words"),
        ({"tokenizer": {"ngrams": 0}}, "greater than or equal to 1"),
        ({"tokenizer": {"grams": 2}}, "grams"),
    ],
)
def test_what_is_not_known_is_refused(given_: dict[str, object], says: str) -> None:
    with pytest.raises(ValidationError, match=says):
        Bm25(**given_)
