"""A config's work done beside the process that writes its bundle: through the store, which keeps all of it for both.

Documents in shards and pairs in cells are leases: whoever is free takes the next that nobody holds the lock of, and a
process that dies lets go of its lock. What a search finds, the one that writes the bundle finds, and the others read.
"""

from __future__ import annotations

import os
import pickle
import threading
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO

from harness.config import LoadedConfig
from harness.datamodel import Run
from harness.models.folders import Permissions
from harness.plan import searches
from harness.plan.doing import Doing
from harness.plan.offline import go_offline
from harness.plan.shelf import StoredEncoder
from harness.plan.workbench import Workbench
from harness.progress import Silent
from harness.search.passages import Passages
from harness.search.settings import Approximate
from harness.stages import models_of
from harness.store import open_store
from harness.tasks import steps_for, task_of

_LOOK_S = 0.1


@dataclass(frozen=True)
class Help:
    """What a process that helps is told: the config, with its own device, and the store and session of the run."""

    config: LoadedConfig
    offline: bool
    store: Path
    session: str


def serve(told: BinaryIO) -> None:
    """Help until all is done, or until the process that asked for it has ended: then nobody holds the other end."""
    wanted: Help = pickle.load(told)
    threading.Thread(target=_end_with, args=(told.fileno(),), name="driver", daemon=True).start()
    if wanted.offline:
        go_offline()
    config = wanted.config
    store = replace(open_store(wanted.store), session=wanted.session)
    bench = Workbench(
        config,
        Permissions(offline=wanted.offline),
        Silent(),
        config.suite.settings.dataset.get("max_tokens"),
        store,
    )
    steps = steps_for(config)
    bench.find_models(models_of(steps), train_later=True)
    Helping(bench, task_of(config.suite).load(config)).do_all(steps)


def _end_with(told: int) -> None:
    while os.read(told, 1):  # by its number: a buffer's lock would be held when this process ends
        pass
    os._exit(0)


class Helping(Doing):
    """Steps whose work the store keeps; a search is left to the process that is helped."""

    def search(self, model: str, how: Approximate | None, depth: int, passages: Passages | None) -> Run:
        """Encode, with others, what is searched; then wait for what is found."""
        bench = self._bench
        if not bench.is_bm25(model):
            encoder = bench.encoder(model)
            if isinstance(encoder, StoredEncoder):
                parts = None if passages is None else self._in_passages(model, passages)
                encoder.make(self.collection if parts is None else parts.collection)
        search = self._asked(model, how, depth, passages)
        if search is None or bench.store is None:
            return super().search(model, how, depth, passages)
        pause = threading.Event()
        while (found := searches.find(bench.store, search, self.collection, None)) is None:
            pause.wait(_LOOK_S)
        return found.run
