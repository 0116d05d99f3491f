"""Estimate what is watched in every chunk, and hold it against the truth where that is there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from mlpipe.metrics.business import Business
from mlpipe.metrics.estimate import estimate
from mlpipe.metrics.scores import Metric, for_task
from mlpipe.monitor.estimate.dle import ESTIMATED, direct
from mlpipe.monitor.estimate.errors import errors_at
from mlpipe.monitor.estimate.expected import Expected, estimable, expected
from mlpipe.monitor.estimate.judge import Realised, said_of
from mlpipe.monitor.estimate.quantity import Quantity, of_metric
from mlpipe.monitor.estimate.realised import realised_value
from mlpipe.monitor.estimate.worth import gaps, worths

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import pandas as pd

    from mlpipe.monitor.estimate.chunk import Unlabelled
    from mlpipe.monitor.spec import Monitor

__all__ = ["ASSUMPTION", "Asked", "estimated", "unestimated"]

ASSUMPTION = (
    "an estimate holds only while features say of the target what they said at training (no "
    "concept drift), and for rows inside the reference's support; labels alone can tell"
)


@dataclass(frozen=True)
class Asked:
    """What is estimated.

    Attributes
    ----------
    metrics : tuple of str
        The watched one first.
    business : mapping of str to Business
    fairness : tuple of str
        Fairness metrics.
    sensitive : tuple of str
        The columns whose groups they compare.
    """

    metrics: tuple[str, ...] = ()
    business: Mapping[str, Business] = field(default_factory=dict)
    fairness: tuple[str, ...] = ()
    sensitive: tuple[str, ...] = ()

    def columns(self, learned: Mapping[str, Any]) -> list[str]:
        """Return the columns of the current data that are read."""
        worth = [name for each in self.business.values() for name in each.columns]
        leading = learned.get("errors", {}).get("names", [])[1:]
        return list(dict.fromkeys([*worth, *(self.sensitive if self.fairness else ()), *leading]))


def unestimated(note: str = "") -> dict[str, Any]:
    """Return the report where nothing is estimated."""
    notes = [note] if note else []
    return {"status": "insufficient", "method": "", "quantities": [], "chunks": [], "notes": notes}


def estimated(
    asked: Asked,
    task: str,
    chunks: Sequence[Unlabelled],
    reference: Mapping[str, Any],
    frame: pd.DataFrame,
    *,
    classes: Sequence[Any],
    outside: pd.Series[bool],
    spec: Monitor,
    seed: int,
) -> dict[str, Any]:
    """Estimate quality without labels, chunk by chunk.

    Parameters
    ----------
    asked : Asked
    task : str
    chunks : sequence of Unlabelled
        In the order of time.
    reference : mapping
        The profile: ``unlabelled`` (from `learned`) and ``quality``.
    frame : DataFrame
        By ``_row``, the `Asked.columns` that the current data has.
    classes : sequence
        In the order of their codes.
    outside : Series of bool
        Whether a row lies outside the reference's support, by ``_row``.
    spec : Monitor
    seed : int

    Returns
    -------
    dict
        ``status``, ``method`` (CBPE or DLE), ``assumption``, ``quantities``, ``chunks`` (label,
        rows and share ``outside``) and ``notes``.
    """
    learned = reference.get("unlabelled") or {}
    regression = task == "regression"
    if ("errors" if regression else "maps") not in learned:
        return unestimated("the model carries nothing to estimate quality with: train it again")
    if not regression and any(chunk.score is None for chunk in chunks):
        return unestimated("there are no scores to estimate quality with")
    metrics, notes = _metrics(asked, task)
    ask = _Asking(learned, spec.minimum_rows, seed, metrics)
    rows: dict[str, tuple[Quantity, list[Any]]] = {}
    for chunk in chunks:
        here = frame.loc[chunk.rows]
        each = _watched(spec, metrics, chunk, reference.get("quality") or {})
        each += [] if regression else _beside(asked, task, chunk, here, classes)
        for quantity, row in zip(each, ask.rows(each, chunk, here), strict=True):
            rows.setdefault(quantity.name, (quantity, []))[1].append(row)
    said = [said_of(quantity, told) for quantity, told in rows.values()]
    return {
        "status": _worst({one["status"] for one in said}),
        "method": "DLE" if regression else "CBPE",
        "assumption": ASSUMPTION,
        "quantities": said,
        "chunks": [_outside(chunk, outside) for chunk in chunks],
        "notes": notes,
    }


def _worst(levels: set[str]) -> str:
    return next((each for each in ("warn", "ok", "replaced") if each in levels), "insufficient")


def _metrics(asked: Asked, task: str) -> tuple[dict[str, Metric], list[str]]:
    """Return the metrics that can be estimated, and why others cannot."""
    found, notes = {}, []
    for name in asked.metrics:
        metric = for_task(name, task, "monitor.estimate.metrics")
        why = estimable(metric)
        if task == "regression":
            why = "" if name in ESTIMATED else f"is none of {', '.join(ESTIMATED)}"
        if why:
            notes.append(f"{name} is not estimated: it {why}")
        else:
            found[name] = metric
    return found, notes


def _watched(
    spec: Monitor, metrics: Mapping[str, Metric], chunk: Unlabelled, was: Mapping[str, Any]
) -> list[Quantity]:
    """Return the metrics of a chunk; the margin is that of the watched one."""
    quality = spec.quality
    margins = {quality.metric: quality.margin} if quality else {}
    return [
        of_metric(metric, chunk.pred, was.get(name), margins.get(name, 0.0))
        for name, metric in metrics.items()
    ]


def _beside(
    asked: Asked, task: str, chunk: Unlabelled, here: pd.DataFrame, classes: Sequence[Any]
) -> Iterator[Quantity]:
    """Yield what decisions are worth, and how far groups are apart."""
    yield from worths(asked.business, here, chunk.pred, classes)
    if task == "binary":
        for column in asked.sensitive:
            if column in here:
                yield from gaps(asked.fairness, column, here[column], chunk.pred)


def _outside(chunk: Unlabelled, outside: pd.Series[bool]) -> dict[str, Any]:
    share = float(outside.reindex(chunk.rows).mean()) if len(chunk) else None
    return {"chunk": chunk.label, "rows": len(chunk), "outside": share}


@dataclass(frozen=True)
class _Asking:
    """Asks the same quantities of all rows of a chunk, and of those with labels."""

    learned: Mapping[str, Any]
    least: int
    seed: int
    metrics: Mapping[str, Metric]

    def rows(
        self, quantities: Sequence[Quantity], chunk: Unlabelled, here: pd.DataFrame
    ) -> list[tuple[str, int, Expected | None, Realised | None]]:
        """Return of each quantity what `said_of` takes."""
        everything = self._expected(quantities, chunk, here, None)
        enough = len(chunk.known) >= self.least
        all_known = len(chunk.known) == len(chunk)
        same = (
            everything
            if all_known or not enough
            else self._expected(quantities, chunk, here, chunk.known)
        )
        return [
            (
                chunk.label,
                len(chunk),
                everything[each.name] if len(chunk) >= self.least else None,
                self._realised(each, chunk, same[each.name]) if enough else None,
            )
            for each in quantities
        ]

    def _expected(
        self,
        quantities: Sequence[Quantity],
        chunk: Unlabelled,
        here: pd.DataFrame,
        positions: Any,
    ) -> dict[str, Expected]:
        import numpy as np

        if "errors" in self.learned:
            tree = self.learned["errors"]
            beside = [_numbers(here, name) for name in tree["names"][1:]]
            leaves = errors_at(tree, np.column_stack([chunk.pred, *beside]))
            leaves = leaves if positions is None else leaves[positions]
            return {each.name: direct(each.name, tree, leaves) for each in quantities}
        formulas = {each.name: each.formula for each in quantities}
        return expected(formulas, chunk.scored(positions), self.learned["maps"], seed=self.seed)

    def _realised(self, quantity: Quantity, chunk: Unlabelled, same: Expected) -> Realised:
        count = len(chunk.known)
        if quantity.kind == "metric":
            found = estimate([self.metrics[quantity.name]], chunk.truth, seed=self.seed)
            one = found[quantity.name]
            return Realised(one.value, one.low, one.high, count, same)
        value, low, high = realised_value(quantity, chunk, seed=self.seed)
        return Realised(value, low, high, count, same)


def _numbers(here: pd.DataFrame, name: str) -> Any:
    """Return a column as numbers; one that is gone is missing in every row."""
    import numpy as np
    import pandas as pd

    if name not in here:
        return np.full(len(here), np.nan)
    return pd.to_numeric(here[name], errors="coerce").to_numpy(float, na_value=np.nan)
