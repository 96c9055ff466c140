"""A bundle's figures for where others keep theirs, by their own libraries' classes; each carries n and interval."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from harness.errors import UsageError, listed, nearest
from harness.export import hub, mlflow, mteb, trackio, wandb
from harness.export.figures import Told, told
from harness.export.target import Asked, Target
from harness.results.bundle import Bundle

_ALL = (hub.TARGET, mteb.TARGET, mlflow.TARGET, trackio.TARGET, wandb.TARGET)
TARGETS: Mapping[str, Target] = {target.name: target for target in _ALL}


def export(bundle: Bundle, to: str, asked: Asked, pipelines: Sequence[str] = ()) -> list[str]:
    """Write some pipelines of a bundle (all unless named) for a target, and return what to say of it, a line each.

    Nothing leaves this machine unless ``asked.push``. Raises UsageError, NotComparableError, and ResourceError where a
    target refuses.
    """
    if to not in TARGETS:
        raise UsageError(f"--to {to!r}: unknown target{nearest(to, TARGETS)}; valid are {listed(TARGETS)}")
    target = TARGETS[to]
    for given in ("repo", "dataset", "task", "name"):
        if getattr(asked, given) is not None and given not in target.takes:
            takes = listed(f"--{one}" for one in sorted(target.takes)) or "none of these options"
            raise UsageError(f"--{given} is not for --to {to}, which takes {takes}")
    if asked.push and not target.pushes:
        raise UsageError(
            f"--push: {to} is a format of files, and goes nowhere; publish them as its own tools do"
        )
    found: tuple[Told, ...] = told(bundle, pipelines)
    if target.one and len(found) > 1:
        raise UsageError(
            f"--to {to} describes one model, and the bundle has {len(found)} pipelines; name one: --pipeline "
            f"{listed(one.name for one in found)}"
        )
    return target.write(found, asked)


__all__ = ["TARGETS", "Asked", "export"]
