from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from mlpipe.metrics.operational import order_ranks, quantile
from mlpipe.monitor.log.entry import Answered, Entry
from mlpipe.monitor.log.write import Writer
from mlpipe.monitor.serving.burn import fired
from mlpipe.monitor.serving.counted import latencies
from mlpipe.monitor.serving.spec import Health, Latency, LogSource
from mlpipe.monitor.serving.stage import served

START = datetime(2026, 11, 20, tzinfo=UTC)
MODEL = Answered(name="churn", version="3", digest="ab12")


@pytest.fixture
def judge(tmp_path, session):
    def judge(days=4, a_day=400, change=lambda at, day: {}, as_of=None, **limits):
        rng = np.random.default_rng(0)
        with Writer(tmp_path / "log", "w") as writer:
            for at in range(days * a_day):
                day, second = divmod(at * 86400 // a_day, 86400)
                said = {
                    "id": str(at), "time": START + timedelta(days=day, seconds=second),
                    "model": MODEL, "rows": 2, "latency_ms": float(rng.lognormal(2, 0.5)),
                    "status": "ok", "code": 200, "process": "a", "memory_mb": 100.0,
                    **change(at, day),
                }  # fmt: skip
                writer.append(Entry(**said))
        source = LogSource(path=str(tmp_path / "log"), as_of=as_of)
        latency = Latency(p95_ms=50.0)
        health = {"max_error_rate": 0.01, "objective": 0.999, "max_memory_mb": 500.0}
        return served(source, latency, Health.read({**health, **limits}), "day", session)[0]

    return judge


def status(report):
    return {row["measure"]: row["status"] for row in report["measures"]}


def test_a_quiet_log_is_ok(judge):
    report = judge()
    assert report["status"] == "ok"
    assert set(status(report).values()) == {"ok"}
    assert [row["requests"] for row in report["chunks"]] == [400] * 4
    assert sum(row["restarts"] for row in report["chunks"]) == 0


def test_rows_of_a_chunk_may_be_more_than_an_integer_of_the_engine_holds(judge):
    report = judge(days=1, change=lambda at, day: {"rows": 2**63 - 1})
    assert report["chunks"][0]["rows"] == 400 * (2**63 - 1)


def test_one_slow_day_warns(judge):
    one = judge(change=lambda at, day: {"latency_ms": 90.0} if day == 3 else {})
    assert status(one)["latency_p95_ms"] == "warn"


def test_slow_days_alert(judge):
    report = judge(change=lambda at, day: {"latency_ms": 90.0} if day >= 2 else {})
    assert status(report)["latency_p95_ms"] == report["status"] == "alert"


def test_errors_alert_and_invalid_requests_do_not(judge):
    failing = {"status": "error", "code": 500}
    report = judge(change=lambda at, day: failing if day >= 2 and at % 10 == 0 else {})
    assert status(report)["error_rate"] == report["status"] == "alert"
    # 100 requests in 6 hours are too few for the faster rules.
    assert status(report)["burn_rate"] == "warn"


def test_invalid_requests_are_the_callers(judge):
    report = judge(
        change=lambda at, day: {"status": "invalid", "code": 422} if at % 10 == 0 else {}
    )
    assert report["status"] == "ok"
    assert report["chunks"][0]["kinds"]["invalid"]["count"] == 40


def test_restarts_and_memory_are_counted(judge):
    report = judge(
        change=lambda at, day: {"process": f"p{day}", "memory_mb": 600.0 if day >= 2 else 100.0}
    )
    assert [row["restarts"] for row in report["chunks"]] == [0, 1, 1, 1]
    assert status(report)["memory_mb"] == "alert"


def test_silence_is_counted_to_the_given_moment(judge):
    report = judge(as_of="2026-11-24T06:00:00", silent_for="1h")
    assert status(report)["silence_s"] == "alert"


def test_a_short_silence_is_fine(judge):
    report = judge(as_of="2026-11-24T00:30:00", silent_for="1h")
    assert status(report)["silence_s"] == "ok"


def test_few_requests_are_insufficient(judge):
    assert status(judge(a_day=20))["latency_p95_ms"] == "insufficient"


def test_the_interval_is_that_of_quantile(judge, session):
    report = judge(days=1)
    values = [r[0] for r in session.raw.execute("SELECT latency_ms FROM prediction_log").fetchall()]
    told = report["chunks"][0]["latency"]["p95_ms"]
    of = quantile(values, 0.95)
    assert (told["low"], told["high"]) == (of.low, of.high)


ODD = {
    "spread": lambda rng: rng.lognormal(2, 1.5, 3000),
    "all alike": lambda rng: np.full(500, 5.25),
    "whole milliseconds": lambda rng: rng.integers(0, 40, 3000).astype(float),
    "near one another": lambda rng: np.nextafter(7.0, 8) * (1 + 2e-16 * rng.integers(0, 9, 900)),
    "of every size": lambda rng: 10.0 ** rng.uniform(-320, 308, 3000),
    "the ends": lambda rng: np.array([0.0, 5e-324, 1e30, 1.1e30, 1.7e308] * 90),
    "few": lambda rng: rng.random(3),
}


@pytest.mark.parametrize("values", ODD)
def test_percentiles_are_those_of_a_sort(session, values):
    """To the last bit, chunk by chunk; what was not timed plays no part."""
    rng = np.random.default_rng(4)
    days = [ODD[values](rng), ODD[values](rng) * 0.75]
    rows = pd.concat([
        pd.DataFrame({"time": pd.Timestamp("2026-11-20") + pd.Timedelta(days=at),
                      "latency_ms": of, "status": "ok"})
        for at, of in enumerate(days)
    ])  # fmt: skip
    failed = rows.head(2).assign(latency_ms=3.0, status="error")
    session.raw.register("rows", pd.concat([failed, rows.sample(frac=1, random_state=1)]))
    session.raw.execute("CREATE TABLE requests AS FROM rows")
    log = SimpleNamespace(table="requests")
    found = [told for _, told in sorted(latencies(log, "day", session).items())]
    found.append(latencies(log, "file", session)["all"])
    for of, told in zip([*days, np.concatenate(days)], found, strict=True):
        ordered = np.sort(of)
        for percent, got in told.items():
            ranks = order_ranks(len(ordered), percent / 100)
            assert got == [ordered[rank - 1] if rank else None for rank in ranks], percent


@pytest.mark.parametrize("share", [0.5, 0.95, 0.99])
@pytest.mark.parametrize("n", [1, 5, 6, 71, 72, 367, 368, 5000])
def test_ranks_are_those_of_scipy(n, share):
    _, low, high = order_ranks(n, share)
    of = quantile(list(range(1, n + 1)), share)
    if of.low is None:
        assert low is None or high is None
    else:
        assert (low, high) == (of.low, of.high)


def test_one_failure_of_a_quiet_night_does_not_burn():
    assert all(not rule["at"] for rule in fired([0, 5, 9], [1, 1, 1], [0, 1, 0], 0.999))


def test_a_burst_pages_and_a_slow_burn_is_a_ticket():
    n = np.full(1000, 1000)
    burst = np.where(np.arange(1000) >= 900, 50, 0)
    assert fired(range(1000), n, burst, 0.999)[0]["at"][0] == 904  # 5 of 12 at 5 %
    found = fired(range(1000), n, np.full(1000, 2), 0.999)
    assert [bool(rule["at"]) for rule in found] == [False, False, True]


def test_a_quiet_service_never_burns():
    rng = np.random.default_rng(1)
    n = rng.poisson(50, 20_000)
    bad = rng.binomial(n, 0.0005)
    assert all(not rule["at"] for rule in fired(range(20_000), n, bad, 0.999)[:2])
