"""What the verbs that check a claim share: their arguments, and a folder with JSON and Markdown."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

from harness.cli import options
from harness.cli.parsing import add_verb


def add(verbs: Any, name: str, about: str, handler: Callable[[argparse.Namespace], int]) -> None:
    """Add a claim's verb; its default config has the verb's name."""
    verb = add_verb(
        verbs,
        name,
        about,
        ("", f"as configs/claims/{name}.yaml says"),
        (f"mine.yaml --out bundles/{name}", "your own models"),
    )
    verb.add_argument(
        "config",
        metavar="CONFIG",
        nargs="?",
        default=name,
        help=f"a claim's name (configs/claims/NAME.yaml) or the path of a YAML file (default: {name})",
    )
    verb.add_argument(
        "--out", type=Path, metavar="DIR", help="where JSON and Markdown go (default: bundles/CONFIG-TIME)"
    )
    options.overrides(verb)
    options.offline(verb)
    verb.add_argument("--json", action="store_true", help="print JSON instead of tables")
    verb.set_defaults(handler=handler)


def target(out: Path | None, config_name: str) -> AbstractContextManager[Path]:
    """The folder to write, checked before anything is measured. Raises UsageError where something stands there."""
    from datetime import UTC, datetime

    from harness.errors import UsageError
    from harness.results.target import check_writable, reserved

    def check(folder: Path) -> None:
        check_writable(folder)
        if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
            raise UsageError(f"{folder}: exists already; name a folder that does not")

    return reserved(out, config_name, datetime.now(UTC), check)


def write_and_show(out: Path, stem: str, content: Any, tables: tuple[Any, ...], *, as_json: bool) -> None:
    """Write ``STEM.json`` and ``STEM.md``, and print one of them."""
    from harness import console
    from harness.report.writers import markdown, terminal
    from harness.results.writing import writing
    from harness.text import json_text

    result, page = f"{stem}.json", f"{stem}.md"
    text = json_text(content, allow_nan=False)
    with writing(out) as folder:
        (folder / result).write_text(text + "\n", encoding="utf-8")
        (folder / page).write_text("\n".join(map(markdown.document, tables)), encoding="utf-8")
    if as_json:
        console.say_json_document(text)
        return
    for table in tables:
        terminal.show(table)
        console.say("")
    console.say(f"Written: {out / result} and {out / page}")
