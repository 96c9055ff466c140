"""Score: one model gives each pair of sentences a score."""

from __future__ import annotations

from harness.stages.told import Kind, Sentence, Told, by_model

_SCORE = Sentence("{} gives each pair one score.", "{} give each pair one score.")

KIND = Kind(
    told=(
        Told(
            "score",
            lambda stages: ", ".join(str(stages[key]) for key in ("score", "similarity") if key in stages),
            lambda part: _SCORE,
            ("score",),
            ("tokenise", "encode", "score"),
            is_system=by_model("score"),
        ),
    ),
    said=(_SCORE,),
)
