"""Collections of ir_datasets, through its own ids and its own loading code.

The only module that imports it.
"""

from __future__ import annotations

import functools
import logging
import os
import re
from array import array
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from harness.datamodel import Document, Qrels, Query, Run
from harness.datasets.ir_documents import IrCorpus, IrPassages
from harness.datasets.needs import Conditions
from harness.errors import DataError, HarnessError, ResourceError, listed, nearest, no_room

_Value = TypeVar("_Value")
#: What forbids the network, or nothing.
_offline = ""


def forbid_network(why: str = "--offline") -> None:
    """From now on say what is missing, and that ``why`` forbids it, instead of downloading it."""
    global _offline
    _offline = why


class _Refusal(BaseException):
    """Carries a HarnessError out of ir_datasets, which tries the next mirror after any ordinary exception."""

    def __init__(self, error: HarnessError) -> None:
        super().__init__(str(error))
        self.error = error


class IrCollection:
    """One ir_datasets id."""

    def __init__(
        self, name: str, dataset: Any, fields: Sequence[str] | None, conditions: Conditions | None = None
    ) -> None:
        self.name = name
        self._dataset = dataset
        self._fields = fields
        self._conditions = conditions or Conditions()

    def queries(self) -> list[Query]:
        """Every query, its text as ir_datasets gives it by default.

        Raises DataError for an id given twice.
        """
        found = self._loaded(
            "queries", lambda: [Query(q.query_id, q.default_text()) for q in self._dataset.queries_iter()]
        )
        if not found:
            raise DataError(f"ir_datasets {self.name}: holds no queries")
        seen: set[str] = set()
        for query in found:
            if query.id in seen:
                raise DataError(f"ir_datasets {self.name}: query id {query.id!r} is given twice")
            seen.add(query.id)
        return found

    def qrels(self) -> Qrels:
        """Its judgments, binary or graded."""
        rows = self._loaded(
            "qrels", lambda: [(q.query_id, q.doc_id, q.relevance) for q in self._dataset.qrels_iter()]
        )
        # Some collections list a pair twice with one grade; with two grades it is an error.
        grades: dict[tuple[str, str], int] = {}
        for query, document, grade in rows:
            if grades.setdefault((query, document), grade) != grade:
                raise DataError(
                    f"ir_datasets {self.name}: query {query!r}, document {document!r}: judged twice, differently"
                )
        if not grades:
            raise DataError(f"ir_datasets {self.name}: holds no judgments")
        return Qrels.from_columns([q for q, _ in grades], [d for _, d in grades], list(grades.values()))

    def corpus(self) -> IrCorpus:
        """All its documents."""
        self._check_documents()
        return IrCorpus(self)

    def passages(self, ids: Sequence[str]) -> IrPassages:
        """Some of its documents, by id."""
        self._check_documents()
        return IrPassages(self, ids)

    def _check_documents(self) -> None:
        if not self._dataset.has_docs():
            raise DataError(f"ir_datasets {self.name}: has no documents")

    def candidates(self) -> Run | None:
        """Its own scored documents, where it has them."""
        if not self._dataset.has_scoreddocs():
            return None
        queries: list[str] = []
        documents: list[str] = []
        scores = array("d")
        same: dict[str, str] = {}  # one string object an id, of millions of rows

        def read() -> None:
            for scored in self._dataset.scoreddocs_iter():
                queries.append(same.setdefault(scored.query_id, scored.query_id))
                documents.append(same.setdefault(scored.doc_id, scored.doc_id))
                scores.append(scored.score)

        self._loaded("scoreddocs", read)
        if not queries:
            raise DataError(f"ir_datasets {self.name}: holds no candidates")
        try:
            return Run.from_columns(queries, documents, np.asarray(scores))
        except DataError as error:
            raise DataError(f"ir_datasets {self.name}: candidates: {error}") from None

    def documents(self) -> Iterator[Document]:
        """Yield its documents in its own order."""
        iterator = self._loaded("docs", self._dataset.docs_iter)
        while True:
            document = self._loaded("docs", lambda: next(iterator, None))
            if document is None:
                return
            yield Document(document.doc_id, text_of(document, self._fields, self.name))

    def fetch(self, ids: Sequence[str]) -> dict[str, str]:
        """Return the texts of documents by id; one that is not there is left out."""
        store = self._loaded("docs", self._dataset.docs_store)
        found = self._loaded("docs", lambda: store.get_many(list(dict.fromkeys(ids))))
        return {doc_id: text_of(document, self._fields, self.name) for doc_id, document in found.items()}

    @property
    def _folder(self) -> Path:
        """Where ir_datasets keeps the files: what suites of one collection share is counted once."""
        parts = self.name.split("/")
        return _home().joinpath(*parts[: 2 if parts[0] == "beir" else 1])

    def _loaded(self, part: str, load: Callable[[], _Value]) -> _Value:
        try:
            with _gate(functools.partial(self._may_fetch, part)):
                return load()
        except _Refusal as refusal:
            raise refusal.error from None
        except HarnessError:
            raise
        except OSError as error:
            if no_room(error):
                raise
            raise self._failed(part, error) from None
        except Exception as error:  # its downloads and its readers raise many kinds
            raise self._failed(part, error) from None

    def _may_fetch(self, part: str, url: str) -> None:
        """Called before a file is fetched."""
        if _offline:
            raise _Refusal(DataError(self._missing(part, f", and {_offline} forbids fetching them", url)))
        try:
            self._conditions.check(f"ir_datasets {self.name}: its {part} ({url}) are", self._folder)
        except HarnessError as error:
            raise _Refusal(error) from None

    def _missing(self, part: str, why: str, url: str = "") -> str:
        what = f"ir_datasets {self.name}: its {part}{f' ({url})' if url else ''} are"
        return (
            f"{self._conditions.missing(what, self._folder, why)} Run once with a network, or {_place()} "
            "(IR_DATASETS_HOME names another folder)."
        )

    def _failed(self, part: str, error: Exception) -> HarnessError:
        if str(error.args[:1]).startswith("('All download sources failed"):
            error = error.args[1][-1][1]  # (mirror, what it said) of the last one
        detail = _shortened(" ".join(str(error).split()))
        if "Insufficient disk space" in detail:
            return ResourceError(
                f"{self._conditions.suite}ir_datasets {self.name}: {detail}; free some space there"
            )
        if isinstance(error, _ByHandError):
            return DataError(
                f"{self._conditions.suite}ir_datasets {self.name}: its {part} are not at {error.place}, and nobody may "
                f"fetch them for you{f': {error.told}' if error.told else ''}"
            )
        if isinstance(error, ImportError):
            return DataError(
                f"{self._conditions.suite}ir_datasets {self.name}: its {part} need a package: {detail}"
            )
        if _is_about_fetching(error):
            return DataError(
                self._missing(part, f", and they could not be fetched ({type(error).__name__}: {detail})")
            )
        return DataError(
            f"ir_datasets {self.name}: its {part} could not be read ({type(error).__name__}: {detail}); a file in "
            f"{self._folder} may be damaged: remove it and run again"
        )


