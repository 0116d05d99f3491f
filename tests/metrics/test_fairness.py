import numpy as np
import pytest
from pydantic import TypeAdapter, ValidationError

from mlpipe.metrics.fairness import DISPARITIES, RATES, DisparityName, group_rates, rates_of

# COMPAS, decile 5 or more as the prediction: (tp, fp, fn, tn) of ProPublica's two-year table.
COMPAS = {"African-American": (1369, 805, 532, 990), "Caucasian": (505, 349, 461, 1139)}


def compas() -> GroupRates:
    y, pred, codes = [], [], []
    for code, (tp, fp, fn, tn) in enumerate(COMPAS.values()):
        y += [1] * tp + [0] * fp + [1] * fn + [0] * tn
        pred += [1] * (tp + fp) + [0] * (fn + tn)
        codes += [code] * (tp + fp + fn + tn)
    return group_rates(np.array(y), np.array(pred), np.array(codes), 2, np.ones(len(y)))


def test_rates_are_those_published_for_compas() -> None:
    rates = compas()
    assert rates.fpr == pytest.approx([0.4485, 0.2345], abs=5e-5)
    assert 1 - rates.tpr == pytest.approx([0.2799, 0.4772], abs=5e-5)
    assert rates.rows.tolist() == [3696, 2454]
    assert rates.positives.tolist() == [1901, 966]
    assert rates.accuracy == pytest.approx([2359 / 3696, 1644 / 2454])
    assert rates.selection_rate == pytest.approx([2174 / 3696, 854 / 2454])


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("demographic_parity_difference", 2174 / 3696 - 854 / 2454),
        ("demographic_parity_ratio", (854 / 2454) / (2174 / 3696)),
        ("equal_opportunity_difference", 1369 / 1901 - 505 / 966),
        ("equal_opportunity_ratio", (505 / 966) / (1369 / 1901)),
        ("equalized_odds_difference", 805 / 1795 - 349 / 1488),
    ],
)
def test_disparities_of_compas(name: str, expected: float) -> None:
    assert float(DISPARITIES[name].value(compas())) == pytest.approx(expected)


def test_every_disparity_has_been_tried() -> None:
    assert len(DISPARITIES) == 5
    assert all(each.description for each in DISPARITIES.values())


def test_rows_in_no_group_do_not_count_and_resamples_come_first() -> None:
    y, pred = np.array([1, 0, 1, 0]), np.array([1, 1, 0, 0])
    weight = np.array([[1.0, 1, 1, 1], [2.0, 0, 0, 3]])
    rates = group_rates(y, pred, np.array([0, 0, -1, 1]), 2, weight)
    assert rates.rows.tolist() == [[2, 1], [2, 3]]
    assert rates.selection_rate.tolist() == [[1, 0], [1, 0]]
    assert np.isnan(rates.tpr[0, 1])


def test_a_group_without_positives_leaves_the_disparity_undefined() -> None:
    rates = group_rates(np.array([1, 0]), np.array([1, 0]), np.array([0, 1]), 2, np.ones(2))
    assert np.isnan(DISPARITIES["equal_opportunity_difference"].value(rates))
    assert DISPARITIES["demographic_parity_ratio"].value(rates) == 0.0


def test_an_unknown_name_is_refused_with_a_suggestion() -> None:
    with pytest.raises(ValidationError) as caught:
        TypeAdapter(DisparityName).validate_python("demographic_parity")
    assert "demographic_parity_ratio" in caught.value.errors()[0]["ctx"]["hint"]
