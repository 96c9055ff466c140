"""``harness all-pairs [CONFIG]``."""

from __future__ import annotations

import argparse
from typing import Any

from harness.cli import claims


def add(verbs: Any) -> None:
    """Add the verb."""
    about = "time the most similar pair among n sentences by both kinds of model, and extrapolate"
    claims.add(verbs, "all-pairs", about, handle)


def handle(given: argparse.Namespace) -> int:
    """Measure, and show; 3 where a law did not hold, so that nothing was extrapolated."""
    from harness.allpairs import running, settings
    from harness.progress import default
    from harness.report import all_pairs

    config = settings.load(given.config, given.overrides)
    with claims.target(given.out, config.config.name) as out:
        claim = running.run(config, offline=given.offline, progress=default())
        tables = (all_pairs.measured_table(claim), all_pairs.prediction_table(claim))
        claims.write_and_show(out, "all-pairs", all_pairs.as_dict(claim), tables, as_json=given.json)
    return 0 if claim.holds else 3
