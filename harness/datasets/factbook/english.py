"""Grammar and number helpers for sentences that are put together from templates."""

from __future__ import annotations

import re

_LAST_TWO_TH = range(11, 14)
_ENDINGS = {1: "st", 2: "nd", 3: "rd"}
# Vowel letters that sound like consonants ("a European", "a unit") and the reverse ("an hour").
_SOUNDS_CONSONANT = re.compile(r"(?i)(eu|uni(?!n|m)|us[aeiu]|one\b|ur[aou]|ubi|ut[ei])")
_SOUNDS_VOWEL = re.compile(r"(?i)(hour|honest|honou?r|heir)")


def capital_first(text: str) -> str:
    """The text with its first letter in upper case and the rest untouched."""
    return text[:1].upper() + text[1:]


def indefinite(phrase: str) -> str:
    """The phrase behind its indefinite article, chosen by sound."""
    vowel = phrase[:1].lower() in "aeiou" and not _SOUNDS_CONSONANT.match(phrase)
    return f"{'an' if vowel or _SOUNDS_VOWEL.match(phrase) else 'a'} {phrase}"


def possessive(name: str, plural: bool = False) -> str:
    """The genitive of a name: Berlin's, Brahms's, the Netherlands'."""
    return f"{name}'" if plural else f"{name}'s"


def plural(noun: str) -> str:
    """More than one of an animal or the like: wolves, foxes, butterflies, salmon."""
    if noun.endswith(("fish", "salmon")):
        return noun
    if noun.endswith("wolf"):
        return f"{noun[:-1]}ves"
    if noun.endswith(("s", "x", "sh", "ch")):
        return f"{noun}es"
    if noun.endswith("y") and noun[-2] not in "aeiou":
        return f"{noun[:-1]}ies"
    return f"{noun}s"


def with_commas(number: int | float) -> str:
    """A number as running text has it: 8,849 or 3.7."""
    if isinstance(number, float):
        return f"{number:,.3f}".rstrip("0").rstrip(".")
    return f"{number:,}"


def ordinal(number: int) -> str:
    """1st, 2nd, 3rd, 4th, 11th, 21st."""
    ending = "th" if number % 100 in _LAST_TWO_TH else _ENDINGS.get(number % 10, "th")
    return f"{number}{ending}"


def century(year: int) -> str:
    """The century that a year of our era lies in: 1685 gives 17th."""
    return ordinal((year - 1) // 100 + 1)


def decade(year: int) -> str:
    """The decade that a year lies in: 1685 gives 1680s."""
    return f"{year // 10 * 10}s"


def rounded(number: float, digits: int = 2) -> int | float:
    """The number at so many significant digits; a whole number once it reaches 10."""
    if number < 1:
        return round(float(number), digits)
    result = round(float(number), digits - len(str(int(number))))
    return int(result) if result >= 10 or result == int(result) else result


def floor_below(number: int | float) -> int | float:
    """A round number a little under this one, for 'more than ...'."""
    if number <= 1:
        return 0
    if number < 10:
        whole = int(number)
        return whole if whole < number else whole - 1
    step = int(10 ** (len(str(int(number))) - 1))
    floor = int(number) // step * step
    if floor == number:
        floor -= step if floor > step else step // 10
    return floor


def tidy(sentence: str) -> str:
    """A filled-in template as it is stored: single spaces, a capital first, one full stop at the end."""
    text = re.sub(r"\s+", " ", sentence).strip()
    text = re.sub(r"\.\.$", ".", text)
    return capital_first(text)
