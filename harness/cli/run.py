"""``harness run CONFIG``."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from harness.cli import options
from harness.cli.parsing import add_verb


def add(verbs: Any) -> None:
    """Add the verb."""
    verb = add_verb(
        verbs,
        "run",
        "run a config's pipelines and write a bundle",
        (
            "quickstart",
            "BM25, a bi-encoder, a cross-encoder and two-stage search on the data that comes with it",
        ),
        ("search.yaml --set timing=quick --out bundles/now", "your own config, its speed measured too"),
        ("quickstart --set pipelines.two-stage.depth=[10,20,50]", "the same with another key of the config"),
        ("search.yaml --workers 4", "four processes that share the work"),
        (
            "new.yaml --against old.yaml --set timing=ci",
            "two configs in turns in one job, for 'harness gate'",
        ),
    )
    verb.add_argument(
        "config",
        metavar="CONFIG",
        help="a config's name (see 'harness list configs') or the path of a YAML file",
    )
    verb.add_argument(
        "--out", type=Path, metavar="DIR", help="the bundle's folder (default: bundles/CONFIG-TIME)"
    )
    verb.add_argument(
        "--against",
        metavar="CONFIG",
        help="measure this config too, in the same job and in turns, as the baseline of this bundle",
    )
    verb.add_argument(
        "--python",
        type=Path,
        metavar="PATH",
        help="the interpreter of another environment that runs the baseline of --against",
    )
    verb.add_argument(
        "--workers",
        metavar="N|DEVICE,DEVICE",
        default="1",
        help="so many processes share the work, through the store; or one on each of these devices (cuda:0,cuda:1)",
    )
    options.overrides(verb)
    options.offline(verb)
    verb.add_argument("--json", action="store_true", help="print result.json instead of the table")
    verb.set_defaults(handler=handle)


def handle(given: argparse.Namespace) -> int:
    """Run, and show what was found and where it lies."""
    from harness.config import load_config
    from harness.errors import UsageError
    from harness.plan import running
    from harness.plan.against import Against
    from harness.plan.helpers import Workers
    from harness.progress import default

    workers = Workers.parsed(given.workers)
    first = [f"device={workers.devices[0]}"] if workers.devices else []
    config = load_config(given.config, [*given.overrides, *first])
    against = None
    if given.against is not None:
        against = Against(load_config(given.against), given.python)
    elif given.python is not None:
        raise UsageError(
            "--python names the interpreter of a baseline, and there is none; add --against CONFIG (it may be the "
            "same config)"
        )
    progress = default()

    def finished(config: Any, name: str, part: Any) -> None:
        progress.note(f"done: {line(config, name, part)}")

    how = running.RunOptions(given.out, given.offline, options.command(), against, draw, finished, workers)
    show(running.run(config, how, progress), as_json=given.json)
    return 0


def line(config: Any, name: str, part: Any) -> str:
    """Return one pipeline's figures in a line, as wide as those of the other pipelines."""
    from harness.config import pipeline_names

    width = max(map(len, pipeline_names(config.settings)))
    cells, n = [f"{name:<{width}}"], 0
    for measure, figure in part["measures"].items():
        interval, n = figure["interval"], figure["n"]
        limits = f" [{interval['low']:z.3f}, {interval['high']:z.3f}]" if interval else ""
        cells.append(f"{measure} {figure['value']:.4f}{limits}")
    return f"{'  '.join(cells)}  (n = {n:,})"


def draw(bundle: Any) -> None:
    """Add the summary as Markdown, and the page, to a bundle that is not in its place yet."""
    from harness.report.folder import add_page
    from harness.report.printed.summary import summary_tables
    from harness.report.writers import markdown

    text = "\n".join(map(markdown.document, summary_tables(bundle)))
    (bundle.path / "table.md").write_text(text, encoding="utf-8")
    add_page(bundle)


def show(bundle: Any, *, as_json: bool) -> None:
    """Print a bundle's summary, or its result."""
    from harness import console
    from harness.report.finding import finding
    from harness.report.printed.summary import summary_tables
    from harness.report.writers import terminal

    if as_json:
        console.say_json_document((bundle.path / "result.json").read_text(encoding="utf-8"))
        return
    for table in summary_tables(bundle):
        terminal.show(table, "")
    console.say(finding(bundle), *places(bundle))


def places(bundle: Any) -> list[str]:
    """Say where to read on: the bundle, and what was drawn from it."""
    page = bundle.path / "report" / "index.html"
    lines = [f"Bundle: {bundle.path}  (this table in Markdown: {bundle.path / 'table.md'})"]
    return [*lines, f"Report: {page}"] if page.is_file() else lines
