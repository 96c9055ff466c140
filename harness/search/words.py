"""What BM25 takes for a word, by language: stemmers, stop words, and scripts that put no spaces between words."""

from __future__ import annotations

import re
import sys
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache

#: Thai, Lao, Burmese, Khmer, Japanese and Chinese.
_UNSPACED = r"\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3005\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
#: Korean puts spaces between phrases, not between a word and its particles.
_HANGUL = r"\u1100-\u11ff\u3130-\u318f\uac00-\ud7af"
_IS_UNSPACED = re.compile(f"[{_UNSPACED}]")
#: What ``bigrams`` cuts in pairs.
_RUN = re.compile(f"[{_UNSPACED}{_HANGUL}]+")


@dataclass(frozen=True)
class Language:
    """How texts of a language are searched by words.

    Attributes:
        code: of ISO 639-1, as data sets name it.
        stemmer: Snowball's, or None where it has none.
        stopwords: whether bm25s has a list of them.
        bigrams: whether the script does not part words by spaces.
    """

    code: str
    stemmer: str | None = None
    stopwords: bool = False
    bigrams: bool = False


def _spaced(code: str, name: str, stopwords: bool = False) -> Language:
    return Language(code, name, stopwords)


#: Those of Snowball, and of mMARCO, MIRACL and Mr. TyDi.
LANGUAGES: dict[str, Language] = {
    "arabic": _spaced("ar", "arabic"),
    "armenian": _spaced("hy", "armenian"),
    "basque": _spaced("eu", "basque"),
    "bengali": Language("bn"),
    "burmese": Language("my", bigrams=True),
    "catalan": _spaced("ca", "catalan"),
    "chinese": Language("zh", bigrams=True),
    "czech": _spaced("cs", "czech"),
    "danish": _spaced("da", "danish", stopwords=True),
    "dutch": _spaced("nl", "dutch", stopwords=True),
    "english": _spaced("en", "english", stopwords=True),
    "estonian": _spaced("et", "estonian"),
    "finnish": _spaced("fi", "finnish"),
    "french": _spaced("fr", "french", stopwords=True),
    "german": _spaced("de", "german", stopwords=True),
    "greek": _spaced("el", "greek"),
    "hindi": _spaced("hi", "hindi"),
    "hungarian": _spaced("hu", "hungarian"),
    "indonesian": _spaced("id", "indonesian"),
    "irish": _spaced("ga", "irish"),
    "italian": _spaced("it", "italian", stopwords=True),
    "japanese": Language("ja", bigrams=True),
    "khmer": Language("km", bigrams=True),
    "korean": Language("ko", bigrams=True),
    "lao": Language("lo", bigrams=True),
    "lithuanian": _spaced("lt", "lithuanian"),
    "nepali": _spaced("ne", "nepali"),
    "norwegian": _spaced("no", "norwegian", stopwords=True),
    "persian": _spaced("fa", "persian"),
    "polish": _spaced("pl", "polish"),
    "portuguese": _spaced("pt", "portuguese", stopwords=True),
    "romanian": _spaced("ro", "romanian"),
    "russian": _spaced("ru", "russian", stopwords=True),
    "serbian": _spaced("sr", "serbian"),
    "spanish": _spaced("es", "spanish", stopwords=True),
    "swahili": Language("sw"),
    "swedish": _spaced("sv", "swedish", stopwords=True),
    "tamil": _spaced("ta", "tamil"),
    "telugu": Language("te"),
    "thai": Language("th", bigrams=True),
    "turkish": _spaced("tr", "turkish", stopwords=True),
    "vietnamese": Language("vi"),
    "yoruba": Language("yo"),
}
_BY_CODE = {language.code: name for name, language in LANGUAGES.items()}


def language_named(name: str) -> str | None:
    """Return a language's name from its name or ISO 639-1 code, or None where it is not known."""
    return name if name in LANGUAGES else _BY_CODE.get(name)


def words(text: str) -> list[str]:
    """Return a text's words: runs of letters, digits and the marks that belong to them, in NFKC.

    Unlike Python's own ``\\w``, in which a vowel sign of Devanagari or Bengali ends a word.
    """
    return _pattern().findall(unicodedata.normalize("NFKC", text))


def bigrams(text: str) -> list[str]:
    """As ``words``, but runs of a script without spaces as overlapping pairs of characters; one alone stays.

    What Lucene's CJKAnalyzer does for Chinese, Japanese and Korean; here for Thai, Lao, Khmer and Burmese, too.
    """
    found: list[str] = []
    for word in words(text):
        end = 0
        for run in _RUN.finditer(word):
            found += [word[end : run.start()]] if run.start() > end else []
            found += _overlapping(_clusters(run.group()), 2)
            end = run.end()
        found += [word[end:]] if end < len(word) else []
    return found


def ngrams(size: int) -> Callable[[str], list[str]]:
    """Return what gives each word's overlapping runs of ``size`` characters (McNamee and Mayfield 2004)."""

    def split(text: str) -> list[str]:
        return [part for word in words(text) for part in _overlapping(_clusters(word), size)]

    return split


def unspaced(texts: Sequence[str]) -> bool:
    """Whether most texts are in a script that puts no spaces between words."""
    return 2 * sum(_IS_UNSPACED.search(text) is not None for text in texts) > len(texts)


def _overlapping(parts: Sequence[str], size: int) -> list[str]:
    if len(parts) <= size:
        return ["".join(parts)]
    return ["".join(parts[i : i + size]) for i in range(len(parts) - size + 1)]


def _clusters(word: str) -> list[str]:
    """A word's characters, each with the marks upon it."""
    found: list[str] = []
    for character in word:
        if found and unicodedata.category(character).startswith("M"):
            found[-1] += character
        else:
            found.append(character)
    return found


@cache
def _pattern() -> re.Pattern[str]:
    marks = [code for code in range(sys.maxunicode + 1) if unicodedata.category(chr(code)).startswith("M")]
    ranges, start = [], marks[0]
    for before, code in zip(marks, [*marks[1:], -1], strict=True):
        if code != before + 1:
            ranges.append(f"\\U{start:08x}-\\U{before:08x}")
            start = code
    return re.compile(rf"[^\W_][\w{''.join(ranges)}]*")
