"""An ablation: recipes that differ in one thing each, trained over several seeds, beside the published table.

The claims are those of Reimers and Gurevych (2019), table 6: which pooling and which concatenation matter.
"""

from __future__ import annotations

from collections.abc import Sequence

from harness.claims.kind import Claim, Experiment


def _load(name: str, overrides: Sequence[str]) -> Experiment:
    from harness.claims.ablation import running, settings, shown

    config = settings.load(name, overrides)
    return Experiment(config.name, lambda may, progress: shown.outcome(running.run(config, may, progress)))


CLAIM = Claim(
    "ablation", "train a sweep of recipes over several seeds, and show it beside the published table", _load
)
