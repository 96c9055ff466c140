"""The answer: which pipeline, in two sentences with figures, and how sure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from harness.compare.evidence import BASELINE_ARM
from harness.compare.paired import Paired
from harness.compare.speed import doubts_of_speed
from harness.errors import listed
from harness.report.model import Answer, PipelineView
from harness.report.table import Estimate, interval_text, main_text, percent
from harness.report.view.comparing import Compared
from harness.results.bundle import Bundle
from harness.stages import scored_pairs

#: Below this share of judged results, judgments are said to be thin.
WELL_JUDGED = 0.8


def answer_of(bundle: Bundle, pipelines: Sequence[PipelineView], found: Compared) -> Answer:
    """Say what to take, what it can and cannot be told apart from, and how sure that is."""
    measure = bundle.primary
    usable = [
        one
        for one in pipelines
        if not one.name.startswith(BASELINE_ARM) and one.measures[measure].value is not None
    ]
    if not usable:
        return Answer(
            None,
            "No recommendation",
            (f"No pipeline has a value of {measure}, so none can be recommended.",),
            "",
            (),
        )
    unit = bundle.items.many
    best = next((one for one in usable if one.recommended), None) or max(
        usable, key=lambda o: _value(o, measure)
    )
    if len(usable) == 1:
        only = best.measures[measure]
        return Answer(
            None,
            best.name,
            (
                f"{best.name} reaches {measure} {_figure(only)}{_over(only, unit)}{_speed(best)}.",
                "It is the only pipeline in this bundle, so there is nothing to choose between.",
            ),
            "",
            tuple(_caveats(bundle, best, usable, compared=False)),
        )
    cheaper = cheaper_of(best, usable, found)
    return Answer(
        best.name,
        best.name,
        (_first(best, usable, found, measure, unit), *_second(best, usable, found)),
        _sure(best, found, unit),
        tuple(_caveats(bundle, best, usable, compared=bool(found.every))),
        ""
        if cheaper is None
        else f"or {cheaper.name}, which cannot be told apart from it and {cheaper.words}",
    )


def _first(
    best: PipelineView, usable: Sequence[PipelineView], found: Compared, measure: str, unit: str
) -> str:
    figure = best.measures[measure]
    of = "both" if len(usable) == 2 else f"all {len(usable)}"
    rows = [row for row in found.every if best.name in (row.first, row.second)]
    # Where nothing speaks against any of the others, it is a lead and not yet a recommendation to rely on.
    open_ = bool(rows) and all(row.verdict == "cannot be told apart" for row in rows)
    take = f"{best.name} is ahead, though not for certain" if open_ else f"Take {best.name}"
    return (
        f"{take}: of {of} pipelines it has the highest {measure}, "
        f"{_figure(figure)}{_over(figure, unit)}{_speed(best)}."
    )


def _second(best: PipelineView, usable: Sequence[PipelineView], found: Compared) -> Iterator[str]:
    rows = _rows(best, usable, found)
    if not rows:
        return
    tied = [(name, row, sign) for name, row, sign in rows if row.verdict == "cannot be told apart"]
    told = [(name, row, sign) for name, row, sign in rows if row.verdict in ("first better", "second better")]
    parts = []
    if told:
        name, row, sign = min(told, key=lambda t: abs(t[1].delta or 0.0))
        which = name if len(told) == 1 else f"{len(told)} others, the nearest of them {name}"
        parts.append(f"better than {which} by {_delta(row, sign)}")
    sentence = f"It is {parts[0]}" if parts else ""
    if tied:
        shown = "; ".join(f"{name} ({_delta(row, sign)})" for name, row, sign in tied[:3])
        more = f" and {len(tied) - 3} more" if len(tied) > 3 else ""
        without = f"cannot be told apart from {shown}{more}"
        sentence = f"{sentence}, but {without}" if sentence else f"It {without}"
    yield f"{sentence}."


@dataclass(frozen=True)
class Cheaper:
    """A pipeline as good as the best as far as can be told, and in words what it saves."""

    name: str
    words: str


def cheaper_of(best: PipelineView, usable: Sequence[PipelineView], found: Compared) -> Cheaper | None:
    """The cheapest of those that cannot be told apart from the best: by time, or by counted work without it."""
    names = {one.name: one for one in usable}
    rows = _rows(best, usable, found)
    tied = [names[name] for name, row, _ in rows if row.verdict == "cannot be told apart"]
    mine = _p95(best)
    if mine is not None:
        times = {one.name: p95 for one in tied if (p95 := _p95(one)) is not None and p95 < mine}
        if not times:
            return None
        name = min(times, key=lambda key: times[key])
        words = f"is faster: a p95 of {main_text(times[name], 'ms')} ms instead of {main_text(mine, 'ms')} ms"
        return Cheaper(name, words)
    scored = _scored(best)
    less = {one.name: pairs for one in tied if (pairs := _scored(one)) is not None and _does_less(one, best)}
    if scored is None or not less:
        return None
    name = min(less, key=lambda key: less[key])
    return Cheaper(name, f"scores {less[name]:,.4g} pairs per query instead of {scored:,.4g}")


def _does_less(one: PipelineView, best: PipelineView) -> bool:
    """Whether a pipeline does a part of what the best does: the same first stage, and fewer pairs or none scored."""
    first, other = (p.stages.get("retrieve", p.stages.get("candidates")) for p in (one, best))
    mine, theirs = _scored(one), _scored(best)
    if first is None or first != other or mine is None or theirs is None or mine >= theirs:
        return False
    return mine == 0.0 or one.stages.get("rerank") == best.stages.get("rerank")


def _scored(one: PipelineView) -> float | None:
    """Pairs of a query and a document that are scored for a query, each result being one; None where not known."""
    pairs = scored_pairs(one.kind)
    if not pairs:
        return None if pairs is None else 0.0
    n = max((figure.n or 0 for figure in one.measures.values()), default=0)
    return pairs * one.results / n if one.results and n else None


def _rows(
    best: PipelineView, usable: Sequence[PipelineView], found: Compared
) -> list[tuple[str, Paired, float]]:
    """The comparisons of the best with every other that can be chosen."""
    names = {one.name for one in usable}
    rows = (_from(best.name, row) for row in found.every)
    return [row for row in rows if row is not None and row[0] in names]


def _from(name: str, row: Paired) -> tuple[str, Paired, float] | None:
    """The other side of a pair that this pipeline is in, and the sign that makes the difference this one's."""
    if row.delta is None or name not in (row.first, row.second):
        return None
    return (row.second, row, 1.0) if row.first == name else (row.first, row, -1.0)


