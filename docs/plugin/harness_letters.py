"""An example of plug-ins: how good the first result is, a model that counts letters, a section on the page."""

import numpy as np

from harness.measures.families.row import Ranked
from harness.measures.second import Loop
from harness.report.blocks.base import Prose, Section


def top_grade(graded, measure):
    """The first result's grade, 0 where it is unjudged; one score a query."""
    first = graded.rank == 1
    scores = np.zeros(len(graded))
    scores[graded.query[first]] = np.maximum(graded.grades[first], 0)
    return scores


def by_hand(grades, judged, measure):
    """The same for one query, word by word: what 'harness verify' holds it to."""
    return float(max(grades[0], 0)) if grades else 0.0


TOP_GRADE = Ranked(
    "top_grade", "grade of the first result", top_grade, Loop(by_hand), "this example", "none", False
)


class Letters:
    """Texts by how often each letter occurs in them."""

    similarity = "cosine"

    def encode(self, texts, role):
        letters = [
            [text.lower().count(letter) + 1e-3 for letter in "abcdefghijklmnopqrstuvwxyz"] for text in texts
        ]
        return np.asarray(letters, dtype=np.float32).reshape(len(texts), 26)


def section(view):
    """A section of the page; None where a bundle holds nothing for it."""
    if "top_grade" not in view.measures:
        return None
    grades = (f"{one.name}: {one.measures['top_grade'].value:.2f}" for one in view.pipelines)
    return Section("letters", "The first result", ("Its mean grade, by pipeline.",), (Prose(tuple(grades)),))
