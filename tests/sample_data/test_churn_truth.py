"""What TRUTH.md says about the churn data holds in the files."""

import csv
import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.compose import make_column_transformer
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

CHURN = Path(__file__).parents[2] / "sample_data" / "churn"
TRUTH = json.loads((CHURN.parent / "truth.json").read_text())["churn"]
DRIFTED = set(TRUTH["drift"]["columns"])


@pytest.fixture(scope="module")
def customers() -> pd.DataFrame:
    dirty = {row["line"] for row in TRUTH["quarantine"]}
    rows = list(csv.reader((CHURN / "customers.csv").read_text().splitlines()))
    kept = [row for line, row in enumerate(rows, start=1) if line not in dirty]
    return pd.DataFrame(kept[1:], columns=kept[0])


@pytest.fixture(scope="module")
def base(customers: pd.DataFrame) -> pd.DataFrame:
    usage = pd.concat([pd.read_parquet(p) for p in sorted((CHURN / "usage").glob("*.parquet"))])
    return joined(usage, "labels.csv", customers)


@pytest.fixture(scope="module")
def later(customers: pd.DataFrame) -> pd.DataFrame:
    return joined(pd.read_parquet(CHURN / "2026-06.parquet"), "labels_2026-06.csv", customers)


def joined(usage: pd.DataFrame, labels: str, customers: pd.DataFrame) -> pd.DataFrame:
    usage = usage.assign(month=usage["month"].astype(str))
    known = pd.read_csv(CHURN / labels, dtype=str)
    table = usage.merge(known, on=["customer_id", "month"], validate="1:1")
    assert len(table) == len(usage)
    table = table.merge(customers, on="customer_id", validate="m:1")
    assert len(table) == len(usage)
    joined_at = pd.PeriodIndex(table["signup_date"], freq="D").year * 12
    joined_at += pd.PeriodIndex(table["signup_date"], freq="D").month
    month = pd.PeriodIndex(table["month"], freq="D")
    numbers = {name: pd.to_numeric(table[name], errors="coerce") for name in ("income",)}
    note = table["last_note"].str.len()
    return table.assign(**numbers, tenure=month.year * 12 + month.month - joined_at, note=note)


def effect(reference: pd.Series, current: pd.Series) -> float:
    """Cohen's w between the two, over deciles of the reference or over its levels."""
    if pd.api.types.is_numeric_dtype(reference):
        edges = np.unique(np.nanquantile(reference.astype(float), np.linspace(0, 1, 11)))
        cut = [np.digitize(s.astype(float), edges[1:-1], right=True) for s in (reference, current)]
        shares = [np.bincount(c, minlength=len(edges) - 1) / len(c) for c in cut]
    else:
        levels = reference.value_counts().index[:50]
        shares = [s.value_counts().reindex(levels, fill_value=0).to_numpy() / len(s)
                  for s in (reference, current)]  # fmt: skip
        shares = [np.append(s, 1 - s.sum()) for s in shares]
    p, q = shares
    return float(np.sqrt(np.sum((q - p)[p > 0] ** 2 / p[p > 0])))


def expected(reference: pd.Series, rows: int) -> float:
    """Return the effect that a random sample of so many rows hardly ever exceeds."""
    draws = 60
    rng = np.random.default_rng(5)
    seen = [effect(reference, reference.iloc[rng.choice(len(reference), rows)])
            for _ in range(draws)]  # fmt: skip
    return float(np.mean(seen) + 4 * np.std(seen))


NUMBERS = ["calls", "minutes", "charges", "support_tickets", "tenure", "income", "note"]
CATEGORIES = ["plan", "city", "branch_code", "gender", "age_band", "contract_months"]


def test_ids_keep_their_zeros_and_customer_months_are_unique(base: pd.DataFrame) -> None:
    assert base["customer_id"].str.fullmatch(r"0\d{5}").all()
    assert not base.duplicated(["customer_id", "month"]).any()
    assert len(base) == TRUTH["rows"]["usage"]


@pytest.mark.parametrize("name", NUMBERS + CATEGORIES)
def test_only_the_planted_columns_drift(name: str, base: pd.DataFrame, later: pd.DataFrame) -> None:
    drifted = effect(base[name], later[name]) > expected(base[name], len(later))

    assert drifted == (name in DRIFTED and name != "plan")


def test_charges_moved_by_half_a_deviation(base: pd.DataFrame, later: pd.DataFrame) -> None:
    shift = (later["charges"].mean() - base["charges"].mean()) / base["charges"].std()

    assert shift == pytest.approx(0.5, abs=0.1)


def test_tickets_come_at_a_higher_rate(base: pd.DataFrame, later: pd.DataFrame) -> None:
    assert base["support_tickets"].mean() == pytest.approx(0.35, abs=0.03)
    assert later["support_tickets"].mean() == pytest.approx(0.85, abs=0.1)


