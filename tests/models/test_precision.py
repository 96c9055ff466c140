"""What ``precision: auto`` stands for, and what is said of a precision that is only emulated."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from harness.errors import ModelError
from harness.models import precision
from harness.models.precision import Speeds

FAST = Speeds("cpu", "AMX", True, True, {"fp32": 100.0, "bf16": 400.0, "fp16": 90.0})
EMULATED = Speeds("cpu", "AVX2", False, False, {"fp32": 28.0, "bf16": 1.3, "fp16": 1.4})
SAID_ONLY = Speeds("cpu", "AVX512", True, False, {"fp32": 100.0, "bf16": 101.0, "fp16": 5.0})
NO_BF16 = Speeds("mps", "mps", False, True, {"fp32": 100.0, "fp16": 180.0})


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> Any:
    def pretend(found: Speeds) -> None:
        monkeypatch.setattr(precision, "speeds", lambda device: found)

    return pretend


@pytest.mark.parametrize(
    ("found", "device", "made_here", "expected"),
    [
        (FAST, "cpu", True, "bf16"),
        (FAST, "cpu", False, "fp32"),  # a foreign model answers as its library does
        (EMULATED, "cpu", True, "fp32"),
        (SAID_ONLY, "cpu", True, "fp32"),  # the product does not confirm it
        (FAST, "cuda:0", False, "bf16"),
        (NO_BF16, "mps", True, "fp32"),
    ],
)
def test_auto_becomes_what_the_hardware_is_fast_in(
    machine: Any, found: Speeds, device: str, made_here: bool, expected: str
) -> None:
    machine(found)
    assert precision.resolved("auto", device, made_here) == expected


def test_a_precision_by_name_is_kept_and_one_that_cannot_be_is_refused(machine: Any) -> None:
    machine(NO_BF16)
    assert precision.resolved("fp16", "mps") == "fp16"
    with pytest.raises(
        ModelError, match=r"precision bf16: mps cannot compute in it; valid here: auto, fp32, fp16"
    ):
        precision.resolved("bf16", "mps")


def test_emulation_is_told_with_its_ratio(machine: Any) -> None:
    machine(EMULATED)
    said = precision.warning("bf16", "cpu")
    assert said is not None
    assert "AVX2 has no fast bf16; a product takes 21.5 times as long as in fp32 here (1.3 against 28" in said
    assert precision.warning("auto", "cpu") is None
    machine(FAST)
    assert precision.warning("bf16", "cpu") is None


def test_this_machine_is_measured_once_and_remembered_without_torch(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HARNESS_STORE", str(tmp_path / "store"))
    code = (
        "import sys\nfrom harness.models import precision\n"
        "print(precision.speeds('cpu').as_dict(), 'torch' in sys.modules)"
    )
    first, second = (
        subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=True
        ).stdout.rsplit(" ", 1)
        for _ in range(2)
    )
    assert sorted(eval(first[0])["gflops"]) == ["bf16", "fp16", "fp32"]
    assert eval(first[0]) == eval(second[0])
    assert (first[1].strip(), second[1].strip()) == ("True", "False")


def test_without_its_instructions_a_processor_is_not_fast_in_bf16(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    code = "from harness.models import precision\nprint(precision.resolved('auto', 'cpu', made_here=True))"
    for name in ("ATEN_CPU_CAPABILITY", "ONEDNN_MAX_CPU_ISA"):
        monkeypatch.setenv(name, "avx2")
    monkeypatch.setenv("HARNESS_STORE", "off")
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "fp32"
