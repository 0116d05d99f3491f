"""The learning curve: whether the chosen model would gain by more rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mlpipe.metrics.arrays import Array
from mlpipe.table.columns import ROW
from mlpipe.train.compare import measure
from mlpipe.train.fit import Fit
from mlpipe.train.rows import Rows

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import ibis.expr.types as ir

    from mlpipe.metrics.scores import Metric
    from mlpipe.table.columns import Columns
    from mlpipe.table.session import Session
    from mlpipe.train.asked import Curve
    from mlpipe.train.fit import Fitted
    from mlpipe.train.models import AnyModel

__all__ = ["Growing", "growing"]

_NOISE = 2.0
"""A gain within so many standard errors is no gain that anybody saw."""


@dataclass(frozen=True)
class Growing:
    """Growing shares of the rows that each fold fits on; no shares where no curve is asked for.

    Attributes
    ----------
    shares : tuple of float
    rows : Rows
    order : array of int, shape (n,)
        The rank of each row: a share takes the lowest first, and ranks whole.
    taken : str
        What that means, in words.
    """

    shares: tuple[float, ...]
    rows: Rows
    order: Array
    taken: str

    @property
    def count(self) -> int:
        """How many fits there are."""
        return sum(_learnable(part, self.rows) for part, _ in self._every())

    def fits(self, name: str, model: AnyModel) -> list[Fit]:
        """Return the fits of a candidate; where nothing can be learned there is none.

        Each scores the rows that it was fitted on, then those that its fold holds out.
        """
        import numpy as np

        return [
            Fit(
                name,
                model,
                part,
                np.concatenate([part, held_out]),
                False,
                f"{name} on {len(part):,} rows",
            )
            for part, held_out in self._every()
            if _learnable(part, self.rows)
        ]

    def curve(self, fitted: Sequence[Fitted], metric: Metric) -> dict[str, Any] | None:
        """Return the curve for the report, and in words what it says.

        Parameters
        ----------
        fitted : sequence of Fitted
            What came of `fits`.
        metric : Metric
            The one that chooses; of scores before calibration.

        Returns
        -------
        dict or None
            ``metric``, ``greater_is_better``, ``taken``, ``points``, ``helps`` and ``words``. A
            point has its ``share``, the mean count of ``rows``, and for ``train`` and
            ``held_out`` the ``mean``, the ``std`` over the folds and the ``folds`` themselves,
            None where undefined.
        """
        if not self.shares:
            return None
        done = iter(fitted)
        points = [self._point(share, done, metric) for share in self.shares]
        return {
            "metric": metric.name,
            "greater_is_better": metric.greater_is_better,
            "taken": self.taken,
            "points": points,
            **_verdict(points, metric),
        }

    def _every(self) -> Iterator[tuple[Array, Array]]:
        for share in self.shares:
            yield from self._parts(share)

    def _parts(self, share: float) -> Iterator[tuple[Array, Array]]:
        """Yield what is fitted on and what is held out, for each fold."""
        for on, held_out in self.rows.pairs:
            yield _share_of(on, share, self.order), held_out

    def _point(self, share: float, done: Iterator[Fitted], metric: Metric) -> dict[str, Any]:
        import numpy as np

        parts = list(self._parts(share))
        found = [
            _measured(part, held_out, next(done), self.rows, metric)
            if _learnable(part, self.rows)
            else (None, None)
            for part, held_out in parts
        ]
        return {
            "share": share,
            "rows": round(float(np.mean([len(part) for part, _ in parts]))),
            "train": _spread([train for train, _ in found]),
            "held_out": _spread([held_out for _, held_out in found]),
        }


def growing(
    spec: Curve | None,
    columns: Columns,
    kind: str,
    table: ir.Table,
    rows: Rows,
    session: Session,
    seed: int,
) -> Growing:
    """Return the shares that a learning curve is measured on.

    Rows of an entity are taken together, in an order that is drawn. Where folds are blocks of
    time, those of a moment are, the most recent first, as they would be if the history were
    shorter.
    """
    import numpy as np

    if spec is None:
        return Growing((), rows, rows.train[:0], "")
    name = columns.time if kind == "expanding" else columns.entity
    if name is None or name not in table.columns:
        drawn = np.random.default_rng((seed, 2)).permutation(len(rows.positions))
        return Growing(spec.shares, rows, drawn, "rows at random")
    frame = session.pandas(table.select(ROW, name)).set_index(ROW)
    _, codes = np.unique(_sortable(frame[name].loc[rows.positions]), return_inverse=True)
    if kind == "expanding":
        return Growing(spec.shares, rows, codes.max() - codes, "the most recent rows")
    drawn = np.random.default_rng((seed, 2)).permutation(int(codes.max()) + 1)
    return Growing(spec.shares, rows, drawn[codes], f"whole groups of one {name}, at random")


def _sortable(values: Any) -> Array:
    """Return values that can be sorted: moments as they are, whatever names an entity as text."""
    import numpy as np

    if values.dtype.kind in "mMiuf":
        return np.asarray(values.to_numpy())
    return np.asarray(values.astype(str).to_numpy(dtype=object), dtype=str)


def _share_of(on: Array, share: float, order: Array) -> Array:
    """Return the first rows of a fold by rank; ranks stay whole."""
    import numpy as np

    rank = order[on]
    wanted = max(1, int(np.ceil(share * len(on))))
    last = np.partition(rank, wanted - 1)[wanted - 1]
    found: Array = on[rank <= last]
    return found


def _learnable(part: Array, rows: Rows) -> bool:
    import numpy as np

    return len(part) >= 2 and (not rows.data.classes or len(np.unique(rows.data.y[part])) > 1)


def _measured(
    part: Array, held_out: Array, fitted: Fitted, rows: Rows, metric: Metric
) -> tuple[float | None, float | None]:
    """Return the metric on the rows that were fitted on, and on those held out."""
    seen, new = fitted.scores[: len(part)], fitted.scores[len(part) :]
    return (
        measure(metric, rows.data, part, seen).value,
        measure(metric, rows.data, held_out, new).value,
    )


def _spread(values: list[float | None]) -> dict[str, Any]:
    import numpy as np

    known = [value for value in values if value is not None]
    return {
        "mean": float(np.mean(known)) if known else None,
        "std": float(np.std(known, ddof=1)) if len(known) > 1 else None,
        "folds": values,
    }


def _verdict(points: list[dict[str, Any]], metric: Metric) -> dict[str, Any]:
    """Say whether more rows would help, by what the last ones brought in the same folds."""
    import numpy as np

    before, last = points[-2], points[-1]
    gains = [
        float(metric.goodness(now) - metric.goodness(then))
        for then, now in zip(before["held_out"]["folds"], last["held_out"]["folds"], strict=True)
        if then is not None and now is not None
    ]
    if not gains:
        return {"helps": None, "words": f"{metric.name} is undefined: the curve says nothing"}
    gain = float(np.mean(gains))
    grew = f"from {before['share']:.0%} to {last['share']:.0%} of the rows"
    got = "got better" if gain > 0 else "got worse"
    said = f"{grew}, held-out {metric.name} {got} by {abs(gain):.2g}"
    if len(gains) < 2:
        return {"helps": None, "words": f"{said}; one fold cannot tell that from noise"}
    noise = _NOISE * float(np.std(gains, ddof=1)) / np.sqrt(len(gains))
    if gain > noise:
        return {"helps": True, "words": f"{said}, in all folds alike: more rows would help"}
    why = ", which is within the noise of the folds" if gain > 0 else ""
    return {"helps": False, "words": f"{said}{why}: more rows would hardly help"}
