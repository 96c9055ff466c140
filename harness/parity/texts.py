"""What both models are asked: some of the suite's texts, and texts that show what few others do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from harness.datasets.retrieval import RetrievalData
from harness.errors import UsageError
from harness.models.protocols import Role
from harness.pipelines import Collection

_SENTENCE = (
    "The ferry leaves the old harbour at nine, calls at three islands and returns in the evening with fish, letters "
    "and the few people who had business on the mainland. "
)
_WORDS = _SENTENCE.split()


def _long(words: int) -> str:
    """A text of so many words; no two lengths begin alike, so that each is another text however early it is cut."""
    return " ".join([f"No. {words}:", *(_WORDS[i % len(_WORDS)] for i in range(words))])


#: Nothing, white space, cases, scripts, compositions, code; and long texts, of which a shorter limit cuts the tail.
PROBES = (
    "",
    " ",
    "a",
    "Harbour",
    "HARBOUR harbour",
    "  two  spaces\tand a tab\nand a line  ",
    "Zürich, naïve café №5",
    "Zu\u0308rich, nai\u0308ve cafe\u0301",
    "Москва 東京 القاهرة नई दिल्ली กรุงเทพ",
    "👩‍🚀🏔️ → ∑∞ ½",
    "def f(x): return {'a': x**2}  # 3.14159",
    *(_long(words) for words in (20, 40, 55, 80, 110, 150, 220, 330, 480, 700)),
)


@dataclass(frozen=True)
class Group:
    """Inputs of one kind.

    Attributes:
        what: in the plural.
        role: what each text is to a bi-encoder.
        inputs: texts, or pairs of them.
    """

    what: str
    role: Role
    inputs: tuple[Any, ...]


def groups(data: Any, scores: bool, most: int) -> tuple[Group, ...]:
    """Return at most ``most`` inputs of each kind that a suite has, evenly spread, and the probing ones."""
    made = _pairs(data, most) if scores else _texts(data, most)
    if scores:
        first = next((pair[0] for group in made for pair in group.inputs), "When does the ferry leave?")
        return (
            *made,
            Group("probing pairs", "query", tuple((first, text) for text in PROBES if text.strip())),
        )
    roles: tuple[Role, ...] = tuple(dict.fromkeys(group.role for group in made)) or ("sentence",)
    return (*made, *(Group(f"probing texts as {_PLURAL[role]}", role, PROBES) for role in roles))


_PLURAL = {"query": "queries", "document": "documents", "sentence": "sentences"}


def _texts(data: Any, most: int) -> tuple[Group, ...]:
    if isinstance(data, RetrievalData):
        queries = _spread([query.text for query in data.queries], most)
        found = [Group("queries", "query", queries)]
        if data.corpus is not None:
            places = _spread(range(len(Collection(data.corpus))), most)
            found.append(Group("documents", "document", tuple(data.corpus.fetch(list(places)))))
        return tuple(found)
    texts = list(getattr(data, "all_texts", ())) or [
        text for pair in getattr(data, "pairs", ()) for text in (pair.first, pair.second)
    ]
    return (Group("sentences", "sentence", _spread(list(dict.fromkeys(texts)), most)),)


def _pairs(data: Any, most: int) -> tuple[Group, ...]:
    if isinstance(data, RetrievalData):
        if data.corpus is None:
            raise UsageError(
                "the suite has no documents, and so no pairs that a cross-encoder could be asked"
            )
        documents = data.corpus.fetch(list(_spread(range(len(Collection(data.corpus))), most)))
        queries = [query.text for query in data.queries]
        each = max(1, most // max(1, min(len(queries), 32)))
        asked = [(queries[i // each % len(queries)], text) for i, text in enumerate(documents)]
        return (Group("pairs", "query", tuple(asked)),)
    pairs = list(dict.fromkeys((pair.first, pair.second) for pair in getattr(data, "pairs", ())))
    return (Group("pairs", "query", _spread(pairs, most)),)


def _spread(items: Sequence[Any], most: int) -> tuple[Any, ...]:
    n = len(items)
    return tuple(items[i * n // min(n, most)] for i in range(min(n, most)))
