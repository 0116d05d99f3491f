"""Estimate what is asked of every chunk, and hold it against the truth where that is there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mlpipe.metrics.scores import Metric
from mlpipe.monitor.estimate.asked import Asked, quantities
from mlpipe.monitor.estimate.dle import direct
from mlpipe.monitor.estimate.errors import errors_at
from mlpipe.monitor.estimate.expected import Expected, expected
from mlpipe.monitor.estimate.judge import Realised, Told, said_of
from mlpipe.monitor.losses import spread
from mlpipe.monitor.spec import Monitor

if TYPE_CHECKING:
    import pandas as pd

    from mlpipe.metrics.arrays import Array
    from mlpipe.monitor.estimate.chunk import Unlabelled
    from mlpipe.monitor.estimate.quantity import Quantity

__all__ = ["ASSUMPTION", "estimated", "unestimated"]

ASSUMPTION = (
    "an estimate holds only while features say of the target what they said at training (no "
    "concept drift), and for rows inside the reference's support; labels alone can tell"
)


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
    naive: Mapping[str, Array] | None = None,
) -> dict[str, Any]:
    """Estimate what is asked without labels, chunk by chunk.

    Parameters
    ----------
    asked : Asked
    task : str
    chunks : sequence of Unlabelled
        In the order of time.
    reference : mapping
        The profile: ``unlabelled`` (from `learned`), ``quality``, ``business`` and ``fairness``.
    frame : DataFrame
        By ``_row``, the `Asked.columns` that the current data has.
    classes : sequence
        In the order of their codes.
    outside : Series of bool
        Whether a row lies outside the reference's support, by ``_row``.
    spec : Monitor
    seed : int
    naive : mapping, optional
        chunk -> what the naive model says of its labelled rows.

    Returns
    -------
    dict
        ``status``, ``method`` (CBPE or DLE), ``assumption``, ``quantities``, ``chunks`` (label,
        rows and share ``outside``) and ``notes``.
    """
    learned = reference.get("unlabelled") or {}
    missing = _missing(task, learned, chunks)
    if missing:
        return unestimated(missing)
    metrics, notes = asked.estimable(task)
    asking = _Asking(asked, task, metrics, reference, learned, classes, spec, seed)
    found: dict[str, tuple[Quantity, list[Told]]] = {}
    for chunk in chunks:
        here, beside = frame.loc[chunk.rows], (naive or {}).get(chunk.label)
        for quantity, told in asking.told(chunk, here, beside):
            found.setdefault(quantity.key, (quantity, []))[1].append(told)
    said = [said_of(each, told) for each, told in found.values()]
    return {
        "status": _worst({one["status"] for one in said}),
        "method": "DLE" if task == "regression" else "CBPE",
        "assumption": ASSUMPTION,
        "quantities": said,
        "chunks": [_outside(chunk, outside) for chunk in chunks],
        "notes": notes,
    }


def _missing(task: str, learned: Mapping[str, Any], chunks: Sequence[Unlabelled]) -> str:
    """Return why nothing can be estimated; empty where something can."""
    regression = task == "regression"
    if ("errors" if regression else "maps") not in learned:
        return "the model carries nothing to estimate quality with: train it again"
    if not regression and any(chunk.score is None for chunk in chunks):
        return "there are no scores to estimate quality with"
    return ""


def _worst(levels: set[str]) -> str:
    return next((each for each in ("warn", "ok", "replaced") if each in levels), "insufficient")


def _outside(chunk: Unlabelled, outside: pd.Series[bool]) -> dict[str, Any]:
    share = float(outside.reindex(chunk.rows).mean()) if len(chunk) else None
    return {"chunk": chunk.label, "rows": len(chunk), "outside": share}


@dataclass(frozen=True)
class _Asking:
    """Asks the same quantities of all rows of a chunk, and of those with labels."""

    asked: Asked
    task: str
    metrics: Mapping[str, Metric]
    reference: Mapping[str, Any]
    learned: Mapping[str, Any]
    classes: Sequence[Any]
    spec: Monitor
    seed: int

    def told(
        self, chunk: Unlabelled, here: pd.DataFrame, naive: Array | None
    ) -> list[tuple[Quantity, Told]]:
        """Return each quantity with what is estimated and what is known of it."""
        asked = self._quantities(chunk.pred, here)
        least, everything = self.spec.minimum_rows, self._expected(asked, chunk, here)
        enough, same = len(chunk.known) >= least, everything
        if enough and len(chunk.known) < len(chunk):
            same = self._expected(asked, chunk, here, chunk.known)
        beside = self._naive(chunk, here, naive) if enough else {}
        found = []
        for each in asked:
            estimate = everything.get(each.key) if len(chunk) >= least else None
            realised = self._realised(each, chunk, same, beside) if enough else None
            found.append((each, Told(chunk.label, len(chunk), estimate, realised, each.why)))
        return found

    def _quantities(self, pred: Array, here: pd.DataFrame) -> list[Quantity]:
        return quantities(
            self.asked, self.task, self.metrics, pred, here, self.classes, self.reference,
            self.spec.allowed,
        )  # fmt: skip

    def _expected(
        self,
        asked: Sequence[Quantity],
        chunk: Unlabelled,
        here: pd.DataFrame,
        positions: Array | None = None,
    ) -> dict[str, Expected]:
        import numpy as np

        wanted = [each for each in asked if each.estimable and not each.why]
        if "errors" in self.learned:
            tree = self.learned["errors"]
            beside = [_numbers(here, name) for name in tree["names"][1:]]
            leaves = errors_at(tree, np.column_stack([chunk.pred, *beside]))
            leaves = leaves if positions is None else leaves[positions]
            between = self.learned.get("loss", {}).get("between", 0.0)
            return {each.key: direct(each.name, tree, leaves, between) for each in wanted}
        formulas = {each.key: each.formula for each in wanted}
        scored = chunk.scored(positions)
        found = expected(formulas, scored, self.learned["maps"], seed=self.seed)
        wide, _ = spread(self.learned.get("loss"), len(scored))
        apart = {each.key for each in wanted if each.kind == "fairness"}
        return {key: one if key in apart else one.wider(wide) for key, one in found.items()}

    def _naive(
        self, chunk: Unlabelled, here: pd.DataFrame, naive: Array | None
    ) -> dict[str, float | None]:
        """Return what decisions of the naive model come to on the labelled rows."""
        import numpy as np

        if naive is None:
            return {}
        rows, ones = np.arange(len(chunk.known)), np.ones(len(chunk.known))
        values = {
            each.key: float(each.formula(chunk.truth.y, rows, None, ones))
            for each in self._quantities(naive, here.iloc[chunk.known])
            if each.kind != "metric" and not each.why and not each.needs_score
        }
        return {key: value if np.isfinite(value) else None for key, value in values.items()}

    def _realised(
        self,
        quantity: Quantity,
        chunk: Unlabelled,
        same: Mapping[str, Expected],
        naive: Mapping[str, float | None],
    ) -> Realised:
        found = quantity.realise(chunk.truth, chunk.known, self.seed)
        expected = same.get(quantity.key, Expected(None))
        return Realised(found, len(chunk.known), expected, naive.get(quantity.key))


def _numbers(here: pd.DataFrame, name: str) -> Any:
    """Return a column as numbers; one that is gone is missing in every row."""
    import numpy as np
    import pandas as pd

    if name not in here:
        return np.full(len(here), np.nan)
    return pd.to_numeric(here[name], errors="coerce").to_numpy(float, na_value=np.nan)
