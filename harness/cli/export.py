"""``harness export BUNDLE --to TARGET``."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from harness.cli.parsing import add_verb

_TARGETS = ("hub", "mteb", "mlflow", "trackio", "wandb")


def add(verbs: Any) -> None:
    """Add the verb."""
    verb = add_verb(
        verbs,
        "export",
        "write a bundle's figures for the hub's model cards, MTEB, MLflow, trackio or W&B, with counts and intervals",
        (
            "bundles/now --to hub --pipeline bi-encoder --out card",
            "README.md with a model-index, to look at first",
        ),
        ("bundles/now --to mteb --task SciFact --out results", "MTEB's result JSON, a file a pipeline"),
        ("bundles/now --to mlflow --out mlruns", "a run a pipeline, in a store of files"),
    )
    verb.add_argument("bundle", type=Path, metavar="BUNDLE", help="the bundle")
    verb.add_argument("--to", required=True, choices=_TARGETS, help="where to")
    verb.add_argument("--out", type=Path, required=True, metavar="DIR", help="the folder to write")
    verb.add_argument(
        "--pipeline",
        dest="pipelines",
        action="append",
        default=[],
        metavar="NAME",
        help="only this one (repeatable)",
    )
    verb.add_argument(
        "--name",
        metavar="NAME",
        help="the model's, or the experiment's (default: pipeline's, suite's)",
    )
    verb.add_argument("--repo", metavar="OWNER/NAME", help="hub: the model's repository")
    verb.add_argument(
        "--dataset", metavar="OWNER/NAME", help="hub: the data set, where the suite does not say"
    )
    verb.add_argument("--task", metavar="NAME", help="mteb: its name of the task (default: the suite's)")
    verb.add_argument(
        "--push",
        action="store_true",
        help="send it to the hub, or to the tracking server; otherwise nothing leaves",
    )
    verb.add_argument("--json", action="store_true", help="print what was written as JSON")
    verb.set_defaults(handler=handle)


def handle(given: argparse.Namespace) -> int:
    """Write, and say what."""
    from harness import console
    from harness.export import Asked, export
    from harness.results import bundle as bundles

    asked = Asked(given.out, given.push, given.repo, given.dataset, given.task, given.name)
    said = export(bundles.read(given.bundle), given.to, asked, given.pipelines)
    if given.json:
        console.say_json({"to": given.to, "out": str(given.out), "said": said})
    else:
        console.say(*said)
    return 0
