"""Schema versions of ``result.json``, and the pure functions that bring an old one up to date."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from harness.errors import BundleError

SCHEMA = 2

#: version -> function that returns the same result in the next version.
UPGRADES: dict[int, Callable[[dict[str, Any]], dict[str, Any]]] = {
    # In schema 2 a large run may be Parquet; one of schema 1 has TREC lines alone, and is a 2 as it stands.
    1: lambda content: {**content, "schema": 2},
}

_NEEDED = ("task", "suite", "primary", "measures", "pipelines", "config", "manifest")


def upgraded(content: Any, file: Path) -> dict[str, Any]:
    """Return a result in the newest schema. Raises BundleError for a newer one, or for what is no result."""
    if not isinstance(content, dict) or not isinstance(content.get("schema"), int):
        raise BundleError(f"{file}: not a bundle's result (it names no schema version)")
    version = content["schema"]
    if version > SCHEMA:
        raise BundleError(
            f"{file}: written in schema {version}, and this version reads up to {SCHEMA}; upgrade encoder-harness"
        )
    while version < SCHEMA:
        if version not in UPGRADES:
            raise BundleError(f"{file}: schema {version} is not known; schemas up to {SCHEMA} are")
        content = UPGRADES[version](content)
        version = content["schema"]
    missing = [key for key in _NEEDED if key not in content]
    if missing:
        raise BundleError(f"{file}: incomplete; it lacks {', '.join(missing)}")
    return dict(content)
