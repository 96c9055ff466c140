"""The beginning of a long text that decides what a model reads: a tokenizer need not see a book for its first page.

A tokenizer splits a text into words (at white space, by character classes, each Chinese character alone) and makes
tokens within each word. What a word's tokens are hangs on no other word, and how a text is split at most on the words
beside the split. So where the beginning of a text has as many tokens as the model reads, and then more whole words, the
tokens that the model reads are those of the whole text. Where that cannot be seen, the whole text is taken.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

#: Characters a token of the first beginning that is tried; each further one is four times as long.
_CHARACTERS, _FURTHER = 64, 4
#: Whole words that must follow what is read: a special token cut in two falls into fewer.
_WORDS = 64


def read_only(inputs: Sequence[Any], tokenizer: Any, limit: int | None) -> list[Any]:
    """Return texts, or pairs of texts, each cut where what follows cannot change the first ``limit`` tokens.

    ``limit`` None is a model without an end; a tokenizer that does not tell its words leaves all as it is.
    """
    if limit is None or not getattr(tokenizer, "is_fast", False):
        return list(inputs)
    return [_cut(given, tokenizer, limit) for given in inputs]


def _cut(given: Any, tokenizer: Any, limit: int) -> Any:
    if isinstance(given, str):
        return _beginning(given, tokenizer, limit)
    first, second = given
    if max(len(first), len(second)) <= _CHARACTERS * limit:
        return given
    # Which of the two is the longer one decides how much is read of each: that must stay, and both must be long enough.
    if len(first) <= _CHARACTERS * limit:
        return first, _beginning(second, tokenizer, limit + _length(first, tokenizer))
    if len(second) <= _CHARACTERS * limit:
        return _beginning(first, tokenizer, limit + _length(second, tokenizer)), second
    return given


def _beginning(text: str, tokenizer: Any, tokens: int) -> str:
    size = _CHARACTERS * tokens
    while size < len(text):
        head = text[:size]
        if _decides(tokenizer, head, tokens):
            return head
        size *= _FURTHER
    return text


def _decides(tokenizer: Any, head: str, tokens: int) -> bool:
    words = _encoded(tokenizer, head).word_ids(0)
    if len(words) <= tokens or words[tokens] is None or words[-1] is None:
        return False
    return bool(words[tokens] + _WORDS < words[-1])


def _length(text: str, tokenizer: Any) -> int:
    return len(_encoded(tokenizer, text)["input_ids"])


def _encoded(tokenizer: Any, text: str) -> Any:
    return tokenizer(text, add_special_tokens=False, truncation=False, padding=False, verbose=False)
