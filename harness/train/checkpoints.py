"""Checkpoints: a training that was killed or interrupted goes on where it was, to the same weights.

They lie in the store, at the key of the model that is being made, while its lock is held; the last two are kept, and
none once the model is finished. Optimizer, schedule, the state of every random generator and the place in the data are
written and read by the transformers Trainer itself; the weights here, since the library's own checkpoints leave out a
loss's parameters.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from harness import manifest
from harness.models.folders import ModelFolder
from harness.models.protocols import BiEncoder
from harness.store import Store, trees
from harness.store.errors import full
from harness.timing.clock import NS_PER_S, Clock, MonotonicClock
from harness.units import size_text

KIND = "checkpoints"
FORMAT = 1
KEPT = 2
#: Of training between two checkpoints. What a kill loses is this, the step at hand and the writing of the next one.
EVERY_NS = 20 * NS_PER_S
#: What that may come to: where steps or writing are slow, checkpoints are made sooner.
LIMIT_NS = 30 * NS_PER_S
#: The same before an evaluation, which a kill loses as a whole.
BEFORE_EVALUATION_NS = 5 * NS_PER_S
_ABOUT = "checkpoint.json"
_MOVED = "moved.safetensors"
_BESIDE = "beside.safetensors"

#: Called with how many of how many steps are done.
OnStep = Callable[[int, int], None]


class Remembering(Protocol):
    """What a training knows beside the library's state, such as its losses and its best weights so far."""

    def remembered(self) -> tuple[dict[str, Any], Mapping[str, Any]]:
        """Return JSON-like values, and tensors by name."""

    def recall(self, values: Mapping[str, Any], tensors: Mapping[str, Any]) -> None:
        """Take back what was remembered."""

    def evaluates(self, step: int, steps: int) -> bool:
        """Whether dev is evaluated after a step."""


@dataclass(frozen=True)
class Checkpoint:
    """One that is whole and fits: after ``step`` of ``steps``, over data of this digest."""

    path: Path
    step: int
    steps: int
    data: str
    values: Mapping[str, Any]
    machine: Mapping[str, Any]

    def tensors(self) -> dict[str, Any]:
        """Return the tensors remembered beside the model's."""
        from safetensors.torch import load_file

        path = self.path / _BESIDE
        return load_file(path) if path.is_file() else {}


