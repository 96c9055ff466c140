"""How every encoder of sentence-transformers is opened, and which prompt and route a text's role has."""

from __future__ import annotations

from typing import Any

from harness.models.batching import LoadSettings, dtype
from harness.models.protocols import Role

#: Prompts of each role, the first that there is.
ROLES = {"query": ("query",), "document": ("document", "passage", "corpus")}


def how(model: Any, role: Role) -> tuple[str | None, str | None]:
    """Return prompt and task of a role, as encode_query, encode_document and encode choose them."""
    names = ROLES.get(role, ())
    name = next((name for name in names if name in model.prompts), None)
    return model._resolve_prompt(None, name) or None, role if names else None


def library_arguments(settings: LoadSettings) -> dict[str, Any]:
    """Return what every class of the library is opened with."""
    return {
        "device": settings.device,
        "trust_remote_code": settings.trust_remote_code,
        "local_files_only": True,
        "model_kwargs": {
            "dtype": dtype(settings.precision),
            "use_safetensors": None if settings.allow_pickle else True,
        },
    }
