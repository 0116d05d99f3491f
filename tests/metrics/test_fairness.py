from typing import Any

import fairlearn.metrics as oracle
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError
from sklearn import metrics as scores

from mlpipe.metrics.fairness import (
    DISPARITIES,
    RATES,
    DisparityName,
    disparities_of,
    group_rates,
    rates_of,
)
from mlpipe.metrics.fairness.estimates import disparities, rate_estimates
from mlpipe.metrics.intervals import wilson
from mlpipe.metrics.outcomes import Outcomes

# COMPAS, decile 5 or more as the prediction: (tp, fp, fn, tn) of ProPublica's two-year table.
COMPAS = {"African-American": (1369, 805, 532, 990), "Caucasian": (505, 349, 461, 1139)}


def told_of_compas() -> tuple[Outcomes, np.ndarray]:
    y, pred, codes = [], [], []
    for code, (tp, fp, fn, tn) in enumerate(COMPAS.values()):
        y += [1] * tp + [0] * fp + [1] * fn + [0] * tn
        pred += [1] * (tp + fp) + [0] * (fn + tn)
        codes += [code] * (tp + fp + fn + tn)
    return Outcomes(np.array(y), np.array(pred)), np.array(codes)


def rates_in(told: Outcomes, codes: np.ndarray, task: str = "binary") -> dict[str, np.ndarray]:
    names = rates_of(task, scored=told.score is not None)
    weight = np.ones(len(told)) if told.weight is None else told.weight
    return group_rates(
        names, told.y, told.pred, told.score, codes=codes, count=codes.max() + 1, weight=weight
    )


def compas() -> dict[str, np.ndarray]:
    return rates_in(*told_of_compas())


def test_rates_are_those_published_for_compas() -> None:
    rates = compas()
    assert rates["fpr"] == pytest.approx([0.4485, 0.2345], abs=5e-5)
    assert rates["fnr"] == pytest.approx([0.2799, 0.4772], abs=5e-5)
    assert rates["mean_outcome"] == pytest.approx([1901 / 3696, 966 / 2454])
    assert rates["accuracy"] == pytest.approx([2359 / 3696, 1644 / 2454])
    assert rates["selection_rate"] == pytest.approx([2174 / 3696, 854 / 2454])
    assert rates["precision"] == pytest.approx([1369 / 2174, 505 / 854])


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("demographic_parity_difference", 2174 / 3696 - 854 / 2454),
        ("demographic_parity_ratio", (854 / 2454) / (2174 / 3696)),
        ("equal_opportunity_difference", 1369 / 1901 - 505 / 966),
        ("equal_opportunity_ratio", (505 / 966) / (1369 / 1901)),
        ("equalized_odds_difference", 805 / 1795 - 349 / 1488),
        ("equalized_odds_ratio", (349 / 1488) / (805 / 1795)),
        ("predictive_parity_difference", 1369 / 2174 - 505 / 854),
        ("predictive_parity_ratio", (505 / 854) / (1369 / 2174)),
        ("accuracy_difference", 1644 / 2454 - 2359 / 3696),
    ],
)
def test_disparities_of_compas(name: str, expected: float) -> None:
    assert float(DISPARITIES[name].value(compas())) == pytest.approx(expected)


def test_compas_is_proven_unfair_by_its_intervals() -> None:
    told, codes = told_of_compas()
    found = disparities(disparities_of("binary"), told, codes, seed=7)
    assert found["equalized_odds_difference"].low > 0.15
    assert found["demographic_parity_ratio"].high < 0.7
    assert found["predictive_parity_difference"].low == 0.0  # Northpointe's answer to ProPublica
    assert found["calibration_gap_difference"].why == "there are no scores"


OF_FAIRLEARN = {
    "demographic_parity_difference": oracle.demographic_parity_difference,
    "demographic_parity_ratio": oracle.demographic_parity_ratio,
    "equal_opportunity_difference": oracle.equal_opportunity_difference,
    "equal_opportunity_ratio": oracle.equal_opportunity_ratio,
    "equalized_odds_difference": oracle.equalized_odds_difference,
    "equalized_odds_ratio": oracle.equalized_odds_ratio,
}
BY_FRAME = {
    "selection_rate": oracle.selection_rate,
    "tpr": oracle.true_positive_rate,
    "fpr": oracle.false_positive_rate,
    "fnr": oracle.false_negative_rate,
    "precision": scores.precision_score,
    "accuracy": scores.accuracy_score,
}


