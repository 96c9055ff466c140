"""Text that others wrote, on its way to people: made visible, kept from being a command, and fit for what shows it.

A query, a document, the name of a file, model or pipeline may hold anything: a line break and ``::error::``, an escape
that repaints the terminal, a code that turns the reading direction, ``=HYPERLINK(…)``. Every writer takes it from here.
"""

from __future__ import annotations

import codecs
import json
import re
from typing import Any

#: The error handler of streams that cannot show everything: ``stream.reconfigure(errors=PLAIN)``.
PLAIN = "harness.plain"

# Control characters (C0, C1), line and paragraph separators, marks and codes of direction (UAX #9), invisible
# operators and fillers, halves of surrogate pairs. Zero-width joiners stay: Persian and Hindi are not written without.
_CODES = (
    "\x00-\x1f\x7f-\x9f\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ufffe\uffff"
    "\ud800-\udfff\U000e0000-\U000e007f"
)
_UNSAFE = re.compile(f"[{_CODES}]")
_UNSAFE_IN_FLOW = re.compile(f"(?![\n\t])[{_CODES}]")
_UNSAFE_IN_JSON = re.compile(f"(?!\n)[{_CODES}]")
_NAMED = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}

# A backslash that would be read as the beginning of an escape, and an escape.
_READ_AS_ESCAPE = re.compile(rf"\\(?=[\\nrtxuU{_CODES}])")
_ESCAPE = re.compile(r"\\(?:([\\nrt])|x([0-9a-f]{2})|u([0-9a-f]{4})|U([0-9a-f]{8}))")
_UNNAMED = {"\\": "\\", "n": "\n", "r": "\r", "t": "\t"}

# GitHub's runner trims a line before it looks for '::', and finds '##[' anywhere in it (actions/runner,
# ActionCommand.cs); Azure's has '##vso[', TeamCity's '##teamcity['.
_COMMAND = re.compile(r"^(\s*)(?=::)")
_OLD_COMMAND = re.compile(r"##(?=\w*\[)")

# What stands for a sign of our own where it cannot be shown.
_SUBSTITUTES = {
    "✓": "+", "✗": "x", "†": "*", "←": "<-", "→": "->", "Δ": "delta", "−": "-", "–": "-", "—": "--", "…": "...",
    "·": ".", "×": "x", "±": "+/-", "≤": "<=", "≥": ">=", "≈": "~", "’": "'", "‘": "'", "“": '"', "”": '"', "µ": "u",
    "\N{NO-BREAK SPACE}": " ", "\N{NARROW NO-BREAK SPACE}": " ",
}  # fmt: skip


def visible(text: str) -> str:
    """Text on one line, with escapes such as ``\\n`` and ``\\x1b`` for what would not be seen but obeyed."""
    if text.isascii() and text.isprintable():  # as nearly all are: a tenth of the time
        return text
    return _UNSAFE.sub(_escaped, text)


def flowing(text: str) -> str:
    """Running text on one line: white space is a space, and what would be obeyed is made visible."""
    return visible(" ".join(text.split()))


def in_markup(text: str) -> str:
    """Text for a format that has paragraphs of its own: line breaks and tabs stay as they are."""
    if text.isascii() and text.isprintable():
        return text
    return _UNSAFE_IN_FLOW.sub(_escaped, text)


def on_a_line(text: str) -> str:
    """A whole line of plain output, which no CI system takes for a command."""
    return _OLD_COMMAND.sub(r"#\\#", _COMMAND.sub(r"\1\\", visible(text)))


def fitting(text: str, encoding: str) -> str:
    """Text that an encoding can hold: a plain sign for one of ours, an escape for anything else."""
    return text.encode(encoding, PLAIN).decode(encoding)


def escaped(text: str) -> str:
    """The same as :func:`visible`, so that :func:`unescaped` gives it back."""
    return visible(_READ_AS_ESCAPE.sub(r"\\\\", text))


def unescaped(text: str) -> str:
    """What :func:`escaped` was given."""
    return _ESCAPE.sub(
        lambda found: _UNNAMED[found[1]] if found[1] else chr(int(found[2] or found[3] or found[4], 16)), text
    )


def json_text(value: Any, *, plain: bool = False, allow_nan: bool = True) -> str:
    """JSON whose texts hold nothing that would be obeyed; ``plain``: nothing beyond ASCII either."""
    return safe_json(json.dumps(value, indent=1, ensure_ascii=plain, allow_nan=allow_nan), plain=plain)


def safe_json(document: str, *, plain: bool = False) -> str:
    """The same JSON with escapes for what would be obeyed; ``plain``: for everything beyond ASCII."""
    safe = _OLD_COMMAND.sub(r"#\\u0023", _UNSAFE_IN_JSON.sub(_json_escape, document))
    return re.sub("[^\x00-\x7f]", _json_escape, safe) if plain else safe


def _escaped(found: re.Match[str]) -> str:
    return _escape(found[0])


def _escape(character: str) -> str:
    code = ord(character)
    if character in _NAMED:
        return _NAMED[character]
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def _json_escape(found: re.Match[str]) -> str:
    units = found[0].encode("utf-16-be", "surrogatepass").hex()
    return "".join(f"\\u{units[i : i + 4]}" for i in range(0, len(units), 4))


def _plain(error: UnicodeError) -> tuple[str, int]:
    """Replace what cannot be encoded."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    return "".join(
        _SUBSTITUTES.get(character) or _escape(character)
        for character in error.object[error.start : error.end]
    ), error.end


codecs.register_error(PLAIN, _plain)
