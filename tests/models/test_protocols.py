"""Work is told of batch by batch where a model says when a batch is done, and as a whole where it does not."""

from __future__ import annotations

from collections.abc import Callable

from harness.models.protocols import told


class Talkative:
    """Tells of its batches."""

    def __init__(self) -> None:
        self.batch_done: Callable[[int], None] = lambda done: None

    def work(self, *sizes: int) -> None:
        """Do batches of these sizes."""
        for size in sizes:
            self.batch_done(size)


def test_each_batch_is_told_of_and_what_is_left_at_the_end() -> None:
    model, seen = Talkative(), []
    with told(model, seen.append, 10):
        model.work(4, 4)
    assert seen == [4, 4, 2]
    model.work(3)
    assert seen == [4, 4, 2]


def test_a_model_that_works_more_than_was_asked_for_is_counted_once() -> None:
    model, seen = Talkative(), []
    with told(model, seen.append, 5):
        model.work(4, 4)
    assert sum(seen) == 5


def test_a_model_that_tells_nothing_is_told_of_at_the_end() -> None:
    seen: list[int] = []
    with told(object(), seen.append, 7):
        assert seen == []
    assert seen == [7]
