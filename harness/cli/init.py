"""``harness init [DATA...]``."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from harness.cli.parsing import add_verb


def add(verbs: Any) -> None:
    """Add the verb."""
    verb = add_verb(
        verbs,
        "init",
        "write a suite and a config from the files at hand, told apart by what they hold",
        ("", "look at the files of this folder, and write suite.yaml and search.yaml here"),
        ("data --out work", "look at the folder data, write into the folder work"),
        ("docs.csv queries.tsv qrels.txt old.trec", "only these files"),
    )
    verb.add_argument(
        "data",
        nargs="*",
        type=Path,
        metavar="DATA",
        default=[],
        help="files, or a folder of them: documents, queries and judgments, runs, sentence pairs, folders of models "
        "(default: this folder)",
    )
    verb.add_argument(
        "--out",
        type=Path,
        metavar="DIR",
        help="where suite.yaml and search.yaml go (default: the folder that is looked at)",
    )
    verb.set_defaults(handler=handle)


def handle(given: argparse.Namespace) -> int:
    """Look, write, load what was written, and say what to do next."""
    from harness import console
    from harness.plan import beginning

    made = beginning.begin(given.data, given.out)
    width = max((len(name) for name, _ in made.seen), default=0)
    console.say(*(f"{name:<{width}}  {what}" for name, what in made.seen))
    console.say(*made.notes)
    console.say(
        "",
        f"Written: {made.suite} and {made.config}",
        f"Next:    harness run {made.config}",
        f"         (harness plan {made.config} shows beforehand what it takes)",
    )
    return 0
