"""Figures as files, and as SVG to stand in a page: text as text, no scripts, styles or references to elsewhere.

In a page the colours are ``var(--NAME, light)`` in presentation attributes, so that they follow its theme
under a strict content-security policy; :data:`THEME_CSS` sets them. In a file they are plain, on a white ground.
"""

from __future__ import annotations

import io
import re
import warnings
from pathlib import Path
from xml.etree import ElementTree as ET

from matplotlib.figure import Figure

from harness.report.figures.style import COLOURS, DPI, SURFACE, Drawing, styled

_SVG, _XLINK = "{http://www.w3.org/2000/svg}", "{http://www.w3.org/1999/xlink}"
_FAMILY = "system-ui, -apple-system, 'Segoe UI', 'DejaVu Sans', 'Noto Sans', sans-serif"
_NUMBER = re.compile(r"-?\d+\.\d{3,}(?:e-?\d+)?")
_REFERENCE = re.compile(r"url\(#([^)]+)\)")
_FONT_SIZE = re.compile(r"([\d.]+)px")
_COORDINATES = ("d", "x", "y", "width", "height", "transform", "points")
_DROPPED = ("font-family", "font")


def _series(place: int) -> str:
    return " ".join(f"--{name}: {shades[place]};" for name, shades in COLOURS.items() if name[1:].isdigit())


#: The series' colours for a page's stylesheet, which itself sets --muted, --faint and --paper. ``data-theme`` on the
#: root wins over what the system prefers; print is light.
THEME_CSS = (
    f":root {{ {_series(0)} }}\n"
    f"@media screen and (prefers-color-scheme: dark) {{ :root:not([data-theme='light']) {{ {_series(1)} }} }}\n"
    f"@media screen {{ :root[data-theme='dark'] {{ {_series(1)} }} }}\n"
)


def svg(figure: Figure, prefix: str | None = None) -> str:
    """A figure as an ``<svg>`` element to stand in a page.

    ``prefix`` starts every id, the figure's name by default: give one where a page holds two of one name.
    """
    return _written(figure, prefix, themed=True)


def save(figure: Figure, path: Path) -> None:
    """Write a figure as .svg or .png, by the path's ending, on a white ground. Raises ValueError for another."""
    if path.suffix == ".svg":
        path.write_text(_written(figure, None, themed=False) + "\n", encoding="utf-8")
    elif path.suffix == ".png":
        with styled(), warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a glyph that the font lacks is shown as a box
            figure.savefig(path, dpi=2 * DPI, facecolor=SURFACE, metadata={"Software": None})
    else:
        raise ValueError(f"{path}: figures are written as .svg or .png")


def _written(figure: Figure, prefix: str | None, *, themed: bool) -> str:
    buffer = io.BytesIO()
    with styled(), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        figure.savefig(buffer, format="svg", dpi=DPI, metadata={"Date": None, "Creator": None})
    root = ET.fromstring(buffer.getvalue())
    for child in list(root):
        if child.tag.endswith("metadata"):
            root.remove(child)
    _drop_stylesheets(root)
    name = figure.name if isinstance(figure, Drawing) else "figure"
    _rename_ids(root, re.sub(r"[^A-Za-z0-9_-]+", "-", prefix if prefix is not None else name))
    for element in root.iter():
        _plain_attributes(element, themed)
    _describe(root, figure, prefix if prefix is not None else name)
    width, height = (float(v) for v in figure.get_size_inches() * DPI)
    root.set("width", f"{width:.0f}")
    root.set("height", f"{height:.0f}")
    root.set("viewBox", f"0 0 {width:.0f} {height:.0f}")
    if not themed:
        ground = ET.Element(f"{_SVG}rect", {"width": "100%", "height": "100%", "fill": "#ffffff"})
        root.insert(2, ground)
    ET.register_namespace("", _SVG.strip("{}"))
    return ET.tostring(root, encoding="unicode")


def _drop_stylesheets(root: ET.Element) -> None:
    """Matplotlib's own says something about every element of the page; its two rules become attributes."""
    for parent in list(root.iter()):
        for child in list(parent):
            only_styles = child.tag == f"{_SVG}defs" and all(c.tag == f"{_SVG}style" for c in child)
            if child.tag == f"{_SVG}style" or only_styles:
                parent.remove(child)
    root.set("stroke-linejoin", "round")
    root.set("stroke-linecap", "butt")
    root.set("font-family", _FAMILY)
    root.set("class", "figure")


def _rename_ids(root: ET.Element, prefix: str) -> None:
    """Keep only ids that something refers to, numbered, with a prefix: several figures share one page."""
    used: dict[str, str] = {}
    for element in root.iter():
        for key, value in element.attrib.items():
            found = _REFERENCE.findall(value) if "url(" in value else []
            if key in (f"{_XLINK}href", "href"):
                found = [value.removeprefix("#")]
            for one in found:
                used.setdefault(one, f"{prefix}-{len(used) + 1}")
    for element in root.iter():
        old = element.attrib.pop("id", None)
        if old in used:
            element.set("id", used[old])
        for key, value in list(element.attrib.items()):
            if key == f"{_XLINK}href":
                del element.attrib[key]
                element.set("href", f"#{used[value.removeprefix('#')]}")
            elif "url(" in value:
                element.set(key, _REFERENCE.sub(lambda match: f"url(#{used[match[1]]})", value))


def _plain_attributes(element: ET.Element, themed: bool) -> None:
    """Turn a style into presentation attributes, colours into the theme's, and shorten coordinates."""
    style = element.attrib.pop("style", "")
    for part in style.split(";"):
        key, _, value = (text.strip() for text in part.partition(":"))
        if key == "font":
            size = _FONT_SIZE.search(value)
            if size:
                element.set("font-size", size[1])
            if "bold" in value or " 700 " in f" {value} ":
                element.set("font-weight", "bold")
        if key and key not in _DROPPED:
            element.set(key, value.removesuffix("px") if key == "font-size" else value)
    for key in ("fill", "stroke"):
        colour = element.get(key)
        if colour is not None and themed:
            element.set(key, _THEMED.get(colour.lower(), colour))
    for key in _COORDINATES:
        place = element.get(key)
        if place is not None:
            element.set(key, _NUMBER.sub(lambda match: f"{float(match[0]):.2f}", place))


_THEMED = {
    shades[0]: "currentColor" if name == "ink" else f"var(--{name}, {shades[0]})"
    for name, shades in COLOURS.items()
}


def _describe(root: ET.Element, figure: Figure, prefix: str) -> None:
    title = figure.title if isinstance(figure, Drawing) else ""
    description = figure.description if isinstance(figure, Drawing) else ""
    prefix = re.sub(r"[^A-Za-z0-9_-]+", "-", prefix)
    root.set("role", "img")
    root.set("aria-labelledby", f"{prefix}-title {prefix}-desc")
    for place, (tag, text) in enumerate((("title", title), ("desc", description))):
        element = ET.Element(f"{_SVG}{tag}", {"id": f"{prefix}-{tag}"})
        element.text = text
        root.insert(place, element)
