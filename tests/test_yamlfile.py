"""YAML from anywhere: within bounds, each value in its type's range, and one message with file and line."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from harness import locate, yamlfile
from harness.config import load_config, load_suite
from harness.errors import ConfigError, HarnessError
from harness.policy import load_policy
from harness.tasks import steps_for, task_of
from harness.train import recipe

SUITE = "task: retrieval\nversion: 1\ndataset: {qrels: q.txt}\nmeasures: [ndcg@10]\nprimary: ndcg@10\n"
CONFIG = "suite: s.yaml\nseed: 1\npipelines:\n  one: {retrieve: bm25, depth: 10}\n"
POLICY = "quality:\n  ndcg@10: {rule: golden}\nalpha: 0.05\n"
LAUGHS = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{b}: &{b} [{', '.join([f'*{a}'] * 9)}]\n" for a, b in zip("abcdefgh", "bcdefghi", strict=True)
)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (LAUGHS, r":\d+: stands for more than 50,000 values; are there aliases of aliases"),
        ("a: &a [1, *a]\n", ":1: nested deeper than 40 levels, or an alias that holds itself"),
        ("a: &a {b: *a}\n", ":1: nested deeper than 40 levels, or an alias that holds itself"),
        ("a: " + "[" * 39 + "]" * 39 + "\n", ""),
        ("a: " + "[" * 50 + "]" * 50 + "\n", ":1: nested deeper than 40 levels"),
        ("a: " + "[" * 2_000 + "\n", ": nested deeper than 40 levels"),
        ("a: " + "{a: " * 2_000 + "\n", ": nested deeper than 40 levels"),
        ("\nb: " + "9" * 30 + "\n", ":2: '9{30}' is too large a number"),
        ("b: " + "9" * 5000 + "\n", ":1: '9+...' is no whole number"),
        ("b: 0x" + "f" * 5000 + "\n", ":1: '0xf+...' is too large a number"),
        ("b: -9223372036854775809\n", ":1: .* is too large a number"),
        ('b: "\\ud800"\n', ":1: holds half a surrogate pair"),
        ('"\\udfff": 1\n', ":1: holds half a surrogate pair"),
        ("b: !!bool abc\n", ":1: 'abc' is no true or false"),
        ("b: !!int abc\n", ":1: 'abc' is no whole number"),
        ("b: !!float abc\n", ":1: 'abc' is no number"),
        ("b: !!binary abc\n", ":1: YAML tag 'tag:yaml.org,2002:binary' is not allowed"),
        (
            "b: !!python/object:os.system {}\n",
            ":1: YAML tag 'tag:yaml.org,2002:python/object:os.system' is not",
        ),
        ("b: !!set {a}\n", ":1: YAML tag .*set' is not allowed"),
        ("b: !mine [1]\n", ":1: YAML tag '!mine' is not allowed"),
        ("? [1, 2]\n: 3\n", ":1: a key must be a word"),
        ("a: 1\nb: *c\n", ":2: not valid YAML: found undefined alias"),
        ("a: \x01\n", ": not valid YAML"),
        ("a: 1\n---\nb: 2\n", ":2: not valid YAML: but found another document"),
        ("# " + "x" * 300_000, ": is larger than 256 KiB"),
        ("- a\n", ": is not a mapping"),
        ("", ": is empty"),
    ],
)
def test_hostile_yaml_is_refused_by_line(tmp_path: Path, text: str, says: str) -> None:
    path = tmp_path / "x.yaml"
    path.write_text(text)
    if not says:
        yamlfile.read(path)
        return
    with pytest.raises(ConfigError) as caught:
        yamlfile.read(path)
    assert re.match(re.escape(str(path)) + says, str(caught.value))
    assert len(str(caught.value).splitlines()) == 1


def test_ordinary_values_stay_as_they_are(tmp_path: Path) -> None:
    (tmp_path / "x.yaml").write_text(
        "base: &base {a: 1}\nagain: *base\nhex: 0x10\nlong: -9223372036854775807\ndate: 2024-01-01\nno: null\nyes: true\n"
    )
    assert yamlfile.read(tmp_path / "x.yaml").content == {
        "base": {"a": 1}, "again": {"a": 1}, "hex": 16, "long": -9223372036854775807, "date": "2024-01-01", "no": None,
        "yes": True,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("depth: 10", "depth: true", "c.yaml:4: pipelines.one.depth must be a whole number, not True"),
        ("depth: 10", "depth: 3000000000", "c.yaml:4: pipelines.one.depth should be less than or equal to 2147483646"),
        ("seed: 1", "seed: -1", "c.yaml:2: seed should be greater than or equal to 0, not -1"),
        ("seed: 1", "seed: true", "c.yaml:2: seed must be a whole number, not True"),
        ("seed: 1", "seed: 4294967296", "c.yaml:2: seed should be less than or equal to"),
        ("seed: 1", "memory_limit: 1000000000000001", "c.yaml:2: .* is no size; .*up to 1 PB"),
        ("seed: 1", f"memory_limit: '{'9' * 400} GB'", "c.yaml:2: .* is no size"),
        ("seed: 1", "p99_bound: 1e400", "c.yaml:2: .* is no latency above zero and up to an hour"),
        ("seed: 1", "p99_bound: .inf", "c.yaml:2: .* is no latency above zero"),
        ("one:", "baseline:x:", "c.yaml:3: .*'baseline:x': baseline: begins the names of a baseline's pipelines"),
        ("one:", "control:x:", "c.yaml:3: .*control: begins the names of the copies"),
        ("retrieve: bm25, depth: 10", "fuse: [a, b], method: weighted, weights: [.nan, 1]", "c.yaml:4: .*weights.* finite"),
        ("retrieve: bm25, depth: 10", "fuse: [a, b], method: weighted, weights: [true, 1]", "c.yaml:4: .*must be a number"),
    ],
)  # fmt: skip
def test_each_value_is_within_its_types_range(tmp_path: Path, old: str, new: str, says: str) -> None:
    (tmp_path / "s.yaml").write_text(SUITE)
    (tmp_path / "c.yaml").write_text(CONFIG.replace(old, new))
    with pytest.raises(ConfigError, match=says):
        load_config(tmp_path / "c.yaml")


@pytest.mark.parametrize(
    ("rule", "says"),
    [
        (
            "quality: {ndcg@10: {rule: golden, tolerance: .inf}}",
            "tolerance should be a finite number, not inf",
        ),
        ("quality: {ndcg@10: {rule: golden, tolerance: 1}}", "tolerance should be less than 1"),
        ("quality: {ndcg@10: {rule: golden, tolerance: true}}", "tolerance must be a number, not True"),
        ("quality: {ndcg@10: {rule: floor, min: .nan}}", "min should be a finite number, not nan"),
        ("quality: {ndcg@10: {rule: floor, min: 60}}", "min should be less than or equal to 1, not 60"),
        ("quality: {ndcg@10: {rule: non-inferiority, margin: .nan}}", "margin should be a finite number"),
        ("quality: {ndcg@10: {rule: golden}}\nalpha: 0.999999", "alpha should be less than 0.5"),
        ("quality: {ndcg@10: {rule: golden}}\nalpha: 0", "alpha should be greater than 0"),
        ("speed: {latency: {max_slowdown: .inf}}", "max_slowdown should be a finite number"),
    ],
)
def test_a_policy_that_lets_everything_pass_is_refused(tmp_path: Path, rule: str, says: str) -> None:
    (tmp_path / "p.yaml").write_text(rule + "\n")
    with pytest.raises(ConfigError, match=r"p.yaml:\d+: .*" + says):
        load_policy(tmp_path / "p.yaml")


@pytest.mark.parametrize(
    ("value", "says"),
    [
        ("[" * 2_000, "nested deeper than 40"),
        ('"\\ud800"', "half a surrogate"),
        ("!!bool abc", "'abc' is no true"),
        ("[", "YAML"),
    ],
)
def test_overrides_are_read_as_strictly(tmp_path: Path, value: str, says: str) -> None:
    (tmp_path / "s.yaml").write_text(SUITE)
    (tmp_path / "c.yaml").write_text(CONFIG)
    with pytest.raises(HarnessError, match=says) as caught:
        load_config(tmp_path / "c.yaml", [f"seed={value}"])
    assert len(str(caught.value)) < 500


_WORDS = [
    "true", "null", "-1", "0x10", "1e309", ".nan", ".inf", "''", "[]", "{}", "[[1]]", "{a: b}", "&a x", "*a", "!!int x",
    "9" * 40, '"\\ud800"', "~", "2024-01-01", "ndcg@99999999999999999999", "baseline:x", "a/../b", "\t", ": ", "- ", "  ",
    "ndcg@0", "1:30:00", "'\\0'", "#", "|", "%", "@", "\u202e", "\x00", "x" * 300, "depth", "retrieve", "fuse", "seed",
]  # fmt: skip


def _mutated(text: str, chance: random.Random) -> str:
    for _ in range(chance.randint(1, 3)):
        tokens = [match.span() for match in re.finditer(r"[\w@.+-]+|[\[\]{}:,]|\n *", text)]
        start, end = chance.choice(tokens) if tokens else (0, 0)
        way = chance.randrange(4)
        if way == 0:
            text = text[:start] + chance.choice(_WORDS) + text[end:]
        elif way == 1:
            text = text[:start] + text[end:]
        elif way == 2:
            other = chance.choice(tokens) if tokens else (0, 0)
            text = text[:start] + text[other[0] : other[1]] + text[end:]
        else:
            at = chance.randrange(len(text) + 1)
            text = text[:at] + chance.choice(_WORDS) + text[at:]
    return text


def _as_suite(path: Path) -> Any:
    suite = load_suite(path)
    task_of(suite).check(suite)
    return suite.digest


def _as_config(path: Path) -> Any:
    config = load_config(path)
    task_of(config.suite).check(config.suite)
    return steps_for(config), config.digest


_KINDS: dict[str, tuple[Callable[[Path], Any], str]] = {
    "suites": (_as_suite, "suites"),
    "configs": (_as_config, "configs"),
    "policies": (load_policy, "configs/policies"),
    "recipes": (lambda path: recipe.load(str(path)), "configs/recipes"),
}


def _fuzz(kind: str, folder: Path, n: int) -> None:
    load, place = _KINDS[kind]
    texts = [path.read_text(encoding="utf-8") for path in sorted(locate.shipped(place).glob("*.yaml"))]
    texts += [SUITE] if kind == "suites" else [CONFIG] if kind == "configs" else []
    (folder / "s.yaml").write_text(SUITE)
    chance = random.Random(7)
    path = folder / "fuzzed.yaml"
    for _ in range(n):
        text = _mutated(chance.choice(texts), chance)
        path.write_text(text, encoding="utf-8", errors="surrogatepass")
        try:
            load(path)
        except HarnessError as error:
            code = error.exit_code
        except Exception as error:
            raise AssertionError(f"{type(error).__name__} for:\n{text}") from error
        else:
            code = 2
        assert code == 2, text


@pytest.mark.parametrize("kind", sorted(_KINDS))
def test_mutated_files_are_read_or_refused(kind: str, tmp_path: Path) -> None:
    _fuzz(kind, tmp_path, 60)


@pytest.mark.long
@pytest.mark.parametrize("kind", sorted(_KINDS))
def test_many_mutated_files_are_read_or_refused(kind: str, tmp_path: Path) -> None:
    _fuzz(kind, tmp_path, 3000)
