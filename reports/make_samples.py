"""Make the sample reports: ``python reports/make_samples.py [--quickstart BUNDLE] [--out DIR]`` (``reports/samples``).

``quickstart``: from a run of the quickstart with timings, whole: its page with every section, runs and texts. That bundle
is too large to commit; it must have the figures of the committed baseline ``reports/baselines/quickstart``, and without
``--quickstart`` this sample is left as it is. So, on a machine that is otherwise idle::

    harness run quickstart --set timing=quick --out bundles/quickstart
    harness gate bundles/quickstart --update-baseline --baseline quickstart --reason "..."
    python reports/make_samples.py --quickstart bundles/quickstart

``trec-dl-2019``: six published runs of the TREC 2019 Deep Learning Track, scored here. They are read from the folder
that the environment variable HARNESS_TEST_DATA names; without it this sample is left as it is. Its data set is not
this project's, so only aggregates are written: no page, no query and nothing per query.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import harness
from harness.errors import HarnessError, UsageError, listed
from harness.report import folder
from harness.report.model import ReportView
from harness.report.view import view_of
from harness.results.bundle import Bundle
from harness.results.shape import result_of
from harness.results.tables import DOCUMENTS, QRELS, QUERIES, SAMPLES, SCORES

REPORTS = Path(__file__).resolve().parent
SUITE = """\
description: six published runs of the TREC 2019 Deep Learning Track, passage ranking
task: retrieval
version: 1
dataset: {queries: queries.dl19.tsv, qrels: qrels.dl19.txt}
measures: [ndcg@10, mrr@10-l2, recall@100-l2, map-l2]
primary: ndcg@10
"""
#: Parts of a manifest that say where on a machine a bundle was made.
LOCAL = ("command", "executable")


KEEP = frozenset({"report.md", "tables/*.csv", "figures/*.svg"})
#: A baseline and the run it was made from have the same figures.
SAME = 1e-9


def make(out: Path, data: Path | None, quickstart: Path | None = None) -> None:
    """Make every sample that can be made, each in a folder of its own. Raises HarnessError."""
    if quickstart is None:
        print("quickstart: left as it is: --quickstart names the bundle of a timed run")
    else:
        baseline = harness.load(REPORTS / "baselines" / "quickstart")
        make_quickstart(harness.load(quickstart), baseline, out / "quickstart")
    if data is None:
        print("trec-dl-2019: skipped: HARNESS_TEST_DATA names no folder with msmarco/runs-dl19")
        return
    with tempfile.TemporaryDirectory() as name:
        bundle = _scored(data, Path(name))
        _write(replace(view_of(bundle), per_query=None), out / "trec-dl-2019", KEEP)


def make_quickstart(bundle: Bundle, baseline: Bundle, out: Path) -> None:
    """Make the quickstart's sample from a timed run. Raises UsageError where it is not whole, or not the baseline's."""
    untimed = [name for name, part in bundle.pipelines.items() if part.timing is None]
    if untimed:
        raise UsageError(f"{bundle.path}: {listed(untimed)}: not timed; run with --set timing=quick")
    lacking = [table.name for table in (SCORES, QRELS, QUERIES, DOCUMENTS, SAMPLES) if not bundle.has(table)]
    if lacking:
        raise UsageError(
            f"{bundle.path}: lacks the tables {listed(lacking)}; give the bundle of a run, not a baseline"
        )
    for name, part in bundle.pipelines.items():
        for measure in bundle.measures:
            if name not in baseline.pipelines or measure not in baseline.measures:
                raise UsageError(f"{baseline.path}: has no {measure} of {name}; {_UPDATE}")
            if abs(bundle.value(name, measure) - baseline.value(name, measure)) > SAME:
                raise UsageError(
                    f"{bundle.path}: {measure} of {name} is not that of {baseline.path}; {_UPDATE}"
                )
        bundle.file(part.run)
    view = view_of(_without_places(bundle))
    _write(replace(view, name=out.name), out, {*KEEP, folder.PAGE})


_UPDATE = "make the baseline from the same bundle first: harness gate BUNDLE --update-baseline"


def _without_places(bundle: Bundle) -> Bundle:
    """The same bundle without what names places on the machine that it was made on."""
    manifest = {key: value for key, value in bundle.content["manifest"].items() if key not in LOCAL}
    return _with(bundle, {**bundle.content, "manifest": manifest})


def _with(bundle: Bundle, content: dict[str, Any]) -> Bundle:
    return Bundle(bundle.path, result_of(content, bundle.path), content)


def _scored(data: Path, work: Path) -> Bundle:
    """Score the six runs; nothing in the bundle returned names a place on this machine."""
    for name in ("queries.dl19.tsv", "qrels.dl19.txt"):
        shutil.copy(data / name, work)
    suite = work / "trec-dl-2019.yaml"
    suite.write_text(SUITE, encoding="utf-8")
    bundle = harness.score(suite, *sorted((data / "runs-dl19").glob("*.trec")), out=work / "trec-dl-2019")
    result = dict(_without_places(bundle).content)
    dataset = {
        key: Path(value).name if key in ("queries", "qrels") else value
        for key, value in result["suite"]["dataset"].items()
    }
    result["suite"] = {**result["suite"], "dataset": dataset}
    return _with(bundle, result)


def _write(view: ReportView, out: Path, keep: Iterable[str]) -> None:
    """Write a report, of which only some files are kept."""
    if out.exists() and any(out.iterdir()) and not (out / "report.md").is_file():
        raise UsageError(f"{out}: holds other files, no report; name another folder with --out")
    with tempfile.TemporaryDirectory() as name:
        whole = Path(name) / "report"
        folder.write_one(view, whole)
        if out.exists():
            shutil.rmtree(out)
        for path in sorted(path for pattern in keep for path in whole.glob(pattern)):
            target = out / path.relative_to(whole)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, target)
    print(f"{out.name}: {out}")


def _data() -> Path | None:
    given = os.environ.get("HARNESS_TEST_DATA")
    place = Path(given, "msmarco") if given else None
    return place if place is not None and (place / "runs-dl19").is_dir() else None


def main(arguments: Sequence[str] | None = None) -> int:
    """Make the samples; returns the exit code."""
    parser = argparse.ArgumentParser(description="Make the sample reports.")
    parser.add_argument(
        "--quickstart", type=Path, metavar="BUNDLE", help="a run of the quickstart with --set timing=quick"
    )
    parser.add_argument("--out", type=Path, default=REPORTS / "samples", metavar="DIR")
    given = parser.parse_args(arguments)
    try:
        make(given.out, _data(), given.quickstart)
    except HarnessError as error:
        print(f"make_samples: {error}", file=sys.stderr)
        return error.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main())
