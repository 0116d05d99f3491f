import numpy as np
import pytest
from pydantic import ValidationError

from mlpipe.metrics.business import Business


def test_each_row_is_worth_its_cell() -> None:
    business = Business.read({"value": {"tp": "0.5 * fee - 5", "fp": -5, "fn": "-fee", "tn": 0}})
    acted, left = business.acting(np.array([1, 0, 1]), {"fee": np.array([20.0, 20.0, np.nan])})
    assert acted[:2].tolist() == [5, -5]
    assert left[:2].tolist() == [-20, 0]
    assert np.isnan(acted[2])
    assert np.isnan(left[2])
    assert business.columns == ("fee",)


def test_cells_left_out_are_worth_nothing() -> None:
    acted, left = Business.read({"value": {"tp": 1}}).acting(np.array([1, 0]), {})
    assert (acted.tolist(), left.tolist()) == ([1, 0], [0, 0])


def test_a_bad_expression_is_refused_at_its_cell() -> None:
    with pytest.raises(ValidationError) as caught:
        Business.read({"value": {"tp": "os.system(1)", "fp": True, "tx": 1}})
    found = {error["loc"]: error["type"] for error in caught.value.errors()}
    assert found["value", "tp"] == "expression"
    assert found["value", "tx"] == "extra_forbidden"
    assert any(place[:2] == ("value", "fp") for place in found)
