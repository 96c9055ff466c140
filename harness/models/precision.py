"""Which precision pays on the hardware at hand: asked of the libraries, confirmed by a product, and remembered.

On a processor without instructions for bf16 or fp16, torch computes their products in a naive loop, tens of times
slower than fp32. What a machine is good for is therefore measured on it, in about a fifth of a second, and kept in the
store under a key of all it depends on, so that a later run need not even import torch to know.
"""

from __future__ import annotations

import os
import platform
from contextlib import suppress
from dataclasses import asdict, dataclass
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any, Literal, cast

import numpy as np

from harness.config import digest
from harness.errors import HarnessError, ModelError, listed
from harness.models import device as devices
from harness.store import files, open_store
from harness.store.folder import folder_for
from harness.timing import environment
from harness.timing.clock import NS_PER_S, Clock, MonotonicClock

Concrete = Literal["fp32", "fp16", "bf16"]
AUTO = "auto"
KIND = "machine"
#: A precision is fast where its product takes at most this share of fp32's time.
_WORTH_IT = 1 / 1.3
#: Rows, inner and outer size of the product: a small encoder's feed-forward layer on a batch of short texts.
_SHAPE = (256, 384, 1536)
_ENOUGH_NS = NS_PER_S // 20
_REPEATS = 50
#: What torch and oneDNN are told to do without; part of the key, since they change the answer.
_LIMITS = ("ATEN_CPU_CAPABILITY", "DNNL_MAX_CPU_ISA", "ONEDNN_MAX_CPU_ISA")


@dataclass(frozen=True)
class Speeds:
    """What one device does with each precision.

    Attributes:
        device: its kind: cpu, cuda or mps.
        capability: the instruction set that torch uses, or the GPU's name.
        bf16, fp16: whether the hardware is said to compute in it, rather than to emulate it.
        gflops: of a 256 x 384 x 1536 product at each precision, in 10^9 floating-point operations a second and
            thread: the fastest of a few dozen, since other work only ever slows one down. What the device cannot do
            at all is left out.
    """

    device: str
    capability: str
    bf16: bool
    fp16: bool
    gflops: dict[str, float]

    def ratio(self, precision: str) -> float | None:
        """Return a precision's speed as a multiple of fp32's, or None where the device cannot do it."""
        found = self.gflops.get(precision)
        return None if found is None else found / self.gflops["fp32"]

    def fast(self, precision: Concrete) -> bool:
        """Whether the hardware computes in a precision, and a product confirms that it pays."""
        ratio = self.ratio(precision)
        said = {"fp32": True, "bf16": self.bf16, "fp16": self.fp16}[precision]
        return said and ratio is not None and ratio * _WORTH_IT >= 1

    @property
    def best(self) -> Concrete:
        """The fastest precision that keeps fp32's range: bf16 where it is fast, else fp32."""
        return "bf16" if self.fast("bf16") else "fp32"

    def as_dict(self) -> dict[str, Any]:
        """Return what a manifest says about it."""
        return {**asdict(self), "best": self.best}


#: Devices whose speeds this process asked for, for the manifest.
_ASKED: dict[str, Speeds] = {}


def resolved(precision: str, device: str, made_here: bool = False) -> Concrete:
    """Return the precision that a model runs in on a device: ``auto`` as what it stands for here.

    ``auto`` is bf16 on a GPU that has it. On a CPU it is bf16 where that is fast for a model that a recipe makes
    here, and fp32 for one that comes from elsewhere: that is how its library answers and how its figures were
    published, and they may not depend on whose machine it is (bf16 moves all-MiniLM-L6-v2's ndcg@10 on Vaswani from
    0.4335 to 0.4381).
    Raises ModelError for a precision that the device cannot compute in at all.
    """
    if precision == AUTO:
        return "fp32" if device == "cpu" and not made_here else speeds(device).best
    if precision != "fp32" and speeds(device).ratio(precision) is None:
        raise ModelError(
            f"precision {precision}: {device} cannot compute in it; valid here: "
            f"{listed((AUTO, *speeds(device).gflops))}"
        )
    return cast(Concrete, precision)


