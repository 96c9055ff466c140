"""Baselines: bundles with few tables, committed with the project they judge."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from harness.compare.evidence import BASELINE_ARM, load
from harness.errors import BundleError, UsageError
from harness.policy import LoadedPolicy
from harness.results import bundle as bundles
from harness.results import writing
from harness.results.bundle import Bundle
from harness.results.places import plain_name
from harness.results.tables import PAIR_SCORES, PAIRS, PREDICTIONS, SCORES, TEXTS

FOLDER = Path("reports") / "baselines"
#: Parts of the manifest that say where on a machine a bundle was made: no business of a committed file.
_LOCAL = ("command", "executable")


def find_baseline(bundle: Bundle, policy: LoadedPolicy | None, given: Path | str | None) -> Bundle | None:
    """Return what to judge against: the one named, the policy's, the arms within the bundle, or the config's
    own.

    A bare name is looked for in ``reports/baselines``. The bundle itself stands for its own arms; None where
    there is nothing. Raises BundleError where a baseline that was named cannot be read.
    """
    if given is not None:
        return bundles.read(place_of(given))
    if policy is not None and policy.settings.baseline is not None:
        return bundles.read(policy.path.parent / policy.settings.baseline)
    if any(name.startswith(BASELINE_ARM) for name in bundle.pipelines):
        return bundle
    own = FOLDER / default_name(bundle)
    return bundles.read(own) if own.is_dir() else None


def find_reference(policy: LoadedPolicy) -> Bundle | None:
    """Return the policy's baseline that never moves; None where it names none. Raises BundleError."""
    given = policy.settings.reference
    return None if given is None else bundles.read(policy.path.parent / given)


def default_name(bundle: Bundle) -> str:
    """The name of a bundle's baseline: its config's. Raises UsageError where that cannot be a folder's name."""
    name = bundle.result.config.name or bundle.path.resolve().name
    if not plain_name(name):
        raise UsageError(
            f"{bundle.path}: its config is called {name!r}; name the baseline's folder with --baseline"
        )
    return name


def place_of(given: Path | str) -> Path:
    """The folder of a baseline given by path, or by name among ``reports/baselines``."""
    path = Path(given)
    by_name = FOLDER / path
    return (
        by_name
        if len(path.parts) == 1 and not path.exists() and str(given) not in (".", "..") and by_name.exists()
        else path
    )


def update_baseline(bundle: Bundle, folder: Path, reason: str) -> Bundle:
    """Write a bundle's figures as a baseline: its scores (or pairs and predictions without their texts), and why.

    Raises UsageError without a reason, BundleError where something other than a bundle stands there.
    """
    if not reason.strip():
        raise UsageError(
            "--update-baseline needs --reason TEXT: whoever reads the history wants to know why it moved"
        )
    load(bundle)  # an incomplete or empty bundle must not become what others are judged by
    if folder.resolve() == bundle.path.resolve():
        raise UsageError(f"{folder}: is the bundle itself; name another folder for the baseline")
    if folder.exists() and not (
        folder.is_dir() and (not any(folder.iterdir()) or (folder / bundles.RESULT).is_file())
    ):
        raise BundleError(
            f"{folder}: holds something other than a baseline; name a folder that does not exist yet"
        )
    with writing.writing(folder) as partial:
        for table in (SCORES, PAIR_SCORES, PREDICTIONS):
            if bundle.has(table):
                rows = bundle.table(table)
                own = [not name.startswith(BASELINE_ARM) for name in rows["pipeline"].to_pylist()]
                kept = rows.filter(own)
                writing.write_table(
                    partial, table, {name: kept[name].combine_chunks() for name in kept.column_names}
                )
        for table, texts in ((PAIRS, ("first", "second")), (TEXTS, ("text",))):
            if bundle.has(table):
                rows = bundle.table(table)
                columns: dict[str, Any] = {name: rows[name].combine_chunks() for name in rows.column_names}
                writing.write_table(partial, table, columns | {name: [""] * len(rows) for name in texts})
        writing.write_result(partial, _baseline_result(bundle, reason))
    return bundles.read(folder)


def _baseline_result(bundle: Bundle, reason: str) -> dict[str, Any]:
    content = bundle.content
    kept = {key: value for key, value in content.items() if key not in ("files", "digest")}
    pipelines = {
        name: _without_places(part)
        for name, part in content["pipelines"].items()
        if not name.startswith(BASELINE_ARM)
    }
    manifest = _without_places(content["manifest"])
    return {
        **kept,
        "baseline": {"reason": reason.strip(), "bundle": bundle.name},
        "compare": [list(pair) for pair in bundle.result.compare if set(pair) <= set(pipelines)],
        "pipelines": pipelines,
        "against": None,
        "manifest": manifest,
    }


def _without_places(content: Any) -> Any:
    """Without what says where things lie on the machine that measured: a baseline is committed."""
    if isinstance(content, dict):
        return {key: _without_places(value) for key, value in content.items() if key not in _LOCAL}
    return [_without_places(value) for value in content] if isinstance(content, list) else content
