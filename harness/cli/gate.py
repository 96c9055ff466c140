"""``harness gate BUNDLE [--baseline BUNDLE] --policy FILE``."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from harness.cli import options
from harness.cli.parsing import add_verb

if TYPE_CHECKING:
    from harness.results.bundle import Bundle


def add(verbs: Any) -> None:
    """Add the verb."""
    verb = add_verb(
        verbs,
        "gate",
        "judge a bundle by a policy: pass, fail, inconclusive, or not comparable",
        ("bundles/now --policy search.yaml", "against the policy's baseline, or the arms within the bundle"),
        ("bundles/now --policy search.yaml --baseline bundles/before --junit gate.xml", "in CI"),
        ('bundles/now --update-baseline --reason "a better ranker"', "let this bundle be the baseline"),
        epilog="exit codes: 0 pass; 1 regression; 2 unreadable; 3 inconclusive (1 with on_inconclusive: fail);\n"
        "4 not comparable",
    )
    verb.add_argument("bundle", type=Path, metavar="BUNDLE", help="the bundle to judge")
    verb.add_argument(
        "--baseline",
        metavar="BUNDLE",
        help="a baseline's folder, or its name in reports/baselines (default: the policy's, the arms within "
        "the bundle, or "
        "reports/baselines/CONFIG)",
    )
    verb.add_argument("--policy", metavar="FILE", help="a policy file, or its name in configs/policies")
    verb.add_argument("--junit", type=Path, metavar="FILE", help="also write JUnit XML")
    verb.add_argument(
        "--update-baseline", action="store_true", help="write BUNDLE as the baseline instead of judging it"
    )
    verb.add_argument(
        "--reason", type=options.words, default="", metavar="TEXT", help="why the baseline moves; kept in it"
    )
    verb.add_argument("--json", action="store_true", help="print JSON")
    verb.set_defaults(handler=handle)


def handle(given: argparse.Namespace) -> int:
    """Judge, tell CI in its own formats, and answer with the contract's exit code."""
    import sys

    from harness import console, gate
    from harness.errors import UsageError
    from harness.report.printed.verdict import verdict
    from harness.report.writers import github, junit, terminal
    from harness.results import bundle as bundles

    if given.update_baseline:
        return _update(given)
    if given.reason:
        raise UsageError("--reason goes with --update-baseline")
    if given.policy is None:
        raise UsageError("gate needs --policy FILE; docs/gating.md shows one")
    bundle = bundles.read(given.bundle)
    result = gate.gate(bundle, given.policy, given.baseline)
    if given.junit is not None:
        junit.write(result, given.junit)
    if given.json:
        console.say_json(result.as_dict())
    else:
        terminal.show(*verdict(result))
    # Annotations are read from either stream; stdout is left to the JSON.
    github.report(result, sys.stderr if given.json else sys.stdout)
    return result.exit_code


def _update(given: argparse.Namespace) -> int:
    from harness import console, gate
    from harness.gate.baselines import FOLDER, default_name, place_of
    from harness.report.printed.verdict import moved
    from harness.report.writers import terminal
    from harness.results import bundle as bundles

    bundle = bundles.read(given.bundle)
    # A bare name means one of the project's baselines, whether it is there yet or not.
    named = given.baseline or default_name(bundle)
    folder = place_of(named)
    if len(Path(named).parts) == 1 and not folder.exists():
        folder = FOLDER / named
    old = _old(folder)
    new = gate.update_baseline(bundle, folder, given.reason)
    moves = [
        (name, measure, old.value(name, measure), new.value(name, measure))
        for name in new.pipelines
        for measure in new.measures
        if old is not None and name in old.pipelines and measure in old.measures
    ]
    if given.json:
        rows = [dict(zip(("pipeline", "measure", "old", "new"), move, strict=True)) for move in moves]
        console.say_json({"baseline": str(folder), "reason": given.reason.strip(), "moves": rows})
        return 0
    terminal.show(*moved(moves))
    console.say(f"Baseline: {folder}  ({'replaced' if old else 'new'}; reason: {given.reason.strip()})")
    return 0


def _old(folder: Path) -> Bundle | None:
    """The baseline that is replaced; None where there is none, or it cannot be read any more."""
    from harness.errors import HarnessError
    from harness.results import bundle as bundles

    try:
        return bundles.read(folder) if (folder / bundles.RESULT).is_file() else None
    except HarnessError:
        return None
