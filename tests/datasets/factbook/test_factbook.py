"""The embedded corpus: counts, splits, judgments, English and determinism."""

import hashlib
import itertools
import json
import os
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from harness.datasets import factbook
from harness.datasets.factbook import domains, english, render
from harness.datasets.factbook.corpus import sources
from harness.datasets.factbook.model import Fact
from harness.datasets.factbook.phrasing import culture, geography, nature, people
from harness.datasets.factbook.questions import questions
from harness.datasets.factbook.splits import entities_in, split_of

DIGEST = "a257b16b25987d9af7b5fccb6eca3c66c27ee5f7240322fc95536d582c77e135"

ROOT = Path(__file__).parents[3]
SPLITS = factbook.SPLITS
FAULTS = re.compile(r"\b(the the|a a|of of|in in|is is|s's's)\b|\.\.|\s[,;?]|\s\.(?![a-z])")
PLACEHOLDER = re.compile(r"[{}|]|(?<!There Were )\bNone\b")


def sentences() -> list[str]:
    texts = [passage.text for passage in factbook.passages()]
    for split in SPLITS:
        texts += [query.text for query in factbook.queries(split)]
        texts += [text for pair in factbook.pairs(split) for text in (pair.first, pair.second)]
        texts += [text for item in factbook.inferences(split) for text in (item.premise, item.hypothesis)]
    return texts


def grades(split: str) -> dict[str, dict[str, int]]:
    found: dict[str, dict[str, int]] = {query.id: {} for query in factbook.queries(split)}
    for judgment in factbook.judgments(split):
        assert judgment.passage_id not in found[judgment.query_id], "judged twice"
        found[judgment.query_id][judgment.passage_id] = judgment.grade
    return found


def spoken(fact: Fact) -> set[str]:
    """Every sentence by which a passage may state a fact, made afresh from table and templates."""
    made = set()
    for template in fact.attribute.lines("say"):
        text = render.statement(template, fact.entity, fact.attribute)
        if text is not None:
            made |= {text, render.follow_up(text, fact.entity)}
    return made


def test_sizes() -> None:
    passages = list(factbook.passages())
    assert 5000 <= len(passages) <= 8000
    assert len(domains.entities()) >= 400
    assert len(domains.facts()) >= 5 * len(domains.entities())
    assert len(factbook.queries("train")) >= 1500
    assert len(factbook.queries("dev")) >= 150
    assert 300 <= len(factbook.queries("test")) <= 420
    assert sum(len(factbook.pairs(split)) for split in SPLITS) >= 1000
    assert len(factbook.inferences("train")) >= 3000
    words = [len(passage.text.split()) for passage in passages]
    assert max(words) <= 60
    assert sum(count >= 15 for count in words) > 0.6 * len(words)


def test_ids_and_texts_are_unique() -> None:
    passages = list(factbook.passages())
    assert [passage.id for passage in passages] == sorted({passage.id for passage in passages})
    assert len({passage.text for passage in passages}) == len(passages)
    assert all(re.fullmatch(r"fb-[a-z0-9-]+-[a-z]+-\d", passage.id) for passage in passages)
    for split in SPLITS:
        for rows in (factbook.queries(split), factbook.pairs(split), factbook.inferences(split)):
            assert len({row.id for row in rows}) == len(rows)
        assert len({query.text for query in factbook.queries(split)}) == len(factbook.queries(split))


def test_tables_and_phrasing_fit() -> None:
    for domain in domains.DOMAINS:
        assert all(len(row) == len(domain.columns) for row in domain.rows), domain.key
        names = [row[0] for row in domain.rows]
        assert len(set(names)) == len(names), domain.key
        keys = {attribute.key for attribute in domain.attributes}
        assert keys <= set(domain.columns), domain.key
        for attribute in domain.attributes:
            assert attribute.key not in attribute.close
            assert set(attribute.close) <= keys | {"deathplace"}, (domain.key, attribute.key)
            assert len(attribute.lines("say")) >= 3
            assert attribute.lines("ask")
            assert attribute.lines("ask_held")
            assert not set(attribute.lines("ask")) & set(attribute.lines("ask_held"))


def test_splits_share_no_entity() -> None:
    keys = [{entity.key for entity in entities_in(split)} for split in SPLITS]
    for first, second in itertools.combinations(keys, 2):
        assert not first & second
    assert sum(map(len, keys)) == len(domains.entities())
    shares = [len(part) / len(domains.entities()) for part in keys]
    assert shares == pytest.approx([0.60, 0.15, 0.25], abs=0.02)
    for split in SPLITS:
        assert {split_of()[asked.fact.entity.key] for asked in questions(split)} == {split}


def test_a_book_shares_its_authors_split() -> None:
    by_name = {entity.name: entity for entity in domains.entities()}
    books = [entity for entity in domains.entities() if entity.domain.key == "books"]
    followed = [book for book in books if book.values["author"] in by_name]
    assert len(followed) > 20
    for book in followed:
        assert split_of()[book.key] == split_of()[by_name[str(book.values["author"])].key]


@pytest.mark.parametrize("split", SPLITS)
def test_every_positive_is_judged(split: str) -> None:
    texts = {passage.id: passage.text for passage in factbook.passages()}
    about: dict[str, list[str]] = {}
    for source in sources():
        about.setdefault(source.entity, []).append(source.id)
    judged = grades(split)
    for asked in questions(split):
        own = about[asked.fact.entity.key]
        told = {name for name in own if any(text in texts[name] for text in spoken(asked.fact))}
        assert told, asked
        assert {name for name in own if judged[asked.id][name] >= 2} == told, asked
        assert set(own) <= judged[asked.id].keys()
        assert any(grade == 0 for grade in judged[asked.id].values())
        for name in told:
            others = [
                fact
                for fact in domains.facts_by_entity()[asked.fact.entity.key]
                if fact.key != asked.fact.key and any(text in texts[name] for text in spoken(fact))
            ]
            assert judged[asked.id][name] == (2 if others else 3), (asked, name)


