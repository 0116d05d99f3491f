import pandas as pd
import pytest

from mlpipe.errors import DataError
from mlpipe.evaluate.judged import Classes, bring_together


def test_the_positive_class_of_two_has_the_last_code() -> None:
    assert Classes.of("binary", ["yes", "no"], "yes").names == ("no", "yes")
    assert Classes.of("binary", ["a", "b"], None).names == ("a", "b")
    assert Classes.of("multiclass", ["c", "a", "b"], None).names == ("c", "a", "b")


def test_values_are_coded_by_what_they_equal() -> None:
    whole = Classes.of("binary", [0, 1], 1)
    for values in ([0, 1, 1], [0.0, 1.0, 1.0], [False, True, True]):
        assert whole.codes(pd.Series(values)).tolist() == [0, 1, 1]
    assert whole.codes(pd.Series([1, 2, 0])).tolist() == [1, 2, 0]
    assert whole.codes(pd.Series(["1", None])).tolist() == [2, 2]


def test_rows_come_in_the_order_of_the_predictions() -> None:
    frame = pd.DataFrame({"_row": [5, 6, 7], "a": ["x", "y", "z"]})
    found = bring_together(frame, pd.DataFrame({"_row": [7, 5]}))
    assert found["a"].tolist() == ["z", "x"]
    with pytest.raises(DataError, match="not in the table in 1 rows: 9"):
        bring_together(frame, pd.DataFrame({"_row": [7, 9]}))
