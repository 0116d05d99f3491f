"""Each way to part, and what is refused."""

import hashlib

import pandas as pd
import pytest
from pydantic import ValidationError

from mlpipe.errors import DataError, SpecError
from mlpipe.split.spec import Split
from mlpipe.table.folds import fold_pairs

DAYS = pd.DataFrame(
    {
        "id": range(100),
        "day": pd.date_range("2026-01-01", periods=100),
        "year": range(100),
        "y": ["a", "b"] * 50,
        "file": ["x-train.csv"] * 60 + ["x-valid.csv"] * 10 + ["x-test.csv"] * 30,
        "side": ["train"] * 70 + ["valid"] * 10 + ["test"] * 15 + ["out"] * 5,
        "who": [f"c{row % 10}" for row in range(100)],
    }
)
TIME = {"time": "day"}


def counts(report):
    return tuple(report["rows"].values())


def test_by_time_the_latest_rows_judge(parted):
    frame, report = parted(DAYS, {"by": "time", "test": 0.2, "valid": 0.1}, TIME)
    assert counts(report) == (70, 10, 20, 0)
    assert frame["part"].tolist() == ["train"] * 70 + ["valid"] * 10 + ["test"] * 20
    assert report["boundaries"] == {"valid": "2026-03-12 00:00:00", "test": "2026-03-22 00:00:00"}


def test_the_gap_leaves_rows_out_before_valid_and_test(parted):
    frame, report = parted(DAYS, {"by": "time", "test": 0.2, "valid": 0.1, "gap": "3d"}, TIME)
    assert counts(report) == (67, 7, 20, 6)
    assert frame["part"].tolist() == (
        ["train"] * 67 + ["out"] * 3 + ["valid"] * 7 + ["out"] * 3 + ["test"] * 20
    )


def test_a_row_exactly_the_gap_before_stays(parted):
    frame, _ = parted(DAYS, {"by": "time", "test": {"since": "2026-03-01"}, "gap": "24h"}, TIME)
    last = frame[frame["part"] == "train"]["day"].max()
    assert last == pd.Timestamp("2026-02-27")


@pytest.mark.parametrize(
    ("test", "valid", "expected"),
    [
        ({"since": "2026-03-22"}, 0, (80, 0, 20, 0)),
        ({"since": "2026-03-22"}, 0.1, (70, 10, 20, 0)),
        ({"since": "2026-03-22"}, {"since": "2026-03-12"}, (70, 10, 20, 0)),
        ({"where": "day >= '2026-03-22'"}, 0.1, (70, 10, 20, 0)),
    ],
)
def test_by_time_since_and_where(parted, test, valid, expected):
    _, report = parted(DAYS, {"by": "time", "test": test, "valid": valid}, TIME)
    assert counts(report) == expected


def test_by_time_a_whole_number_is_a_time_too(parted):
    _, report = parted(DAYS, {"by": "time", "test": 0.2}, {"time": "year"}, folds=4)
    assert report["boundaries"] == {"test": "80"}
    with pytest.raises(SpecError, match=r"split\.gap: a gap in time needs dates"):
        parted(DAYS, {"by": "time", "test": 0.2, "gap": "3d"}, {"time": "year"})


def test_by_time_a_condition_must_take_the_latest_rows(parted):
    with pytest.raises(DataError, match="not later than all rows"):
        parted(DAYS, {"by": "time", "test": {"where": "y = 'a'"}}, TIME)


def test_by_time_needs_a_time_in_every_row(parted):
    with pytest.raises(SpecError, match=r"columns\.time: `by: time` needs columns\.time"):
        parted(DAYS, {"by": "time"})
    with pytest.raises(SpecError, match="no column 'dya'"):
        parted(DAYS, {"by": "time"}, {"time": "dya"})
    missing = DAYS.assign(day=DAYS["day"].where(DAYS["id"] > 2))
    with pytest.raises(DataError, match="day: is missing in 3 rows"):
        parted(missing, {"by": "time"}, TIME)
    with pytest.raises(SpecError, match=r"split\.test\.since: '2026-03-01' is not a bigint"):
        parted(DAYS, {"by": "time", "test": {"since": "2026-03-01"}}, {"time": "year"})


def test_by_time_keeps_entities_on_both_sides(parted):
    frame, _ = parted(DAYS, {"by": "time"}, {**TIME, "entity": "who"})
    assert (frame.groupby("who")["part"].nunique() == 2).all()


def test_a_horizon_beyond_the_gap_is_told(parted):
    columns = {**TIME, "target": {"name": "y", "horizon": "30d"}}
    _, report = parted(DAYS, {"by": "time", "gap": "10d"}, columns)
    assert "looks 30d ahead and the gap is 10d" in report["warnings"][0]
    _, report = parted(DAYS, {"by": "time", "gap": "30d"}, columns)
    assert report["warnings"] == []


def test_few_timestamps_that_hold_most_rows_still_give_every_fold(parted):
    days = ["2026-01-01"] * 90 + [f"2026-01-{day:02d}" for day in range(2, 12)]
    frame = pd.DataFrame({"day": pd.to_datetime(days), "id": range(100)})
    found, _ = parted(frame, {"by": "time", "test": 0.05}, TIME, folds=4)
    assert sorted(found.loc[found["part"] == "train", "fold"].unique()) == [0, 1, 2, 3, 4]
    with pytest.raises(DataError, match=r"too few distinct times for 9 expanding folds"):
        parted(frame, {"by": "time", "test": 0.05}, TIME, folds=9)


