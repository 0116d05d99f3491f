"""The way out: a user's function ``path.py:function``, a frame in, a frame out."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

from mlpipe.errors import ComputeError, Problem, SpecError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import pandas as pd

__all__ = ["call", "load", "with_neighbours"]


@lru_cache(maxsize=64)
def load(
    path: str,
    function: str,
    source: str,
    takes: str = "frame: pandas.DataFrame",
    gives: str = "pandas.DataFrame",
) -> Callable[..., Any]:
    """Return the function that ``source`` defines.

    The module gets a name of its own, so that two files called alike never meet.

    Raises
    ------
    SpecError
        If the source does not run, or does not define the function.
    """
    name = f"mlpipe_user_{sha256(f'{path}{source}'.encode()).hexdigest()[:16]}"
    module = ModuleType(name)
    module.__file__ = path
    sys.modules[name] = module
    try:
        exec(compile(source, path, "exec"), module.__dict__)  # noqa: S102 - the user's own code
    except (Exception, SystemExit) as error:
        del sys.modules[name]
        raise SpecError(Problem(f"cannot be imported: {_said(error)}", place=path)) from error
    made = getattr(module, function, None)
    if not callable(made):
        raise SpecError(
            Problem(
                f"defines no function '{function}'",
                place=path,
                hint=f"def {function}({takes}) -> {gives}",
            )
        )
    return made  # type: ignore[no-any-return]


def call(path: str, function: str, source: str, frame: pd.DataFrame) -> pd.DataFrame:
    """Return what the function makes of a copy of ``frame``.

    Raises
    ------
    ComputeError
        If it fails, or does not return a frame with the index of the one it got.
    """
    import pandas as pd

    made_by = load(path, function, source)
    try:
        made = made_by(frame.copy())
    except (Exception, SystemExit) as error:
        raise ComputeError(
            Problem(f"the function failed: {_said(error)}", place=f"{path}:{function}")
        ) from error
    if not isinstance(made, pd.DataFrame) or not made.index.equals(frame.index):
        raise ComputeError(
            Problem(
                "the function must return a DataFrame with the index of the one it got",
                place=f"{path}:{function}",
                hint="it may add columns; it may not drop, add or reorder rows",
            )
        )
    return made


@contextmanager
def with_neighbours(path: str) -> Iterator[None]:
    """Let a file import the modules beside it, which a console script does not look for.

    What is installed comes first. The modules are forgotten afterwards, so that those of another
    folder are never taken for them, nor they for themselves after a change.
    """
    folder = Path(path).resolve().parent
    before = set(sys.modules)
    sys.path.append(str(folder))
    try:
        yield
    finally:
        sys.path.remove(str(folder))
        for name in set(sys.modules) - before:
            # Not all below the folder: the environment of the project may lie there.
            root = folder / name.partition(".")[0]
            file = getattr(sys.modules[name], "__file__", None) or ""
            if file == str(root.with_suffix(".py")) or Path(file).is_relative_to(root):
                del sys.modules[name]


def _said(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}"
