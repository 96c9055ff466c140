"""A real browser opens the page from disk: nothing is requested, nothing fails, nothing overflows, and it works."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from harness.report.view import view_of
from harness.report.writers.html import page
from harness.results.bundle import read

#: Where Debian and others put it; HARNESS_TEST_BROWSER names another.
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """Headless Chromium, driven by playwright; skipped where there is none."""
    driver = pytest.importorskip("playwright.sync_api", reason="no browser driver: pip install playwright")
    place = os.environ.get("HARNESS_TEST_BROWSER") or next(filter(None, map(shutil.which, NAMES)), None)
    if place is None:
        pytest.skip("no browser: apt-get install chromium, or name one in HARNESS_TEST_BROWSER")
    with driver.sync_playwright() as started:
        # Containers run as root, where Chromium's own sandbox cannot start; the page is the test's own.
        opened = started.chromium.launch(executable_path=place, args=["--no-sandbox"])
        yield opened
        opened.close()


@pytest.fixture(scope="module")
def files(scored: Path, timed: Path, sts: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The pages on disk."""
    folder = tmp_path_factory.mktemp("pages")
    found = {}
    for name, bundle in {"plain": scored, "timed": timed, "sts": sts}.items():
        found[name] = folder / f"{name}.html"
        found[name].write_text(page(view_of(read(bundle))), encoding="utf-8")
    return found


class Visit:
    """One page in one window; everything it complains about or asks for."""

    def __init__(self, browser: Any, file: Path, width: int = 1600, scheme: str = "light") -> None:
        self.complaints: list[str] = []
        self.requests: list[str] = []
        self.context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
        self.tab = self.context.new_page()
        self.tab.on("console", lambda message: self.complaints.append(message.text))
        self.tab.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.tab.on("dialog", lambda dialog: self.complaints.append(f"dialog {dialog.message}"))
        self.tab.on("request", lambda request: self.requests.append(request.url))
        self.tab.goto(file.as_uri())
        if self.tab.locator("#explorer").count():
            self.tab.wait_for_selector("html[data-ready=yes]")

    def __enter__(self) -> Any:
        return self.tab

    def __exit__(self, *_: object) -> None:
        self.context.close()
        assert self.complaints == []
        assert len(self.requests) == 1  # the page itself


@pytest.mark.parametrize("name", ["plain", "timed", "sts"])
@pytest.mark.parametrize("width", [400, 1600])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_overflows(browser: Any, files: dict[str, Path], name: str, width: int, scheme: str) -> None:
    with Visit(browser, files[name], width, scheme) as tab:
        for opened in tab.locator("summary").all():
            opened.click()
        if tab.locator(".list .open").count():
            tab.locator(".list .open").first.click()
        wide = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
        assert tab.evaluate(wide) == 0
        ground = tab.evaluate("() => getComputedStyle(document.body).backgroundColor")
        light = sum(int(part) for part in ground.strip("rgb()").split(",")[:3]) / 3 > 128
        assert light == (scheme == "light")


def test_text_of_the_data_stays_text(browser: Any, files: dict[str, Path], words: Any) -> None:
    with Visit(browser, files["plain"]) as tab:
        for text in words.hostile:
            tab.fill("#filter", text.split()[0])
            assert text in tab.locator(".list .open").all_inner_texts()
        tab.fill("#filter", "")
        assert words.odd in tab.locator("#side-a option").all_inner_texts()
        assert tab.locator("table tbody th", has_text=words.odd).count() >= 1
        # The passage of 10,000 characters, whole: look for a query that returned it.
        found = False
        while tab.locator("#more").is_visible():
            tab.click("#more")
        for opened in tab.locator(".list .open").all():
            opened.click()
            texts = tab.locator(".hits .text").all_text_contents()
            if words.long in texts:
                found = True
                break
        assert found
        assert (
            tab.evaluate(
                "() => document.querySelectorAll('main img, main b, .hits svg, .hits script').length"
            )
            == 0
        )


def _column(tab: Any, place: int) -> list[float]:
    cells = tab.locator(f"#comparison tbody tr td:nth-child({place})").all()
    return [float(cell.get_attribute("data-v") or "nan") for cell in cells]


