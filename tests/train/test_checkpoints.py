"""A training that is killed goes on where it was, to the same bytes; what is damaged or foreign is said."""

from __future__ import annotations

import io
import json
import os
import random
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from harness import memory
from harness.errors import ResourceError
from harness.models.folders import Permissions
from harness.progress import Log
from harness.store import housekeeping, open_store, trees
from harness.timing.clock import NS_PER_S
from harness.train import checkpoints, making
from harness.train.checkpoints import Checkpoints
from scripted import VirtualClock

LESSONS = {
    "kind": "cross-encoder",
    "data": {"embedded": "factbook", "split": "dev"},
    "lessons": [{"negatives": "random", "questions": 24}, {"negatives": "mined", "questions": 24}],
    "batch_size": 6,
    "learning_rate": 1e-3,
    "dropout": 0.1,
    "max_length": 32,
    "precision": "fp32",
}
#: 10 steps an epoch; the loss has parameters of its own, dev chooses the checkpoint.
CLASSIFICATION = {
    "kind": "bi-encoder",
    "objective": {"name": "classification"},
    "data": {"inferences": "nli.tsv"},
    "dev": {"pairs": "dev.csv"},
    "epochs": 2,
    "evaluations": 5,
    "patience": 4,
    "batch_size": 6,
    "learning_rate": 1e-3,
    "max_length": 32,
}
#: The library's sampler without duplicates, the last checkpoint kept, and an end by steps.
CONTRASTIVE = {
    "kind": "bi-encoder",
    "objective": {"name": "contrastive"},
    "data": {"triplets": "triplets.tsv"},
    "epochs": 3,
    "steps": 22,
    "keep": "last",
    "batch_size": 4,
    "learning_rate": 1e-3,
    "max_length": 32,
}


@dataclass
class Nursery:
    """Trains recipes in processes that end as they are told."""

    folder: Path
    process: Any
    log: dict[str, str] = field(default_factory=dict)

    def train(self, recipe: Path, store: str, **how: Any) -> int:
        """Train into a store and return the exit code; a negative one is a signal's."""
        asked = {"recipe": str(recipe), "store": str(self.folder / store), **how}
        self.process.stdin.write(json.dumps(asked) + "\n")
        self.process.stdin.flush()
        answer = json.loads(self.process.stdout.readline())
        self.key = answer["key"]
        return int(answer["code"])

    def said(self, store: str) -> str:
        """What the trainings into a store said since it was last asked."""
        path = self.folder / f"{store}.log"
        text = path.read_text()
        path.write_text("")
        return text

    def checkpoints(self, store: str) -> list[Path]:
        """The checkpoints of the last recipe."""
        return sorted((self.folder / store / "checkpoints" / self.key).glob("*"))

    def made(self, store: str) -> dict[str, bytes]:
        """Every file of the model made last."""
        folder = self.folder / store / "trained" / self.key
        return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


@dataclass(frozen=True)
class Half:
    """A training that was killed halfway, and what it ends with where it is not."""

    recipe: Path
    store: Path
    key: str
    whole: dict[str, bytes]

    def copied(self, name: str) -> list[Path]:
        """Copy the store beside it, and return the copy's checkpoints."""
        shutil.copytree(self.store, self.store.with_name(name))
        return sorted((self.store.with_name(name) / "checkpoints" / self.key).iterdir())


@pytest.fixture(scope="module")
def nursery(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nursery]:
    """A process that has imported everything and forks a training at a time."""
    pytest.importorskip("datasets", reason="the extra 'demo' is not installed")
    if not hasattr(os, "pidfd_open"):
        pytest.skip("forking a process with torch is safe on Linux only")
    folder = tmp_path_factory.mktemp("nursery")
    (folder / "tmp").mkdir()
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "TMPDIR": str(folder / "tmp")}
    with subprocess.Popen(
        [sys.executable, str(Path(__file__).with_name("nursery.py"))],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=environment,
        text=True,
    ) as process:
        yield Nursery(folder, process)
        assert process.stdin is not None
        process.stdin.close()


