"""``harness verify [BUNDLE]``."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from harness.cli.parsing import add_verb

_SHOWN = 20
_TOLD = ("torch", "sentence-transformers", "transformers", "numpy")


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
    about: list[str] = []
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
        about = _installation()
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
        console.say(f"– not {'recomputed' if given.bundle else 'checked'}: {why}")
    verdict = (
        f"{len(found.mismatches):,} of {found.checked:,} figures differ"
        if found.mismatches
        else f"all {found.checked:,} figures agree"
    )
    console.say(*about, f"{found.subject}: {verdict} ({found.engine})")
    return found.exit_code


def _installation() -> list[str]:
    """What was verified, a line each: this package and what it stands on, and the machine."""
    import platform

    from harness import __version__, manifest
    from harness.units import size_text

    versions = manifest.packages()
    told = ", ".join(f"{name} {versions[name]}" for name in _TOLD if name in versions)
    machine = manifest.machine()
    return [
        f"encoder-harness {__version__}, Python {platform.python_version()}, {told}",
        f"{machine['cpu']}, {machine['affinity']} of {machine['logical_cores']} threads, "
        f"{size_text(machine['memory_bytes'])} of memory",
        *_precisions(),
    ]


def _precisions() -> list[str]:
    """What the device that ``auto`` stands for is fast in, and what ``precision: auto`` takes."""
    from harness.models import device, precision

    name = device.resolve("auto")
    found = precision.speeds(name)
    rates = ", ".join(f"{kind} {rate:.0f}" for kind, rate in found.gflops.items())
    foreign, own = precision.resolved("auto", name), precision.resolved("auto", name, made_here=True)
    takes = foreign if foreign == own else f"{foreign}, and {own} for what a recipe makes here"
    slow = [kind for kind in ("bf16", "fp16") if (found.ratio(kind) or 0) < 1]
    emulated = f"; slower than fp32, so better not asked for: {', '.join(slow)}" if slow else ""
    return [f"{name}, {found.capability}: {rates} GFLOP/s a thread; precision: auto takes {takes}{emulated}"]
