"""What a bundle's figures are about, in words: whoever prints asks here, and never which task it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Items:
    """A kind of item: its key among a bundle's counts, and its names in the plural, short and in full."""

    key: str
    many: str
    title: str
    also: tuple[tuple[str, str], ...] = ()  # further counts worth a mention, and what they are of

    def described(self, counts: Mapping[str, int]) -> str:
        """How much there is: ``93 judged queries, 11,429 documents, 2,083 judgments``."""
        told = ((self.key, self.title), *self.also)
        return ", ".join(f"{counts[key]:,} {what}" for key, what in told if key in counts)


QUERIES = Items(
    "queries", "queries", "judged queries", (("documents", "documents"), ("judgments", "judgments"))
)
PAIRS = Items("pairs", "pairs", "sentence pairs", (("pairs_positive", "of them with the label 1"),))
TEXTS = Items("texts", "texts", "labelled texts", (("train_texts", "training texts"), ("labels", "labels")))
KINDS = (QUERIES, PAIRS, TEXTS)


def items_of(counts: Mapping[str, int]) -> Items:
    """Return the kind of item that a bundle counts."""
    return next((kind for kind in KINDS if kind.key in counts), QUERIES)
