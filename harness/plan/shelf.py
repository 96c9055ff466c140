"""One model's share of the store: embeddings in shards, a corpus's digests, scores of pairs."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from harness.datamodel import Query
from harness.errors import DataError
from harness.models.answers import DENSE, Answers, finite
from harness.models.protocols import BiEncoder, CrossEncoder, Embeddings, Role, Work, told, work_of
from harness.models.recipe import Recipe
from harness.pipelines import (
    DOCUMENTS_AT_ONCE,
    PAIRS_AT_ONCE,
    Collection,
    chunked,
    pair_texts,
    whole_batches,
)
from harness.plan.memory import Budget
from harness.plan.tally import Ledger, Tally, work_from
from harness.progress import Advance, Progress, nothing
from harness.store import Store
from harness.store.files import Artifact
from harness.store.keys import TextHashes, key_of, key_of_texts, text_hashes
from harness.store.pair_scores import PairTable


@dataclass(frozen=True)
class Shelf:
    """What is needed to use, or to make, what the store keeps of one model.

    The model is loaded only to make it.
    """

    name: str
    recipe: Recipe
    load: Callable[[], Any]
    store: Store
    tally: Tally
    ledger: Ledger
    progress: Progress
    budget: Budget

    def work_done_by(
        self, do: Callable[[Any], Any], advance: Advance = nothing, total: int = 0
    ) -> tuple[Any, Work]:
        """Let the model do something with ``total`` texts or pairs; return that and the work it was."""
        model = self.load()
        before = work_of(model)
        with told(model, advance, total):
            done = do(model)
        self.recipe.check_unchanged(self.name)
        self.budget.check(f"model {self.name!r}")
        return done, work_of(model) - before


@dataclass(frozen=True)
class Shard:
    """Some texts in their order: what their embeddings are kept under, and where the texts are."""

    key: str
    first: int
    hashes: TextHashes

    def __len__(self) -> int:
        return len(self.hashes)


#: Returns the texts of a shard.
TextsOf = Callable[[Shard], list[str]]


def document_hashes(store: Store, collection: Collection) -> TextHashes:
    """Return digests of every document's text, [n_documents, 16]; the corpus is read if need be."""
    key = collection.corpus.contents.sha256
    kept = store.read("texts", key)
    if kept is None:
        store.write("texts", key, {}, text_hashes(collection.corpus.texts()))
        kept = store.read("texts", key)
        assert kept is not None
    return kept.array


