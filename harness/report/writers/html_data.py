"""The per-query data of the page: small integers and a dictionary of values, deflated, in base64."""

from __future__ import annotations

import base64
import json
import zlib

import numpy as np

from harness.report.model import PerQuery, ReportView
from harness.text import in_markup, visible

#: Decimals of a score in the page; what is told apart there differs by more.
DECIMALS = 5


def packed_queries(view: ReportView) -> str | None:
    """Return the data as text of letters, digits, ``+/=`` alone; None without per-query scores."""
    part = view.per_query
    if part is None:
        return None
    text = json.dumps(content(view, part), ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return base64.b64encode(zlib.compress(text.encode(), 6)).decode()


def content(view: ReportView, part: PerQuery) -> dict[str, object]:
    """What the page's script reads.

    ``codes[pipeline][measure][query]`` is a place in ``values``; a detail is [query, for each pipeline [document,
    grade or -1, score, document, ...]].
    """
    values, codes = np.unique(np.round(part.values, DECIMALS), return_inverse=True)
    details = [
        [
            detail.query,
            [
                [
                    x
                    for hit in detail.hits.get(name, ())
                    for x in (hit.document, -1 if hit.grade is None else hit.grade, _short(hit.score))
                ]
                for name in part.pipelines
            ],
        ]
        for detail in part.details
    ]
    return {
        "pipelines": [visible(name) for name in part.pipelines],
        "measures": part.measures,
        "primary": part.measures.index(view.primary) if view.primary in part.measures else 0,
        "start": _start(view, part),
        "ids": [visible(name) for name in part.ids],
        "texts": [in_markup(text) for text in part.texts],
        "relevant": None if part.relevant is None else part.relevant.tolist(),
        "values": values.tolist(),
        "codes": codes.reshape(part.values.shape).tolist(),
        "details": details,
        "documents": [visible(name) for name in part.documents],
        "texts_of": [in_markup(text) for text in part.document_texts],
        "cut": list(part.cut) if any(part.cut) else [],
    }


def _short(score: float) -> float:
    return float(f"{score:.5g}")


def _start(view: ReportView, part: PerQuery) -> list[int]:
    """The two pipelines shown first: the recommended one, and what it was declared to be compared with."""
    names = list(part.pipelines)
    first = view.answer.recommended if view.answer.recommended in names else names[0]
    declared = [
        row.second if row.first == first else row.first
        for row in view.comparisons
        if first in (row.first, row.second)
    ]
    ranked = sorted(
        (name for name in names if name != first),
        key=lambda name: -(view.pipeline(name).measures[view.primary].value or 0.0),
    )
    second = next(iter([*declared, *ranked]), first)
    return [names.index(first), names.index(second)]
