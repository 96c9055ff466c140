"""What a bundle found, in a sentence or two: the best pipeline, and each comparison declared in advance."""

from __future__ import annotations

from harness.compare import Options, Paired, compare
from harness.report import speed
from harness.results.bundle import Bundle


def finding(bundle: Bundle) -> str:
    """Return the finding by the primary measure, with every difference's interval and family-wise p value."""
    measure = bundle.primary
    values = {name: bundle.value(name, measure) for name in bundle.pipelines}
    best = max(values, key=lambda name: values[name])
    unit = bundle.items.many
    n = bundle.pipelines[best].measures[measure].n
    over = "" if n is None else f" over {n:,} {unit}"
    if len(values) == 1:
        return f"Found: {best} reaches {measure} {values[best]:.4f}{over}."
    sentences = [f"Found: {best} has the highest {measure}, {values[best]:.4f}{over}"]
    if n is None:  # imported: whether they differ nobody can tell from here
        return f"{sentences[0]}; whether that is more than chance cannot be said of aggregates."
    found = compare([bundle], Options(measures=(measure,), changes=0))
    same = [f"{row.first} and {row.second}" for row in found.results if _is_same(row)]
    if same:
        sentences.append(f"the same for each of the {unit}: {', '.join(same)}")
    sentences += [_told(row) for row in found.results if not _is_same(row)]
    sentences += speed.arms(bundle)
    return "; ".join(sentences) + "."


def _is_same(row: Paired) -> bool:
    """Whether nothing differs, item by item (of a whole set's measure: in no resample)."""
    if row.wins is None:
        return row.delta == 0 and row.interval is None and row.p_value == 1.0
    return row.wins == row.losses == 0


def _told(row: Paired) -> str:
    if row.delta is None or row.p_adjusted is None or row.verdict == "not defined":
        return f"{row.first} and {row.second} cannot be compared{f' ({row.note})' if row.note else ''}"
    by = f"{row.delta:+z.4f}"
    if row.interval is not None:
        by += f" [{row.interval.low:+z.4f}, {row.interval.high:+z.4f}]"
    p = "p < 0.001" if row.p_adjusted < 0.001 else f"p = {row.p_adjusted:.3f}"
    if row.verdict == "cannot be told apart":
        return f"{row.first} and {row.second} cannot be told apart ({by}, {p})"
    if row.verdict == "first better":
        return f"{row.first} is better than {row.second} ({by}, {p})"
    return f"{row.first} is worse than {row.second} ({by}, {p})"
