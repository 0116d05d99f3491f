"""Every numbered bad input, in every format that can have it, through fetch and ingest.

Beside what each must get, each that is read is compared with its source, value by value and row
by row, as Python's own modules read it: a row is in the table or in quarantine, as it was written.
"""

import os
import re
from contextlib import contextmanager
from pathlib import Path

import pytest

from mlpipe.errors import DataError, MlpipeError, SpecError
from tests.bad_inputs.originals import originals, silent_changes
from tests.bad_inputs.table import CASES
from tests.bad_inputs.taking import taken
from tests.bad_inputs.words import Input, Quarantined, Refused, Taken, csv

INPUTS = [
    pytest.param(entry, id=f"{case.number}-{entry.format}-{position}")
    for case in CASES
    for position, entry in enumerate(case.entries())
    if isinstance(entry, Input)
]


@pytest.fixture
def placed(tmp_path, monkeypatch):
    """Return a function that makes an input in the folder in which the test runs."""
    monkeypatch.chdir(tmp_path)

    def place(entry):
        entry.write(tmp_path)
        for name, value in entry.patches.items():
            monkeypatch.setattr(name, value)
        return tmp_path

    return place


@pytest.mark.parametrize("entry", INPUTS)
def test_each_gets_what_it_must_and_nothing_changes_in_silence(entry, placed, session):
    folder = placed(entry)
    if isinstance(entry.gets, Refused):
        return _is_refused(entry, folder, session, entry.gets)
    if isinstance(entry.gets, Quarantined):
        _is_refused(entry, folder, session, Refused(3, entry.gets.says))
        return _is_quarantined(entry, folder, session, entry.gets)
    return _is_taken(entry, folder, session, entry.gets)


def _is_refused(entry, folder, session, gets):
    error = {2: SpecError, 3: DataError}[gets.code]
    with _as_nobody(entry, folder), pytest.raises(MlpipeError, match=gets.says) as caught:
        taken(entry, Path() if entry.as_nobody else folder, session)
    assert isinstance(caught.value, error)
    assert caught.value.exit_code == gets.code
    for problem in caught.value.problems:
        assert problem.place or problem.key or re.search(r"\.(csv|parquet|jsonl|db)", str(problem))


@contextmanager
def _as_nobody(entry, folder):
    """Give up what root may do for a moment: it may read everything."""
    if not entry.as_nobody or os.geteuid() != 0:
        yield
        return
    folder.chmod(0o777)
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)


def _is_quarantined(entry, folder, session, gets):
    found = taken(entry, folder, session, most=len(gets.lines))
    assert [row["line"] for row in found.bad] == list(gets.lines)
    assert found.report["rejected"] == len(gets.lines)
    _is_unchanged(entry, folder, found)


def _is_taken(entry, folder, session, gets):
    found = taken(entry, folder, session)
    for name, values in gets.columns.items():
        assert found.column(name) == values
    assert gets.warns in "\n".join(found.warnings)
    assert found.bad == []
    _is_unchanged(entry, folder, found)


def _is_unchanged(entry, folder, found):
    bad = [row["line"] for row in found.bad]
    rows, names, source = found.rows, found.names, originals(entry, folder)
    if entry.sql:  # what it computes is in the case; here, that it lost no row and bent no other
        names = [name for name in names if name in source[0]]
        rows = list(zip(*(found.column(name) for name in names), strict=True))
        source = _of_columns(source, names)
    assert silent_changes(rows, names, bad, source, entry) == []


def _of_columns(source, names):
    wanted, rows = source
    kept = [wanted.index(name) for name in names]
    return list(names), [(line, [row[at] for at in kept]) for line, row in rows]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("id,x\n1,a\n2\n3,c\n", "3 rows were taken, and 2 are there|1 values became 2"),
        ("id,x\n1,00501\n", "'00501' became 501"),
        ("id,x\n1,NA\n", "'NA' became None"),
        ("id,x\n1,0.5\n2,9007199254740993\n", "became 9007199254740992"),
        ("id,id\n1,2\n", "the columns are"),
    ],
)
def test_the_comparison_catches_a_reader_that_bends(placed, text, said):
    """The negative control: pandas, as it comes, and its silent changes."""
    import pandas as pd

    entry = csv(text, Taken())
    folder = placed(entry)
    frame = pd.read_csv(Path("data.csv"), engine="python")
    rows = [
        [None if pd.isna(v) else v for v in row] for row in frame.astype(object).values.tolist()
    ]
    changes = silent_changes(rows, list(frame.columns), [], originals(entry, folder), entry)
    assert re.search(said, "\n".join(changes)), changes


ENTRY = csv("id,x\n1,a\n2,b\n", Taken())


@pytest.mark.parametrize(
    ("rows", "bad", "changed"),
    [
        ([[1, "a"], [2, "b"]], [], False),
        ([[1, "a"]], [3], False),
        ([[1, "a"]], [], True),
        ([[1, "a"], [2, "B"]], [], True),
        ([[2, "b"], [1, "a"]], [], True),
        ([[1, "a"], [2, "b"]], [3], True),
        ([[1, "a"]], [4], True),
        ([[1, "a"], [2, None]], [], True),
        ([[1, "a"], [2, "b"], [2, "b"]], [], True),
    ],
)
def test_the_comparison_catches_each_kind_of_change(placed, rows, bad, changed):
    source = originals(ENTRY, placed(ENTRY))
    assert bool(silent_changes(rows, ["id", "x"], bad, source, ENTRY)) is changed
