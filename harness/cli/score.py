"""``harness score SUITE RUN...``, or a file of judgments in place of the suite."""

from __future__ import annotations

import argparse
import re
from pathlib import Path
from typing import Any

from harness.cli import options
from harness.cli.parsing import add_verb


def add(verbs: Any) -> None:
    """Add the verb."""
    verb = add_verb(
        verbs,
        "score",
        "score existing TREC runs against a suite's judgments",
        ("suite.yaml run.trec", "one run; its pipeline is named after the file"),
        ("msmarco-dl19 a.trec b.trec.gz --out bundles/dl19", "two runs side by side, with paired tests"),
        ("qrels.txt a.trec b.trec --measures ndcg@10,map", "by a file of judgments alone, as with trec_eval"),
    )
    verb.add_argument(
        "suite",
        metavar="SUITE|QRELS",
        help="a suite's name (see 'harness list suites'), the path of a YAML file, or a file of judgments as trec_eval "
        "takes it",
    )
    verb.add_argument(
        "runs",
        nargs="+",
        type=Path,
        metavar="RUN",
        help="TREC run files, plain or .gz, JSON, or MTEB's predictions",
    )
    verb.add_argument(
        "--measures",
        metavar="M,M",
        help="with a file of judgments: what is measured, the first deciding (default: ndcg@10,mrr@10,recall@100,map)",
    )
    verb.add_argument(
        "--out", type=Path, metavar="DIR", help="the bundle's folder (default: bundles/score-TIME)"
    )
    options.offline(verb)
    verb.add_argument("--json", action="store_true", help="print result.json instead of the table")
    verb.set_defaults(handler=handle)


def handle(given: argparse.Namespace) -> int:
    """Score, and show what was found and where it lies."""
    from harness.cli.run import draw, show
    from harness.plan import running
    from harness.plan.judged import judged_by

    how = running.RunOptions(given.out, given.offline, options.command(), view=draw)
    measures = (
        None
        if given.measures is None
        else [name.strip() for name in re.split(r",(?![^()]*\))", given.measures)]
    )
    show(running.score(judged_by(given.suite, measures), given.runs, how), as_json=given.json)
    return 0
