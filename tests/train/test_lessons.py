"""Training pairs: what stands in a group, in a batch, and in which order."""

from __future__ import annotations

import itertools
from collections import defaultdict

import pytest

from harness.datasets import factbook
from harness.train.lessons import Lesson, Material, Pair, schedule

BATCH = 12


@pytest.fixture(scope="module")
def material() -> Material:
    """The dev split, with candidates that need no model: the first judged passages, right ones among them."""
    grades: dict[str, dict[str, int]] = defaultdict(dict)
    for judgment in factbook.judgments("dev"):
        grades[judgment.query_id][judgment.passage_id] = judgment.grade
    questions = [
        (q.id, q.text) for q in factbook.queries("dev") if max(grades[q.id].values(), default=0) >= 2
    ]
    texts = {passage.id: passage.text for passage in factbook.passages()}
    return Material(texts, questions, grades, {q: list(grades[q]) for q, _ in questions})


@pytest.mark.parametrize("negatives", ["random", "judged", "mined"])
def test_each_batch_holds_whole_groups_of_one_answer_and_wrong_passages(
    material: Material, negatives: str
) -> None:
    lesson = Lesson(negatives=negatives)
    pairs = schedule(material, [lesson], BATCH, seed=0)
    ids = {text: passage for passage, text in material.texts.items()}
    by_text = {text: query for query, text in material.questions}
    assert pairs
    assert len(pairs) % BATCH == 0
    for start in range(0, len(pairs), lesson.group_size):
        group = pairs[start : start + lesson.group_size]
        assert len({pair.query for pair in group}) == 1
        assert [pair.label for pair in group] == [1.0] + [0.0] * (lesson.group_size - 1)
        grades = material.grades[by_text[group[0].query]]
        assert grades[ids[group[0].passage]] >= 2
        if negatives != "random":
            assert all(grades.get(ids[pair.passage], 0) == 0 for pair in group[1:])


def test_lessons_come_in_order_and_take_as_many_questions_as_they_say(material: Material) -> None:
    first, second = Lesson(negatives="random", questions=12), Lesson(negatives="judged", questions=8)
    pairs = schedule(material, [first, second], BATCH, seed=0)
    assert len(pairs) == 12 * 2 + 8 * 3
    assert [pair.label for pair in pairs[:4]] == [1.0, 0.0, 1.0, 0.0]
    assert [pair.label for pair in pairs[24:30]] == [1.0, 0.0, 0.0] * 2


def test_a_seed_decides_everything(material: Material) -> None:
    lessons = [Lesson(negatives="mined", questions=40)]
    assert schedule(material, lessons, BATCH, 3) == schedule(material, lessons, BATCH, 3)
    assert schedule(material, lessons, BATCH, 3) != schedule(material, lessons, BATCH, 4)


def test_a_random_lesson_may_have_two_wrong_passages_so_that_groups_fill_a_batch(material: Material) -> None:
    lesson = Lesson(negatives="random", questions=15, wrong=2)
    pairs = schedule(material, [lesson], 15, seed=0)
    assert lesson.group_size == 3
    assert [pair.label for pair in pairs] == [1.0, 0.0, 0.0] * 15
    with pytest.raises(ValueError, match="judged negatives are two"):
        Lesson(negatives="judged", wrong=1)


def test_pairs_of_like_length_come_into_one_batch(material: Material) -> None:
    pairs = schedule(
        material, [Lesson(negatives="judged", questions=100)], BATCH, 0, lambda text: len(text.split())
    )

    def longest(group: list[Pair]) -> int:
        return max(len(pair.query.split()) + len(pair.passage.split()) for pair in group)

    batches = [pairs[i : i + BATCH] for i in range(0, len(pairs), BATCH)]
    spans = []
    for batch in batches:
        sizes = [longest(batch[i : i + 3]) for i in range(0, BATCH, 3)]
        spans.append((min(sizes), max(sizes)))
    for (_, high), (low, _) in itertools.pairwise(sorted(spans)):
        assert high <= low  # sorted by length, then cut
