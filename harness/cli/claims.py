"""``harness ablation`` and ``harness all-pairs [CONFIG]``: a verb a claim, with a folder of JSON and Markdown."""

from __future__ import annotations

import argparse
from contextlib import AbstractContextManager
from functools import partial
from pathlib import Path
from typing import Any

from harness.claims import CLAIMS
from harness.claims.kind import CONFIGS, Claim, ClaimResult
from harness.cli import options
from harness.cli.parsing import add_verb


def add(verbs: Any) -> None:
    """Add a verb for each claim; its default config has the verb's name."""
    for claim in CLAIMS:
        _add(verbs, claim)


def _add(verbs: Any, claim: Claim) -> None:
    name = claim.verb
    verb = add_verb(
        verbs,
        name,
        claim.about,
        ("", f"as {CONFIGS}/{name}.yaml says"),
        (f"mine.yaml --out bundles/{name}", "your own models"),
    )
    verb.add_argument(
        "config",
        metavar="CONFIG",
        nargs="?",
        default=name,
        help=f"a claim's name ({CONFIGS}/NAME.yaml) or the path of a YAML file (default: {name})",
    )
    verb.add_argument(
        "--out", type=Path, metavar="DIR", help="where JSON and Markdown go (default: bundles/CONFIG-TIME)"
    )
    options.overrides(verb)
    options.offline(verb)
    verb.add_argument("--json", action="store_true", help="print JSON instead of tables")
    verb.set_defaults(handler=partial(handle, claim))


def handle(claim: Claim, given: argparse.Namespace) -> int:
    """Measure, and show; 3 where too little held to say what the claim asks."""
    from harness.models.folders import Permissions
    from harness.plan.offline import go_offline
    from harness.progress import default

    if given.offline:
        go_offline()
    experiment = claim.load(given.config, given.overrides)
    with _target(given.out, experiment.name) as out:
        found = experiment.run(Permissions(offline=given.offline), default())
        _write_and_show(out, claim.verb, found, as_json=given.json)
    return 0 if found.conclusive else 3


def _target(out: Path | None, config_name: str) -> AbstractContextManager[Path]:
    """The folder to write, checked before anything is measured. Raises UsageError where something stands there."""
    from datetime import UTC, datetime

    from harness.errors import UsageError
    from harness.results.target import check_writable, reserved

    def check(folder: Path) -> None:
        check_writable(folder)
        if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
            raise UsageError(f"{folder}: exists already; name a folder that does not")

    return reserved(out, config_name, datetime.now(UTC), check)


def _write_and_show(out: Path, stem: str, found: ClaimResult, *, as_json: bool) -> None:
    """Write ``STEM.json`` and ``STEM.md``, and print one of them."""
    from harness import console
    from harness.report.writers import markdown, terminal
    from harness.results.writing import writing
    from harness.text import json_text

    result, page = f"{stem}.json", f"{stem}.md"
    text = json_text(found.content, allow_nan=False)
    with writing(out) as folder:
        (folder / result).write_text(text + "\n", encoding="utf-8")
        (folder / page).write_text("\n".join(map(markdown.document, found.tables)), encoding="utf-8")
    if as_json:
        console.say_json_document(text)
        return
    for table in found.tables:
        terminal.show(table)
        console.say("")
    console.say(f"Written: {out / result} and {out / page}")
