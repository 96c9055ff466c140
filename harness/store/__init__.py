"""Content-addressed artifacts that survive: embeddings, indexes, pair scores, searches. See docs/store.md."""

from __future__ import annotations

from harness.store.errors import StoreError
from harness.store.folder import Store, open_store

__all__ = ["Store", "StoreError", "open_store"]
