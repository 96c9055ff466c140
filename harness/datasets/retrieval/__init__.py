"""Retrieval data: a corpus, queries, judgments and, where a data set has them, candidates."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from harness.config import LoadedSuite
from harness.datasets.retrieval import checked, described, narrowed
from harness.datasets.retrieval.data import Given, RetrievalData
from harness.datasets.retrieval.kinds import Wanted, load_parts, source_of
from harness.errors import DataError


def load(
    suite: LoadedSuite, *, need_text: bool, given: Sequence[Given] = (), search: bool = True
) -> RetrievalData:
    """Load a retrieval suite's data.

    With ``need_text`` false, only judgments (and query texts where there are any) are read: enough to score
    existing runs. With ``search`` false, every first stage is among ``given``: where documents can be had by
    id, only the candidates' are, and the collection is never read through. Raises DataError or ConfigError.
    """
    source = source_of(suite)
    own = any(stage.run is None for stage in given)
    found = load_parts(source, suite, Wanted(need_text, own))
    if own and found.candidates is None:
        raise DataError(
            f"suite {suite.name}: its data set has no candidates of its own; choose 'candidates: bm25', 'all' "
            "or a run file"
        )
    data = checked.judged(found, suite)
    checked.check_candidates(suite, data, given)
    checked.check_order(suite, data.candidates, given)
    sample = source.sample
    if sample is not None:
        if given:
            raise suite.fail(
                "'sample' is for searching; candidates that are given need none: leave it out",
                "dataset",
                "sample",
            )
        data = narrowed.sampled(data, sample, suite)
    elif not search and need_text and found.passages is not None:
        ids = narrowed.candidate_ids(data, given, extra=int(source.exclude_self))
        part = f"only the {len(ids):,} documents that are candidates were read; the digest covers these alone"
        data = replace(data, corpus=found.passages(ids), part=part)
    data = replace(data, exclude_self=source.exclude_self, max_tokens=source.max_tokens)
    return described.with_corpus(data, suite)


__all__ = ["Given", "RetrievalData", "load", "source_of"]
