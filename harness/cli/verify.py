"""``harness verify [BUNDLE]``."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from harness.cli.parsing import add_verb

_SHOWN = 20


def add(verbs: Any) -> None:
    """Add the verb."""
    verb = add_verb(
        verbs,
        "verify",
        "recompute a bundle's figures through a second engine; alone: check this installation's known answers",
        ("", "what others published, and what is exact by hand, as this installation computes it"),
        ("bundles/now", "every figure of a bundle, from its runs and judgments"),
    )
    verb.add_argument(
        "bundle", nargs="?", type=Path, metavar="BUNDLE", help="the bundle; none: check this installation"
    )
    verb.add_argument("--json", action="store_true", help="print JSON")
    verb.set_defaults(handler=handle)


def handle(given: argparse.Namespace) -> int:
    """Verify, name every figure that differs, and answer 0 or 1."""
    from harness import console
    from harness.verify import Verification, verify_bundle

    found: Verification
    if given.bundle is None:
        from harness.models.known import Absent, answers
        from harness.verify.known import Known, verify_installation

        made = list(answers())
        found = verify_installation(
            [
                Known(one.name, one.answer, one.found, one.tolerance)
                for one in made
                if not isinstance(one, Absent)
            ],
            [one.why for one in made if isinstance(one, Absent)],
        )
    else:
        found = verify_bundle(given.bundle)
    if given.json:
        console.say_json(found.as_dict())
        return found.exit_code
    for mismatch in found.mismatches[:_SHOWN]:
        console.say(f"✗ {mismatch}")
    if len(found.mismatches) > _SHOWN:
        console.say(f"  and {len(found.mismatches) - _SHOWN:,} more (--json has all)")
    for why in found.not_checked:
        console.say(f"– not recomputed: {why}")
    verdict = (
        f"{len(found.mismatches):,} of {found.checked:,} figures differ"
        if found.mismatches
        else f"all {found.checked:,} figures agree"
    )
    console.say(f"{found.subject}: {verdict} ({found.engine})")
    return found.exit_code
