"""What searches of embeddings look through: bytes, and what is counted of each form."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from harness.datamodel import Query
from harness.models.answers import form_of
from harness.pipelines import Collection, EncodesCorpus
from harness.plan.workbench import Workbench

_BYTES = "index_bytes"


def sizes(
    bench: Workbench, model: str, collection: Collection, queries: Sequence[Query]
) -> Counter[str] | None:
    """Return what the store's embeddings come to; None without a store. Nothing is encoded that is there."""
    encoder = bench.encoder(model)
    if not isinstance(encoder, EncodesCorpus):
        return None
    encoded: Any = encoder.encode([query.text for query in queries], "query")
    form = form_of(encoded)
    found = Counter({f"query_{name}": size for name, size in form.sizes(encoded).items()})
    for block in encoder.documents(collection):
        found.update(form.sizes(block))
    return found


def told(found: Mapping[str, int], n_documents: int, n_queries: int) -> dict[str, Any]:
    """Return what a bundle says of an index: its bytes, and of what is counted how many there are of each text."""
    about: dict[str, Any] = {"kind": "exact", _BYTES: found[_BYTES]}
    for name in (name for name in found if not name.startswith("query_") and name != _BYTES):
        about["kind"] = name
        about[name] = found[name]
        about["count"] = found[name]
        about["per_document"] = found[name] / max(1, n_documents)
        about["per_query"] = found[f"query_{name}"] / max(1, n_queries)
    return about
