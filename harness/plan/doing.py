"""A task's steps done, whichever task it is: each kind of step has one place that does it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from harness.plan import searching, sentences
from harness.plan.workbench import Workbench
from harness.tasks.base import Encode, ScoreSentences, Step


def do(bench: Workbench, steps: Sequence[Step], data: Any) -> dict[Step, Any]:
    """Do steps on a task's data. All steps of a task are over the same kind of data."""
    if any(isinstance(step, ScoreSentences) for step in steps):
        return sentences.score(bench, steps, data.pairs)
    if any(isinstance(step, Encode) for step in steps):
        return sentences.encode(bench, steps, data.all_texts)
    return searching.search(bench, steps, data)
