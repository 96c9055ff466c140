"""Given: results that are there already, in a run file or as a data set's own candidates."""

from __future__ import annotations

from harness.stages.told import Kind, Models, Part, Sentence, Told, plain

_RUN = Sentence(
    "{} was read from an existing run file; how it was made is not known here.",
    "{} were read from existing run files; how they were made is not known here.",
)


def _is_named_so(system: str, pipeline: str, part: Part, models: Models) -> bool:
    return plain(pipeline) in (plain(system), plain(system.split("/")[-1]))


KIND = Kind(
    told=(
        Told(
            "run",
            lambda stages: f"run file, depth {stages['depth']}",
            lambda part: _RUN,
            (),
            is_system=_is_named_so,
        ),
    ),
    said=(_RUN,),
)
