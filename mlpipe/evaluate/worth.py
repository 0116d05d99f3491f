"""What the decisions are worth, beside acting on everybody and on nobody."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlpipe.table.plain import plain

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from mlpipe.evaluate.judged import Judged
    from mlpipe.evaluate.measure import Measures
    from mlpipe.metrics.arrays import Array
    from mlpipe.metrics.business import Business
    from mlpipe.metrics.estimate import Estimate

__all__ = ["amounts", "worth_report"]


def amounts(
    business: Mapping[str, Business], frame: pd.DataFrame, y: Array
) -> dict[str, tuple[Array, Array]]:
    """Return what each row is worth acted on and left alone, by business metric."""
    import pandas as pd

    columns = {
        name: pd.to_numeric(frame[name], errors="coerce").to_numpy(float, na_value=float("nan"))
        for each in business.values()
        for name in each.columns
    }
    return {name: each.acting(y, columns) for name, each in business.items()}


def worth_report(
    name: str, currency: str | None, judged: Judged, measures: Measures
) -> tuple[dict[str, Any], list[str]]:
    """Return a business metric over the rows of a part, with warnings.

    Rows whose value a null leaves unknown are counted and left out of the sums.
    """
    import numpy as np

    acted, left = judged.worth[name]
    known = np.isfinite(acted) & np.isfinite(left)
    told = judged.outcomes
    weight = np.ones(len(told)) if told.weight is None else told.weight
    rows = float(weight[known].sum())
    found = measures.worth(name, judged, judged.part)
    unknown = int((~known).sum())
    report = {
        "name": name,
        "part": judged.part,
        "currency": currency,
        "rows": int(known.sum()),
        "rows_without_value": unknown,
        "total": _of(found["value"], rows / 1000),
        "per_1000": _of(found["value"], 1.0),
        "act_on_all": float((weight * acted)[known].sum()),
        "act_on_none": float((weight * left)[known].sum()),
        "uplift": _of(found["over_baseline"], rows / 1000),
        "uplift_per_1000": _of(found["over_baseline"], 1.0),
    }
    what = f"{name}: {unknown} rows of {judged.part} have no value (a null or a division by 0)"
    return report, [what] if unknown else []


def _of(estimate: Estimate, times: float) -> dict[str, float | None]:
    ends = {"value": estimate.value, "low": estimate.low, "high": estimate.high}
    return {end: None if value is None else plain(value * times) for end, value in ends.items()}
