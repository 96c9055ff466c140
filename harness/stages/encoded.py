"""What searches by an encoder's embeddings have in common: texts are encoded once, and compared."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from harness.stages.live import Found, Live, LiveEncoder, Mark, Source, VectorIndex
from harness.stages.passages import passage_label
from harness.stages.searching import Search
from harness.stages.tree import Planned, Results
from harness.stages.work import View

if TYPE_CHECKING:
    from harness.datamodel import Query

_FLOPS = 3e10  # of a product a second, within a factor of three on any machine of today


class Encoded(Search):
    """An encoder over the whole collection; subclasses are frozen dataclasses.

    Attributes:
        share: of its numbers that a comparison looks at.
    """

    share: ClassVar[float] = 1.0

    @property
    def label(self) -> str:
        """The model, and how it cuts documents."""
        return f"{super().label}{passage_label(self.passages)}"

    @property
    def models(self) -> tuple[str, ...]:
        """The encoder."""
        return (self.model,)

    @property
    def throughputs(self) -> tuple[tuple[str, str], ...]:
        """How fast it encodes documents."""
        return (("document", self.model),)

    @property
    def row(self) -> str:
        """Most of it is encoding."""
        return f"{self.model}: encoding"

    def work(self, view: View) -> Iterable[Planned]:
        """Documents and queries encoded."""
        documents = view.encoding(self.model, "document", self.passages)
        return (documents, view.encoding(self.model, "query"))

    def looked_at(self, view: View) -> float:
        """Return how many documents a query is compared with."""
        return view.n_documents

    def seconds(self, view: View) -> float:
        """By the numbers that are multiplied."""
        each = 1.0 if self.passages is None else view.per_document(self.model, self.passages)
        numbers = self.share * view.numbers(self.model) * self.looked_at(view) * each
        return 2.0 * numbers * view.n_queries / _FLOPS

    def serve(self, live: Live, depth: int) -> Source:
        """Load the model and its documents' embeddings."""
        model = live.encoder(self.model)
        return live.first(ServedEncoder(model, live.vectors(self.model, self.how, self.passages)))

    def index(self, results: Results, depth: int, seed: int) -> dict[str, Any] | None:
        """Return what is searched, and its bytes."""
        return results.held(self.model, self.passages)


@dataclass(frozen=True, eq=False)
class ServedEncoder:
    """An encoder and the search of its embeddings."""

    model: LiveEncoder
    index: VectorIndex

    def find(self, queries: Sequence[Query], depth: int, mark: Mark) -> Found:
        """Encode and search."""
        encoded = self.model.encode([query.text for query in queries], "query", mark)
        mark("encode")
        found = self.index.search(encoded, depth)
        mark("search")
        return Found(found, lambda: self.index.bytes_read)
