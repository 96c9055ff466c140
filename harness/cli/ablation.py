"""``harness ablation [CONFIG]``."""

from __future__ import annotations

import argparse
from typing import Any

from harness.cli import claims


def add(verbs: Any) -> None:
    """Add the verb."""
    about = "train a sweep of recipes over several seeds, and show it beside the published table"
    claims.add(verbs, "ablation", about, handle)


def handle(given: argparse.Namespace) -> int:
    """Train what is missing, and show the table."""
    from harness.ablation import running, settings
    from harness.models.folders import Permissions
    from harness.plan.offline import go_offline
    from harness.progress import default
    from harness.report import ablation as report

    if given.offline:
        go_offline()
    config = settings.load(given.config, given.overrides)
    with claims.target(given.out, config.name) as out:
        found = running.run(config, Permissions(offline=given.offline), default())
        tables = report.tables(found)
        claims.write_and_show(out, "ablation", report.as_dict(found), tables, as_json=given.json)
    return 0
