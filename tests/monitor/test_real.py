"""The census data, whose two files do not drift; skipped where it is not beside the project."""

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

DATA = Path(__file__).parents[3] / "shared" / "data" / "adult"
pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason="the real data is not here")

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
    report = judge(observe(Monitor(), Model("binary", reference), current, session))
    assert report["status"] == status
    if first:
        assert report["drift"][0]["column"] == first
    else:
        assert max(row["effect"] for row in report["drift"]) < 0.1
