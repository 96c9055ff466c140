"""How documents are searched, as a config says it: BM25's settings, and indexes of a bi-encoder's vectors."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import Discriminator, Field, Tag, field_validator, model_validator

from harness.errors import listed, nearest
from harness.search import words
from harness.settings import Settings
from harness.values import Positive

Quantization = Literal["int8", "binary", "float16"]
#: Bytes of one number of a vector.
_BYTES = {"int8": 1.0, "binary": 1 / 8, "float16": 2.0, None: 4.0}
Similarity = Literal["cosine", "dot", "euclidean", "manhattan"]
LEAST_EF = 64


class Ngrams(Settings):
    """Words as their overlapping runs of so many characters."""

    ngrams: Annotated[int, Field(ge=1, le=20)]


_Tokenizer = Annotated[
    Annotated[Literal["bm25s", "words", "bigrams"], Tag("<word>")] | Annotated[Ngrams, Tag("<ngrams>")],
    Discriminator(
        lambda value: "<word>" if isinstance(value, str) else "<ngrams>",
        custom_error_type="tokenizer",
        custom_error_message="must be bm25s, words, bigrams, or {ngrams: 4}",
    ),
]


class Bm25(Settings):
    """BM25 by bm25s; the defaults are Lucene's variant with Anserini's parameters, for English.

    Attributes:
        language: a name or ISO 639-1 code, from which tokenizer, stemmer and stop words follow where they are not
            given; None: English as bm25s splits it.
        tokenizer: ``bm25s``, runs of two or more word characters; ``words``, Unicode's words; ``bigrams``, pairs of
            characters where a script has no spaces; or ``ngrams``.
        stemmer: Snowball's for that language; None or ``none``: words as they stand.
        stopwords: bm25s's list of that language, or the words themselves.
    """

    k1: Annotated[float, Field(ge=0)] = 0.9
    b: Annotated[float, Field(ge=0, le=1)] = 0.4
    method: Literal["lucene", "robertson", "atire", "bm25l", "bm25+"] = "lucene"
    language: str | None = None
    tokenizer: _Tokenizer = "bm25s"
    stemmer: str | None = "english"
    stopwords: str | tuple[str, ...] = "english"

    @model_validator(mode="before")
    @classmethod
    def _follow_the_language(cls, value: Any) -> Any:
        name = value.get("language") if isinstance(value, dict) else None
        found = words.language_named(name) if isinstance(name, str) else None
        if found is None:
            return value
        language = words.LANGUAGES[found]
        plain = "bm25s" if found == "english" else "words"
        return {
            "tokenizer": "bigrams" if language.bigrams else plain,
            "stemmer": language.stemmer,
            "stopwords": found if language.stopwords else "none",
            **value,
            "language": found,
        }

    @field_validator("language")
    @classmethod
    def _is_known(cls, value: str | None) -> str | None:
        if value is not None and value not in words.LANGUAGES:
            raise ValueError(
                f"no language {value!r} is known{nearest(value, words.LANGUAGES)}; valid: "
                f"{listed(f'{name} ({known.code})' for name, known in words.LANGUAGES.items())}; for another one, say "
                "tokenizer, stemmer and stopwords"
            )
        return value

    @field_validator("stemmer")
    @classmethod
    def _has_a_stemmer(cls, value: str | None) -> str | None:
        import Stemmer

        if value not in (None, "none", *Stemmer.algorithms()):
            raise ValueError(
                f"no stemmer {value!r}{nearest(str(value), Stemmer.algorithms())}; valid: none, "
                f"{listed(Stemmer.algorithms())}"
            )
        return value

    @field_validator("stopwords")
    @classmethod
    def _has_a_list(cls, value: str | tuple[str, ...]) -> str | tuple[str, ...]:
        known = [name for name, language in words.LANGUAGES.items() if language.stopwords]
        if isinstance(value, str) and value not in ("none", *known):
            raise ValueError(
                f"no list of stop words {value!r}; valid: none, {listed(known)}, or the words themselves"
            )
        return value

    def told(self) -> dict[str, Any]:
        """Return what an index depends on; what is English and bm25s's own is said as it was before there was more."""
        unsaid = {"language"} | ({"tokenizer"} if self.tokenizer == "bm25s" else set())
        return self.model_dump(mode="json", exclude=unsaid)


class Hnsw(Settings):
    """A graph of near neighbours (Malkov and Yashunin 2020), with FAISS's names.

    Attributes:
        m: neighbours of each document in the graph; twice as many on its lowest level.
        ef: candidates kept while searching, at least the depth; None: the larger of 64 and the depth.
        ef_construction: candidates kept while building.
    """

    m: Annotated[int, Field(ge=2, le=512)] = 32
    ef: Positive | None = None
    ef_construction: Positive = 200


class HnswIndex(Settings):
    """An HNSW index with settings of its own."""

    hnsw: Hnsw


def _tag(value: Any) -> str | None:
    if isinstance(value, str):
        return "<word>"
    return "<hnsw>" if isinstance(value, dict | HnswIndex) else None


IndexSettings = Annotated[
    Annotated[Literal["exact", "flat", "hnsw"], Tag("<word>")] | Annotated[HnswIndex, Tag("<hnsw>")],
    Discriminator(
        _tag,
        custom_error_type="index",
        custom_error_message="must be exact, flat, hnsw, or {hnsw: {m: 32, ef: 64, ef_construction: 200}}",
    ),
]


@dataclass(frozen=True)
class Build:
    """How an index is built: HNSW with ``m`` and ``ef_construction``, or flat without.

    Attributes:
        dimensions: the first of each vector's numbers, that are kept; None: all.
        quantization: how coarse they are kept; None: as they are, in 32 bits.
    """

    m: int | None = None
    ef_construction: int | None = None
    dimensions: int | None = None
    quantization: Quantization | None = None

    @property
    def kind(self) -> str:
        """``hnsw``, or how the vectors of a flat one are kept."""
        return self.quantization or ("flat" if self.m is None else "hnsw")

    def bytes_of(self, dimension: int) -> float:
        """Return the bytes of one document whose vector has so many numbers, neighbours apart."""
        return _BYTES[self.quantization] * min(dimension, self.dimensions or dimension)


@dataclass(frozen=True)
class Approximate:
    """How a source is searched, other than exactly by this package.

    Attributes:
        build: the index.
        ef: candidates while searching HNSW.
        rescore: so many times the depth are found, and put in order by the full vectors; None: not.
    """

    build: Build
    ef: int | None = None
    rescore: int | None = None

    def as_dict(self) -> dict[str, Any]:
        """Return what a bundle says of it."""
        graph = {"m": self.build.m, "ef": self.ef, "ef_construction": self.build.ef_construction}
        derived = {"dimensions": self.build.dimensions, "rescore": self.rescore}
        return {
            "kind": self.build.kind,
            **(graph if self.build.m is not None else {}),
            **{name: value for name, value in derived.items() if value is not None},
        }