def test_tables_sort(browser: Any, files: dict[str, Path]) -> None:
    with Visit(browser, files["plain"]) as tab:
        header = tab.locator("#comparison thead th", has_text="ndcg@10").first
        assert header.get_attribute("aria-sort") == "descending"
        shown = _column(tab, 2)
        assert shown == sorted(shown, reverse=True)
        header.locator("button").click()
        assert header.get_attribute("aria-sort") == "ascending"
        assert _column(tab, 2) == sorted(shown)
        name = tab.locator("#comparison thead th").first
        name.locator("button").press("Enter")
        assert name.get_attribute("aria-sort") == "ascending"
        assert header.get_attribute("aria-sort") is None
        names = [cell.get_attribute("data-v") for cell in tab.locator("#comparison tbody th").all()]
        assert names[:2] != names[::-1][:2]
        assert sorted(names) != []
        assert tab.locator("#comparison tbody tr.marked th").get_attribute("data-v") == "good"


def test_missing_figures_sort_last(browser: Any, files: dict[str, Path], words: Any) -> None:
    with Visit(browser, files["timed"]) as tab:
        header = tab.locator("#comparison thead th", has_text="p95").first
        for _ in range(2):
            header.locator("button").click()
            assert tab.locator("#comparison tbody th").last.get_attribute("data-v") == words.odd


def test_query_by_query(browser: Any, files: dict[str, Path], scored: Path) -> None:
    part = view_of(read(scored)).per_query
    assert part is not None
    measure = part.measures.index("ndcg@10")
    first, second = (
        part.values[part.pipelines.index("good"), measure],
        part.values[part.pipelines.index("bad"), measure],
    )
    with Visit(browser, files["plain"]) as tab:
        tab.select_option("#side-a", label="good")
        tab.select_option("#side-b", label="bad")
        pressed = tab.locator("#outcomes button")
        assert pressed.nth(1).inner_text() == f"A better: {(first > second).sum()}"
        assert pressed.nth(3).inner_text() == f"B better: {(first < second).sum()}"
        pressed.nth(3).click()
        assert pressed.nth(3).get_attribute("aria-pressed") == "true"
        assert tab.locator("#list tbody tr").count() == min(25, (first < second).sum())
        pressed.nth(0).click()
        best = int(abs(first - second).argmax())
        row = tab.locator("#list tbody tr").first
        assert row.get_attribute("data-query") == part.ids[best]
        tab.fill("#filter", "thing 17")
        assert tab.locator("#list tbody tr").count() == 1
        opened = tab.locator("#list .open").first
        opened.press("Enter")
        assert opened.get_attribute("aria-expanded") == "true"
        assert tab.locator(".sides h3").all_inner_texts() == ["good", "bad"]
        assert tab.locator(".sides .hits").first.locator("li").count() == 10
        query = part.ids.index("q17")
        hits = next(detail.hits["good"] for detail in part.details if detail.query == query)
        heads = tab.locator(".sides .hits").first.locator(".head").all_inner_texts()
        for hit, head in zip(hits, heads, strict=True):
            assert head.startswith("not judged" if hit.grade is None else f"grade {hit.grade}")
            assert part.documents[hit.document] in head
        opened.press("Enter")
        assert tab.locator(".sides").count() == 0
        tab.fill("#filter", "no such words")
        assert tab.locator("#shown").inner_text() == "No query matches."


def test_the_theme_can_be_chosen(browser: Any, files: dict[str, Path]) -> None:
    ground = "() => getComputedStyle(document.body).backgroundColor"
    with Visit(browser, files["plain"], scheme="light") as tab:
        before = tab.evaluate(ground)
        tab.click("#theme")
        assert (tab.inner_text("#theme"), tab.evaluate(ground)) == ("Theme: light", before)
        tab.click("#theme")
        assert tab.inner_text("#theme") == "Theme: dark"
        assert tab.evaluate(ground) != before
        tab.emulate_media(media="print")
        assert (
            tab.evaluate(ground) == before
            or tab.evaluate("() => getComputedStyle(document.body).color") != ""
        )


def test_the_keyboard_can_skip_to_the_content(browser: Any, files: dict[str, Path]) -> None:
    with Visit(browser, files["plain"]) as tab:
        tab.keyboard.press("Tab")
        assert tab.evaluate("() => document.activeElement.textContent") == "Skip to the content"
        tab.keyboard.press("Enter")
        assert tab.evaluate("() => location.hash") == "#content"