def _is_about_fetching(error: Exception) -> bool:
    library = type(error).__module__.partition(".")[0]
    kind = type(error).__name__
    return (
        library in ("requests", "urllib3")
        or isinstance(error, ConnectionError | TimeoutError | FileNotFoundError)
        or kind == "HashVerificationError"
    )


def _shortened(text: str) -> str:
    """Cut a long message of a library between two words."""
    return text if len(text) <= 300 else f"{text[:300].rpartition(' ')[0]} ..."


def text_of(document: Any, fields: Sequence[str] | None, name: str) -> str:
    """Return a document's text: its default one, or the given fields joined by a space.

    Where the default is a title and a text, an empty title leaves no space behind, as with local files.
    """
    if fields is None:
        if not hasattr(document, "default_text"):
            raise DataError(
                f"ir_datasets {name}: its documents have no text of their own; choose fields with 'text' among "
                f"{listed(document._fields)}"
            )
        default = str(document.default_text())
        title, text = getattr(document, "title", None), getattr(document, "text", None)
        if isinstance(title, str) and isinstance(text, str) and default == f"{title} {text}":
            return " ".join(part for part in (title.strip(), text.strip()) if part)
        return default.strip()
    for wanted in fields:
        if wanted not in document._fields:
            raise DataError(
                f"ir_datasets {name}: documents have no field {wanted!r}; they have "
                f"{listed(document._fields)}"
            )
    parts = (str(getattr(document, wanted)).strip() for wanted in fields)
    return " ".join(part for part in parts if part)


