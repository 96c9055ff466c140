"""``harness plan CONFIG``."""

from __future__ import annotations

import argparse
from typing import Any

from harness.cli import options
from harness.cli.parsing import add_verb


def add(verbs: Any) -> None:
    """Add the verb."""
    verb = add_verb(
        verbs,
        "plan",
        "show what a run would compute, download, keep and take, before it runs",
        ("search.yaml", "steps, forward passes, disk, memory, time"),
        ("quickstart --no-timing", "the same without loading a model"),
    )
    verb.add_argument("config", metavar="CONFIG", help="a config's name or the path of a YAML file")
    options.overrides(verb)
    options.offline(
        verb, "a plan never touches the network; taken so that it can be asked with a run's arguments"
    )
    verb.add_argument("--no-timing", action="store_true", help="load no model to estimate the time")
    verb.add_argument("--json", action="store_true", help="print JSON")
    verb.set_defaults(handler=handle)


def handle(given: argparse.Namespace) -> int:
    """Plan, and show it."""
    from harness import console
    from harness.config import load_config
    from harness.plan import planning
    from harness.progress import default

    made = planning.plan(load_config(given.config, given.overrides), default(), calibrate=not given.no_timing)
    if given.json:
        console.say_json(made.as_dict())
        return 0
    show(made)
    return 0


def show(made: Any) -> None:
    """Print a plan as a table."""
    from harness import console
    from harness.plan.memory import readable
    from harness.report.summary import Cell, SummaryTable
    from harness.report.writers import terminal

    header = ("step", "shared by", "work", "in the store", "forward passes", "disk", "time")
    rows = []
    for step in made.steps:
        bound = "up to " if step.at_most else ""
        texts = (
            step.step,
            ", ".join(step.shared_by),
            f"{bound}{step.total:,} {step.unit}",
            f"{step.stored:,}",
            f"{bound}{step.forward_passes:,}",
            readable(step.disk_bytes) if step.disk_bytes else "-",
            _span(step.seconds),
        )
        rows.append(tuple(Cell(text) for text in texts))
    terminal.show(SummaryTable("", header, tuple(rows), ()))
    passes = f"{made.forward_passes:,} forward passes"
    about = "not estimated" if made.seconds is None else f"about {_span(made.seconds)}, loading apart"
    console.say(
        "",
        f"Store: {made.store or 'off'}; it would grow by {readable(made.disk_bytes)}",
        f"Memory: about {readable(made.peak_memory_bytes)} at most, of {readable(made.memory_limit_bytes)} allowed",
        f"Time: {about}; {passes}",
        *(f"Missing here: {what}" for what in made.downloads),
        *(f"Note: {note}" for note in made.notes),
    )


def _span(seconds: float | None) -> str:
    if seconds is None:
        return "unknown"
    if seconds < 90:
        return f"{seconds:.1f} s"
    if seconds < 5400:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.1f} h"
