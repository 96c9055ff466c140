"""Encode: one bi-encoder's embeddings of texts, for a task that puts something cheap on top of them."""

from __future__ import annotations

from harness.stages.told import Kind, Sentence, Told, by_model

_ENCODE = Sentence(
    "{} encodes each text once, and never learns: what stands on the embeddings does.",
    "{} encode each text once, and never learn: what stands on the embeddings does.",
)

KIND = Kind(
    told=(
        Told(
            "encode",
            lambda stages: str(stages["encode"]),
            lambda part: _ENCODE,
            ("encode",),
            ("tokenise", "encode"),
            is_system=by_model("encode"),
        ),
    ),
    said=(_ENCODE,),
)
