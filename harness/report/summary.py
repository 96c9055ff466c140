"""The table everybody looks at first: pipelines by measures, with intervals and counts. A view model, no layout."""

from __future__ import annotations

from dataclasses import dataclass

from harness.report import speed
from harness.results.bundle import Bundle
from harness.stages import in_words


@dataclass(frozen=True)
class Cell:
    """One figure as people read it."""

    text: str
    interval: str = ""
    best: bool = False
    mark: str = ""

    @property
    def full(self) -> str:
        """Figure, mark and interval on one line."""
        return f"{self.text}{self.mark}" + (f" {self.interval}" if self.interval else "")


@dataclass(frozen=True)
class SummaryTable:
    """A table with a title, a header, rows and footnotes."""

    title: str
    header: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    notes: tuple[str, ...]


def summary_table(bundle: Bundle) -> SummaryTable:
    """Build the summary of a bundle; figures are rounded here and only here."""
    result = bundle.result
    suite, counts = result["suite"], result["counts"]
    judged = sorted({key for part in bundle.pipelines.values() for key in part.get("judged", {})})
    timed = any(part.get("timing") for part in bundle.pipelines.values())
    header = ("pipeline", "what", *bundle.measures, *judged, *(speed.HEADER if timed else ()))
    rows = []
    shallow = False
    for name, part in bundle.pipelines.items():
        cells = [Cell(name), Cell(in_words(part))]
        for measure in bundle.measures:
            figure = part["measures"][measure]
            interval = figure["interval"]
            limited = figure.get("limited_by_depth") is not None
            shallow = shallow or limited
            best = max(p["measures"][measure]["value"] for p in bundle.pipelines.values())
            cells.append(
                Cell(
                    f"{figure['value']:.4f}",
                    f"[{interval['low']:z.3f}, {interval['high']:z.3f}]" if interval else "",
                    best=len(bundle.pipelines) > 1 and figure["value"] == best,
                    mark="†" if limited else "",
                )
            )
        for key in judged:
            share = part["judged"][key]
            cells.append(Cell("–" if share is None else f"{share:.0%}"))
        cells += [Cell(text, interval) for text, interval in (speed.cells(part) if timed else ())]
        rows.append(tuple(cells))
    notes = []
    if any(cell.interval for row in rows for cell in row):
        over = bundle.items.many + (" and repeats" if _repeated(bundle) else "")
        notes.append(f"In brackets: 95 % bootstrap interval over {over}.")
    if shallow:
        notes.append(
            "† the measure looks deeper than the pipeline's results reach; computed on what is there."
        )
    notes += speed.notes(bundle) if timed else []
    notes += _missed(bundle)
    notes += [f"Note: {text}." for text in result.get("notes", [])]
    notes += [f"Warning: {text}." for text in result.get("warnings", [])]
    return SummaryTable(
        f"{suite['name']} (version {suite['version']}): {bundle.items.described(counts)}",
        header,
        tuple(rows),
        tuple(notes),
    )


def _repeated(bundle: Bundle) -> bool:
    figures = (figure for part in bundle.pipelines.values() for figure in part["measures"].values())
    return any(figure.get("repeats") for figure in figures)


def _missed(bundle: Bundle) -> list[str]:
    """For each pipeline that searches through an index: how much of the exact first results it finds."""
    notes = []
    for name, part in bundle.pipelines.items():
        index = part.get("index") or {}
        for measure, figure in list(index.get("overlap", {}).items())[:1]:
            depth, interval = measure.partition("@")[2], figure["interval"]
            between = f" [{interval['low']:.2%}, {interval['high']:.2%}]" if interval else ""
            built = f"{index['index_bytes'] / 1e6:,.1f} MB, built in {index['build_s']:.1f} s by one thread"
            notes.append(
                f"{name}: its index ({index['kind']}, {built}) finds {figure['value']:.2%}{between} of the exact "
                f"first {depth}."
            )
    return notes
