"""Variables of the environment in texts: ``${env:NAME}`` and ``${secret:NAME}``."""

import re
from collections.abc import Mapping
from dataclasses import replace

from mlpipe.errors import Problem, SpecError
from mlpipe.spec.mark import Path, dotted
from mlpipe.spec.node import Node
from mlpipe.spec.suggest import did_you_mean
from mlpipe.spec.text import MISLEADING

__all__ = ["Interpolated", "interpolate"]

_REFERENCE = re.compile(r"(\$?)\$\{(?:(env|secret):([^{}\n]*)(\}?)|([A-Za-z_][A-Za-z0-9_]*)\})")
_MOST_PROBLEMS = 50
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


class Interpolated:
    """The variables that were read, and what was wrong with them.

    Attributes
    ----------
    read : dict
        Value by name of each ``${env:NAME}``. Secrets are not among them.
    problems : list of Problem
        Each reference that cannot be followed, at its place.
    """

    def __init__(self, environ: Mapping[str, str]) -> None:
        self.environ = environ
        self.read: dict[str, str] = {}
        self.problems: list[Problem] = []

    def node(self, node: Node, path: Path) -> Node:
        """Return the node with the variables of its texts put in."""
        value = node.value
        if isinstance(value, str) and "${" in value:
            return replace(node, value=self._text(value, node, path))
        if isinstance(value, dict):
            inner = {key: self.node(child, (*path, key)) for key, child in value.items()}
            return replace(node, value=inner)
        if isinstance(value, list):
            return replace(node, value=[self.node(c, (*path, i)) for i, c in enumerate(value)])
        return node

    def _text(self, text: str, node: Node, path: Path) -> str:
        def put(found: re.Match[str]) -> str:
            escaped, kind, name, closed, bare = found.groups()
            if escaped:
                return found[0] if kind == "secret" else found[0][1:]
            trouble = self._trouble(kind, name, closed, bare)
            if trouble:
                message, hint = trouble
                self._refuse(Problem(message, str(node.mark), dotted(path), hint))
            if trouble or kind == "secret":
                return found[0]
            self.read[name] = self.environ[name]
            return self.environ[name].replace("${secret:", "$${secret:")

        return _REFERENCE.sub(put, text)

    def _refuse(self, problem: Problem) -> None:
        self.problems.append(problem)
        if len(self.problems) >= _MOST_PROBLEMS:
            raise SpecError(*self.problems)

    def _trouble(self, kind: str, name: str, closed: str, bare: str) -> tuple[str, str] | None:
        if bare:
            return (
                f"${{{bare}}} is neither env nor secret",
                f"write ${{env:{bare}}}, or $${{{bare}}}",
            )
        shown = f"${{{kind}:{name}}}"
        if not closed:
            return f"{shown[:-1]} is not closed", "close it with }"
        if not _NAME.fullmatch(name):
            return (
                f"{shown} does not name a variable",
                "letters, digits and _; there are no defaults",
            )
        if name not in self.environ:
            near = did_you_mean(name, self.environ)
            return f"{shown} is not defined", near or f"export {name}=…"
        if MISLEADING.search(self.environ[name]):
            return f"{shown} holds characters that cannot be seen", f"look at it: env | grep {name}"
        return None


def interpolate(root: Node, environ: Mapping[str, str]) -> tuple[Node, dict[str, str]]:
    """Put ``${env:NAME}`` in, and check that each ``${secret:NAME}`` is defined.

    A secret stays a placeholder, for `mlpipe.spec.secret.reveal` at the moment of use.
    ``$${env:NAME}`` stands for the text ``${env:NAME}``.

    Raises
    ------
    SpecError
        With every reference that cannot be followed.
    """
    work = Interpolated(environ)
    changed = work.node(root, ())
    if work.problems:
        raise SpecError(*work.problems)
    return changed, work.read