class StoredEncoder:
    """An encoder whose embeddings are in the store, and are put there where they are not."""

    def __init__(self, shelf: Shelf, similarity: str, documents: str, form: Answers = DENSE) -> None:
        """``documents``: fp32 or fp16, how documents' vectors rest on disk. Queries are always fp32."""
        self._shelf, self._dtype, self._form = shelf, documents, form
        self.batch_done: Advance = nothing
        self.similarity = similarity

    def encode(self, texts: Sequence[str], role: Role) -> Embeddings:
        """Return embeddings, [n_texts, dimension] float32, in the order of the texts."""
        shards = self.shards(text_hashes(texts), role, "fp32")
        arrays = list(self._vectors(shards, role, "fp32", lambda s: list(texts[s.first : s.first + len(s)])))
        if not arrays:
            return cast(Embeddings, self._shelf.load().encode([], role))
        return cast(Embeddings, self._form.joined(arrays))

    def documents(self, collection: Collection) -> Iterator[Any]:
        """Yield every document's embedding, mapped from disk, in order of position."""
        shards = self.make(collection)

        def fetch(shard: Shard) -> list[str]:
            return collection.corpus.fetch(range(shard.first, shard.first + len(shard)))

        yield from self._vectors(shards, "document", self._dtype, fetch)

    def make(self, collection: Collection) -> list[Shard]:
        """Put every document's embedding into the store, with whoever else does the same; returns all shards."""
        shards = self.shards(document_hashes(self._shelf.store, collection), "document", self._dtype)
        missing = self.missing(shards)
        if missing:
            total = sum(map(len, missing))
            what = f"{self._shelf.name}: encoding{in_store(len(collection) - total)}"
            with self._shelf.progress.task(what, total, "documents") as advance:
                self._make(shards, {shard.first for shard in missing}, collection, advance)
        return shards

    def holds_documents(self, collection: Collection) -> bool:
        """Whether the store has every document's embedding."""
        hashes = document_hashes(self._shelf.store, collection)
        return not self.missing(self.shards(hashes, "document", self._dtype))

    def shards(self, hashes: TextHashes, role: Role, dtype: str) -> list[Shard]:
        """Cut texts into shards, given their digests."""
        size = whole_batches(DOCUMENTS_AT_ONCE, self._shelf.recipe.batch_size)
        model = self._shelf.recipe.key_for(role)
        parts = ((low, hashes[low : low + size]) for low in range(0, len(hashes), size))
        return [
            Shard(f"{model}/{key_of_texts(model=model, role=role, dtype=dtype, hashes=part)}", low, part)
            for low, part in parts
        ]

    def missing(self, shards: Sequence[Shard]) -> list[Shard]:
        """Return those shards that the store does not hold."""
        return [shard for shard in shards if not self._shelf.store.has("embeddings", shard.key)]

    def _make(
        self,
        shards: Sequence[Shard],
        missing: set[int],
        collection: Collection,
        advance: Advance,
    ) -> None:
        """Encode what is missing, leaving to other processes what they are at, then waiting for it."""
        store = self._shelf.store
        busy = []
        size = len(shards[0])
        for shard, texts in zip(shards, chunked(collection.corpus.texts(), size), strict=True):
            if shard.first not in missing:
                continue
            with store.locked_if_free(_lock_of(shard.key)) as held:
                if not held:
                    busy.append(shard)
                    continue
                if store.has("embeddings", shard.key):
                    advance(len(shard))
                else:
                    self._encode(shard, "document", self._dtype, texts, advance)
        for shard in busy:
            with store.locked(_lock_of(shard.key)):
                if store.has("embeddings", shard.key):
                    advance(len(shard))
                else:
                    texts = collection.corpus.fetch(range(shard.first, shard.first + len(shard)))
                    self._encode(shard, "document", self._dtype, texts, advance)

    def _vectors(self, shards: Sequence[Shard], role: Role, dtype: str, texts_of: TextsOf) -> Iterator[Any]:
        for shard in shards:
            artifact = self._read(shard)
            while artifact is None:
                with self._shelf.store.locked(_lock_of(shard.key)):
                    artifact = self._read(shard)
                    if artifact is None:
                        self._encode(shard, role, dtype, texts_of(shard), self.batch_done)
                        artifact = self._read(shard)
            header = artifact.header
            self._shelf.ledger.enter(
                self._shelf.tally, shard.key, str(header["session"]), work_from(header["work"])
            )
            yield self._form.unpacked(header, artifact.array)

    def _read(self, shard: Shard) -> Artifact | None:
        return self._shelf.store.read("embeddings", shard.key)

    def _encode(
        self, shard: Shard, role: Role, dtype: str, texts: list[str], advance: Advance = nothing
    ) -> None:
        if text_hashes(texts).tobytes() != shard.hashes.tobytes():
            raise DataError(
                f"documents {shard.first} to {shard.first + len(shard) - 1} of the corpus changed during "
                "the run; run "
                "the same command again"
            )
        vectors, work = self._shelf.work_done_by(
            lambda model: cast(BiEncoder, model).encode(texts, role), advance, len(texts)
        )
        header, kept = self._form.packed(finite(vectors, self._shelf.name, texts), dtype)
        if dtype == "fp16":
            finite(self._form.unpacked(header, kept), f"{self._shelf.name} (embeddings: fp16)", texts)
        self._shelf.store.write("embeddings", shard.key, {**header, "work": asdict(work)}, kept)


