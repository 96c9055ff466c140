"""TREC files: judgments and runs, plain or gzip, and what other tools write in their place."""

from harness.datasets.judgments import read_qrels
from harness.datasets.runfiles import read_run

__all__ = ["read_qrels", "read_run"]
