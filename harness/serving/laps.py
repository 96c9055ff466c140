"""The stages of one call: every nanosecond between its start and its end belongs to one of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from harness.timing.clock import Clock


class Laps:
    """One call's time, cut at the marks: the stages add up to the whole, for each begins where the last ended.

    Where a model is on an accelerator its queue is emptied before each reading, so that a stage's work falls
    into that stage. Not a value: it is marked while the call runs.
    """

    def __init__(self, clock: Clock, devices: Sequence[str] = ()) -> None:
        """Start now, with the queues of the devices empty."""
        self._clock = clock
        self._accelerators = [_Accelerator(device) for device in devices if device.partition(":")[0] != "cpu"]
        self.stages_ns: dict[str, int] = {}
        for accelerator in self._accelerators:
            accelerator.begin()
        self._started_ns = self._last_ns = clock.now_ns()

    def mark(self, stage: str) -> None:
        """End a stage; one that is marked again adds up."""
        for accelerator in self._accelerators:
            accelerator.end_of(stage)
        now_ns = self._clock.now_ns()
        self.stages_ns[stage] = self.stages_ns.get(stage, 0) + now_ns - self._last_ns
        self._last_ns = now_ns

    @property
    def elapsed_ns(self) -> int:
        """From the start to the last mark."""
        return self._last_ns - self._started_ns

    @property
    def device_ns(self) -> dict[str, int]:
        """Time of each stage by the device's own events, where there are such; of several devices the longest."""
        stages: dict[str, int] = {}
        for accelerator in self._accelerators:
            for stage, spent in accelerator.stages_ns.items():
                stages[stage] = max(spent, stages.get(stage, 0))
        return stages


class _Accelerator:
    """A device whose work is queued: waited for at every mark, and on CUDA timed by events in its stream."""

    def __init__(self, device: str) -> None:
        self.device = device
        self.stages_ns: dict[str, int] = {}
        self._events = device.startswith("cuda")
        self._last: Any = None

    def begin(self) -> None:
        """Wait until the queue is empty."""
        self._last = self._event()
        self._synchronise()

    def end_of(self, stage: str) -> None:
        """Wait for a stage's work, and keep how long the device says that it took."""
        event = self._event()
        self._synchronise()
        if event is not None and self._last is not None:
            spent_ms: float = self._last.elapsed_time(event)
            self.stages_ns[stage] = self.stages_ns.get(stage, 0) + round(spent_ms * 1e6)
        self._last = event

    def _event(self) -> Any:
        if not self._events:
            return None
        import torch

        event: Any = torch.cuda.Event(enable_timing=True)  # type: ignore[no-untyped-call]
        event.record(torch.cuda.current_stream(self.device))
        return event

    def _synchronise(self) -> None:
        import torch

        if self.device.startswith("cuda"):
            torch.cuda.synchronize(self.device)
        elif self.device == "mps":
            torch.mps.synchronize()
