"""First-stage results in the store: a search that was made once is not made again."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np

from harness.datamodel import Query, Run
from harness.pipelines import Collection
from harness.plan import ann
from harness.plan.tally import Ledger, Tally, work_from
from harness.plan.workbench import Workbench
from harness.search.passages import Passages
from harness.search.settings import Approximate
from harness.store import Store
from harness.store.keys import key_of

_ROW = np.dtype([("document", "<i8"), ("score", "<f4")])


@dataclass(frozen=True)
class Search:
    """What a first stage's results depend on: the source's key, the corpus, the queries, the depth."""

    source: str
    corpus: str
    queries: tuple[Query, ...]
    depth: int
    exclude_self: bool

    @property
    def key(self) -> str:
        """Its key."""
        queries = key_of([list(query) for query in self.queries])
        return key_of(
            ["search", self.source, self.corpus, queries, self.depth, self.exclude_self, np.__version__]
        )


@dataclass(frozen=True, eq=False)
class Found:
    """What a search found, and what it looked through where somebody counted that."""

    run: Run
    sizes: Mapping[str, int] | None = None


def source_key(
    bench: Workbench, model: str, how: Approximate | None, passages: Passages | None
) -> str | None:
    """Return the key of a search but for corpus and queries; None where its results may not be kept."""
    source = ann.source_key(bench, model, how)
    if source is None or passages is None:
        return source
    return key_of(["passages", source, passages.as_dict()])


def find(
    store: Store, search: Search, collection: Collection, counted: tuple[Ledger, Tally] | None
) -> Found | None:
    """Return the results of a search made before, or None; the work that went into them is counted."""
    kept = store.read("searches", search.key)
    if kept is None:
        return None
    if counted is not None:
        ledger, tally = counted
        for session, part in kept.header["work"].items():
            ledger.enter(tally, _name(search, session), session, work_from(part))
    ids = [query.id for query in search.queries]
    counts = np.asarray(kept.header["counts"], dtype=np.int64)
    run = Run.from_positions(ids, counts, kept.array["document"], kept.array["score"], collection.ids)
    return Found(replace(run, notes=tuple(kept.header.get("notes", ()))), kept.header.get("sizes"))


def keep(
    store: Store, search: Search, found: Found, collection: Collection, counted: tuple[Ledger, Tally] | None
) -> None:
    """Keep the results of a search, with the work that is behind them."""
    run = found.run
    rows = np.empty(run.n_rows, dtype=_ROW)
    rows["document"], rows["score"] = collection.positions(run), run.scores
    if not np.array_equal(rows["score"].astype(np.float64), run.scores):
        return  # scores of more than 32 bits are not kept
    work: dict[str, Mapping[str, Any]] = {}
    if counted is not None:
        ledger, tally = counted
        work = {store.session: asdict(tally.computed), "": asdict(tally.stored)}
        for session in work:
            ledger.mark(_name(search, session))
    sizes = None if found.sizes is None else dict(found.sizes)
    header = {"counts": run.counts.tolist(), "work": work, "notes": list(run.notes), "sizes": sizes}
    store.write("searches", search.key, header, rows)


def through(
    store: Store | None,
    search: Search | None,
    collection: Collection,
    counted: tuple[Ledger, Tally] | None,
    make: Callable[[], Found],
) -> Found:
    """Return the results of a search: those that are kept, or new ones, which are then kept."""
    if store is None or search is None:
        return make()
    found = find(store, search, collection, counted)
    if found is not None:
        return found
    made = make()
    keep(store, search, made, collection, counted)
    return made


def _name(search: Search, session: str) -> str:
    return f"search {search.key} {session}"
