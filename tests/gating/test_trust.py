"""Readers trust nothing: whatever was changed in a bundle is found by each verb that decides from it."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from harness.compare import compare
from harness.errors import BundleError, HarnessError, NotComparableError
from harness.gate import gate, update_baseline
from harness.report import speed
from harness.report.view import view_of
from harness.results import bundle as bundles
from harness.results import writing
from harness.results.digests import content_digest
from harness.results.tables import PREDICTIONS, SAMPLES, SCORES, TEXTS
from harness.selection import select
from harness.show import show
from harness.verify import verify_bundle

GOLDEN = "quality: {ndcg@10: {rule: golden}}"
FLOOR = "quality: {ndcg@10: {rule: floor, min: 0.1}}"
SPEED = "pipelines: [good]\nspeed: {latency: {max_slowdown: 1.05}, memory: {max_growth: 1.02}}"


@pytest.fixture
def verbs(policy: Callable[[str], Path], scored: Path) -> dict[str, Callable[[Path], Any]]:
    """Every verb that reads a bundle and decides or tells."""
    golden, floor = policy(GOLDEN), policy(FLOOR, "floor.yaml")
    return {
        "golden": lambda path: gate(path, golden, scored),
        "floor": lambda path: gate(path, floor),
        "baseline": lambda path: gate(scored, golden, path),
        "compare": lambda path: compare([path]),
        "select": lambda path: select([path]),
        "show": lambda path: show(path, "q1"),
        "report": lambda path: view_of(bundles.read(path)),
        "update": lambda path: update_baseline(bundles.read(path), path.parent / "new", "why"),
    }


def _result(folder: Path, change: Callable[[dict[str, Any]], Any], *, digest: bool = True) -> None:
    """Edit result.json, with a digest that fits it again or the old one; the files' digests stay."""
    result = json.loads((folder / "result.json").read_text())
    change(result)
    if digest:
        result["digest"] = content_digest(result)
    (folder / "result.json").write_text(json.dumps(result))


def _codes(verbs: dict[str, Callable[[Path], Any]], path: Path) -> dict[str, int]:
    """What each verb's command would answer with."""
    codes = {}
    for name, verb in verbs.items():
        try:
            codes[name] = getattr(verb(path), "exit_code", 0)
        except HarnessError as error:
            codes[name] = error.exit_code
    return codes


def _zeros(folder: Path) -> None:
    rows = bundles.read(folder).table(SCORES)
    columns = {name: rows[name].combine_chunks() for name in rows.column_names}
    writing.write_table(folder, SCORES, {**columns, "value": np.zeros(len(rows))})
    writing.seal(folder)


