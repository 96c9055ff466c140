"""Does a conclusion hang on documents that nobody judged? Judged shares, bounds, condensed lists and bpref.

A system that was not in the pool finds documents that nobody judged, which count as not relevant. Where two pipelines'
shares of judged results differ, a difference may be one of pools. It is shown beside the one as judged:

    condensed   without the unjudged results [T. Sakai, *Alternatives to bpref*, SIGIR 2007]
    bpref       by judged documents alone [C. Buckley and E. Voorhees, SIGIR 2004]
    bounds      the unjudged results of one all relevant and of the other none, and the other way round
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from harness.compare.losses import graded_run
from harness.measures.graded import Graded
from harness.measures.names import Measure
from harness.measures.ranked import RANKED
from harness.measures.registry import parse
from harness.results.bundle import Bundle
from harness.results.tables import QRELS

#: Shares of judged results that differ by more are looked into.
APART = 0.1
_DEPTH = "judged@10"


@dataclass(frozen=True)
class Unjudged:
    """One pair's difference under other views of what nobody judged; differences are first - second.

    Attributes:
        first, second, measure: what is compared.
        judged: share of the first ten results that were judged, of each.
        as_judged: the difference as measured: unjudged is not relevant.
        condensed, bpref: the difference without unjudged results, and by bpref.
        lowest, highest: with all unjudged results of the second relevant and none of the first; and the reverse.
    """

    first: str
    second: str
    measure: str
    judged: tuple[float, float]
    as_judged: float
    condensed: float
    bpref: float
    lowest: float
    highest: float

    @property
    def holds(self) -> bool:
        """Whether the same pipeline is ahead in all of them."""
        found = [np.sign(v) for v in (self.as_judged, self.condensed, self.bpref, self.lowest, self.highest)]
        return len(set(found)) == 1 and found[0] != 0

    @property
    def words(self) -> str:
        """What was found, in a sentence."""
        ahead = self.first if self.as_judged > 0 else self.second
        views = (
            f"{self.as_judged:+z.4f} as judged, {self.condensed:+z.4f} without unjudged results, {self.bpref:+z.4f} by "
            f"bpref, {self.lowest:+z.4f} to {self.highest:+z.4f} if unjudged results could be anything"
        )
        same = "in all of them" if self.holds else "not in all of them, so do not rely on which is ahead"
        return (
            f"{self.judged[0]:.0%} of {self.first}'s first ten results are judged and {self.judged[1]:.0%} of "
            f"{self.second}'s. By {self.measure} the difference is {views}; {ahead} is ahead {same}."
        )


def unjudged(arms: Mapping[str, tuple[Bundle, str]], pair: tuple[str, str], measure: str) -> Unjudged | None:
    """Look into one pair; None where the shares are alike, or a bundle does not hold runs and judgments.

    Raises BundleError for a run that cannot be read.
    """
    shares = [_share(*arms[label]) for label in pair]
    if shares[0] is None or shares[1] is None or abs(shares[0] - shares[1]) <= APART:
        return None
    wanted = parse(measure)
    if wanted.name not in RANKED:
        return None
    first, second = (graded_run(*arms[label]) for label in pair)
    if first is None or second is None:
        return None
    mine, theirs = _views(first, wanted), _views(second, wanted)
    return Unjudged(
        *pair,
        measure,
        (shares[0], shares[1]),
        mine["none"] - theirs["none"],
        mine["condensed"] - theirs["condensed"],
        mine["bpref"] - theirs["bpref"],
        mine["none"] - theirs["all"],
        mine["all"] - theirs["none"],
    )


def _share(bundle: Bundle, pipeline: str) -> float | None:
    return bundle.pipelines[pipeline].judged.get(_DEPTH) if bundle.has(QRELS) else None


def _views(run: Graded, measure: Measure) -> dict[str, float]:
    row, level = RANKED[measure.name], max(1, measure.level)
    kept = run.grades >= 0
    before = np.concatenate([[0], np.cumsum(kept)])
    condensed = replace(run, grades=run.grades[kept], offsets=before[run.offsets])
    filled = replace(run, grades=np.where(kept, run.grades, level))
    bpref = parse(f"bpref-l{level}" if level > 1 else "bpref")
    return {
        "none": float(row.scores(run, measure).mean()),
        "condensed": float(row.scores(condensed, measure).mean()),
        "all": float(np.minimum(row.scores(filled, measure), 1.0).mean()),
        "bpref": float(RANKED["bpref"].scores(run, bpref).mean()),
    }
