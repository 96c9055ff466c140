"""How measures are written, everywhere: ``ndcg@10``, ``mrr@10-l2``, ``recall@100``, ``spearman``."""

from __future__ import annotations

import re
from dataclasses import dataclass

from harness.errors import ConfigError, listed, nearest

#: name -> (what it is, takes a relevance level, depth: "needed", "optional" or "none")
RETRIEVAL = {
    "ndcg": ("normalised discounted cumulative gain, linear gain, on raw grades", False, "optional"),
    "mrr": ("reciprocal rank of the first relevant document", True, "optional"),
    "map": ("average precision over all relevant documents", True, "optional"),
    "recall": ("share of the relevant documents that were found", True, "optional"),
    "precision": ("share of the first k that is relevant", True, "needed"),
    "hit_rate": ("1 where any relevant document is among the first k", True, "optional"),
    "r-precision": ("precision at the number of relevant documents", True, "none"),
}
CORRELATION = {
    "spearman": "Spearman's rank correlation of scores and gold scores (midranks for ties)",
    "pearson": "Pearson's correlation of scores and gold scores",
}
_FORM = re.compile(r"(?P<name>[a-z_-]*?[a-z_])(?:@(?P<depth>[0-9]+))?(?:-l(?P<level>[0-9]+))?")


@dataclass(frozen=True)
class Measure:
    """A retrieval measure: its name, how deep it looks (0: all results), and the grade that counts as relevant."""

    name: str
    depth: int = 0
    level: int = 1

    def __str__(self) -> str:
        depth = f"@{self.depth}" if self.depth else ""
        level = f"-l{self.level}" if self.level != 1 else ""
        return f"{self.name}{depth}{level}"


def parse(text: str) -> Measure:
    """Parse a retrieval measure. Raises ConfigError that says what is valid."""
    match = _FORM.fullmatch(text)
    name = match["name"] if match else text
    if match is None or name not in RETRIEVAL:
        valid = listed(RETRIEVAL)
        raise ConfigError(
            f"unknown measure {text!r}{nearest(name, RETRIEVAL)}; valid are {valid}, with a depth and, "
            "where wanted, a relevance level, as in ndcg@10 or recall@100-l2"
        )
    _, takes_level, depth_use = RETRIEVAL[name]
    depth, level = match["depth"], match["level"]
    if level and not takes_level:
        raise ConfigError(f"measure {text!r}: {name} works on raw grades and takes no relevance level")
    if level == "0" or depth == "0":
        raise ConfigError(f"measure {text!r}: depth and relevance level start at 1")
    if depth_use == "needed" and not depth:
        raise ConfigError(f"measure {text!r} needs a depth, as in {name}@10")
    if depth_use == "none" and depth:
        raise ConfigError(f"measure {text!r}: {name} takes no depth")
    return Measure(name, int(depth or 0), int(level or 1))
