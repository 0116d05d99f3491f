import json
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import average_precision_score, mean_absolute_error, roc_auc_score

from mlpipe.errors import DataError, SpecError
from mlpipe.metrics.scores import DEFAULT_METRICS

Make = Callable[..., Any]


def metric(report: dict[str, Any], name: str, part: str = "test") -> dict[str, Any]:
    return next(one for one in report["parts"][part]["metrics"] if one["name"] == name)


def test_the_report_of_a_binary_task(churn: Make) -> None:
    case = churn()
    found = case.run()
    report = found["report"]
    assert list(report["parts"]) == ["test", "valid"]
    assert report["parts"]["test"]["rows"] == 500
    names = [one["name"] for one in report["parts"]["test"]["metrics"]]
    assert names == list(DEFAULT_METRICS["binary"])
    test = case.frame[case.frame["part"] == "test"]
    truth = test["churned"] == "yes"
    score = case.predictions.set_index("_row")["score"][test["_row"]]
    auc = metric(report, "roc_auc")
    assert auc["value"] == pytest.approx(roc_auc_score(truth, score))
    assert auc["low"] < auc["value"] < auc["high"]
    assert (auc["method"], auc["baseline"], auc["greater_is_better"]) == ("delong", 0.5, True)
    precision = metric(report, "average_precision")
    assert precision["value"] == pytest.approx(average_precision_score(truth, score))
    assert precision["baseline"] == pytest.approx(truth.mean())
    train = case.frame["churned"][case.frame["part"] == "train"] == "yes"
    assert report["baseline"]["kind"] == "prior"
    assert report["baseline"]["shares"][1] == pytest.approx(train.mean())
    assert (report["positive"], report["threshold"]) == ("yes", 0.4)
    assert found["verdict"] == {"status": "passed", "gates": []}


def test_the_report_of_a_regression_stands_beside_the_stronger_baseline(demand: Make) -> None:
    case = demand()
    report = case.run()["report"]
    test = case.frame[case.frame["part"] == "test"]["demand"]
    said = case.predictions.set_index("_row")["prediction"][test.index]
    mae = metric(report, "mae")
    assert mae["value"] == pytest.approx(mean_absolute_error(test, said))
    assert report["baseline"]["kind"] == "last_value"
    last = case.frame["demand"].shift(1)[test.index]
    assert mae["baseline"] == pytest.approx(mean_absolute_error(test, last))
    assert report["parts"]["test"]["resampled"].endswith("blocks of hour")
    assert report["classes"] == []


def test_a_baseline_without_times_or_train_rows_is_the_mean(demand: Make) -> None:
    case = demand()
    train = case.frame["demand"][case.frame["part"] == "train"]
    judged = case.frame[case.frame["part"] != "train"]
    report = case.run(frame=judged, train_target=train)["report"]
    assert (report["baseline"]["kind"], report["baseline"]["mean"]) == ("mean", train.mean())


def test_the_report_of_many_classes(topics: Make) -> None:
    case = topics()
    report = case.run({"metrics": ["accuracy", "roc_auc_ovr", "log_loss"]})["report"]
    assert report["classes"] == ["bill", "cancel", "login"]
    assert metric(report, "accuracy")["value"] > 0.8
    assert metric(report, "roc_auc_ovr")["baseline"] == pytest.approx(0.5)
    assert metric(report, "log_loss")["baseline"] == pytest.approx(np.log(3), abs=0.02)
    assert np.sum(report["figures"]["confusion"]["matrix"]) == report["parts"]["test"]["rows"]


def test_a_class_that_training_never_saw_is_wrong_and_said(topics: Make) -> None:
    case = topics()
    before = metric(case.run()["report"], "accuracy")["value"]
    test = case.frame.index[case.frame["part"] == "test"]
    case.frame.loc[test[:45], "topic"] = "new"
    report = case.run(classes=["bill", "cancel", "login"])["report"]
    assert metric(report, "accuracy")["value"] < before
    assert metric(report, "log_loss")["value"] > 1
    assert "45 rows of test have a class that training never saw" in report["warnings"]
    assert report["figures"]["confusion"]["labels"][-1] == "(unseen in training)"


def test_the_predictions_stand_beside_the_truth_in_row_order(churn: Make) -> None:
    case = churn(400)
    mixed = case.predictions.sample(frac=1, random_state=1)
    found = case.run(predictions=mixed)["predictions"]
    expected = ["_row", "customer", "part", "churned", "prediction", "score"]
    assert list(found) == expected
    assert found["_row"].tolist() == case.predictions["_row"].tolist()
    assert found["score"].tolist() == case.predictions["score"].tolist()
    same = case.frame.set_index("_row").loc[found["_row"], "churned"]
    assert found["churned"].tolist() == same.tolist()


def test_the_same_inputs_give_the_same_bytes_in_any_row_order(churn: Make) -> None:
    case = churn(600)
    spec = {"slices": ["plan"], "fairness": {}, "gates": [{"metric": "f1", "min": 0.1}]}
    one, again = case.run(spec), case.run(spec)
    assert json.dumps([one["report"], one["verdict"]]) == json.dumps(
        [again["report"], again["verdict"]]
    )
    assert one["report"] != case.run(spec, seed=8)["report"]


def test_inputs_are_left_alone_and_outputs_are_strict_json(churn: Make) -> None:
    case = churn(600)
    before = case.frame.copy(), case.predictions.copy()
    found = case.run({"slices": ["plan"], "fairness": {}})
    json.dumps([found["report"], found["verdict"]], allow_nan=False)
    pd.testing.assert_frame_equal(case.frame, before[0])
    pd.testing.assert_frame_equal(case.predictions, before[1])


