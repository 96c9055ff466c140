"""A retrieval task of MTEB."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from harness.config import LoadedSuite
from harness.datamodel import Document, Qrels, Query, Run
from harness.datasets import mteb_tasks
from harness.datasets.corpus import MemoryCorpus
from harness.datasets.retrieval.kinds.kind import CollectionKind, CollectionSettings, Loaded, Wanted
from harness.errors import DataError

_KINDS = ("Retrieval", "Reranking", "InstructionRetrieval", "InstructionReranking")


class _Settings(CollectionSettings):
    """A task's name, or its class in a file beside the suite; which split and subset, and the revision it must have."""

    mteb: str
    split: str | None = None
    subset: str | None = None
    revision: str | None = None


def document_text(row: Mapping[str, Any]) -> str:
    """A document's text as MTEB gives it to a model: its title, a space and its text, without space around them."""
    title = row.get("title") or ""
    return f"{title} {row['text']}".strip() if title else str(row["text"]).strip()


def query_text(row: Mapping[str, Any], name: str) -> str:
    """A query's text as MTEB gives it to a model: with the instruction behind it, where it has one.

    Raises DataError for conversations.
    """
    text = row["text"]
    if not isinstance(text, str):
        raise DataError(f"{name}: its queries are conversations, and not texts; such tasks are not read here")
    instruction = row.get("instruction")
    return f"{text} {instruction}" if instruction else text


def _load(source: _Settings, suite: LoadedSuite, wanted: Wanted) -> Loaded:
    part = mteb_tasks.part_of(
        suite, source.model_dump(include={"mteb", "split", "subset", "revision"}), _KINDS
    )
    task, rows = part.task, part.rows
    if getattr(task, "skip_first_result", False):
        raise DataError(
            f"suite {suite.name}: MTEB drops the first result of each query of {task.metadata.name}, whatever it is; "
            "there is no such measure here"
        )
    if getattr(task, "ignore_identical_ids", False) and not source.exclude_self:
        raise suite.fail(
            f"MTEB leaves a query's own document out in {task.metadata.name}; write 'exclude_self: true' here",
            "dataset",
        )
    judged = {query: found for query, found in rows["relevant_docs"].items() if found}
    return Loaded(
        queries=tuple(Query(str(row["id"]), query_text(row, task.metadata.name)) for row in rows["queries"]),
        qrels=Qrels.from_dict(judged),
        corpus=MemoryCorpus(_documents(rows["corpus"]), task.metadata.name) if wanted.text else None,
        candidates=_candidates(rows.get("top_ranked")) if wanted.candidates else None,
        notes=(part.note, *_prompts(task)),
    )


def _documents(corpus: Any) -> Iterator[Document]:
    return (Document(str(row["id"]), document_text(row)) for row in corpus)


def _candidates(top_ranked: Mapping[str, Any] | None) -> Run | None:
    """What a reranking task gives to rerank. It has no scores, so all of them are to be taken."""
    if not top_ranked:
        return None
    return Run.from_dict({query: dict.fromkeys(documents, 0.0) for query, documents in top_ranked.items()})


def _prompts(task: Any) -> Iterator[str]:
    """Say which prompts MTEB would give a model that takes instructions: here a config says a model's."""
    prompt = task.metadata.prompt
    named = {"query": prompt} if isinstance(prompt, str) else dict(prompt or {})
    if named:
        told = ", ".join(f"{role}: {text!r}" for role, text in named.items())
        yield f"MTEB gives a model that takes instructions the prompts {told}; a config says them under 'prompts'"


KIND = CollectionKind("mteb", "{mteb: TASK}", _Settings, _load)
