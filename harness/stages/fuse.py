"""Fuse: the results of several pipelines made one, by reciprocal ranks or by weighted scores.

One kernel for a run of many queries and for a server's one: a document's score is a sum over the results that hold it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, model_validator

from harness.errors import listed, nearest
from harness.search.topk import best
from harness.stages.forms import Depth, Form, Names
from harness.stages.kinds import Kind
from harness.stages.live import Found, Live, Mark, Source
from harness.stages.passages import ELSEWHERE
from harness.stages.search import DEFAULT_DEPTH, SOURCES, first
from harness.stages.searching import Asked
from harness.stages.told import Sentence, Stages, Told
from harness.stages.tree import Results, Root, Step, Take
from harness.values import Positive

if TYPE_CHECKING:
    from harness.datamodel import Query, Run

Method = Literal["rrf", "weighted"]
Normalisation = Literal["min-max", "rank", "none"]
_K = 60
_LEAST = 1e-9  # of a range that scores are divided by

Codes = NDArray[np.int64]
Scores = NDArray[np.float64]
#: The contribution of a branch's number and its scores, best first, to each of its documents' sums.
Shares = Callable[[int, Scores], Scores]


class FuseForm(Form):
    """Other pipelines' results, or models' searches, fused."""

    depth: Depth | None = None
    fuse: Annotated[tuple[str, ...], Field(min_length=2)]
    method: Method | None = None  # default: rrf
    k: Positive | None = None  # of rrf; default: 60
    weights: tuple[Annotated[float, Field(ge=0, allow_inf_nan=False)], ...] | None = None  # default: equal
    normalisation: Normalisation | None = None  # of weighted; default: min-max
    parallel: bool | None = None  # whether a server asks its branches at once; default: one after the other

    needed = (("fuse",),)
    optional = frozenset({"depth", "method", "k", "weights", "normalisation", "parallel"})
    refused = (("passages", ELSEWHERE),)
    written = (
        (
            "{fuse: [PIPELINE or MODEL, ...], method: rrf|weighted, depth: N}",
            "the results of other pipelines, fused",
        ),
    )

    @model_validator(mode="after")
    def _fits(self) -> FuseForm:
        if len(set(self.fuse)) != len(self.fuse):
            raise ValueError("fuse: one is given twice")
        of_weighted = [key for key in ("weights", "normalisation") if getattr(self, key) is not None]
        if self.method != "weighted" and of_weighted:
            raise ValueError(
                f"{listed(of_weighted)}: a setting of 'method: weighted', and the method here is rrf"
            )
        if self.method == "weighted" and self.k is not None:
            raise ValueError("k: a setting of 'method: rrf', and the method here is weighted")
        if self.weights is not None and len(self.weights) != len(self.fuse):
            raise ValueError(
                f"weights: {len(self.weights)} are given for {len(self.fuse)} pipelines; give one each"
            )
        if self.weights is not None and not any(self.weights):
            raise ValueError("weights: all are 0; at least one must be above")
        return self

    def roots(self, names: Names) -> Sequence[Take] | None:
        """Return the fusion; of a name that is both, the pipeline is fused."""
        assert not isinstance(self.depth, tuple)
        depth = self.depth or DEFAULT_DEPTH
        takes = [self._branch(names, i, name, depth) for i, name in enumerate(self.fuse)]
        known = [take for take in takes if take is not None]
        if len(known) < len(takes):
            return None
        weights = self.weights or (1.0 / len(takes),) * len(takes)
        how = (
            Weighted(weights, self.normalisation or "min-max")
            if self.method == "weighted"
            else Ranks(self.k or _K)
        )
        return [Take(Fuse(tuple(known), how, bool(self.parallel)), depth)]

    def _branch(self, names: Names, i: int, name: str, depth: int) -> Take | None:
        if names.is_pipeline(name):
            return names.take(name, "fuse", i)
        if names.kind(name) in SOURCES:
            found = first(names, "fuse", name, Asked(depth, depth))
            return None if found is None else Take(found.stage, depth)
        valid = [*names.pipelines, *names.models(SOURCES)]
        names.problem(
            f"unknown pipeline {name!r}{nearest(name, valid)}; fuse takes {listed(valid) or 'none here'}",
            "fuse",
            i,
        )
        return None


@dataclass(frozen=True)
class Ranks:
    """Reciprocal ranks: a document's score is the sum of 1 / (k + rank), ranks from 1.

    Cormack, Clarke and Büttcher 2009.
    """

    k: int

    def shares(self, branch: int, scores: Scores) -> Scores:
        """Return each document's part."""
        return np.asarray(1.0 / (self.k + np.arange(1, len(scores) + 1)))

    def told(self) -> dict[str, Any]:
        """For a bundle."""
        return {"k": self.k}


@dataclass(frozen=True)
class Weighted:
    """A document's score is the weighted sum of its normalised scores; 0 where a branch does not hold it."""

    weights: tuple[float, ...]
    normalisation: Normalisation

    def shares(self, branch: int, scores: Scores) -> Scores:
        """Return each document's part; normalised per query and branch."""
        return self.weights[branch] * self._normalised(scores)

    def _normalised(self, scores: Scores) -> Scores:
        if self.normalisation == "none" or not len(scores):
            return scores
        if self.normalisation == "rank":
            return np.asarray(1.0 - np.arange(len(scores)) / len(scores))
        low = scores.min()
        return np.asarray((scores - low) / max(scores.max() - low, _LEAST))

    def told(self) -> dict[str, Any]:
        """For a bundle."""
        return {"weights": list(self.weights), "normalisation": self.normalisation}


