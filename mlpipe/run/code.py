"""User code: which files a ``python: file.py:function`` stands on."""

import ast
from pathlib import Path

from mlpipe.errors import Problem, SpecError

__all__ = ["source_closure"]


def source_closure(path: Path) -> list[Path]:
    """Return the file and everything it imports from its own folder, sorted.

    A change in an imported module changes the result as much as one in the file itself; what
    is imported from elsewhere is an installed package, and its version speaks for it.

    Raises
    ------
    SpecError
        Where a file is missing or is not Python.
    """
    seen: set[Path] = set()
    waiting = [path]
    while waiting:
        current = waiting.pop()
        if current not in seen:
            seen.add(current)
            waiting.extend(_neighbours(current))
    return sorted(seen)


def _neighbours(path: Path) -> list[Path]:
    try:
        tree = ast.parse(path.read_bytes(), filename=str(path))
    except OSError as error:
        raise SpecError(Problem(f"cannot read the code: {error.strerror}", str(path))) from error
    except SyntaxError as error:
        place = f"{path}:{error.lineno}:{error.offset}"
        raise SpecError(Problem(f"this is not Python: {error.msg}", place)) from error
    names = [name for node in ast.walk(tree) for name in _imported(node)]
    found = (_module(path.parent, name) for name in names)
    return [file for file in found if file is not None]


def _imported(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom):
        stem = node.module or ""
        return [stem, *(f"{stem}.{alias.name}".lstrip(".") for alias in node.names)]
    return []


def _module(folder: Path, name: str) -> Path | None:
    """Return the file of a dotted name below the folder, if that is where it lives."""
    if not name:
        return None
    stem = folder.joinpath(*name.split("."))
    for candidate in (stem.with_suffix(".py"), stem / "__init__.py"):
        if candidate.is_file():
            return candidate
    return None
