"""Why two bundles may differ: what their manifests and model identities say, most telling first."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import PurePosixPath
from typing import Any

from harness.errors import NotComparableError, listed
from harness.results.bundle import Bundle
from harness.results.schema import Model, Pipeline
from harness.stages import models_below

#: Every cause that can be named, in the order in which they are given.
CAUSES = (
    "data",
    "suite version",
    "pipeline",
    "weights",
    "tokenizer",
    "settings",
    "precision",
    "library",
    "hardware",
    "ties",
    "noise",
)
#: Parts of a data set that a bundle need not know.
_DOCUMENTS = ("corpus", "collection", "candidate_documents")
_WEIGHTS = (".safetensors", ".bin", ".pt", ".pth", ".h5", ".onnx", ".msgpack", ".gguf", ".xml", ".model")
_TOKENIZER = ("token", "vocab", "merges", "spiece", "sentencepiece", "bpe")
#: What a model's settings are unless a config says otherwise: a bundle that does not record them had these.
_DEFAULTS = {
    "activation": "identity",
    "backend": "torch",
    "batch_plan": "longest first by tokens",
    "batch_size": 16,
    "embeddings": "fp32",
    "precision": "fp32",
}
#: How many differences of one kind are named, and how many characters of a value.
_MOST, _LONGEST = 4, 60


@dataclass(frozen=True)
class Cause:
    """One thing that differs: its kind (of CAUSES) and the particulars."""

    kind: str
    detail: str

    def __str__(self) -> str:
        return f"{self.kind}: {self.detail}"


def data_causes(first: Bundle, second: Bundle) -> tuple[Cause, ...]:
    """What makes two bundles' figures incomparable: another task, suite version, or data hash."""
    causes = []
    if first.task != second.task:
        causes.append(Cause("data", f"task {first.task} and {second.task}"))
    one, other = first.result.manifest.data_sha256, second.result.manifest.data_sha256
    # Existing runs are scored without the documents; what figures are about is recorded by both, or unknown.
    about = {key for key in (*one, *other) if key not in _DOCUMENTS}
    for bundle, digests in ((first, one), (second, other)):
        lacking = sorted(about - set(digests)) or ([] if about else ["the data"])
        if lacking:
            causes.append(Cause("data", f"{bundle.path} does not record the SHA-256 of {listed(lacking)}"))
    changed = [key for key in one if key in other and one[key] != other[key]]
    if changed:
        shown = ", ".join(f"{key} {one[key][:8]}… and {other[key][:8]}…" for key in changed)
        causes.append(Cause("data", f"SHA-256 of {shown}"))
    versions = first.result.suite.version, second.result.suite.version
    if versions[0] != versions[1]:
        causes.append(Cause("suite version", f"{versions[0]} and {versions[1]}"))
    return tuple(causes)


def require_comparable(first: Bundle, second: Bundle) -> None:
    """Raise NotComparableError, naming the cause, where two bundles are about different data or suite
    versions.
    """
    causes = data_causes(first, second)
    if causes:
        raise NotComparableError(
            f"{first.path} and {second.path} do not compare: they differ in {'; '.join(map(str, causes))}. "
            "Make both with "
            "one suite and one version of its data"
        )


def explain(
    first: tuple[Bundle, str], second: tuple[Bundle, str], delta: float | None = None
) -> tuple[Cause, ...]:
    """Name what can have moved a pipeline's figures between two bundles, most telling first.

    Args:
        first, second: (bundle, pipeline).
        delta: the difference of the primary measure, to judge ties and noise by.
    """
    (one, name), (other, other_name) = first, second
    causes = list(data_causes(one, other))
    mine, theirs = one.pipelines[name], other.pipelines[other_name]
    causes += _stages(mine, theirs)
    models, others = one.result.models, other.result.models
    used = models_below(other_name, other.result)
    for model in models_below(name, one.result):
        if model in used and model in models and model in others:
            causes += _model(model, models[model], others[model])
    causes += _packages(one, other)
    causes += _hardware(one, other)
    spread = max(_tie_spread(mine), _tie_spread(theirs))
    if delta is not None and delta != 0.0 and abs(delta) <= spread:
        causes.append(
            Cause("ties", f"the order of tied scores alone can move the primary measure by {spread:.4f}")
        )
    if not causes and delta:
        causes.append(
            Cause("noise", "nothing that was recorded differs; only the last bits of the computation can")
        )
    return tuple(sorted(dict.fromkeys(causes), key=lambda cause: CAUSES.index(cause.kind)))


def _stages(one: Pipeline, other: Pipeline) -> Iterator[Cause]:
    mine, theirs = ({"kind": part.kind, **part.stages} for part in (one, other))
    changed = [key for key in {**mine, **theirs} if mine.get(key) != theirs.get(key)]
    if changed:
        yield Cause("pipeline", "; ".join(f"{key} {mine.get(key)} and {theirs.get(key)}" for key in changed))


