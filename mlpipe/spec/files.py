"""Reading spec files from disk, with the ones that they extend."""

import os
import stat
from pathlib import Path

from mlpipe.errors import Problem, SpecError
from mlpipe.spec.merge import merge
from mlpipe.spec.node import Node, walk
from mlpipe.spec.text import MAX_BYTES
from mlpipe.spec.yaml import parse

__all__ = ["Files"]

_MOST_FILES = 32


class Files:
    """The files of one spec.

    Attributes
    ----------
    read : list of Path
        Every file that was read, in order.
    """

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.read: list[Path] = []
        self._merged: dict[str, Node] = {}

    def load(self, file: str, chain: tuple[str, ...] = ()) -> Node:
        """Return a file laid over those that it extends.

        Raises
        ------
        SpecError
            Where a file is missing, cannot be read, is no YAML, or extends itself.
        """
        file = os.path.normpath(file)
        if file not in self._merged:
            root = parse(self._bytes(file), file).root
            self._merged[file] = self._extended(root, file, (*chain, file))
        return self._merged[file]

    def _bytes(self, file: str) -> bytes:
        path = self.directory / file
        if len(self.read) >= _MOST_FILES:
            raise SpecError(Problem(f"more than {_MOST_FILES} files make one spec", file))
        try:
            if not stat.S_ISREG(path.stat().st_mode):
                what = "a directory" if path.is_dir() else "not a regular file"
                raise SpecError(Problem(f"expected a YAML file; this is {what}", file))
            with path.open("rb") as stream:
                data = stream.read(MAX_BYTES + 1)
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or str(error)
            raise SpecError(Problem(f"cannot be read: {reason}", file)) from error
        self.read.append(path)
        return data

    def _extended(self, root: Node, file: str, chain: tuple[str, ...]) -> Node:
        if not isinstance(root.value, dict) or "extends" not in root.value:
            return root
        entries = dict(root.value)
        names = _names(entries.pop("extends"))
        merged: Node | None = None
        for name in names:
            under = self._base(name, file, chain)
            merged = under if merged is None else merge(merged, under)
        top = Node(entries, root.mark)
        whole = top if merged is None else merge(merged, top)
        for _ in walk(whole):
            pass
        return whole

    def _base(self, name: Node, file: str, chain: tuple[str, ...]) -> Node:
        base = os.path.normpath(os.path.join(os.path.dirname(file), str(name.value)))
        if base in chain:
            circle = " → ".join((*chain[chain.index(base) :], base))
            message = f"the files extend each other in a circle: {circle}"
            raise SpecError(Problem(message, str(name.mark), "extends"))
        if not (self.directory / base).exists():
            raise SpecError(self._missing(name, base))
        return self.load(base, chain)

    def _missing(self, name: Node, base: str) -> Problem:
        tried = os.path.abspath(self.directory / base)
        hint = "extends is relative to the file that says it"
        if (self.directory / str(name.value)).exists():
            hint += f"; {name.value} does exist in the working directory"
        return Problem(f"there is no file {tried}", str(name.mark), "extends", hint)


def _names(extends: Node) -> list[Node]:
    """Return the files named: one, or a list of them."""
    names = extends.value if isinstance(extends.value, list) else [extends]
    wrong = [node for node in names if not isinstance(node.value, str) or not node.value]
    if wrong or len(names) > _MOST_FILES:
        message = f"expected a file, or a list of up to {_MOST_FILES} files"
        place = str((wrong or [extends])[0].mark)
        raise SpecError(Problem(message, place, "extends", "extends: [base.yaml]"))
    return names
