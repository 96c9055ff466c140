"""``harness cache ls`` and ``harness cache prune``."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

from harness.cli.parsing import add_verb

if TYPE_CHECKING:
    from harness.store import Store


def add(verbs: Any) -> None:
    """Add the verb."""
    verb = add_verb(
        verbs,
        "cache",
        "show or shrink the store of embeddings, indexes and scores",
        ("ls", "what is kept, by kind"),
        ("prune --max 20GB", "remove what was used longest ago, down to 20 GB"),
    )
    actions = verb.add_subparsers(dest="action", metavar="ACTION", required=True)
    listing = actions.add_parser("ls", help="what the store holds, by kind, with sizes")
    pruning = actions.add_parser("prune", help="remove what was used longest ago, down to a size")
    pruning.add_argument(
        "--max", required=True, metavar="SIZE", help="what may stay, such as 20GB, or 0 for nothing"
    )
    for action in (listing, pruning):
        action.add_argument("--store", metavar="DIR", help="the store's folder, where a config names one")
        action.add_argument("--json", action="store_true", help="print JSON")
        action.set_defaults(handler=handle, parser=action)


def handle(given: argparse.Namespace) -> int:
    """Show or shrink the store."""
    from pathlib import Path

    from harness.errors import UsageError
    from harness.store import open_store
    from harness.store.folder import folder_for

    root = Path(given.store).expanduser().absolute() if given.store else folder_for(None, Path.cwd())
    if root is None:
        raise UsageError("HARNESS_STORE is 'off': there is no store to look at; unset it, or name a folder")
    act = _prune if given.action == "prune" else _list
    act(given, open_store(root), str(root))
    return 0


def _prune(given: argparse.Namespace, store: Store, root: str) -> None:
    from datetime import UTC, datetime

    from harness import console
    from harness.errors import UsageError, counted
    from harness.store import housekeeping
    from harness.units import size_in_bytes, size_text

    try:
        bound = 0 if given.max.strip() == "0" else size_in_bytes(given.max)
    except ValueError as error:
        raise UsageError(f"--max: {error}") from None
    done = housekeeping.prune(store, bound, datetime.now(UTC))
    if given.json:
        told = {"removed": len(done.removed), "removed_bytes": done.removed_bytes, "bytes": done.kept_bytes}
        console.say_json({"store": root, **told, "in_use": done.used})
        return
    console.say(
        f"{root}: removed {len(done.removed)} artifacts, {size_text(done.removed_bytes)}; "
        f"{size_text(done.kept_bytes)} stay"
    )
    if done.used:
        console.say(f"{counted(done.used, 'of these is', 'of these are')} in use by a run that has not ended")


def _list(given: argparse.Namespace, store: Store, root: str) -> None:
    from harness import console
    from harness.report.table import Column, DataTable, named
    from harness.report.writers import terminal
    from harness.store import housekeeping
    from harness.store.folder import KINDS
    from harness.units import size_text

    there = housekeeping.entries(store)
    total = sum(entry.size for entry in there)
    columns = (
        Column("kind", "kind", "name"),
        Column("artifacts", "artifacts", "count"),
        Column("bytes", "size", "bytes"),
        Column("last_used", "last used"),
        Column("what", "what"),
    )
    rows: list[tuple[str, int, int, str | None, str]] = []
    for kind, what in KINDS.items():
        of_kind = [entry for entry in there if entry.kind == kind]
        used = of_kind[-1].used.isoformat(timespec="seconds") if of_kind else None
        rows.append((kind, len(of_kind), sum(entry.size for entry in of_kind), used, what))
    table = DataTable("store", f"{root}: {len(there)} artifacts, {size_text(total)}", columns, tuple(rows))
    if given.json:
        console.say_json({"store": root, "bytes": total, "kinds": named(table)})
        return
    terminal.show(table)
