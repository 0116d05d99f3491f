"""The winner of the comparison: fitted, calibrated, and described."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mlpipe.bundle.calibration import calibrated, learn
from mlpipe.bundle.combined import feature_map_of, lineage_of
from mlpipe.bundle.model import Model
from mlpipe.errors import ComputeError, Problem, StoreError
from mlpipe.features.pipeline import by_path
from mlpipe.metrics.arrays import Array
from mlpipe.train.bent import bent
from mlpipe.train.compare import Comparison, measure
from mlpipe.train.ensemble import columns_of, leaves, stopping
from mlpipe.train.fit import Fit, Fitted
from mlpipe.train.importance import by_raw_column, importance
from mlpipe.train.models import (
    AnyModel,
    HistGradientBoosting,
    LinearRegression,
    LogisticRegression,
    RandomForest,
    Ridge,
)
from mlpipe.train.models.ensembles import Stacking
from mlpipe.train.models.imported import Imported
from mlpipe.train.rows import Rows

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mlpipe.features.plan import Plan
    from mlpipe.metrics.scores import Metric
    from mlpipe.table.columns import Columns
    from mlpipe.train.asked import PermutationsAsked

__all__ = ["Winner", "crown", "final_fits"]

_COME_BACK = (LogisticRegression, LinearRegression, Ridge, RandomForest, HistGradientBoosting)
"""Of these words, with all that they can be told, tests say that they come back."""

FEW_VALID = 100
"""With fewer valid rows, importance is measured on train."""


@dataclass(frozen=True)
class Winner:
    """The chosen model.

    Attributes
    ----------
    best : Comparison
    model : the chosen part of the spec
    of_train, final : Model
        Fitted on train; and the one that is kept, fitted on train and valid unless the spec says
        otherwise.
    valid : array or None
        Calibrated scores of the rows of valid by the model of train alone.
    rows : Rows
    fitted_on : array of int
        The rows that the final model was fitted on.
    """

    best: Comparison
    model: AnyModel
    of_train: Model
    final: Model
    valid: Array | None
    rows: Rows
    fitted_on: Array

    def dumps(self, plan: "Plan") -> bytes:
        """Return the final model as a file that can be loaded again.

        Raises
        ------
        ComputeError
            If the estimator holds something that cannot be written or read without pickle.
        """
        try:
            data = self.final.dumps()
            others = [word for leaf in self._leaves() for word in by_path(plan, leaf)]
            if others or type(self.model) not in _COME_BACK:
                # Parameters can bring in any type: only trying says whether it comes back.
                trust = [*self._trusted(), *(word.package for word in others if word.foreign)]
                Model.loads(data, allow_code=True, trust=trust)
        except (TypeError, StoreError) as error:
            problems = error.problems if isinstance(error, StoreError) else ()
            why = "; ".join(problem.message for problem in problems) or str(error)
            raise ComputeError(
                Problem(
                    f"{self.best.chosen} cannot be saved without pickle: {why}",
                    key=f"train.models.{self.best.chosen}",
                    hint="take another model or `transform`: a bundle holds plain data only",
                )
            ) from error
        return data

    def facts(self, columns: "Columns", plan: "Plan") -> dict[str, Any]:
        """Return what ``bundle.json`` says of the model."""
        classes = self.rows.target.classes
        entry = next(
            each for each in self.best.candidates["models"] if each["name"] == self.best.chosen
        )
        about = {key: entry[key] for key in ("name", "type", "family", "params")}
        made_of = self._leaves()
        members = {} if made_of == [self.best.chosen] else {"members": made_of}
        return {
            "task": self.final.task,
            "target": columns.target_name,
            "classes": list(classes),
            "positive": classes[1] if self.final.task == "binary" else None,
            "model": {**about, **members},
            "features": self.final.feature_names(),
            "lineage": lineage_of(self.final.pipeline, plan),
            "feature_map": feature_map_of(self.final.pipeline, plan, self.best.chosen),
            "inputs": self._inputs(plan),
            "calibrated": bool(self.final.curves),
            "trained_on": self.fitted(),
        }

    def fitted(self) -> dict[str, Any]:
        """Say which parts, and how many rows, the final model was fitted on."""
        both = len(self.fitted_on) > len(self.rows.train)
        parts = ["train", "valid"] if both else ["train"]
        stopped = stopping(self.best.chosen, self.rows.data.models)
        by = {"stopped_by": "valid"} if stopped else {}
        return {"parts": parts, "rows": len(self.fitted_on), **by}

    def valid_report(self, metric: "Metric") -> dict[str, Any] | None:
        """Say how good the model of train is on valid."""
        rows = self.rows.valid
        if self.valid is None:
            return None
        value, why = measure(metric, self.rows.data, rows, self.valid)
        by = "a model fitted on train alone"
        if stopping(self.best.chosen, self.rows.data.models):
            by += ", which stopped when it got no better on these rows"
        return {
            "rows": len(rows),
            "metric": metric.name,
            "value": value,
            "why": why,
            "scored_by": by if self.rows.crossed else f"{by}, chosen by these very rows",
        }

    def bent(self, calibrate: str) -> dict[str, Any] | None:
        """Say what calibration did to the scores of rows that no fold was fitted on."""
        if not self.final.curves:
            return None
        rows = self.rows.scored()
        crossed = len(self.rows.pairs) > 1
        codes, weight = self.rows.data.y[rows], self.rows.weight(rows)
        return bent(calibrate, self.best.raw, self.best.scores, codes, weight, crossed=crossed)

    def importance(
        self, plan: "Plan", metric: "Metric", seed: int, spec: "PermutationsAsked"
    ) -> dict[str, Any]:
        """Say how much the model of train rests on each column, and which rows that is from."""
        if not spec:
            return {"importance": [], "importance_on": None}
        groups = by_raw_column(plan, self._columns(plan))
        on_valid = len(self.rows.valid) >= FEW_VALID
        rows = self.rows.valid if on_valid else self.rows.train
        return {
            "importance": importance(
                self.of_train, self.rows.data, rows, metric, seed, spec=spec, groups=groups
            ),
            "importance_on": "valid" if on_valid else "train",
        }

    def _inputs(self, plan: "Plan") -> list[dict[str, Any]]:
        frame = self.rows.data.frame
        return [
            {
                "name": name,
                "type": self.rows.types[name],
                "nullable": bool(frame[name].isna().to_numpy()[self.fitted_on].any()),
            }
            for name in self._columns(plan)
        ]

    def _leaves(self) -> list[str]:
        return leaves(self.best.chosen, self.rows.data.models)

    def _columns(self, plan: "Plan") -> list[str]:
        return columns_of(plan, self.best.chosen, self.rows.data.models)

    def _trusted(self) -> list[str]:
        """Return the packages of models named by dotted path: naming them is consent."""
        models = self.rows.data.models
        of: list[Any] = [self.model, *(models[leaf] for leaf in self._leaves() if leaf in models)]
        of += [model.final for model in models.values() if isinstance(model, Stacking)]
        return sorted({each.package for each in of if isinstance(each, Imported)})


def final_fits(name: str, model: AnyModel, rows: Rows, *, refit: bool) -> list[Fit]:
    """Return the fit on train, which scores valid, and the one on both where that differs.

    A model that stops by valid is not fitted on it: nothing would say when to stop.
    """
    import numpy as np

    none = rows.train[:0]
    fits = [Fit(name, model, rows.train, rows.valid, True, f"{name} on train")]
    if refit and len(rows.valid) and not stopping(name, rows.data.models):
        both = np.sort(np.concatenate([rows.train, rows.valid]))
        fits.append(Fit(name, model, both, none, True, f"{name} on train and valid"))
    return fits


def crown(
    best: Comparison,
    rows: Rows,
    fits: "Sequence[Fit]",
    fitted: "Sequence[Fitted]",
    calibrate: str,
) -> Winner:
    """Calibrate the fitted winner by its scores out of fold."""
    data = rows.data
    curves: tuple[Any, ...] = ()
    if calibrate != "none":
        scored = rows.scored()
        curves = learn(calibrate, best.raw, data.y[scored], rows.weight(scored))
    of_train, final = (
        Model(data.task, data.classes, each.pipeline, curves) for each in (fitted[0], fitted[-1])
    )
    valid = calibrated(curves, fitted[0].scores) if len(rows.valid) else None
    return Winner(best, fits[-1].model, of_train, final, valid, rows, fits[-1].on)
