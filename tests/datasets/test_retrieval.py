"""Retrieval suites from local files: what is kept, counted, noted and refused."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from harness.config import load_suite
from harness.datamodel import Run
from harness.datasets import retrieval
from harness.datasets.retrieval import Given, RetrievalData
from harness.errors import ConfigError, DataError

_DOCS = "".join(f"d{i}\ttext {i}\n" for i in range(20))
_QUERIES = "q1\tone\nq2\ttwo\nq3\tthree\n"
_QRELS = "q1 0 d1 2\nq1 0 d2 0\nq2 0 d3 1\nq2 0 d4 -1\n"


def _load(
    folder: Path,
    *,
    docs: str = _DOCS,
    queries: str = _QUERIES,
    qrels: str = _QRELS,
    more: str = "",
    **options: object,
) -> RetrievalData:
    (folder / "docs.tsv").write_text(docs)
    (folder / "queries.tsv").write_text(queries)
    (folder / "qrels.txt").write_text(qrels)
    suite = folder / "suite.yaml"
    suite.write_text(
        "task: retrieval\nversion: 1\nmeasures: [ndcg@10]\nprimary: ndcg@10\ndataset:\n  docs: docs.tsv\n"
        f"  queries: queries.tsv\n  qrels: qrels.txt\n{more}"
    )
    return retrieval.load(load_suite(suite), **{"need_text": True, **options})  # type: ignore[arg-type]


def test_only_judged_queries_are_kept_and_everything_left_out_is_counted(tmp_path: Path) -> None:
    data = _load(tmp_path, qrels=_QRELS + "q9 0 d1 1\nq2 0 d77 1\n")
    assert data.query_ids == ("q1", "q2")
    assert data.counts == {
        "queries": 2, "queries_unjudged": 1, "queries_judged_without_text": 1, "judgments": 4,
        "judgments_relevant": 3, "judgments_negative": 1, "judgments_repeated": 0, "queries_without_relevant": 0,
        "documents": 20, "judgments_of_unknown_documents": 1, "documents_empty": 0, "queries_empty": 0,
    }  # fmt: skip
    assert data.notes == (
        "left out: 1 judged query without a text",
        "1 judgment is of documents that are not in the corpus, such as 'd77'; they cannot be found",
    )


def test_what_can_only_count_nothing_is_counted_and_said(tmp_path: Path) -> None:
    data = _load(
        tmp_path,
        docs=_DOCS + "d20\t\nd21\t  \n",
        queries=_QUERIES + "q4\t\n",
        qrels=_QRELS + "q3 0 d1 0\nq4 0 d1 1\nq1 0 d1 2.0\nq1 0 d1 2\n",
    )
    wanted = {
        "judgments_repeated": 2,
        "queries_without_relevant": 1,
        "queries_empty": 1,
        "documents_empty": 2,
    }
    assert {key: data.counts[key] for key in wanted} == wanted
    assert data.notes == (
        "left out: 2 judgments given before with the same grade",
        "no document is relevant (grade 1 or above) to 1 of 4 judged queries, which count 0",
        "empty: 1 of 4 judged queries",
        "empty: 2 of 22 documents",
    )
    scored = _load(tmp_path, queries="q1\t\n", need_text=False)
    assert scored.counts["queries_empty"] == 0  # nobody asks for a text where runs are scored


@pytest.mark.parametrize(
    ("files", "message"),
    [
        (
            {"qrels": "q8 0 d1 1\n"},
            "suite suite: none of its 3 queries is among the 1 judged ones: a query's id is 'q1', a judged one 'q8'",
        ),
        (
            {"qrels": "q1 0 x1 1\nq2 0 x2 1\n"},
            "none of the 2 judged documents is in the corpus of 20: a judged one's id is 'x1', one of the corpus 'd0'",
        ),
        ({"qrels": "q1 0 d1 0\nq2 0 d1 -2\n"}, "no judgment of its 2 queries says relevant"),
        ({"docs": "d1\tone\nd1\ttwo\n"}, "docs.tsv: document id 'd1' is given 2 times"),
        ({"queries": "q1\tone\nq1\ttwo\n"}, "queries.tsv:2: query id 'q1' is given twice"),
        ({"qrels": "q1 0 d1 1\nq1 0 d1 2\n"}, "qrels.txt:2: query 'q1', document 'd1': judged twice"),
        ({"docs": ""}, "docs.tsv: holds no documents"),
    ],
)
def test_where_nothing_is_left_or_ids_clash_it_is_an_error(
    tmp_path: Path, files: dict[str, str], message: str
) -> None:
    with pytest.raises(DataError, match=message):
        _load(tmp_path, **files)  # type: ignore[arg-type]


def test_a_sample_keeps_every_judged_document_and_says_so(tmp_path: Path) -> None:
    data = _load(tmp_path, more="  sample: {judged: true, distractors: 5, seed: 0}\n")
    assert data.corpus is not None
    ids = data.corpus.contents.ids.to_pylist()
    assert {"d1", "d2", "d3"} <= set(ids)
    assert len(ids) == 8 == data.counts["documents"]
    assert data.counts["documents_in_collection"] == 20
    assert data.notes == (
        "sampled collection: every judged document and 5 others (seed 0); these figures do not compare with "
        "those of "
        "the full collection of 20",
    )
    assert {"corpus", "collection"} <= set(data.digests)
    lines = _DOCS.splitlines(keepends=True)
    turned = _load(tmp_path, docs="".join(reversed(lines)), more="  sample: {distractors: 5}\n")
    assert turned.corpus is not None
    assert set(turned.corpus.contents.ids.to_pylist()) == set(ids)


def test_a_sample_is_noted_where_only_runs_are_scored(tmp_path: Path) -> None:
    data = _load(tmp_path, more="  sample: {distractors: 5}\n", need_text=False)
    assert "do not compare with those of the full collection" in data.notes[0]


def test_a_sample_that_cannot_be_is_refused(tmp_path: Path) -> None:
    with pytest.raises(
        DataError, match="suite suite: sample asks for 18 distractors, and of its 20 documents only 17"
    ):
        _load(tmp_path, more="  sample: {distractors: 18}\n")
    with pytest.raises(
        ConfigError, match=r"suite.yaml:9: unknown key 'distractor' .did you mean 'distractors'"
    ):
        _load(tmp_path, more="  sample: {distractor: 18}\n")
    with pytest.raises(ConfigError, match="sample"):
        _load(tmp_path, more="  sample: {distractors: 1, judged: false}\n")
    given = [Given(Run.from_dict({"q1": {"d1": 1.0}}), (10,))]
    with pytest.raises(ConfigError, match="'sample' is for searching"):
        _load(tmp_path, more="  sample: {distractors: 5}\n", given=given, search=False)


def test_candidates_without_scores_have_no_first_few(tmp_path: Path) -> None:
    (tmp_path / "run.txt").write_text("q1 Q0 d1 1 0 x\nq1 Q0 d2 2 0 x\nq2 Q0 d3 1 0 x\n")
    more = "  candidates: run.txt\n"
    data = _load(tmp_path, more=more, given=[Given(None, (2,))], search=False)
    assert data.candidates is not None
    with pytest.raises(
        DataError, match=r"carry no scores, so the first 1 of up to 2 would be an arbitrary choice.*depth: 2"
    ):
        _load(tmp_path, more=more, given=[Given(None, (2,)), Given(None, (1, 2))], search=False)
    (tmp_path / "run.txt").write_text("q1 Q0 d1 1 2 x\nq1 Q0 d2 2 1 x\nq2 Q0 d3 1 1 x\n")
    assert _load(tmp_path, more=more, given=[Given(None, (1,))], search=False).candidates is not None
    with pytest.raises(DataError, match="has no candidates of its own"):
        _load(tmp_path, given=[Given(None, (2,))], search=False)


def test_candidates_of_other_queries_are_refused(tmp_path: Path) -> None:
    given = [Given(Run.from_dict({"1": {"d1": 1.0}}), (1,))]
    with pytest.raises(
        DataError, match="of none of its 2 judged queries: theirs are called '1', the judged ones 'q1'"
    ):
        _load(tmp_path, given=given)


def test_what_the_suite_says_of_its_size_is_compared(tmp_path: Path) -> None:
    data = _load(tmp_path, more="needs: {documents: 21, queries: 2}\n")
    assert data.notes[0] == "20 documents were loaded, the suite says 21"
    assert "another data set than the suite's" in data.notes[1]
    assert data.other == "20 documents"
    assert _load(tmp_path, more="needs: {documents: 20, queries: 2}\n").other == ""


def test_beirs_layout_joins_title_and_text_and_names_what_is_missing(tmp_path: Path) -> None:
    (tmp_path / "set" / "qrels").mkdir(parents=True)
    documents = [{"_id": "d1", "title": "Title", "text": "text"}, {"_id": "d2", "title": "", "text": "alone"}]
    (tmp_path / "set" / "corpus.jsonl").write_text("".join(json.dumps(d) + "\n" for d in documents))
    (tmp_path / "set" / "queries.jsonl").write_text('{"_id": "q1", "text": "what"}\n')
    suite = tmp_path / "suite.yaml"
    suite.write_text(
        "task: retrieval\nversion: 1\nmeasures: [ndcg@10]\nprimary: ndcg@10\ndataset: {beir: set}\n"
    )
    with pytest.raises(DataError, match=r"qrels/test.tsv: no such file \(nor with .gz\)"):
        retrieval.load(load_suite(suite), need_text=True)
    (tmp_path / "set" / "qrels" / "test.tsv").write_text("query-id\tcorpus-id\tscore\nq1\td1\t1\n")
    data = retrieval.load(load_suite(suite), need_text=True)
    assert data.corpus is not None
    assert list(data.corpus.texts()) == ["Title text", "alone"]
    suite.write_text(suite.read_text().replace("beir: set", "beir: other"))
    with pytest.raises(DataError, match="other: no such folder"):
        retrieval.load(load_suite(suite), need_text=True)


def test_digests_follow_the_content(tmp_path: Path) -> None:
    first = _load(tmp_path)
    assert first.digests == _load(tmp_path).digests
    assert (
        first.digests["corpus"] != _load(tmp_path, docs=_DOCS.replace("text 7", "text 8")).digests["corpus"]
    )
    assert first.digests["qrels"] != _load(tmp_path, qrels=_QRELS.replace("d1 2", "d1 3")).digests["qrels"]
    assert (
        first.digests["queries"] != _load(tmp_path, queries=_QUERIES.replace("one", "One")).digests["queries"]
    )
    assert np.array_equal(first.qrels.grades, _load(tmp_path).qrels.grades)