def fused(lists: Sequence[tuple[Codes, Scores]], shares: Shares) -> tuple[Codes, Scores]:
    """Return every document of some results, and its sum of shares; each list's are best first."""
    codes, place = np.unique(np.concatenate([some for some, _ in lists]), return_inverse=True)
    sums, start = np.zeros(len(codes)), 0
    for branch, (some, scores) in enumerate(lists):
        sums[place[start : start + len(some)]] += shares(branch, np.asarray(scores, dtype=np.float64))
        start += len(some)
    return codes, sums


def fused_runs(runs: Sequence[Run], shares: Shares) -> Run:
    """Fuse runs over the same queries, in canonical order. Raises ValueError for fewer than two, or other queries."""
    import pyarrow as pa
    import pyarrow.compute as pc

    from harness.datamodel import Run

    if len(runs) < 2 or any(run.query_ids != runs[0].query_ids for run in runs):
        raise ValueError("fusion takes two runs or more over the same queries")
    ids = pa.concat_arrays([run.doc_ids for run in runs]).unique()
    codes = [pc.index_in(run.doc_ids, value_set=ids).to_numpy(zero_copy_only=False)[run.docs] for run in runs]
    made = []
    for query in range(len(runs[0])):
        rows = [slice(int(run.offsets[query]), int(run.offsets[query + 1])) for run in runs]
        lists = [(some[row], run.scores[row]) for some, run, row in zip(codes, runs, rows, strict=True)]
        made.append(fused(lists, shares))
    counts = np.asarray([len(some) for some, _ in made], dtype=np.int64)
    positions = np.concatenate([some for some, _ in made]).astype(np.int64)
    return Run.from_positions(
        runs[0].query_ids, counts, positions, np.concatenate([sums for _, sums in made]), ids
    )


@dataclass(frozen=True)
class Fuse(Root):
    """Other stages' results, fused."""

    branches: tuple[Take, ...]
    how: Ranks | Weighted
    parallel: bool = False

    @property
    def inputs(self) -> tuple[Take, ...]:
        """What is fused."""
        return self.branches

    @property
    def untimed(self) -> str:
        """Why one of its branches has no speed."""
        stages = [take.stage for take in self.branches]
        return next((stage.untimed for stage in stages if isinstance(stage, Root) and stage.untimed), "")

    def steps(self, depth: int) -> Iterable[Step]:
        """No work that takes long."""
        return ()

    def make(self, results: Results) -> Any:
        """Fuse the runs. Raises DataError for one whose documents are of another collection."""
        runs = [results.run(take) for take in self.branches]
        for take, run in zip(self.branches, runs, strict=True):
            results.check_documents(run, take.name)
        return fused_runs(runs, self.how.shares)

    def serve(self, live: Live, depth: int) -> Source:
        """Load every branch."""
        sources = tuple((live.stage(take, take.name), take.depth) for take in self.branches)
        pool = ThreadPoolExecutor(len(sources)) if self.parallel else None
        return Served(live, sources, self.how.shares, pool)

    @property
    def kind(self) -> str:
        """A fusion."""
        return "fusion"

    def told(self, depth: int, result: Any) -> dict[str, Any]:
        """What is fused, and how."""
        method = "rrf" if isinstance(self.how, Ranks) else "weighted"
        told = {
            "fuse": [take.name for take in self.branches],
            "method": method,
            "depth": depth,
            **self.how.told(),
        }
        return told | ({"parallel": True} if self.parallel else {})


@dataclass(frozen=True, eq=False)
class Served:
    """Every branch asked, one after the other or at once, and what they find fused."""

    live: Live
    branches: tuple[tuple[Source, int], ...]  # with the depth of each
    shares: Shares
    pool: ThreadPoolExecutor | None

    def find(self, queries: Sequence[Query], depth: int, mark: Mark) -> Found:
        """Ask the branches, and fuse."""
        if self.pool is None:
            found = [branch.find(queries, deep, mark) for branch, deep in self.branches]
        else:  # what each spends of the time that all take together cannot be told
            found = list(
                self.pool.map(lambda one: one[0].find(queries, one[1], lambda stage: None), self.branches)
            )
            mark("branches")
        results = []
        for each in zip(*(one.results for one in found), strict=True):
            positions, sums = fused(each, self.shares)
            order = best(sums, min(depth, len(sums)), self.live.ranks[positions])
            results.append((positions[order], sums[order]))
        mark("fuse")
        return Found(results, lambda: sum(one.bytes_read() for one in found), sum(one.pairs for one in found))


def _words(stages: Stages) -> str:
    settings = {key: stages[key] for key in ("k", "weights", "normalisation") if key in stages}
    told = "".join(f", {key} {_plain(value)}" for key, value in settings.items())
    return f"{' + '.join(stages['fuse'])} by {stages['method']}{told}, depth {stages['depth']}"


def _plain(value: Any) -> str:
    return "/".join(f"{part:.3g}" for part in value) if isinstance(value, list) else str(value)


_FUSED = Sentence("{} fuses the results of other pipelines.", "{} fuse the results of other pipelines.")

KIND = Kind(
    forms=(FuseForm,),
    stages=(Fuse,),
    told=(
        Told(
            "fusion",
            _words,
            lambda part: _FUSED,
            ("fuse",),
            ("branches", "fuse"),
            keys={"fuse": tuple[str, ...], "method": str, "weights": tuple[float, ...] | None, "depth": int},
            pipelines_first=True,
        ),
    ),
    said=(_FUSED,),
)
