from datetime import date, datetime

import pandas as pd
import pytest

from mlpipe.table.stamps import stamps


@pytest.mark.parametrize(
    "values",
    [
        [date(2026, 1, 2), None],
        [datetime(2026, 1, 2), None],
        pd.to_datetime(["2026-01-02", None]),
        pd.to_datetime(["2026-01-02", None], utc=True),
    ],
)
def test_dates_and_times_are_times_without_a_zone(values):
    found = stamps(pd.Series(values))
    assert found.dt.year.tolist()[0] == 2026
    assert found.dt.tz is None
    assert found.isna().tolist() == [False, True]


@pytest.mark.parametrize("values", [[1, 2], ["2026-01-01"], [1.5, None], [True]])
def test_what_is_no_time_is_none(values):
    assert stamps(pd.Series(values)) is None
