"""The method in words, from what a bundle says was done; nothing is said that was not."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from harness.errors import listed
from harness.measures import registry
from harness.report.model import Paragraph
from harness.report.view.comparing import Compared
from harness.results.bundle import Bundle
from harness.results.items import QUERIES
from harness.results.schema import Control, Session
from harness.stages import SENTENCES, Sentence, told_of
from harness.stages.passages import IN_PASSAGES
from harness.stats import RESAMPLES, SIGN_FLIPS

#: Up to this many queries all sign assignments are enumerated.
EXACT = 15
#: Paragraphs that are lists, with what stands between their items.
_LISTS = {"Measures": "\n", "Models": "\n", "Work": "\n"}
#: How an interval was made, in words; a bundle names only what it has.
_INTERVALS = {
    "bootstrap-percentile": f"the percentile bootstrap ({RESAMPLES:,} resamples, seeded)",
    "wilson": "Wilson’s where every figure is 0 or 1",
    "clopper-pearson": "Clopper and Pearson’s where all figures are the same",
}
_LEFT_OUT = {
    "queries_unjudged": "queries without a judgment, which count nowhere",
    "queries_judged_without_text": "judged queries without a text, which count 0",
    "judgments_negative": "negative judgments, which count as unjudged",
    "queries_without_relevant": "judged queries without a relevant document",
    "judgments_of_unknown_documents": "judgments of documents that the corpus lacks",
    "judgments_repeated": "judgments given before with the same grade, which count once",
    "queries_empty": "empty queries",
    "documents_empty": "empty documents",
    "pairs_unscored": "pairs without a gold score, which are skipped",
}


def method_of(bundle: Bundle, found: Compared) -> tuple[Paragraph, ...]:
    """Every paragraph that applies to this bundle."""
    parts = {
        "Data": _data(bundle),
        "Measures": _measures(bundle),
        "Order and denominators": _order(bundle),
        "Models": _models(bundle),
        "Pipelines": _pipelines(bundle),
        "Intervals and tests": _statistics(bundle, found),
        "Speed": _speed(bundle),
        "Work": _work(bundle),
    }
    texts = {title: (_LISTS.get(title, " ")).join(sentences) for title, sentences in parts.items()}
    return tuple(Paragraph(title, text) for title, text in texts.items() if text)


def _data(bundle: Bundle) -> Iterator[str]:
    suite, counts = bundle.result.suite, bundle.result.counts
    named = f" from {_compact(suite.dataset)}" if suite.dataset else ""
    yield f"Suite {suite.name}, version {suite.version},{named}.".replace(",.", ".")
    have = [
        f"{counts[key]:,} {words}"
        for key, words in (
            ("queries", "judged queries"),
            ("documents", "documents"),
            ("judgments", "judgments"),
            ("judgments_relevant", "of them of grade 1 or above"),
            ("pairs", "sentence pairs"),
            ("texts", "labelled texts"),
            ("train_texts", "training texts"),
            ("labels", "labels"),
        )
        if key in counts
    ]
    if have:
        yield f"It has {listed(have)}."
    out = [f"{counts[key]:,} {words}" for key, words in _LEFT_OUT.items() if counts.get(key)]
    if out:
        yield f"Counted and set apart: {'; '.join(out)}."


def _measures(bundle: Bundle) -> Iterator[str]:
    for text in bundle.measures:
        told = registry.told(text)
        if told is not None:
            yield f"{text}: {told}."
    yield f"The suite decides by {bundle.primary}."


def _order(bundle: Bundle) -> Iterator[str]:
    if bundle.items is not QUERIES:
        yield f"A figure looks at all {bundle.items.many} at once; gold values are used as they are."
        return
    yield (
        "Results are ordered by score, then by document id, both descending, as trec_eval does, before any measure "
        "looks at them."
    )
    yield "A mean is over all judged queries; one without a result counts 0."
    for name, part in bundle.pipelines.items():
        if part.unanswered:
            yield f"{name} left {part.unanswered:,} of them unanswered."
    yield (
        "A result that nobody judged counts as not relevant; judged@k is the share of the first k that somebody judged."
    )
    if any(f.limited_by_depth for p in bundle.pipelines.values() for f in p.measures.values()):
        yield "† marks a measure that looks deeper than a pipeline’s results reach; it is computed on what is there."


def _models(bundle: Bundle) -> Iterator[str]:
    for name, model in bundle.result.models.items():
        settings = model.settings
        said = [
            f"{word}{settings[key]}"
            for key, word in (
                ("precision", ""),
                ("device", "on "),
                ("backend", "backend "),
                ("batch_size", "batches of "),
                ("max_length", "at most "),
                ("pooling", "pooling "),
                ("similarity", "compared by "),
                ("activation", "activation "),
            )
            if settings.get(key) is not None
        ]
        said = [f"{text} tokens" if text.startswith("at most ") else text for text in said]
        prompts = settings.get("prompts")
        said += [f"prompts {_compact(prompts)}"] if prompts else []
        source = model.source or "unknown source"
        source += f", revision {model.revision}" if model.revision else ""
        yield (
            f"{name} is the {model.kind or 'model'} {model.name or name} ({source}): "
            f"{listed(said) if said else 'no settings recorded'}."
        )


def _pipelines(bundle: Bundle) -> Iterator[str]:
    said: dict[Sentence, list[str]] = {}
    for name, part in bundle.pipelines.items():
        said.setdefault(told_of(part).said(part), []).append(name)
    for sentence in sorted(said, key=SENTENCES.index):
        yield sentence.of(said[sentence])
    if cut := [name for name, part in bundle.pipelines.items() if part.stages.get("passages")]:
        yield IN_PASSAGES.of(cut)


def _statistics(bundle: Bundle, found: Compared) -> Iterator[str]:
    intervals = [
        f.interval for p in bundle.pipelines.values() for f in p.measures.values() if f.interval is not None
    ]
    what = bundle.items.many
    if intervals:
        methods = {interval.method for interval in intervals}
        said = [words for method, words in _INTERVALS.items() if method in methods]
        yield f"A measure’s {100 * intervals[0].confidence:g} % interval, over {what}, is {'; '.join(said)}."
    if not found.every:
        return
    n = found.every[0].n
    if bundle.items is not QUERIES:
        yield f"Two pipelines are compared by the paired bootstrap over {what}: interval and p are of the difference."
    else:
        flips = f"all {2**n:,} sign assignments" if n <= EXACT else f"{SIGN_FLIPS:,} random ones, seeded"
        yield (
            f"Two pipelines are compared on the same queries, by sign-flip randomisation ({flips}); "
            "d_z is the standardised difference with Hedges’ correction."
        )
    if found.every[0].family > 1:
        yield (
            f"Every pair by every measure is one family of {found.every[0].family:,} comparisons, judged by max-t over "
            "shared signs or resamples: p (family), letters and the intervals of differences hold for all of them at "
            "once, and a pair that was picked after looking is corrected for that."
        )
    yield "“Detectable” is the smallest difference that this many would show with 80 % power."


def _speed(bundle: Bundle) -> Iterator[str]:
    timed = [part.timing for part in bundle.pipelines.values() if part.timing is not None]
    if not timed:
        yield "Speed was not measured in this run."
        return
    session = bundle.result.timing or Session()
    counted = (
        (session.sets, "fresh sets of processes", "fresh set of processes"),
        (session.blocks, "blocks", "block"),
    )
    blocks = [f"{count} {word}" if count != 1 else f"1 {one}" for count, word, one in counted if count]
    yield (
        f"Speed was measured live, never from the store, by profile {session.profile or 'unknown'}"
        f"{': ' + listed(blocks) if blocks else ''}; each pipeline in a worker process of its own, taking turns."
    )
    yield (
        "Latency is of the whole query in a closed loop, one at a time, after warming up; percentiles are order "
        "statistics with binomial intervals, and missing where the count allows none. The same queries are called "
        "again and again: an interval holds for these queries in these processes, not for others like them."
    )
    if any(timing.load for timing in timed):
        yield (
            "Under load, arrivals were drawn in advance and latency counts from the scheduled arrival, so no stall "
            "is omitted."
        )
    if session.environment:
        said = [
            f"{key.replace('_', ' ')} {_compact(value)}"
            for key, value in session.environment.items()
            if value not in (None, "", {}, [])
        ]
        yield f"Machine while timing: {'; '.join(said)}."
    if session.overhead_ns is not None:
        yield f"The timer itself costs {session.overhead_ns:,.0f} ns a query."
    if session.control != Control():
        yield (
            "The same pipeline timed against itself says that this machine is "
            + ("too noisy to trust" if session.control.noisy else "quiet enough")
            + (f": {session.control.reason}." if session.control.reason else ".")
        )
    yield from (f"{note.rstrip('.')}." for note in session.notes)


def _work(bundle: Bundle) -> Iterator[str]:
    for name, work in bundle.result.work.items():
        stored = work.stored
        if work.texts or stored.texts:
            yield (
                f"{name}: {work.texts:,} texts in {work.forward_passes:,} forward passes and {work.tokens:,} tokens "
                f"computed in this run, {stored.texts:,} texts taken from the store; "
                f"{work.truncated + stored.truncated:,} truncated."
            )


def _compact(value: Any) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{key} {_compact(item)}" for key, item in value.items() if item is not None)
    if isinstance(value, Sequence) and not isinstance(value, str):
        return " ".join(_compact(item) for item in value)
    return str(value)
