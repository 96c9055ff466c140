"""``harness all-pairs``: a config in, the claim out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import cast

import numpy as np

from harness import manifest
from harness.claims.all_pairs import figures, mining
from harness.claims.all_pairs.draw import draw
from harness.claims.all_pairs.figures import CROSS, ENCODE, SEARCH, AllPairs, Findings
from harness.claims.all_pairs.measuring import Schedule, TimedWork, measure
from harness.claims.all_pairs.mining import Mined
from harness.claims.all_pairs.settings import LoadedAllPairs
from harness.config import LoadedSuite
from harness.datasets import pairs, retrieval
from harness.errors import ConfigError, DataError
from harness.models.answers import finite
from harness.models.folders import Permissions
from harness.models.loading import SYMMETRIC
from harness.models.protocols import BiEncoder, CrossEncoder, Embeddings
from harness.plan.workbench import Workbench
from harness.progress import Progress
from harness.search.exact import normalised
from harness.store import open_store
from harness.store.folder import folder_for
from harness.timing.clock import Clock, MonotonicClock

_SEARCHED = 32_768  # vectors, at most, that the search is timed on
_FEWEST = 12  # sentences worth a measurement: 66 pairs, some batches
_FEWEST_SEARCHED = 128
_MOST_DOCUMENTS = 200_000  # of a retrieval suite; more are thinned out evenly
_SHARES = {ENCODE: 0.2, SEARCH: 0.1, CROSS: 0.6}  # of the budget; the rest is for warming up


def run(
    config: LoadedAllPairs, permissions: Permissions, progress: Progress, clock: Clock | None = None
) -> AllPairs:
    """Measure, fit, check and predict.

    Nothing that is timed comes from the store. Raises a HarnessError of the kind that fits.
    """
    started = datetime.now(UTC)
    given, suite = config.settings, config.config.suite
    root = folder_for(given.store, config.config.folder)
    store = None if root is None else open_store(root, progress.note)
    limit = suite.settings.dataset.get("max_tokens")
    bench = Workbench(config.config, permissions, progress, limit, store)
    bench.find_models([given.bi_encoder, given.cross_encoder])
    sentences, counts = _sentences(suite)
    bench.load_models()
    encoder = cast(BiEncoder, bench.model(given.bi_encoder))
    scorer = cast(CrossEncoder, bench.model(given.cross_encoder))
    timed = _Timed(config, encoder, scorer, sentences)
    schedule = Schedule(given.budget_s, given.repeats, given.seed)
    samples = measure(timed.works(), schedule, clock or MonotonicClock(), progress)
    bi_encoder = figures.side(
        given.bi_encoder, {name: samples[name] for name in (ENCODE, SEARCH)}, given.tolerance
    )
    cross_encoder = figures.side(given.cross_encoder, {CROSS: samples[CROSS]}, given.tolerance)
    about = {
        "started": started.isoformat(timespec="seconds"),
        "ended": datetime.now(UTC).isoformat(timespec="seconds"),
        "config": given.model_dump(mode="json", by_alias=True, exclude_none=True),
        "models": {name: identity.as_dict() for name, identity in bench.identities.items()},
        "packages": manifest.packages(),
        "machine": manifest.machine(),
        "threads": dict(bench.threads),
        "devices": bench.devices,
        "git": manifest.git_state(Path(__file__).parent),
    }
    return AllPairs(
        config.config.name,
        suite.name,
        counts,
        samples,
        bi_encoder,
        cross_encoder,
        timed.findings(),
        figures.predictions(bi_encoder, cross_encoder, given.predict),
        None if given.published is None else given.published.model_dump(mode="json"),
        about,
    )


class _Timed:
    """What is timed, and on what. Mutable: it keeps what was found last, and the vectors the search is timed on."""

    def __init__(
        self, config: LoadedAllPairs, encoder: BiEncoder, scorer: CrossEncoder, sentences: Sequence[str]
    ) -> None:
        self._given = config.settings
        self._encoder, self._scorer, self._sentences = encoder, scorer, sentences
        self._vectors = np.zeros((0, 0), dtype=np.float32)
        self._encoded: tuple[list[str], Embeddings] | None = None
        self._scored: tuple[list[str], Mined] | None = None

    def works(self) -> list[TimedWork]:
        """The encoding, the search, and the cross-encoder's scoring."""
        n = len(self._sentences)
        return [
            TimedWork(ENCODE, "sentences", _FEWEST, n, self._encode, _SHARES[ENCODE]),
            TimedWork(SEARCH, "pairs", _FEWEST_SEARCHED, _SEARCHED, self._search, _SHARES[SEARCH]),
            TimedWork(CROSS, "pairs", _FEWEST, n, self._score, _SHARES[CROSS]),
        ]

    def _encode(self, n: int, rng: np.random.Generator) -> Callable[[], object]:
        texts = draw(self._sentences, n, rng)

        def call() -> None:
            vectors = finite(self._encoder.encode(texts, SYMMETRIC), self._given.bi_encoder, texts)
            if self._encoded is None or len(texts) >= len(self._encoded[0]):
                self._encoded = texts, vectors

        return call

    def _search(self, n: int, rng: np.random.Generator) -> Callable[[], object]:
        """Search random vectors of the model's dimension, since it does not look at what they mean."""
        if len(self._vectors) < n:
            dimension = self._encoder.encode(self._sentences[:1], SYMMETRIC).shape[1]
            self._vectors = normalised(rng.standard_normal((n, dimension), dtype=np.float32))
        return lambda: self._mined(self._vectors[:n])

    def _score(self, n: int, rng: np.random.Generator) -> Callable[[], object]:
        texts = draw(self._sentences, n, rng)

        def call() -> None:
            first, second = mining.upper(n)
            both = [(texts[i], texts[j]) for i, j in zip(first.tolist(), second.tolist(), strict=True)]
            scores = finite(self._scorer.score(both), self._given.cross_encoder, both)
            found = mining.from_scores(scores, n, self._given.thresholds.cross_encoder)
            if self._scored is None or n >= len(self._scored[0]):
                self._scored = texts, found

        return call

    def _mined(self, vectors: Embeddings) -> Mined:
        return mining.mine(vectors, self._encoder.similarity, self._given.thresholds.bi_encoder)

    def findings(self) -> dict[str, Findings]:
        """What was found: by the bi-encoder among the most sentences it encoded, and by both among the most that the
        cross-encoder was timed on."""
        assert self._encoded is not None
        assert self._scored is not None
        many, vectors = self._encoded
        few, scored = self._scored
        thresholds = self._given.thresholds
        part = self._mined(self._encoder.encode(few, SYMMETRIC))
        return {
            "bi-encoder, most": figures.findings(self._mined(vectors), many, thresholds.bi_encoder),
            "bi-encoder": figures.findings(part, few, thresholds.bi_encoder),
            "cross-encoder": figures.findings(scored, few, thresholds.cross_encoder),
        }


def _sentences(suite: LoadedSuite) -> tuple[list[str], dict[str, int]]:
    """Return a suite's sentences, or its documents, each once, sorted by length. Raises ConfigError, DataError."""
    left_out = 0
    if suite.settings.task == "sts":
        given = [text for pair in pairs.load(suite).pairs for text in (pair.first, pair.second)]
    elif suite.settings.task == "retrieval":
        corpus = retrieval.load(suite, need_text=True).corpus
        if corpus is None:
            raise DataError(f"suite {suite.name} has no documents, and all-pairs compares those")
        n = len(corpus.contents.ids)
        given = corpus.fetch(range(0, n, -(-n // _MOST_DOCUMENTS)))
        left_out = n - len(given)
    else:
        raise ConfigError(
            f"suite {suite.name} has the task {suite.settings.task!r}; all-pairs takes the sentences of an sts suite, "
            "or the documents of a retrieval suite"
        )
    different = sorted(dict.fromkeys(given), key=lambda text: (len(text), text))
    counts = {"sentences": len(different), "duplicates": len(given) - len(different), "left_out": left_out}
    return different, counts