def _sure(best: PipelineView, found: Compared, unit: str) -> str:
    if not found.every:
        return "This bundle holds no per-query scores, so how sure that is cannot be said."
    size = found.every[0].family
    per_query = found.evidence is not None and found.evidence.item == "query"
    how = "sign-flip test" if per_query else "paired bootstrap"
    family = (
        f"{how} at 5 %, corrected over all {size:,} pairs and measures (max-t)"
        if size > 1
        else f"{how} at 5 %"
    )
    often = (
        ""
        if best.best_probability is None
        else (f"In {percent(best.best_probability)} of 10,000 resamples of the {unit} it comes out best. ")
    )
    return f"{often}“Better” and “cannot be told apart” are by the {family}."


def _caveats(
    bundle: Bundle, best: PipelineView, usable: Sequence[PipelineView], *, compared: bool
) -> Iterator[str]:
    untimed = [one.name for one in usable if one.timing is None]
    broken = [one for one in usable if one.timing is not None and one.timing.invalid]
    if len(untimed) == len(usable):
        yield "Speed was not measured, so quality alone decides here."
    elif untimed:
        yield f"Speed was not measured for {listed(untimed)}."
    if len(untimed) < len(usable):
        yield from (f"{text[0].upper()}{text[1:]}." for text in doubts_of_speed(bundle))
    for one in broken:
        assert one.timing is not None
        yield f"The timing of {one.name} is invalid: {one.timing.invalid}."
    thin = [(key, share) for key, share in best.judged.items() if share is not None and share < WELL_JUDGED]
    for key, share in thin:
        yield (
            f"Of {best.name}’s first {key.partition('@')[2]} results, {percent(share)} were judged by anybody; the "
            "rest count as not relevant, so its figures may be too low."
        )
    if best.unanswered:
        yield f"{best.name} left {best.unanswered:,} judged queries without a result; they count as 0."
    if compared and len(untimed) < len(usable):
        yield "A difference that can be told apart need not be one that is worth its price; both are shown below."


def _value(one: PipelineView, measure: str) -> float:
    value = one.measures[measure].value
    return float("-inf") if value is None else value


def _p95(one: PipelineView) -> float | None:
    if one.timing is None or one.timing.invalid:
        return None
    return one.timing.latency.get("p95", Estimate(None)).value


def _speed(one: PipelineView) -> str:
    if _p95(one) is None or one.timing is None:
        return ""
    figure = one.timing.latency["p95"]
    return f", at a p95 latency of {main_text(figure, 'ms')} ms {interval_text(figure, 'ms')}".rstrip()


def _figure(figure: Estimate) -> str:
    return f"{main_text(figure.value, 'number')} {interval_text(figure, 'number')}".rstrip()


def _over(figure: Estimate, unit: str) -> str:
    return "" if figure.n is None else f" over {figure.n:,} {unit}"


def _delta(row: Paired, sign: float) -> str:
    delta = sign * (row.delta or 0.0)
    interval = ""
    if row.interval is not None:
        low, high = sorted((sign * row.interval.low, sign * row.interval.high))
        interval = " " + interval_text(Estimate(delta, low, high), "signed")
    return f"{main_text(delta, 'signed')}{interval}, p {_p(row.p_adjusted)}"


def _p(value: float | None) -> str:
    if value is None:
        return "unknown"
    text = main_text(value, "p")
    return text if text.startswith("<") else f"= {text}"
