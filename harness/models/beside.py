"""Importing a third party's module, from beside the config that names it or from where Python finds it.

A module beside the config comes first, as one beside a script does; but it never stands in for a module that
something else already uses, whose name it happens to have.
"""

from __future__ import annotations

import ast
import importlib
import importlib.machinery
import importlib.util
import sys
from pathlib import Path
from types import ModuleType

from harness.errors import ModelError


def import_module(name: str, base: Path) -> ModuleType:
    """Import a module by its dotted name.

    Its folder stays on the import path, behind everything else, for what the module itself imports later.
    Raises whatever the module raises, ImportError where there is none, and ModelError where its name is taken.
    """
    top = name.partition(".")[0]
    folder = base.resolve()
    spec = importlib.machinery.PathFinder.find_spec(top, [str(folder)])
    if spec is None or spec.loader is None:  # a folder without __init__.py may be anybody's
        return importlib.import_module(name)
    loaded = sys.modules.get(top)
    if loaded is not None and getattr(loaded, "__file__", None) != spec.origin:
        if not _from_a_config(loaded):
            raise ModelError(
                f"{spec.origin}: has the name of the module {top!r} "
                f"({getattr(loaded, '__file__', None) or 'built in'}), which is in use already; rename the file"
            )
        for other in [module for module in sys.modules if module.partition(".")[0] == top]:
            del sys.modules[other]
    if str(folder) not in sys.path:
        sys.path.append(str(folder))
    if top not in sys.modules:
        module = importlib.util.module_from_spec(spec)
        module.__dict__[_MARK] = str(folder)
        sys.modules[top] = module
        try:
            spec.loader.exec_module(module)
        except BaseException:
            sys.modules.pop(top, None)
            raise
    return importlib.import_module(name)


_MARK = "__found_beside_a_config__"


def _from_a_config(module: ModuleType) -> bool:
    return _MARK in module.__dict__


def sources(file: Path, base: Path) -> dict[str, Path]:
    """Return a module's file and every one below ``base`` that it imports, and that those import, by their names.

    Read, not run, so that what is imported only when it is needed counts, too, and the order does not.
    """
    base = base.resolve()
    found: dict[str, Path] = {}
    waiting = [file.resolve()]
    while waiting:
        path = waiting.pop()
        name = path.relative_to(base).as_posix() if path.is_relative_to(base) else path.name
        if name in found:
            continue
        found[name] = path
        tops = {name.partition(".")[0] for name in imported(path)}
        waiting += [other for module in tops for other in _files(module, base)]
    return dict(sorted(found.items()))


def imported(path: Path) -> set[str]:
    """Dotted names of the modules that a file imports, and of the packages that they are in."""
    try:
        tree = ast.parse(path.read_bytes())
    except (SyntaxError, ValueError, OSError):
        return set()
    names = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and not node.level and node.module:
            names |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    parts = (name.split(".") for name in names)
    return {".".join(part[:n]) for part in parts for n in range(1, len(part) + 1)}


def _files(module: str, base: Path) -> list[Path]:
    """Files of a module or package beside a config; none where it is not there."""
    alone, package = base / f"{module}.py", base / module
    if alone.is_file():
        return [alone]
    return sorted(package.rglob("*.py")) if (package / "__init__.py").is_file() else []
