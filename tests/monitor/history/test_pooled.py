"""The last three chunks together: what lasts is told, and what does not is left alone."""

import numpy as np
import pytest

from mlpipe.monitor import compare as comparing
from mlpipe.monitor.chunks import Chunk
from mlpipe.monitor.compare import Finding, compare, judge
from mlpipe.monitor.drift import chi_square, exceeds
from mlpipe.monitor.history.judge import decided
from mlpipe.monitor.history.pooled import leans, pooled, with_neighbours
from mlpipe.monitor.history.raised import raised
from mlpipe.monitor.moved import moved
from mlpipe.monitor.spec import Monitor
from mlpipe.table.bins import add

SPEC = Monitor.read({"every": "day"})
INNER = np.arange(0.1, 1, 0.1)
REFERENCE = np.random.default_rng(0).normal(size=24_000)
EDGES = np.quantile(REFERENCE, INNER)


def counted(values, nulls=0):
    inner = np.bincount(np.searchsorted(EDGES, values), minlength=10).tolist()
    sums = [len(values), int(values.sum() * 2**27), 0, 0]
    return {"nulls": nulls, "counts": {"value": [0, *inner, 0]}, "moments": {"value": sums}}


def reference(days=24):
    """A reference of calm days; its rows are those of a normal law."""
    edges = {"edges": EDGES.tolist(), "low": REFERENCE.min(), "high": REFERENCE.max(), "scale": 3}
    parts = np.split(REFERENCE, 24)[:days]
    return {
        "bins": {"x": {"kind": "number", "aspects": {"value": edges}}},
        "columns": {"x": counted(REFERENCE)},
        "rows": len(REFERENCE),
        "every": "day",
        "chunks": {
            f"2026-01-{at + 1:02d}": {"rows": len(part), "columns": {"x": counted(part)}}
            for at, part in enumerate(parts)
        },
    }


def normal(shift, rows=1000, at=0):
    """Return a chunk of exactly the shares that a moved normal law has: chance plays no part."""
    from scipy.stats import norm

    values = norm.ppf((np.arange(rows) + 0.5) / rows) + shift
    return Chunk(f"2026-06-{at + 1:02d}", (str(at),), rows, {"x": counted(values)})


def rows_of(shifts, rows=1000):
    """Return the records of one night each, as far as drift goes."""
    chunks = [normal(shift, rows, at) for at, shift in enumerate(shifts)]
    (found,) = moved(SPEC, reference(), chunks)
    return [
        {
            "chunk": chunk.label,
            "measures": {"drift.x": {"status": found.statuses[at]}},
            "counts": {"drift.x": found.counted[at]},
        }
        for at, chunk in enumerate(chunks)
    ]


REPORT = {
    "every": "day",
    "limits": {"warn": 0.1, "drift": 0.2, "rows": 200},
    "drift": [{"role": "feature", "column": "x"}],
}


def statuses(rows, profile=None):
    found = raised(REPORT, rows, profile or reference())
    return [row["measures"]["drift.x"]["status"] for row in found.rows], found


def test_a_shift_that_no_night_proves_is_told_by_three():
    rows = rows_of([0, 0, 0.17, 0.17, 0.17])
    assert [row["measures"]["drift.x"]["status"] for row in rows] == ["ok"] * 5
    told, found = statuses(rows)
    assert told == ["ok", "ok", "ok", "ok", "warn"]
    assert found.rows[-1]["measures"]["drift.x"]["pooled"] == {"chunks": 3, "since": "2026-06-03"}
    row = found.shown["drift.x"]
    assert row["pooled"] == {
        "chunks": 3, "rows": 3000, "first": "2026-06-03", "last": "2026-06-05",
    }  # fmt: skip
    assert row["words"].endswith(", over the last 3 chunks together")
    assert (row["direction"], row["chunk"]) == ("up", "2026-06-05")
    assert row["mean"]["current"] - row["mean"]["reference"] == pytest.approx(0.17, abs=0.02)
    (judged,) = decided(found.rows).values()
    assert (judged.status, judged.since) == ("warn", "2026-06-03")


def test_the_effect_and_the_p_value_are_those_of_the_counts_together():
    rows = rows_of([0.17] * 3)
    row = statuses(rows)[1].shown["drift.x"]
    whole = reference()["columns"]["x"]["counts"]["value"]
    together = (3 * np.array(normal(0.17).columns["x"]["counts"]["value"])).tolist()
    size = 24_000 * 3000 / 27_000
    assert row["effect"] == pytest.approx((chi_square(whole, together) / size) ** 0.5, rel=0.02)
    assert row["p"] == pytest.approx(exceeds(whole, together, 0.1, row["dispersion"]))


def test_an_alert_of_three_nights_together_needs_no_other():
    rows = rows_of([0, 0, 0, 0.27, 0.27, 0.27])
    assert [row["measures"]["drift.x"]["status"] for row in rows][3:] == ["warn"] * 3
    told, found = statuses(rows)
    assert told[-1] == "alert"
    (judged,) = decided(found.rows).values()
    assert (judged.status, judged.note) == ("alert", "")
    assert judged.since == "2026-06-04"


