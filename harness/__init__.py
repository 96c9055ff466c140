"""encoder-harness: evaluate bi-encoders, cross-encoders and two-stage search, quality and speed together.

The Python API has the command line's words::

    import harness

    bundle = harness.run("quickstart")
    bundle = harness.run(documents=..., queries=..., judgments=..., models={"minilm": model})
    bundle.summary          # a pandas frame: pipeline, measure, value, n, low, high
    bundle.frame("scores")  # any of the bundle's tables
    bundle.compare()        # and gate(policy), select(...), show(query), report()

Heavy libraries are imported when something is run, not here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from harness.python.bundle import Bundle

__version__ = "0.1.0"
__all__ = ["__version__", "load", "run", "score"]


def run(
    config: str | Path | Mapping[str, Any] | None = None,
    *,
    out: str | Path | None = None,
    overrides: Sequence[str] = (),
    offline: bool = False,
    documents: Any = None,
    queries: Any = None,
    judgments: Any = None,
    pairs: Any = None,
    measures: str | Sequence[str] | None = None,
    primary: str | None = None,
    **keys: Any,
) -> Bundle:
    """Run a config, given by name, path, mapping or keywords, and return its bundle.

    ``keys`` are those of a config (``suite``, ``models``, ``pipelines``, ``compare``, ``device``, ...); one stands in
    place of the same key of ``config``, but models and pipelines are put beside those of ``config``. In place of a
    model's name stands an object: a SentenceTransformer, CrossEncoder, SparseEncoder or MultiVectorEncoder, what has
    the methods of a Protocol of ``harness.models.protocols``, a function ``texts -> array [n_texts, dimension]``, or
    ``{"cross_encoder": function}`` of ``pairs -> array [n_pairs]``. Without ``pipelines`` there is BM25, a
    search by each encoder, and each cross-encoder over the first of them.

    ``documents`` and ``queries`` (id and text), ``judgments`` (query, document, grade) and ``pairs`` (two sentences and
    a score) are frames, lists of records or rows, or mappings; ``measures``, the first deciding unless ``primary``
    says, go with them. ``overrides`` are ``"key.inner=value"`` texts. Raises HarnessError.
    """
    from harness.plan import running
    from harness.python import bundle, call

    data = {"documents": documents, "queries": queries, "judgments": judgments, "pairs": pairs}
    loaded = call.configured(config, overrides, {**data, "measures": measures, "primary": primary, **keys})
    options = running.RunOptions(Path(out) if out else None, offline)
    return bundle.Bundle.of(running.run(loaded, options))


def score(
    suite: str | Path,
    *runs: str | Path,
    out: str | Path | None = None,
    measures: Sequence[str] | None = None,
) -> Bundle:
    """Score TREC run files against a suite's judgments, or a file of judgments, and return the bundle.

    ``measures`` go with a file of judgments, the first deciding. Raises HarnessError.
    """
    from harness.plan import running
    from harness.plan.judged import judged_by
    from harness.python import bundle

    options = running.RunOptions(Path(out) if out else None)
    made = running.score(judged_by(suite, measures), [Path(path) for path in runs], options)
    return bundle.Bundle.of(made)


def load(bundle: str | Path) -> Bundle:
    """Read a bundle. Raises BundleError."""
    from harness.python.bundle import Bundle
    from harness.results import bundle as reading

    return Bundle.of(reading.read(bundle))
