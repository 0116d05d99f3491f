"""The machine, as psutil finds it."""

import psutil
import pytest

from mlpipe.run.alerting.host import figures


def test_it_is_measured(tmp_path):
    found = figures(tmp_path)
    assert 0 < found["memory"] < 1
    assert 0 <= found["disk"] <= 1
    assert found["load"] >= 0
    assert found["cores"] == psutil.cpu_count()
    assert found["measured"].endswith("+00:00")


def test_what_the_system_does_not_say_is_none(tmp_path, monkeypatch):
    def refused(*_):
        raise OSError("no /proc here")

    for name in ("virtual_memory", "disk_usage", "getloadavg"):
        monkeypatch.setattr(psutil, name, refused)
    found = figures(tmp_path)
    assert [found[name] for name in ("memory", "disk", "load")] == [None] * 3


def test_shares_are_of_what_may_be_used(tmp_path, monkeypatch):
    class Disk:
        total, used, free = 100, 45, 45  # ten are kept for root

    monkeypatch.setattr(psutil, "disk_usage", lambda _: Disk)
    assert figures(tmp_path)["disk"] == pytest.approx(0.5)