def test_it_began_where_the_earliest_night_leans_that_counts():
    """The second night warns by itself; the third one finds that the first had moved too."""
    _, found = statuses(rows_of([0.17, 0.22, 0.17]))
    told = [row["measures"]["drift.x"] for row in found.rows]
    assert [("pooled" in each, each["status"]) for each in told] == [
        (False, "ok"), (False, "warn"), (True, "warn"),
    ]  # fmt: skip
    (judged,) = decided(found.rows).values()
    assert judged.since == "2026-06-01"


@pytest.mark.parametrize("shifts", [[0, 0, 1.0], [0, 1.0, 0], [1.0, 0, 0], [0.17, 0.17, 0]])
def test_what_one_night_has_is_not_called_lasting(shifts):
    rows = rows_of(shifts)
    alone = [row["measures"]["drift.x"]["status"] for row in rows]
    assert statuses(rows)[0] == alone
    profile = with_neighbours(reference(), "day")
    chunks = [{"x": row["counts"]["drift.x"]} for row in rows]
    assert pooled(profile, chunks, 2, SPEC.drift, 200)["x"].finding.status == "ok"
    whole = add(add(*(normal(each).counts for each in shifts[:2])), normal(shifts[2]).counts)
    (control,) = judge([compare(profile, whole, "x", SPEC.drift)], 3000, 200)
    assert control.status != "ok" or max(shifts) < 1  # the counts alone would have told it


def test_one_chunk_is_no_pool():
    told, found = statuses(rows_of([0.17]))
    assert (told, found.shown) == (["ok"], {})


def test_nights_without_counts_are_judged_as_they_are():
    old, *rows = rows_of([0.25, 0.17, 0.17, 0.17])
    del old["counts"]
    bare = [old, *({**row, "counts": {}} for row in rows)]
    assert statuses(bare)[0] == [row["measures"]["drift.x"]["status"] for row in bare]
    told, found = statuses([old, *rows])
    assert told == ["warn", "ok", "ok", "warn"]
    assert found.rows[-1]["measures"]["drift.x"]["pooled"]["chunks"] == 3


def test_counts_on_other_bins_are_not_added():
    rows = rows_of([0.17] * 3)
    rows[0]["counts"]["drift.x"]["counts"]["value"] = "1 2 3"
    told, found = statuses(rows)
    assert told == ["ok"] * 3
    assert found.shown == {}


def test_without_a_reference_nothing_is_added():
    rows = rows_of([0.17] * 3)
    assert raised(REPORT, rows, None).rows == rows


@pytest.mark.parametrize(
    ("rows", "shift", "told"),
    [(100, 0, ["insufficient", "ok", "ok"]), (100, 0.9, ["insufficient", "alert", "alert"]),
     (60, 0.9, ["insufficient"] * 3)],
)  # fmt: skip
def test_short_nights_are_judged_once_they_have_the_rows_together(rows, shift, told):
    found, _ = statuses(rows_of([shift] * 3, rows))
    assert found == told


def test_a_reference_that_resembles_its_neighbours_asks_for_more():
    """Days of a season: three of them are as far off as one, and that is nothing new."""
    calm, rows = reference(), rows_of([0.17] * 3)
    season = {**calm, "chunks": {}}
    for at, key in enumerate(sorted(calm["chunks"])):
        part = np.random.default_rng(at).normal(0.15 * (-1) ** (at // 6), size=1000)
        season["chunks"][key] = {"rows": 1000, "columns": {"x": counted(part)}}
    apart = {**season, "chunks": {}}
    for at, key in enumerate(sorted(calm["chunks"])):
        other = sorted(calm["chunks"])[at * 7 % 24]  # the same days, in another order
        apart["chunks"][key] = season["chunks"][other]
    spread = {}
    for name, profile in (("calm", calm), ("season", season), ("apart", apart)):
        near = with_neighbours(profile, "day")
        test, *_ = compare(near, normal(0.17, 3000).counts, "x", SPEC.drift).tests
        spread[name] = test.dispersion
    assert spread["season"] > 1.7 * spread["apart"] > 1.7 * spread["calm"]
    assert statuses(rows, season)[0] == ["ok"] * 3
    assert statuses(rows, calm)[0][-1] == "warn"


def test_only_chunks_that_follow_one_another_are_neighbours():
    profile = reference()
    assert len(with_neighbours(profile, "day")["neighbours"]) == 22
    first = with_neighbours(profile, "day")["neighbours"][0]
    assert first["rows"] == 3000
    for day in (10, 11):  # a weekend
        del profile["chunks"][f"2026-01-{day}"]
    assert len(with_neighbours(profile, "day")["neighbours"]) == 20
    del profile["chunks"]["2026-01-12"]
    assert len(with_neighbours(profile, "day")["neighbours"]) == 7 + 10
    assert with_neighbours(profile, "500 rows")["neighbours"] == []


def test_dates_out_of_bounds_and_feeds_that_stop_do_not_lean():
    tests = tuple(comparing.Test(aspect, 1.0, 0.0, 0.0, 1.0) for aspect in ("bounds", "freshness"))
    assert not leans(Finding("d", tests))
    assert leans(Finding("d", (*tests, comparing.Test("missing", 0.2, 0.25, 0.9, 1.0))))
    assert not leans(Finding("d", (comparing.Test("missing", 0.2, 0.26, 0.9, 1.0),)))
