"""The runs of a bundle: small ones as TREC lines, which every tool reads, large ones as Parquet."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa

from harness.datamodel import Qrels, Run
from harness.errors import BundleError, DataError
from harness.results.bundle import Bundle
from harness.results.columns import Columns, read_parquet, read_trec, write_parquet
from harness.results.tables import QRELS

#: Results up to which a run is TREC lines: some 4 MB. As Parquet it takes a quarter of that, and of the time.
PLAIN_ROWS = 100_000
PARQUET = ".parquet"


def place_of(stem: str, run: Run) -> str:
    """Return where a bundle keeps a run: ``runs/STEM.trec``, or ``.parquet`` where it is large."""
    return f"runs/{stem}{'.trec' if run.n_rows <= PLAIN_ROWS else PARQUET}"


def write_run(run: Run, path: Path, tag: str) -> None:
    """Write a run in canonical order, in the form that its place says."""
    if path.suffix == PARQUET:
        write_parquet(run, path)
        return
    with path.open("w", encoding="utf-8", newline="\n") as file:
        for lines in trec_lines(run, tag):
            file.writelines(f"{line}\n" for line in lines)


def trec_lines(run: Run, tag: str) -> Iterator[list[str]]:
    """Yield each query's results as TREC lines, best first, scores in full precision."""
    tag = "_".join(tag.split()) or "run"
    for position, query in enumerate(run.query_ids):
        rows = slice(run.offsets[position], run.offsets[position + 1])
        documents = run.doc_ids.take(pa.array(run.docs[rows])).to_pylist()
        scored = zip(documents, run.scores[rows].tolist(), strict=True)
        yield [
            f"{query} Q0 {doc} {rank} {score!r} {tag}" for rank, (doc, score) in enumerate(scored, start=1)
        ]


def read_columns(path: Path) -> Columns:
    """Return the rows of a bundle's run, in the file's order.

    Raises BundleError where the file is missing or not as a bundle's runs are written.
    """
    try:
        if path.suffix == PARQUET:
            return read_parquet(path)
        if not path.stat().st_size:  # a run without any result, which Arrow takes for no table
            nothing = pa.array([], pa.string())
            return Columns(nothing.dictionary_encode(), nothing, np.zeros(0), np.zeros(0, np.int64))
        return read_trec(path)
    except FileNotFoundError:
        raise BundleError(f"{path}: no such run; the bundle is incomplete") from None
    except (pa.ArrowException, OSError, ValueError) as error:
        raise BundleError(f"{path}: cannot be read ({' '.join(str(error).split())[:200]})") from None


def read_run(path: Path) -> Run:
    """Return one of a bundle's runs in canonical order. Raises BundleError."""
    try:
        return read_columns(path).run()
    except DataError as error:
        raise BundleError(f"{path}: {error}") from None


def read_qrels(bundle: Bundle) -> Qrels:
    """Return a bundle's judgments, in the suite's order of queries. Raises BundleError."""
    columns = bundle.table(QRELS)
    return Qrels.from_columns(
        columns["query_id"].combine_chunks(), columns["doc_id"].combine_chunks(), columns["grade"].to_numpy()
    )