@pytest.fixture(scope="module")
def write(nursery: Nursery, tiny_bi_encoder: Path) -> Callable[..., Path]:
    """Write a recipe over small local files."""
    folder = nursery.folder
    things, places = ("river", "bird", "fish", "tree", "stone"), ("north", "south", "east", "west")
    texts = [f"the {thing} in the {place}" for thing in things for place in places]
    names = ("entailment", "neutral", "contradiction")
    (folder / "nli.tsv").write_text(
        "".join(f"{texts[i // 3]}\t{texts[-i % 20]}\t{names[i % 3]}\n" for i in range(60))
    )
    (folder / "dev.csv").write_text(
        "".join(f'"{texts[i]}","{texts[i * 7 % 20]}",{i % 11 / 2}\n' for i in range(20))
    )
    (folder / "triplets.tsv").write_text(
        "".join(
            f"{texts[i % 20]} {places[i // 20]}\t{texts[-i % 20]}\t{texts[(i + 1) % 20]}\n" for i in range(40)
        )
    )

    def written(said: dict[str, Any], name: str, **changes: Any) -> Path:
        path = folder / f"{name}.yaml"
        path.write_text(yaml.safe_dump({"version": 1, "base": str(tiny_bi_encoder), **said, **changes}))
        return path

    return written


@pytest.fixture(scope="module")
def half(nursery: Nursery, write: Callable[..., Path]) -> Half:
    """A recipe, and a store where its training was killed at its sixth step, with the checkpoints of steps 4 and 5."""
    recipe = write(CONTRASTIVE, "half")
    assert nursery.train(recipe, "half", step=6) == -9
    assert [path.name for path in nursery.checkpoints("half")] == ["000000004", "000000005"]
    assert nursery.train(recipe, "half-whole", every_s=3600) == 0
    return Half(recipe, nursery.folder / "half", nursery.key, nursery.made("half-whole"))


@pytest.mark.parametrize(
    ("said", "kills"),
    [
        (LESSONS, [{"step": 1}, {"step": 9}, {"write": 30}, {"step": 3}]),
        # At 10 an epoch ends; 30 files are six checkpoints, so that the third kill is amid the writing of one.
        (CLASSIFICATION, [{"step": 11}, {"step": 1}, {"write": 15}, {"step": 2}]),
        # The last amid the writing of the model, after four more checkpoints: the last step leaves none, as a training
        # that went on from there would make one step too many.
        (CONTRASTIVE, [{"step": 14}, {"step": 5}, {"write": 38}]),
    ],
    ids=["lessons", "classification", "contrastive"],
)
def test_killed_again_and_again_it_ends_with_the_same_bytes(
    nursery: Nursery,
    write: Callable[..., Path],
    said: dict[str, Any],
    kills: list[dict[str, Any]],
    request: Any,
) -> None:
    name = request.node.callspec.id
    recipe = write(said, name)
    assert nursery.train(recipe, f"{name}-whole", every_s=3600) == 0  # without any checkpoint
    for kill in kills:
        assert nursery.train(recipe, f"{name}-killed", **kill) == -9
    assert nursery.train(recipe, f"{name}-killed") == 0
    assert f"recipe {name}: continues at" in nursery.said(f"{name}-killed")
    whole = nursery.made(f"{name}-whole")
    assert "model.safetensors" in whole
    assert nursery.made(f"{name}-killed") == whole
    left = [
        p for kind in ("checkpoints", "partial") for p in (nursery.folder / f"{name}-killed" / kind).iterdir()
    ]
    assert left == list((nursery.folder / "tmp").glob("harness-*")) == []


@pytest.mark.long
@pytest.mark.parametrize("said", [LESSONS, CLASSIFICATION], ids=["lessons", "classification"])
def test_ten_kills_at_random_moments(
    nursery: Nursery, write: Callable[..., Path], said: dict[str, Any], request: Any
) -> None:
    longer = (
        {"lessons": [{"negatives": "judged", "questions": 400}]}
        if said is LESSONS
        else {"epochs": 40, "patience": None}
    )
    recipe = write(said, f"long-{request.node.callspec.id}", **longer)
    assert nursery.train(recipe, "long-whole", every_s=3600) == 0
    draw, kills, finished = random.Random(10), 0, 0
    while kills < 10:
        if nursery.train(recipe, f"long-{finished}", every_s=0.1, after_s=draw.uniform(0.3, 3)) == 0:
            assert nursery.made(f"long-{finished}") == nursery.made("long-whole")
            finished += 1
        else:
            kills += 1
    assert nursery.train(recipe, f"long-{finished}", every_s=0.1) == 0
    assert nursery.made(f"long-{finished}") == nursery.made("long-whole")


