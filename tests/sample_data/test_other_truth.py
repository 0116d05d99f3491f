"""What TRUTH.md says about the demand and support data holds in the files."""

import json
from pathlib import Path

import pandas as pd
import pytest
from sklearn.ensemble import HistGradientBoostingRegressor
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import r2_score
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline

SAMPLE = Path(__file__).parents[2] / "sample_data"
TRUTH = json.loads((SAMPLE / "truth.json").read_text())


@pytest.fixture(scope="module")
def demand() -> pd.DataFrame:
    table = pd.read_csv(SAMPLE / "demand" / "hourly.csv", parse_dates=["timestamp"])
    by_station = table.groupby("station")["demand"]
    lags = {f"lag_{lag}": by_station.shift(lag) for lag in (1, 24, 168)}
    time = table["timestamp"].dt
    return table.assign(
        **lags, hour=time.hour, weekday=time.day_of_week, museum=table["station"] == "museum"
    )


def r2(table: pd.DataFrame, names: list[str]) -> float:
    late = table["timestamp"] >= table["timestamp"].quantile(0.85)
    model = HistGradientBoostingRegressor(random_state=0, max_iter=60)
    model.fit(table.loc[~late, names], table.loc[~late, "demand"])
    return float(r2_score(table.loc[late, "demand"], model.predict(table.loc[late, names])))


def test_every_hour_of_the_year_is_there_once(demand: pd.DataFrame) -> None:
    assert len(demand) == TRUTH["demand"]["rows"] == 2 * 8760
    assert not demand.duplicated(["timestamp", "station"]).any()


def test_lags_help_and_the_expected_range_holds(demand: pd.DataFrame) -> None:
    plain = ["hour", "weekday", "museum", "temperature", "holiday"]
    expected = TRUTH["demand"]["expected"]
    with_lags = r2(demand, [*plain, "lag_1", "lag_24", "lag_168"])

    assert expected["low"] <= with_lags <= expected["high"]
    assert with_lags > r2(demand, [*plain, "lag_24", "lag_168"]) > r2(demand, plain)


def test_messages_are_told_apart_as_well_as_expected() -> None:
    table = pd.read_csv(SAMPLE / "support" / "messages.csv")
    train, test = train_test_split(table, test_size=0.25, stratify=table["topic"], random_state=0)
    model = make_pipeline(TfidfVectorizer(ngram_range=(1, 2)), LogisticRegression(C=10))
    model.fit(train["message"], train["topic"])
    expected = TRUTH["support"]["expected"]

    assert len(table) == TRUTH["support"]["rows"]
    assert expected["low"] <= model.score(test["message"], test["topic"]) <= expected["high"]
