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
    from harness.errors import listed
    from harness.report.table import Column, DataTable
    from harness.report.writers import terminal
    from harness.units import size_text, span_text

    columns = (
        Column("step", "step"),
        Column("shared_by", "shared by"),
        Column("work", "work", "figures"),
        Column("stored", "in the store", "count"),
        Column("forward_passes", "forward passes", "figures"),
        Column("disk_bytes", "disk", "bytes"),
        Column("seconds", "time", "span"),
    )
    rows = []
    for step in made.steps:
        bound = "up to " if step.at_most else ""
        work = f"{bound}{step.total:,} {step.unit}"
        passes = f"{bound}{step.forward_passes:,}"
        disk = step.disk_bytes or None
        rows.append((step.step, ", ".join(step.shared_by), work, step.stored, passes, disk, step.seconds))
    terminal.show(DataTable("plan", "", columns, tuple(rows)))
    passes = f"{made.forward_passes:,} forward passes"
    about = f"about {span_text(made.timed_seconds)}, loading apart"
    if not made.timed_seconds:
        about = "not estimated" if made.untimed else "nothing to compute"
    elif made.untimed:
        about += f", and what cannot be timed before it is there: {listed(made.untimed)}"
    console.say(
        "",
        f"Store: {made.store or 'off'}; it would grow by {size_text(made.disk_bytes)}",
        f"Memory: about {size_text(made.peak_memory_bytes)} at most, of {size_text(made.memory_limit_bytes)} allowed",
        f"Time: {about}; {passes}",
        *(f"Missing here: {what}" for what in made.downloads),
        *(f"Note: {note}" for note in made.notes),
    )
