"""Figures: there where the bundle holds something for them, standing alone, and never on one another's labels."""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import matplotlib
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.text import Text

from harness.report.figures import FIGURES, save, svg
from harness.report.figures.labels import spread
from harness.report.figures.style import COLOURS, SERIES, Drawing, looks, short
from harness.report.model import ReportView
from harness.report.view import view_of
from harness.report.writers import markdown
from harness.report.writers.html import page
from harness.report.writers.markdown import escape
from harness.results import bundle as bundles
from harness.results.bundle import Bundle

TIMED = {"quality_latency", "latency_distribution", "latency_load", "stages"}
ALWAYS = {"depth_sweep", "recall_curves", "pairs_matrix"}


@pytest.fixture(scope="module")
def views(scored: Path, timed: Path, sts: Path) -> dict[str, ReportView]:
    return {
        name: view_of(bundles.read(path))
        for name, path in (("scored", scored), ("timed", timed), ("sts", sts))
    }


def _drawn(view: ReportView) -> dict[str, Drawing]:
    made = {key: draw(view) for key, draw in FIGURES.items()}
    return {key: figure for key, figure in made.items() if isinstance(figure, Drawing)}


def test_only_what_the_bundle_holds_is_drawn(views: dict[str, ReportView]) -> None:
    assert set(_drawn(views["scored"])) == ALWAYS
    assert set(_drawn(views["timed"])) == ALWAYS | TIMED
    assert set(_drawn(views["sts"])) == {"sts_scatter", "pairs_matrix"}


def _dashes(figure: Drawing) -> set[str]:
    """The kinds of lines that are in a figure."""
    return {
        str(line.get_linestyle())
        for one in figure.axes
        for line in one.get_lines()
        if len(line.get_xdata()) > 1
    }


def test_captions_speak_of_what_is_drawn(
    views: dict[str, ReportView], aggregates: Bundle, edited: Callable[..., Bundle]
) -> None:
    whole, bare = _drawn(views["timed"]), _drawn(view_of(aggregates))
    assert any("perfect reranker" in words for words in whole["depth_sweep"].marks)
    assert any("p95 latency" in words for words in whole["depth_sweep"].marks)
    assert "--" in _dashes(whole["depth_sweep"])
    assert bare["depth_sweep"].marks == (
        "upright lines are 95 % intervals",
        "dash-dotted is the first stage alone",
    )
    assert any(words.startswith("hollow") for words in whole["latency_load"].marks)
    assert set(bare) == {"depth_sweep"}
    for view, drawn in ((views["timed"], whole), (view_of(aggregates), bare)):
        html, text = page(view), markdown.report(view, drawn)
        for figure in drawn.values():
            assert all(words[1:] in html for words in figure.marks if "’" not in words), figure.name
            assert all(escape(words[1:]) in text for words in figure.marks), figure.name
    shown = page(view_of(aggregates)).partition("<body>")[2].partition('id="method"')[0]
    assert not [
        words for words in ("dashed", "perfect reranker", "a line ends", "misordered") if words in shown
    ]


def test_a_mark_that_no_pipeline_has_is_not_explained(edited: Callable[..., Bundle], timed: Path) -> None:
    result = json.loads((timed / "result.json").read_text())
    parts = {name: part["timing"] for name, part in result["pipelines"].items()}
    for timing in filter(None, parts.values()):
        timing["latency"] = {"p50": timing["latency"]["p50"]}
        timing["load"] = [{**point, "valid": True} for point in timing["load"]]

    def change(result: dict[str, Any]) -> None:
        for name, part in result["pipelines"].items():
            part["timing"] = parts[name]

    drawn = _drawn(view_of(edited(change)))
    assert drawn["latency_distribution"].marks == ("| median",)
    assert not any(words.startswith("hollow") for words in drawn["latency_load"].marks)
    assert "quality_latency" not in drawn


def test_an_svg_stands_alone_and_obeys_a_strict_policy(views: dict[str, ReportView]) -> None:
    ids: set[str] = set()
    for view in (views["timed"], views["sts"]):
        for key, figure in _drawn(view).items():
            if (key, view.task) == ("pairs_matrix", "sts"):
                continue
            text = svg(figure)
            root = ET.fromstring(text)
            assert not [
                e for e in root.iter() if e.tag.rsplit("}", 1)[-1] in ("script", "style", "image", "metadata")
            ]
            assert "style=" not in text
            assert not re.search(r"on\w+=|https?://(?!www\.w3\.org/2000/svg)|@import|url\((?!#)", text)
            assert [e.tag.rsplit("}", 1)[-1] for e in root[:2]] == ["title", "desc"]
            assert root[0].text
            assert root[1].text
            own = [e.get("id") for e in root.iter() if e.get("id")]
            assert len(own) == len(set(own))
            assert not ids & set(own), "ids of two figures in one page clash"
            ids |= {str(one) for one in own}
            targets = re.findall(r'(?:url\(#|href="#)([^)"]+)', text)
            assert set(targets) <= set(own)
            assert len(list(root.iter("{http://www.w3.org/2000/svg}text"))) > 3, "text is text, not paths"


