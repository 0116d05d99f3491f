"""Silences: how long, of what, and which are of no use."""

import pytest
from pydantic import ValidationError

from mlpipe.monitor.alerts.silence import silenced
from mlpipe.monitor.alerts.spec import Silence
from mlpipe.monitor.spec import Monitor
from tests.monitor.alerts.reports import report


def of(what: str = "drift.charges", until: str = "2026-12-31") -> Silence:
    return Silence(what=what, until=until, reason="new price list")


@pytest.mark.parametrize(
    ("as_of", "holds"),
    [
        ("2026-12-30", True),
        ("2026-12-31", True),
        ("2026-12-31T23:59:59", True),
        ("2027-01-01", False),
        ("2027-01-01T00:00:00", False),
    ],
)
def test_it_holds_to_the_end_of_its_last_day(as_of: str, holds: bool) -> None:
    assert (silenced("drift.charges", [of()], as_of) is not None) is holds


def test_without_a_day_nothing_is_silenced() -> None:
    assert silenced("drift.charges", [of()], None) is None


@pytest.mark.parametrize(
    ("pattern", "holds"),
    [("drift.*", True), ("drift.c?arges", True), ("drift.char", False), ("Drift.charges", False)],
)
def test_a_pattern_is_matched_as_a_whole(pattern: str, holds: bool) -> None:
    assert (silenced("drift.charges", [of(pattern)], "2026-11-26") is not None) is holds


def test_the_silence_that_lasts_longest_counts() -> None:
    both = [of("drift.*", "2026-11-30"), of("*", "2027-01-31")]
    assert silenced("drift.charges", both, "2026-11-26") == {
        "until": "2027-01-31",
        "reason": "new price list",
    }


def test_what_is_over_or_names_nothing_is_said() -> None:
    silences = [
        {"what": "drift.charges", "until": "2026-11-25", "reason": "r"},
        {"what": "drift.chrages", "until": "2026-12-31", "reason": "r"},
        {"what": "drift.age", "until": "2026-12-31", "reason": "ok at the moment: no note"},
        {"what": "data.validate.columns.age", "until": "2026-12-31", "reason": "it holds today"},
        {"what": "host.disk", "until": "2026-12-31", "reason": "measured after the steps"},
    ]
    notes = report({"silence": silences})["notes"]
    assert notes == [
        "a note",
        "the silence of drift.charges expired on 2026-11-25: remove it",
        "the silence of drift.chrages names nothing that is measured: remove it",
    ]


@pytest.mark.parametrize(
    "values",
    [
        {"what": "drift.a", "until": "2026-12-31"},
        {"what": "drift.a", "reason": "x"},
        {"what": "drift.a", "until": "2026-12-31", "reason": " "},
        {"what": "drift.a", "until": "next week", "reason": "x"},
        {"what": "drift.a", "until": "2026-12-31", "reason": "a\nb"},
        {"what": "", "until": "2026-12-31", "reason": "x"},
        {"what": "drift.a", "until": "2026-12-31", "reason": "x", "from": "2026-01-01"},
    ],
)
def test_a_silence_has_an_end_and_a_reason(values: dict[str, str]) -> None:
    with pytest.raises(ValidationError):
        Monitor.read({"silence": [values]})