def test_without_a_test_part_valid_is_judged(churn: Make) -> None:
    case = churn()
    case.frame.loc[case.frame["part"] == "test", "part"] = "out"
    found = case.run({"gates": [{"metric": "roc_auc", "min": 0.5}]})
    assert list(found["report"]["parts"]) == ["valid"]
    assert found["verdict"]["gates"][0]["part"] == "valid"
    assert set(found["predictions"]["part"]) == {"valid"}


def test_metrics_of_gates_are_reported_too(churn: Make) -> None:
    found = churn(400).run({"metrics": ["brier"], "gates": [{"metric": "recall", "min": 0.1}]})
    assert [one["name"] for one in found["report"]["parts"]["test"]["metrics"]] == [
        "brier",
        "recall",
    ]
    gate, entry = found["verdict"]["gates"][0], metric(found["report"], "recall")
    assert (gate["low"], gate["high"]) == (entry["low"], entry["high"])


def test_weights_count(churn: Make) -> None:
    case = churn(800)
    case.frame["w"] = np.where(case.frame["plan"] == "pro", 1.0, 0.0)
    weighted = case.columns.model_copy(update={"weight": "w"})
    found = metric(case.run(columns=weighted)["report"], "brier")
    pro = (case.frame["plan"] == "pro") & (case.frame["part"] == "test")
    said = case.predictions.set_index("_row")["score"]
    y = case.frame["churned"][pro] == "yes"
    assert found["value"] == pytest.approx(((said[y.index] - y) ** 2).mean())
    assert found["method"] == "bootstrap"


def test_labels_come_from_the_threshold_where_there_are_none(churn: Make) -> None:
    case = churn(400)
    scores = case.predictions.drop(columns="prediction")
    one, other = case.run(), case.run(predictions=scores)
    assert metric(one["report"], "f1") == metric(other["report"], "f1")


def test_few_rows_are_said(churn: Make) -> None:
    warnings = churn(200).run()["report"]["warnings"]
    assert "test has 50 rows; intervals of so few are rough" in warnings


def broken(case: Any, how: str) -> dict[str, Any]:
    frame, said = case.frame.copy(), case.predictions.copy()
    test = frame.index[frame["part"] == "test"]
    if how == "null target":
        frame.loc[test[:7], "churned"] = None
    elif how == "third class":
        frame.loc[test[0], "churned"] = "perhaps"
    elif how == "twice":
        said = pd.concat([said, said.iloc[:2]])
    elif how == "lost":
        frame = frame.drop(index=test[3])
    elif how == "nothing":
        said = said.iloc[:0]
    elif how == "no train":
        frame = frame[frame["part"] != "train"]
    elif how == "null prediction":
        said.loc[said.index[0], "prediction"] = None
    return {"frame": frame, "predictions": said}


@pytest.mark.parametrize(
    ("how", "message"),
    [
        ("null target", r"churned: target is null in 7 rows: 1500, 1501, 1502, 1503, 1504, …"),
        ("third class", "expected 'no' and 'yes'; found 'perhaps'"),
        ("twice", "predicted twice in 2 rows: 1000, 1001"),
        ("lost", "predicted, but not in the table in 1 rows: 1503"),
        ("nothing", "no valid or test rows"),
        ("no train", "no training targets"),
        ("null prediction", "prediction is null in 1 rows: 1000"),
    ],
)
def test_bad_data_is_refused_with_its_rows(churn: Make, how: str, message: str) -> None:
    case = churn()
    with pytest.raises(DataError, match=message):
        case.run(**broken(case, how))


def test_a_weight_below_nothing_is_refused(churn: Make) -> None:
    case = churn(400)
    case.frame["w"] = -1.0
    with pytest.raises(DataError, match="expected a weight of 0 or more"):
        case.run(columns=case.columns.model_copy(update={"weight": "w"}))


@pytest.mark.parametrize("classes", [["no"], ["no", "yes", "perhaps"], ["no", "nope"]])
def test_classes_that_do_not_fit_are_refused(churn: Make, classes: list[str]) -> None:
    with pytest.raises(DataError, match="expected two classes with 'yes'"):
        churn(400).run(classes=classes)


def test_a_target_that_is_no_number_is_refused(demand: Make) -> None:
    case = demand()
    case.frame["demand"] = case.frame["demand"].astype(object)
    case.frame.loc[1199, "demand"] = "many"
    with pytest.raises(DataError, match="not a number in 1 rows: 1199"):
        case.run()


@pytest.mark.parametrize(
    "section",
    [
        {"slices": ["plam"]},
        {"fairness": {"across": "plam"}},
        {"business": {"b": {"value": {"tp": "plam * 2"}}}},
        {"gates": [{"metric": "f1", "min": 0, "slice": "plam"}]},
    ],
)
def test_a_column_that_is_not_there_is_an_error_not_a_pass(
    churn: Make, section: dict[str, Any]
) -> None:
    with pytest.raises(SpecError, match="no column 'plam'") as caught:
        churn(400).run(section)
    assert caught.value.problems[0].hint == "did you mean 'plan'?"


def test_a_metric_of_another_task_is_an_error(churn: Make) -> None:
    with pytest.raises(SpecError, match="metric of regression") as caught:
        churn(400).run({"metrics": ["rmse"]})
    assert caught.value.problems[0].key == "evaluate.metrics.0"
