"""What a recipe trains on: scored pairs, inference pairs, triplets or plain texts; embedded, local or the hub's."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from pydantic import Field, field_validator

from harness import settings
from harness.config import LoadedSuite, Suite
from harness.datasets import factbook, hub, pairs, rows
from harness.datasets.hub import HubFile
from harness.datasets.needs import Conditions
from harness.datasets.sources import EmbeddedSource, Files, Split, TableSource, names_of, paths_of
from harness.datasets.textfiles import lines
from harness.errors import ConfigError, DataError, listed, nearest
from harness.settings import Settings
from harness.yamlfile import YamlFile

Kind = Literal["pairs", "inferences", "triplets", "texts"]
#: Classes of an inference pair, in the order of their numbers.
LABELS = ("contradiction", "entailment", "neutral")
_OF = ("pairs", "inferences", "triplets")
_INFERENCE = ("premise", "hypothesis", "label")
_TRIPLET = ("anchor", "positive", "negative")


class EmbeddedInferences(EmbeddedSource):
    """Inference pairs of the embedded corpus."""

    of: Literal["inferences"]
    split: Split = "train"


class EmbeddedTriplets(EmbeddedSource):
    """A question of the embedded corpus, a passage that answers it, and one of the same entity that does not."""

    of: Literal["triplets"]
    split: Split = "train"


class InferenceFiles(TableSource):
    """Inference pairs: local files, or a hub data set's at one commit.

    ``columns`` are premise, hypothesis and label; ``labels`` turns a file's own labels, such as 0, into names;
    a label it turns into ``skip`` is left out and counted. As everywhere, csv is quoted and tsv is not.
    """

    columns: tuple[str, ...] = _INFERENCE
    inferences: Files
    hub: str | None = None
    revision: str | None = None
    labels: dict[str, Literal["contradiction", "entailment", "neutral", "skip"]] = Field(default_factory=dict)

    @field_validator("revision")
    @classmethod
    def _is_a_commit(cls, value: str | None) -> str | None:
        return None if value is None else hub.check_revision(value)


class TripletFiles(TableSource):
    """Triplets of local files: anchor, positive, negative."""

    columns: tuple[str, ...] = _TRIPLET
    triplets: Files


class TextFiles(Settings):
    """Plain texts of local files, one a line."""

    texts: Files


@dataclass(frozen=True)
class Examples:
    """Training examples as their source has them: columns of texts, and scores in [0, 1] or class names."""

    kind: Kind
    columns: tuple[tuple[str, ...], ...]
    scores: tuple[float, ...] = ()
    labels: tuple[str, ...] = ()
    skipped: int = 0

    def __len__(self) -> int:
        return len(self.columns[0])

    @property
    def digest(self) -> str:
        """SHA-256 over every example in order."""
        sha = hashlib.sha256()
        told = [column for column in (*self.columns, self.scores, self.labels) if column]
        for row in zip(*told, strict=True):
            sha.update(json.dumps([self.kind, *row], ensure_ascii=True).encode("ascii") + b"\n")
        return sha.hexdigest()


def load(content: Mapping[str, Any], file: YamlFile, key: str = "data") -> Examples:
    """Load what a recipe's ``data`` or ``dev`` names. Raises ConfigError, DataError."""
    if "inferences" in content:
        source = settings.build(InferenceFiles, dict(content), file, (key,))
        return _inferences(source, file)
    if content.get("of", "pairs") not in _OF:
        of = content["of"]
        raise ConfigError(
            f"{file.where((key, 'of'))}: {key}.of is {of!r}{nearest(str(of), _OF)}; valid are {listed(_OF)}"
        )
    if content.get("of") == "inferences":
        embedded = settings.build(EmbeddedInferences, dict(content), file, (key,))
        found = factbook.inferences(embedded.split)
        columns = (tuple(i.premise for i in found), tuple(i.hypothesis for i in found))
        return Examples("inferences", columns, labels=tuple(i.label for i in found))
    if content.get("of") == "triplets":
        return _embedded_triplets(settings.build(EmbeddedTriplets, dict(content), file, (key,)).split)
    if "triplets" in content:
        return _triplets(settings.build(TripletFiles, dict(content), file, (key,)), file)
    if "texts" in content:
        return _texts(settings.build(TextFiles, dict(content), file, (key,)), file)
    if not {"pairs", "hub", "embedded"} & set(content):
        raise ConfigError(
            f"{file.where((key,))}: {key} has the keys {listed(content)}; what is trained on is one of "
            "{pairs: FILES, scale: [0, 5]}, {inferences: FILES}, {triplets: FILES}, {texts: FILES}, "
            "{embedded: factbook, split: train}, with 'of: inferences', 'of: triplets' or neither, or {hub: NAME, "
            "revision: COMMIT, files: FILES} of pairs"
        )
    return scored_pairs({name: value for name, value in content.items() if name != "of"}, file, key)


