"""A backbone as a bi-encoder that remembers: what mining encodes is found again by the next run, or after a kill."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import cast

from harness.config import ModelSettings
from harness.models import loading
from harness.models.folders import ModelFolder
from harness.models.loading import ModelRequest
from harness.models.protocols import BiEncoder, Embeddings, Role, told
from harness.models.recipe import recipe_of
from harness.plan.memory import Budget
from harness.plan.shelf import Shelf, StoredEncoder
from harness.plan.tally import Ledger, Tally
from harness.progress import Progress
from harness.store import Store
from harness.store.keys import text_hashes


class _Shown(StoredEncoder):
    """Shows how far it is: what a training mines from can be a whole corpus."""

    def encode(self, texts: Sequence[str], role: Role) -> Embeddings:
        """Return embeddings, [n_texts, dimension] float32, in the order of the texts."""
        missing = sum(map(len, self.missing(self.shards(text_hashes(texts), role, "fp32"))))
        if not missing:
            return super().encode(texts, role)
        what = f"{self._shelf.name}: encoding to choose lessons from"
        with self._shelf.progress.task(what, missing, "texts") as advance, told(self, advance, missing):
            return super().encode(texts, role)


def stored(
    store: Store, progress: Progress, budget: Budget | None = None, ledger: Ledger | None = None
) -> Callable[[ModelFolder], BiEncoder]:
    """Return what makes a bi-encoder of a backbone: on CPU, in fp32, its embeddings in the store.

    A config's own model of that name finds them there again.
    """

    def made(base: ModelFolder) -> BiEncoder:
        plain = ModelRequest(base.name, ModelSettings(bi_encoder=base.name), (base,), "cpu", None)
        model, recipe = cast(BiEncoder, loading.load(plain)[0]), recipe_of(plain)
        if recipe is None:
            return model
        shelf = Shelf(
            base.name,
            recipe,
            lambda: model,
            store,
            Tally(),
            ledger or Ledger(store.session),
            progress,
            budget or Budget.of(None),
        )
        return _Shown(shelf, model.similarity, "fp32")

    return made
