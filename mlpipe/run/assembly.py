"""The steps around the bundle: its decision and reference, and what it says of held-out rows."""

from typing import TYPE_CHECKING, Any

from mlpipe.monitor.chunks import CALENDAR
from mlpipe.run.estimable import effects, unlabelled
from mlpipe.run.events import events_for_bundle
from mlpipe.run.fetched import without_fetching
from mlpipe.run.graph import graph_beside
from mlpipe.spec.secret import without_passwords

if TYPE_CHECKING:
    from collections.abc import Mapping

    import ibis.expr.types as ir
    import pandas as pd

    from mlpipe.bundle.bundle import Bundle
    from mlpipe.metrics.arrays import Array
    from mlpipe.metrics.outcomes import Outcomes
    from mlpipe.run.task import Task
    from mlpipe.table.fingerprints import Fingerprints

__all__ = ["assemble", "held_out"]

_LEFT_ASIDE = "train.decide is left aside: the chosen model decides by the rules of its groups"


def assemble(task: "Task") -> dict[str, Any]:
    """Set the threshold and put all that predicts into one folder; nothing is fitted.

    Returns
    -------
    dict
        The files of the bundle by name, and ``decision``.
    """
    from mlpipe.bundle.contents import contents
    from mlpipe.ingest.function import source_of
    from mlpipe.monitor.multivariate import LONGEST, MOST_ROWS

    scored = {
        name: task.session.pandas(task.table("train", name)) for name in ("out_of_fold", "valid")
    }
    decision = _by_group(task, scored) or _decided(task, scored)
    onnx, parity = graph_beside(task, decision["threshold"])
    state = task.folder("featurize") / "state.parquet"
    shaping = task.section("ingest.python")
    files = contents(
        name=task.section("name"),
        model=(task.folder("train") / "model.skops").read_bytes(),
        facts=task.json("train", "model"),
        decision=decision,
        plan=task.json("featurize", "plan"),
        columns=task.section("columns"),
        schema=task.json("ingest", "report")["columns"],
        ingest=without_passwords(
            without_fetching(task.section("ingest").model_dump(mode="json", exclude_unset=True))
        ),
        variables=task.section("vars"),
        code=source_of(shaping) if shaping else None,
        profile=_reference(task, scored, decision["threshold"]),
        seen=_seen(task),
        state=state.read_bytes() if state.exists() else None,
        events=events_for_bundle(task),
        onnx=onnx,
        parity=parity,
        background=_rows(task, task.section("bundle").background),
        reference_rows=(
            _rows(task, MOST_ROWS, LONGEST) if task.section("monitor.multivariate") else None
        ),
    )
    return {**files, "decision": decision}


def _decided(task: "Task", scored: "Mapping[str, pd.DataFrame]") -> dict[str, Any]:
    """Return the decision that the spec asks for, with its threshold."""
    from mlpipe.train.decide import decide

    parts = scored["out_of_fold"], scored["valid"]
    asked, what = task.section("train.decide"), task.section("task")
    found: dict[str, Any] = decide(asked, what, *parts, business=_worth(task))["decision"]
    return found


def _by_group(task: "Task", scored: "Mapping[str, pd.DataFrame]") -> dict[str, Any] | None:
    """Return the decision of a model that has rules for groups: its scores are parted at 0.5."""
    from mlpipe.train.decide import decide
    from mlpipe.train.spec import Threshold

    model = task.json("train", "model")["model"]
    if model["type"] != "threshold_optimizer":
        return None
    half = Threshold(at=0.5)
    found = decide(half, "binary", scored["out_of_fold"], scored["valid"])["decision"]
    left = {} if task.section("train.decide") == half else {"note": _LEFT_ASIDE}
    groups = model["params"]["sensitive"]
    return {**found, "how": f"by the rule of each group of {groups}", **left}


def _seen(task: "Task") -> "Fingerprints":
    """Return which rows the model was fitted on, so that none of them ever tests it."""
    from mlpipe.table.fingerprints import fingerprints

    parts = task.table("split", "parts")
    fitted = parts.filter(parts["part"].isin(task.json("train", "model")["trained_on"]["parts"]))
    rows = task.table("ingest").semi_join(fitted, "_row")
    return fingerprints(rows, task.section("columns"), task.session)


def _rows(task: "Task", count: int, longest: int | None = None) -> bytes | None:
    """Return so many rows of train: those that reasons compare with, or current rows."""
    from mlpipe.bundle.contents import plan_of
    from mlpipe.run.explaining import background_rows

    plan = plan_of(task.json("featurize", "plan"), task.json("train", "model"))
    return background_rows(task, plan, count, longest)


def _worth(task: "Task") -> Any:
    """Return what acting on a row is worth, where the threshold maximizes money."""
    from mlpipe.train.spec import Maximize

    spec = task.section("train.decide")
    business = task.section("evaluate.business").get(getattr(spec, "metric", None))
    if not isinstance(spec, Maximize) or business is None:
        return None

    classes = task.json("train", "model")["classes"]

    def acting(truth: "Array", positions: "Array") -> "tuple[Array, Array]":
        from mlpipe.metrics.business import amounts_in

        frame = task.session.pandas(task.table("ingest").select("_row", *business.columns))
        rows = frame.set_index("_row").loc[positions]
        columns = amounts_in(rows, business.columns)
        found: tuple[Array, Array] = business.acting(truth, columns, classes)
        return found

    return acting


