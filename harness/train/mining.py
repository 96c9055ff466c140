"""Hard negatives: what the base, as a bi-encoder, finds near a text and is not one of its positives."""

from __future__ import annotations

from collections.abc import Sequence

from harness.errors import DataError
from harness.models.protocols import BiEncoder
from harness.train.objectives import Mining, Objective
from harness.train.shaping import Shaped


def mined(shaped: Shaped, said: Mining, objective: Objective, encoder: BiEncoder) -> Shaped:
    """Return positive pairs with their hard negatives, as the objective takes them.

    Pairs are positive where they have no label, or one of 0.5 or more. The pool of negatives is every second text.
    A bi-encoder's objective gets a third column, a cross-encoder's pairs labelled 0. Raises DataError.
    """
    pairs = _positives(shaped)
    pool = list(dict.fromkeys(second for _, second in pairs))
    right: dict[str, set[str]] = {}
    for first, second in pairs:
        right.setdefault(first, set()).add(second)
    found = nearest(list(right), pool, said.depth, encoder)
    hard = {
        first: [text for text in near[said.skip :] if text not in right[first] and text != first][
            : said.negatives
        ]
        for first, near in found.items()
    }
    if objective.name in ("triplet", "contrastive"):
        rows = [(first, second, negative) for first, second in pairs for negative in hard[first]]
        if not rows:
            raise DataError(_nothing(len(pairs), said))
        return Shaped(tuple(zip(*rows, strict=True)))
    labelled = [(first, second, 1.0) for first, second in pairs]
    labelled += [(first, negative, 0.0) for first in right for negative in hard[first]]
    if len(labelled) == len(pairs):
        raise DataError(_nothing(len(pairs), said))
    firsts, seconds, labels = zip(*labelled, strict=True)
    return Shaped((firsts, seconds), labels)


def nearest(
    asked: Sequence[str], pool: Sequence[str], depth: int, encoder: BiEncoder
) -> dict[str, list[str]]:
    """Return for each text the ``depth`` texts of the pool nearest to it, best first."""
    import pyarrow as pa

    from harness.search import exact
    from harness.search.topk import id_ranks

    vectors, queries = encoder.encode(list(pool), "document"), encoder.encode(list(asked), "query")
    ranks = id_ranks(pa.array([f"{i:09}" for i in range(len(pool))]))
    top = exact.search(queries, [vectors], encoder.similarity, min(depth, len(pool)), ranks)
    return {text: [pool[i] for i in row] for text, (row, _) in zip(asked, top, strict=True)}


def _positives(shaped: Shaped) -> list[tuple[str, str]]:
    labels = shaped.labels or (1.0,) * len(shaped)
    firsts, seconds = shaped.columns[:2]
    return [(u, v) for u, v, label in zip(firsts, seconds, labels, strict=True) if label >= 0.5]


def _nothing(n_pairs: int, said: Mining) -> str:
    return (
        f"mining: among the {said.depth} nearest texts of {n_pairs:,} positive pairs there is no negative after the "
        f"first {said.skip}; raise depth, or lower skip"
    )
