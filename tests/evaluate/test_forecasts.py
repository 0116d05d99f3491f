from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

from mlpipe.evaluate.champion import Champion
from mlpipe.evaluate.forecasts import moments_of
from mlpipe.metrics.paired import diebold_mariano
from mlpipe.table.columns import Columns

Make = Callable[..., Any]


def against(case: Any, name: str, **more: Any) -> dict[str, Any]:
    noise = np.random.default_rng(3).normal(0, 0.8, len(case.predictions))
    worse = case.predictions.assign(prediction=lambda d: d["prediction"] + noise)
    gate = {"metric": name, "versus": "champion", "margin": 0.05}
    given = {"champion": Champion("demand version 3", worse), **more}
    (found,) = case.run({"gates": [gate]}, **given)["verdict"]["gates"]
    return dict(found)


@pytest.mark.parametrize(("name", "power"), [("mae", 1), ("rmse", 2)])
def test_forecasts_of_a_series_are_compared_by_diebold_mariano(
    demand: Make, name: str, power: int
) -> None:
    case = demand()
    test = (case.frame["part"] == "test").to_numpy()
    truth = case.frame.loc[test, "demand"].to_numpy()
    mine = case.predictions["prediction"].to_numpy()[-len(truth) :]
    noise = np.random.default_rng(3).normal(0, 0.8, len(case.predictions))[-len(truth) :]
    losses = [np.abs(said - truth) ** power for said in (mine, mine + noise)]
    expected = diebold_mariano(*losses, root=power == 2)
    found = against(case, name)
    assert found["method"] == "diebold_mariano"
    assert (found["low"], found["high"]) == pytest.approx((expected.low, expected.high))
    assert found["status"] == "pass"


def test_the_horizon_counts_in_the_steps_that_overlap(demand: Make) -> None:
    case = demand()
    plain = against(case, "mae")
    far = Columns.read({"time": "hour", "target": {"name": "demand", "horizon": "12h"}})
    overlapping = against(case, "mae", columns=far)
    assert overlapping["value"] == plain["value"]
    assert overlapping["low"] != plain["low"]


def test_other_metrics_are_compared_by_the_bootstrap(demand: Make) -> None:
    assert against(demand(), "median_ae")["method"] == "bootstrap"


@pytest.mark.parametrize(
    ("horizon", "steps"), [(None, 1), ("1h", 1), ("90m", 2), ("2d", 48), ("1m", 1)]
)
def test_steps_are_counted_in_the_usual_distance(horizon: str | None, steps: int) -> None:
    hours = pd.Series(pd.Timestamp("2026-01-01") + pd.to_timedelta(np.arange(50), unit="h"))
    frame = pd.DataFrame({"t": hours[::-1]})
    columns = Columns.read({"time": "t", "target": {"name": "y", "horizon": horizon}})
    codes, found = moments_of("regression", frame, columns, of_entities=False)
    assert found == steps
    assert codes is not None
    assert codes.tolist() == list(range(50))[::-1]


def test_what_is_no_series_has_no_moments() -> None:
    times = pd.to_datetime(["2026-01-01", None])
    frame = pd.DataFrame({"t": times, "day": ["a", "b"], "whole": times.fillna(times[0])})
    for task, time, of_entities in (
        ("binary", "whole", False),
        ("regression", "whole", True),
        ("regression", "t", False),
        ("regression", "day", False),
    ):
        columns = Columns.read({"time": time, "target": "y"})
        assert moments_of(task, frame, columns, of_entities=of_entities) == (None, 1)