def test_by_column(parted):
    frame, report = parted(DAYS, {"by": "column", "column": "side"}, {"entity": "who"})
    assert frame["part"].tolist() == DAYS["side"].tolist()
    assert report["warnings"] == ["10 of who are in more than one part"]
    with pytest.raises(DataError, match="y: holds 'a', 'b'; expected train"):
        parted(DAYS, {"by": "column", "column": "y"})
    with pytest.raises(SpecError, match=r"split\.column: there is no column 'sid'[\s\S]*'side'"):
        parted(DAYS, {"by": "column", "column": "sid"})


def test_by_file(parted):
    frame, report = parted(DAYS, {"by": "file", "test": "*test*", "valid": "*-valid.csv"})
    assert counts(report) == (60, 10, 30, 0)
    assert set(frame.loc[frame["part"] == "test", "file"]) == {"x-test.csv"}
    with pytest.raises(SpecError, match=r"no file matches '\*tset\*'[\s\S]*x-test\.csv"):
        parted(DAYS, {"by": "file", "test": "*tset*"})
    with pytest.raises(SpecError, match="needs the pattern"):
        parted(DAYS, {"by": "file"})
    with pytest.raises(SpecError, match="file_column"):
        parted(DAYS.drop(columns="file"), {"by": "file", "test": "*"})


def test_by_file_valid_is_a_share_of_the_other_files(parted):
    frame, report = parted(DAYS, {"by": "file", "test": "*test*", "valid": 0.3}, {"key": "id"})
    assert report["rows"]["test"] == 30
    assert 10 < report["rows"]["valid"] < 35
    assert not frame.loc[frame["part"] == "valid", "file"].str.contains("test").any()


def test_by_random_where(parted):
    frame, report = parted(DAYS, {"test": {"where": "who = 'c1'"}}, {"key": "id"})
    assert report["rows"]["test"] == 10
    assert set(frame.loc[frame["part"] == "test", "who"]) == {"c1"}
    with pytest.raises(SpecError, match=r"split\.test\.where.*not about one row"):
        parted(DAYS, {"test": {"where": "id > (select 1)"}})


def test_another_seed_gives_another_split(parted):
    one, _ = parted(DAYS, {"test": 0.3}, {"key": "id"}, folds=3, seed=1)
    again, _ = parted(DAYS, {"test": 0.3}, {"key": "id"}, folds=3, seed=1)
    other, _ = parted(DAYS, {"test": 0.3}, {"key": "id"}, folds=3, seed=2)
    assert one[["part", "fold"]].equals(again[["part", "fold"]])
    assert not one["part"].equals(other["part"])
    assert not one["fold"].equals(other["fold"])


def test_a_side_is_the_md5_of_the_seed_and_the_key(parted):
    def share(row: int) -> float:
        digest = hashlib.md5(f"split:7:{len(str(row))}:{row}".encode()).digest()
        return int.from_bytes(digest[:8], "little") / 2**64

    frame, _ = parted(DAYS, {"test": 0.3}, {"key": "id"}, seed=7)
    expected = ["test" if share(row) < 0.3 else "train" for row in range(100)]
    assert frame["part"].tolist() == expected


def test_rows_out_of_scope_are_out_and_do_not_count(parted):
    scoped = DAYS.assign(_scope=DAYS["id"] >= 50)
    frame, report = parted(scoped, {"by": "time", "test": 0.2}, TIME, folds=3)
    assert counts(report) == (40, 0, 10, 50)
    assert (frame.loc[~frame["_scope"], "part"] == "out").all()
    assert (frame.loc[~frame["_scope"], "fold"] == -1).all()


def test_stratify_needs_a_class_and_no_entity(parted):
    with pytest.raises(SpecError, match="rows of one entity"):
        parted(DAYS, {"stratify": True}, {"entity": "who", "target": "y"})
    with pytest.raises(SpecError, match=r"columns\.target: stratify needs"):
        parted(DAYS, {"stratify": True})


def test_case_87_too_little_to_part(parted):
    with pytest.raises(DataError, match="no row is"):
        parted(DAYS.head(1), {"test": 0.3}, {"key": "id"})
    with pytest.raises(DataError, match="too few distinct times to part test"):
        parted(DAYS.head(1), {"by": "time"}, TIME)
    with pytest.raises(DataError, match="too few for 50 folds"):
        parted(DAYS.head(40), {"test": 0.3}, {"key": "id"}, folds=50)
    with pytest.raises(SpecError, match=r"columns\.entity: `by: group` needs"):
        parted(DAYS, {"by": "group"})


@pytest.mark.parametrize(
    "section",
    [
        {"test": 1.0},
        {"test": -0.1},
        {"test": 0.6, "valid": 0.4},
        {"test": "*x*"},
        {"test": {"since": "2026-01-01"}},
        {"by": "time", "test": {"since": "soon"}},
        {"by": "time", "gap": "3 days"},
        {"gap": "3d"},
        {"by": "group", "stratify": True},
        {"by": "group", "test": {"where": "x > 1"}},
        {"by": "column"},
        {"column": "x"},
        {"by": "shuffle"},
        {"test": {"until": "2026-01-01"}},
    ],
)
def test_a_wrong_section_is_refused(section):
    with pytest.raises(ValidationError):
        Split.read(section)


def test_a_gap_leaves_rows_before_each_block_out(parted):
    days = pd.date_range("2025-01-01", periods=40).repeat(2)
    frame, report = parted(
        pd.DataFrame({"day": days}), {"by": "time", "test": 0.2, "gap": "3d"}, {"time": "day"},
        folds=2,
    )  # fmt: skip
    train = frame[frame["part"] == "train"]
    fold, teaches = train["fold"].to_numpy(), train["teaches"].to_numpy()
    (first, judged), _ = fold_pairs(fold, **report["folds"], teaches=teaches)
    last, begins = train["day"].iloc[first].max(), train["day"].iloc[judged].min()
    assert begins - last == pd.Timedelta("3D")
    assert len(first) == (fold == 0).sum() - 4
