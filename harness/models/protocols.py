"""The two Protocols. Whatever has these methods is a model; a third party's class by dotted name works."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any, Literal, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from harness.search.passages import Passages

#: What a text is to the model. ``sentence`` is for symmetric tasks, where neither text is the query.
Role = Literal["query", "document", "sentence"]
Embeddings = NDArray[np.float32]


@dataclass(frozen=True)
class Work:
    """Work a model did, exact and free of noise; add to combine."""

    forward_passes: int = 0
    texts: int = 0  # texts encoded, or pairs scored
    tokens: int = 0
    padded_tokens: int = 0
    truncated: int = 0  # texts or pairs longer than the model reads
    queries: int = 0  # of the texts, those that were queries
    cut_queries: int = 0  # of the truncated, likewise

    def __add__(self, other: Work) -> Work:
        names = self.__dataclass_fields__
        return replace(self, **{name: getattr(self, name) + getattr(other, name) for name in names})

    def __sub__(self, other: Work) -> Work:
        names = self.__dataclass_fields__
        return replace(self, **{name: getattr(self, name) - getattr(other, name) for name in names})


@dataclass(frozen=True)
class Identity:
    """Everything about a model that can change what it answers."""

    kind: str  # as a bundle calls it
    name: str
    source: str
    settings: Mapping[str, Any]
    files: Mapping[str, str] = field(default_factory=dict)  # weights, tokenizer and configuration: SHA-256
    revision: str | None = None

    @classmethod
    def from_dict(cls, content: Mapping[str, Any]) -> Identity:
        """Return the identity that ``as_dict`` described."""
        return cls(**content)

    def as_dict(self) -> dict[str, Any]:
        """Return it for a manifest."""
        return {
            "kind": self.kind,
            "name": self.name,
            "source": self.source,
            "revision": self.revision,
            "settings": dict(self.settings),
            "files": dict(self.files),
        }


@runtime_checkable
class BiEncoder(Protocol):
    """Turns texts into embeddings."""

    similarity: str  # cosine, dot, euclidean or manhattan

    def encode(self, texts: Sequence[str], role: Role) -> Embeddings:
        """Return embeddings, [n_texts, dimension] float32, in the order of the texts."""


@runtime_checkable
class CrossEncoder(Protocol):
    """Scores pairs of texts."""

    def score(self, pairs: Sequence[tuple[str, str]]) -> NDArray[np.float32]:
        """Return one score a pair, [n_pairs] float32; higher is more relevant, or more similar."""


@runtime_checkable
class TellsBatches(Protocol):
    """A model that tells, while it works, of every batch that is done.

    Attributes:
        batch_done: called with how many texts or pairs the batch held.
    """

    batch_done: Callable[[int], None]


#: Called with a stage's name at the moment that it ends.
Mark = Callable[[str], None]


@runtime_checkable
class EncodesInStages(Protocol):
    """A bi-encoder that says when its tokenizer is done, for a few texts at once."""

    def encode_in_stages(self, texts: Sequence[str], role: Role, mark: Mark) -> Embeddings:
        """As ``encode``; marks ``tokenise`` on the way."""


@runtime_checkable
class ScoresInStages(Protocol):
    """A cross-encoder that says when its tokenizer is done, for a few pairs at once."""

    def score_in_stages(self, pairs: Sequence[tuple[str, str]], mark: Mark) -> NDArray[np.float32]:
        """As ``score``; marks ``tokenise`` on the way."""


@runtime_checkable
class KnowsTokens(Protocol):
    """A model that says which inputs are the same to it."""

    def token_digests(self, inputs: Sequence[Any], role: Role) -> NDArray[np.uint8] | None:
        """Return a digest of each text's or pair's tokens as it reads them, [n_inputs, 16].

        Equal digests have equal answers. None where it cannot say.
        """


@runtime_checkable
class CutsPassages(Protocol):
    """A model that cuts documents into passages by its own tokenizer."""

    def room(self, queries: Sequence[str] = ()) -> int | None:
        """Return how many tokens of a document it reads, beside what it adds and a query; None: there is no end."""

    def spans(self, texts: Sequence[str], how: Passages, most: int | None) -> list[list[tuple[int, int]]]:
        """Return where each passage of each text begins and ends, in characters; one a text at least."""


@contextmanager
def told(model: object, advance: Callable[[int], None], total: int) -> Iterator[None]:
    """Advance by ``total`` over the block: batch by batch where the model tells of them, the rest at its end."""
    done = 0

    def tell(more: int) -> None:
        nonlocal done
        more = min(more, total - done)
        done += more
        advance(more)

    if isinstance(model, TellsBatches):
        before, model.batch_done = model.batch_done, tell
        try:
            yield
        finally:
            model.batch_done = before
    else:
        yield
    if done < total:
        advance(total - done)


def work_of(model: object) -> Work:
    """Return the work a model has done so far; none where it does not count it."""
    work = getattr(model, "work", None)
    return work if isinstance(work, Work) else Work()
