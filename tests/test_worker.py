"""The worker as a process of its own, on tiny real models: what it prints, what it refuses, how it ends."""

from __future__ import annotations

import io
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
import pytest

import harness
from harness.config import load_config
from harness.datasets import trec
from harness.errors import DataError
from harness.plan.serving import ServingSetup, service_factories
from harness.timing.process import ProcessService
from harness.timing.service import Request, ServiceError
from harness.worker import Worker

PIPELINES = "  two-stage: {retrieve: bi, rerank: cross, depth: [5, 20]}\n"
LOUD = """\
import os, sys
print("imported: printed by Python")
os.write(1, b"imported: written to descriptor 1\\n")
os.system("echo imported: echoed by a child")

class Loud:
    similarity = "dot"

    def encode(self, texts, role):
        import numpy
        print("encoding", texts)
        os.write(1, b"encoding\\n")
        assert sys.stdin.read() == ""
        return numpy.asarray([[len(text), 1.0] for text in texts], dtype=numpy.float32)
"""


def factory(path: Path, pipeline: str, **setup: Any) -> Callable[[], ProcessService]:
    setup = {"offline": True, "threads": 1, **setup}
    return service_factories(load_config(path), [pipeline], ServingSetup(**setup))[pipeline]  # type: ignore[return-value]


def test_a_pipeline_is_served_as_its_run_says_and_ends_with_its_input(
    write_config: Callable[[str], Path], tmp_path: Path
) -> None:
    path = write_config(PIPELINES)
    bundle = harness.run(path, out=tmp_path / "bundle")
    run = trec.read_run(bundle.path / "runs/two-stage@20.trec")
    text = "where flows the river mountain"
    with factory(path, "two-stage@20")() as service:
        expected = list(run.results("q0"))
        found = service.answer(Request("q0", (bundle.frame("queries")["text"][0],), 5), top=100)
        assert [score for _, score in found] == pytest.approx([score for _, score in expected], abs=1e-5)
        assert dict(found) == pytest.approx(dict(expected), abs=1e-5)

        replies = [service.query(Request("q0", (text,), 5)) for _ in range(3)]
        assert len({reply.counters for reply in replies}) == 1
        for reply in replies:
            assert sum(reply.stages_ns.values()) == reply.elapsed_ns
        details = service.info().details
        for key in ("start_ns", "load_model_ns", "load_index_ns", "index_bytes", "model_bytes"):
            assert int(details[key]) > 0
        assert details["threads"] == 1
        assert details["device"] == "cpu"
        assert details["protocol"] == 1
        assert details["harness"] == harness.__version__
        assert str(details["torch"]).startswith("2.")
        assert "build_index_ns" not in details

        for strange in ("", "two\nlines", "nul \0", "漢字 🎈", "river " * 20_000):
            assert service.query(Request("s", (strange,), 1)).elapsed_ns > 0
        with pytest.raises(ServiceError, match="two-stage@20"):
            service.query(Request("s", ("lone \ud800 surrogate",), 1))
        assert service.query(Request("q0", (text,), 5)).elapsed_ns > 0

        os.kill(service.pid, signal.SIGKILL)
        with pytest.raises(ServiceError, match="SIGKILL"):
            service.query(Request("q0", (text,), 5))


def test_a_pipeline_of_words_alone_needs_no_torch(write_config: Callable[[str], Path]) -> None:
    with factory(write_config("  words: {retrieve: bm25, depth: 5}\n"), "words")() as service:
        assert len(service.answer(Request("q0", ("river",), 1), top=9)) == 5
        details = service.info().details
        assert "torch" not in details
        assert details["threads"] == 1
        modules = Path(f"/proc/{service.pid}/maps")
        if modules.is_file():
            assert "libtorch" not in modules.read_text()


