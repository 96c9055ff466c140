"""The arms of one bundle, or of several side by side: their names, their figures, and where each stands."""

from __future__ import annotations

from collections.abc import Sequence

from harness.compare.evidence import Evidence, join
from harness.errors import UsageError, listed
from harness.results.bundle import Bundle


def bundle_names(read: Sequence[Bundle]) -> list[str]:
    """Short names of bundles, all different: the folders', or as much of the paths as tells them apart."""
    for depth in range(1, 20):
        names = ["/".join(bundle.path.resolve().parts[-depth:]) for bundle in read]
        if len(set(names)) == len(names):
            return names
    raise UsageError(f"one bundle is given twice: {listed(str(bundle.path) for bundle in read)}")


def side_by_side(
    read: Sequence[Bundle], parts: Sequence[Evidence]
) -> tuple[Evidence, dict[str, tuple[Bundle, str]]]:
    """Return every arm's figures, and the bundle and pipeline that each arm is.

    Args:
        read: the bundles.
        parts: the arms of each; those of a single bundle keep their labels, others get the bundle's name in front.

    Raises UsageError for a bundle given twice, NotComparableError unless all are about the same items.
    """
    if len(read) == 1:
        return parts[0], {label: (read[0], label) for label in parts[0].labels}
    joined = join(list(zip(bundle_names(read), parts, strict=True)))
    places = [(bundle, label) for bundle, part in zip(read, parts, strict=True) for label in part.labels]
    return joined, dict(zip(joined.labels, places, strict=True))