def _reference(
    task: "Task", scored: "Mapping[str, pd.DataFrame]", threshold: float | None
) -> dict[str, Any]:
    """Return the profile of the training rows and predictions, which `monitor` compares with."""
    from mlpipe.table.columns import Columns
    from mlpipe.table.profile import profile

    columns, every = task.section("columns"), task.section("monitor.every")
    kinds = {each["name"]: each["kind"] for each in task.json("ingest", "report")["columns"]}
    parts = task.table("split", "parts")
    train = task.table("ingest").semi_join(parts.filter(parts["part"] == "train"), "_row")
    period = every if columns.time and every in CALENDAR else None
    reference = profile(train, columns, kinds, task.session, every=period)
    rows = scored["out_of_fold"] if len(scored["out_of_fold"]) else scored["valid"]
    if len(rows):
        said, said_kinds = _predictions(rows)
        table = _with_time(task, said, columns.time)
        timed = Columns(time=columns.time) if columns.time else Columns()
        said_profile = profile(table, timed, said_kinds, task.session, every=period)
        reference["predictions"] = {**said_profile, "folds": _by_fold(task, said_profile, said)}
        outcomes = _outcomes(task, rows, threshold)
        reference["quality"] = _quality(task, outcomes)
        reference["unlabelled"] = unlabelled(task, rows["_row"], outcomes)
        reference |= effects(task, rows["_row"], outcomes)
    report = task.json("train", "report")
    reference["importance"] = {row["column"]: row["value"] for row in report["importance"]}
    return reference


def _predictions(rows: "pd.DataFrame") -> "tuple[pd.DataFrame, dict[str, str]]":
    """Return the predictions as columns, and the kind of each."""
    names = [name for name in rows.columns if name.startswith(("score", "prediction"))]
    kinds = dict.fromkeys(names, "number")
    return rows[["_row", *names]], kinds


def _by_fold(task: "Task", reference: "Mapping[str, Any]", rows: "pd.DataFrame") -> dict[str, Any]:
    """Count what each fold's model said: they differ as the final one differs from them."""
    from mlpipe.table.columns import Columns
    from mlpipe.table.profile import count

    parts = task.table("split", "parts").select("_row", "fold")
    table = task.session.frame(rows).inner_join(parts, "_row")
    found = count(reference, table, Columns(), task.session, every="file", file_column="fold")
    return dict(found["chunks"])


def _with_time(task: "Task", rows: "pd.DataFrame", time: str | None) -> "ir.Table":
    """Put the time of each row beside its prediction: quiet periods tell how scores vary."""
    table = task.session.frame(rows)
    if time is None:
        return table
    times = task.table("ingest").select("_row", time)
    return table.inner_join(times, "_row")


def _quality(task: "Task", outcomes: "Outcomes") -> dict[str, Any]:
    """Return each metric on rows the model had not seen, with its interval."""
    from mlpipe.metrics.estimate import estimate
    from mlpipe.metrics.scores import METRICS

    watched, beside = (
        task.section(f"monitor.{at}") for at in ("quality.metric", "estimate.metrics")
    )
    names = dict.fromkeys([*([watched] if watched else []), *(beside or ())])
    if not names:
        return {}
    found = estimate([METRICS[name] for name in names], outcomes, seed=task.section("seed"))
    return {
        name: {"value": each.value, "low": each.low, "high": each.high}
        for name, each in found.items()
    }


def _outcomes(task: "Task", rows: "pd.DataFrame", threshold: float | None) -> "Outcomes":
    """Return what was true and said; each row counts once, as it does among current rows."""
    import numpy as np

    from mlpipe.bundle.answer import score_names
    from mlpipe.metrics.estimate import Outcomes

    about = task.json("train", "model")
    names = score_names(about["task"], about["classes"])
    scores = rows[names].to_numpy(float)
    truth = rows["truth"].to_numpy()
    if about["task"] == "regression":
        return Outcomes(truth, scores[:, 0])
    if about["task"] == "binary":
        positive = scores[:, 0] >= (0.5 if threshold is None else threshold)
        return Outcomes(truth, positive.astype(int), scores[:, 0])
    return Outcomes(truth, np.argmax(scores, axis=1), scores)


def held_out(task: "Task", bundle: "Bundle") -> "pd.DataFrame":
    """Return what is predicted for valid and test, by models that had not seen them.

    The final model may have been fitted on valid too; its rows are scored by the model of
    train alone, which the train step kept for this.
    """
    import pandas as pd

    frames = [_of_test(task, bundle), _of_valid(task, bundle)]
    kept = [frame for frame in frames if len(frame)]
    together = pd.concat(kept) if kept else frames[0]
    return together.sort_values("_row").reset_index(drop=True)


def _of_test(task: "Task", bundle: "Bundle") -> "pd.DataFrame":
    table, parts = task.table("featurize"), task.table("split", "parts")
    rows = table.semi_join(parts.filter(parts["part"] == "test"), "_row").order_by("_row")
    frame = task.session.pandas(rows)
    said = bundle.answer(frame)
    said.insert(0, "_row", frame["_row"])
    return said


def _of_valid(task: "Task", bundle: "Bundle") -> "pd.DataFrame":
    from mlpipe.bundle.answer import answer, score_names

    rows = task.session.pandas(task.table("train", "valid"))
    scores = rows[score_names(bundle.task, bundle.classes)].to_numpy(float)
    if scores.shape[1] == 1:
        scores = scores[:, 0]
    said = answer(scores, bundle.task, bundle.classes, bundle.threshold)
    said.insert(0, "_row", rows["_row"].to_numpy())
    return said
