"""Figures are shown as soon as they are done, and an interrupted run leaves them in a bundle that says what is missing."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from harness import compare, verify
from harness.config import load_config
from harness.errors import Interrupted
from harness.plan.running import RunOptions, run
from harness.results import bundle

IMPATIENT = """
class Ranker:
    def score(self, pairs):
        raise KeyboardInterrupt
"""
PIPELINES = """  two: {retrieve: bi, rerank: cross, depth: [5, 10]}
  bm25: {retrieve: bm25, depth: 20}
  bi: {retrieve: bi, depth: 20}
  rrf: {fuse: [bm25, bi]}
compare: [[bi, bm25], [two@10, bi]]
"""


def test_what_is_done_is_shown_before_the_rest_and_is_the_same_in_the_end(
    write_config: Callable[[str], Path], tmp_path: Path
) -> None:
    shown: dict[str, float] = {}
    options = RunOptions(
        tmp_path / "out",
        finished=lambda _, name, part: shown.update({name: part["measures"]["ndcg@10"]["value"]}),
    )
    made = run(load_config(write_config(PIPELINES)), options)
    assert sorted(shown) == ["bi", "bm25", "rrf"]  # what needs the last step comes with the table
    for name, value in shown.items():
        assert value == made.content["pipelines"][name]["measures"]["ndcg@10"]["value"]
    assert "partial" not in made.content


def test_an_interrupted_run_leaves_a_bundle_of_what_is_done(
    write_config: Callable[[str], Path], collection: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (collection / "impatient_model.py").write_text(IMPATIENT)
    monkeypatch.syspath_prepend(collection)
    path, out = write_config(PIPELINES), collection / "out"
    whole = path.read_text()
    path.write_text(
        whole.replace(
            "models:\n", "models:\n  slow: {cross_encoder: {class: impatient_model.Ranker}}\n"
        ).replace("rerank: cross", "rerank: slow")
    )
    with pytest.raises(Interrupted, match=r"what was finished is in .*out, without two@5, two@10"):
        run(load_config(path), RunOptions(out))
    left = bundle.read(out)
    assert sorted(left.content["pipelines"]) == ["bi", "bm25", "rrf"]
    assert left.content["partial"] == {"missing": ["two@5", "two@10"]}
    assert left.content["compare"] == [["bi", "bm25"]]
    assert any("two@5, two@10 are missing" in warning for warning in left.content["warnings"])
    assert verify.verify_bundle(out).mismatches == ()
    assert compare.compare([left])
    with pytest.raises(Interrupted):  # the same command may take its place
        run(load_config(path), RunOptions(out))


def test_an_interruption_before_anything_is_done_leaves_nothing(
    write_config: Callable[[str], Path], collection: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (collection / "impatient_model.py").write_text(IMPATIENT)
    monkeypatch.syspath_prepend(collection)
    path = write_config("  cross: {rerank: slow, candidates: bm25, depth: 5}\n")
    path.write_text(
        path.read_text().replace(
            "models:\n", "models:\n  slow: {cross_encoder: {class: impatient_model.Ranker}}\n"
        )
    )
    with pytest.raises(KeyboardInterrupt) as stopped:
        run(load_config(path), RunOptions(collection / "out"))
    assert not isinstance(stopped.value, Interrupted)
    assert not (collection / "out").exists()