def open_collection(
    name: str, fields: Sequence[str] | None = None, conditions: Conditions | None = None
) -> IrCollection:
    """Return a collection by its ir_datasets id.

    Raises DataError for one that is unknown or has no judgments.
    """
    import ir_datasets

    _install_gate()
    try:
        dataset = ir_datasets.load(name)
    except KeyError:
        known = list(ir_datasets.registry._registered)
        raise DataError(
            f"unknown ir_datasets id {name!r}{nearest(name, known)}; 'ir_datasets list' prints all of them"
        ) from None
    for part, present in (("queries", dataset.has_queries()), ("qrels", dataset.has_qrels())):
        if not present:
            with_part = [n for n in ir_datasets.registry._registered if n.startswith(f"{name}/")]
            hint = f"; try one of {listed(with_part[:8])}" if with_part else ""
            raise DataError(f"ir_datasets {name}: has no {part}{hint}")
    return IrCollection(name, dataset, fields, conditions)


_may_fetch: list[Callable[[str], None]] = []
_asked: list[Any] = []  # the download that ir_datasets asked for last, since the gate was set up


@contextmanager
def _gate(check: Callable[[str], None]) -> Iterator[None]:
    """While the block runs, ask ``check`` before any file is fetched."""
    _may_fetch.append(check)
    _asked.clear()
    try:
        yield
    finally:
        _may_fetch.pop()


@functools.cache
def _install_gate() -> None:
    """Let ir_datasets ask before each download.

    It has no offline switch, and only prints a data set's terms.
    """
    from ir_datasets import log
    from ir_datasets.util import download

    log.easy().logger().setLevel(logging.ERROR)  # what it would say is in our message
    for kind in (download.RequestsDownload, download.GoogleDriveDownload, download.GoogleCloudBucketStream):
        kind.stream = _asking_first(kind.stream)
    download.Download.path = _watched(download.Download.path, download.LocalDownload)


def _asking_first(stream: Callable[[Any], Any]) -> Callable[[Any], Any]:
    @functools.wraps(stream)
    def asking(self: Any) -> Any:
        for check in _may_fetch[-1:]:
            check(re.sub(r"\?.*", "", str(getattr(self, "url", getattr(self, "uri", "")))))
        return stream(self)

    return asking


def _watched(path: Callable[..., Any], by_hand: type) -> Callable[..., Any]:
    """Let it be known which download asks, and how a file that nobody may fetch is come by."""

    @functools.wraps(path)
    def watching(self: Any, force: bool = True) -> Any:
        _asked[:] = [self]
        try:
            return path(self, force)
        except FileNotFoundError as error:
            if _may_fetch and all(isinstance(mirror, by_hand) for mirror in self.mirrors):
                told = " ".join(str(getattr(self.mirrors[0], "_message", None) or "").split())
                raise _ByHandError(str(error), told) from None
            raise

    return watching


class _ByHandError(Exception):
    """A file that cannot be fetched, but has to be asked for: its place, and what ir_datasets says of how."""

    def __init__(self, place: str, told: str) -> None:
        super().__init__(place)
        self.place, self.told = place, told


def _place() -> str:
    """Say where a file goes by hand: where the download that asks looks for it."""
    for asking in _asked:
        places = [str(asking._cache_path)] if asking._cache_path else []
        if asking.expected_md5:
            places.append(f"{_home() / 'downloads' / asking.expected_md5} (a link will do)")
        if places:
            return f"put the file there as {' or '.join(places)}"
    return "put the files there"


def _home() -> Path:
    return Path(os.environ.get("IR_DATASETS_HOME", "~/.ir_datasets")).expanduser()
