"""A run that is killed goes on where it stopped; runs share a store; what is damaged is made anew."""

from __future__ import annotations

import json
import random
import shutil
import signal
import sqlite3
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Make = Callable[..., Any]


def test_a_second_run_computes_nothing_and_says_so(
    make_bench: Make, same_bundle: Callable[..., None]
) -> None:
    bench = make_bench()
    first = bench.run("first")
    assert first["work"]["enc"]["texts"] == 612
    assert first["work"]["enc"]["forward_passes"] == -(-600 // 16) + 1
    pairs = first["work"]["rank"]["texts"]
    assert first["work"]["rank"]["forward_passes"] == -(-pairs // 16)
    calls = bench.n_calls()
    second = bench.run("second")
    assert bench.n_calls() == calls
    for name, work in second["work"].items():
        stored = work.pop("stored")
        assert set(work.values()) == {0}
        assert {k: first["work"][name][k] for k in stored} == stored
    same_bundle(bench.folder / "first", bench.folder / "second", work=False)


def test_without_a_store_the_figures_are_the_same(make_bench: Make, same_bundle: Callable[..., None]) -> None:
    bench = make_bench()
    bench.run("with")
    bench.run("without", HARNESS_STORE="off")
    same_bundle(bench.folder / "with", bench.folder / "without")


def test_an_edited_passage_and_a_changed_class_are_misses(make_bench: Make) -> None:
    bench = make_bench()
    bench.run("first")
    docs = bench.folder / "docs.tsv"
    lines = docs.read_text().splitlines()
    docs.write_text("\n".join([lines[0] + " new", *lines[1:]]) + "\n")
    edited = bench.run("edited")
    assert edited["work"]["enc"]["texts"] == 600  # its shard; the queries are known
    assert edited["work"]["rank"]["texts"] < edited["work"]["rank"]["stored"]["texts"]
    source = bench.folder / "thirdparty.py"
    source.write_text(source.read_text().replace("range(40)", "range(41)"))
    changed = bench.run("changed")
    assert changed["work"]["enc"]["texts"] == 612
    assert changed["work"]["rank"]["stored"]["texts"] == 0


def test_a_later_union_of_pairs_reuses_what_is_there(make_bench: Make) -> None:
    bench = make_bench()
    config = bench.folder / "config.yaml"
    whole = config.read_text()
    config.write_text(whole.replace("depth: [5, 20, 50]", "depth: [5]").replace("  cross:", "  # cross:"))
    first = bench.run("first")["work"]["rank"]
    assert first["texts"] == 12 * 5
    config.write_text(whole)
    both = bench.run("second")["work"]["rank"]
    assert both["stored"]["texts"] == first["texts"]
    shutil.rmtree(bench.store)
    assert both["texts"] + first["texts"] == bench.run("fresh")["work"]["rank"]["texts"]


@pytest.mark.parametrize("kind", ["embeddings", "texts", "searches", "indexes", "models", "pairs"])
def test_a_flipped_byte_is_found_reported_and_made_anew(
    kind: str, make_bench: Make, same_bundle: Callable[..., None]
) -> None:
    bench = make_bench()
    bench.run("first")
    if kind != "searches":
        shutil.rmtree(bench.store / "searches")  # else nothing below them would be looked at
    rng = random.Random(3)
    for path in (bench.store / kind).rglob("*"):
        if path.is_file():
            content = bytearray(path.read_bytes())
            # In SQLite only what is in use is looked at: every page is damaged.
            places = [rng.randrange(len(content))] if kind != "pairs" else range(200, len(content), 64)
            for place in places:
                content[place] ^= 0x40
            path.write_bytes(bytes(content))
    process = bench.start("second")
    errors = process.communicate()[1]
    assert process.returncode == 0, errors
    assert "damaged" in errors
    same_bundle(bench.folder / "first", bench.folder / "second", work=False)
    third = bench.run("third")  # and now all is well again
    assert third["work"]["enc"]["forward_passes"] == third["work"]["rank"]["forward_passes"] == 0


def test_a_score_in_sqlite_that_was_tampered_with_is_not_believed(
    make_bench: Make, same_bundle: Callable[..., None]
) -> None:
    bench = make_bench()
    bench.run("first")
    (file,) = (bench.store / "pairs").glob("*.sqlite")
    with sqlite3.connect(file) as connection:
        changed = connection.execute("UPDATE pairs SET score = score + 1").rowcount
    connection.close()
    again = bench.run("second")
    assert again["work"]["rank"]["texts"] == changed
    same_bundle(bench.folder / "first", bench.folder / "second", work=False)


@pytest.mark.parametrize("beside", [False, True], ids=["alone", "beside-another-process"])
@pytest.mark.parametrize("kills", [3, pytest.param(20, marks=pytest.mark.long)])
def test_killed_at_random_moments_it_ends_with_the_same_bundle(
    kills: int, beside: bool, make_bench: Make, same_bundle: Callable[..., None], tmp_path: Path
) -> None:
    """SIGKILL at any moment loses at most one shard, or one batch of pairs, a kill."""
    bench = make_bench(n_documents=14_000, n_queries=60)
    reference = bench.run("reference", store=tmp_path / "reference-store")
    needed = bench.n_calls()
    seconds = _seconds_of(reference)
    rng = random.Random(kills + 100 * beside)
    done = lost = attempts = 0
    bench.calls.unlink(missing_ok=True)
    while done < kills:
        other = bench.start("other") if beside else None
        process = bench.start("killed")
        attempts += 1
        try:
            process.communicate(timeout=rng.uniform(0.3, max(1.0, seconds)))
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
            process.communicate()
            done += 1
            lost += 1
        if other is not None and rng.random() < 0.5:
            other.send_signal(signal.SIGKILL)
            lost += 1
        if other is not None:
            other.communicate()
        if (bench.folder / "killed").is_dir():  # it was faster, and is done: once more from nothing
            finished = process.returncode == 0
            same_bundle(bench.folder / "reference", bench.folder / "killed", work=not beside, view=finished)
            assert bench.n_calls() <= needed + lost
            shutil.rmtree(bench.store)
            shutil.rmtree(bench.folder / "killed")
            bench.calls.unlink(missing_ok=True)
            lost = 0
    bench.run("killed")
    assert bench.n_calls() <= needed + lost
    same_bundle(bench.folder / "reference", bench.folder / "killed", work=not beside)
    if not beside:  # what the attempts computed together is what one run computes
        assert json.loads((bench.folder / "killed" / "result.json").read_text())["work"] == reference["work"]


def _seconds_of(result: dict[str, Any]) -> float:
    from datetime import datetime

    times = [datetime.fromisoformat(result["manifest"][key]) for key in ("started", "ended")]
    return (times[1] - times[0]).total_seconds() + 1


def test_two_processes_share_the_work(
    make_bench: Make, same_bundle: Callable[..., None], tmp_path: Path
) -> None:
    bench = make_bench(n_documents=14_000, n_queries=60)
    bench.run("reference", store=tmp_path / "reference-store")
    needed = bench.n_calls()
    bench.calls.unlink(missing_ok=True)
    processes = [bench.start(name) for name in ("one", "two")]
    for process in processes:
        errors = process.communicate()[1]
        assert process.returncode == 0, errors
    assert bench.n_calls() == needed  # nothing was computed twice
    for name in ("one", "two"):
        same_bundle(bench.folder / "reference", bench.folder / name, work=False)


def test_the_resumable_session_ends_with_the_run(make_bench: Make) -> None:
    bench = make_bench()
    bench.run("first")
    assert [p.name for p in (bench.store / "sessions").iterdir() if p.suffix != ".lock"] == []
    assert list((bench.store / "partial").iterdir()) == []


def test_a_run_on_a_full_disk_says_so_and_goes_on_when_there_is_room(
    make_bench: Make, same_bundle: Callable[..., None], tmp_path: Path
) -> None:
    bench = make_bench(n_documents=14_000, n_queries=12)
    bench.run("reference", store=tmp_path / "reference-store")
    needed = bench.n_calls()
    bench.calls.unlink()
    disk = tmp_path / "disk"
    disk.mkdir()

    def mount(options: str) -> int:
        command = ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(disk)]
        return subprocess.run(command, capture_output=True, check=False).returncode

    if mount("size=2m"):
        pytest.skip("mounting a small file system is not allowed here")
    try:
        process = bench.start("killed", store=disk / "store")
        errors = process.communicate()[1]
        assert process.returncode == 70, errors
        assert "no space left; what was computed so far is kept" in errors
        assert "Traceback" not in errors
        assert not (bench.folder / "killed").exists()
        assert mount("remount,size=60m") == 0
        bench.run("killed", store=disk / "store")
        assert bench.n_calls() <= needed + 1
        same_bundle(bench.folder / "reference", bench.folder / "killed")
    finally:
        subprocess.run(["umount", "-l", str(disk)], check=True)
