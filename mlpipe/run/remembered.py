"""What monitor remembers: looked up for the keys before, written once the steps have passed."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from glob import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mlpipe.disk import READ_ONLY, explained
from mlpipe.errors import StoreError
from mlpipe.run.digests import digest_json

if TYPE_CHECKING:
    from mlpipe.pipeline import Pipeline
    from mlpipe.registry.history import History, Kept
    from mlpipe.run.engine import Outcome
    from mlpipe.run.result import Result

__all__ = ["Memory", "Past", "Remembered", "with_memory"]


@dataclass(frozen=True)
class Past:
    """The records that a window is judged with.

    Attributes
    ----------
    records : tuple of mapping
        In the order of time.
    """

    records: tuple[Mapping[str, Any], ...]

    @property
    def mark(self) -> str:
        """What goes into the key of the step that judges: ``13 chunks (9f2c…)``."""
        return f"{len(self.records)} chunks ({digest_json(list(self.records))})"


@dataclass(frozen=True)
class Remembered:
    """What became of remembering a window.

    Attributes
    ----------
    files : tuple of Path
        The files that the answer rests on.
    patterns : tuple of str
        Where new ones would be.
    warnings : tuple of str
    """

    files: tuple[Path, ...] = ()
    patterns: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


class Memory:
    """The history of one pipeline's models, or none where the spec switches it off.

    Parameters
    ----------
    root : Path or None
        The folder of the registry; None: nothing is remembered.
    name : str
        The pipeline.
    """

    def __init__(self, root: Path | None, name: str) -> None:
        self._root = root
        self._name = name
        self._found: dict[Path, Past | None] = {}

    @classmethod
    def of(cls, registry: Path, pipeline: "Pipeline") -> "Memory":
        """Return the memory that a spec asks for."""
        asked = pipeline.monitor is not None and pipeline.monitor.history
        return cls(registry if asked else None, pipeline.name)

    def before(self, observed: Path) -> Past | None:
        """Return what comes before a window; None where there is nothing.

        Within a command the answer stays the same, whoever else writes: what goes into the key
        is what the step is handed.

        Parameters
        ----------
        observed : Path
            The folder of the artifact that observed it.

        Raises
        ------
        StoreError
            For a history that a newer mlpipe wrote, or that cannot be read.
        """
        if observed not in self._found:
            self._found[observed] = self._before(observed)
        return self._found[observed]

    def _before(self, observed: Path) -> Past | None:
        from mlpipe.monitor.history.before import before

        new = _records(observed)
        history = self._history(new)
        if history is None:
            return None
        found = before(list(history.read().records.values()), new)
        return Past(tuple(found)) if found else None

    def remember(self, observed: Path) -> Remembered:
        """Write the records of a window, where history does not hold them already.

        Raises
        ------
        StoreError
            For a fault of the disk. A registry that can only be read, or a folder that is none,
            is said in a warning: the verdict stands without it.
        """
        new = _records(observed)
        history = self._history(new)
        if history is None:
            return Remembered()
        kept = history.read()
        warnings = [f"a damaged record of the history was set aside: {n}" for n in kept.damaged]
        try:
            self._write(history, kept, new)
        except OSError as error:
            if error.errno not in READ_ONLY:
                with explained("cannot write the history", history.root, option="--registry"):
                    raise
            warnings = [f"nothing was remembered: {history.root} can only be read"]
            warnings += [f"a damaged record of the history is left out: {n}" for n in kept.damaged]
        except StoreError as error:
            problem = error.problems[0]
            return Remembered(
                warnings=(f"nothing was remembered: {problem.place}: {problem.message}",)
            )
        files = tuple(history.files())
        return Remembered(files, (f"{escape(str(history.folder))}/*.json",), tuple(warnings))

    def _write(self, history: "History", kept: "Kept", new: list[dict[str, Any]]) -> None:
        from mlpipe.monitor.history.before import changes

        missing, gone = changes(kept.records, new)
        if missing or gone or kept.damaged:
            history.write(missing, gone, kept.damaged)

    def _history(self, new: list[dict[str, Any]]) -> "History | None":
        from mlpipe.monitor.history.record import check
        from mlpipe.registry.history import History

        if self._root is None or not new:
            return None
        return History(self._root, self._name, new[0]["profile"], check)


def with_memory(
    result: "Result", memory: Memory, outcome: "Outcome"
) -> "tuple[Result, Remembered]":
    """Remember the window of a command whose steps have passed; return what that came to.

    The verdict stands whatever becomes of it: a disk that is full makes the command fail, with
    the report shown.
    """
    if outcome.error is not None or "monitor" not in outcome.artifacts:
        return result, Remembered()
    try:
        found = memory.remember(outcome.artifacts["observe"].path)
    except StoreError as error:
        problems = (*result.problems, *(asdict(problem) for problem in error.problems))
        return replace(result, exit_code=error.exit_code, problems=problems), Remembered()
    return replace(result, warnings=(*result.warnings, *found.warnings)), found


def _records(observed: Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads((observed / "records.json").read_bytes())
    return found
