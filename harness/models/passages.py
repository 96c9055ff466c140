"""Documents cut into passages by a model's own tokenizer, such that the model reads each passage to its end."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from harness.errors import ModelError
from harness.search.passages import Passages

#: Where a passage begins and ends in its document, in characters.
Span = tuple[int, int]
_SAMPLE = "a"


def room(model: Any, tokens_read: Callable[[str], int], limit: int | None, where: str) -> int | None:
    """Return how many tokens of a text a model reads, beside those that it adds; None where there is no end.

    Args:
        model: of the library.
        tokens_read: returns the tokens that it makes of a text, cut as it cuts.
        limit: more than which it never reads.
        where: names it in messages.
    """
    if limit is None:
        return None
    own = len(offsets(model, [_SAMPLE], where)[0])
    return tokens_read(f"{_SAMPLE} " * (limit + 1)) - (tokens_read(_SAMPLE) - own)


def spans(model: Any, texts: Sequence[str], how: Passages, most: int | None, where: str) -> list[list[Span]]:
    """Return the passages of each text, one at least; a text that is one passage is taken whole.

    A passage may come to other tokens by itself than within its document, where it begins within a word. One that
    would then be longer than ``most`` is cut once more.

    Raises ModelError for a tokenizer that does not say where in a text its tokens are.
    """
    found = []
    for text, tokens in zip(texts, offsets(model, texts, where), strict=True):
        windows = how.windows(len(tokens))
        if len(windows) == 1:
            found.append([(0, len(text))])
            continue
        cut = [(tokens[low][0], tokens[high - 1][1]) for low, high in windows]
        found.append(cut if most is None else _fitting(model, text, cut, most, where))
    return found


def _fitting(model: Any, text: str, cut: Sequence[Span], most: int, where: str) -> list[Span]:
    """Return passages as they are, but for those whose own tokens are more than ``most``, which are parted."""
    found: list[Span] = []
    pieces = offsets(model, [text[low:high] for low, high in cut], where)
    for (low, high), tokens in zip(cut, pieces, strict=True):
        if len(tokens) <= most:
            found.append((low, high))
            continue
        # Halves: what a part comes to by itself may again be more, but not for ever.
        middle = low + tokens[len(tokens) // 2][0]
        if not low < middle < high:
            raise ModelError(f"{where}: {text[low:high]!r:.80} is more than {most} tokens and cannot be cut")
        found += _fitting(model, text, [(low, middle), (middle, high)], most, where)
    return found


def offsets(model: Any, texts: Sequence[str], where: str) -> list[list[Span]]:
    """Return where in each text its tokens are, without those that a model adds."""
    if not texts:
        return []
    tokenizer: Any = getattr(model, "tokenizer", None)
    if hasattr(tokenizer, "encode_batch"):  # that of static embeddings is not transformers'
        return [own.offsets for own in _uncut(tokenizer).encode_batch(list(texts), add_special_tokens=False)]
    if not getattr(tokenizer, "is_fast", False):
        raise ModelError(
            f"{where}: its tokenizer does not say where in a text its tokens are, so that it can cut no passages; a "
            "tokenizer.json in its folder makes it one that does"
        )
    encoded = tokenizer(
        list(texts),
        add_special_tokens=False,
        return_offsets_mapping=True,
        return_attention_mask=False,
        return_token_type_ids=False,
        padding=False,
        truncation=False,
        verbose=False,
    )
    return list(encoded["offset_mapping"])


def _uncut(tokenizer: Any) -> Any:
    """A copy that neither cuts nor pads."""
    from tokenizers import Tokenizer

    copy = Tokenizer.from_str(tokenizer.to_str())
    copy.no_truncation()
    copy.no_padding()
    return copy


__all__ = ["Span", "offsets", "room", "spans"]
