"""What a footer answers is what a scan would count; what it cannot know is counted."""

import pandas as pd
import pytest

from mlpipe.checks.bind import bind
from mlpipe.checks.footer import answered, footer
from mlpipe.checks.scan import Scan, counts
from mlpipe.checks.table import Around
from mlpipe.validate.spec import Validate

FRAME = pd.DataFrame(
    {
        "i": [3, 1, 2],
        "x": [0.5, None, 2.5],
        "nan": [1.0, 2.0, 3.0],
        "s": ["a", None, None],
        "d": pd.to_datetime(["2026-01-01", "2026-01-02", None]),
    }
)


@pytest.mark.parametrize(
    ("column", "asked", "known"),
    [
        ("i", {"min": 1}, True),
        ("i", {"max": 3}, True),
        ("i", {"min": 2}, False),
        ("x", {"nullable": False}, True),
        ("s", {"nullable": False}, True),
        ("s", {"min": "a"}, False),
        ("x", {"max": 2.5}, True),
        ("d", {"min": "2026-01-01"}, True),
        ("d", {"max": "2026-01-01"}, False),
        ("nan", {"min": 0}, False),
        ("nan", {"max": 9}, False),
        ("i", {"min": 1, "when": "i > 0"}, False),
    ],
)
def test_a_footer_answers_what_a_scan_counts(session, column, asked, known):
    path = session.path("table")
    rows = session.frame(FRAME).mutate(_row=0)
    rows = rows.mutate(nan=(rows.nan == 2.0).ifelse(float("nan"), rows.nan))
    session.write(rows, path)
    table = session.read(path)
    spec = Validate.read({"columns": {column: asked}})
    checks = bind(spec.columns, (), table, session, Around(("i",)), "validate")
    found = [answered(check, footer(path)) for check in checks]
    assert all((each is not None) is known for each in found)
    (scanned, *_) = counts(checks, Scan(), session, table, [None] * len(checks))
    for answer, counted in zip(found, scanned, strict=True):
        if answer is not None:
            assert answer[:2] == counted[:2]
