from __future__ import annotations

from typing import Any

import pytest

from mlpipe.errors import SpecError
from mlpipe.train.models import with_parameters
from mlpipe.train.spec import Train


def read(model: Any) -> Any:
    return Train.read({"models": {"m": model}}).models["m"]


def test_parameters_are_replaced_and_the_others_stay() -> None:
    before = read({"type": "hist_gradient_boosting", "max_iter": 7})
    after = with_parameters(before, {"learning_rate": 0.3})
    assert after == read({"type": "hist_gradient_boosting", "max_iter": 7, "learning_rate": 0.3})
    assert before == read({"type": "hist_gradient_boosting", "max_iter": 7})


def test_a_dotted_path_is_read_again_too() -> None:
    after = with_parameters(read("sklearn.svm.SVC"), {"C": 3.0})
    assert after == read({"type": "sklearn.svm.SVC", "C": 3.0})


@pytest.mark.parametrize(
    ("model", "values", "key", "says"),
    [
        ("ridge", {"alpha": -1.0}, "train.models.m.alpha", "greater than or equal to 0"),
        ("ridge", {"alfa": 1.0}, "train.models.m.alfa", "ridge has no parameter 'alfa'"),
        ("sklearn.svm.SVC", {"gama": 1}, "train.models.m", "has no parameter 'gama'"),
    ],
)
def test_what_a_model_does_not_take(model: Any, values: Any, key: str, says: str) -> None:
    with pytest.raises(SpecError) as caught:
        with_parameters(read(model), values, key="train.models.m")
    (problem,) = caught.value.problems
    assert problem.key == key
    assert says in problem.message