@st.composite
def cases(draw: Any) -> tuple[Outcomes, np.ndarray]:
    """Two to four groups, each with every pair of truth and label, weighted or not."""
    groups = draw(st.integers(2, 4))
    sizes = draw(st.lists(st.integers(0, 30), min_size=groups, max_size=groups))
    generator = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    codes = np.repeat(np.arange(groups), np.array(sizes) + 4)
    y, pred = generator.integers(0, 2, (2, len(codes)))
    for code in range(groups):
        first = int(np.argmax(codes == code))
        y[first : first + 4], pred[first : first + 4] = [0, 0, 1, 1], [0, 1, 0, 1]
    weight = generator.uniform(0.1, 3, len(codes)) if draw(st.booleans()) else None
    return Outcomes(y, pred, weight=weight), codes


@settings(max_examples=5, deadline=None)
@given(cases())
def test_rates_and_disparities_are_those_of_fairlearn(case: tuple[Outcomes, np.ndarray]) -> None:
    compare_with_fairlearn(case)


@pytest.mark.slow
@settings(max_examples=100, deadline=None)
@given(cases())
def test_a_hundred_cases_are_those_of_fairlearn(case: tuple[Outcomes, np.ndarray]) -> None:
    compare_with_fairlearn(case)


def compare_with_fairlearn(case: tuple[Outcomes, np.ndarray]) -> None:
    told, codes = case
    rates = rates_in(told, codes)
    given_to = {"y_true": told.y, "y_pred": told.pred, "sensitive_features": codes}
    weights = {name: {"sample_weight": told.weight} for name in BY_FRAME}
    frame = oracle.MetricFrame(metrics=BY_FRAME, sample_params=weights, **given_to)
    for name in BY_FRAME:
        assert rates[name] == pytest.approx(frame.by_group[name].to_numpy(float), abs=1e-12)
    for name, function in OF_FAIRLEARN.items():
        expected = function(**given_to, sample_weight=told.weight)
        assert float(DISPARITIES[name].value(rates)) == pytest.approx(expected, abs=1e-12)
    for name, kind in (("precision", "predictive_parity"), ("accuracy", "accuracy")):
        expected = frame.difference(method="between_groups")[name]
        found = float(DISPARITIES[f"{kind}_difference"].value(rates))
        assert found == pytest.approx(expected, abs=1e-12)
    ratio = frame.ratio(method="between_groups")["precision"]
    found = float(DISPARITIES["predictive_parity_ratio"].value(rates))
    assert found == pytest.approx(ratio, abs=1e-12)


def test_errors_of_a_regression_are_those_of_fairlearn() -> None:
    generator = np.random.default_rng(0)
    y, codes = generator.normal(size=300), generator.integers(0, 3, 300)
    pred = y + generator.normal(0.1, 1 + codes)
    rates = rates_in(Outcomes(y, pred), codes, "regression")
    frame = oracle.MetricFrame(
        metrics={"mae": scores.mean_absolute_error, "mean_prediction": oracle.mean_prediction},
        y_true=y,
        y_pred=pred,
        sensitive_features=codes,
    )
    for name in ("mae", "mean_prediction"):
        assert rates[name] == pytest.approx(frame.by_group[name].to_numpy(float), abs=1e-12)
    expected = frame.difference(method="between_groups")["mae"]
    assert float(DISPARITIES["mae_difference"].value(rates)) == pytest.approx(expected, abs=1e-12)
    mean_error = [float((pred - y)[codes == code].mean()) for code in range(3)]
    assert rates["mean_error"] == pytest.approx(mean_error, abs=1e-12)


def test_the_calibration_gap_is_what_the_scores_promise_too_much() -> None:
    told = Outcomes(np.array([1, 0, 1, 1]), np.ones(4, int), score=np.array([0.5, 0.7, 0.9, 0.8]))
    rates = rates_in(told, np.array([0, 0, 1, 1]))
    assert rates["calibration_gap"] == pytest.approx([0.1, -0.15])
    assert float(DISPARITIES["calibration_gap_difference"].value(rates)) == pytest.approx(0.25)