def test_colours_follow_the_page_and_stand_in_a_file(views: dict[str, ReportView], tmp_path: Path) -> None:
    figure = _drawn(views["timed"])["quality_latency"]
    save(figure, tmp_path / "a.svg")
    inline, alone = svg(figure), (tmp_path / "a.svg").read_text()

    assert "var(--c1, #0072b2)" in inline
    assert "currentColor" in inline
    assert "var(" not in alone
    assert "#0072b2" in alone
    bare = set(re.findall(r'(?:fill|stroke)="(#[0-9a-f]{6})"', inline))
    assert not bare, f"colours without a theme: {bare}"


def test_drawing_twice_gives_the_same_bytes(timed: Path) -> None:
    first, second = (_drawn(view_of(bundles.read(timed))) for _ in range(2))

    assert {key: svg(figure) for key, figure in first.items()} == {
        key: svg(figure) for key, figure in second.items()
    }


def test_nothing_global_is_left_behind(views: dict[str, ReportView]) -> None:
    before = dict(matplotlib.rcParams)
    for figure in _drawn(views["timed"]).values():
        svg(figure)

    assert dict(matplotlib.rcParams) == before


@pytest.mark.parametrize("which", ["timed", "sts"])
def test_no_two_labels_overlap_and_none_leaves_the_figure(
    views: dict[str, ReportView], which: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn: list[Text] = []
    draw = Text.draw

    def noted(self: Text, renderer: Any) -> None:
        drawn.append(self)
        draw(self, renderer)

    monkeypatch.setattr(Text, "draw", noted)
    for key, figure in _drawn(views[which]).items():
        drawn.clear()
        canvas = FigureCanvasAgg(figure)
        canvas.draw()
        whole = figure.bbox.padded(1.5)
        boxes = [
            (text.get_text(), Text.get_window_extent(text, canvas.get_renderer()))
            for text in drawn
            if text.get_visible() and text.get_text().strip()
        ]
        assert boxes
        for i, (words, box) in enumerate(boxes):
            assert whole.x0 <= box.x0, (key, words)
            assert box.x1 <= whole.x1, (key, words)
            assert whole.y0 <= box.y0, (key, words)
            assert box.y1 <= whole.y1, (key, words)
            for other, taken in boxes[i + 1 :]:
                wide = min(box.x1, taken.x1) - max(box.x0, taken.x0)
                high = min(box.y1, taken.y1) - max(box.y0, taken.y0)
                assert min(wide, high) <= 2.5, (key, words, other)


def test_a_name_is_text_in_every_figure(views: dict[str, ReportView]) -> None:
    for figure in _drawn(views["timed"]).values():
        text = svg(figure)
        assert "<b>" not in text
        ET.fromstring(text)
    assert short("a" * 100) == "a" * 15 + "…" + "a" * 14
    assert short("x\n\x00y") == r"x \x00y"


def test_looks_differ_for_fifty_pipelines() -> None:
    names = tuple(f"p{i}" for i in range(50))
    assert len({(look.colour, look.marker) for look in looks(names).values()}) == 50


def test_series_differ_in_grey() -> None:
    def grey(colour: str) -> float:
        red, green, blue = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
        return 0.299 * red + 0.587 * green + 0.114 * blue

    shades = sorted(grey(colour) for colour in SERIES[:3])
    assert all(later - earlier > 8 for earlier, later in itertools.pairwise(shades))
    assert all(len(shade) == 7 for pair in COLOURS.values() for shade in pair)


@given(st.lists(st.floats(0, 300), min_size=1, max_size=12))
def test_spread_labels_keep_their_order_and_their_distance(wanted: list[float]) -> None:
    places = spread(sorted(wanted), 15.0, 0.0, 300.0)

    assert all(later - earlier >= 15.0 - 1e-6 for earlier, later in itertools.pairwise(places))
    assert places[0] >= -1e-6
    assert places[-1] <= 300.0 + 1e-6


def test_a_bundle_with_little_still_draws(edited: Callable[..., Bundle]) -> None:
    def one(result: dict[str, Any]) -> None:
        result["pipelines"] = {"good": result["pipelines"]["good"]}
        result["compare"] = []
        for figure in result["pipelines"]["good"]["measures"].values():
            figure["interval"] = None

    assert set(_drawn(view_of(edited(one)))) <= {"recall_curves"}


def test_other_endings_are_refused(views: dict[str, ReportView], tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"\.svg or \.png"):
        save(_drawn(views["scored"])["pairs_matrix"], tmp_path / "a.pdf")
