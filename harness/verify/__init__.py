"""Verifying: a bundle's figures from its own tables and through a second engine; an installation's known
answers.

In a notebook::

    from harness.verify import verify_bundle

    verify_bundle("bundles/mine").mismatches   # empty where every figure can be recomputed
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from harness.compare.evidence import read_evidence
from harness.errors import BundleError, listed
from harness.measures.registry import parse
from harness.measures.sets import SET_MEASURES
from harness.results import bundle as bundles
from harness.results.bundle import Bundle
from harness.verify import engine
from harness.verify.ledger import Ledger, Mismatch, Verification
from harness.verify.recompute import check_aggregates, check_files, check_runs
from harness.verify.speed import check_timings

__all__ = ["Mismatch", "Verification", "verify_bundle"]


# A stored figure of 1e308 differs from what is made again; that it is large is no fault here.
@np.errstate(over="ignore")
def verify_bundle(given: Bundle | Path | str) -> Verification:
    """Recompute every figure of a bundle that its own tables and samples allow.

    Raises BundleError for a table or run that is missing or damaged, NotComparableError for an empty bundle,
    UsageError where the second engine is not installed.
    """
    # Taken as it is, so that all that differs can be named.
    bundle = bundles.read(given.path if isinstance(given, Bundle) else given, checked=False)
    ledger = Ledger()
    evidence = read_evidence(bundle)
    check_aggregates(bundle, evidence, ledger)
    if evidence.gold is None:
        used = engine.name([parse(text) for text in evidence.measures])
        check_runs(bundle, evidence, ledger)
    else:
        used = listed(dict.fromkeys(SET_MEASURES[name].second.name for name in evidence.measures))
    check_timings(bundle, ledger)
    check_files(bundle, ledger)
    if not ledger.checked:
        raise BundleError(f"{bundle.path}: holds nothing that could be recomputed")
    return Verification(
        str(bundle.path), used, ledger.checked, tuple(ledger.mismatches), tuple(ledger.not_checked)
    )
