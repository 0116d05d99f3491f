"""The libraries that a model was trained with, against those that are here."""

from collections.abc import Mapping

__all__ = ["differing"]


def differing(trained: Mapping[str, str]) -> list[str]:
    """Say of each library whose first two numbers are other ones here."""
    here = {name: _version(name) for name in trained}
    return [
        f"trained with {name} {there}; this is {here[name] or 'not installed here'}"
        for name, there in trained.items()
        if here[name].split(".")[:2] != there.split(".")[:2]
    ]


def _version(name: str) -> str:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version(name)
    except PackageNotFoundError:
        return ""
