"""The machine's side of a run: Python, packages, git. Read by `run` alone, never by a step."""

import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from mlpipe.version import __version__

__all__ = [
    "environment",
    "git_state",
    "library_versions",
    "mlpipe_version",
    "package_folders",
    "python_version",
    "source_files",
]

PACKAGE = Path(__file__).resolve().parent.parent


def package_folders(versions: Iterable[str]) -> list[Path]:
    """Return the metadata folder of each distribution: an upgrade replaces it."""
    from importlib.metadata import PathDistribution, distribution

    found = (distribution(name) for name in versions)
    return [Path(str(each._path)) for each in found if isinstance(each, PathDistribution)]


def python_version() -> str:
    """Return ``3.11``: the part of the version that can change a result."""
    return f"{sys.version_info.major}.{sys.version_info.minor}"


def library_versions(names: tuple[str, ...]) -> dict[str, str]:
    """Return the installed version of each distribution."""
    from importlib.metadata import version

    return {name: version(name) for name in names}


def source_files() -> list[Path]:
    """Return the source files that can change a result, in a checkout; none where installed.

    The command line and the page show artifacts and make none.
    """
    if not (PACKAGE.parent / "pyproject.toml").exists():
        return []
    shown = {PACKAGE / "cli", PACKAGE / "report"}
    return sorted(path for path in PACKAGE.rglob("*.py") if not shown & set(path.parents))


def mlpipe_version() -> str:
    """Return ``0.1.0``, and the digest of the source where it runs from a checkout."""
    from hashlib import sha256

    files = source_files()
    if not files:
        return __version__
    total = sha256()
    for path in files:
        total.update(str(path.relative_to(PACKAGE)).encode() + b"\0" + path.read_bytes() + b"\0")
    return f"{__version__} source {total.hexdigest()[:12]}"


def environment() -> dict[str, Any]:
    """Return what is needed to recreate this environment: Python, platform, every package."""
    import platform
    from importlib.metadata import distributions

    packages = dict(_name_and_version(each.read_text("METADATA") or "") for each in distributions())
    return {
        "python": platform.python_version(),
        "platform": platform.platform(),
        "mlpipe": mlpipe_version(),
        "packages": dict(sorted(packages.items(), key=lambda item: item[0].lower())),
    }


def _name_and_version(metadata: str) -> tuple[str, str]:
    """Read the two headers that count: parsing every description takes half a second."""
    head = metadata.partition("\n\n")[0].splitlines()
    fields = dict(line.split(": ", 1) for line in head if line.startswith(("Name: ", "Version: ")))
    return fields.get("Name", ""), fields.get("Version", "")


def git_state(directory: Path) -> dict[str, Any]:
    """Return commit, branch and whether there are changes; empty outside a repository."""
    commit = _git(directory, "rev-parse", "HEAD")
    if not commit:
        return {}
    diff = _git(directory, "diff", "HEAD") or ""
    return {
        "commit": commit,
        "branch": _git(directory, "rev-parse", "--abbrev-ref", "HEAD") or "",
        "dirty": bool(diff),
        "diff": diff if len(diff) <= 200_000 else diff[:200_000] + "\n… cut\n",
    }


def _git(directory: Path, *arguments: str) -> str | None:
    try:
        done = subprocess.run(  # noqa: S603 - a fixed program with fixed arguments
            ["git", "-C", str(directory), *arguments],  # noqa: S607
            capture_output=True, text=True, errors="replace", timeout=20, check=False,
        )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.strip() if done.returncode == 0 else None
