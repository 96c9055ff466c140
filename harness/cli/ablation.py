"""``harness ablation [CONFIG]``."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from harness.cli import options

RESULT, PAGE = "ablation.json", "ablation.md"


def add(verbs: Any) -> None:
    """Add the verb."""
    verb = verbs.add_parser(
        "ablation", help="train a sweep of recipes over several seeds, and show it beside the published table"
    )
    verb.add_argument(
        "config",
        nargs="?",
        default="ablation",
        help="a claim's name (configs/claims/NAME.yaml) or the path of a YAML file (default: ablation)",
    )
    verb.add_argument(
        "--out", type=Path, metavar="DIR", help="where JSON and Markdown go (default: bundles/CONFIG-TIME)"
    )
    options.overrides(verb)
    options.offline(verb)
    verb.add_argument("--json", action="store_true", help="print JSON instead of the table")
    verb.set_defaults(handler=handle)


def handle(given: argparse.Namespace) -> int:
    """Train what is missing, and show the table."""
    import json
    from datetime import UTC, datetime

    from harness.ablation import running, settings
    from harness.errors import UsageError
    from harness.models.folders import Permissions
    from harness.plan.offline import go_offline
    from harness.plan.running import default_folder
    from harness.progress import default
    from harness.report import ablation as report
    from harness.report.writers import markdown, terminal
    from harness.results.writing import writing

    if given.offline:
        go_offline()
    config = settings.load(given.config, given.overrides)
    out = given.out or default_folder(config.name, datetime.now(UTC))
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise UsageError(f"{out}: exists already; name a folder that does not")
    found = running.run(config, Permissions(offline=given.offline), default())
    table = report.table(found)
    text = json.dumps(report.as_dict(found), indent=1, ensure_ascii=False, allow_nan=False)
    with writing(out) as folder:
        (folder / RESULT).write_text(text + "\n", encoding="utf-8")
        (folder / PAGE).write_text(markdown.table(table), encoding="utf-8")
    if given.json:
        print(text)
    else:
        terminal.show(table)
        print()
        print(f"Written: {out / RESULT} and {out / PAGE}")
    return 0
