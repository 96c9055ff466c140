"""The page asks for nothing, lets nothing of the data become markup, and reads well without a mouse."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import zlib
from collections import Counter
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from harness.report.view import view_of
from harness.report.writers.html import calm, page
from harness.results.bundle import Bundle, read

VOID = {"meta", "input", "br"}
TAGS = {
    "html", "head", "meta", "title", "style", "body", "a", "div", "header", "h1", "h2", "h3", "p", "button", "nav",
    "ol", "ul", "li", "main", "section", "table", "caption", "thead", "tbody", "tr", "th", "td", "small", "span",
    "details", "summary", "figure", "figcaption", "dl", "dt", "dd", "label", "select", "input", "i", "script",
    "noscript", "footer",
}  # fmt: skip
DRAWN = {
    "svg",
    "g",
    "path",
    "line",
    "circle",
    "rect",
    "text",
    "tspan",
    "title",
    "desc",
    "defs",
    "clippath",
    "use",
    "pattern",
    "polygon",
    "polyline",
    "marker",
}


class Reader(HTMLParser):
    """Collects tags, attributes and text."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self.inside: list[str] = []
        self.raw: dict[str, list[str]] = {"style": [], "script": []}
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.inside.append(tag)
        if tag in self.raw:
            self.raw[tag].append("")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.inside.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.inside and self.inside[-1] in self.raw:
            self.raw[self.inside[-1]][-1] += data
        else:
            self.texts.append(data)


@pytest.fixture(scope="module")
def pages(scored: Path, timed: Path, sts: Path) -> dict[str, tuple[str, Reader]]:
    """The pages of the three bundles, as text and as read."""
    texts = {
        name: page(view_of(read(path)))
        for name, path in {"plain": scored, "timed": timed, "sts": sts}.items()
    }
    return {name: (text, Reader(text)) for name, text in texts.items()}


@pytest.fixture(params=["plain", "timed", "sts"])
def one(request: pytest.FixtureRequest, pages: dict[str, tuple[str, Reader]]) -> tuple[str, Reader]:
    """Each page in turn."""
    found: tuple[str, Reader] = pages[request.param]
    return found


def test_nothing_is_asked_from_anywhere(one: tuple[str, Reader]) -> None:
    for tag, attributes in one[1].tags:
        assert tag in TAGS | DRAWN, tag
        for key, value in attributes.items():
            assert key != "style" and not key.startswith("on"), (tag, key)  # noqa: PT018
            if key in ("src", "href", "xlink:href", "action", "data", "poster", "srcset"):
                assert (value or "").startswith("#"), (tag, key, value)
            assert "url(" not in (value or "") or "url(#" in (value or ""), (tag, key, value)
    assert "@import" not in one[0]
    assert "url(" not in one[1].raw["style"][0]


def test_only_its_own_style_and_script_may_run(one: tuple[str, Reader]) -> None:
    policies = [a["content"] for tag, a in one[1].tags if a.get("http-equiv") == "Content-Security-Policy"]
    (policy,) = policies
    assert policy is not None
    assert policy.startswith("default-src 'none'; ")
    assert "unsafe" not in policy
    (style,) = one[1].raw["style"]
    script = one[1].raw["script"][-1]
    for kind, text in (("style", style), ("script", script)):
        digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        assert f"{kind}-src 'sha256-{digest}'" in policy
    kinds = [a.get("type") for tag, a in one[1].tags if tag == "script"]
    assert kinds in (["application/octet-stream", None], [None])


def test_text_is_never_markup(pages: dict[str, tuple[str, Reader]], words: Any) -> None:
    text, reader = pages["plain"]
    for harmful in ("alert(1)", "alert(2)", "alert(3)", "<b>long"):
        assert harmful not in text
    assert any(words.odd in said for said in reader.texts)
    (packed,) = (raw for raw in reader.raw["script"][:-1])
    assert re.fullmatch(r"[A-Za-z0-9+/=]+", packed)
    content = json.loads(zlib.decompress(base64.b64decode(packed)))
    assert content["texts"][: len(words.hostile)] == list(words.hostile)
    assert words.odd in content["pipelines"]
    shown = dict(zip(content["documents"], content["texts_of"], strict=True))
    assert shown["d0"] == words.hostile[0]
    assert shown[f"d{len(words.hostile)}"] == words.long
    # Sentence pairs stand in the page's own tables.
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in pages["sts"][0] or words.hostile[4] in pages["sts"][0]
    assert "<script>alert" not in pages["sts"][0]
    assert "<svg onload" not in pages["sts"][0]


