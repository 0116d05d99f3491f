from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from sklearn.metrics import confusion_matrix, roc_auc_score

Make = Callable[..., Any]


def test_the_roc_curve_is_thin_and_keeps_its_area(churn: Make) -> None:
    case = churn(8000)
    figures = case.run()["report"]["figures"]
    roc = figures["roc"]
    assert len(roc["fpr"]) == len(roc["tpr"]) == len(roc["threshold"]) <= 200
    assert (roc["fpr"][0], roc["tpr"][0], roc["fpr"][-1], roc["tpr"][-1]) == (0, 0, 1, 1)
    assert sorted(roc["fpr"]) == roc["fpr"]
    test = case.frame[case.frame["part"] == "test"]
    score = case.predictions.set_index("_row")["score"][test["_row"]]
    exact = roc_auc_score(test["churned"] == "yes", score)
    assert np.trapezoid(roc["tpr"], roc["fpr"]) == pytest.approx(exact, abs=0.005)
    place = len(roc["fpr"]) // 2
    found = (score >= roc["threshold"][place])[(test["churned"] == "yes").to_numpy()].mean()
    assert found == pytest.approx(roc["tpr"][place])


def test_precision_and_recall_stand_at_their_thresholds(churn: Make) -> None:
    case = churn()
    curve = case.run()["report"]["figures"]["precision_recall"]
    test = case.frame[case.frame["part"] == "test"]
    true = (test["churned"] == "yes").to_numpy()
    score = case.predictions.set_index("_row")["score"][test["_row"]].to_numpy()
    assert len(curve["precision"]) <= 200
    for place in (0, 40, -1):
        above = score >= curve["threshold"][place]
        assert true[above].mean() == pytest.approx(curve["precision"][place])
        assert above[true].mean() == pytest.approx(curve["recall"][place])


def test_calibration_has_ten_bins_of_equal_mass(churn: Make) -> None:
    bins = churn().run()["report"]["figures"]["calibration"]
    assert [each["rows"] for each in bins] == [50] * 10
    assert all(each["low"] <= each["positive"] <= each["high"] for each in bins)
    assert [each["score"] for each in bins] == sorted(each["score"] for each in bins)


def test_the_confusion_matrix_is_that_of_scikit_learn(churn: Make) -> None:
    case = churn()
    found = case.run()["report"]["figures"]["confusion"]
    test = case.frame[case.frame["part"] == "test"]
    said = case.predictions.set_index("_row")["prediction"][test["_row"]]
    assert found["labels"] == ["no", "yes"]
    assert found["matrix"] == confusion_matrix(test["churned"], said).tolist()


def test_one_class_has_no_curves(churn: Make) -> None:
    case = churn(400)
    case.frame.loc[case.frame["part"] == "test", "churned"] = "no"
    assert set(case.run()["report"]["figures"]) == {"part", "confusion"}


def test_residuals_and_a_sample_of_a_regression(demand: Make) -> None:
    case = demand(4000)
    figures = case.run()["report"]["figures"]
    assert sum(figures["residuals"]["counts"]) == 1000
    assert len(figures["residuals"]["edges"]) == 31
    assert len(figures["predicted"]["actual"]) == len(figures["predicted"]["predicted"]) == 500
    assert set(figures["predicted"]["actual"]) <= set(case.frame["demand"])
