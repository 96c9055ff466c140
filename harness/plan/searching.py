"""The steps of a retrieval suite: searches, and the reranking of what they found."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, cast

from harness.datamodel import Query, Run
from harness.datasets import trec
from harness.datasets.corpus import Corpus
from harness.datasets.retrieval import RetrievalData
from harness.pipelines import Collection, Reranker, retrieve
from harness.plan import ann, searches
from harness.plan.searches import Search
from harness.plan.workbench import Workbench
from harness.search.topk import TILE
from harness.tasks.base import BuildIndex, Candidates, ReadRun, Rerank, Retrieve, Step


def search(bench: Workbench, steps: Sequence[Step], data: RetrievalData) -> Iterator[tuple[Step, Any]]:
    """Do the steps of a retrieval suite; searches come before the reranking of what they found."""
    return _Searching(bench, data).do(steps)


@dataclass(frozen=True)
class _Searching:
    bench: Workbench
    data: RetrievalData

    @cached_property
    def collection(self) -> Collection:
        return Collection(cast(Corpus, self.data.corpus))

    def do(self, steps: Sequence[Step]) -> Iterator[tuple[Step, Any]]:
        results: dict[Step, Any] = {}
        for step in steps:
            if isinstance(step, ReadRun):
                results[step] = trec.read_run(self.bench.config.folder / step.path)
            elif isinstance(step, BuildIndex):
                results[step] = ann.facts(self.bench, step.source, step.build, self.collection)
            elif isinstance(step, Retrieve):
                results[step] = self._retrieved(step)
            elif isinstance(step, Candidates):
                results[step] = self._first_stage(step)
            if step in results:
                yield step, results[step]
        for step in steps:
            if isinstance(step, Rerank):
                reranker = Reranker(
                    self.bench.scorer(step.model), step.model, self.collection, self.bench.progress
                )
                runs = [results[stage].top(depth) for stage, depth in step.candidates]
                yield step, reranker.score(self._queries, runs)

    def _retrieved(self, step: Retrieve) -> Run:
        bench, data = self.bench, self.data
        bench.budget.reserve(
            len(self._queries) * (step.depth + TILE) * 8, f"searching {step.source} to depth {step.depth}"
        )
        source = ann.source_key(bench, step) if bench.store is not None else None
        search = None
        if source is not None:
            corpus = self.collection.corpus.contents.sha256
            search = Search(source, corpus, self._queries, step.depth, data.exclude_self)
        counted = None
        if not bench.is_bm25(step.source):
            shelf = bench.shelf(step.source)
            counted = None if shelf is None else (bench.ledger, shelf.tally)
        return searches.through(
            bench.store, search, self.collection, counted, lambda: self._first_stage(step)
        )

    def _first_stage(self, step: Retrieve | Candidates) -> Run:
        retriever = self.bench.retriever(step, self.collection, self.data.candidates)
        return retrieve(retriever, self._queries, step.depth, exclude_self=self.data.exclude_self)

    @property
    def _queries(self) -> tuple[Query, ...]:
        return self.data.queries
