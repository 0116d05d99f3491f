"""The process that sends: one question as JSON on stdin, one answer as JSON on stdout.

What the libraries print goes to stderr, which nobody reads but for its last line.
"""

from __future__ import annotations

import json
import os
import sys
from typing import TYPE_CHECKING, Any, TypedDict

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlpipe.tracking.content import Content

__all__ = ["Asked", "main", "reason"]

_LONGEST = 300


class Asked(TypedDict):
    """What is to be sent, and where; secrets are in place."""

    tracker: str  # mlflow | wandb
    settings: dict[str, Any]  # its section of the spec
    project: str  # the experiment or project
    content: Content
    folder: str  # files that go along
    bundle: str  # the folder of the bundle; empty where there is none
    keep: str  # where files may be kept


def main() -> None:
    """Answer the question: what the tracker says, or ``why`` it was not sent."""
    answer_to = os.dup(sys.stdout.fileno())
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    asked: Asked = json.loads(sys.stdin.buffer.read())
    try:
        answer = _send(asked)
    except Exception as error:  # noqa: BLE001 - whatever a tracker raises becomes one line
        answer = {"why": reason(error)}
    with os.fdopen(answer_to, "w", encoding="utf-8") as out:
        json.dump(answer, out)


def _send(asked: Asked) -> dict[str, str]:
    if asked["tracker"] == "mlflow":
        from mlpipe.tracking import to_mlflow as tracker
    else:
        from mlpipe.tracking import to_wandb as tracker  # type: ignore[no-redef]
    return tracker.send(asked)


def reason(error: BaseException) -> str:
    """Return in one line why something failed: what the system said, where it said something."""
    for each in _causes(error):
        if isinstance(each, OSError) and each.errno is not None and each.strerror:
            return f"{each.strerror}"
    first = next((line for line in str(error).splitlines() if line.strip()), "")
    words = " ".join(first.split()) or type(error).__name__
    return words if len(words) <= _LONGEST else words[: _LONGEST - 1] + "…"


def _causes(error: BaseException) -> Iterator[BaseException]:
    """Yield an error and all that it came from, the first cause first."""
    chain: list[BaseException] = []
    each: BaseException | None = error
    while each is not None and each not in chain:
        chain.append(each)
        each = each.__cause__ or each.__context__
    yield from reversed(chain)


if __name__ == "__main__":
    main()
