"""BM25 indexes that are kept and read again."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from harness.config import Bm25
from harness.search.bm25 import Bm25Index

TEXTS = ["the red tree", "a green tree by the river", "blue rivers", "", "the of a"]


@pytest.mark.parametrize(
    "settings", [Bm25(), Bm25(method="bm25+"), Bm25(method="bm25l", stemmer="none", stopwords="none")]
)
@pytest.mark.parametrize("texts", [TEXTS, ["", "the"]], ids=["words", "nothing-but-stopwords"])
def test_an_index_read_again_answers_the_same(settings: Bm25, texts: list[str], tmp_path: Path) -> None:
    index = Bm25Index(texts, settings)
    index.save(tmp_path)
    again = Bm25Index.load(tmp_path, settings)
    assert again.n_documents == len(texts)
    ranks = np.arange(len(texts))
    queries = ["trees and rivers", "nothing known", "red", "the"]
    for one, two in zip(index.search(queries, 5, ranks), again.search(queries, 5, ranks), strict=True):
        assert one[0].tolist() == two[0].tolist()
        assert one[1].tolist() == two[1].tolist()
