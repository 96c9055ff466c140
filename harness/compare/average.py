"""Macro averages: pipelines over several suites, each suite counting alike, with intervals and paired differences."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from harness import stats
from harness.compare.evidence import Evidence
from harness.compare.evidence import load as load_evidence
from harness.config.groups import Group
from harness.errors import NotComparableError, UsageError, listed
from harness.measures import sets
from harness.results.bundle import Bundle
from harness.stats.arrays import FloatArray
from harness.stats.interval import Interval
from harness.stats.stratified import seeds, weighted_replicates


@dataclass(frozen=True)
class Averaged:
    """One pipeline's average.

    ``interval`` is None where a set is too small for one; ``difference`` is to the pipeline with the highest average
    (None for that one), ``paired`` its interval.
    """

    pipeline: str
    value: float
    interval: Interval | None
    by_set: Mapping[str, float]
    difference: float | None = None
    paired: Interval | None = None


@dataclass(frozen=True)
class MacroAverage:
    """Every pipeline's average over the same sets, highest first.

    Attributes:
        name: of the group, or empty.
        measure: what is averaged.
        sizes: items of each set.
        weights: of each set.
        averages: of the pipelines that are in every set.
        left_out: pipelines that are not.
        reference: what others published for the group.
    """

    name: str
    measure: str
    sizes: Mapping[str, int]
    weights: Mapping[str, float]
    averages: tuple[Averaged, ...]
    left_out: tuple[str, ...]
    reference: Mapping[str, Mapping[str, Any]]

    def as_dict(self) -> dict[str, Any]:
        """Everything, as JSON can hold it."""
        return asdict(self)


def macro_average(
    bundles: Sequence[Bundle], group: Group | None = None, measure: str | None = None, seed: int = 0
) -> MacroAverage:
    """Average pipelines of one name over bundles of one suite each.

    Without a group every suite counts alike. Raises UsageError for two bundles of one suite, or suites without a
    measure in common; NotComparableError where a member of the group is missing, no pipeline is in all, or a bundle
    holds aggregates only.
    """
    held = _by_suite(bundles)
    weights = dict(group.weights) if group is not None else dict.fromkeys(held, 1 / len(held))
    _check_members(held, weights, group)
    wanted = measure or (group.measure if group is not None else _common(held))
    evidence = {suite: _evidence(held[suite], wanted) for suite in weights}
    every = [name for bundle in held.values() for name in bundle.pipelines]
    kept = [name for name in dict.fromkeys(every) if all(name in one.labels for one in evidence.values())]
    if not kept:
        raise NotComparableError(
            f"no pipeline is in all of {listed(weights)}; a macro average needs pipelines of one name in every bundle"
        )
    order = _averaged(evidence, weights, kept, wanted, seed)
    return MacroAverage(
        name="" if group is None else group.name,
        measure=wanted,
        sizes={suite: len(one.ids) for suite, one in evidence.items()},
        weights=weights,
        averages=order,
        left_out=tuple(name for name in dict.fromkeys(every) if name not in kept),
        reference={} if group is None else group.reference,
    )


def _averaged(
    evidence: Mapping[str, Evidence],
    weights: Mapping[str, float],
    kept: Sequence[str],
    measure: str,
    seed: int,
) -> tuple[Averaged, ...]:
    own = seeds(len(evidence), seed)
    drawn = [_replicates(one, measure, kept, own[i]) for i, one in enumerate(evidence.values())]
    replicates = weighted_replicates(drawn, list(weights.values()))
    by_set = {
        name: {suite: one.mean(name, measure) or 0.0 for suite, one in evidence.items()} for name in kept
    }
    values = {name: sum(weights[suite] * value for suite, value in by_set[name].items()) for name in kept}
    sure = all(len(one.ids) > 1 for one in evidence.values())
    best = max(kept, key=lambda name: values[name])
    made = []
    for row, name in enumerate(kept):
        apart = replicates[row] - replicates[kept.index(best)]
        made.append(
            Averaged(
                name,
                values[name],
                stats.percentile_interval(replicates[row]) if sure else None,
                by_set[name],
                None if name == best else values[name] - values[best],
                stats.percentile_interval(apart) if sure and name != best else None,
            )
        )
    return tuple(sorted(made, key=lambda one: -one.value))


def _replicates(evidence: Evidence, measure: str, kept: Sequence[str], seed: int) -> FloatArray:
    """Bootstrap replicates of one set's figures, [n_kept, n_resamples]."""
    rows = [evidence.labels.index(name) for name in kept]
    if evidence.gold is None:
        return stats.bootstrap_means(evidence.matrix(measure)[rows], seed=seed)
    found = sets.SET_MEASURES[measure].resampled(evidence.values[rows], evidence.gold, seed)
    return np.nan_to_num(found)  # what is not defined counts 0, as in the bundle


def _evidence(bundle: Bundle, measure: str) -> Evidence:
    if measure not in bundle.measures:
        raise UsageError(
            f"{bundle.path}: its suite {bundle.result.suite.name} has no measure {measure!r}; it has "
            f"{listed(bundle.measures)}: name one that all have with --measure"
        )
    return load_evidence(bundle)


def _by_suite(bundles: Sequence[Bundle]) -> dict[str, Bundle]:
    held: dict[str, Bundle] = {}
    for bundle in bundles:
        suite = bundle.result.suite.name
        if suite in held:
            raise UsageError(
                f"{held[suite].path} and {bundle.path} are both of the suite {suite}, which would count "
                "twice; give one"
            )
        held[suite] = bundle
    return held


def _check_members(held: Mapping[str, Bundle], weights: Mapping[str, float], group: Group | None) -> None:
    if group is None:
        return
    missing = [suite for suite in weights if suite not in held]
    other = [suite for suite in held if suite not in weights]
    if missing or other:
        lacks = f"lacking are {listed(missing)}" if missing else ""
        more = f"{listed(other)} {'is' if len(other) == 1 else 'are'} none of its members" if other else ""
        raise NotComparableError(
            f"group {group.name} is the average of {len(weights)} suites: {'; '.join(filter(None, (lacks, more)))}; an "
            "average over others is not comparable. Without --group, those given are averaged"
        )


def _common(held: Mapping[str, Bundle]) -> str:
    primary = {suite: bundle.primary for suite, bundle in held.items()}
    if len(set(primary.values())) > 1:
        told = ", ".join(f"{measure} of {suite}" for suite, measure in primary.items())
        raise UsageError(
            f"the suites decide by different measures ({told}); name one that all have with --measure"
        )
    return next(iter(primary.values()))
