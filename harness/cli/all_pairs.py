"""``harness all-pairs [CONFIG]``."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from harness.cli import options

RESULT, PAGE = "all-pairs.json", "all-pairs.md"


def add(verbs: Any) -> None:
    """Add the verb."""
    verb = verbs.add_parser(
        "all-pairs",
        help="time the most similar pair among n sentences by both kinds of model, and extrapolate",
    )
    verb.add_argument(
        "config",
        nargs="?",
        default="all-pairs",
        help="a claim's name (configs/claims/NAME.yaml) or the path of a YAML file (default: all-pairs)",
    )
    verb.add_argument(
        "--out", type=Path, metavar="DIR", help="where JSON and Markdown go (default: bundles/CONFIG-TIME)"
    )
    options.overrides(verb)
    options.offline(verb)
    verb.add_argument("--json", action="store_true", help="print JSON instead of the tables")
    verb.set_defaults(handler=handle)


def handle(given: argparse.Namespace) -> int:
    """Measure, and show; 3 where a law did not hold, so that nothing was extrapolated."""
    import json
    from datetime import UTC, datetime

    from harness.allpairs import running, settings
    from harness.errors import UsageError
    from harness.plan.running import default_folder
    from harness.progress import default
    from harness.report import all_pairs
    from harness.report.writers import markdown, terminal
    from harness.results.writing import writing

    config = settings.load(given.config, given.overrides)
    out = given.out or default_folder(config.config.name, datetime.now(UTC))
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise UsageError(f"{out}: exists already; name a folder that does not")
    claim = running.run(config, offline=given.offline, progress=default())
    content = all_pairs.as_dict(claim)
    tables = (all_pairs.measured_table(claim), all_pairs.prediction_table(claim))
    text = json.dumps(content, indent=1, ensure_ascii=False, allow_nan=False)
    with writing(out) as folder:
        (folder / RESULT).write_text(text + "\n", encoding="utf-8")
        (folder / PAGE).write_text("\n".join(map(markdown.table, tables)), encoding="utf-8")
    if given.json:
        print(text)
    else:
        for table in tables:
            terminal.show(table)
            print()
        print(f"Written: {out / RESULT} and {out / PAGE}")
    return 0 if claim.holds else 3
