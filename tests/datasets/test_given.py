"""Frames, lists and mappings: one collection whatever it comes in, and one message for each thing wrong."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from harness.datasets.given import collection, sentence_pairs
from harness.errors import DataError

DOCS = [("1", "Rhine the river"), ("2", "Elbe another"), ("x", "plain")]
RECORDS = [
    {"_id": 1, "title": "Rhine", "text": "the river"},
    {"_id": 2.0, "title": "Elbe", "text": "another"},
    {"_id": "x", "title": None, "text": "plain"},
]
FRAME = pd.DataFrame(
    {"doc_id": ["1", "2", "x"], "title": ["Rhine", "Elbe", np.nan], "text": ["the river", "another", "plain"]}
)
JUDGED = {"q1": {"1": 1, "2": 0}, "q2": {"x": 2}}
ROWS = [("q1", 1, 1), ("q1", "2", 0.0), ("q2", "x", 2)]


@pytest.mark.parametrize(
    "documents",
    [
        RECORDS,
        FRAME,
        FRAME.set_index("doc_id"),
        pa.Table.from_pandas(FRAME),
        {"id": ["1", "2", "x"], "title": ["Rhine", "Elbe", None], "text": ["the river", "another", "plain"]},
        {1: {"title": "Rhine", "text": "the river"}, 2: {"title": "Elbe", "text": "another"}, "x": "plain"},
        DOCS,
        (row for row in [("1", "Rhine", "the river"), ("2", "Elbe", "another"), ("x", None, "plain")]),
    ],
    ids=["records", "frame", "index", "arrow", "columns", "mapping", "pairs", "rows"],
)
def test_documents_are_the_same_in_every_form(documents: Any) -> None:
    found = collection(documents, {"q1": "which river"}, JUDGED)
    assert found.corpus is not None
    assert list(zip(found.corpus.contents.ids.to_pylist(), found.corpus.texts(), strict=True)) == DOCS


@pytest.mark.parametrize(
    "judgments",
    [
        JUDGED,
        ROWS,
        [{"query-id": q, "corpus-id": d, "score": g} for q, d, g in ROWS],
        pd.DataFrame(ROWS, columns=["qid", "docno", "relevance"]),
        [*ROWS, ROWS[0]],
    ],
    ids=["nested", "rows", "records", "frame", "repeated"],
)
def test_judgments_are_the_same_in_every_form(judgments: Any) -> None:
    found = collection(DOCS, [("q1", "river"), ("q2", "plain")], judgments)
    expected = collection(DOCS, {"q1": "river", "q2": "plain"}, JUDGED)
    assert found.digests() == expected.digests()
    assert found.qrels.n_repeated == (len(judgments) == 4)


def test_another_text_grade_or_query_is_another_digest() -> None:
    base = collection(DOCS, {"q1": "river"}, JUDGED).digests()
    assert (
        collection([*DOCS[:2], ("x", "other")], {"q1": "river"}, JUDGED).digests()["documents"]
        != base["documents"]
    )
    assert collection(DOCS, {"q1": "rivers"}, JUDGED).digests()["queries"] != base["queries"]
    assert (
        collection(DOCS, {"q1": "river"}, {"q1": {"1": 2, "2": 0}, "q2": {"x": 2}}).digests()["judgments"]
        != base["judgments"]
    )


@pytest.mark.parametrize(
    ("documents", "said"),
    [
        (
            pd.DataFrame({"doc_id": ["a"], "words": ["b"]}),
            "documents, row 0: no text among the keys doc_id, words",
        ),
        (pd.DataFrame({"text": ["b"]}), "documents, row 0: no id among the keys text"),
        (
            pd.DataFrame([["a", "b", "c"]], columns=["id", "text", "text"]),
            "documents: the frame has 1 column twice: text",
        ),
        (
            pd.DataFrame({"id": ["a", "b", "a"], "text": list("xyz")}),
            "documents, row 2: document id 'a' is given twice",
        ),
        (pd.DataFrame({"id": [1.0, np.nan], "text": ["x", "y"]}), "documents, row 1: the document has no id"),
        (
            pd.DataFrame({"id": [1.5], "text": ["x"]}),
            "the document id 1.5 is neither text nor a whole number",
        ),
        (pd.DataFrame({"id": ["a b"], "text": ["x"]}), "the document id 'a b' is empty or holds white space"),
        (pd.DataFrame({"id": ["a"], "text": [3]}), "documents, row 0: key 'text' is not text but int"),
        (pd.DataFrame({"id": [], "text": []}), "documents: holds no documents"),
        ({"id": ["a"], "text": ["x", "y"]}, "columns of different lengths: id 1, text 2"),
        (["a text"], "documents, row 0: is 'a text'"),
        (["a text"], "dict(enumerate(texts))"),
        ([("a",)], "documents, row 0: is a tuple"),
        ("docs.tsv", "documents: is 'docs.tsv'"),
        (7, "documents: is 7"),
    ],
)
def test_documents_that_are_none(documents: Any, said: str) -> None:
    with pytest.raises(DataError, match=re.escape(said)) as found:
        collection(documents, {"q1": "river"}, JUDGED)
    assert "fields:" not in str(found.value)  # there is no suite to name them in


@pytest.mark.parametrize(
    ("judgments", "said"),
    [
        (
            pd.DataFrame({"qid": ["q"], "doc_id": ["d"]}),
            "judgments: no column for its grade, of the columns qid, doc_id",
        ),
        (
            pd.DataFrame({"qid": ["q"], "topic": ["q"], "doc_id": ["d"], "rel": [1]}),
            "its query can be qid or topic",
        ),
        ([("q", "d", 0.5)], "judgments, row 0: the grade 0.5 is not a whole number"),
        ([("q", "d", None)], "judgments, row 0: the grade None is not a whole number"),
        ([("q", "d", True)], "judgments, row 0: the grade True is not a whole number"),
        ([("q", "d", 1), ("q", "d", 2)], "is judged twice, here 2 and 1 above"),
        ([("q", "d")], "judgments, row 0: is a tuple"),
        ([(None, "d", 1)], "judgments, row 0: the query id None"),
        ([], "judgments: holds no judgments"),
        ({"q": ["d1", "d2"]}, "judgments: no column for its query"),
        ({"q": "d"}, "judgments: a mapping of this form is not taken"),
    ],
)
def test_judgments_that_are_none(judgments: Any, said: str) -> None:
    with pytest.raises(DataError, match=re.escape(said)):
        collection(DOCS, {"q1": "river"}, judgments)


@pytest.mark.parametrize(
    ("pairs", "said"),
    [
        (pd.DataFrame({"sentence1": ["a"], "sentence2": ["b"]}), "pairs: no column for its score"),
        ([("a", "b", "much")], "pairs, row 0: the score 'much' is not a number"),
        ([("a", "b", float("inf"))], "pairs, row 0: the score inf is not a number"),
        ([("a", " ", 1)], "pairs, row 0: the second sentence is ' '; it must be a text"),
        ([(3, "b", 1)], "pairs, row 0: the first sentence is 3"),
        ([("a", "b", None)], "pairs: holds no scored pairs"),
    ],
)
def test_pairs_that_are_none(pairs: Any, said: str) -> None:
    with pytest.raises(DataError, match=re.escape(said)):
        sentence_pairs(pairs)
