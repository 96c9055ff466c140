"""The registry: every kind has every part, and whoever walks a tree or reads a bundle finds it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import get_args

import numpy as np
import pytest

from harness.config import load_config
from harness.errors import BundleError
from harness.results import schema
from harness.stages import (
    FORMS,
    KINDS,
    SENTENCES,
    TIMED,
    Root,
    Stage,
    Take,
    in_passing_order,
    in_words,
    told_of,
)
from harness.stages.forms import Form
from harness.stages.kinds import Kind
from harness.stages.told import Known, Sentence, Told
from harness.stages.words import Words

MODELS = "  words: {sparse_encoder: ./splade}\n  tokens: {multi_vector: ./colbert}\n"
PIPELINES = {
    "retrieval": """\
  bm25: {retrieve: bm25, depth: 30}
  bi: {retrieve: enc, index: flat, depth: 30}
  sparse: {retrieve: words}
  late: {retrieve: tokens}
  cut: {retrieve: hybrid, depth: 3}
  hybrid: {fuse: [bm25, enc], method: weighted, depth: 40}
  ranks: {fuse: [bm25, enc]}
  two: {retrieve: enc, rerank: rank, depth: [5, 20]}
  wide: {retrieve: bi, diversify: enc}
  own: {rerank: rank, candidates: dataset}
  all: {rerank: rank, candidates: all}
  old: {run: old.trec}
  far: {search: {url: 'http://localhost:1/search'}}
""",
    "sts": "  one: {score: enc}\n  two: {score: rank}\n",
    "clustering": "  one: {encode: enc}\n",
}


@pytest.fixture
def stages(write: Callable[[str], Path]) -> list[Stage]:
    """One stage of every kind at least, as configs make them."""
    found: dict[Stage, None] = {}
    for pipelines in PIPELINES.values():
        path = write(pipelines)
        path.write_text(path.read_text().replace("pipelines:\n", f"{MODELS}pipelines:\n"))
        for pipeline in load_config(path).pipelines.values():
            found |= dict.fromkeys(pipeline.stages)
    return list(found)


def test_every_stage_of_every_kind_is_made_by_some_config(stages: list[Stage]) -> None:
    assert {type(stage) for stage in stages} == {stage for kind in KINDS for stage in kind.stages}


def test_bundles_and_the_method_tell_of_every_root(stages: list[Stage]) -> None:
    kinds = {stage.kind for stage in stages if isinstance(stage, Root)} | {"imported"}  # no config makes that
    told = [told.kind for kind in KINDS for told in kind.told]
    assert sorted(told) == sorted(set(told)) == sorted(kinds)
    assert len(SENTENCES) == len(set(SENTENCES))
    for sentence in SENTENCES:
        assert sentence.of(["a"]) != sentence.of(["a", "b"])
        assert "a, b" in sentence.of(["a", "b"])
    index = schema.Index("flat", 1, 1.0)
    for stage in stages:
        if isinstance(stage, Root):
            for part in (_part(stage), replace(_part(stage), index=index)):
                assert told_of(part).said(part) in SENTENCES
                assert in_words(part)


def _part(stage: Root) -> schema.Pipeline:
    """What a bundle tells of a stage."""
    told = stage.told(5, SimpleNamespace(counts=np.array([5])))  # as far as any looks at its results
    return schema.Pipeline(stage.kind, told, {}, name="mine")


def test_a_description_that_lacks_a_key_is_refused_with_its_place(stages: list[Stage]) -> None:
    for stage in stages:
        if not isinstance(stage, Root):
            continue
        part = _part(stage)
        needed = {key for key, kind in told_of(part).keys.items() if type(None) not in get_args(kind)}
        assert needed
        for key in needed:
            with pytest.raises(BundleError, match=rf"pipelines\.mine\.stages\.{key} is missing"):
                in_words(replace(part, stages={k: v for k, v in part.stages.items() if k != key}))
            with pytest.raises(BundleError, match=rf"pipelines\.mine\.stages\.{key} is \{{"):
                in_words(replace(part, stages={**part.stages, key: {"a": 1}}))


def test_every_stage_says_which_steps_and_models_it_takes(stages: list[Stage]) -> None:
    for stage in stages:
        steps = list(stage.steps(5))
        assert {model for step in steps for model in step.models} >= set(stage.models)
        for step in steps:
            assert step.merged(step) == step
            assert step.row or not step.models
            hash(step.shared)


def test_every_form_says_how_it_looks() -> None:
    for form in FORMS:
        keys = set(form.model_fields)
        assert form.written
        assert {key for needed in form.needed for key in needed} | form.optional == keys
        assert not form.optional & {key for key, _ in form.refused}
        assert set(form.sweeps) <= keys


def test_a_kind_that_lacks_a_part_is_an_error_when_its_file_is_imported() -> None:
    class Half(Stage):
        """It cannot be served."""

        def steps(self, depth: int) -> tuple[()]:
            return ()

    class Unwritten(Form):
        """It makes no tree."""

    with pytest.raises(TypeError, match="Half lacks make, serve"):
        Kind(forms=(), stages=(Half,), told=(), said=())
    with pytest.raises(TypeError, match="Unwritten lacks roots"):
        Kind(forms=(Unwritten,), stages=(), told=(), said=())
    with pytest.raises(TypeError, match="said"):
        Kind(forms=(), stages=(), told=())  # type: ignore[call-arg]


def test_a_kind_that_is_not_known_here_is_refused() -> None:
    with pytest.raises(BundleError, match=r"kind 'two-stag' \(did you mean 'two-stage'\?\).*newer one"):
        told_of(schema.Pipeline("two-stag", {}, {}))


def test_stages_of_a_query_stand_in_the_order_in_which_it_passes_through() -> None:
    assert in_passing_order(["results", "rerank", "bi: search", "fetch", "bm25: tokenise", "fuse", "new"]) == [
        "bm25: tokenise", "bi: search", "fetch", "rerank", "fuse", "results", "new",
    ]  # fmt: skip
    assert TIMED[:3] == ("tokenise", "encode", "search")


def test_a_name_that_is_both_means_the_model_but_under_fuse() -> None:
    known = Known(frozenset({"enc", "bm25"}), frozenset({"enc", "hybrid"}))
    two = Told("x", str, lambda part: Sentence("", ""), ("retrieve", "rerank"), keys={})
    fused = Told("y", str, lambda part: Sentence("", ""), ("fuse",), keys={}, pipelines_first=True)
    assert two.models({"retrieve": "enc", "rerank": "rank"}, known) == ["enc", "rank"]
    assert two.pipelines({"retrieve": "hybrid", "rerank": "rank"}, known) == ["hybrid"]
    assert fused.pipelines({"fuse": ["enc", "bm25"]}, known) == ["enc"]
    assert fused.renamed({"fuse": ["enc", "bm25"], "k": 60}, {"enc": "old:enc"}) == {
        "fuse": ["old:enc", "bm25"],
        "k": 60,
    }


def test_equal_stages_are_one() -> None:
    assert {Take(Words("bm25"), 3): 1}[Take(Words("bm25"), 3)] == 1