class StoredScorer:
    """A cross-encoder whose scores are in the store, and are put there where they are not."""

    def __init__(self, shelf: Shelf) -> None:
        self._shelf = shelf
        self.table = PairTable(shelf.store, shelf.recipe.key_for("document"))

    def score(self, pairs: Sequence[tuple[str, str]]) -> NDArray[np.float32]:
        """Return one score a pair, [n_pairs] float32."""
        first, second = text_hashes(p[0] for p in pairs), text_hashes(p[1] for p in pairs)
        return self._scores(first, second, lambda rows: [pairs[i] for i in rows])

    def score_by_position(
        self, queries: Sequence[Query], keys: NDArray[np.int64], collection: Collection
    ) -> NDArray[np.float32]:
        """Return one score a pair; a key is query position * corpus size + document position."""
        width = len(collection)
        of_queries = text_hashes(query.text for query in queries)
        of_documents = document_hashes(self._shelf.store, collection)

        def texts_of(rows: NDArray[np.int64]) -> list[tuple[str, str]]:
            return pair_texts(queries, keys[rows], collection)

        return self._scores(of_queries[keys // width], of_documents[keys % width], texts_of)

    def _scores(
        self,
        first: TextHashes,
        second: TextHashes,
        texts_of: Callable[[NDArray[np.int64]], list[tuple[str, str]]],
    ) -> NDArray[np.float32]:
        size = whole_batches(PAIRS_AT_ONCE, self._shelf.recipe.batch_size)
        scores = np.zeros(len(first), dtype=np.float32)
        cells = [np.arange(low, min(low + size, len(first))) for low in range(0, len(first), size)]
        batches: list[NDArray[np.int64]] = []

        def look_up(cell: NDArray[np.int64]) -> NDArray[np.int64]:
            """Fill in what is known; return the rows that are not."""
            found = self.table.find(first[cell], second[cell])
            scores[cell] = found.scores
            batches.append(found.batches[found.known])
            return cell[~found.known]

        def score(rows: NDArray[np.int64], advance: Advance) -> None:
            """Score what is still not known now that the lock is held: somebody may have scored it a moment
            ago."""
            rest = look_up(rows)
            advance(len(rows) - len(rest))
            if len(rest):
                scores[rest] = self._score(first, second, rest, texts_of, advance)

        missing = [rows for rows in map(look_up, cells) if len(rows)]
        total = sum(map(len, missing))
        what = f"{self._shelf.name}: scoring{in_store(len(first) - total)}"
        busy = []
        if total:
            with self._shelf.progress.task(what, total, "pairs") as advance:
                for rows in missing:
                    with self._shelf.store.locked_if_free(self._lock_of(first, second, rows)) as held:
                        if not held:
                            busy.append(rows)
                            continue
                        score(rows, advance)
                for rows in busy:
                    with self._shelf.store.locked(self._lock_of(first, second, rows)):
                        score(rows, advance)
        self._count(np.concatenate(batches) if batches else np.zeros(0, dtype=np.int64))
        return scores

    def _lock_of(self, first: TextHashes, second: TextHashes, cell: NDArray[np.int64]) -> str:
        return key_of([self.table.key, first[cell[:1]].tobytes().hex(), second[cell[:1]].tobytes().hex()])

    def _score(
        self,
        first: TextHashes,
        second: TextHashes,
        rows: NDArray[np.int64],
        texts_of: Callable[[NDArray[np.int64]], list[tuple[str, str]]],
        advance: Advance,
    ) -> NDArray[np.float32]:
        pairs = texts_of(rows)
        if text_hashes(p[1] for p in pairs).tobytes() != np.ascontiguousarray(second[rows]).tobytes():
            raise DataError("documents of the corpus changed during the run; run the same command again")
        given, work = self._shelf.work_done_by(
            lambda model: cast(CrossEncoder, model).score(pairs), advance, len(pairs)
        )
        scores: NDArray[np.float32] = finite(given, self._shelf.name, pairs)
        batch = self.table.add(first[rows], second[rows], scores, asdict(work))
        self._shelf.ledger.enter(self._shelf.tally, self._name(batch), self._shelf.ledger.session, work)
        return scores

    def _name(self, batch: int) -> str:
        return f"pairs {self.table.key} {batch}"

    def _count(self, batches: NDArray[np.int64]) -> None:
        """Count pairs that were there: this run's own from an attempt that was cut off, or earlier ones."""
        ids, pairs = np.unique(batches, return_counts=True)
        used = dict(zip(ids.tolist(), pairs.tolist(), strict=True))
        for batch, session, work in self.table.work(list(used)):
            made = work_from(work)
            if session != self._shelf.ledger.session:
                cut = round(made.truncated * used[batch] / made.texts) if made.texts else 0
                made = replace(made, texts=used[batch], truncated=cut)
            self._shelf.ledger.enter(self._shelf.tally, self._name(batch), session, made)


def in_store(n: int) -> str:
    """Return how much needs no work, for a progress line."""
    return f" ({n:,} in the store)" if n else ""


def _lock_of(key: str) -> str:
    return key.rpartition("/")[2]
