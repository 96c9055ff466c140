"""The table everybody looks at first: pipelines by measures, with intervals and counts. A view model, no layout."""

from __future__ import annotations

from dataclasses import dataclass

from harness.results.bundle import Bundle


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
    header = ("pipeline", "what", *bundle.measures, *judged)
    rows = []
    shallow = False
    for name, part in bundle.pipelines.items():
        cells = [Cell(name), Cell(_what(part))]
        for measure in bundle.measures:
            figure = part["measures"][measure]
            interval = figure["interval"]
            limited = figure.get("limited_by_depth") is not None
            shallow = shallow or limited
            best = max(p["measures"][measure]["value"] for p in bundle.pipelines.values())
            cells.append(
                Cell(
                    f"{figure['value']:.4f}",
                    f"[{interval['low']:.3f}, {interval['high']:.3f}]" if interval else "",
                    best=len(bundle.pipelines) > 1 and figure["value"] == best,
                    mark="†" if limited else "",
                )
            )
        for key in judged:
            share = part["judged"][key]
            cells.append(Cell("–" if share is None else f"{share:.0%}"))
        rows.append(tuple(cells))
    if bundle.task == "sts":
        size = f"{counts['pairs']:,} sentence pairs"
    else:
        documents = f", {counts['documents']:,} documents" if "documents" in counts else ""
        size = f"{counts['queries']:,} judged queries{documents}, {counts['judgments']:,} judgments"
    notes = []
    if any(cell.interval for row in rows for cell in row):
        unit = "pairs" if bundle.task == "sts" else "queries"
        notes.append(f"In brackets: 95 % bootstrap interval over {unit}.")
    if shallow:
        notes.append(
            "† the measure looks deeper than the pipeline's results reach; computed on what is there."
        )
    notes += [f"Note: {text}." for text in result.get("notes", [])]
    notes += [f"Warning: {text}." for text in result.get("warnings", [])]
    return SummaryTable(
        f"{suite['name']} (version {suite['version']}): {size}", header, tuple(rows), tuple(notes)
    )


def _what(part: object) -> str:
    assert isinstance(part, dict)
    stages = part["stages"]
    depth = stages.get("depth")
    match part["kind"]:
        case "two-stage":
            return f"{stages['retrieve']} → {stages['rerank']}, depth {depth}"
        case "cross-encoder":
            of = (
                "all documents" if stages["candidates"] == "all" else f"{stages['candidates']}, depth {depth}"
            )
            return f"{stages['rerank']} over {of}"
        case "run":
            return f"run file, depth {depth}"
        case "score":
            return str(stages["score"])
        case kind:
            return (
                f"{kind} {stages['retrieve']}, depth {depth}"
                if kind != stages["retrieve"]
                else f"{kind}, depth {depth}"
            )
