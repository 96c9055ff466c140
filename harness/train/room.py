"""Whether this machine has the memory and the disk that a training needs, said before it begins."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass

from harness import memory
from harness.errors import ResourceError
from harness.models.folders import ModelFolder
from harness.store import Store
from harness.train.checkpoints import KEPT
from harness.train.objectives import ObjectiveSettings
from harness.train.recipe import RecipeSettings
from harness.units import size_text

_RUNTIME = 600_000_000  # Python with torch, sentence-transformers and datasets
#: Copies of the weights: the model, gradients, AdamW's two moments, and the best so far or one that is being written.
_COPIES = 5
_COPIES_IN_A_CHECKPOINT = 4


@dataclass(frozen=True)
class Room:
    """Bytes that a training needs at its peak, as an upper estimate."""

    memory: int
    disk: int  # of the model, and its copy while it is put in its place
    checkpoints: int  # of disk beside it; without, a training that is cut off begins anew


def needed(said: RecipeSettings | ObjectiveSettings, base: ModelFolder) -> Room:
    """Estimate from the backbone's size: weights and their copies, and activations by Korthikanti et al. 2022.

    A layer keeps 34 s b h bytes of b texts of s tokens with h numbers each, where a number has two bytes; here four.
    What attention keeps beside, the kernels of today make anew.
    """
    weights = sum(path.stat().st_size for path in base.weights)
    about = base.json("config.json", "0_Transformer/config.json")
    hidden = int(about.get("hidden_size", 768))
    layers = getattr(said, "layers", None) or int(about.get("num_hidden_layers", 12))
    texts = said.batch_size * (1 if said.kind == "cross-encoder" else 3)
    activations = 2 * 34 * layers * texts * said.max_length * hidden
    return Room(
        memory=_RUNTIME + _COPIES * weights + activations,
        disk=2 * weights,
        checkpoints=(KEPT + 1) * _COPIES_IN_A_CHECKPOINT * weights,
    )


def check(name: str, room: Room, store: Store, say: Callable[[str], None]) -> None:
    """Raise ResourceError where the machine has not that memory, or the store's disk is too full for the model.

    Memory that is there, but in use, is said, and a disk that is too full for checkpoints.
    """
    has, free = memory.available(), memory.free()
    if room.memory > has:
        raise ResourceError(
            f"recipe {name}: training needs about {size_text(room.memory)} of memory, and this machine has "
            f"{size_text(has)}; lower batch_size or max_length ('harness train {name} --set batch_size=8'), or train "
            f"it elsewhere ('harness train {name} --out DIR') and name that folder in the config"
        )
    if room.memory > free:
        say(
            f"recipe {name}: training needs about {size_text(room.memory)} of memory, and only {size_text(free)} are "
            "free; close other programs, or the system may end it. It then goes on from its last checkpoint"
        )
    space = shutil.disk_usage(store.root).free
    if room.disk > space:
        raise ResourceError(
            f"store {store.root}: training {name} needs about {size_text(room.disk)} of disk for the model, and "
            f"{size_text(space)} are free; free some ('harness cache prune --max 1GB'), or name another folder in "
            "HARNESS_STORE"
        )
    if room.disk + room.checkpoints > space:
        say(
            f"store {store.root}: {size_text(space)} are free, and the checkpoints of {name} may take "
            f"{size_text(room.checkpoints)}: where they find no room, a training that is cut off begins anew"
        )
