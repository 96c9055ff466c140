"""How much of one run's first results another holds: an approximate search's recall against the exact one."""

from __future__ import annotations

import numpy as np

from harness.datamodel import Floats, Run


def overlap(run: Run, exact: Run, depth: int) -> Floats:
    """Return, for each query of ``exact``, the share of its first ``depth`` results among the run's, [n_queries].

    A query for which ``exact`` has no results counts 1: there is nothing to miss.
    """
    found, wanted = run.select(exact.query_ids).top(depth), exact.top(depth)
    shares = np.ones(len(exact))
    for i, query in enumerate(exact.query_ids):
        theirs = {doc for doc, _ in wanted.results(query)}
        if theirs:
            shares[i] = len(theirs & {doc for doc, _ in found.results(query)}) / len(theirs)
    return shares
