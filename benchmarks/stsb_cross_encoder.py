"""STS-B: cross-encoders by the shipped recipe, several seeds, against the bi-encoder they were made from.

    python benchmarks/stsb_cross_encoder.py FOLDER [--seeds 0 1 2] [--out DIR]

FOLDER holds STS-B's train.csv, dev.csv and test.csv (sentence1, sentence2, score; quoted, no header). Each seed is
trained once, about 8 minutes on two idle cores, and kept in the store. The bundle in DIR holds every score.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

import numpy as np
import yaml

from harness.cli import main as harness
from harness.results import bundle

MODEL = "sentence-transformers/all-MiniLM-L6-v2"


def config(folder: Path, seeds: list[int], place: Path) -> Path:
    """Write a suite over the local test file and a config that trains and scores every seed."""
    files = {name: {"pairs": str(folder / f"{name}.csv")} for name in ("train", "dev", "test")}
    suite = {
        "task": "sts",
        "version": 1,
        "dataset": files["test"],
        "measures": ["spearman", "pearson"],
        "primary": "spearman",
    }
    (place / "stsb-test.yaml").write_text(yaml.safe_dump(suite))
    made = {
        f"seed-{seed}": {
            "recipe": "stsb-cross-encoder",
            "set": {"seed": seed, "data": files["train"], "dev": files["dev"]},
        }
        for seed in seeds
    }
    said = {
        "suite": "stsb-test.yaml",
        "device": "cpu",
        "models": {
            "minilm": {"bi_encoder": MODEL},
            **{name: {"cross_encoder": source} for name, source in made.items()},
        },
        "pipelines": {"bi-encoder": {"score": "minilm"}, **{name: {"score": name} for name in made}},
    }
    path = place / "stsb-cross-encoder.yaml"
    path.write_text(yaml.safe_dump(said))
    return path


def main() -> None:
    """Train, measure, and print each seed, their mean and deviation, and the paired differences."""
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("folder", type=Path)
    options.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    options.add_argument("--out", type=Path, default=Path("bundles/stsb-cross-encoder"))
    given = options.parse_args()
    with tempfile.TemporaryDirectory() as place:
        path = config(given.folder.resolve(), given.seeds, Path(place))
        code = harness(["run", str(path), "--offline", "--out", str(given.out)])
    if code:
        raise SystemExit(code)
    code = harness(["compare", str(given.out)])  # paired intervals of the differences, on the same resamples
    found = bundle.read(given.out)
    values = [found.value(f"seed-{seed}", "spearman") for seed in given.seeds]
    spread = f" ± {np.std(values, ddof=1):.4f} (standard deviation)" if len(values) > 1 else ""
    print(f"cross-encoders, mean over {len(values)} seeds: {np.mean(values):.4f}{spread}")
    print(f"bi-encoder: {found.value('bi-encoder', 'spearman'):.4f}")
    raise SystemExit(code)


if __name__ == "__main__":
    main()
