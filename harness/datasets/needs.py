"""What a suite needs before it can be loaded.

What is missing, how large it is, where it goes, under which terms.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from harness.config import LoadedSuite, Needs, Terms
from harness.errors import DataError, ResourceError
from harness.units import size_text

#: Names of terms that the user accepts, separated by commas.
ACCEPT = "HARNESS_ACCEPT_TERMS"


@dataclass(frozen=True)
class Conditions:
    """Under which conditions a suite's files may be fetched."""

    suite: str = ""
    needs: Needs = field(default_factory=Needs)
    terms: Terms | None = None
    everything: bool = True  # false where documents are not needed, and the suite's disk space neither

    @classmethod
    def of(cls, suite: LoadedSuite, *, everything: bool = True) -> Conditions:
        """Return a suite's conditions."""
        return cls(f"suite {suite.name}: ", suite.settings.needs, suite.settings.terms, everything)

    def check(self, missing: str, folder: Path, size: int | None = None) -> None:
        """Check terms and disk before a download of ``size`` bytes into ``folder``.

        Raises DataError where terms are not accepted, ResourceError where the disk is too small.
        """
        if self.terms is not None and self.terms.accept and not accepted(self.terms.accept):
            raise DataError(
                f"{self.missing(missing, folder)} They must be accepted before anything is fetched: if you do, set "
                f"{ACCEPT}={self.terms.accept} and run the same command again."
            )
        wanted = (self.needs.disk_mb or 0) * 1e6 - used(folder) if self.everything else 0.0
        if size is not None:
            wanted = max(wanted, size)
        free = free_space(folder)
        if free < wanted:
            raise ResourceError(
                f"{self.suite}the disk is too small: {size_text(wanted)} are needed in {folder}, {size_text(free)} are "
                "free. Nothing was fetched; free some space there or choose another folder."
            )

    def missing(self, what: str, folder: Path, why: str = "") -> str:
        """Return what is to be said: what is missing, how large it is, where it goes, its terms."""
        needs = self.needs
        sizes = []
        if needs.download_mb is not None:
            sizes.append(f"{size_text(needs.download_mb * 1e6)} to download")
        if needs.disk_mb is not None:
            sizes.append(f"{size_text(needs.disk_mb * 1e6)} on disk")
        whole = "" if self.everything else ", less where nothing is searched"
        size = f" The suite needs {' and '.join(sizes)}{whole}." if sizes else ""
        terms = ""
        if self.terms is not None:
            text = f": {self.terms.text.rstrip('.')}" if self.terms.text else ""
            url = f" <{self.terms.url}>" if self.terms.url else ""
            terms = f" Terms: {self.terms.name}{text}{url}."
        return f"{self.suite}{what} missing in {folder}{why}.{size}{terms}"


def told_by(content: Mapping[str, Any]) -> Needs:
    """Return the needs that a suite's YAML tells, empty where it tells none or makes no sense."""
    try:
        return Needs.model_validate(content.get("needs") or {})
    except ValidationError:
        return Needs()


def accepted(name: str) -> bool:
    """Whether the user has accepted some terms."""
    return name in (word.strip() for word in os.environ.get(ACCEPT, "").split(","))


def used(folder: Path) -> int:
    """Return the bytes that a folder holds already."""
    if not folder.is_dir():
        return 0
    return sum(path.lstat().st_size for path in folder.rglob("*") if path.is_file())


def free_space(folder: Path) -> int:
    """Return the free bytes where a folder is, or will be."""
    while not folder.exists():
        folder = folder.parent
    return shutil.disk_usage(folder).free


def described_size(needs: Needs) -> str:
    """Return a suite's size in words, such as ``11,429 documents, 93 queries``."""
    words = {"documents": needs.documents, "queries": needs.queries, "candidates": needs.candidates}
    words["sentence pairs"] = needs.pairs
    return ", ".join(f"{count:,} {word}" for word, count in words.items() if count)


def described_work(needs: Needs) -> str:
    """Return download, disk, and what goes through a model, in words."""
    parts = []
    if needs.download_mb is not None:
        parts.append(f"{size_text(needs.download_mb * 1e6)} download")
    if needs.disk_mb is not None:
        parts.append(f"{size_text(needs.disk_mb * 1e6)} disk")
    units = {"bi-encoder": "texts", "cross-encoder": "pairs"}
    parts += [f"{kind}: {count} {units[kind]}" for kind, count in forward_passes(needs).items()]
    return ", ".join(parts)


def forward_passes(needs: Needs) -> dict[str, str]:
    """Return how many texts a bi-encoder encodes, and how many pairs a cross-encoder scores."""
    if needs.pairs:
        return {"bi-encoder": f"up to {2 * needs.pairs:,}", "cross-encoder": f"{needs.pairs:,}"}
    if needs.candidates:
        return {"cross-encoder": f"{needs.candidates:,}"}
    if needs.documents and needs.queries:
        return {
            "bi-encoder": f"{needs.documents + needs.queries:,}",
            "cross-encoder": f"{needs.queries:,} x depth",
        }
    return {}