def test_the_new_plan_is_new_and_its_fee_is_known(base: pd.DataFrame, later: pd.DataFrame) -> None:
    new = TRUTH["drift"]["new_category"]["plan"]
    fees = pd.read_csv(CHURN / "plans.csv")

    assert new["value"] not in set(base["plan"])
    assert (later["plan"] == new["value"]).mean() == pytest.approx(new["share"], abs=0.03)
    assert set(later["plan"]) <= set(fees["plan"])


@pytest.mark.parametrize("name", ["calls", "minutes", "charges", "support_tickets", "tenure"])
def test_the_training_span_is_stationary(name: str, base: pd.DataFrame) -> None:
    monthly = base.groupby("month")[name].mean()

    assert (monthly.max() - monthly.min()) / base[name].std() < 0.25


def test_age_has_a_disparity_and_gender_has_none(base: pd.DataFrame) -> None:
    left = base["churned"] == "yes"
    by_age = left.groupby(base["age_band"]).mean()
    by_gender = left.groupby(base["gender"]).mean()

    assert by_age.round(4).to_dict() == TRUTH["churn_rate_by_age_band"]
    assert by_age["18-29"] > 2 * by_age["65+"]
    assert abs(by_gender["female"] - by_gender["male"]) < 0.015


def test_falling_calls_say_more_than_few_calls(base: pd.DataFrame) -> None:
    table = base.sort_values(["customer_id", "month"])
    fall = table.groupby("customer_id")["calls"].shift(3) - table["calls"]
    known = fall.notna()
    left = table["churned"][known] == "yes"
    by_fall = roc_auc_score(left, fall[known])
    by_level = roc_auc_score(left, -table["calls"][known])

    assert by_fall > 0.62
    assert by_fall > by_level


def test_the_auc_is_as_expected_and_needs_the_note_and_the_past(base: pd.DataFrame) -> None:
    auc = {kind: held_out_auc(base, without=kind) for kind in ("", "note", "past")}
    expected = TRUTH["expected"]

    assert expected["low"] <= auc[""] <= expected["high"]
    assert max(auc["note"], auc["past"]) < auc[""] - 0.02


def held_out_auc(base: pd.DataFrame, without: str) -> float:
    """ROC AUC of a linear model on the last two months."""
    table = base.sort_values(["customer_id", "month"]).copy()
    earlier = table.groupby("customer_id")["calls"]
    past = [] if without == "past" else [f"calls_{lag}" for lag in (1, 3)]
    for lag in (1, 3):
        table[f"calls_{lag}"] = earlier.shift(lag)
    numbers = ["calls", "support_tickets", "tenure", *past]
    fill = make_pipeline(SimpleImputer(strategy="median"), StandardScaler())
    levels = OneHotEncoder(min_frequency=20, handle_unknown="infrequent_if_exist")
    blocks: list[Any] = [(fill, numbers), (levels, ["plan", "contract_months"])]
    if without != "note":
        blocks.append((TfidfVectorizer(), "last_note"))
    model = make_pipeline(make_column_transformer(*blocks), LogisticRegression(C=0.3, max_iter=500))
    late = table["month"] >= "2026-04-01"
    left = table["churned"] == "yes"
    model.fit(table[~late], left[~late])
    return float(roc_auc_score(left[late], model.predict_proba(table[late])[:, 1]))


def test_dirty_rows_stand_where_the_truth_says() -> None:
    lines = (CHURN / "customers.csv").read_text().splitlines()
    header: Any = lines[0].split(",")

    assert [lines[row["line"] - 1] for row in TRUTH["quarantine"]] == [
        row["raw"] for row in TRUTH["quarantine"]
    ]
    assert [len(row["raw"].split(",")) - len(header) for row in TRUTH["quarantine"]] == [0, -3, 1]


def test_dirty_customers_have_no_usage_and_no_labels(base: pd.DataFrame) -> None:
    dirty = {row["raw"].split(",")[0] for row in TRUTH["quarantine"]}

    assert not dirty & set(base["customer_id"])


def test_what_customers_say_is_as_told(base: pd.DataFrame) -> None:
    told = TRUTH["survey"]
    rows = pd.read_csv(CHURN / "survey.csv", dtype={"customer_id": str})
    asked = set(base.loc[base["month"] == "2026-05-01", "customer_id"])
    assert (len(asked), len(rows)) == (told["asked"], told["answers"])
    assert rows["recommend"].isna().sum() == told["without_answer"]
    given = rows[rows["recommend"].notna()]
    assert given["customer_id"].duplicated().sum() == told["earlier_answers"]
    known = given[given["customer_id"].isin(asked)].drop_duplicates("customer_id", keep="last")
    assert given["customer_id"].nunique() - len(known) == told["of_nobody"]
    score = 100 * ((known["recommend"] >= 9).mean() - (known["recommend"] <= 6).mean())
    assert (len(known), round(score, 2)) == (told["customers_who_answered"], told["nps"])
