"""What can be told apart: the comparisons declared in advance, all pairs, and groups by letters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from harness.compare.evidence import BASELINE_ARM, Evidence, has_evidence, load
from harness.compare.paired import Paired, compare_pairs
from harness.results.bundle import Bundle


@dataclass(frozen=True, eq=False)
class Compared:
    """Evidence (None without per-query scores), comparisons by every measure, all pairs by the primary one.

    ``by_config``: whether a config declared the comparisons, or names two arms; else each is held against the first.
    ``groups``: pipeline -> letters; ``best``: pipeline -> share of bootstrap resamples in which it is the best.
    """

    evidence: Evidence | None
    declared: tuple[Paired, ...]
    every: tuple[Paired, ...]
    groups: Mapping[str, str]
    best: Mapping[str, float]
    by_config: bool = False


def compared(bundle: Bundle) -> Compared:
    """Compare a bundle's pipelines. Raises BundleError for damaged tables, NotComparableError for empty ones."""
    if not has_evidence(bundle):
        return Compared(None, (), (), {}, {})
    evidence = load(bundle)
    labels = evidence.labels
    if len(labels) < 2:
        return Compared(evidence, (), (), {}, {})
    every = compare_pairs(evidence, list(combinations(labels, 2)), [bundle.primary])
    arms = [(label, f"{BASELINE_ARM}{label}") for label in labels if f"{BASELINE_ARM}{label}" in labels]
    usable = [pair for pair in dict.fromkeys((*arms, *bundle.result.compare)) if set(pair) <= set(labels)]
    pairs = usable or [(label, labels[0]) for label in labels[1:]]
    means = {label: evidence.mean(label, bundle.primary) for label in labels}
    order = sorted(labels, key=lambda label: (-(means[label] or 0.0), label))
    return Compared(
        evidence,
        compare_pairs(evidence, pairs, evidence.measures),
        every,
        group_letters(order, every),
        _best(evidence, bundle.primary),
        bool(usable) and (bool(arms) or bool(bundle.result.config.compare)),
    )


def _best(evidence: Evidence, measure: str) -> dict[str, float]:
    """How often each is the best of the pipelines that can be chosen; ties count for each. Nothing of one item."""
    if len(evidence.ids) < 2:
        return {}
    kept = [i for i, label in enumerate(evidence.labels) if not label.startswith(BASELINE_ARM)]
    replicates = np.nan_to_num(evidence.replicates(measure)[kept], nan=-np.inf)
    shares = (replicates == replicates.max(axis=0)).mean(axis=1)
    return {evidence.labels[i]: float(share) for i, share in zip(kept, shares, strict=True)}


def group_letters(order: Sequence[str], pairs: Sequence[Paired]) -> dict[str, str]:
    """Letter display: two pipelines share a letter exactly where they were not told apart.

    Insert-and-absorb (Piepho 2004, An algorithm for a letter-based representation of all-pairwise
    comparisons, J. Comput. Graph. Stat. 13). ``order`` is best first, so ``a`` is the best group.
    """
    columns = [frozenset(order)]
    for pair in pairs:
        if pair.verdict not in ("first better", "second better"):
            continue
        split = []
        for column in columns:
            both = {pair.first, pair.second} <= column
            split += [column - {pair.first}, column - {pair.second}] if both else [column]
        columns = [
            c
            for i, c in enumerate(split)
            if not any(c < d or (c == d and j < i) for j, d in enumerate(split))
        ]
    columns.sort(key=lambda column: sorted(order.index(name) for name in column))
    return {name: "".join(_letter(i) for i, column in enumerate(columns) if name in column) for name in order}


def _letter(place: int) -> str:
    return chr(ord("a") + place) if place < 26 else f"({place + 1})"
