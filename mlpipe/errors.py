"""The error tree and its exit codes.

::

    MlpipeError            70  a bug of ours, unless a branch says otherwise
    ├── SpecError           2  the YAML file or an option: one or more located problems
    ├── DataError           3  the data: source, row, column, expected
    ├── ComputeError        3  a computation that cannot go on (no convergence is only a warning)
    └── StoreError          4  the run directory or the system under it

A verdict that says no is not an error: it is an answer with exit code 1.
"""

from dataclasses import dataclass

__all__ = [
    "ComputeError",
    "DataError",
    "MlpipeError",
    "Problem",
    "SpecError",
    "StoreError",
]


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong, where it is, and what to do about it.

    Attributes
    ----------
    message : str
        What is wrong and what was expected, one line.
    place : str
        ``file:line:col``, or source, line and column of the data; empty where there is none.
    key : str
        The dotted key of the spec, or the name of a column; may be empty.
    hint : str
        What to do, ideally the command to run next; may be empty.
    """

    message: str
    place: str = ""
    key: str = ""
    hint: str = ""

    def __str__(self) -> str:
        """``place key: message`` and the hint on a line of its own."""
        head = " ".join(part for part in (self.place, self.key) if part)
        line = f"{head}: {self.message}" if head else self.message
        return f"{line}\n  hint: {self.hint}" if self.hint else line


class MlpipeError(Exception):
    """Anything mlpipe says no to; carries located problems."""

    exit_code = 70

    def __init__(self, *problems: Problem | str) -> None:
        self.problems = tuple(Problem(p) if isinstance(p, str) else p for p in problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


class SpecError(MlpipeError):
    """The spec or an option is wrong; nothing was written."""

    exit_code = 2


class DataError(MlpipeError):
    """The data is not what the spec says."""

    exit_code = 3


class ComputeError(MlpipeError):
    """A step cannot finish on this data with these settings."""

    exit_code = 3


class StoreError(MlpipeError):
    """The run directory cannot be read or written; the old state is intact."""

    exit_code = 4
