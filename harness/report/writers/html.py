"""One self-contained HTML page: no request to anywhere, and text from a data set is never markup.

Everything is escaped by Jinja2; the page's own style and script are the only ones that its content-security
policy lets run, by their hashes.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from importlib.resources import files
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup
from matplotlib.figure import Figure

from harness.report.blocks import sections
from harness.report.blocks.base import (
    FigurePart,
    Folded,
    Part,
    Prose,
    QueryExplorer,
    Recommendation,
    Records,
    Titled,
    captioned,
)
from harness.report.figures import THEME_CSS, drawn_of, svg
from harness.report.model import ReportView
from harness.report.several.base import Several
from harness.report.table import DataTable
from harness.report.writers.html_data import packed_queries
from harness.report.writers.html_table import table_context
from harness.results.items import items_of
from harness.text import in_markup

_TOGETHER = re.compile(r"\[[+−\d.]+, [+−\d.]+\]|p [=<] [\d.]+|[\d.,]+ (?:ms|%)")


def page(view: ReportView, figures: Mapping[str, Figure] | None = None) -> str:
    """Return the page of one bundle's view; ``figures`` are those already drawn, of every key that has one."""
    drawn = drawn_of(view) if figures is None else figures
    shown = []
    for section in sections(view):
        parts = [part for part in (_part(part, view, drawn) for part in section.parts) if part is not None]
        shown.append({"id": section.id, "title": section.title, "lead": section.lead, "parts": parts})
    return _rendered(
        title=f"{view.title} – {view.answer.headline}",
        heading=view.title,
        about=_about(view),
        sections=shown,
        footer=f"Written by encoder-harness from the bundle {view.name}; 'harness verify' recomputes its figures.",
    )


def several_page(several: Several) -> str:
    """Return the page of several bundles side by side."""
    shown = []
    for section in several.sections:
        made = [
            _drawn(part, several.figures.get(part.key)) if isinstance(part, FigurePart) else _static(part)
            for part in section.parts
        ]
        parts = [part for part in made if part is not None]
        shown.append({"id": section.id, "title": section.title, "lead": section.lead, "parts": parts})
    return _rendered(
        title=several.title,
        heading=several.title,
        about=several.why,
        sections=shown,
        footer="Written by encoder-harness from " + ", ".join(several.bundles) + ".",
    )


def _rendered(**content: Any) -> str:
    css, js = _css(), _asset("page.js")
    # Style and script are the project's own files, never data.
    text = _template().render(policy=policy(css, js), css=Markup(css), js=Markup(js), **content)
    return str(text)


def policy(css: str, js: str) -> str:
    """The content-security policy: nothing from anywhere, but this style and this script."""
    return (
        f"default-src 'none'; style-src 'sha256-{_digest(css)}'; script-src 'sha256-{_digest(js)}'; "
        "base-uri 'none'; form-action 'none'"
    )


def _digest(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _part(part: Part, view: ReportView, drawn: Mapping[str, Figure]) -> dict[str, Any] | None:
    match part:
        case FigurePart():
            return _drawn(part, drawn.get(part.key))
        case Folded():
            inner = [made for made in (_part(one, view, drawn) for one in part.parts) if made is not None]
            return {"is": "folded", "summary": part.summary, "parts": inner} if inner else None
        case Recommendation():
            answer = part.answer
            kicker = f"Recommended on {view.n:,} {view.unit}" if answer.recommended else "Measured"
            return {"is": "answer", "kicker": kicker, **vars(answer)}
        case QueryExplorer():
            data = packed_queries(view)
            return None if data is None else {"is": "explorer", "explanation": part.explanation, "data": data}
        case _:
            return _static(part)


def _static(part: Part) -> dict[str, Any] | None:
    """Parts that need nothing beside themselves."""
    match part:
        case DataTable():
            return table_context(part)
        case Prose():
            return {"is": "prose", "texts": part.texts, "tone": part.tone}
        case Titled():
            return {"is": "titled", "paragraphs": part.paragraphs}
        case Records():
            return {"is": "records", "parts": part.parts}
        case _:
            return None


def _drawn(part: FigurePart, figure: Figure | None) -> dict[str, Any] | None:
    if figure is None:
        return None
    return {
        "is": "figure",
        "svg": Markup(svg(figure, f"figure-{part.key}")),
        "caption": captioned(part, figure),
        "alternative": part.alternative,
    }


def _about(view: ReportView) -> str:
    parts = [view.description.rstrip(".")] if view.description else []
    parts.append(items_of(view.counts).described(view.counts))
    parts.append(f"{len(view.pipelines)} pipeline{'s' if len(view.pipelines) != 1 else ''}")
    day = _day(view.started)
    return " · ".join(filter(None, [*parts, day]))


def _day(started: str) -> str:
    try:
        day = datetime.fromisoformat(started)
    except ValueError:
        return started
    return f"{day.day} {day:%B %Y}"


@lru_cache(maxsize=1)
def _template() -> Any:
    environment = Environment(
        loader=PackageLoader("harness.report.writers", "page"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_shown,
    )
    environment.filters["calm"] = calm
    return environment.get_template("page.html")


def _shown(value: Any) -> Any:
    """What the template prints: text made visible, the project's own markup as it is."""
    return in_markup(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def calm(text: str) -> str:
    """Keep an interval, a p value, a figure and its unit on one line."""
    return _TOGETHER.sub(lambda found: found[0].replace(" ", "\N{NO-BREAK SPACE}"), text)


def _asset(name: str) -> str:
    return (files("harness.report.writers") / "page" / name).read_text(encoding="utf-8")


@lru_cache(maxsize=1)
def _css() -> str:
    dark = _asset("dark.css")
    both = (
        f"@media screen and (prefers-color-scheme: dark) {{ :root:not([data-theme='light']) {{ {dark} }} }}\n"
        f"@media screen {{ :root[data-theme='dark'] {{ {dark} color-scheme: dark; }} }}\n"
        ":root[data-theme='light'] { color-scheme: light; }\n"
    )
    return _asset("page.css").replace("/*DARK*/", both) + THEME_CSS
