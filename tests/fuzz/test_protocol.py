"""The worker's protocol, damaged on either side: an error in words of one call, or of the worker, and never a hang."""

from __future__ import annotations

import io
import json
import os
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

from harness.errors import DataError
from harness.serving.base import Answer
from harness.serving.laps import Laps
from harness.timing import protocol
from harness.timing.counters import WorkCounters
from harness.timing.process import Launch, ProcessService, Timeouts
from harness.timing.service import Request, ServiceError
from harness.worker import Worker

Many = Callable[[bytes, Callable[[bytes], Any], int], tuple[int, int]]


class Words:
    """A pipeline that answers with the words of a query."""

    kinds = ("query", "document")

    def query(self, query_id: str, texts: list[str]) -> Answer:
        (text,) = texts
        return Answer(_laps(), WorkCounters(), lambda top: [(word, 1.0) for word in text.split()[:top]])

    def batch(self, kind: str, ids: list[str], texts: list[list[str]]) -> Answer:
        assert len(ids) == len(texts)
        return Answer(_laps(), WorkCounters(tokens=len(texts)))


def _laps() -> Laps:
    return cast(Laps, SimpleNamespace(elapsed_ns=5, stages_ns={"encode": 5}, device_ns={}))


def test_a_worker_that_is_asked_nonsense(n: int, many: Many, capfd: Any) -> None:
    calls: list[dict[str, Any]] = [
        {"call": "query", "id": "q", "texts": ["a river"], "top": 3},
        {"call": "batch", "kind": "document", "ids": ["a", "b"], "texts": [["x"], ["y"]]},
        {"call": "status"},
        {"call": "close"},
    ]
    lines = [
        protocol.opening("0.1.0", {"pipeline": "p"}),
        *({"n": i + 1, **call} for i, call in enumerate(calls)),
    ]

    def served(data: bytes) -> None:
        out = io.BytesIO()
        started = SimpleNamespace(served=Words(), details={"threads": 1}, status=lambda: {"peak": 1})
        code = Worker(io.BytesIO(data), cast(Any, out), lambda message: cast(Any, started)).serve()
        said = [json.loads(line) for line in out.getvalue().splitlines()]
        assert code in (0, 2)
        assert len(said) <= data.count(b"\n") + 1
        for message in said:
            assert isinstance(message, dict)
            assert "protocol" in message or "n" in message or "error" in message

    many(b"".join(map(protocol.encoded, lines)), served, 2 * n)
    capfd.readouterr()


def test_a_driver_that_is_answered_nonsense(n: int, many: Many, tmp_path: Path) -> None:
    figures = {"elapsed_ns": 5, "stages_ns": {"encode": 5}, "counters": {"tokens": 2}}
    answers: list[dict[str, Any]] = [
        {"protocol": 1, "harness": "0.1.0", "ready": {"threads": 1}},
        {"n": 1, **figures},
        {"n": 2, **figures, "results": [["d1", 0.5], ["d2", 0.25]]},
        {"n": 3, "status": {"peak_device_bytes": 7}},
    ]
    file = tmp_path / "answers"
    launch = Launch(
        "p", ("sh", "-c", f"cat '{file}'; exec cat > /dev/null"), {}, "0.1.0", dict(os.environ),
        Timeouts(0.3, 0.3, 0.3, 0.3),
    )  # fmt: skip

    def driven(data: bytes) -> None:
        file.write_bytes(data)
        try:
            with ProcessService(launch) as service:
                reply = service.query(Request("q", ("text",), 1))
                assert reply.elapsed_ns >= 0
                assert min(reply.stages_ns.values(), default=0) >= 0
                for name, score in service.answer(Request("q", ("text",), 1), top=2):
                    assert isinstance(name, str)
                    assert isinstance(score, float)
                assert service.info().name == "p"
        except ServiceError as error:
            raise DataError(str(error)) from None

    many(b"".join(map(protocol.encoded, answers)), driven, n // 4)
