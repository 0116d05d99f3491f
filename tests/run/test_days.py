"""A day is read by `run` alone, and an answer that rests on it is that of the day."""

from dataclasses import replace

import pytest

from mlpipe.run import receipt
from mlpipe.run.execute import load_dated
from mlpipe.run.request import Request
from tests.project import SPEC, write_project

FRESH = SPEC.replace(
    "{rows: {min: 50}}", "{rows: {min: 50}}, {freshness: {column: age, max_age: 1d}}"
)


@pytest.mark.parametrize(
    ("spec", "as_of"), [(SPEC, None), (FRESH, "2026-02-03")], ids=["without", "with freshness"]
)
def test_the_day_is_filled_in_where_age_counts_from_it(tmp_path, monkeypatch, spec, as_of):
    write_project(tmp_path, spec=spec)
    monkeypatch.setattr(receipt, "today", lambda: "2026-02-03")
    request = Request("validate", str(tmp_path / "mlpipe.yaml"))
    assert load_dated(request).pipeline.validate_.as_of == as_of
    pinned = replace(request, overrides=('validate.as_of="2025-01-01"',))
    assert load_dated(pinned).pipeline.validate_.as_of == "2025-01-01"


@pytest.mark.parametrize(("days", "holds"), [([], True), (["2026-02-03"], False)])
def test_a_receipt_with_a_day_does_not_hold_on_the_next(monkeypatch, days, holds):
    kept = receipt.Receipt([], [], [], {}, [], days)
    monkeypatch.setattr(receipt, "today", lambda: "2026-02-03")
    before = kept.holds()
    monkeypatch.setattr(receipt, "today", lambda: "2026-02-04")
    assert (receipt.Receipt(*(before[part] for part in before)).holds() == before) is holds