def test_statements_of_other_tables_are_judged() -> None:
    expected = {
        "books/moby-dick/author": "writers/herman-melville/works",
        "writers/herman-melville/works": "books/moby-dick/author",
        "countries/japan/capital": "cities/tokyo/country",
        "countries/japan/peak": "mountains/mount-fuji/country",
        "cities/london/sight": None,
        "landmarks/tower-bridge/city": "cities/london/sight",
    }
    for key, other in expected.items():
        assert (other is None) == (key not in domains.linked())
        if other is not None:
            assert other in domains.linked()[key]
    for split in SPLITS:
        judged = grades(split)
        for asked in questions(split):
            implied = {key for key, others in domains.linked().items() if asked.fact.key in others}
            for source in sources():
                if implied & source.states:
                    assert judged[asked.id][source.id] == 2


def test_grades_are_in_range_and_varied() -> None:
    for split in SPLITS:
        counts = Counter(judgment.grade for judgment in factbook.judgments(split))
        assert set(counts) == {0, 1, 2, 3}
        texts = {passage.id for passage in factbook.passages()}
        assert {judgment.passage_id for judgment in factbook.judgments(split)} <= texts


def test_test_questions_are_partly_in_new_wordings() -> None:
    phrasings = [group for module in (geography, nature, people, culture) for group in vars(module).values()]
    held = [
        line.partition("{q}")[0]
        for group in phrasings
        if isinstance(group, tuple)
        for attribute in group
        for line in attribute.lines("ask_held")
    ]
    starts = tuple(start for start in set(held) if len(start) > 12)
    share = {
        split: sum(query.text.startswith(starts) for query in factbook.queries(split))
        / len(factbook.queries(split))
        for split in SPLITS
    }
    assert share["test"] > 0.2
    assert share["test"] > 2 * share["train"]


def test_similarities_cover_the_scale() -> None:
    for split in SPLITS:
        scores = Counter(pair.score for pair in factbook.pairs(split))
        assert set(scores) >= {0.0, 0.5, 1.0, 1.5, 2.0, 2.5, 3.0, 3.5, 4.0, 4.5, 5.0}
        assert all(pair.first != pair.second for pair in factbook.pairs(split))


def test_labels() -> None:
    for split in SPLITS:
        labels = Counter(item.label for item in factbook.inferences(split))
        assert set(labels) == {"entailment", "neutral", "contradiction"}
        assert min(labels.values()) > 0.2 * sum(labels.values())
        pairs = [(item.premise, item.hypothesis) for item in factbook.inferences(split)]
        assert len(set(pairs)) == len(pairs)


def test_english() -> None:
    for text in sentences():
        assert not PLACEHOLDER.search(text), text
        assert "  " not in text, text
        assert text == text.strip()
        assert text[0].isupper() or text[0].isdigit(), text
        assert text[-1] in ".?", text
        assert not re.search(r"(?i)\ba (?!one|eu)[aeio]\w|\ba u[lmn](?!i)", text), text
        assert not re.search(r"\ban [bcdfgjklmnpqrstvwxyz]", text), text
        assert not FAULTS.search(text), text


def test_english_helpers() -> None:
    assert [english.indefinite(word) for word in ("apple", "European", "hour", "Italian", "unit")] == [
        "an apple", "a European", "an hour", "an Italian", "a unit",
    ]  # fmt: skip
    assert [english.ordinal(number) for number in (1, 2, 3, 11, 21)] == ["1st", "2nd", "3rd", "11th", "21st"]
    assert [english.century(year) for year in (1600, 1601, 1900, 2001)] == ["16th", "17th", "19th", "21st"]
    assert [english.floor_below(number) for number in (8849, 4000, 83, 38, 10, 5, 3.7)] == [
        8000, 3000, 80, 30, 9, 4, 3,
    ]  # fmt: skip
    assert [english.rounded(number) for number in (29032, 346.4, 9.87, 0.123)] == [29000, 350, 9.9, 0.12]
    assert [english.plural(noun) for noun in ("grey wolf", "red fox", "clownfish", "butterfly")] == [
        "grey wolves", "red foxes", "clownfish", "butterflies",
    ]  # fmt: skip
    assert english.possessive("Berlin") == "Berlin's"
    assert english.possessive("the Netherlands", plural=True) == "the Netherlands'"


def test_unknown_split_is_refused() -> None:
    with pytest.raises(ValueError, match="unknown split"):
        factbook.queries("validation")


def test_digest_is_pinned() -> None:
    assert factbook.digest() == DIGEST, "the corpus changed: raise VERSION and pin the new digest"


def test_digest_covers_what_is_served() -> None:
    lines = hashlib.sha256()
    for passage in factbook.passages():
        lines.update((json.dumps(["passage", *passage], separators=(",", ":")) + "\n").encode())
    for split in SPLITS:
        for kind, rows in (
            ("query", factbook.queries(split)),
            ("judgment", factbook.judgments(split)),
            ("pair", factbook.pairs(split)),
            ("inference", factbook.inferences(split)),
        ):
            for row in rows:
                lines.update((json.dumps([f"{kind}/{split}", *row], separators=(",", ":")) + "\n").encode())
    assert lines.hexdigest() == factbook.digest()


@pytest.mark.parametrize("seed", ["1", "4711"])
def test_a_fresh_interpreter_makes_the_same(seed: str) -> None:
    code = "from harness.datasets import factbook; print(factbook.digest())"
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == factbook.digest()