def test_an_interruption_keeps_the_last_checkpoint_and_says_so(nursery: Nursery, half: Half) -> None:
    half.copied("interrupted")
    assert nursery.train(half.recipe, "interrupted", step=8, interrupt=True) == 130
    said = nursery.said("interrupted")
    assert "recipe half: continues at example 27 of 120" in said
    assert "recipe half: interrupted at example 65 of 120; the same command continues at example 65" in said
    assert nursery.train(half.recipe, "interrupted") == 0
    assert "recipe half: continues at example 65 of 120" in nursery.said("interrupted")
    assert nursery.made("interrupted") == half.whole


# Bad input.


def test_of_a_damaged_checkpoint_the_one_before_is_taken(nursery: Nursery, half: Half) -> None:
    before, last = half.copied("damaged")
    for name in ("moved.safetensors", "optimizer.pt", "rng_state.pth", "trainer_state.json"):
        assert (before / name).is_file()
    content = bytearray((last / "moved.safetensors").read_bytes())
    content[-5] ^= 1
    (last / "moved.safetensors").write_bytes(bytes(content))
    assert nursery.train(half.recipe, "damaged") == 0
    said = nursery.said("damaged")
    assert (
        f"{last} is damaged (the checksum of moved.safetensors does not match); the one before it is taken"
        in said
    )
    assert "continues at example 22 of 120" in said  # after 4 of 22 steps
    assert nursery.made("damaged") == half.whole


def test_other_data_under_the_same_key_are_noticed(nursery: Nursery, half: Half) -> None:
    """Mined negatives can differ where the backbone's embeddings do, in their last bits."""
    for path in half.copied("other-data"):
        retell(path, data="other")
    assert nursery.train(half.recipe, "other-data") == 0
    assert "what it is trained on has changed" in nursery.said("other-data")
    assert nursery.made("other-data") == half.whole


def retell(path: Path, **changes: Any) -> None:
    """Change what a checkpoint says of itself, its checksums with it."""
    about = json.loads((path / "checkpoint.json").read_text())
    (path / "checkpoint.json").write_text(json.dumps({**about, **changes} if changes else []))
    listed = json.loads((path / "FILES.json").read_text())
    listed["checkpoint.json"] = trees._checksum(path / "checkpoint.json")
    (path / "FILES.json").write_text(json.dumps(listed))


def found(half: Half, store: str) -> tuple[checkpoints.Checkpoint | None, str]:
    """What a training of that store would go on from, and what it says."""
    said: list[str] = []
    opened = open_store(half.store.with_name(store), said.append)
    return Checkpoints(opened, half.key, "half", said.append).find(), "\n".join(said)


def test_where_all_are_damaged_training_begins_anew(half: Half) -> None:
    before, last = half.copied("all-damaged")
    (before / "optimizer.pt").write_bytes(b"")
    (last / "FILES.json").unlink()
    checkpoint, said = found(half, "all-damaged")
    assert checkpoint is None
    assert (
        f"{last} is damaged (the checksum of FILES.json does not match); the one before it is taken" in said
    )
    assert f"{before} is damaged (the checksum of optimizer.pt does not match); training begins anew" in said
    assert not before.exists()
    assert not last.exists()


@pytest.mark.parametrize("changes", [{"key": "0" * 64}, {"format": 0}, {"values": None}, {"step": "x"}, {}])
def test_one_of_another_recipe_or_version_is_not_taken(half: Half, changes: dict[str, Any]) -> None:
    """Its checksums are right: somebody put it there, or another version wrote it."""
    name = "foreign-" + "".join(changes)
    before, last = half.copied(name)
    retell(last, **changes)
    checkpoint, said = found(half, name)
    assert checkpoint is not None
    assert (checkpoint.path, checkpoint.step, checkpoint.steps) == (before, 4, 22)
    assert f"{last} is of another recipe or version; the one before it is taken" in said


def test_a_recipe_changed_meanwhile_begins_anew_and_says_what_is_left(half: Half) -> None:
    said: list[str] = []
    assert Checkpoints(open_store(half.store), "f" * 64, "half", said.append).find() is None
    assert said == [
        "recipe half: a training of it that was cut off at step 5 of 22 had other settings, data or libraries, and cannot "
        f"be continued with these; it stays in {half.store / 'checkpoints' / half.key} until 'harness cache prune' removes it"
    ]
    said.clear()
    assert Checkpoints(open_store(half.store), "f" * 64, "other", said.append).find() is None
    assert said == []


