"""What searches of embeddings look through: bytes, and what is counted of each form."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from harness.datamodel import Query
from harness.models.answers import form_of
from harness.pipelines import Collection
from harness.plan.shelf import StoredEncoder
from harness.plan.workbench import Workbench
from harness.store.keys import text_hashes

_BYTES, _PASSAGES = "index_bytes", "passages"


def sizes(
    bench: Workbench, model: str, collection: Collection, queries: Sequence[Query]
) -> Counter[str] | None:
    """Return what the store's embeddings come to; None where it does not hold them all, since nothing is encoded."""
    encoder, texts = bench.encoder(model), [query.text for query in queries]
    if not isinstance(encoder, StoredEncoder) or not encoder.holds_documents(collection):
        return None
    if encoder.missing(encoder.shards(text_hashes(texts), "query", "fp32")):
        return None
    encoded: Any = encoder.encode(texts, "query")
    form = form_of(encoded)
    found = Counter({f"query_{name}": size for name, size in form.sizes(encoded).items()})
    for block in encoder.documents(collection):
        found.update(form.sizes(block))
    return found


def told(found: Mapping[str, int], n_documents: int, n_queries: int) -> dict[str, Any]:
    """Return what a bundle says of an index: its bytes, and of what is counted how many there are of each text."""
    about: dict[str, Any] = {"kind": "exact", _BYTES: found[_BYTES]}
    # A query is a vector where a passage is one; what is counted of a form's own says more.
    counted = {**found, f"query_{_PASSAGES}": n_queries}
    names = [name for name in found if not name.startswith("query_") and name != _BYTES]
    for name in sorted(names, key=lambda name: name != _PASSAGES):
        about["kind"] = name
        about[name] = found[name]
        about["count"] = found[name]
        about["per_document"] = found[name] / max(1, n_documents)
        about["per_query"] = counted[f"query_{name}"] / max(1, n_queries)
    return about
