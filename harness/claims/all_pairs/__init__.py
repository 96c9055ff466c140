"""All pairs among n sentences: a bi-encoder's n encodings and a search against a cross-encoder's n(n-1)/2 scores.

The claim is that of Reimers and Gurevych (2019), section 1: among 10,000 sentences, 65 hours against 5 seconds.
"""

from __future__ import annotations

from collections.abc import Sequence

from harness.claims.kind import Claim, Experiment


def _load(name: str, overrides: Sequence[str]) -> Experiment:
    from harness.claims.all_pairs import running, settings, shown

    config = settings.load(name, overrides)
    return Experiment(
        config.config.name, lambda may, progress: shown.outcome(running.run(config, may, progress))
    )


CLAIM = Claim(
    "all-pairs", "time the most similar pair among n sentences by both kinds of model, and extrapolate", _load
)
