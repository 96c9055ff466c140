"""``harness import FILE...``."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from harness.cli.parsing import add_verb


def add(verbs: Any) -> None:
    """Add the verb."""
    verb = add_verb(
        verbs,
        "import",
        "make a bundle of results of MTEB or of sentence-transformers' evaluators: aggregates only",
        ("results/MODEL/REVISION/SciFact.json", "MTEB's result of a task; the pipeline has the model's name"),
        ("a/SciFact.json b/SciFact.json --name a --name b", "two models' results of one task, side by side"),
        ("similarity_evaluation_sts-dev_results.csv", "an evaluator's CSV: its last row"),
    )
    verb.add_argument(
        "files", nargs="+", type=Path, metavar="FILE", help="MTEB's JSON, or an evaluator's .csv; of one task"
    )
    verb.add_argument(
        "--name",
        dest="names",
        action="append",
        default=[],
        metavar="NAME",
        help="what a file's pipeline is called (repeatable, in the files' order)",
    )
    verb.add_argument("--split", default="", metavar="NAME", help="of MTEB's result, where it has several")
    verb.add_argument("--subset", default="", metavar="NAME", help="of MTEB's result, where it has several")
    verb.add_argument(
        "--out", type=Path, metavar="DIR", help="the bundle's folder (default: bundles/import-TASK-TIME)"
    )
    verb.add_argument("--json", action="store_true", help="print result.json instead of the table")
    verb.set_defaults(handler=handle)


def handle(given: argparse.Namespace) -> int:
    """Import, and show what there is."""
    from harness.cli.run import show
    from harness.imported import import_results

    made = import_results(given.files, given.out, names=given.names, split=given.split, subset=given.subset)
    show(made, as_json=given.json)
    return 0
