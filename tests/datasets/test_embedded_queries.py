"""Some of a split's questions: a smaller choice is part of a larger one, with all of its judgments."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.config import load_suite
from harness.datasets import factbook, retrieval
from harness.errors import DataError


def _loaded(folder: Path, queries: int) -> retrieval.RetrievalData:
    path = folder / f"suite-{queries}.yaml"
    path.write_text(
        f"task: retrieval\nversion: 1\ndataset: {{embedded: factbook, split: dev, queries: {queries}}}\n"
        "measures: [ndcg@10]\nprimary: ndcg@10\n"
    )
    return retrieval.load(load_suite(str(path)), need_text=False)


def test_a_smaller_choice_is_part_of_a_larger_one(tmp_path: Path) -> None:
    few, more = _loaded(tmp_path, 20), _loaded(tmp_path, 50)
    assert (len(few.queries), len(more.queries)) == (20, 50)
    assert set(few.query_ids) < set(more.query_ids)
    judged = [one for one in factbook.judgments("dev") if one.query_id in set(few.query_ids)]
    assert few.counts["judgments"] == len(judged)


def test_more_than_there_are_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"asks for 5,000 queries, and the split dev of factbook has 214"):
        _loaded(tmp_path, 5000)
