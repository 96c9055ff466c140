"""The literature's claims as experiments on one's own models: a room each, and each is a verb."""

from __future__ import annotations

from harness.claims import ablation, all_pairs
from harness.claims.kind import Claim

#: In the order of the verbs.
CLAIMS: tuple[Claim, ...] = (ablation.CLAIM, all_pairs.CLAIM)
