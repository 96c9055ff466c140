"""What a model's first loading finds out is told in every run's bundle, whether the model is loaded again or not."""

from __future__ import annotations

from pathlib import Path

import harness


def test_an_answer_that_depends_on_its_batch_is_told_in_every_run(absolute: Path, collection: Path) -> None:
    path = collection / "config.yaml"
    models = f"models:\n  m: {{bi_encoder: {absolute}}}\n  one: {{bi_encoder: {absolute}, batch_size: 1}}\n"
    path.write_text(
        f"suite: suite.yaml\ndevice: cpu\nstore: {collection / 'store'}\n{models}"
        "pipelines:\n  m: {retrieve: m, depth: 5}\n  one: {retrieve: one, depth: 5}\n"
    )
    told = []
    for out in ("first", "second"):
        bundle = harness.run(path, out=collection / out)
        told.append([text for text in bundle.content["warnings"] if "in a batch of other lengths" in text])
    assert told[0] == told[1]
    (text,) = told[0]
    assert text.startswith("m: the embedding of a text alone and in a batch of other lengths differ by ")
    assert "'batch_size: 1' answers each alone" in text
