"""Samples, limits, deduplication and new names."""

import pandas as pd
import pytest

from mlpipe.errors import SpecError


@pytest.fixture
def months(tmp_path):
    """400 entities of 3 months each."""
    rows = [(f"c{entity:03}", month, entity) for month in (1, 2, 3) for entity in range(400)]
    frame = pd.DataFrame(rows, columns=["who", "month", "x"])
    frame.to_csv(tmp_path / "data.csv", index=False)
    return frame


ROLES = {"key": ["who", "month"], "entity": "who"}


def test_a_sample_keeps_whole_entities_and_at_most_so_many_rows(read, months):
    kept = read(columns=ROLES, spec={"path": "data.csv", "sample": 100}).frame
    assert 95 < len(kept) <= 100
    assert set(kept.groupby("who").size()) == {3}
    assert kept["month"].tolist() == sorted(kept["month"])  # in the order of the source


def test_a_share_is_about_right_and_grows_with_the_share(read, months):
    small = set(read(columns=ROLES, spec={"path": "data.csv", "sample": 0.2}).frame["who"])
    large = set(read(columns=ROLES, spec={"path": "data.csv", "sample": 0.5}).frame["who"])
    assert 50 < len(small) < 110
    assert 160 < len(large) < 240
    assert small < large


def test_a_sample_depends_on_what_rows_are_and_not_on_their_order(read, months, tmp_path):
    before = read(columns=ROLES, spec={"path": "data.csv", "sample": 90}).frame
    months.sample(frac=1, random_state=1).to_csv(tmp_path / "data.csv", index=False)
    after = read(columns=ROLES, spec={"path": "data.csv", "sample": 90}).frame
    assert set(before["who"]) == set(after["who"])


def test_the_first_unit_is_kept_even_when_it_is_too_large(read, tmp_path):
    content = b"who,x\n" + b"a,1\n" * 50
    assert (
        len(read(content, columns={"entity": "who"}, spec={"path": "data.csv", "sample": 10}).frame)
        == 50
    )


def test_a_limit_keeps_the_first_rows(read, months):
    result = read(columns=ROLES, spec={"path": "data.csv", "limit": 7})
    assert result.frame["who"].tolist() == [f"c{n:03}" for n in range(7)]
    assert result.report["rows"] == 7


def test_dedupe_by_all_columns_and_by_some(read):
    content = b"id,x\n1,a\n2,b\n1,a\n1,c\n"
    assert read(content, dedupe={}).frame.values.tolist() == [[1, "a"], [2, "b"], [1, "c"]]
    first = read(content, dedupe={"by": ["id"]})
    assert first.frame.values.tolist() == [[1, "a"], [2, "b"]]
    assert first.report["sources"]["data"]["repeated"] == 2
    last = read(content, dedupe={"by": ["id"], "keep": "last"})
    assert last.frame.values.tolist() == [[2, "b"], [1, "c"]]


def test_dedupe_of_a_table_of_several_columns(read):
    content = b"id,day,x,note\n" + b"".join(
        f"{n % 10},{n % 3},{n * 2},n{n}\n".encode() for n in range(100)
    )
    last = read(content, dedupe={"by": ["id"], "keep": "last"})
    assert last.frame.values.tolist() == [[n % 10, n % 3, n * 2, f"n{n}"] for n in range(90, 100)]
    first = read(content, dedupe={"by": ["id", "day"]})
    assert first.frame.values.tolist() == [[n % 10, n % 3, n * 2, f"n{n}"] for n in range(30)]


def test_new_names(read):
    result = read(b"a,b\n1,2\n", rename={"a": "b", "b": "a"}, types={"a": "string"})
    assert result.types == {"b": "string", "a": "integer"}


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ({"rename": {"idd": "x"}}, "there is no column 'idd'"),
        ({"rename": {"id": "X"}}, "stands twice"),
        ({"rename": {"id": "_row"}}, "reserved"),
        ({"dedupe": {"by": ["nope"]}}, "there is no column 'nope'"),
    ],
)
def test_names_that_do_not_fit(read, source, said):
    with pytest.raises(SpecError, match=said):
        read(b"id,x\n1,2\n", **source)
