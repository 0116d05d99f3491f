import datetime
from typing import Any

import pandas as pd
import pytest

from mlpipe.errors import SpecError
from mlpipe.evaluate.reading import columns_needed, refuse_uncut, refuse_unknown
from mlpipe.evaluate.spec import Evaluate
from mlpipe.table.columns import Columns

GAP = "equal_opportunity_difference"


def test_all_columns_that_are_read_are_named_once() -> None:
    columns = Columns.read(
        {"key": ["id", "day"], "entity": "id", "time": "day", "target": "y", "weight": "w"}
    )
    spec = Evaluate.read(
        {
            "business": {"b": {"value": {"tp": "fee * 2"}}},
            "fairness": {"across": "gender"},
            "slices": [["region", "plan"]],
            "gates": [
                {"metric": "f1", "min": 0, "slice": {"city": "x"}},
                {"metric": GAP, "max": 1, "across": "age"},
            ],
        }
    )
    expected = ["id", "day", "y", "w", "gender", "region", "plan", "age", "city", "fee"]
    assert sorted(columns_needed(spec, columns)) == sorted(expected)


@pytest.mark.parametrize(
    ("section", "key"),
    [
        ({"slices": ["plan", ["plan", "plam"]]}, "slices.1"),
        ({"fairness": {"across": ["plan", "plam"]}}, "fairness.across"),
        ({"scan": {"columns": ["plan", {"column": "plam", "bins": 3}]}}, "scan.columns.1"),
        ({"gates": [{"metric": "f1", "min": 0, "slice": {"plam": "x"}}]}, "gates.0.slice"),
        ({"gates": [{"metric": GAP, "max": 1, "across": "plam"}]}, "gates.0.across"),
        ({"business": {"worth": {"value": {"tp": "2 * plam"}}}}, "business.worth"),
        (
            {"business": {"nps": {"feedback": {"path": "n.csv", "join": "plam", "column": "s"}}}},
            "business.nps.feedback",
        ),
    ],
)
def test_an_unknown_column_is_refused_where_it_is_named(section: dict[str, Any], key: str) -> None:
    spec = Evaluate.read(section)
    names = columns_needed(spec, Columns.read({"target": "y"}))
    with pytest.raises(SpecError, match="no column 'plam'") as caught:
        refuse_unknown(spec, names, ["plan", "y"])
    (problem,) = caught.value.problems
    assert (problem.key, problem.hint) == (f"evaluate.{key}", "did you mean 'plan'?")


FRAME = pd.DataFrame(
    {
        "plan": ["basic", None, "pro"],
        "age": [31, 42, 53],
        "income": pd.array(["1.5", None, "20"], dtype=object),
        "born": [datetime.date(2001, 2, 3), None, datetime.date(2002, 2, 3)],
        "seen": pd.to_datetime(["2026-01-01", None, "2026-02-01"]),
        "void": pd.array([None, None, None], dtype=object),
    }
)


@pytest.mark.parametrize(
    ("cut", "message"),
    [
        ({"column": "plan", "bins": [1, 2]}, "holds text, no numbers"),
        ({"column": "born", "bins": 3}, "holds dates, no numbers"),
        ({"column": "seen", "bins": 3}, "holds dates, no numbers"),
        ({"column": "age", "by": "year"}, "holds numbers, no dates to cut by year"),
        ({"column": "plan", "by": "month"}, "holds text, no dates to cut by month"),
    ],
)
def test_a_cut_that_its_column_does_not_take_is_refused(cut: dict[str, Any], message: str) -> None:
    with pytest.raises(SpecError, match=message) as caught:
        refuse_uncut(Evaluate.read({"slices": ["plan", cut]}), FRAME)
    assert caught.value.problems[0].key == "evaluate.slices.1"


def test_cuts_that_fit_are_let_through() -> None:
    bins = [{"column": name, "bins": 3} for name in ("age", "income", "void")]
    parts = [{"column": name, "by": "month"} for name in ("born", "seen", "void")]
    refuse_uncut(Evaluate.read({"slices": [*bins, *parts]}), FRAME)


def test_a_column_named_as_the_parts_of_the_split_is_refused() -> None:
    spec = Evaluate.read({"slices": ["plan", "part"]})
    names = columns_needed(spec, Columns.read({"target": "y"}))
    with pytest.raises(SpecError, match="is named 'part'") as caught:
        refuse_unknown(spec, names, ["plan", "y", "part"])
    assert caught.value.problems[0].key == "evaluate.slices.1"