def warning(precision: str, device: str, made_here: bool = False) -> str | None:
    """Return what is to be said before work begins in a precision that the hardware only emulates, or None."""
    if precision in (AUTO, "fp32"):
        return None
    found = speeds(device)
    ratio = found.ratio(precision)
    if ratio is None or ratio >= 1:
        return None
    return (
        f"precision {precision}: {found.capability} has no fast {precision}; a product takes {1 / ratio:.1f} times as "
        f"long as in fp32 here ({found.gflops[precision]:.1f} against {found.gflops['fp32']:.0f} GFLOP/s a thread); "
        f"'precision: auto' takes {resolved(AUTO, device, made_here)}"
    )


def speeds(device: str) -> Speeds:
    """Return what a device is good for: as measured here before, or measured now (about 0.2 s)."""
    found = _speeds(device, *(os.environ.get(name, "") for name in _LIMITS))
    _ASKED[device] = found
    return found


def asked() -> dict[str, dict[str, Any]]:
    """Return what a manifest says of the devices whose precisions mattered in this process."""
    return {device: found.as_dict() for device, found in sorted(_ASKED.items())}


@cache
def _speeds(device: str, *limits: str) -> Speeds:
    key = digest(["speeds", 1, device, *limits, _machine(), _version("torch")])
    kept = _read(key)
    if kept is None:
        kept = measure(device)
        _keep(key, kept)
    return kept


def measure(device: str, clock: Clock | None = None) -> Speeds:
    """Ask the libraries what a device can do, and time a product at each precision.

    Raises ModelError where there is no such device.
    """
    import torch

    clock = clock or MonotonicClock()
    device = devices.resolve(device)
    kind = device.partition(":")[0]
    if kind == "cuda":
        capability = torch.cuda.get_device_name(device)
        bf16, fp16 = bool(torch.cuda.is_bf16_supported(including_emulation=False)), True
    elif kind == "mps":
        # Its bf16 depends on the chip and the system, and was never tried here: only asked for by name.
        capability, bf16, fp16 = "mps", False, True
    else:
        capability = str(torch.backends.cpu.get_cpu_capability())
        bf16 = bool(torch.ops.mkldnn._is_mkldnn_bf16_supported())
        fp16 = bool(torch.ops.mkldnn._is_mkldnn_fp16_supported())
    threads = torch.get_num_threads()
    torch.set_num_threads(1)  # threads that wait for each other on a busy machine would be measured instead
    try:
        rates = {name: _rate(torch, device, name, clock) for name in ("fp32", "bf16", "fp16")}
    finally:
        torch.set_num_threads(threads)
    done = {name: rate for name, rate in rates.items() if rate is not None}
    return Speeds(kind, capability, bf16, fp16, done)


def _rate(torch: Any, device: str, name: str, clock: Clock) -> float | None:
    dtype = {"fp32": torch.float32, "bf16": torch.bfloat16, "fp16": torch.float16}[name]
    rows, inner, outer = _SHAPE

    def product() -> None:
        torch.nn.functional.linear(left, right)
        if device.startswith("cuda"):
            torch.cuda.synchronize(device)
        elif device.startswith("mps"):
            torch.mps.synchronize()

    try:
        with torch.inference_mode():
            left = torch.ones((rows, inner), device=device).to(dtype)
            right = torch.ones((outer, inner), device=device).to(dtype)
            product()  # the first compiles or dispatches
            took: list[int] = []
            while len(took) < 3 or (sum(took) < _ENOUGH_NS and len(took) < _REPEATS):
                before = clock.now_ns()
                product()
                took.append(clock.now_ns() - before)
    except (RuntimeError, TypeError):
        return None
    return 2 * rows * inner * outer / max(1, min(took))


def _machine() -> list[Any]:
    """Return what tells one machine from another, without torch."""
    return [
        environment.cpu_model(),
        platform.machine(),
        platform.system(),
        environment.cpu_flags(),
        len(environment.affinity_cpus()),
    ]


def _version(name: str) -> str:
    with suppress(metadata.PackageNotFoundError):
        return metadata.version(name)
    return ""


def _read(key: str) -> Speeds | None:
    root = folder_for(None, Path())
    if root is None:
        return None
    with suppress(OSError, files.Damaged, TypeError):
        kept = dict(files.read(root / KIND / key).header)
        kept.pop("session", None)
        return Speeds(**kept)
    return None


def _keep(key: str, found: Speeds) -> None:
    """Remember for the next process; where that cannot be, it is measured again."""
    root = folder_for(None, Path())
    if root is not None:
        with suppress(HarnessError, OSError):
            open_store(root).write(KIND, key, asdict(found), np.zeros(0, dtype=np.uint8))
