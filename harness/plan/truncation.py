"""What models cut off, said where it is more than a little: what follows is then a search of beginnings."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any

from harness.config import MODEL_KINDS
from harness.models.loading import ModelRequest
from harness.models.protocols import Work

#: The share of texts beyond which it is said.
SHARE = 0.05


def warnings(
    work: Mapping[str, Work], lengths: Mapping[str, Any], requests: Mapping[str, ModelRequest]
) -> Iterator[str]:
    """Yield a sentence for each model that reads less than the whole of over 5 % of what it was given.

    ``work`` is what is behind each model's answers, ``lengths`` the tokens that each reads.
    """
    for name, done in work.items():
        length, request = lengths.get(name), requests[name]
        if MODEL_KINDS[request.settings.kind].scores:
            groups = [("pairs", done.texts, done.truncated)]
        else:
            texts = "documents" if done.queries else "texts"
            cut = done.truncated - done.cut_queries
            groups = [(texts, done.texts - done.queries, cut), ("queries", done.queries, done.cut_queries)]
        for what, n, cut in groups:
            if n and cut > SHARE * n:
                limit = f"the {length:,} tokens that it reads" if length else "what it reads"
                yield (
                    f"{name}: {cut:,} of {n:,} {what} ({cut / n:.0%}) are longer than {limit}, and what follows was "
                    f"not looked at; {_help(length, request, what)}"
                )


def _help(length: Any, request: ModelRequest, what: str) -> str:
    most = max((_positions(folder.path) for folder in request.folders), default=0)
    longer = f"'max_length: {most}', which this model has, or " if length and most > length else ""
    others = "shorter passages keep more of them"
    return f"{longer}{others}" + (" ('passages' of a pipeline reads them all)" if what == "documents" else "")


def _positions(folder: Any) -> int:
    """Tokens that the positions of a model reach, by its files; 0 where they do not say."""
    for place in ("config.json", "0_Transformer/config.json"):
        with suppress(OSError, ValueError, TypeError, AttributeError):
            content = json.loads((folder / place).read_text(encoding="utf-8"))
            # RoBERTa and its kin count from after the padding's number.
            before = int(content["pad_token_id"]) + 1 if "roberta" in str(content.get("model_type")) else 0
            return max(0, int(content.get("max_position_embeddings") or 0) - before)
    return 0
