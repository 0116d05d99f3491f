"""Which nights count: the same profile and length, before the window, and each once."""

import pytest

from mlpipe.monitor.history.before import MOST, before, changes
from tests.monitor.history.windows import chunk, recorded


def periods(rows):
    return [each["period"] for each in rows]


def one(period, **more):
    keys = ("every", "profile")
    (found,) = recorded(chunk(period, **{k: v for k, v in more.items() if k not in keys}),
                        **{k: v for k, v in more.items() if k in keys})  # fmt: skip
    return found


def test_only_the_same_profile_and_length_count():
    stored = [
        one("2026-06-01"),
        one("2026-06-02", profile="cd" * 32),
        one("2026-05-25", every="week"),
    ]
    assert periods(before(stored, [one("2026-06-03")])) == ["2026-06-01"]


def test_what_the_window_has_again_and_what_comes_later_is_left_out():
    stored = [one(f"2026-06-0{day}", status="alert") for day in range(1, 7)]
    new = [one("2026-06-03"), one("2026-06-05")]
    assert periods(before(stored, new)) == ["2026-06-01", "2026-06-02", "2026-06-04"]
    assert before(stored, []) == []


def test_only_the_last_ones_are_looked_back_on():
    stored = [one(f"20{year:02d}-{month:02d}-01", every="month")
              for year in range(10, 26) for month in range(1, 13)]  # fmt: skip
    found = before(stored, [one("2026-01-01", every="month")])
    assert len(found) == MOST
    assert found[-1]["period"] == "2025-12-01"


def test_a_joined_chunk_stands_for_the_periods_that_it_joins():
    joined = one("2026-05-01", every="month", until="2026-06-01")
    alone = [one("2026-05-01", every="month"), one("2026-06-01", every="month")]
    assert before([joined], alone) == []
    assert before(alone, [joined]) == []
    stored = {"joined": joined, "other": one("2026-04-01", every="month")}
    assert changes(stored, alone) == (alone, ["joined"])
    # what two machines left side by side counts once
    later = one("2026-08-01", every="month")
    assert periods(before([*alone, joined], [later])) == ["2026-05-01"]


def test_the_same_content_on_another_day_is_the_same_night():
    """A file without a time, looked at again: it moves, and is not there twice."""
    old = one("2026-06-01", every="all", timed=False, content="same")
    new = one("2026-06-02", every="all", timed=False, content="same")
    assert before([old], [new]) == []
    assert changes({"old": old}, [new]) == ([new], ["old"])
    other = one("2026-06-03", every="all", timed=False, content="other")
    assert periods(before([old, new], [other])) == ["2026-06-02"]


def test_the_same_counts_in_two_calendar_periods_are_two_nights():
    old, new = (one(day, content="same") for day in ("2026-06-01", "2026-06-02"))
    assert before([old], [new]) == [old]


@pytest.mark.parametrize("status", ["ok", "alert"])
def test_what_is_there_already_is_not_written_again(status):
    stored = {"a": one("2026-06-01"), "b": one("2026-06-02")}
    new = [one("2026-06-02", status=status)]
    assert changes(stored, new) == (([], []) if status == "ok" else (new, ["b"]))