@dataclass
class Checkpoints:
    """The checkpoints of one training. Whoever uses them holds the lock of the key."""

    store: Store
    key: str
    recipe: str
    say: Callable[[str], None] = lambda text: None
    clock: Clock = field(default_factory=MonotonicClock)
    reached: Checkpoint | None = None  # the last one found or written
    _since_ns: int = 0
    _stepped_ns: int = 0
    _writing_ns: int = 0
    _told: bool = False

    def find(self) -> Checkpoint | None:
        """Return the last checkpoint that is sound and of this recipe; what is damaged or foreign is said and removed.

        What killed processes left half-written of this key is removed, too.
        """
        trees.sweep(self.store, self.key)
        paths = self._paths()
        for path in reversed(paths):
            others = [p for p in paths if p < path]
            instead = "the one before it is taken" if others else "training begins anew"
            if trees.read(self.store, KIND, f"{self.key}/{path.name}", instead) is None:
                continue
            self.reached = self._fitting(path)
            if self.reached is not None:
                return self.reached
            self.say(
                f"recipe {self.recipe}: the checkpoint {path} is of another recipe or version; {instead}"
            )
            shutil.rmtree(path, ignore_errors=True)
        self._tell_of_others()
        return None

    def _fitting(self, path: Path) -> Checkpoint | None:
        about = _about(path)
        if about is None or (about.get("format"), about.get("key")) != (FORMAT, self.key):
            return None
        names = ("step", "steps", "data", "values", "machine")
        known: dict[str, Any] = {name: about.get(name) for name in names}
        if [type(value) for value in known.values()] != [int, int, str, dict, dict]:
            return None
        return Checkpoint(path, **known)

    def _tell_of_others(self) -> None:
        """Say where an earlier version of the recipe was begun: its checkpoints are of no use to this one."""
        for path in sorted(self.store.place(KIND, "").glob("*/*"), reverse=True):
            about = _about(path)
            if about is not None and about.get("recipe") == self.recipe and about.get("key") != self.key:
                self.say(
                    f"recipe {self.recipe}: a training of it that was cut off at step {about.get('step', 0):,} of "
                    f"{about.get('steps', 0):,} had other settings, data or libraries, and cannot be continued with "
                    f"these; it stays in {path.parent} until 'harness cache prune' removes it"
                )
                return

    def drop(self, why: str) -> None:
        """Give up what is there, and say so."""
        self.say(f"recipe {self.recipe}: its checkpoints cannot be continued ({why}); training begins anew")
        self.clear()

    def clear(self) -> None:
        """Remove every checkpoint: the model is finished, or never will be."""
        self.reached = None
        shutil.rmtree(self.store.place(KIND, self.key), ignore_errors=True)

    def has_room(self, size: int) -> bool:
        """Whether the disk has room for one of so many bytes; the first time that it has not is said."""
        free = shutil.disk_usage(self.store.root).free
        if free < size and not self._told:
            self._told = True
            self.say(
                f"store {self.store.root}: {size_text(free)} are free, and a checkpoint of {self.recipe} takes about "
                f"{size_text(size)}: training goes on without. Free some, or it begins anew where it is cut off"
            )
        return free >= size

    def begin(self) -> None:
        """Count the time from now."""
        self._since_ns = self._stepped_ns = self.clock.now_ns()

    def due(self, *, evaluates: bool = False) -> bool:
        """Whether it is time for one, after a step; counts anew from here, as this is the state that will be kept.

        ``evaluates``: whether the next step ends with an evaluation, before which one is due sooner.
        """
        now = self.clock.now_ns()
        elapsed, step = now - self._since_ns, now - self._stepped_ns
        self._stepped_ns = now
        every = min(EVERY_NS, BEFORE_EVALUATION_NS) if evaluates else EVERY_NS
        if elapsed < every and elapsed + step + self._writing_ns < LIMIT_NS:
            return False
        self._since_ns = now
        return True

    def keep(self, written: Path, steps: tuple[int, int], data: str, watch: Remembering) -> None:
        """Take what the library wrote into a folder, and what ``watch`` remembers, as the newest checkpoint."""
        from safetensors.torch import save_file

        step, of = steps
        values, tensors = watch.remembered()
        about = {
            "format": FORMAT,
            "recipe": self.recipe,
            "key": self.key,
            "step": step,
            "steps": of,
            "data": data,
            "values": values,
            "machine": _machine(),
        }

        def fill(folder: Path) -> None:
            for path in written.iterdir():
                path.rename(folder / path.name)
            if tensors:
                save_file({name: value.contiguous() for name, value in tensors.items()}, folder / _BESIDE)
            (folder / _ABOUT).write_text(json.dumps(about), encoding="utf-8")

        trees.write(self.store, KIND, f"{self.key}/{step:09}", fill)
        shutil.rmtree(written, ignore_errors=True)
        self.reached = Checkpoint(
            self.store.place(KIND, f"{self.key}/{step:09}"), step, of, data, values, _machine()
        )
        for path in self._paths()[:-KEPT]:
            shutil.rmtree(path, ignore_errors=True)
        self._stepped_ns = self.clock.now_ns()
        self._writing_ns = self._stepped_ns - self._since_ns

    @contextmanager
    def workplace(self) -> Iterator[Path]:
        """Yield a folder for what the library writes, gone with the block; after a kill the next start removes it."""
        with trees.scratch(self.store, self.key) as folder:
            yield folder

    def _paths(self) -> list[Path]:
        folder = self.store.place(KIND, self.key)
        return sorted(path for path in folder.iterdir() if path.is_dir()) if folder.is_dir() else []


def _machine() -> dict[str, Any]:
    """What moves the last bits of the weights, and is in no key."""
    return {"cpu": manifest.machine()["cpu"], **manifest.threads()}