# Without a training.


@pytest.mark.parametrize(
    ("step_s", "due"),
    [(1, [20, 40, 60]), (7, [21, 42, 63]), (9, [27, 54, 81]), (16, [16, 32, 48]), (40, [40, 80])],
)
def test_what_a_kill_loses_stays_below_thirty_seconds(tmp_path: Path, step_s: int, due: list[int]) -> None:
    clock = VirtualClock()
    kept = Checkpoints(open_store(tmp_path), "k" * 64, "tiny", clock=clock)
    kept.begin()
    found = []
    for second in range(step_s, due[-1] + 1, step_s):
        clock.advance_ns(step_s * NS_PER_S)
        if kept.due():
            found.append(second)
    assert found == due


def test_one_is_due_before_an_evaluation(tmp_path: Path) -> None:
    clock = VirtualClock()
    kept = Checkpoints(open_store(tmp_path), "k" * 64, "tiny", clock=clock)
    kept.begin()
    clock.advance_ns(6 * NS_PER_S)
    assert not kept.due()
    assert kept.due(
        evaluates=True
    )  # a kill amid the evaluation loses all of it, so that little is lost beside it
    assert not kept.due(evaluates=True)


@pytest.mark.parametrize(
    ("has", "free", "disk", "says"),
    [
        (4e8, 4e8, 1e12, r"needs about \S+ \SB of memory, and this machine has 400 MB; lower batch_size"),
        (
            8e9,
            8e9,
            1e5,
            r"needs about \S+ \SB of disk for the model, and 100 kB are free",
        ),
    ],
)
def test_a_machine_with_too_little_is_told_before_it_begins(
    has: float,
    free: float,
    disk: float,
    says: str,
    write: Callable[..., Path],
    tmp_path: Path,
    monkeypatch: Any,
) -> None:
    monkeypatch.setattr(memory, "available", lambda: int(has))
    monkeypatch.setattr(memory, "free", lambda: int(free))
    usage = shutil.disk_usage(tmp_path)._replace(free=int(disk))
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage)
    planned = making.plan(str(write(CONTRASTIVE, "roomy")), None, Permissions(offline=True))
    shown = io.StringIO()
    with pytest.raises(ResourceError, match=says):
        making.check(planned, open_store(tmp_path), Log(shown))
    monkeypatch.setattr(memory, "available", lambda: int(8e9))
    monkeypatch.setattr(memory, "free", lambda: int(4e8))
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage._replace(free=int(5e5)))
    making.check(planned, open_store(tmp_path), Log(shown))
    assert "only 400 MB are free; close other programs" in shown.getvalue()
    assert "500 kB are free, and the checkpoints of roomy may take" in shown.getvalue()


def test_without_room_for_a_checkpoint_training_goes_on_and_says_so_once(
    tmp_path: Path, monkeypatch: Any
) -> None:
    said: list[str] = []
    kept = Checkpoints(open_store(tmp_path), "k" * 64, "tiny", said.append)
    usage = shutil.disk_usage(tmp_path)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage._replace(free=10**6))
    assert kept.has_room(10**6)
    assert not kept.has_room(10**6 + 1)
    assert not kept.has_room(10**6 + 1)
    assert said == [
        f"store {tmp_path}: 1 MB are free, and a checkpoint of tiny takes about 1 MB: training goes on without. Free "
        "some, or it begins anew where it is cut off"
    ]


def test_pruning_leaves_a_running_training_alone_and_removes_one_that_is_not(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    running, stopped = "a" * 64, "b" * 64
    for key in (running, stopped):
        trees.write(store, "checkpoints", f"{key}/000000001", lambda folder: (folder / "x").write_bytes(b"1"))
    code = (
        "import sys; from pathlib import Path; from harness.store import open_store\n"
        f"with open_store(Path({str(tmp_path)!r})).locked({running!r}): print('held', flush=True); input()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout is not None
        assert other.stdin is not None
        assert other.stdout.readline() == "held\n"
        done = housekeeping.prune(store, 0, datetime.now(UTC))
        assert [entry.path.name for entry in done.removed] == [stopped]
        assert done.kept_bytes > 0
        other.stdin.write("\n")
        other.stdin.close()
    assert [entry.path.name for entry in housekeeping.prune(store, 0, datetime.now(UTC)).removed] == [running]
