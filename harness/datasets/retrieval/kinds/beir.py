"""A folder in BEIR's layout."""

from __future__ import annotations

from pathlib import Path

from harness.config import LoadedSuite
from harness.datasets import local, trec
from harness.datasets.retrieval.kinds.kind import CollectionKind, CollectionSettings, Loaded, Wanted
from harness.errors import DataError


class _Settings(CollectionSettings):
    """A folder in BEIR's layout: corpus.jsonl, queries.jsonl, qrels/SPLIT.tsv."""

    beir: str
    split: str = "test"


def _load(source: _Settings, suite: LoadedSuite, wanted: Wanted) -> Loaded:
    root = suite.folder / source.beir
    if not root.is_dir():
        raise DataError(f"{root}: no such folder")

    def one_of(name: str) -> Path:
        path: Path
        for path in (root / name, root / f"{name}.gz"):
            if path.is_file():
                return path
        raise DataError(f"{root / name}: no such file (nor with .gz); BEIR's layout has it")

    return Loaded(
        queries=tuple(local.read_queries(one_of("queries.jsonl"))),
        qrels=trec.read_qrels(one_of(f"qrels/{source.split}.tsv")),
        corpus=local.FileCorpus(one_of("corpus.jsonl"), source.document_fields) if wanted.text else None,
    )


KIND = CollectionKind("beir", "{beir: FOLDER}", _Settings, _load)
