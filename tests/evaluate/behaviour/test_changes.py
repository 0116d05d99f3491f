"""Each word changes what it says and nothing else."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlpipe.evaluate.behaviour.changes import changed, versions
from mlpipe.evaluate.behaviour.spec import TEXT_WORDS, Change
from tests.evaluate.behaviour.conftest import TYPES


def _made(change, rows, **given):
    return list(versions(Change.read(change), rows, TYPES, **given))


def test_each_combination_of_values_is_a_version(rows):
    found = _made({"set": {"gender": ["female", "male"], "paid": [True, False, None]}}, rows)
    assert len(found) == 6
    assert {(frame["gender"].iloc[0], frame["paid"].iloc[0]) for frame in found} == {
        (gender, paid) for gender in ("female", "male") for paid in (True, False, None)
    }
    (one,) = _made({"set": {"since": "2026-05-01"}}, rows)
    assert one["since"].dtype == rows["since"].dtype
    assert (one["since"] == pd.Timestamp("2026-05-01")).all()


def test_numbers_are_shifted_and_what_is_missing_stays_so(rows):
    rows = rows.assign(charges=rows["charges"].where(rows["tenure"] > 5))
    (found,) = _made({"add": {"charges": 1.5}, "multiply": {"tenure": 1.1}}, rows)
    assert found["charges"].isna().equals(rows["charges"].isna())
    np.testing.assert_allclose(found["charges"].dropna(), rows["charges"].dropna() + 1.5)
    assert (found["tenure"] == (rows["tenure"] * 1.1).round()).all()


def test_a_zone_is_kept(rows):
    zoned = rows.assign(since=rows["since"].dt.tz_localize("UTC"))
    (found,) = _made({"set": {"since": "2026-05-01T02:00:00+02:00"}}, zoned)
    assert (found["since"] == pd.Timestamp("2026-05-01", tz="UTC")).all()
    (naive,) = _made({"set": {"since": "2026-05-01T02:00:00+02:00"}}, rows)
    assert (naive["since"] == pd.Timestamp("2026-05-01")).all()
    (missing,) = _made({"missing": ["since", "note"]}, zoned)
    assert missing[["since", "note"]].isna().all(axis=None)


@pytest.mark.parametrize(
    ("word", "text", "wanted"),
    [
        ("uppercase", "Bad service!", "BAD SERVICE!"),
        ("lowercase", "Bad service!", "bad service!"),
        ("strip_punctuation", "Bad, service!", "Bad service"),
        ("typo", "ab", "ba"),
        ("typo", "aa", "aa"),
        ("typo", "1 2", "1 2"),
        ("swap_words", "one two", "two one"),
        ("swap_words", "one", "one"),
    ],
)
def test_texts(rows, word, text, wanted):
    (found,) = _made({word: "note"}, rows.head(2).assign(note=[text, None]))
    assert found["note"].iloc[0] == wanted
    assert pd.isna(found["note"].iloc[1])


@pytest.mark.parametrize("word", TEXT_WORDS)
@settings(max_examples=30, deadline=None)
@given(text=st.text(max_size=40))
def test_a_text_keeps_its_letters_and_is_changed_alike_each_time(word, text):
    frame = pd.DataFrame({"note": [text]})
    first, again = (_made({word: "note"}, frame)[0]["note"].iloc[0] for _ in range(2))
    assert first == again
    if word in {"typo", "swap_words"}:
        assert sorted(first) == sorted(text)
        # Two neighbours are swapped, or nothing is.
        assert (first == text) or sum(a != b for a, b in zip(first, text, strict=True)) >= 2


def test_a_row_counts_as_changed_where_a_value_is_another(rows):
    other = rows.assign(tenure=rows["tenure"].astype(float), note=rows["note"].where(rows.paid))
    found = changed(rows, other, ["tenure", "note"])
    assert not found[:, 0].any()
    assert (found[:, 1] == ~rows["paid"]).all()
    empty = rows.assign(note=None)
    assert not changed(empty, empty.assign(note=np.nan), ["note"]).any()


def test_the_users_function_sees_no_position_and_may_lose_columns(rows):
    def function(frame):
        assert "_row" not in frame
        return frame[["tenure"]] + 1

    (found,) = _made({"python": "c.py:f"}, rows, function=function)
    assert (found["tenure"] == rows["tenure"] + 1).all()
    assert found["_row"].equals(rows["_row"])
    assert found["note"].equals(rows["note"])
