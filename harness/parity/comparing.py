"""Two models asked the same, their answers held against each other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from harness.config import MODEL_KINDS, LoadedConfig
from harness.errors import HarnessError, UsageError, listed, nearest
from harness.models.endpoints.apis import AnswerError
from harness.models.folders import Permissions
from harness.parity import causes
from harness.parity.causes import Cause
from harness.parity.sides import Side
from harness.parity.texts import Group, groups
from harness.plan.endpoints import refuse_offline
from harness.plan.workbench import Workbench
from harness.progress import Progress
from harness.search.exact import pairwise
from harness.store import open_store
from harness.store.folder import folder_for
from harness.tasks import task_of

_NOISE_TEXTS = 8
_WAVERING = 0.5  # a server whose own answers move by this share of a difference explains it
Verdict = str


@dataclass(frozen=True)
class Options:
    """What is asked, and when two answers are the same.

    Attributes:
        texts: of each kind, at most.
        tolerance: how far apart two answers may be, as a share of their size.
        offline: whether the network is forbidden.
    """

    texts: int = 256
    tolerance: float = 1e-5
    offline: bool = False


@dataclass(frozen=True)
class Compared:
    """One group's answers held against each other.

    Attributes:
        what: the group.
        n: inputs that both answered.
        differ: of them, those beyond the tolerance.
        refused: inputs that one of them did not answer.
        median, largest: distances as shares of an answer's size.
        cosine_mean, cosine_min: of two embeddings of a text; None of scores, and of other dimensions.
    """

    what: str
    n: int
    differ: int
    refused: int
    median: float | None
    largest: float | None
    cosine_mean: float | None = None
    cosine_min: float | None = None


@dataclass(frozen=True)
class Parity:
    """What came out.

    Attributes:
        verdict: same, differ or inconclusive.
        noise: how far the second's own answers differ, in a batch and in another order.
        causes: the likely ones, by what they explain.
    """

    first: str
    second: str
    verdict: Verdict
    tolerance: float
    noise: float
    groups: tuple[Compared, ...]
    causes: tuple[Cause, ...] = ()
    notes: tuple[str, ...] = field(default=())

    @property
    def exit_code(self) -> int:
        """0 the same, 1 they differ, 3 it cannot be told."""
        return {"same": 0, "differ": 1}.get(self.verdict, 3)

    def as_dict(self) -> dict[str, Any]:
        """Return it for JSON."""
        return asdict(self)


def parity(config: LoadedConfig, first: str, second: str, options: Options, progress: Progress) -> Parity:
    """Hold two models of a config against each other.

    Raises UsageError for names that are none or models whose answers are of two kinds, and what asking them raises; a
    server's answer that is none is a finding.
    """
    _check(config, first, second, options)
    task = task_of(config.suite)
    task.check(config.suite)
    root = folder_for(config.settings.store, config.folder)
    store = None if root is None else open_store(root, progress.note)
    limit = config.suite.settings.dataset.get("max_tokens")
    bench = Workbench(config, Permissions(offline=options.offline), progress, limit, store)
    bench.find_models([first, second])
    data = task.load(config)
    if options.offline:
        for name in (first, second):
            refuse_offline(bench.requests[name], bench.permissions.why)
    sides = [Side.of(bench.requests[name]) for name in (first, second)]
    return compared(sides[0], sides[1], groups(data, sides[0].scores, options.texts), options)


def compared(first: Side, second: Side, asked: Sequence[Group], options: Options) -> Parity:
    """Hold two models against each other on some inputs."""
    found: list[causes.Both] = []
    tables: list[Compared] = []
    notes: list[str] = []
    for group in asked:
        try:
            one = _both(first, second, group)
        except AnswerError as error:
            cause = causes.of_fault(error, second.name if second.far else first.name)
            return Parity(first.name, second.name, "differ", options.tolerance, 0.0, tuple(tables), (cause,))
        found.append(one)
        tables.append(_compared(one, options.tolerance))
        if one.refused:
            notes.append(
                f"{len(one.refused)} of the {group.what} were refused by {one.by}: {listed(one.refused[:3])} "
                f"({one.why})"
            )
    moved = _moved(second, found)
    noise = float(moved.max(initial=0.0))
    verdict, named = "same", []
    if not any(table.n for table in tables):
        verdict = "inconclusive"
    elif any(table.differ for table in tables):
        verdict, named = "differ", causes.likely(first, second, found, options.tolerance)
        gaps = np.concatenate(
            [one.apart for one in found if one.first.shape[1] == one.second.shape[1]] or [moved]
        )
        explained = any(cause.shown and cause.name not in causes.OF_ROUNDING for cause in named)
        if not explained and _WAVERING * float(np.median(gaps)) <= float(np.median(moved)):
            verdict = "inconclusive"
            notes.append(
                f"the answers of {second.name} themselves move by {np.median(moved):.2g} with the order of a request, "
                f"so that a difference of {np.median(gaps):.2g} says nothing (medians)"
            )
    return Parity(
        first.name, second.name, verdict, options.tolerance, noise, tuple(tables), tuple(named), tuple(notes)
    )


def _check(config: LoadedConfig, first: str, second: str, options: Options) -> None:
    models = config.settings.models
    for name in (first, second):
        if name not in models:
            raise UsageError(
                f"{config.name} has no model {name!r}{nearest(name, models)}; its models are {listed(models) or 'none'}"
            )
    if first == second:
        raise UsageError(f"{first!r} is named twice; parity holds two models against each other")
    kinds = [models[name].kind for name in (first, second)]
    wrong = [kind for kind in kinds if kind not in ("bi_encoder", "cross_encoder")]
    if wrong:
        raise UsageError(f"parity takes bi-encoders and cross-encoders, and no {MODEL_KINDS[wrong[0]].name}")
    if kinds[0] != kinds[1]:
        raise UsageError(
            f"{first} is a {MODEL_KINDS[kinds[0]].name} and {second} a {MODEL_KINDS[kinds[1]].name}: their answers are "
            "of two kinds"
        )
    if options.texts < 1 or not 0 < options.tolerance < 1:
        raise UsageError(
            f"--texts {options.texts} and --tolerance {options.tolerance:g}: a count from 1 on, and a share between "
            "0 and 1"
        )


def _both(first: Side, second: Side, group: Group) -> causes.Both:
    """Ask both. An input that a server refuses is left out, and told; probing texts are asked one by one then."""
    inputs, refused, by, why = list(group.inputs), [], "", ""
    answers = []
    for side in (first, second):
        try:
            answers.append(side.ask(inputs, group.role))
        except AnswerError:
            raise
        except HarnessError:
            if not group.what.startswith("probing"):
                raise
            kept, rows = [], []
            for given in inputs:
                try:
                    rows.append(side.ask([given], group.role))
                    kept.append(given)
                except AnswerError:
                    raise
                except HarnessError as error:
                    refused.append(repr(given if isinstance(given, str) else given[1])[:40])
                    by, why = side.name, error.message[-160:]
            if not kept:
                raise
            answers = [answer[[inputs.index(k) for k in kept]] for answer in answers]
            answers.append(np.concatenate(rows))
            inputs = kept
    return causes.Both(
        Group(group.what, group.role, tuple(inputs)), answers[0], answers[1], tuple(refused), by, why
    )


def _compared(both: causes.Both, tolerance: float) -> Compared:
    n, refused = len(both.group.inputs), len(both.refused)
    if both.first.shape[1] != both.second.shape[1]:
        return Compared(both.group.what, n, n, refused, None, None)
    apart = both.apart
    cosines = None
    if both.first.shape[1] > 1 and n:
        cosines = pairwise(both.first.astype(np.float32), both.second.astype(np.float32), "cosine")
    return Compared(
        both.group.what,
        n,
        int((apart > tolerance).sum() + (~np.isfinite(apart)).sum()),
        refused,
        float(np.median(apart)) if n else None,
        float(apart.max()) if n else None,
        None if cosines is None else float(cosines.mean()),
        None if cosines is None else float(cosines.min()),
    )


def _moved(side: Side, found: Sequence[causes.Both]) -> NDArray[np.float64]:
    """How far a server's answers to some of the inputs move when they are asked in another order."""
    both = max(found, key=lambda one: len(one.group.inputs), default=None)
    if both is None or not side.far:
        return np.zeros(1)
    some = list(range(0, len(both.group.inputs), max(1, len(both.group.inputs) // _NOISE_TEXTS)))[::-1]
    try:
        again = side.ask([both.group.inputs[i] for i in some], both.group.role)
    except HarnessError:
        return np.zeros(1)
    return causes.apart(both.second[some], again, both.second)
