"""Two models on the same rows: which rows those are, and by how much the new one is better."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any
from zlib import crc32

from mlpipe.run.diff.side import Side
from mlpipe.table.columns import ROW

if TYPE_CHECKING:
    import pandas as pd

    from mlpipe.metrics.arrays import Array
    from mlpipe.metrics.outcomes import Outcomes

__all__ = ["Pairing", "gains", "pairing"]

_TIMES = 2000
_NOTHING = {"value": 0.0, "low": 0.0, "high": 0.0, "method": "", "why": "the same predictions"}


@dataclass(frozen=True)
class Pairing:
    """Which rows of two runs are the same, or why none are.

    Attributes
    ----------
    by : str
        ``row`` (the same table), ``key`` (the same keys), or empty.
    why : str
        Where they cannot be paired, the reason.
    """

    by: str
    why: str = ""


def pairing(old: Side, new: Side) -> Pairing:
    """Say how the rows of two runs are matched, before any is looked at."""
    for run in (old, new):
        if not run.reports["evaluate"]:
            judged = "evaluate" in run.record["artifacts"]
            why = "what it predicted is gone from the store" if judged else "judged no model"
            return Pairing("", f"{run.called}: {why}")
    if why := _other_question(old, new):
        return Pairing("", why)
    if old.digest("ingest") == new.digest("ingest"):
        return Pairing("row")
    keys = old.columns.keys
    if not keys or keys != new.columns.keys:
        return Pairing("", "the data are not the same, and the runs declare no common key")
    return Pairing("key")


def gains(
    old: Side, new: Side, part: str, names: Sequence[str], by: str
) -> tuple[dict[str, dict[str, Any]], str]:
    """Return by how much each metric of a part got better, with its paired interval.

    Parameters
    ----------
    old, new : Side
    part : str
        ``valid`` or ``test``.
    names : sequence of str
        The metrics that both runs report; those of the user's own code have no formula here.
    by : str
        From `pairing`.

    Returns
    -------
    gains : dict
        ``value``, ``low``, ``high``, ``method``, ``why``: above 0 the new run is better,
        whichever way the metric goes; the test of `mlpipe.metrics.estimate.compare`.
    why : str
        Where the rows of the part are not the same, the reason; there are no gains then.
    """
    from mlpipe.metrics.estimate import compare
    from mlpipe.metrics.scores import METRICS

    rows, why = _same_rows(old, new, part, by)
    if rows is None:
        return {}, why
    first, second = rows
    if _alike(first, second):
        return dict.fromkeys(names, _NOTHING), ""
    seed = (int(old.spec.get("seed") or 0), crc32(f"runs diff/{part}".encode()))
    known = [METRICS[name] for name in names if name in METRICS]
    found = {
        each.name: compare(each, second, first, seed=seed, times=_TIMES)
        for each in known
        if each.needs != "score" or first.score is not None
    }
    return {name: each.told() for name, each in found.items()}, ""


def _alike(first: "Outcomes", second: "Outcomes") -> bool:
    """Whether two models said the same of every row: no interval is needed then."""
    import numpy as np

    if first.score is None or second.score is None:
        return first.score is second.score and np.array_equal(first.pred, second.pred)
    return np.array_equal(first.pred, second.pred) and np.array_equal(first.score, second.score)


def _other_question(old: Side, new: Side) -> str:
    """Say why two runs do not answer the same question."""
    first, second = (_question(run) for run in (old, new))
    if first == second:
        return ""
    return f"{old.called} predicts {_asked(*first)}, {new.called} predicts {_asked(*second)}"


def _question(run: Side) -> tuple[str, str, list[Any]]:
    report = run.reports["evaluate"]
    return str(run.columns.target_name), report["task"], report["classes"]


def _asked(target: str, task: str, classes: Sequence[Any]) -> str:
    many = f" of {len(classes)} classes" if len(classes) > 2 else ""
    return f"{target} ({task}{many})"


def _same_rows(
    old: Side, new: Side, part: str, by: str
) -> tuple[tuple["Outcomes", "Outcomes"] | None, str]:
    """Return what both runs said of the same rows in the same order, or why there are none."""
    first, second = (_predictions(run, part) for run in (old, new))
    keys = [ROW] if by == "row" else list(old.columns.keys)
    order = second.reset_index(drop=True).reset_index(names="_place")[[*keys, "_place"]]
    if any(order[key].dtype != first[key].dtype for key in keys):
        return None, f"the key {', '.join(keys)} is of another type"
    joined = first[keys].merge(order, on=keys, how="left", validate="one_to_one")["_place"]
    both = int(joined.notna().sum())
    if not both == len(first) == len(second):
        counts = f"{len(first):,} and {len(second):,} rows, {both:,} of them the same"
        return None, f"they judged {counts}"
    second = second.iloc[joined.astype(int)].reset_index(drop=True)
    return _outcomes(old, new, first.reset_index(drop=True), second)


def _outcomes(
    old: Side, new: Side, first: "pd.DataFrame", second: "pd.DataFrame"
) -> tuple[tuple["Outcomes", "Outcomes"] | None, str]:
    from mlpipe.evaluate.judged import Classes, encode_target, outcomes_of

    report, name = old.reports["evaluate"], str(old.columns.target_name)
    task, classes = report["task"], Classes(tuple(report["classes"]))
    truths = [encode_target(task, name, each[name], classes) for each in (first, second)]
    differing = int((truths[0] != truths[1]).sum())
    if differing:
        return None, f"the {name} of {differing:,} rows is not the same"
    together = _together(old, first)
    if together is None:
        return None, f"the table of {old.called} is gone from the store"
    weight, groups = together

    def said(frame: "pd.DataFrame", run: Side) -> "Outcomes":
        threshold = run.reports["evaluate"]["threshold"]
        told = outcomes_of(task, truths[0], frame, classes, threshold)
        return replace(told, weight=weight, groups=groups)

    return (said(first, old), said(second, new)), ""


def _together(run: Side, rows: "pd.DataFrame") -> tuple["Array | None", "Array | None"] | None:
    """Return weights and units of rows, as evaluate had them; None where the table is gone."""
    import pyarrow.parquet as pq

    from mlpipe.evaluate.units import units

    columns = run.columns
    named = [columns.entity, columns.time, columns.weight]
    wanted = list(dict.fromkeys(filter(None, named)))
    if not wanted:
        return None, None
    if "ingest" not in run.artifacts:
        return None
    table = pq.read_table(run.artifacts["ingest"].path / "table.parquet", columns=wanted)
    frame = table.take(rows[ROW].to_numpy()).to_pandas()
    weight = frame[columns.weight].to_numpy(float) if columns.weight else None
    return weight, units(frame, columns)[0]


def _predictions(run: Side, part: str) -> "pd.DataFrame":
    import pandas as pd

    frame = pd.read_parquet(run.artifacts["evaluate"].path / "predictions.parquet")
    return frame[frame["part"] == part]
