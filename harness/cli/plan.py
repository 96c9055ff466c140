"""``harness plan CONFIG``."""

from __future__ import annotations

import argparse
from typing import Any

from harness.cli import options


def add(verbs: Any) -> None:
    """Add the verb."""
    verb = verbs.add_parser(
        "plan", help="show what a run would compute, download, keep and take, before it runs"
    )
    verb.add_argument("config", help="a config's name or the path of a YAML file")
    options.overrides(verb)
    verb.add_argument("--no-timing", action="store_true", help="load no model to estimate the time")
    verb.add_argument("--json", action="store_true", help="print JSON")
    verb.set_defaults(handler=handle)


def handle(given: argparse.Namespace) -> int:
    """Plan, and show it."""
    import json

    from harness.config import load_config
    from harness.plan import planning
    from harness.progress import default

    made = planning.plan(load_config(given.config, given.overrides), default(), calibrate=not given.no_timing)
    if given.json:
        print(json.dumps(made.as_dict(), indent=1, ensure_ascii=False))
        return 0
    show(made)
    return 0


def show(made: Any) -> None:
    """Print a plan as a table."""
    from rich.console import Console
    from rich.table import Table

    from harness.plan.memory import readable

    console = Console()
    if not console.is_terminal:
        console = Console(width=150)
    table = Table(box=None, pad_edge=False)
    for column in ("step", "shared by"):
        table.add_column(column, overflow="fold")
    for column in ("work", "in the store", "forward passes", "disk", "time"):
        table.add_column(column, justify="right", no_wrap=True)
    for step in made.steps:
        bound = "up to " if step.at_most else ""
        table.add_row(
            step.step,
            ", ".join(step.shared_by),
            f"{bound}{step.total:,} {step.unit}",
            f"{step.stored:,}",
            f"{bound}{step.forward_passes:,}",
            readable(step.disk_bytes) if step.disk_bytes else "-",
            _span(step.seconds),
        )
    console.print(table, markup=False, highlight=False)
    print(f"\nStore: {made.store or 'off'}; it would grow by {readable(made.disk_bytes)}")
    print(
        f"Memory: about {readable(made.peak_memory_bytes)} at most, of {readable(made.memory_limit_bytes)} "
        "allowed"
    )
    passes = f"{made.forward_passes:,} forward passes"
    about = "not estimated" if made.seconds is None else f"about {_span(made.seconds)}, loading apart"
    print(f"Time: {about}; {passes}")
    for what in made.downloads:
        print(f"Missing here: {what}")
    for note in made.notes:
        print(f"Note: {note}")


def _span(seconds: float | None) -> str:
    if seconds is None:
        return "unknown"
    if seconds < 90:
        return f"{seconds:.1f} s"
    if seconds < 5400:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.1f} h"