def _about(path: Path) -> dict[str, Any] | None:
    try:
        about = json.loads((path / _ABOUT).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return about if isinstance(about, dict) else None


@dataclass(frozen=True)
class Going:
    """How a training goes on: what shows how far it is, where that is kept, and what finds hard negatives.

    ``backbone`` makes a bi-encoder of the base that remembers what it encoded; without it, mining encodes anew.
    """

    on_step: OnStep
    kept: Checkpoints
    backbone: Callable[[ModelFolder], BiEncoder] | None = None

    def encoder(self, base: ModelFolder) -> BiEncoder:
        """Return the base as a bi-encoder, on CPU and in fp32."""
        from harness.models import device as devices
        from harness.models.sentence import LoadSettings, SentenceBiEncoder

        if self.backbone is not None:
            return self.backbone(base)
        return SentenceBiEncoder(
            base, LoadSettings(device="cpu", batch_size=devices.default_batch_size("cpu"))
        )


def digest_of(rows: Iterable[Sequence[Any]]) -> str:
    """Return SHA-256 of what is trained on, in its order."""
    sha = hashlib.sha256()
    for row in rows:
        sha.update(json.dumps(row, ensure_ascii=True).encode("ascii") + b"\n")
    return sha.hexdigest()


def resumable(trainer: type) -> type:
    """Return one of sentence-transformers' trainers, whose checkpoints hold what training moves and nothing else.

    The library's own hold the model, but neither the loss's parameters nor the dropout it was built with; layers that
    are frozen are the backbone's, and are not written again and again.
    """
    from safetensors.torch import load_file, save_file

    class Resumable(trainer):  # type: ignore[misc, valid-type, unused-ignore]
        def _save(self, output_dir: str | None = None, state_dict: Any = None) -> None:
            folder = Path(output_dir or self.args.output_dir)
            folder.mkdir(parents=True, exist_ok=True)
            moved = {name: value.detach().contiguous() for name, value in _moved(self.loss).items()}
            save_file(moved, folder / _MOVED)

        def _load_from_checkpoint(self, checkpoint_path: str) -> None:
            import torch

            moved, kept = _moved(self.loss), load_file(Path(checkpoint_path) / _MOVED)
            assert moved.keys() == kept.keys()
            with torch.no_grad():
                for name, value in moved.items():
                    value.copy_(kept[name])

    return Resumable


def _moved(loss: Any) -> dict[str, Any]:
    """Parameters that are trained, those of the model among them, and buffers that are part of its state."""
    lasting = loss.state_dict().keys()
    learned = {name: value for name, value in loss.named_parameters() if value.requires_grad}
    return learned | {name: value for name, value in loss.named_buffers() if name in lasting}


def run(trainer: Any, kept: Checkpoints, data: str, watch: Remembering) -> None:
    """Train to the end: from the last checkpoint where there is one, and leaving one now and then."""
    from safetensors import SafetensorError
    from transformers import TrainerCallback

    found = kept.reached
    if found is not None and found.data != data:
        kept.drop("what it is trained on has changed")
        found = None
    if found is not None:
        if found.machine != _machine():
            kept.say(
                f"recipe {kept.recipe}: its first {found.step:,} steps were made by another processor, or with other "
                "threads: its weights differ in their last bits from those made by one"
            )
        watch.recall(found.values, found.tensors())

    class Keeper(TrainerCallback):  # type: ignore[misc, unused-ignore]
        """Asks the trainer for a checkpoint when it is time, and puts it in its place."""

        def on_train_begin(self, args: Any, state: Any, control: Any, **_: Any) -> None:
            kept.begin()

        def on_step_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:
            # From the last step, or one that stops early, there is nothing to go on with.
            over = control.should_training_stop or state.global_step >= state.max_steps
            if not over and kept.due(evaluates=watch.evaluates(state.global_step + 1, state.max_steps)):
                control.should_save = kept.has_room(size)

        def on_save(self, args: Any, state: Any, control: Any, **_: Any) -> None:
            written = Path(args.output_dir) / f"checkpoint-{state.global_step}"
            kept.keep(written, (state.global_step, state.max_steps), data, watch)

    # The weights, AdamW's two moments of each, and the best weights so far.
    size = 4 * sum(value.nbytes for value in _moved(trainer.loss).values())
    trainer.add_callback(Keeper())
    try:
        trainer.train(resume_from_checkpoint=None if found is None else str(found.path))
    except (RuntimeError, SafetensorError):  # what torch and safetensors make of a full disk
        if shutil.disk_usage(kept.store.root).free < size:
            raise full(kept.store.root) from None
        raise
