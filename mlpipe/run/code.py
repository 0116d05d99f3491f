"""User code: which files a ``python: file.py:function`` stands on."""

import ast
import tokenize
from pathlib import Path

from mlpipe.errors import Problem, SpecError

__all__ = ["source_closure", "source_text"]


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
            waiting.extend(_neighbours(current, path.parent))
    return sorted(seen)


def source_text(path: str) -> str:
    """Return the text of a file of Python, in the encoding that it says.

    Raises
    ------
    SpecError
        Where it cannot be read.
    """
    try:
        with tokenize.open(path) as file:
            return file.read()
    except (OSError, SyntaxError, UnicodeDecodeError) as error:
        raise SpecError(Problem(f"cannot read the code: {error}", path)) from error


def _neighbours(path: Path, root: Path) -> list[Path]:
    """Return the files that one file imports from below ``root``, packages included."""
    try:
        tree = ast.parse(path.read_bytes(), filename=str(path))
    except OSError as error:
        raise SpecError(Problem(f"cannot read the code: {error.strerror}", str(path))) from error
    except SyntaxError as error:
        place = f"{path}:{error.lineno}:{error.offset}"
        raise SpecError(Problem(f"this is not Python: {error.msg}", place)) from error
    wanted = [each for node in ast.walk(tree) for each in _imported(node, path, root)]
    return [file for folder, name in wanted for file in _modules(folder, name)]


def _imported(node: ast.AST, path: Path, root: Path) -> list[tuple[Path, str]]:
    """Return the folder that each imported name starts from, and the name."""
    if isinstance(node, ast.Import):
        return [(root, alias.name) for alias in node.names]
    if isinstance(node, ast.ImportFrom):
        folder = path.parents[node.level - 1] if node.level else root
        stem = node.module or ""
        return [(folder, f"{stem}.{alias.name}".lstrip(".")) for alias in node.names]
    return []


def _modules(folder: Path, name: str) -> list[Path]:
    """Return the files of a dotted name and of the packages it lies in, where they are ours."""
    parts = name.split(".")
    stems = [folder.joinpath(*parts[: count + 1]) for count in range(len(parts))]
    files = [file for stem in stems for file in (stem.with_suffix(".py"), stem / "__init__.py")]
    return [file for file in files if file.is_file()]
