"""From the arguments of ``harness.run`` to a config: names, mappings and live objects alike."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from harness import locate, settings, yamlfile
from harness.config import MODEL_KINDS, LoadedConfig, LoadedSuite, Suite, configs
from harness.datasets import given as data
from harness.errors import ModelError, UsageError, listed
from harness.models import live as lives
from harness.models.live import Live
from harness.plan.beginning import compared, searches
from harness.python.arguments import Call
from harness.yamlfile import YamlFile

_NAME = "python"
_COLLECTION = ("documents", "queries", "judgments")
_DATA = (*_COLLECTION, "pairs")
_OF_A_SUITE = ("measures", "primary")
_MEASURES = {"retrieval": ("ndcg@10", "mrr@10", "recall@100"), "sts": ("spearman", "pearson")}


def configured(
    config: str | Path | Mapping[str, Any] | None, overrides: Sequence[str], given: Mapping[str, Any]
) -> LoadedConfig:
    """Return the config that ``harness.run`` is asked for.

    ``given`` are keywords: keys of a config, and data. One of the same name as a key of ``config`` stands in its
    place, but for ``models`` and ``pipelines``, which are put beside or over those of the same name. Raises UsageError,
    ConfigError, DataError or ModelError.
    """
    name, file = _file(config)
    keys = {key: value for key, value in given.items() if value is not None}
    content = {**file.content}
    for key, value in keys.items():
        if key in _DATA or key in _OF_A_SUITE:
            continue
        if key in ("models", "pipelines") and isinstance(value, Mapping):
            value = {**content.get(key, {}), **value}
        content[key] = value
    suite = _suite(content, keys)
    if suite is not None:
        content["suite"] = suite.name
    content["models"], live = _models(content.get("models") or {})
    if not content["models"]:
        del content["models"]
    if "pipelines" not in content:
        task = suite.settings.task if suite is not None else ""
        content |= _usual(content.get("models", {}), task)
    changed: dict[tuple[str, ...], str] = {
        (key,): f"harness.run({key}=...)" for key in keys if key not in (*_DATA, *_OF_A_SUITE)
    }
    file = replace(file, content=_plain(content), given={**file.given, **changed})
    made = configs.loaded(name, configs.overridden(file, overrides), suite, live, _notes(live, suite))
    _check_timing(made)
    return made


def _file(config: str | Path | Mapping[str, Any] | None) -> tuple[str, YamlFile]:
    if config is None or isinstance(config, Mapping):
        return _NAME, Call(Path.cwd() / "harness.run", dict(config or {}), {})
    if not isinstance(config, str | Path):
        raise UsageError(
            f"harness.run: config is a {type(config).__name__}; give a config's name, a path or a mapping, and objects "
            "as models={NAME: object}"
        )
    path = config if isinstance(config, Path) else locate.find("configs", config)
    return path.stem, yamlfile.read(path)


def _suite(content: Mapping[str, Any], keys: Mapping[str, Any]) -> LoadedSuite | None:
    """The suite that was given by data or as a mapping; None where one is named."""
    parts = {key: keys[key] for key in _DATA if key in keys}
    said = content.get("suite")
    if parts and "suite" in keys:
        raise UsageError(
            f"harness.run: a suite and {listed(parts)} are given; a suite has its own data, so give one or the other"
        )
    own = {key: keys[key] for key in _OF_A_SUITE if key in keys}
    if not parts and not isinstance(said, Mapping):
        if own:
            raise UsageError(
                f"harness.run: {listed(own)} go with data, and a named suite has its own; give documents, queries and "
                "judgments, or pairs"
            )
        if said is None:
            raise UsageError(
                "harness.run: nothing to measure on; give suite=NAME, or documents, queries and judgments, or pairs of "
                "sentences with scores"
            )
        return None
    said = dict(said) if not parts and isinstance(said, Mapping) else {"version": 1}
    dataset = dict(said.get("dataset") or {})
    inline = {key: dataset.pop(key) for key in _DATA if key in dataset and not _names_files(dataset[key])}
    found = _data({**inline, **parts})
    if found is not None:
        dataset["given"] = found.digests()
    said["dataset"] = dataset
    task = said.setdefault("task", "sts" if isinstance(found, data.GivenPairs) else "retrieval")
    measures = own.get("measures", said.get("measures", _MEASURES.get(task, ())))
    said["measures"] = [measures] if isinstance(measures, str) else list(measures)
    said["primary"] = own.get("primary", said.get("primary", next(iter(said["measures"]), "")))
    said.setdefault("version", 1)
    file = Call(Path.cwd() / "harness.run", said, {})
    return LoadedSuite(_NAME, settings.build(Suite, said, file), file, live=found)


def _data(parts: Mapping[str, Any]) -> data.GivenCollection | data.GivenPairs | None:
    if not parts:
        return None
    if "pairs" in parts:
        if len(parts) > 1:
            others = listed(key for key in parts if key != "pairs")
            raise UsageError(f"harness.run: pairs and {others} are data of two tasks; give one or the other")
        return data.sentence_pairs(parts["pairs"])
    missing = [key for key in ("queries", "judgments") if key not in parts]
    if missing:
        raise UsageError(
            f"harness.run: {listed(parts)} without {listed(missing)}; documents, queries and judgments belong together"
        )
    return data.collection(*(parts.get(key) for key in _COLLECTION))


def _names_files(value: Any) -> bool:
    return isinstance(value, str | Path) or (
        isinstance(value, list | tuple) and all(isinstance(one, str | Path) for one in value)
    )


def _models(given: Any) -> tuple[dict[str, Any], dict[str, Live]]:
    """What the config says of each model, and the objects among them. Raises UsageError, ModelError."""
    if not isinstance(given, Mapping):
        raise UsageError(
            f"harness.run: models is a {type(given).__name__}, where names are wanted: models={{'minilm': object}}"
        )
    said: dict[str, Any] = {}
    live: dict[str, Live] = {}
    for name, value in given.items():
        if isinstance(value, str | Path):
            raise UsageError(
                f"harness.run, models.{name}: {str(value)!r} is a name; say what it is, as in "
                f"{{'bi_encoder': {str(value)!r}}}"
            )
        kind, others, thing = None, {}, value
        if isinstance(value, Mapping):
            kind = next((key for key in MODEL_KINDS if key in value), None)
            thing = None if kind is None else value[kind]
            if kind is None or kind == "bm25" or isinstance(thing, str | Path | Mapping):
                said[name] = dict(value)
                continue
            others = {key: part for key, part in value.items() if key != kind}
        try:
            found = lives.found(thing, kind)
        except ModelError as error:
            raise ModelError(f"model {name!r}: {error}") from None
        live[name] = found
        source = {"live": found.name, **({"sha256": _sha(found)} if found.files else {})}
        said[name] = {found.kind: source, **others}
    return said, live


def _sha(found: Live) -> str:
    return found.files["weights"]


def _usual(models: Mapping[str, Any], task: str) -> dict[str, Any]:
    """Pipelines where none are said: as 'harness init' makes them, or a model each."""
    if task == "sts":
        return {"pipelines": {name: {"score": name} for name in models}}
    if task != "retrieval":
        return {}
    cross = [name for name, said in models.items() if "cross_encoder" in said]
    pipelines = searches([name for name in models if name not in cross], cross)
    pairs = compared(pipelines)
    return {"pipelines": pipelines, **({"compare": pairs} if pairs else {})}


def _notes(live: Mapping[str, Live], suite: LoadedSuite | None) -> tuple[str, ...]:
    """What keeps the bundle from being made again from its config."""
    said = []
    if suite is not None and suite.live is not None:
        said.append("its data was given in Python")
    said += [f"{name} was an object given in Python, {one.name}" for name, one in live.items()]
    return (f"this bundle cannot be rerun from its config alone: {'; '.join(said)}",) if said else ()


def _check_timing(config: LoadedConfig) -> None:
    given = [*config.live, *(["the data"] if config.suite.live is not None else [])]
    if config.settings.timing != "off" and given:
        raise UsageError(
            f"harness.run: timing is {config.settings.timing!r}, which serves every pipeline in a process of its own, "
            f"and that process has nothing of what was given in Python ({listed(given)}); leave timing off, or name "
            "folders and files"
        )


def _plain(value: Any) -> Any:
    """Paths as text and tuples as lists, as a file would hold them."""
    if isinstance(value, Path):
        return str(value)
    if isinstance(value, Mapping):
        return {key: _plain(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(part) for part in value]
    return value
