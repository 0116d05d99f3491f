"""Published data, dirt included; skipped where it is not beside the project."""

from pathlib import Path

import pytest

from mlpipe.ingest.spec import Ingest
from mlpipe.ingest.stage import ingest
from mlpipe.table.columns import Columns

DATA = Path(__file__).parents[3] / "shared" / "data"
pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason="the real data is not here")

ADULT = [
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


def outputs(session, section, columns):
    return ingest(Ingest.read(section), Columns.read(columns), {}, session)


def test_adult(session):
    source = {"path": str(DATA / "adult" / "*.csv"), "header": False, "names": ADULT}
    source |= {"nulls": ["?"], "file_column": "file"}
    sql = "select * replace (rtrim(income, '.') as income) from adult"
    result = outputs(session, {"sources": {"adult": source}, "sql": sql}, {"target": "income"})
    frame = session.pandas(session.with_positions(result["table"]))
    assert frame["file"].value_counts().to_dict() == {
        "adult-train.csv": 32_561,
        "adult-test.csv": 16_281,
    }
    assert frame["income"].value_counts().to_dict() == {"<=50K": 37_155, ">50K": 11_687}
    assert frame["occupation"].isna().sum() == 2_809
    assert result["report"]["rejected"] == 0
    assert sum("blank" in text for text in result["report"]["warnings"]) == 2


def test_bike_sharing(session):
    section = {"path": str(DATA / "bike_sharing" / "hour.csv")}
    result = outputs(session, section, {"key": "instant", "time": "dteday", "target": "cnt"})
    frame = session.pandas(session.with_positions(result["table"]))
    assert len(frame) == 17_379
    assert (frame["casual"] + frame["registered"] == frame["cnt"]).all()
    assert {one["name"]: one["type"] for one in result["report"]["columns"]}["dteday"] == "date"


def test_sms_spam(session):
    source = {"path": str(DATA / "sms_spam" / "sms.tsv"), "quote": "", "delimiter": "\t"}
    source |= {"header": False, "names": ["label", "message"]}
    result = outputs(session, source, {"target": "label"})
    frame = session.pandas(session.with_positions(result["table"]))
    assert len(frame) == 5_574
    assert set(frame["label"]) == {"ham", "spam"}
    kinds = {one["name"]: one["kind"] for one in result["report"]["columns"]}
    assert kinds == {"label": "category", "message": "text"}


def test_california_housing(session):
    section = {"path": str(DATA / "california_housing" / "housing.csv")}
    result = outputs(session, section, {"target": "median_house_value"})
    frame = session.pandas(session.with_positions(result["table"]))
    assert len(frame) == 20_640
    assert frame["total_bedrooms"].isna().sum() == 207
    assert "<1H OCEAN" in set(frame["ocean_proximity"])
