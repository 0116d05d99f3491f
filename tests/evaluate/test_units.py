import numpy as np
import pandas as pd

from mlpipe.evaluate.units import units
from mlpipe.table.columns import Columns

PANEL = Columns.read({"target": "y", "entity": "who", "time": "when"})


def days(count: int) -> pd.DatetimeIndex:
    return pd.date_range("2026-01-01", periods=count)


def test_rows_of_an_entity_stay_together() -> None:
    frame = pd.DataFrame({"who": np.arange(200) // 2, "when": days(200)})
    codes, word = units(frame, PANEL)
    assert codes.tolist() == (np.arange(200) // 2).tolist()
    assert word == "all rows of a who"


def test_an_unknown_entity_stands_alone() -> None:
    frame = pd.DataFrame({"who": [*range(40), 0, None, None], "when": days(1)[0]})
    codes, _ = units(frame, PANEL)
    assert codes[-3:].tolist() == [0, 40, 41]


def test_few_entities_make_way_for_blocks_of_time() -> None:
    frame = pd.DataFrame({"who": np.arange(2000) % 2, "when": np.repeat(days(1000), 2)})
    codes, word = units(frame.sample(frac=1, random_state=1), PANEL)
    assert word == "100 blocks of when"
    assert np.bincount(codes).tolist() == [20] * 100


def test_few_times_and_entities_leave_the_rows() -> None:
    frame = pd.DataFrame({"who": np.arange(200) % 2, "when": np.repeat(days(2), 100)})
    assert units(frame, PANEL) == (None, "rows, 2 values of who being too few")
    assert units(frame, Columns.read({"target": "y"})) == (None, "rows")


def test_entities_that_never_repeat_are_rows() -> None:
    frame = pd.DataFrame({"who": np.arange(200), "when": days(1)[0]})
    assert units(frame, PANEL) == (None, "rows")
