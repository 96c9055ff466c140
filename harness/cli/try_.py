"""``harness try CONFIG TEXT``."""

from __future__ import annotations

import argparse
from typing import Any

from harness.cli import options


def add(verbs: Any) -> None:
    """Add the verb."""
    verb = verbs.add_parser("try", help="type in one query and see each pipeline's top results with scores")
    verb.add_argument("config", help="a config's name or the path of a YAML file")
    verb.add_argument("text", help="the query; for an sts suite, two sentences separated by ' | '")
    verb.add_argument("--top", type=int, default=5, metavar="N", help="how many results to show (default: 5)")
    options.overrides(verb)
    options.offline(verb)
    verb.add_argument("--json", action="store_true", help="print JSON")
    verb.set_defaults(handler=handle)


def handle(given: argparse.Namespace) -> int:
    """Search once, and show what each pipeline finds."""
    import json

    from harness.config import load_config
    from harness.plan import trying
    from harness.progress import default

    config = load_config(given.config, given.overrides)
    tried = trying.try_text(config, given.text, given.top, offline=given.offline, progress=default())
    if given.json:
        print(json.dumps([vars(answer) for answer in tried], indent=1, ensure_ascii=False))
        return 0
    for answer in tried:
        print(f"\n{answer.pipeline}")
        for result in answer.results:
            text = " ".join(result["text"].split())
            shown = text if len(text) <= 100 else text[:99] + "…"
            print(f"  {result['score']:>9.4f}  {result['id']:<12}  {shown}")
        if not answer.results:
            print("  (nothing found)")
    return 0