def _model(name: str, one: Model, other: Model) -> Iterator[Cause]:
    mine, theirs = one.files, other.files
    kinds: dict[str, list[str]] = {}
    for file in sorted({*mine, *theirs}):
        if mine.get(file) != theirs.get(file):
            kinds.setdefault(_kind_of_file(file), []).append(file)
    for kind, files in kinds.items():
        yield Cause(kind, f"{name}: {listed(_short(f, mine, theirs) for f in files)}")
    if one.revision != other.revision and not kinds:
        yield Cause("weights", f"{name}: revision {one.revision or None} and {other.revision or None}")
    if one.name != other.name and not kinds:
        yield Cause("weights", f"{name}: {one.name} and {other.name}")
    yield from _settings(name, one.settings, other.settings)


def _settings(name: str, one: Mapping[str, Any], other: Mapping[str, Any]) -> Iterator[Cause]:
    """One cause of each kind: every setting that differs, and in one go those that only one side records."""
    told: dict[str, list[str]] = {}
    unrecorded: dict[str, list[str]] = {}
    for key in dict.fromkeys((*one, *other)):
        mine, theirs = one.get(key), other.get(key)
        if mine == theirs or (_is_default(key, mine) and _is_default(key, theirs)):
            continue
        kind = "precision" if key in ("precision", "dtype") else "hardware" if key == "device" else "settings"
        if key in one and key in other:
            told.setdefault(kind, []).append(f"{key} {_cut(mine)} and {_cut(theirs)}")
        else:
            side, value = ("second", mine) if key in one else ("first", theirs)
            unrecorded.setdefault(side, []).append(f"{key} {_cut(value)}")
    for kind, differences in told.items():
        yield Cause(kind, f"{name}: {_few(differences)}")
    for side, keys in unrecorded.items():
        yield Cause("settings", f"{name}: {_few(keys)}, which the {side} does not record")


def _is_default(key: str, value: Any) -> bool:
    """Whether a setting says nothing: absent, empty, or what every model has unless it is told otherwise."""
    return value is None or value in (False, "", {}, []) or value == _DEFAULTS.get(key)


def _cut(value: Any) -> str:
    text = " ".join(str(value).split())
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"


def _few(words: list[str]) -> str:
    """The first few, and how many more there are."""
    more = f", and {len(words) - _MOST} more" if len(words) > _MOST else ""
    return listed(words[:_MOST]) + more


def _kind_of_file(file: str) -> str:
    name = PurePosixPath(file).name.lower()
    if any(part in name for part in _TOKENIZER):
        return "tokenizer"
    return "weights" if name.endswith(_WEIGHTS) else "settings"


def _short(file: str, one: Mapping[str, str], other: Mapping[str, str]) -> str:
    hashes = [f"{side[file][:8]}…" if file in side else "absent" for side in (one, other)]
    return f"{file} ({hashes[0]} and {hashes[1]})"


def _packages(one: Bundle, other: Bundle) -> Iterator[Cause]:
    # A package that only one side has is no cause: nothing that both computed can have used it.
    mine, theirs = one.result.manifest.packages, other.result.manifest.packages
    changed = [name for name in sorted({*mine} & {*theirs}) if mine[name] != theirs[name]]
    if changed:
        yield Cause("library", listed(f"{name} {mine[name]} and {theirs[name]}" for name in changed))


def hardware_of(bundle: Bundle) -> dict[str, Any]:
    """The machine's part of a manifest by which stored wall-clock may be compared at all."""
    manifest = bundle.result.manifest
    # The CPU is the machine itself, and written down only by a run that computed on it.
    devices = {name: what for name, what in manifest.devices.items() if name != "cpu"}
    return {**asdict(manifest.machine), "devices": devices}


def _hardware(one: Bundle, other: Bundle) -> Iterator[Cause]:
    if told := differing(hardware_of(one), hardware_of(other)):
        yield Cause("hardware", told)


def differing(mine: Mapping[str, Any], theirs: Mapping[str, Any]) -> str:
    """Name the facts of two machines that differ, each with both values; empty where none does."""
    return "; ".join(
        f"{key} {_in_words(mine[key])} and {_in_words(theirs[key])}"
        for key in mine
        if mine[key] != theirs[key]
    )


def _in_words(value: Any) -> str:
    """A fact of a machine; devices by their names."""
    return (listed(value) or "none") if isinstance(value, Mapping) else str(value)


def _tie_spread(part: Pipeline) -> float:
    return 0.0 if part.ties is None else part.ties.best - part.ties.worst
