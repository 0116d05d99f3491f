import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError

from mlpipe.errors import ComputeError, SpecError
from mlpipe.evaluate.custom import Custom
from mlpipe.evaluate.custom_metric import RESAMPLES, custom_metric
from mlpipe.evaluate.misfits import misfits
from mlpipe.evaluate.spec import Evaluate
from mlpipe.table.columns import Columns

Make = Callable[..., Any]
COST = {"python": "metrics.py:my_cost", "name": "my_cost", "greater_is_better": False}
CODE = """
import numpy

def my_cost(actual, predicted):
    missed = (actual == 1) & (predicted == 0)
    return float(numpy.mean(10 * missed + (actual < predicted)))

def weighted(actual, predicted, weight):
    return float(numpy.average(actual != predicted, weights=weight))

def sure(score):
    return float(score.max())

def named(actual, predicted):
    return float((actual == "bill").mean())

def fails(actual, predicted):
    lines = 1
    return helper(actual)

def helper(actual):
    return 1 / 0

def nothing(actual, predicted):
    return float("nan")

def text(actual, predicted):
    return "0.3"

def many(actual, predicted):
    return actual

def odd(actual, prediction):
    return 0.0

def spoils(actual, predicted):
    actual[:] = 0
    return 0.0

constant = 3
"""


def metric(function: str, task: str = "binary", classes: Any = (0, 1), **given: Any) -> Any:
    values = {**COST, "python": f"metrics.py:{function}", **given}
    return custom_metric(Custom.read(values), CODE, task, classes)


Y, PRED = np.array([1, 1, 0, 0, 0]), np.array([1, 0, 1, 0, 0])


def test_the_function_is_a_metric() -> None:
    found = metric("my_cost")
    assert found.measure(Y, pred=PRED).value == pytest.approx(11 / 5)
    assert (found.name, found.needs, found.greater_is_better) == ("my_cost", "label", False)


def test_resamples_are_repeated_rows_or_weights() -> None:
    counts = np.array([[1.0, 0, 2, 0, 1], [0, 3, 0, 0, 0], [0, 0, 0, 0, 0]])
    cost, rate = (metric(each).formula(Y, PRED, None, counts) for each in ("my_cost", "weighted"))
    np.testing.assert_allclose(cost, [2 / 4, 10, np.nan])
    np.testing.assert_allclose(rate, [2 / 4, 1, np.nan])


def test_rows_with_weights_need_a_function_that_takes_them() -> None:
    weight = np.array([0.5, 1, 1, 1, 2])
    assert metric("weighted").measure(Y, pred=PRED, weight=weight).value == pytest.approx(2 / 5.5)
    with pytest.raises(SpecError, match="takes none") as caught:
        metric("my_cost").measure(Y, pred=PRED, weight=weight)
    assert "weight: numpy.ndarray" in caught.value.problems[0].hint


def test_of_many_classes_the_function_sees_the_names() -> None:
    names = ("bill", "cancel", "login")
    found = metric("named", "multiclass", names)
    assert found.measure(np.array([0, 0, 1, 3]), pred=np.array([0, 1, 2, 0])).value == 0.5


def test_a_metric_of_scores_is_given_them() -> None:
    found = metric("sure", needs="score")
    assert found.measure(Y, pred=PRED, score=np.array([0.1, 0.9, 0.2, 0.3, 0.4])).value == 0.9
    assert found.needs == "score"


def test_what_the_function_does_to_its_rows_stays_there() -> None:
    y = Y.copy()
    metric("spoils").measure(y, pred=PRED)
    assert y.tolist() == Y.tolist()


def test_nan_is_no_value_and_says_so() -> None:
    found = metric("nothing").measure(Y, pred=PRED)
    assert found == (None, "nothing returned no finite number")


def test_a_failure_names_the_line_of_the_users_file() -> None:
    with pytest.raises(ComputeError, match="ZeroDivisionError: division by zero") as caught:
        metric("fails").measure(Y, pred=PRED)
    line = 1 + CODE.splitlines().index("    return 1 / 0")
    (problem,) = caught.value.problems
    assert (problem.place, problem.key) == (f"metrics.py:{line}", "evaluate.metrics.my_cost")


@pytest.mark.parametrize(("function", "kind"), [("text", "str"), ("many", "ndarray")])
def test_what_is_no_number_is_refused(function: str, kind: str) -> None:
    with pytest.raises(ComputeError, match=f"returned a {kind}; expected a number"):
        metric(function).measure(Y, pred=PRED)


@pytest.mark.parametrize(
    ("function", "said"),
    [
        ("odd", "takes prediction; expected some of: actual, predicted, score, weight"),
        ("missing", "defines no function 'missing'"),
        ("constant", "defines no function 'constant'"),
    ],
)
def test_a_function_that_takes_something_else_is_refused(function: str, said: str) -> None:
    with pytest.raises(SpecError, match=said) as caught:
        metric(function)
    assert f"def {function}(actual: numpy.ndarray" in caught.value.problems[0].hint
    assert "-> float" in caught.value.problems[0].hint


