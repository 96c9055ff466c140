"""A small collection as frames, and the tiny models as objects."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest


@pytest.fixture
def frames(collection: Path) -> dict[str, Any]:
    """Documents, queries and judgments of the small collection, as harness.run takes them."""
    read = {"header": None, "dtype": str}
    docs = pd.read_csv(collection / "docs.tsv", sep="\t", names=["doc_id", "text"], **read)
    queries = pd.read_csv(collection / "queries.tsv", sep="\t", names=["qid", "query"], **read)
    qrels = pd.read_csv(
        collection / "qrels.txt", sep=" ", names=["query_id", "iteration", "doc_id", "grade"], **read
    )
    qrels["grade"] = qrels["grade"].astype(int)
    return {"documents": docs, "queries": queries, "judgments": qrels.drop(columns="iteration")}


@pytest.fixture
def bi(tiny_bi_encoder: Path) -> Any:
    """The tiny bi-encoder, loaded by the library."""
    from sentence_transformers import SentenceTransformer

    return SentenceTransformer(str(tiny_bi_encoder), device="cpu")


@pytest.fixture
def cross(tiny_cross_encoder: Path) -> Any:
    """The tiny cross-encoder, loaded by the library."""
    from sentence_transformers import CrossEncoder

    return CrossEncoder(str(tiny_cross_encoder), device="cpu")
