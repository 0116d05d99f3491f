"""The process that measures a model: one question as JSON on stdin, one answer on stdout.

It does what `predict` does, in a process that has done nothing before. What the user's own code
prints goes to stderr.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any, TypedDict

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pandas as pd

    from mlpipe.bundle.bundle import Bundle

__all__ = ["Answered", "Asked", "main", "measure"]


class Asked(TypedDict):
    """What is to be measured."""

    bundle: str  # its folder
    rows: str  # a Parquet file of rows as predict takes them
    trust: list[str]  # packages whose types the bundle may hold
    batch: int  # rows of a batch; rows repeat where there are fewer
    repetitions: int  # predictions of one row
    batches: int  # predictions of a batch
    warm_up: int  # predictions of one row that are not counted, and a tenth as many of a batch


class Answered(TypedDict):
    """What was measured, in seconds and bytes."""

    start: float  # from the start of loading to the first prediction
    one_row: list[float]
    batch: list[float]
    peak_memory: int


def main() -> None:
    """Answer the question: what was measured, or ``why`` it was not."""
    began = perf_counter()
    answer_to = os.dup(sys.stdout.fileno())
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    asked: Asked = json.loads(sys.stdin.buffer.read())
    answer: Answered | dict[str, str]
    try:
        answer = measure(asked, began)
    except Exception as error:  # noqa: BLE001 - whatever a model raises becomes one line
        first = next(iter(str(error).splitlines()), "")
        answer = {"why": first or type(error).__name__}
    with os.fdopen(answer_to, "w", encoding="utf-8") as out:
        json.dump(answer, out)


def measure(asked: Asked, began: float) -> Answered:
    """Load the bundle, predict one row, then time one row and batches again and again.

    Parameters
    ----------
    asked : Asked
    began : float
        When loading began, by `time.perf_counter`.

    Raises
    ------
    MlpipeError
        If the bundle cannot be opened, or does not take the rows.
    """
    from mlpipe.bundle.bundle import Bundle

    bundle = Bundle.load(asked["bundle"], allow_code=True, trust=asked["trust"])
    rows = _read(asked["rows"])
    bundle.predict(rows.iloc[[0]])
    start = perf_counter() - began
    alone, together = asked["warm_up"], -(-asked["warm_up"] // 10)
    one_row = _times(bundle, _single(rows), asked["repetitions"], alone)
    batch = _times(bundle, _batches(rows, asked["batch"]), asked["batches"], together)
    return Answered(start=start, one_row=one_row, batch=batch, peak_memory=_peak_memory())


def _read(path: str) -> pd.DataFrame:
    import pandas as pd

    return pd.read_parquet(path)


def _times(bundle: Bundle, frames: Iterator[pd.DataFrame], count: int, warm_up: int) -> list[float]:
    """Return the seconds of ``count`` predictions, after some that are not counted."""
    if not count:
        return []
    return [_seconds(bundle, next(frames)) for _ in range(warm_up + count)][warm_up:]


def _seconds(bundle: Bundle, frame: pd.DataFrame) -> float:
    began = perf_counter()
    bundle.predict(frame)
    return perf_counter() - began


def _single(rows: pd.DataFrame) -> Iterator[pd.DataFrame]:
    """Yield one row after the other, over and over."""
    while True:
        yield from (rows.iloc[[place]] for place in range(len(rows)))


def _batches(rows: pd.DataFrame, size: int) -> Iterator[pd.DataFrame]:
    """Yield the rows in batches, over and over, from another row on each time."""
    import numpy as np

    first = 0
    while True:
        yield rows.iloc[np.arange(first, first + size) % len(rows)].reset_index(drop=True)
        first = (first + size) % len(rows)


def _peak_memory() -> int:
    """Return the most bytes that this process held at once.

    Not ``ru_maxrss`` where Linux tells better: that one is inherited from whoever started us.
    """
    status = Path("/proc/self/status")
    if status.exists():
        lines = dict(line.split(":", 1) for line in status.read_text().splitlines())
        return int(lines["VmHWM"].split()[0]) * 1024
    import resource

    peak: Any = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return int(peak) * (1 if sys.platform == "darwin" else 1024)


if __name__ == "__main__":
    main()
