"""The all-pairs claim as tables and sentences, and as JSON."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from harness.claims.all_pairs.figures import CROSS, ENCODE, SEARCH, AllPairs, Findings, Prediction, Side
from harness.claims.all_pairs.laws import Law, LawCheck, PredictedTime
from harness.claims.kind import ClaimResult
from harness.report import table
from harness.report.table import Column, DataTable, Value, interval_text, main_text
from harness.units import span_text

_UNIT = {ENCODE: "sentence", SEARCH: "pair", CROSS: "pair"}


def outcome(claim: AllPairs) -> ClaimResult:
    """Return both tables and every figure; inconclusive where a law did not hold, so that nothing was extrapolated."""
    return ClaimResult(as_dict(claim), (measured_table(claim), prediction_table(claim)), claim.holds)


def measured_table(claim: AllPairs) -> DataTable:
    """What was measured, and how near each law comes to it."""
    rows: list[tuple[Value, ...]] = []
    for name, part in claim.samples.items():
        law = _laws(claim)[name]
        for n, units, repeats, middle in zip(part.sizes, part.units, part.seconds, part.medians, strict=True):
            fitted = law.at(units).seconds
            work = f"{units:,} {_UNIT[name]}s"
            spread = f"{span_text(min(repeats))} to {span_text(max(repeats))}"
            rows.append((name, n, work, len(repeats), middle, spread, fitted, fitted / middle - 1))
    notes = [f"{name}: {law_text(law, _UNIT[name])}." for name, law in _laws(claim).items()]
    notes += [check_text(name, check) for name, check in _checks(claim).items()]
    left = claim.counts.get("left_out", 0)
    notes.append(
        f"{claim.suite}: {claim.counts['sentences']:,} different sentences, {claim.counts['duplicates']:,} duplicates "
        f"left out{f', {left:,} more documents not looked at' if left else ''}; at each size and repeat every n-th by "
        "length from a random start. The search is timed on random vectors of the model's dimension."
    )
    columns = (
        Column("work", "work", "name"),
        Column("sentences", "sentences", "count"),
        Column("units", "work at that size", "figures"),
        Column("repeats", "repeats", "count"),
        Column("median_s", "median", "span"),
        Column("spread", "least to most", "figures"),
        Column("law_s", "law", "span"),
        Column("law_error", "law is off by", "deviation"),
    )
    return DataTable("measured", "Measured", columns, tuple(rows), tuple(notes))


def prediction_table(claim: AllPairs) -> DataTable:
    """What the laws say of sizes that nobody waits for."""
    rows = tuple(
        (told.n, told.pairs, _cell(told.bi_encoder), _cell(told.cross_encoder), told.times)
        for told in claim.predictions
    )
    notes = (
        "In brackets: 95 % prediction interval, from the scatter of the measured sizes around the law; that the law "
        "goes on beyond them is assumed.",
        *(statement(claim, told) for told in claim.predictions),
        findings_text(claim),
    )
    columns = (
        Column("sentences", "sentences", "count"),
        Column("pairs", "pairs", "count"),
        Column("bi_encoder_s", "bi-encoder", "span"),
        Column("cross_encoder_s", "cross-encoder", "span"),
        Column("times", "times longer", "count"),
    )
    return DataTable("predicted", "Predicted", columns, rows, notes)


def _cell(told: PredictedTime | None) -> Value:
    return "not extrapolated" if told is None else table.Estimate(told.seconds, told.low, told.high)


def statement(claim: AllPairs, told: Prediction) -> str:
    """One sentence: then, and here."""
    head = f"{told.n:,} sentences, {told.pairs:,} pairs: "
    published = claim.published
    if published is not None and published["n"] == told.n:
        head += (
            f"{span_text(published['cross_encoder_s'])} against {span_text(published['bi_encoder_s'])} then "
            f"({published['source']}); "
        )
    if told.bi_encoder is None or told.cross_encoder is None:
        missed = [name for name, check in _checks(claim).items() if not check.holds]
        return f"{head}not extrapolated here: {' and '.join(missed)} missed the largest measured size by too much."
    here = f"{estimate(told.cross_encoder)} against {estimate(told.bi_encoder)} on this machine"
    return f"{head}{here}, {told.times:,.0f} times as long."


def law_text(law: Law, unit: str) -> str:
    """A law as a formula."""
    scatter = "" if law.scatter is None else f"; the sizes scatter by {law.scatter:.1%} around it"
    return f"{span_text(law.fixed_s)} + {span_text(law.per_unit_s)} a {unit}{scatter}"


def check_text(name: str, check: LawCheck) -> str:
    """How well the smaller sizes predict the largest."""
    verdict = (
        f"within {check.tolerance:.0%}, the law holds"
        if check.holds
        else f"over {check.tolerance:.0%}, the law does NOT hold and is not extrapolated"
    )
    return (
        f"{name}: the smaller sizes predict {span_text(check.predicted.seconds)} for the largest, measured "
        f"{span_text(check.measured_s)} ({check.error:+.1%}); {verdict}."
    )


def findings_text(claim: AllPairs) -> str:
    """Which pair each model thinks most similar."""
    bi, cross = claim.found["bi-encoder"], claim.found["cross-encoder"]
    same = set(bi.best[:2]) == set(cross.best[:2])
    return (
        f"Most similar among the same {bi.n:,} sentences: {_pair(bi)} by the bi-encoder"
        + (", and by the cross-encoder too" if same else f"; {_pair(cross)} by the cross-encoder")
        + f". Pairs from {bi.threshold:g} and {cross.threshold:g} on: {bi.n_above:,} and {cross.n_above:,}."
    )


def as_dict(claim: AllPairs) -> dict[str, Any]:
    """The whole claim as JSON-like values."""
    content = asdict(claim)
    for key in ("bi_encoder", "cross_encoder"):
        side: Side = getattr(claim, key)
        content[key]["holds"] = side.holds
        for name, check in side.checks.items():
            content[key]["checks"][name] |= {"error": check.error, "holds": check.holds}
    for row, told in zip(content["predictions"], claim.predictions, strict=True):
        row["times"], row["statement"] = told.times, statement(claim, told)
    return {"schema": 1, "kind": "all-pairs", **content}


def estimate(told: PredictedTime | None) -> str:
    """Seconds as people read them, with their interval."""
    cell = _cell(told)
    interval = interval_text(cell, "span")
    return f"{main_text(cell, 'span')} {interval}".rstrip()


def _pair(found: Findings) -> str:
    first, second, score = found.best
    return f"{first!r} and {second!r} ({score:.3f})"


def _laws(claim: AllPairs) -> dict[str, Law]:
    return {**claim.bi_encoder.laws, **claim.cross_encoder.laws}


def _checks(claim: AllPairs) -> dict[str, LawCheck]:
    return {**claim.bi_encoder.checks, **claim.cross_encoder.checks}
