"""One spec out of files, a profile, options and the environment, and where each value came from."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mlpipe.errors import Problem, SpecError
from mlpipe.spec import mark
from mlpipe.spec.files import Files
from mlpipe.spec.interpolate import interpolate
from mlpipe.spec.mark import Mark
from mlpipe.spec.merge import merge
from mlpipe.spec.node import Node, plain, renamed, walk
from mlpipe.spec.override import read_override
from mlpipe.spec.suggest import did_you_mean

__all__ = ["Resolved", "resolve"]


@dataclass(frozen=True)
class Resolved:
    """A spec in plain values.

    Attributes
    ----------
    values : dict
        After extends, the profile and -S; without the keys ``extends`` and ``profiles``.
    origins : mapping
        The place of the value at each path.
    keys : mapping
        The place of the key at each path that ends in a key of a mapping.
    files : tuple of Path
        Every YAML file that was read, in order.
    environment : dict
        The variables that were read, without secrets.
    """

    values: dict[str, Any]
    origins: Mapping[mark.Path, Mark]
    keys: Mapping[mark.Path, Mark]
    files: tuple[Path, ...]
    environment: dict[str, str]

    def place(self, path: mark.Path, *, key: bool = False) -> str:
        """Say where a value stands, or the nearest mapping or list around it.

        Parameters
        ----------
        path : tuple
            The keys and list positions that lead to it.
        key : bool
            Point at the key instead of the value.
        """
        while path and path not in self.origins:
            path, key = path[:-1], True
        return str((self.keys.get(path) if key else None) or self.origins[path])


def resolve(
    path: str | Path,
    *,
    profile: str | None = None,
    overrides: Sequence[str] = (),
    environ: Mapping[str, str],
    directory: Path | None = None,
) -> Resolved:
    """Read a spec: extends, then the profile, then -S, then the environment.

    Parameters
    ----------
    path : path
        The spec file.
    profile : str, optional
        The entry of ``profiles`` to lay over the file.
    overrides : sequence of str
        ``key=value`` of each -S, applied in order.
    environ : mapping
        Variables for ``${env:NAME}`` and ``${secret:NAME}``.
    directory : Path, optional
        What relative paths start from; by default the working directory.

    Raises
    ------
    SpecError
        With every problem of the first of these stages that has any.
    """
    directory = directory or Path()
    files = Files(directory)
    _check_exists(str(path), directory)
    root = _with_profile(files.load(str(path)), profile)
    root = _with_overrides(root, overrides)
    root, environment = interpolate(root, environ)
    nodes = dict(walk(root))
    return Resolved(
        values=plain(root),
        origins={at: node.mark for at, node in nodes.items()},
        keys={at: node.key for at, node in nodes.items() if node.key},
        files=tuple(files.read),
        environment=environment,
    )


def _check_exists(path: str, directory: Path) -> None:
    wanted = directory / path
    try:
        if "\0" not in path and (wanted.exists() or wanted.is_symlink()):
            return
    except OSError as error:
        raise SpecError(Problem(f"cannot be read: {error.strerror}", path)) from error
    tried = os.path.abspath(wanted)
    raise SpecError(Problem(f"there is no file {tried}", path, hint=_instead(path, directory)))


def _instead(path: str, directory: Path) -> str:
    """Name a file that may have been meant, or the command that writes one."""
    stem = os.path.splitext(os.path.basename(path))[0]
    if "\0" not in path and stem:
        places = (os.path.dirname(path), "configs", "")
        names = [os.path.join(place, stem + end) for place in places for end in (".yaml", ".yml")]
        for name in names:
            if (directory / name).is_file():
                return f"there is {name}"
    return "mlpipe init DATA --target COLUMN writes one"


def _with_profile(root: Node, profile: str | None) -> Node:
    entries = dict(root.value) if isinstance(root.value, dict) else {}
    named = entries.pop("profiles", None)
    profiles = _profiles(named)
    base = Node(entries, root.mark)
    if profile is None:
        return base
    place = f"--profile {profile}"
    if profile not in profiles:
        known = f"there are: {', '.join(profiles)}" if profiles else "the spec has no profiles"
        hint = did_you_mean(profile, profiles) or known
        raise SpecError(Problem(f"there is no profile '{profile}'", place, hint=hint))
    over = renamed(profiles[profile], lambda at: at.through(f"profile {profile}"))
    merged = merge(base, over) if isinstance(over.value, dict) else base
    return Node(merged.value, root.mark)


def _profiles(named: Node | None) -> dict[str, Node]:
    """Check that each profile is a mapping of sections, or empty."""
    if named is None or named.value is None:
        return {}
    if not isinstance(named.value, dict):
        hint = "profiles: {ci: {ingest: {sample: 5000}}}"
        raise SpecError(Problem("expected a mapping", str(named.mark), "profiles", hint))
    problems = []
    for name, node in named.value.items():
        inner = node.value
        at = f"profiles.{name}"
        if inner is not None and not isinstance(inner, dict):
            problems.append(Problem("expected a mapping of sections", str(node.mark), at))
        for key in ("extends", "profiles"):
            if isinstance(inner, dict) and key in inner:
                message = f"a profile cannot hold {key}"
                problems.append(Problem(message, str(inner[key].place), f"{at}.{key}"))
    if problems:
        raise SpecError(*problems)
    return named.value


def _with_overrides(root: Node, overrides: Sequence[str]) -> Node:
    problems: list[Problem] = []
    for text in overrides:
        try:
            root = read_override(text).apply(root)
        except SpecError as error:
            problems.extend(error.problems)
    if problems:
        raise SpecError(*problems)
    return root
