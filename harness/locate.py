"""Finding suites and configs by name: in the user's folder, in a checkout and in an installed wheel alike."""

from __future__ import annotations

from pathlib import Path

from harness.errors import ConfigError, listed, nearest

_PACKAGE = Path(__file__).parent


def shipped(kind: str) -> Path:
    """Return the project's own folder of a kind, ``configs/recipes`` say: in the wheel, or beside the package."""
    in_wheel = _PACKAGE / "_shipped" / kind
    return in_wheel if in_wheel.is_dir() else _PACKAGE.parent / kind


def _folders(kind: str, beside: Path | None) -> list[Path]:
    near = [beside, beside.parent / kind] if beside else []
    return [*near, Path.cwd() / kind, shipped(kind)]


def available(kind: str, beside: Path | None = None) -> dict[str, Path]:
    """Return every name that can be given for a suite or config, with its file."""
    found: dict[str, Path] = {}
    for folder in reversed([f for f in _folders(kind, beside) if f != beside]):
        if folder.is_dir():
            found.update({path.stem: path for path in sorted(folder.glob("*.yaml"))})
    return dict(sorted(found.items()))


def find(kind: str, name: str, beside: Path | None = None, but: Path | None = None) -> Path:
    """Return the file of a suite or config, which is not ``but``: a config may have its suite's name.

    ``name`` is a path, relative to ``beside`` (the folder of the file that names it, or the working directory), or
    a bare name looked for beside that file, in ``./suites`` or ``./configs``, and among the project's own.
    """
    what = kind.rsplit("/", 1)[-1].rstrip("s")
    if name.endswith((".yaml", ".yml")) or "/" in name:
        path = (beside or Path.cwd()) / Path(name).expanduser()
        if not path.is_file():
            raise ConfigError(f"{what} file {path} does not exist")
        return path
    for folder in _folders(kind, beside):
        path = folder / f"{name}.yaml"
        if path.is_file() and not (but is not None and path.samefile(but)):
            return path
    names = available(kind, beside)
    hint = nearest(name, names)
    if kind == "configs" and name in available("suites", beside):
        hint = f" (a suite of that name there is: a config of your own names it, 'suite: {name}')"
    raise ConfigError(
        f"unknown {what} {name!r}{hint}; known are {listed(names) or 'none'}, or give the path of a YAML file"
    )
