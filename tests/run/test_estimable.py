"""What monitor is asked of a spec, at training and on current data alike."""

from datetime import date

import pandas as pd
import pytest

from mlpipe.evaluate.groups.spec import Fairness
from mlpipe.metrics.business import Business
from mlpipe.metrics.fairness import disparities_of
from mlpipe.run.estimable import _periods, asked
from mlpipe.table.columns import Columns

PROFIT = Business.read({"value": {"tp": 10, "fp": -5}})
COLUMNS = Columns.read({"target": "y", "sensitive": ["sex", "age"]})


class Sections:
    """A task, as far as its sections are read."""

    def __init__(self, fairness, task="binary"):
        self.given = {
            "evaluate.fairness": fairness,
            "evaluate.business": {"profit": PROFIT},
            "columns": COLUMNS,
            "task": task,
        }

    def section(self, name):
        return self.given[name]


@pytest.mark.parametrize("task", ["binary", "multiclass", "regression"])
def test_without_metrics_all_of_the_task_are_asked(task):
    found = asked(Sections(Fairness(), task), ("f1", "roc_auc", "f1"))
    assert found.fairness == tuple(disparities_of(task))
    assert found.metrics == ("f1", "roc_auc")
    assert (found.sensitive, found.least_group) == (("sex", "age"), 100)


def test_the_groups_are_as_large_as_evaluate_wants_them():
    spec = Fairness(metrics=("accuracy_difference",), min_rows=30)
    found = asked(Sections(spec))
    assert (found.fairness, found.least_group) == (("accuracy_difference",), 30)


def test_what_is_not_asked_is_left_out():
    assert not asked(Sections(Fairness()), business=False, fairness=False)
    assert asked(Sections(None)).fairness == ()
    assert asked(Sections(None)).business == {"profit": PROFIT}


def test_the_periods_of_dates_are_those_of_the_calendar():
    days = pd.Series([date(2026, 1, 4), date(2026, 1, 5), None])
    assert [str(each) for each in _periods(days, "week")][:2] == [
        "2025-12-29/2026-01-04",
        "2026-01-05/2026-01-11",
    ]
    assert pd.isna(_periods(days, "month")[2])
    assert _periods(days, "file") is None
    assert _periods(pd.Series([1, 2]), "day") is None
