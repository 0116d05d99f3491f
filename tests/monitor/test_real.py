"""The census, whose two files do not drift, bikes, which are taken more often, and messages.

Skipped where the data is not beside the project.
"""

import csv
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from mlpipe.monitor.history.judge import judge
from mlpipe.monitor.model import Current, Model
from mlpipe.monitor.spec import Monitor
from mlpipe.monitor.stage import observe
from mlpipe.table.columns import ROW, Columns
from mlpipe.table.profile import profile

ROOT = Path(__file__).parents[3] / "shared" / "data"
DATA, BIKES = ROOT / "adult", ROOT / "bike_sharing" / "hour.csv"
pytestmark = pytest.mark.skipif(not ROOT.is_dir(), reason="the real data is not here")

NUMBERS = ("age", "fnlwgt", "education_num", "capital_gain", "capital_loss", "hours_per_week")
NAMES = [
    "age",
    "workclass",
    "fnlwgt",
    "education",
    "education_num",
    "marital_status",
    "occupation",
    "relationship",
    "race",
    "sex",
    "capital_gain",
    "capital_loss",
    "hours_per_week",
    "native_country",
    "income",
]


def adult(part):
    path = DATA / f"adult-{part}.csv"
    frame = pd.read_csv(path, names=NAMES, skipinitialspace=True, na_values="?")
    return frame.dropna(subset=["income"]).reset_index(drop=True)


@pytest.mark.parametrize(
    ("chosen", "status", "first"),
    [(lambda rows: rows, "ok", None), (lambda rows: rows[rows["sex"] == "Female"], "alert", "sex")],
)
def test_train_against_test_is_quiet_and_women_alone_are_not(session, chosen, status, first):
    train, test = adult("train"), chosen(adult("test")).reset_index(drop=True)
    for frame in (train, test):
        frame.insert(0, ROW, np.arange(len(frame)))
    columns = Columns.read({"target": "income"})
    kinds = {name: "number" if name in NUMBERS else "category" for name in NAMES}
    reference = profile(session.frame(train), columns, kinds, session)
    said = session.frame(test[[ROW]])
    current = Current(session.frame(test), columns, said)
    report = judge(observe(Monitor(), Model("binary", reference), current, session), (), reference)
    assert report["status"] == status
    if first:
        assert report["drift"][0]["column"] == first
    else:
        assert max(row["effect"] for row in report["drift"]) < 0.1


def bikes(year):
    frame = pd.read_csv(BIKES, parse_dates=["dteday"])
    frame = frame[frame["dteday"].dt.year == year].reset_index(drop=True)
    frame.insert(0, ROW, np.arange(len(frame)))
    return frame.drop(columns=["instant", "yr"])


WEATHER = {"temp": "number", "hum": "number", "windspeed": "number", "weathersit": "category"}


def second_year(session, every, until="2013-01-01"):
    first, second = bikes(2011), bikes(2012)
    second = second[second["dteday"] < until]
    columns = Columns.read({"time": "dteday", "target": "cnt"})
    kinds = {"casual": "number", "registered": "number", **WEATHER}
    reference = profile(session.frame(first), columns, kinds, session, every=every)
    said = first[[ROW]].assign(prediction=first["cnt"], dteday=first["dteday"])
    reference["predictions"] = profile(
        session.frame(said), Columns.read({"time": "dteday"}), {"prediction": "number"}, session,
        every=every,
    )  # fmt: skip
    spec = Monitor.read({"every": every or "file"})
    said = session.frame(second[[ROW]].assign(prediction=second["cnt"]))
    current = Current(session.frame(second), columns, said)
    report = judge(observe(spec, Model("regression", reference), current, session), (), reference)
    return {row["column"]: row for row in report["drift"]}


def test_the_second_year_of_the_bikes_differs_in_level(session):
    rows = second_year(session, None)
    for name in ("registered", "prediction"):
        assert (rows[name]["status"], rows[name]["direction"]) == ("alert", "up")
        assert rows[name]["mean"]["current"] > 1.4 * rows[name]["mean"]["reference"]
    level = min(rows[name]["effect"] for name in ("registered", "prediction"))
    assert max(rows[name]["effect"] for name in WEATHER) < level / 2


def test_by_month_the_level_is_told_from_the_seasons(session):
    """Weather turns every month, and is no drift; in summer more bikes are taken than ever."""
    rows = second_year(session, "month", until="2012-09-01")
    for name in ("registered", "prediction"):
        assert (rows[name]["status"], rows[name]["direction"]) == ("alert", "up")
    assert rows["prediction"]["since"] == "2012-05"
    assert {rows[name]["status"] for name in WEATHER} == {"ok"}


def test_messages_of_one_kind_are_quiet_and_spam_alone_is_not(session):
    path = ROOT / "sms_spam" / "sms.tsv"
    frame = pd.read_csv(path, sep="\t", names=["label", "text"], quoting=csv.QUOTE_NONE)
    frame = frame.sample(frac=1, random_state=0).reset_index(drop=True)
    frame.insert(0, ROW, np.arange(len(frame)))
    train, later = frame[:4000], frame[4000:]
    spam = frame[frame["label"] == "spam"]
    columns, kinds = Columns.read({"target": "label"}), {"text": "text"}
    reference = profile(session.frame(train), columns, kinds, session)
    told = []
    for rows in (later, spam):
        current = Current(session.frame(rows), columns, session.frame(rows[[ROW]]))
        report = judge(
            observe(Monitor(), Model("binary", reference), current, session), (), reference
        )
        told += [row for row in report["drift"] if row["role"] == "feature"]
    assert [row["status"] for row in told] == ["ok", "alert"]
    assert {test["aspect"] for test in told[1]["tests"] if test["moved"]} >= {
        "length", "tokens", "digits", "capitals", "unknown",
    }  # fmt: skip
