"""``harness try CONFIG TEXT``."""

from __future__ import annotations

import argparse
from typing import Any

from harness.cli import options
from harness.cli.parsing import add_verb


def add(verbs: Any) -> None:
    """Add the verb."""
    verb = add_verb(
        verbs,
        "try",
        "type in one query and see each pipeline's top results with scores",
        ('quickstart "who painted the Mona Lisa" --top 3', "the three best passages of each pipeline"),
        ('quickstart-sts "a cat sleeps | a cat is asleep"', "two sentences, for a suite of sentence pairs"),
    )
    verb.add_argument("config", metavar="CONFIG", help="a config's name or the path of a YAML file")
    verb.add_argument(
        "text",
        metavar="TEXT",
        type=options.words,
        help="the query; for an sts suite, two sentences separated by ' | '",
    )
    verb.add_argument("--top", type=int, default=5, metavar="N", help="how many results to show (default: 5)")
    options.overrides(verb)
    options.offline(verb)
    verb.add_argument("--json", action="store_true", help="print JSON")
    verb.set_defaults(handler=handle)


def handle(given: argparse.Namespace) -> int:
    """Search once, and show what each pipeline finds."""
    from harness import console
    from harness.config import load_config
    from harness.plan import trying
    from harness.progress import default
    from harness.text import flowing

    config = load_config(given.config, given.overrides)
    tried = trying.try_text(config, given.text, given.top, offline=given.offline, progress=default())
    if given.json:
        console.say_json([vars(answer) for answer in tried])
        return 0
    for answer in tried:
        console.say("", answer.pipeline)
        for result in answer.results:
            text = flowing(result["text"])
            shown = text if len(text) <= 100 else text[:99] + "…"
            console.say(f"  {result['score']:>9.4f}  {result['id']:<12}  {shown}")
        if not answer.results:
            console.say("  (nothing found)")
    return 0
