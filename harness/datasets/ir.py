"""Collections of ir_datasets, through its own ids and its own loading code. The only module that imports it."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from functools import cached_property
from typing import Any, TypeVar

from harness.datamodel import Document, Qrels, Query, Run
from harness.datasets.corpus import Contents, scan
from harness.errors import DataError, listed, nearest

_Value = TypeVar("_Value")
_offline = False


def forbid_network() -> None:
    """From now on say what is missing instead of downloading it."""
    global _offline
    _offline = True


class Collection:
    """One ir_datasets id."""

    def __init__(self, name: str, dataset: Any, fields: Sequence[str] | None) -> None:
        self.name = name
        self._dataset = dataset
        self._fields = fields

    def queries(self) -> list[Query]:
        """Every query, its text as ir_datasets gives it by default."""
        found = self._loaded("queries", lambda: [Query(q.query_id, q.default_text()) for q in self._dataset.queries_iter()])
        if not found:
            raise DataError(f"ir_datasets {self.name}: holds no queries")
        return found

    def qrels(self) -> Qrels:
        """Its judgments, binary or graded."""
        rows = self._loaded("qrels", lambda: [(q.query_id, q.doc_id, q.relevance) for q in self._dataset.qrels_iter()])
        # Some collections list a pair twice with one grade; with two grades it is an error.
        grades: dict[tuple[str, str], int] = {}
        for query, document, grade in rows:
            if grades.setdefault((query, document), grade) != grade:
                raise DataError(f"ir_datasets {self.name}: query {query!r}, document {document!r}: judged twice, differently")
        return Qrels.from_columns([q for q, _ in grades], [d for _, d in grades], list(grades.values()))

    def corpus(self) -> IrCorpus:
        """Its documents."""
        if not self._dataset.has_docs():
            raise DataError(f"ir_datasets {self.name}: has no documents")
        return IrCorpus(self, self._fields)

    def candidates(self) -> Run | None:
        """Its own scored documents, where it has them."""
        if not self._dataset.has_scoreddocs():
            return None
        rows = self._loaded("scoreddocs", lambda: [(s.query_id, s.doc_id, s.score) for s in self._dataset.scoreddocs_iter()])
        return Run.from_columns([r[0] for r in rows], [r[1] for r in rows], [r[2] for r in rows])

    def documents(self) -> Iterator[Document]:
        """Yield its documents in its own order."""
        iterator = self._loaded("docs", self._dataset.docs_iter)
        while True:
            document = self._loaded("docs", lambda: next(iterator, None))
            if document is None:
                return
            yield Document(document.doc_id, text_of(document, self._fields, self.name))

    def fetch(self, ids: Sequence[str]) -> dict[str, str]:
        """Return the texts of documents by id."""
        store = self._loaded("docs", self._dataset.docs_store)
        found = self._loaded("docs", lambda: store.get_many(list(dict.fromkeys(ids))))
        return {doc_id: text_of(document, self._fields, self.name) for doc_id, document in found.items()}

    def _loaded(self, part: str, load: Callable[[], _Value]) -> _Value:
        try:
            return load()
        except DataError:
            raise
        except OSError as error:
            if error.errno == 28:  # no space left
                raise
            raise self._unavailable(part, error) from None
        except Exception as error:  # its downloads raise many kinds
            raise self._unavailable(part, error) from None

    def _unavailable(self, part: str, error: Exception) -> DataError:
        home = os.environ.get("IR_DATASETS_HOME", "~/.ir_datasets")
        detail = " ".join(str(error).split())[:300]
        why = "and --offline forbids fetching it" if _offline else f"and could not be fetched ({type(error).__name__}: {detail})"
        return DataError(
            f"ir_datasets {self.name}: its {part} are not in {home} {why}; run once with a network, or put the files there "
            f"as 'ir_datasets lookup' describes (IR_DATASETS_HOME names another folder)"
        )


def text_of(document: Any, fields: Sequence[str] | None, name: str) -> str:
    """Return a document's text: its default one, or the given fields joined by a space."""
    if fields is None:
        return str(document.default_text())
    for wanted in fields:
        if wanted not in document._fields:
            raise DataError(f"ir_datasets {name}: documents have no field {wanted!r}; they have {listed(document._fields)}")
    parts = (str(getattr(document, wanted)).strip() for wanted in fields)
    return " ".join(part for part in parts if part)


class IrCorpus:
    """Documents of an ir_datasets collection; texts stay on disk in its own store."""

    def __init__(self, collection: Collection, fields: Sequence[str] | None) -> None:
        self._collection = collection

    @cached_property
    def contents(self) -> Contents:
        """Ids, count and digest; the first access reads the whole collection once."""
        return scan(self._collection.documents(), f"ir_datasets {self._collection.name}")

    def texts(self) -> Iterator[str]:
        """Yield every text, in order of position."""
        return (document.text for document in self._collection.documents())

    def fetch(self, positions: Sequence[int]) -> list[str]:
        """Return the texts at the given positions."""
        ids = [self.contents.ids[int(position)].as_py() for position in positions]
        texts = self._collection.fetch(ids)
        return [texts[doc_id] for doc_id in ids]


def open_collection(name: str, fields: Sequence[str] | None = None) -> Collection:
    """Return a collection by its ir_datasets id. Raises DataError for one that is unknown or has no judgments."""
    import ir_datasets

    if _offline:
        _block_downloads()
    try:
        dataset = ir_datasets.load(name)
    except KeyError:
        known = list(ir_datasets.registry._registered)
        raise DataError(f"unknown ir_datasets id {name!r}{nearest(name, known)}; 'ir_datasets list' prints all of them") from None
    for part, present in (("queries", dataset.has_queries()), ("qrels", dataset.has_qrels())):
        if not present:
            with_part = [n for n in ir_datasets.registry._registered if n.startswith(f"{name}/")]
            hint = f"; try one of {listed(with_part[:8])}" if with_part else ""
            raise DataError(f"ir_datasets {name}: has no {part}{hint}")
    return Collection(name, dataset, fields)


def _block_downloads() -> None:
    """Make ir_datasets' downloads fail at once. It has no offline switch of its own."""
    from ir_datasets.util.download import RequestsDownload

    def refuse(self: Any, *args: Any, **kwargs: Any) -> Any:
        raise ConnectionError("offline")

    RequestsDownload.stream = refuse