def scored_pairs(content: Mapping[str, Any], file: YamlFile, key: str = "dev") -> Examples:
    """Load sentence pairs as an STS suite's ``dataset`` names them, scores brought to [0, 1]."""
    suite = _as_suite(content, file, key)
    low, high = pairs.source_of(suite).scale[:2]
    data = pairs.load(suite)
    return Examples(
        "pairs",
        (tuple(p.first for p in data.pairs), tuple(p.second for p in data.pairs)),
        scores=tuple((p.gold - low) / (high - low) for p in data.pairs),
        skipped=data.counts["pairs_unscored"],
    )


def _as_suite(content: Mapping[str, Any], file: YamlFile, key: str) -> LoadedSuite:
    lines_of = {("dataset", *at[1:]): n for at, n in file.lines.items() if at[:1] == (key,)}
    said = {
        "task": "sts",
        "version": 1,
        "dataset": dict(content),
        "measures": ["spearman"],
        "primary": "spearman",
    }
    return LoadedSuite(
        f"{file.path.stem} {key}", Suite.model_validate(said), YamlFile(file.path, said, lines_of)
    )


def _inferences(source: InferenceFiles, file: YamlFile) -> Examples:
    if source.hub is not None:
        conditions = Conditions.of(_as_suite({"hub": source.hub}, file, "data"))
        if source.revision is None:
            raise ConfigError(
                f"{file.where(('data',))}: data.hub needs a revision: a commit of 40 hexadecimal digits"
            )
        paths = [
            hub.fetch(HubFile(source.hub, source.revision, name), conditions)
            for name in names_of(source.inferences)
        ]
    else:
        paths = paths_of(source.inferences, file.path.parent)
    premises, hypotheses, labels, skipped = [], [], [], 0
    for path in paths:
        for number, row in rows.read(path, source.named):
            given = str(row["label"])
            label = source.labels.get(given, given)
            if label == "skip":
                skipped += 1
                continue
            if label not in LABELS:
                raise DataError(
                    f"{path}:{number}: the label {given!r} is outside the classes {listed(LABELS)}"
                    f"{nearest(given, LABELS)}; 'labels: {{{given}: NAME}}' turns a file's own labels into these"
                )
            premises.append(rows.text_of(row, "premise", path, number))
            hypotheses.append(rows.text_of(row, "hypothesis", path, number))
            labels.append(label)
    if not labels:
        raise DataError(f"{listed(map(str, paths))}: no labelled pairs")
    return Examples("inferences", (tuple(premises), tuple(hypotheses)), labels=tuple(labels), skipped=skipped)


def _embedded_triplets(split: str) -> Examples:
    texts = {passage.id: passage.text for passage in factbook.passages()}
    questions = {question.id: question.text for question in factbook.queries(split)}
    right: dict[str, str] = {}
    wrong: dict[str, str] = {}
    for query_id, passage_id, grade in factbook.judgments(split):
        if grade >= 2:
            right.setdefault(query_id, passage_id)
        elif grade == 0:
            wrong.setdefault(query_id, passage_id)
    found = [(questions[q], texts[right[q]], texts[wrong[q]]) for q in questions if q in right and q in wrong]
    return Examples("triplets", tuple(zip(*found, strict=True)))


def _triplets(source: TripletFiles, file: YamlFile) -> Examples:
    found: list[tuple[str, ...]] = []
    paths = paths_of(source.triplets, file.path.parent)
    for path in paths:
        for number, row in rows.read(path, source.named):
            found.append(tuple(rows.text_of(row, name, path, number) for name in _TRIPLET))
    if not found:
        raise DataError(f"{listed(map(str, paths))}: no triplets")
    return Examples("triplets", tuple(zip(*found, strict=True)))


def _texts(source: TextFiles, file: YamlFile) -> Examples:
    paths = paths_of(source.texts, file.path.parent)
    texts = dict.fromkeys(text.strip() for path in paths for _, text in lines(path))
    if not texts:
        raise DataError(f"{listed(map(str, paths))}: no texts")
    return Examples("texts", (tuple(texts),))
