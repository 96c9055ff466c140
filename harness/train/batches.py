"""Which examples make a batch: like lengths together, so that little is padded, in an order drawn anew each epoch."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from typing import Any

from sentence_transformers.base.sampler import DefaultBatchSampler

_BATCHES_PER_BUCKET = 20


def plan(lengths: Sequence[int], batch_size: int, seed: int, epoch: int) -> list[list[int]]:
    """Return an epoch's batches as positions of examples, each of exactly ``batch_size``.

    Examples are shuffled, cut into buckets of 20 batches, sorted by length within each, and the batches shuffled.
    What fills no batch, another remainder each epoch, is left out.
    """
    draw = random.Random(f"{seed}/{epoch}")
    order = list(range(len(lengths)))
    draw.shuffle(order)
    order = order[: len(order) // batch_size * batch_size]
    batches: list[list[int]] = []
    size = batch_size * _BATCHES_PER_BUCKET
    for start in range(0, len(order), size):
        bucket = sorted(order[start : start + size], key=lambda i: lengths[i])
        batches += [bucket[i : i + batch_size] for i in range(0, len(bucket), batch_size)]
    draw.shuffle(batches)
    return batches


class LengthBuckets(DefaultBatchSampler):  # type: ignore[misc, unused-ignore]
    """The plan as a batch sampler of sentence-transformers' trainer."""

    def __init__(self, dataset: Any, batch_size: int, lengths: Sequence[int], seed: int) -> None:
        super().__init__(dataset, batch_size=batch_size, drop_last=True, seed=seed)
        self.lengths = lengths

    def __iter__(self) -> Iterator[list[int]]:
        return iter(plan(self.lengths, self.batch_size, self.seed, self.epoch))

    def __len__(self) -> int:
        return len(self.lengths) // int(self.batch_size)