def test_every_disparity_and_rate_is_described_and_has_a_task() -> None:
    assert all(each.description for each in (*DISPARITIES.values(), *RATES.values()))
    tried = {*OF_FAIRLEARN, "predictive_parity_difference", "predictive_parity_ratio"}
    tried |= {"accuracy_difference", "calibration_gap_difference"}
    assert set(disparities_of("binary")) == tried
    assert disparities_of("multiclass") == ["accuracy_difference"]
    assert disparities_of("regression") == ["mean_error_difference", "mae_difference", "mae_ratio"]
    for each in DISPARITIES.values():
        assert len({RATES[name].tasks for name in each.rates}) == 1


def test_rows_in_no_group_do_not_count_and_resamples_come_first() -> None:
    y, pred = np.array([1, 0, 1, 0]), np.array([1, 1, 0, 0])
    weight = np.array([[1.0, 1, 1, 1], [2.0, 0, 0, 3]])
    rates = group_rates(
        ["selection_rate", "tpr"], y, pred, None, codes=np.array([0, 0, -1, 1]), count=2,
        weight=weight,
    )  # fmt: skip
    assert rates["selection_rate"].tolist() == [[1, 0], [1, 0]]
    assert np.isnan(rates["tpr"][0, 1])


def test_a_group_without_positives_leaves_the_disparity_undefined() -> None:
    rates = rates_in(Outcomes(np.array([1, 0]), np.array([1, 0])), np.array([0, 1]))
    assert np.isnan(DISPARITIES["equal_opportunity_difference"].value(rates))
    assert DISPARITIES["demographic_parity_ratio"].value(rates) == 0.0


def test_each_rate_has_the_interval_that_fits_it() -> None:
    told, codes = told_of_compas()
    (first, _) = rate_estimates(["fpr", "selection_rate"], told, codes, seed=1)
    assert (first["fpr"].low, first["fpr"].high) == wilson(805, 1795)
    assert first["fpr"].method == "wilson"
    numbers = Outcomes(np.zeros(4), np.array([1.0, 2.0, 3.0, 4.0]))
    (error,) = rate_estimates(["mean_error"], numbers, np.zeros(4, int), seed=1)
    half = 3.182446 * np.sqrt(5 / 3) / 2  # the t quantile of three degrees of freedom
    assert error["mean_error"].low == pytest.approx(2.5 - half, abs=1e-5)
    assert error["mean_error"].method == "student"


def test_rows_that_belong_together_widen_every_interval() -> None:
    told, codes = told_of_compas()
    twins = Outcomes(
        np.repeat(told.y, 2), np.repeat(told.pred, 2), groups=np.repeat(np.arange(len(told)), 2)
    )
    alone = rate_estimates(["tpr"], told, codes, seed=1)[0]["tpr"]
    both = rate_estimates(["tpr"], twins, np.repeat(codes, 2), seed=1, times=500)[0]["tpr"]
    assert both.method == "bootstrap"
    assert both.high - both.low == pytest.approx(alone.high - alone.low, rel=0.15)


def test_counts_are_drawn_again_as_rows_would_be() -> None:
    told, codes = told_of_compas()
    named = ["demographic_parity_difference", "equalized_odds_ratio"]
    counted = disparities(named, told, codes, seed=3)
    as_rows = Outcomes(told.y, told.pred, weight=np.ones(len(told)))
    drawn = disparities(named, as_rows, codes, seed=3)
    for name in named:
        assert counted[name].value == pytest.approx(drawn[name].value)
        widths = [each[name].high - each[name].low for each in (counted, drawn)]
        assert widths[0] == pytest.approx(widths[1], rel=0.1)


def test_an_unknown_name_is_refused_with_a_suggestion() -> None:
    with pytest.raises(ValidationError) as caught:
        TypeAdapter(DisparityName).validate_python("demographic_parity")
    assert "demographic_parity_ratio" in caught.value.errors()[0]["ctx"]["hint"]