def test_a_model_that_prints_cannot_break_the_protocol(
    write_config: Callable[[str], Path], collection: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (collection / "loud_model.py").write_text(LOUD)
    monkeypatch.syspath_prepend(str(collection))
    path = write_config("  loud: {retrieve: loud, depth: 3}\n")
    path.write_text(
        path.read_text().replace("models:\n", "models:\n  loud: {bi_encoder: {class: loud_model.Loud}}\n")
    )
    with factory(path, "loud")() as service:
        assert len(service.answer(Request("q0", ("river",), 1), top=9)) == 3
        service.close()


def test_a_config_that_cannot_be_served_is_refused_in_words(write_config: Callable[[str], Path]) -> None:
    path = write_config(PIPELINES)
    path.write_text(path.read_text().replace("cross_encoder: ", "cross_encoder: /no/such"))
    with pytest.raises(ServiceError, match=r"two-stage@5: .*model 'cross'.*/no/such"):
        factory(path, "two-stage@5")()


def test_a_worker_whose_driver_is_gone_ends() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "harness.worker"], input=b"", capture_output=True, check=False
    )
    assert (done.returncode, done.stdout) == (0, b"")


#: A driver that starts a worker and is busy elsewhere; the kernel's help is off, as it is where there is none.
_DRIVER = """
import os, subprocess, sys, threading
theirs, mine = os.pipe()
code = ("import os, threading, harness.worker as w; w._die_with_parent = lambda wanted: None; out = os.dup(1);"
        "w.end_with_driver(out); print(os.getpid(), flush=True); threading.Event().wait()")
process = subprocess.Popen([sys.executable, "-c", code], pass_fds=[theirs], stdout={stdout},
                           env={{**os.environ, {given!r}: str(theirs)}}, start_new_session=True)
{read}
threading.Event().wait()
"""


@pytest.mark.parametrize(
    ("given", "stdout", "read"),
    [
        ("HARNESS_LIFELINE", "None", ""),  # its answers go elsewhere: only the pipe tells it
        ("OTHER", "subprocess.PIPE", "print(int(process.stdout.readline()), flush=True)"),
    ],
    ids=["lifeline", "reader"],
)
def test_a_worker_ends_with_a_driver_that_is_killed(given: str, stdout: str, read: str) -> None:
    driver = subprocess.Popen(
        [sys.executable, "-c", _DRIVER.format(given=given, stdout=stdout, read=read)],
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    assert driver.stdout is not None
    worker = psutil.Process(int(driver.stdout.readline()))
    driver.kill()
    driver.wait()
    assert not psutil.wait_procs([worker], 10)[1]
    driver.stdout.close()


def dialogue(*lines: bytes, start: Any = None) -> tuple[int, list[dict[str, Any]]]:
    out = io.BytesIO()
    code = Worker(io.BytesIO(b"".join(lines)), out, start).serve()
    return code, [json.loads(line) for line in out.getvalue().splitlines()]


@pytest.mark.parametrize(
    ("opening", "said"),
    [
        (
            b'{"protocol": 7, "harness": "3.1", "open": {}}\n',
            "speaks protocol 7 (harness 3.1), and this side protocol 1",
        ),
        (b'{"harness": "3.1"}\n', "speaks protocol None"),
        (b"hello\n", "no message"),
        (b"[]\n", "no message"),
    ],
)
def test_an_opening_that_is_not_understood_is_answered_at_once(opening: bytes, said: str) -> None:
    code, (answer,) = dialogue(opening)
    assert code == 2
    assert said in answer["error"]
    assert answer["protocol"] == 1


def test_errors_in_words_and_an_unforeseen_one_with_its_traceback(capsys: pytest.CaptureFixture[str]) -> None:
    def fails(error: Exception) -> Any:
        def start(message: Any) -> Any:
            raise error

        return start

    opening = b'{"protocol": 1, "open": {}}\n'
    _, (answer,) = dialogue(opening, start=fails(DataError("no documents")))
    assert answer["error"] == "no documents"
    assert capsys.readouterr().err == ""
    _, (answer,) = dialogue(opening, start=fails(ZeroDivisionError("by zero")))
    assert answer["error"] == "ZeroDivisionError: by zero"
    assert "Traceback" in capsys.readouterr().err
