"""Collections in passages: cut once by a model's tokenizer, kept in the store, and read like any other collection."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import chain
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from harness.config import LoadedConfig
from harness.datasets.corpus import Contents, Corpus
from harness.errors import ConfigError, ModelError
from harness.models.protocols import CutsPassages
from harness.pipelines import Collection, InPassages, chunked
from harness.plan.models import Models
from harness.search.passages import Passages, reduced
from harness.stages.live import Cutter
from harness.store.keys import key_of

_KIND = "passages"
_SPAN = np.dtype([("document", "<i8"), ("first", "<i4"), ("end", "<i4")])
_AT_ONCE = 256  # documents tokenised together
_FETCHED = 1024

Spans = NDArray[Any]


@dataclass(frozen=True, eq=False)
class Parts:
    """Passages of some documents, as a corpus whose documents they are.

    Attributes:
        corpus: of the documents.
        documents: their positions in it, rising; None: all.
        spans: [n_passages] each passage's document, as its place among these, and its characters.
        digest: what the passages are kept under.
    """

    corpus: Corpus
    documents: NDArray[np.int64] | None
    spans: Spans
    digest: str

    @cached_property
    def contents(self) -> Contents:
        """As many as there are; nobody asks for a passage's id."""
        return Contents(pa.chunked_array([pa.nulls(len(self.spans), pa.string())]), self.digest)

    @cached_property
    def counts(self) -> NDArray[np.int64]:
        """Passages of each document, [n_documents]."""
        n = len(self.corpus.contents) if self.documents is None else len(self.documents)
        return np.bincount(self.spans["document"], minlength=n)

    def texts(self) -> Iterator[str]:
        """Yield every passage, document by document."""
        for text, own in zip(_texts(self.corpus, self.documents), self._each(), strict=True):
            yield from (text[first:end] for _, first, end in own.tolist())

    def fetch(self, positions: Sequence[int]) -> list[str]:
        """Return the passages at some positions."""
        spans = self.spans[np.asarray(positions, dtype=np.int64)]
        wanted, place = np.unique(spans["document"], return_inverse=True)
        where = wanted if self.documents is None else self.documents[wanted]
        texts = self.corpus.fetch(where.tolist())
        return [
            texts[i][first:end] for i, (_, first, end) in zip(place.tolist(), spans.tolist(), strict=True)
        ]

    def of_documents(self, positions: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return the places of the passages of some documents of the corpus, one after the other, and each's count."""
        place = positions if self.documents is None else np.searchsorted(self.documents, positions)
        counts = self.counts[place]
        starts = np.cumsum(self.counts) - self.counts
        first = np.repeat(starts[place] - (np.cumsum(counts) - counts), counts)
        return first + np.arange(counts.sum()), counts

    def _each(self) -> list[Spans]:
        return np.split(self.spans, np.cumsum(self.counts)[:-1])


def _texts(corpus: Corpus, documents: NDArray[np.int64] | None) -> Iterator[str]:
    if documents is None:
        return corpus.texts()
    parts = (documents[low : low + _FETCHED].tolist() for low in range(0, len(documents), _FETCHED))
    return chain.from_iterable(map(corpus.fetch, parts))


def cut(
    models: Models,
    name: str,
    how: Passages,
    collection: Collection,
    queries: Sequence[str],
    documents: NDArray[np.int64] | None = None,
) -> Parts:
    """Return the passages of all documents, or of some, from the store or cut now.

    Args:
        models: where the model is.
        name: of the model whose tokenizer cuts.
        how: the passages.
        collection: the documents.
        queries: texts that a passage may be read together with.
        documents: positions, rising; None: all.

    Raises ModelError for a model that cannot cut.
    """
    key = _key(models, name, how, collection, queries, documents)
    found = _kept(models, how, collection, documents, key)
    if found is not None:
        return found
    model, most = _fitting(models, name, how, queries)
    n = len(collection) if documents is None else len(documents)
    rows: list[NDArray[Any]] = []
    with models.progress.task(f"{name}: cutting into passages", n, "documents") as advance:
        done = 0
        for texts in chunked(_texts(collection.corpus, documents), _AT_ONCE):
            cuts = model.spans(texts, how, most)
            flat = [(done + i, low, high) for i, spans in enumerate(cuts) for low, high in spans]
            rows.append(np.array(flat, dtype=_SPAN))
            done += len(texts)
            advance(len(texts))
    spans = np.concatenate(rows) if rows else np.zeros(0, dtype=_SPAN)
    if key is not None and models.store is not None:
        models.store.write(_KIND, key, {}, spans)
    return _parts(how, collection, documents, spans, key or "")


def find(
    models: Models,
    name: str,
    how: Passages,
    collection: Collection,
    queries: Sequence[str],
    documents: NDArray[np.int64] | None = None,
) -> Parts | None:
    """Return the passages of some documents where the store holds them; as ``cut``."""
    key = _key(models, name, how, collection, queries, documents)
    return _kept(models, how, collection, documents, key)


def _kept(
    models: Models,
    how: Passages,
    collection: Collection,
    documents: NDArray[np.int64] | None,
    key: str | None,
) -> Parts | None:
    kept = None if key is None or models.store is None else models.store.read(_KIND, key)
    return None if kept is None else _parts(how, collection, documents, kept.array, key or "")


def of_all(parts: Parts, how: Passages) -> InPassages:
    """Return the passages of all documents as a search looks through them."""
    return InPassages(Collection(parts), parts.counts, how.score)


def scored(
    parts: Parts,
    keys: NDArray[np.int64],
    n_documents: int,
    how: Passages,
    score: Callable[[NDArray[np.int64]], NDArray[np.float32]],
) -> NDArray[np.float32]:
    """Return a score of each pair of a query and a document, by those of its passages.

    Args:
        parts: the passages of those documents.
        keys: query position * ``n_documents`` + document position.
        n_documents: of the corpus.
        how: the passages.
        score: returns the score of each pair of a query and a passage, by rising keys of the same kind.
    """
    places, counts = parts.of_documents(keys % n_documents)
    return reduced(
        score(np.repeat(keys // n_documents, counts) * len(parts.spans) + places), counts, how.score
    )


def cutter(model: object, name: str, how: Passages, queries: Sequence[str]) -> Cutter:
    """Return what cuts texts as they come, as a server does."""
    cuts = cutting(model, name)
    most = cuts.room(queries)

    def parts(texts: Sequence[str]) -> list[list[str]]:
        found = cuts.spans(texts, how, most)
        return [
            [text[low:high] for low, high in (spans[:1] if how.score == "first" else spans)]
            for text, spans in zip(texts, found, strict=True)
        ]

    return parts


def cutting(model: object, name: str) -> CutsPassages:
    """Return a model as one that cuts documents. Raises ModelError for one that does not."""
    if not isinstance(model, CutsPassages):
        raise _cuts_none(name)
    return model


def _cuts_none(name: str) -> ModelError:
    return ModelError(
        f"model {name!r}: passages are cut by a model's own tokenizer, and that of a class or a server is not known "
        "here; name a model's folder or hub id, or leave passages out"
    )


def check(config: LoadedConfig, models: Models, data: Any) -> None:
    """Raise ConfigError, with file and line, where a model does not read as many tokens as a passage shall have.

    What was found to fit once is kept, so that the model need not be loaded for this.
    """
    queries = [query.text for query in getattr(data, "queries", ())]
    for pipeline in config.pipelines.values():
        for stage in pipeline.stages:
            how = stage.passages
            if how is None:
                continue
            (name,) = stage.models
            if name not in models.requests:
                continue  # a recipe makes it later; then it is looked at
            key = _key(models, name, how, None, queries, None)
            if key is not None and models.store is not None and models.store.has(_KIND, key):
                continue
            try:
                _fitting(models, name, how, queries)
            except ModelError as error:
                where = config.file.where(("pipelines", pipeline.given, "passages", "tokens"))
                raise ConfigError(f"{where}: {error}") from None
            if key is not None and models.store is not None:
                models.store.write(_KIND, key, {}, np.zeros(0, dtype=_SPAN))


def _fitting(
    models: Models, name: str, how: Passages, queries: Sequence[str]
) -> tuple[CutsPassages, int | None]:
    """Return a model that can cut, and how many tokens of a document it reads.

    Raises ModelError for fewer than asked for.
    """
    if models.requests[name].settings.endpoint is not None:
        raise _cuts_none(name)
    model = cutting(models.model(name), name)
    most = model.room(queries)
    if most is not None and how.tokens > most:
        also = ", its prompt and the longest query" if models.scores(name) else " and its prompt"
        raise ModelError(
            f"passages of {how.tokens} tokens are longer than the {max(0, most)} that {name!r} reads of a document "
            f"beside its special tokens{also}; give fewer, or a model that reads more"
        )
    return model, most


def _parts(
    how: Passages, collection: Collection, documents: NDArray[np.int64] | None, spans: Spans, key: str
) -> Parts:
    digest = key or key_of([collection.corpus.contents.sha256, how.as_dict()])
    whole = Parts(collection.corpus, documents, spans, digest)
    if how.score != "first":
        return whole
    starts = np.cumsum(whole.counts) - whole.counts
    return replace(whole, spans=spans[starts], digest=key_of(["first", digest]))


def _key(
    models: Models,
    name: str,
    how: Passages,
    collection: Collection | None,
    queries: Sequence[str],
    documents: NDArray[np.int64] | None,
) -> str | None:
    recipe = models.recipe(name) if models.store is not None else None
    if recipe is None:
        return None
    corpus = None if collection is None else collection.corpus.contents.sha256
    some = None if documents is None else hashlib.sha256(documents.astype("<i8").tobytes()).hexdigest()
    asked = key_of(list(queries)) if models.scores(name) else None
    return key_of(["passages", recipe.key_for("document"), how.tokens, how.step, corpus, some, asked])
