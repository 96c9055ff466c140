"""A suite: what is measured."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, TypeVar

from pydantic import AfterValidator, Field, field_validator, model_validator

from harness import locate, settings, yamlfile
from harness.errors import ConfigError, listed
from harness.search.settings import Bm25
from harness.settings import Settings
from harness.values import Positive, digest
from harness.yamlfile import YamlFile

_Source = TypeVar("_Source", bound=Settings)


class Needs(Settings):
    """What a run of a suite needs: megabytes of 10^6 bytes, and the sizes that the work follows from."""

    documents: Positive | None = None
    queries: Positive | None = None
    candidates: Positive | None = None  # (query, document) pairs that the data set itself gives
    pairs: Positive | None = None
    download_mb: Annotated[float, Field(ge=0)] | None = None
    disk_mb: Annotated[float, Field(ge=0)] | None = None
    source: str = ""


class Terms(Settings):
    """What a data set may be used for.

    With ``accept`` nothing is fetched until its name has been accepted.
    """

    name: str
    text: str = ""
    url: str = ""
    accept: str | None = None


def _with_sources(value: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    for system, figures in value.items():
        if not figures.get("source"):
            raise ValueError(f"the figures of {system!r} need a source")
        for measure, figure in figures.items():
            if measure not in ("source", "note") and not isinstance(figure, int | float):
                raise ValueError(f"{system}: {measure} must be a number, not {figure!r}")
    return value


#: Published figures: for each system its measures, the ``source`` and perhaps a ``note``.
Reference = Annotated[dict[str, dict[str, Any]], AfterValidator(_with_sources)]


class Suite(Settings):
    """What is measured. ``dataset`` is read by the loader that its first key names, ``protocol`` by the task.

    ``language``, a name or ISO 639-1 code, is what BM25 splits words by unless the config says otherwise.
    ``reference`` holds published figures: for each system its measures, the ``source`` and perhaps a
    ``note``.
    """

    task: str
    version: Positive
    dataset: dict[str, Any]
    protocol: dict[str, Any] = Field(default_factory=dict)
    measures: Annotated[tuple[str, ...], Field(min_length=1)]
    primary: str
    description: str = ""
    language: str | None = None
    reference: Reference = Field(default_factory=dict)
    needs: Needs = Field(default_factory=Needs)
    terms: Terms | None = None

    @model_validator(mode="after")
    def _primary_is_measured(self) -> Suite:
        if self.primary not in self.measures:
            raise ValueError(
                f"primary is {self.primary!r}, which is not among the measures {listed(self.measures)}"
            )
        if len(set(self.measures)) != len(self.measures):
            raise ValueError("measures: one is given twice")
        return self

    @field_validator("measures", "primary", mode="before")
    @classmethod
    def _in_one_spelling(cls, value: Any) -> Any:
        """Write trec_eval's and ir-measures' names our way."""
        from harness.measures import registry  # which brings SciPy, and a list of suites does without

        if isinstance(value, str):
            return registry.spelled(value)
        if not isinstance(value, list):
            return value
        return [registry.spelled(one) if isinstance(one, str) else one for one in value]

    @field_validator("language")
    @classmethod
    def _language_is_known(cls, value: str | None) -> str | None:
        return None if value is None else Bm25(language=value).language


@dataclass(frozen=True)
class LoadedSuite:
    """A suite, the file it came from, and its name; ``note`` is to be said under any table.

    ``live`` is data that was given in Python, where ``dataset`` is ``{given: ...}``.
    """

    name: str
    settings: Suite
    file: YamlFile
    note: str = ""
    live: Any = None

    @property
    def folder(self) -> Path:
        """What the suite's paths are relative to."""
        return self.file.path.parent

    def fail(self, problem: str, *location: str | int) -> ConfigError:
        """Return an error that names the suite's file and line."""
        return ConfigError(f"{self.file.where(location)}: {problem}")

    def source(self, kinds: Mapping[str, type[_Source]], valid: str) -> _Source:
        """Build the settings that a known key of the dataset names. Raises ConfigError, with what is valid."""
        content = self.file.content["dataset"]
        for key, model in kinds.items():
            if key in content:
                return settings.build(model, content, self.file, ("dataset",))
        raise self.fail(f"dataset has the keys {listed(content) or 'none'}; {valid}", "dataset")

    @cached_property
    def digest(self) -> str:
        """SHA-256 of what the suite says that can change a figure, whatever its formatting."""
        told = {"description", "reference", "needs", "terms"}
        told |= {key for key in ("protocol", "language") if not getattr(self.settings, key)}
        return digest(self.settings.model_dump(mode="json", exclude=told))


def load_suite(name: str | Path, config: Path | None = None) -> LoadedSuite:
    """Load a suite by name or path, as a config's file names it where there is one. Raises ConfigError."""
    beside = config.parent if config is not None else None
    path = name if isinstance(name, Path) else locate.find("suites", name, beside, but=config)
    file = yamlfile.read(path)
    return LoadedSuite(path.stem, settings.build(Suite, file.content, file), file)


def is_judgments(name: str | Path) -> bool:
    """Whether what is named is a file of judgments, and no suite: any file that is neither YAML nor a suite's name."""
    path = Path(name).expanduser()
    if not path.exists() or path.is_dir() or path.suffix.lower() in (".yaml", ".yml"):
        return False
    return str(name) != path.name or path.name not in locate.available("suites")


def suite_of_judgments(path: Path, measures: Sequence[str]) -> LoadedSuite:
    """Return a suite that is made of a file of judgments, to score runs; the first measure decides."""
    path = path.expanduser().absolute()
    note = (
        f"the suite was made of the judgments file {path.name}; its measures were chosen when it was scored"
    )
    content = {
        "task": "retrieval",
        "version": 1,
        "dataset": {"qrels": path.name},
        "measures": list(measures),
        "primary": measures[0],
        "description": note,
    }
    file = YamlFile(path, content, {})
    return LoadedSuite(path.stem, settings.build(Suite, content, file), file, note)