def test_the_source_must_run() -> None:
    with pytest.raises(SpecError, match="cannot be imported: NameError"):
        custom_metric(Custom.read(COST), "no_such_name", "binary", (0, 1))


def test_it_is_reported_and_gated_like_any_other(churn: Make) -> None:
    spec = {
        "metrics": ["f1", COST],
        "slices": ["plan"],
        "gates": [
            {"metric": "my_cost", "max": 5},
            {"metric": "my_cost", "versus": "baseline", "gain": 0},
            {"metric": "fbeta_2", "min": 0.01},
        ],
    }
    found = churn().run(spec, times=300, code={"metrics.py": CODE})
    rows = found["report"]["parts"]["test"]["metrics"]
    assert [row["name"] for row in rows] == ["f1", "my_cost", "fbeta_2"]
    own = rows[1]
    assert own["low"] < own["value"] < own["high"]
    assert own["method"] == f"bootstrap of {RESAMPLES} resamples"
    assert rows[0]["method"] == "bootstrap"
    assert (own["greater_is_better"], own["baseline"] > own["value"]) == (False, True)
    assert [gate["status"] for gate in found["verdict"]["gates"]] == ["pass", "pass", "pass"]
    assert all(len(each["metrics"]) == 3 for each in found["report"]["slices"])
    again = churn().run(spec, times=300, code={"metrics.py": CODE})
    assert found["report"] == again["report"]


def test_a_scaled_error_is_over_that_of_the_baseline_in_training(demand: Make) -> None:
    case = demand()
    report = case.run({"metrics": ["mae", "mase"]})["report"]
    mae, mase = (row["value"] for row in report["parts"]["test"]["metrics"])
    train = case.frame["demand"][case.frame["part"] == "train"]
    assert report["baseline"]["kind"] == "last_value"
    assert report["baseline"]["train_mae"] == pytest.approx(train.diff().abs().mean())
    assert mase == pytest.approx(mae / report["baseline"]["train_mae"])


@pytest.mark.parametrize(
    ("section", "said"),
    [
        ({"metrics": [{**COST, "name": "f1"}]}, "has the name of a metric"),
        ({"metrics": [{**COST, "name": "fbeta_2"}]}, "has the name of a metric"),
        ({"metrics": [COST, COST]}, "named twice"),
        ({"metrics": ["fbeta_2", {"fbeta": 2}]}, "'fbeta_2' is named twice"),
        ({"metrics": [{**COST, "python": "metrics.my_cost"}]}, "expected path.py:function"),
        ({"metrics": [{**COST, "name": "my cost"}]}, "pattern"),
        ({"metrics": [COST], "business": {"my_cost": {"value": {}}}}, "name of a metric"),
        ({"metrics": [COST], "gates": [{"metric": "my_cost", "min": 5}]}, "better when less"),
        ({"gates": [{"metric": "my_cost", "max": 5}]}, "neither a metric nor"),
        ({"gates": [{"metric": "fbeta_x", "min": 0.5}]}, "'fbeta' takes beta"),
        ({"gates": [{"metric": {"fbeta": -1}, "min": 0.5}]}, "'fbeta' takes beta"),
    ],
)
def test_what_contradicts_itself_is_refused(section: dict[str, Any], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        Evaluate.read(section)


def test_a_metric_with_a_parameter_is_gated_however_it_is_written() -> None:
    spec = Evaluate.read({"gates": [{"metric": {"precision_at": {"share": 0.10}}, "min": 0.5}]})
    assert spec.gates[0].metric == "precision_at_0.1"


@pytest.mark.parametrize(
    ("needs", "task", "places"),
    [
        (None, "binary", []),
        (None, "regression", []),
        ("value", "regression", []),
        ("value", "binary", [("metrics", 0, "needs")]),
        ("score", "regression", [("metrics", 0, "needs")]),
    ],
)
def test_what_the_task_does_not_have_is_found(
    needs: str | None, task: str, places: list[Any]
) -> None:
    section = {"metrics": [{**COST, "needs": needs}], "gates": [{"metric": "my_cost", "max": 1}]}
    found = misfits(Evaluate.read(section), task, Columns.read({"target": "y"}))
    assert [at for at, _, _ in found] == places


def test_the_file_may_import_what_lies_beside_it_each_time_anew(tmp_path: Path) -> None:
    code = "from prices_beside import MISSED\ndef cost(actual): return MISSED"
    custom = Custom.read({**COST, "python": f"{tmp_path}/metrics.py:cost"})
    for price in (5.0, 70.0):
        (tmp_path / "prices_beside.py").write_text(f"MISSED = {price}\n")
        found = custom_metric(custom, code, "binary", (0, 1))
        assert found.measure(Y, pred=PRED).value == price
    assert "prices_beside" not in sys.modules
    assert str(tmp_path) not in sys.path


def test_what_is_installed_is_not_forgotten(tmp_path: Path) -> None:
    custom = Custom.read({**COST, "python": f"{tmp_path}/metrics.py:cost"})
    code = "import this\ndef cost(actual): return 1.0"
    sys.modules.pop("this", None)
    custom_metric(custom, code, "binary", (0, 1))
    assert "this" in sys.modules
