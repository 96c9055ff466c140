"""``harness run CONFIG``."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from harness.cli import options


def add(verbs: Any) -> None:
    """Add the verb."""
    verb = verbs.add_parser("run", help="run a config's pipelines and write a bundle")
    verb.add_argument(
        "config", help="a config's name (see 'harness list configs') or the path of a YAML file"
    )
    verb.add_argument(
        "--out", type=Path, metavar="DIR", help="the bundle's folder (default: bundles/CONFIG-TIME)"
    )
    options.overrides(verb)
    options.offline(verb)
    verb.add_argument("--json", action="store_true", help="print result.json instead of the table")
    verb.set_defaults(handler=handle)


def handle(given: argparse.Namespace) -> int:
    """Run, and show what was found and where it lies."""
    from harness.config import load_config
    from harness.plan import running
    from harness.progress import default

    config = load_config(given.config, given.overrides)
    how = running.RunOptions(given.out, given.offline, tuple(sys.argv))
    show(running.run(config, how, default()), as_json=given.json)
    return 0


def show(bundle: Any, *, as_json: bool) -> None:
    """Print a bundle's summary, or its result; the summary also goes into the bundle, as Markdown."""
    from harness.report.finding import finding
    from harness.report.summary import summary_table
    from harness.report.writers import markdown, terminal

    summary = summary_table(bundle)
    (bundle.path / "table.md").write_text(markdown.table(summary), encoding="utf-8")
    if as_json:
        print((bundle.path / "result.json").read_text(encoding="utf-8"), end="")
        return
    terminal.show(summary)
    print(f"\n{finding(bundle)}")
    print(f"Bundle: {bundle.path}  (this table in Markdown: {bundle.path / 'table.md'})")