def _flipped(folder: Path) -> None:
    content = bytearray((folder / "scores.parquet").read_bytes())
    content[len(content) // 2] ^= 1
    (folder / "scores.parquet").write_bytes(content)


def _value(result: dict[str, Any]) -> None:
    result["pipelines"]["near"]["measures"]["map"]["value"] += 1e-6


@pytest.mark.parametrize(
    "damage",
    [
        _flipped,
        _zeros,
        lambda folder: (folder / "scores.parquet").unlink(),
        lambda folder: _result(folder, _value, digest=False),
        lambda folder: _result(folder, _value),
        lambda folder: _result(folder, lambda r: r["files"].pop("scores.parquet")),
        lambda folder: _result(folder, lambda r: r["pipelines"]["good"].update(run="../../../etc/passwd")),
        lambda folder: _result(folder, lambda r: r["files"].update({"../../etc/passwd": "0" * 64})),
        lambda folder: _result(folder, lambda r: r["config"].update(name="../../../evil")),
        lambda folder: _result(folder, lambda r: r["pipelines"].update({"../x": r["pipelines"]["good"]})),
        lambda folder: _result(folder, lambda r: r["pipelines"]["good"]["measures"].update(map="0.5")),
        lambda folder: (folder / "result.json").write_text('{"schema": 1, "a": NaN}'),
        lambda folder: (folder / "result.json").write_text("[" * 100_000),
    ],
    ids=[
        "flipped bit", "zero scores", "lost table", "edited value", "value and digest", "unsealed table", "run outside",
        "file outside", "config's name", "pipeline's name", "text for a figure", "NaN", "nested",
    ],
)  # fmt: skip
def test_what_was_changed_is_refused_by_every_verb(
    scored: Path, verbs: dict[str, Callable[[Path], Any]], tmp_path: Path, damage: Callable[[Path], Any]
) -> None:
    folder = Path(shutil.copytree(scored, tmp_path / "damaged"))
    damage(folder)
    assert _codes(verbs, folder) == dict.fromkeys(verbs, 2)
    assert not (tmp_path / "new").exists()


def test_what_is_whole_is_read_by_every_verb(plain: Path, verbs: dict[str, Callable[[Path], Any]]) -> None:
    # The other side of "baseline" has an arm that this one lacks; nothing else is amiss.
    assert _codes(verbs, plain) == {**dict.fromkeys(verbs, 0), "golden": 4}


def test_a_bundle_without_digests_is_not_comparable(
    plain: Path, verbs: dict[str, Callable[[Path], Any]]
) -> None:
    def strip(result: dict[str, Any]) -> None:
        del result["digest"], result["files"]

    _result(plain, strip, digest=False)
    assert _codes(verbs, plain) == dict.fromkeys(verbs, 4)


@pytest.mark.parametrize("change", [lambda d: d.clear(), lambda d: d.pop("qrels")])
def test_data_that_nobody_recorded_do_not_compare(
    plain: Path, tmp_path: Path, policy: Callable[[str], Path], change: Callable[[dict[str, str]], Any]
) -> None:
    other = Path(shutil.copytree(plain, tmp_path / "other"))
    _result(other, lambda r: change(r["manifest"]["data_sha256"]))
    with pytest.raises(NotComparableError, match=r"does not record the SHA-256 of .*qrels"):
        compare([plain, other])
    for mine, theirs in ((plain, other), (other, plain)):
        assert gate(mine, policy(GOLDEN), theirs).exit_code == 4


def test_a_run_that_is_a_link_out_of_the_bundle_is_not_opened(plain: Path, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("a secret\n")
    run = plain / "runs" / "good.trec"
    run.unlink()
    run.symlink_to(tmp_path / "secret")
    for read in (
        lambda: show(plain, "q1"),
        lambda: verify_bundle(plain),
        lambda: view_of(bundles.read(plain)),
    ):
        with pytest.raises(BundleError, match="leads out of the bundle") as caught:
            read()
        assert "a secret" not in str(caught.value)


def test_a_pipeline_that_only_the_baseline_arm_has_is_not_comparable(
    edited: Callable[..., Path], policy: Callable[[str], Path]
) -> None:
    lone = edited(lambda r: None, "lone", ("near", "baseline:good"))
    result = gate(lone, policy(FLOOR))
    assert result.exit_code == 4
    assert [(c.pipeline, c.reason) for c in result.checks if c.status == "not comparable"] == [
        ("good", "only the baseline arm has it")
    ]


def _without_samples(folder: Path) -> None:
    (folder / "samples.parquet").unlink()
    writing.seal(folder)


def _without_control(folder: Path) -> None:
    _result(folder, lambda r: r["timing"].pop("control"))


def _invented(folder: Path) -> None:
    def change(result: dict[str, Any]) -> None:
        result["against"]["pipelines"]["good"]["latency"] |= {"log_ratios": [0.0] * 12, "verdict": "pass"}

    _result(folder, change)


def test_a_ratio_has_one_interval_wherever_it_is_said(
    timed: Callable[..., Path], policy: Callable[[str], Path]
) -> None:
    folder = timed({"good": 10.0, "baseline:good": 10.0})
    stored = bundles.read(folder).result.against
    assert stored is not None
    old = stored.pipelines["good"].latency.ratio.interval  # type: ignore[union-attr]
    assert old is not None
    assert old.method == "signed-rank"  # as bundles were written before sets were counted
    (ratio,) = [r for r in compare([folder]).speed if r.first == "good" and r.second == "baseline:good"]
    assert ratio.interval is not None
    assert ratio.interval.method == "signed-rank and sets"
    low, high = ratio.interval.low, ratio.interval.high
    (said,) = speed.arms(bundles.read(folder))
    assert f"is not slower than its baseline ({ratio.ratio:.3f} [{low:.3f}, {high:.3f}] of its time)" in said
    checks = [check for check in gate(folder, policy(SPEED)).checks if check.subject == "latency"]
    assert [(check.low, check.high) for check in checks] == [(low, high)]
    (folder / "samples.parquet").unlink()
    writing.seal(folder)
    assert speed.arms(bundles.read(folder)) == [
        "good: no verdict on speed, the bundle holds no raw samples of both arms"
    ]


@pytest.mark.parametrize(
    ("damage", "code"), [(_without_samples, 4), (_without_control, 4), (_invented, 2)]
)  # fmt: skip
def test_speed_is_judged_from_raw_samples_or_not_at_all(
    timed: Callable[..., Path], policy: Callable[[str], Path], damage: Callable[[Path], None], code: int
) -> None:
    folder = timed({"good": 10.0, "baseline:good": 10.0})
    assert gate(folder, policy(SPEED)).exit_code == 0
    damage(folder)
    verbs = {"gate": lambda path: gate(path, policy(SPEED))}
    assert _codes(verbs, folder) == {"gate": code}
    verbs = {"compare": lambda path: compare([path])}
    assert _codes(verbs, folder) == {"compare": 2 if code == 2 else 0}
    if code != 2:
        (ratio,) = [r for r in compare([folder]).speed if r.first == "good" and r.second == "baseline:good"]
        assert (ratio.ratio is None) == (damage is _without_samples)


def test_invented_ratios_without_samples_pass_nowhere(
    timed: Callable[..., Path], policy: Callable[[str], Path]
) -> None:
    folder = timed({"good": 10.0, "baseline:good": 10.0})
    _without_samples(folder)
    _invented(folder)
    result = gate(folder, policy(SPEED))
    assert [c.status for c in result.checks] == ["not comparable", "not comparable"]
    assert any("log-ratios" in m.figure for m in verify_bundle(folder).mismatches)


def test_an_interval_that_says_another_method_is_a_mismatch(plain: Path) -> None:
    def change(result: dict[str, Any]) -> None:
        result["pipelines"]["good"]["measures"]["map"]["interval"] |= {"method": "guessed", "low": 0.0}

    _result(plain, change)
    assert [m.figure for m in verify_bundle(plain).mismatches] == [
        "good, map interval low", "good, map interval method",
    ]  # fmt: skip


def test_every_table_of_sentence_pairs_is_checked(sts: Callable[..., Path]) -> None:
    folder = sts({"a": 0.5, "b": 1.0, "same": None})
    assert compare([folder]).results
    _result(folder, lambda r: r["pipelines"]["a"]["measures"]["spearman"].update(value=0.5))
    with pytest.raises(BundleError, match="a, spearman"):
        compare([folder])


def test_bits_of_a_table_never_change_a_figure_in_silence(plain: Path) -> None:
    """Every flipped bit is refused, wherever it is: a sample of 60, seeded."""
    file = plain / "scores.parquet"
    whole = file.read_bytes()
    for place in np.random.default_rng(0).integers(0, 8 * len(whole), 60).tolist():
        content = bytearray(whole)
        content[place // 8] ^= 1 << place % 8
        file.write_bytes(content)
        with pytest.raises(BundleError, match=r"scores\.parquet"):
            bundles.read(plain).table(SCORES)
    file.write_bytes(whole)
    assert bundles.read(plain).table(SCORES).num_rows > 0
    assert not any(bundles.read(plain).has(table) for table in (PREDICTIONS, SAMPLES, TEXTS))