def test_the_data_are_the_bundles(pages: dict[str, tuple[str, Reader]], scored: Path) -> None:
    content = json.loads(zlib.decompress(base64.b64decode(pages["plain"][1].raw["script"][0])))
    part = view_of(read(scored)).per_query
    assert part is not None
    for p in range(len(part.pipelines)):
        for m in range(len(part.measures)):
            got = [content["values"][code] for code in content["codes"][p][m]]
            assert got == pytest.approx(part.values[p, m].tolist(), abs=1e-5)


def test_tables_and_figures_can_be_read_aloud(one: tuple[str, Reader]) -> None:
    tags = one[1].tags
    ids = Counter(a["id"] for _, a in tags if a.get("id"))
    assert [name for name, count in ids.items() if count > 1] == []
    for _, attributes in tags:
        for key in ("aria-labelledby", "aria-describedby"):
            for name in (attributes.get(key) or "").split():
                assert name in ids, name
    kinds = Counter(tag for tag, _ in tags)
    assert kinds["table"] == kinds["caption"]
    assert kinds["figure"] == kinds["figcaption"]
    assert all(a.get("scope") in ("col", "row") for tag, a in tags if tag == "th")
    assert all(a.get("role") == "img" or a.get("aria-hidden") for tag, a in tags if tag == "svg")
    links = [a["href"] for tag, a in tags if tag == "a"]
    assert all(href is not None and href[1:] in ids for href in links)


def test_sections_come_in_their_order(pages: dict[str, tuple[str, Reader]]) -> None:
    names = [a["id"] for tag, a in pages["timed"][1].tags if tag == "section"]
    assert names == [
        "answer", "comparison", "quality-latency", "depth", "recall", "latency", "stages", "pairs", "queries",
        "published", "method", "manifest",
    ]  # fmt: skip
    names = [a["id"] for tag, a in pages["sts"][1].tags if tag == "section"]
    assert names == ["answer", "comparison", "pairs", "sentences", "method", "manifest"]


def _single(result: dict[str, Any]) -> None:
    odd = list(result["pipelines"])[-1]
    result["pipelines"] = {odd: result["pipelines"][odd]}
    result["compare"] = []


def _no_intervals(result: dict[str, Any]) -> None:
    for part in result["pipelines"].values():
        for figure in part["measures"].values():
            figure["interval"] = None


def _little(result: dict[str, Any]) -> None:
    for key in ("counts", "notes", "warnings", "models", "work", "compare", "result_key", "perf_key"):
        result.pop(key, None)
    result["manifest"] = {}
    for part in result["pipelines"].values():
        for key in ("judged", "ties", "timing", "results"):
            part.pop(key, None)


@pytest.mark.parametrize("change", [_single, _no_intervals, _little])
def test_whatever_is_missing_the_page_stands(
    edited: Callable[..., Bundle], change: Callable[[dict[str, Any]], None]
) -> None:
    Reader(page(view_of(edited(change))))


def test_figures_alone_make_a_page(aggregates: Bundle) -> None:
    reader = Reader(page(view_of(aggregates)))
    assert any("holds no per-query scores" in text for text in reader.texts)
    assert not any(a.get("id") == "explorer" for _, a in reader.tags)


def test_without_texts_results_are_shown_by_id(edited: Callable[..., Bundle]) -> None:
    reader = Reader(page(view_of(edited(without=("documents.parquet",)))))
    assert any("holds no texts of documents" in text for text in reader.texts)


def test_figures_and_their_units_stay_on_one_line() -> None:
    assert calm("by +0.1 [+0.018, +0.046], p = 0.001") == "by +0.1 [+0.018,\u00a0+0.046], p\u00a0=\u00a00.001"
    assert calm("at 93.5 ms, or 85 %") == "at 93.5\u00a0ms, or 85\u00a0%"


def test_words_of_the_trade_are_explained_where_they_stand(pages: dict[str, tuple[str, Reader]]) -> None:
    text = pages["timed"][0]
    pairs = text[text.index('id="pairs"') :]
    for section, words in ((text, "anybody judged"), (pairs, "Hedges"), (pairs, "in 4 of 5 cases")):
        assert words in section[: section.index("</section>")] or words in section
    for term in ("d_z", "detectable", "judged@10"):
        assert f'<dt dir="auto">{term}</dt>' in text
    assert text.count('<dt dir="auto">d_z</dt>') == 1
    assert "What p (family), d_z, wins, ties, losses and detectable mean" in text
