"""``harness completion SHELL``."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from typing import Any

from harness.cli.parsing import add_verb

_SHELLS = ("bash", "zsh", "fish")
#: What an argument takes, by how the help calls it: a file, a folder, or a name of this kind or a file.
_FILES = {"BUNDLE", "FILE", "PATH", "RUN", "DATA"}
_FOLDERS = {"DIR"}
_NAMES = {"CONFIG": "configs", "SUITE": "suites", "SUITE|QRELS": "suites", "RECIPE": "configs/recipes"}


def add(verbs: Any) -> None:
    """Add the verb."""
    verb = add_verb(
        verbs,
        "completion",
        "print what lets a shell complete verbs, options, names and files",
        ("bash > ~/.local/share/bash-completion/completions/harness", "for bash; open a new shell"),
        ("zsh > ~/.zfunc/_harness", "for zsh, where ~/.zfunc is in fpath"),
        ("fish > ~/.config/fish/completions/harness.fish", "for fish"),
    )
    verb.add_argument("shell", choices=_SHELLS, help="for which shell")
    verb.set_defaults(handler=handle)


def handle(given: argparse.Namespace) -> int:
    """Print the script of one shell."""
    import sys

    from harness import console
    from harness.cli import parser
    from harness.errors import UsageError

    try:
        import shtab
    except ImportError:
        raise UsageError("completion needs shtab: python -m pip install shtab") from None
    top = parser()
    for action in _actions(top):
        place = action.metavar if isinstance(action.metavar, str) else ""
        if action.choices is None and (found := _completer(shtab, place)):
            action.complete = found  # type: ignore[attr-defined]
    console.write(sys.stdout, shtab.complete(top, given.shell) + "\n")
    return 0


def _actions(parser: argparse.ArgumentParser) -> Iterator[argparse.Action]:
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for inner in action.choices.values():
                yield from _actions(inner)
        else:
            yield action


def _completer(shtab: Any, place: str) -> Any:
    if place in _FOLDERS:
        return shtab.DIRECTORY
    if place in _FILES:
        return shtab.FILE
    if place not in _NAMES:
        return None
    from harness import locate

    function = f"_harness_{place.partition('|')[0].lower()}"
    names = " ".join(locate.available(_NAMES[place]))
    return {
        "bash": function,
        "zsh": function,
        "fish": f"(printf '%s\\n' {names}; __fish_complete_path (commandline -ct))",
        "preamble": {
            "bash": f'{function}() {{ compgen -W "{names}" -- "$1"; compgen -f -- "$1"; }}',
            "zsh": f"{function}() {{ _alternative 'names:name:({names})' 'files:file:_files' }}",
        },
    }
