"""What must hold of every split, tried on many tables."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mlpipe.errors import DataError
from mlpipe.table.folds import fold_pairs

FEW = settings(
    max_examples=15,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
SEEDS = st.integers(0, 2**31)
SIZES = st.integers(60, 400)


def rows(size: int, seed: int, entities: int = 30, days: int = 40) -> pd.DataFrame:
    random = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            "id": np.arange(size),
            "customer": random.integers(0, entities, size),
            "day": pd.Timestamp("2026-01-01")
            + pd.to_timedelta(random.integers(0, days, size), unit="D"),
            "y": random.choice(["yes", "no"], size, p=[0.3, 0.7]),
            "x": random.normal(size=size).round(2),
        }
    )


@pytest.mark.slow
@FEW
@given(size=SIZES, more=st.integers(1, 200), seed=SEEDS)
def test_growing_the_data_never_moves_a_row(parted, size, more, seed):
    whole = rows(size + more, seed)
    for columns in ({"key": "id"}, {"entity": "customer"}, {}):
        spec = {"test": 0.25, "valid": 0.2}
        try:
            before, _ = parted(whole.head(size), spec, columns)
            after, _ = parted(whole, spec, columns)
        except DataError:
            continue  # a part came out empty, which is said
        assert before["part"].tolist() == after["part"].head(size).tolist()


@FEW
@given(size=SIZES, seed=SEEDS)
def test_the_order_of_rows_does_not_matter_to_their_side(parted, size, seed):
    frame = rows(size, seed)
    turned = frame.iloc[::-1]
    one, _ = parted(frame, {"test": 0.3}, {"key": "id"}, seed=seed)
    other, _ = parted(turned, {"test": 0.3}, {"key": "id"}, seed=seed)
    assert one.set_index("id")["part"].eq(other.set_index("id")["part"]).all()


@FEW
@given(size=SIZES, seed=SEEDS, by=st.sampled_from(["random", "group"]))
def test_case_84_no_entity_is_on_both_sides_or_in_two_folds(parted, size, seed, by):
    frame, report = parted(
        rows(size, seed), {"by": by, "test": 0.3}, {"entity": "customer"}, folds=3, seed=seed
    )
    assert (frame.groupby("customer")[["part", "fold"]].nunique() == 1).all().all()
    assert report["folds"] == {"kind": "crossed", "count": 3}


@FEW
@given(size=SIZES, seed=SEEDS, test=st.floats(0.1, 0.4), valid=st.floats(0.1, 0.3))
def test_case_84_no_timestamp_is_on_both_sides(parted, size, seed, test, valid):
    frame, report = parted(
        rows(size, seed), {"by": "time", "test": test, "valid": valid}, {"time": "day"}
    )
    spans = frame.groupby("part")["day"].agg(["min", "max"])
    assert spans.loc["train", "max"] < spans.loc["valid", "min"]
    assert spans.loc["valid", "max"] < spans.loc["test", "min"]
    most = frame["day"].value_counts().max()
    assert abs(report["rows"]["test"] - test * size) <= most
    assert abs(report["rows"]["valid"] - valid * size) <= most
    assert report["boundaries"]["test"] == str(spans.loc["test", "min"])


@FEW
@given(size=SIZES, seed=SEEDS, days=st.integers(8, 60), folds=st.integers(2, 5))
def test_expanding_folds_never_validate_on_the_past(parted, size, seed, days, folds):
    frame, report = parted(
        rows(size, seed, days=days), {"by": "time", "test": 0.2}, {"time": "day"}, folds=folds
    )
    train = frame[frame["part"] == "train"]
    teaches = train["teaches"].to_numpy()
    pairs = list(fold_pairs(train["fold"].to_numpy(), **report["folds"], teaches=teaches))
    plain = list(fold_pairs(train["fold"].to_numpy(), **report["folds"]))
    assert len(pairs) == folds
    for (fitted, judged), (all_before, same) in zip(pairs, plain, strict=True):
        assert fitted.tolist() == all_before.tolist()
        assert judged.tolist() == same.tolist()
    for fitted, judged in pairs:
        assert len(fitted) > 0
        assert len(judged) > 0
        assert train["day"].iloc[fitted].max() < train["day"].iloc[judged].min()
    assert train.groupby("day")["fold"].nunique().max() == 1


@FEW
@given(size=SIZES, seed=SEEDS, days=st.integers(20, 60), gap=st.integers(2, 5))
def test_a_gap_lies_before_each_block_too(parted, size, seed, days, gap):
    frame, report = parted(
        rows(size, seed, days=days),
        {"by": "time", "test": 0.2, "gap": f"{gap}d"},
        {"time": "day"},
        folds=3,
    )
    train = frame[frame["part"] == "train"]
    days_of, fold = pd.to_datetime(train["day"]).to_numpy(), train["fold"].to_numpy()
    for fitted, judged in fold_pairs(fold, **report["folds"], teaches=train["teaches"].to_numpy()):
        begins = days_of[judged].min()
        known = days_of + np.timedelta64(gap, "D") <= begins
        assert sorted(fitted) == sorted(np.flatnonzero(known & (fold < fold[judged[0]])))


@FEW
@given(size=SIZES, seed=SEEDS, folds=st.integers(2, 5))
def test_crossed_folds_judge_every_train_row_once(parted, size, seed, folds):
    frame, report = parted(rows(size, seed), {"test": 0.3}, {"key": "id"}, folds=folds)
    fold = frame.loc[frame["part"] == "train", "fold"].to_numpy()
    judged = np.concatenate([test for _, test in fold_pairs(fold, **report["folds"])])
    assert sorted(judged) == list(range(len(fold)))
    sizes = np.bincount(fold, minlength=folds)
    assert sizes.max() - sizes.min() <= 1


@FEW
@given(size=st.integers(300, 600), seed=SEEDS, test=st.floats(0.1, 0.5))
def test_shares_come_near_the_asked_ones(parted, size, seed, test):
    frame, report = parted(rows(size, seed), {"test": test}, {"key": "id"}, seed=seed)
    sigma = (test * (1 - test) * size) ** 0.5
    assert abs(report["rows"]["test"] - test * size) < 6 * sigma
    assert sum(report["rows"].values()) == len(frame)


@FEW
@given(size=SIZES, seed=SEEDS, test=st.floats(0.1, 0.4))
def test_stratified_shares_hold_in_each_class(parted, size, seed, test):
    frame, _ = parted(
        rows(size, seed),
        {"test": test, "stratify": True},
        {"key": "id", "target": "y"},
        folds=2,
        seed=seed,
    )
    for _, of_class in frame.groupby("y"):
        assert abs((of_class["part"] == "test").sum() - test * len(of_class)) <= 1
        sizes = of_class.loc[of_class["part"] == "train", "fold"].value_counts()
        assert sizes.max() - sizes.min() <= 1


@FEW
@given(size=SIZES, seed=SEEDS)
def test_equal_rows_share_a_side_and_a_fold(parted, size, seed):
    frame = rows(size, seed)[["x", "y"]]
    doubled = pd.concat([frame, frame.sample(frac=0.5, random_state=1)])
    found, _ = parted(doubled, {"test": 0.3}, folds=3, seed=seed)
    assert (found.groupby(["x", "y"])[["part", "fold"]].nunique() == 1).all().all()
