"""Search: the documents nearest to a query, by a bi-encoder, exactly or through an index, or by BM25."""

from __future__ import annotations

from typing import Any

from harness.stages.told import Kind, Models, Part, Sentence, Stages, Told, by_model, plain

_TIMED = ("tokenise", "encode", "search")
_BM25 = Sentence("{} ranks by BM25.", "{} rank by BM25.")
_EXACT = Sentence(
    "{} searches exactly, over every document’s embedding.",
    "{} search exactly, over every document’s embedding.",
)
_INDEX = Sentence(
    "{} searches through an index by FAISS; what it misses of the exact results is shown as its overlap.",
    "{} search through an index by FAISS; what it misses of the exact results is shown as its overlap.",
)


def index_words(stages: Stages) -> str:
    """How a bi-encoder's vectors are searched, where not exactly: `` by hnsw m 32 ef 64``."""
    told: dict[str, Any] = dict(stages.get("index") or {})
    words = [str(told.pop("kind")), *(f"{key} {value}" for key, value in told.items())] if told else []
    return f" by {' '.join(words)}" if words else ""


def _by_words(stages: Stages) -> str:
    source = f" {stages['retrieve']}" if stages["retrieve"] != "bm25" else ""
    return f"bm25{source}, depth {stages['depth']}"


def _by_vectors(stages: Stages) -> str:
    source = f" {stages['retrieve']}" if stages["retrieve"] != "bi-encoder" else ""
    return f"bi-encoder{source}{index_words(stages) if source else ''}, depth {stages['depth']}"


def _is_bm25(system: str, pipeline: str, part: Part, models: Models) -> bool:
    return plain(system).startswith("bm25")


KIND = Kind(
    told=(
        Told(
            "bm25", _by_words, lambda part: _BM25, ("retrieve",), _TIMED, alone="retrieve", is_system=_is_bm25
        ),
        Told(
            "bi-encoder",
            _by_vectors,
            lambda part: _INDEX if part.get("index") else _EXACT,
            ("retrieve",),
            _TIMED,
            alone="retrieve",
            is_system=by_model("retrieve"),
        ),
    ),
    said=(_BM25, _EXACT, _INDEX),
)
