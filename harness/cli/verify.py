"""``harness verify [BUNDLE]``."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

_SHOWN = 20


def add(verbs: Any) -> None:
    """Add the verb."""
    verb = verbs.add_parser(
        "verify",
        help="recompute a bundle's figures through a second engine; alone: this installation's known answers",
    )
    verb.add_argument(
        "bundle", nargs="?", type=Path, metavar="BUNDLE", help="the bundle; none: check this installation"
    )
    verb.add_argument("--json", action="store_true", help="print JSON")
    verb.set_defaults(handler=handle)


def handle(given: argparse.Namespace) -> int:
    """Verify, name every figure that differs, and answer 0 or 1."""
    import json

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
        print(json.dumps(found.as_dict(), indent=1, ensure_ascii=False))
        return found.exit_code
    for mismatch in found.mismatches[:_SHOWN]:
        print(f"✗ {mismatch}")
    if len(found.mismatches) > _SHOWN:
        print(f"  and {len(found.mismatches) - _SHOWN:,} more (--json has all)")
    for why in found.not_checked:
        print(f"– not recomputed: {why}")
    verdict = (
        f"{len(found.mismatches):,} of {found.checked:,} figures differ"
        if found.mismatches
        else f"all {found.checked:,} figures agree"
    )
    print(f"{found.subject}: {verdict} ({found.engine})")
    return found.exit_code
