"""Which split asks about which entity."""

from __future__ import annotations

from functools import cache

from harness.datasets.factbook.choose import shuffled
from harness.datasets.factbook.domains import DOMAINS, entities
from harness.datasets.factbook.model import Entity

SPLITS = ("train", "dev", "test")
_TRAIN_SHARE, _DEV_SHARE = 0.60, 0.15


@cache
def split_of() -> dict[str, str]:
    """Each entity's key with its split, drawn within its domain so that every split has every domain.

    An entity that follows another (a book its author, where the author has a row) takes the other's split:
    what is said of the two overlaps.
    """
    result: dict[str, str] = {}
    by_name = {entity.name: entity for entity in entities()}
    followers: list[tuple[Entity, Entity]] = []
    for domain in DOMAINS:
        free = []
        for entity in entities():
            if entity.domain is not domain:
                continue
            leader = by_name.get(str(entity.values.get(domain.follows, ""))) if domain.follows else None
            if leader is None:
                free.append(entity)
            else:
                followers.append((entity, leader))
        order = shuffled(f"split/{domain.key}", free, lambda entity: entity.key)
        for rank, entity in enumerate(order):
            share = (rank + 0.5) / len(order)
            dev_end = _TRAIN_SHARE + _DEV_SHARE
            result[entity.key] = "train" if share < _TRAIN_SHARE else "dev" if share < dev_end else "test"
    for entity, leader in followers:
        result[entity.key] = result[leader.key]
    return result


def entities_in(split: str) -> tuple[Entity, ...]:
    """The entities of a split, in the order of the tables."""
    if split not in SPLITS:
        raise ValueError(f"unknown split {split!r}, not one of {', '.join(SPLITS)}")
    return tuple(entity for entity in entities() if split_of()[entity.key] == split)
