"""Through the files of a user: where mistakes are told, and what a bad table gets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from mlpipe.errors import SpecError
from mlpipe.pipeline import load
from tests.project import SPEC, mlpipe, run_json, write_project

if TYPE_CHECKING:
    from pathlib import Path

MODELS = "  models:\n    linear: {type: logistic_regression, C: 1.0}\n"


def project(folder: Path, *models: str, task: str = "binary", more: str = "") -> Path:
    """The small project with other models, one a line."""
    lines = "".join(f"    {line}\n" for line in models)
    spec = SPEC.replace(MODELS, f"{more}  models:\n{lines}")
    if task == "regression":
        spec = spec.replace("task: binary", "task: regression")
        spec = spec.replace('{name: left, positive: "yes"}', "age")
        spec = spec[: spec.index("evaluate:")]
    return write_project(folder, spec=spec)


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("a: {type: svc, gama: 1}", ":21:20 train.models.a.gama: svc has no parameter 'gama'"),
        ("a: {type: svc, C: -1}", ":21:23 train.models.a.C: The 'C' parameter of SVC must be"),
        ("a: {type: lightgbm, leaves: 3}", ":21:25 train.models.a.leaves: unknown key"),
        ("a: {type: lightgbm, num_leavs: 3}", "did you mean 'num_leaves'?"),
        ("a: {type: extra_tres}", "did you mean 'extra_trees'?"),
        ("a: svr", ":21:5 train.models.a.type: svr does regression, not binary"),
        ("a: {type: voting, of: [b, c]}", ":21:28 train.models.a.of.0: there is no model 'b'"),
        ("a: {type: stacking, of: [b, c], final: {type: svc, D: 1}}", "svc has no parameter 'D'"),
        ("a: {type: catboost, early_stopping: never}", "train.models.a.early_stopping: expected"),
        ("a: {type: svc, monotonic: {age: increasing}}", "svc has no parameter 'monotonic'"),
    ],
)
def test_mistakes_stand_where_they_are_written(tmp_path: Path, line: str, told: str) -> None:
    folder = project(tmp_path, line)
    with pytest.raises(SpecError) as caught:
        load(folder / "mlpipe.yaml", environ={})
    assert told in str(caught.value)


def table(folder: Path, change: Any) -> None:
    """Change the rows of the table: lists of id, age, plan, gender, left."""
    path = folder / "data.csv"
    head, *rows = path.read_text().splitlines()
    made = change([row.split(",") for row in rows])
    path.write_text("\n".join([head, *(",".join(row) for row in made)]) + "\n")


def column(at: int, value: Any) -> Any:
    return lambda rows: [
        [*row[:at], value(number), *row[at + 1 :]] for number, row in enumerate(rows)
    ]


TREES = "a: {type: lightgbm, n_estimators: 3}"
CASES = {
    87: (lambda rows: rows[:1], "binary", 3, "no row is test"),
    88: (column(4, lambda _: "no"), "binary", 3, "'no' in every row"),
    89: (column(4, lambda at: "yes" if at == 7 else "no"), "binary", 3, "one row only of: yes"),
    90: (column(4, lambda at: "" if at == 7 else "ny"[at % 2]), "binary", 3, "null in 1 row"),
    91: (column(1, lambda _: "50"), "regression", 3, "50 in every row"),
}


@pytest.mark.slow
@pytest.mark.parametrize("case", CASES)
def test_tables_that_nothing_can_be_learned_from(tmp_path: Path, case: int) -> None:
    change, task, code, says = CASES[case]
    more = "" if task == "binary" else "  target: sqrt\n"
    folder = project(tmp_path, TREES, task=task, more=more)
    spec = folder / "mlpipe.yaml"
    text = spec.read_text().replace("  checks: [{rows: {min: 50}}]\n", "")
    spec.write_text(text)
    table(folder, change)
    done = mlpipe(folder, "train", *(["-S", "columns.target.positive=y"] if case == 90 else []))
    assert done.returncode == code, done.stderr
    assert says in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.slow
def test_nulls_into_a_model_that_takes_none(tmp_path: Path) -> None:
    """Case 92: exit 2, at its place, with what to do."""
    folder = project(tmp_path, "a: {type: svc, C: 1.0}")
    spec = folder / "mlpipe.yaml"
    raw = "featurize:\n  - {columns: [age], steps: [keep]}\ntrain:\n  calibrate: sigmoid\n"
    spec.write_text(spec.read_text().replace("train:\n", raw, 1))
    table(folder, column(1, lambda at: "" if at % 9 == 0 else "40"))
    done = mlpipe(folder, "train")
    assert done.returncode == 2, done.stderr
    assert (
        "train.models.a: a (svc) takes no nulls, and these features have some: age" in done.stderr
    )
    assert "mlpipe.yaml:" in done.stderr
    assert "impute: median" in done.stderr


@pytest.mark.slow
def test_no_convergence_is_a_warning_and_a_run_goes_on(tmp_path: Path) -> None:
    """Case 93, and the whole way of an ensemble: trained, bundled, judged."""
    folder = project(
        tmp_path,
        "net: {type: mlp, max_iter: 1}",
        "boosted: {type: xgboost, n_estimators: 5}",
        "both: {type: voting, of: [net, boosted]}",
        "stack: {type: stacking, of: [boosted, net], folds: 2}",
    )
    document = run_json(folder, "run")
    assert document["status"] == "passed", document
    run = folder / "runs" / "small" / (folder / "runs/small/latest").read_text().strip()
    report = (run / "train" / "report.json").read_text()
    assert "net: did not converge: raise max_iter" in report
    again = run_json(folder, "run", "-S", "train.models.net.max_iter=2")
    assert {step["step"]: step["status"] for step in again["steps"]}["featurize"] == "reused"
