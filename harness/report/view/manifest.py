"""The manifest in rows, as it is stored."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from harness.report.model import ManifestPart
from harness.results.bundle import Bundle


def manifest_of(bundle: Bundle) -> tuple[ManifestPart, ...]:
    """Everything recorded about how the bundle came about."""
    result = bundle.content
    manifest: Mapping[str, Any] = result["manifest"]
    plain = {key: value for key, value in manifest.items() if not isinstance(value, Mapping)}
    keys = {
        "bundle": bundle.name,
        "schema": result.get("schema"),
        "result_key": result.get("result_key"),
        "perf_key": result.get("perf_key"),
        "config_digest": result.get("config_digest"),
        "digest": result.get("digest"),
    }
    parts = [ManifestPart("Run", _rows({**plain, **keys}))]
    titles = {
        "data_sha256": "Data, SHA-256",
        "packages": "Packages",
        "machine": "Machine",
        "threads": "Threads",
    }
    for key, value in manifest.items():
        if isinstance(value, Mapping):
            parts.append(ManifestPart(titles.get(key, key.replace("_", " ").capitalize()), _rows(value)))
    for name, model in (result.get("models") or {}).items():
        rows = {key: value for key, value in model.items() if key not in ("files", "settings")}
        files = {f"file {key}": value for key, value in (model.get("files") or {}).items()}
        parts.append(ManifestPart(f"Model {name}", _rows({**rows, **(model.get("settings") or {}), **files})))
    if result.get("files"):
        parts.append(ManifestPart("Files of the bundle, SHA-256", _rows(result["files"])))
    return tuple(part for part in parts if part.rows)


def _rows(content: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    return tuple(
        (str(key), _text(value)) for key, value in content.items() if value not in (None, "", {}, [])
    )


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return " ".join(value)
    if isinstance(value, int) and abs(value) >= 10_000:
        return f"{value:,}"
    return json.dumps(value, ensure_ascii=False) if isinstance(value, Mapping | list) else str(value)
