"""The events that ingest keeps beside the table."""

import pandas as pd
import pytest

from mlpipe.errors import DataError, SpecError
from mlpipe.ingest.spec import Ingest
from mlpipe.ingest.stage import ingest
from mlpipe.table.columns import Columns

SPEC = {
    "sources": {"rows": {"path": "rows.csv"}, "events": {"path": "events.csv"}},
    "sql": "select * from rows",
}
EVENTS = "who,at,amount,rest\na,2024-03-09 12:00:00,1.5,x\n,2024-03-12 12:00:00,,y\n"
WANTED = {"events": {"who": "one", "at": "two", "amount": "three"}}


@pytest.fixture
def kept(tmp_path, session, monkeypatch):
    """Ingest rows and events, and return what is kept of these."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "rows.csv").write_text("who,when\na,2024-03-11 12:00:00\n")

    def kept(events=EVENTS, wanted=WANTED, **columns):
        (tmp_path / "events.csv").write_text(events)
        made = ingest(Ingest.read(SPEC), Columns.read(columns), {}, session, events=wanted)
        return made, (session.pandas(made["events_events"]) if "events_events" in made else None)

    return kept


def test_the_columns_that_are_read_are_kept_with_all_rows(kept):
    _, events = kept()
    assert list(events.columns) == ["amount", "at", "who"]
    assert events["amount"].tolist()[0] == 1.5
    assert events["who"].isna().tolist() == [False, True]


def test_nothing_is_kept_where_nothing_is_read(kept):
    made, events = kept(wanted=None)
    assert events is None
    assert not [name for name in made if name.startswith("events")]


def test_times_are_read_in_the_declared_zone(kept, session):
    made, _ = kept(timezone="America/New_York")
    query = session.con.compile(made["events_events"])
    told = session.raw.execute(f'SELECT CAST("at" AS TIMESTAMP) FROM ({query})').fetchall()
    assert [at for (at,) in told] == [  # the clocks changed on the 10th
        pd.Timestamp("2024-03-09 17:00"),
        pd.Timestamp("2024-03-12 16:00"),
    ]
    with pytest.raises(DataError, match=r"not at all in .*: 2024-03-10 02:30:00"):
        kept("who,at,amount\na,2024-03-10 02:30:00,1\n", timezone="America/New_York")


def test_a_column_that_is_not_there_is_told_where_the_spec_names_it(kept):
    wanted = {"events": {"who": "one", "amout": "featurize.0.aggregate.values.total"}}
    with pytest.raises(SpecError) as refused:
        kept(wanted=wanted)
    (problem,) = refused.value.problems
    assert problem.message == "the source events has no column 'amout'"
    assert problem.key == "featurize.0.aggregate.values.total"
    assert problem.hint == "did you mean 'amount'?"
