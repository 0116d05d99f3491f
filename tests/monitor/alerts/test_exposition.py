"""The text for Prometheus, read back by a strict reader of the exposition format."""

import re

import pytest

from mlpipe.monitor.alerts.exposition import FAMILIES, OURS, exposition
from mlpipe.monitor.alerts.host import host
from mlpipe.monitor.alerts.listed import with_host
from mlpipe.monitor.alerts.spec import Host
from tests.monitor.alerts.reports import REPORT, report, spec

NAME = r"[a-zA-Z_:][a-zA-Z0-9_:]*"
LABEL = re.compile(r'([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\\\|\\"|\\n)*)"(?:,|$)')
SAMPLE = re.compile(rf"({NAME})\{{(.*)\}} (\S+)")
ESCAPES = {"\\\\": "\\", '\\"': '"', "\\n": "\n"}

Read = dict[tuple[str, frozenset[tuple[str, str]]], float]


def read(text: str) -> Read:
    """Read the format as its documentation has it: one group a family, HELP and TYPE before it."""
    assert text.endswith("\n")
    found: Read = {}
    family, seen = "", set()
    lines = text.splitlines()
    assert lines[0] == OURS
    for line in lines[1:]:
        if line.startswith("# HELP "):
            family = line.split(" ")[2]
            assert family not in seen
            seen.add(family)
        elif line.startswith("# TYPE "):
            assert line == f"# TYPE {family} gauge"
        else:
            sample = SAMPLE.fullmatch(line)
            assert sample, line
            assert sample[1] == family
            assert "".join(each[0] for each in LABEL.finditer(sample[2])) == sample[2]
            labels = {
                name: re.sub(r'\\[\\"n]', lambda e: ESCAPES[e[0]], value)
                for name, value in LABEL.findall(sample[2])
            }
            key = (family, frozenset(labels.items()))
            assert key not in found
            found[key] = float(sample[3])
    return found


def value(read_: Read, family: str, **labels: str) -> float:
    wanted = {"pipeline": "churn", "model": "churn@3", **labels}
    return read_[family, frozenset(wanted.items())]


def text(found: dict) -> str:
    return exposition(found, pipeline="churn", model="churn@3", when=1795735900.5)


def test_every_family_is_there_and_its_values_are_those_of_the_report() -> None:
    figures = {"memory": 0.5, "disk": 0.25, "load": 1.5}
    whole = with_host(report(), host(figures, Host()), spec())
    found = read(text(whole))
    assert {family for family, _ in found} == FAMILIES.keys()
    assert value(found, "mlpipe_monitor_status", status="alert") == 1
    assert value(found, "mlpipe_monitor_status", status="ok") == 0
    assert value(found, "mlpipe_monitor_rows") == 3000
    assert value(found, "mlpipe_monitor_last_run_timestamp_seconds") == 1795735900.5
    assert value(found, "mlpipe_alerts", status="alert") == 4
    assert value(found, "mlpipe_alerts", status="warn") == 2
    assert value(found, "mlpipe_drift_effect", column="charges", role="feature") == 0.3
    assert value(found, "mlpipe_quality", metric="roc_auc", kind="realised") == 0.7
    assert value(found, "mlpipe_quality", metric="f1", kind="estimated") == 0.5
    assert value(found, "mlpipe_latency_seconds", quantile="0.95") == 0.09
    assert value(found, "mlpipe_error_ratio") == 0.01
    assert value(found, "mlpipe_host_load_per_core") == 1.5
    assert value(found, "mlpipe_measure_status", measure="drift.charges") == 2


def test_what_has_no_value_has_no_sample() -> None:
    found = read(text(report()))
    families = {family for family, _ in found}
    assert not any(family.startswith("mlpipe_host") for family in families)
    columns = {dict(labels).get("column") for family, labels in found if "drift" in family}
    assert "note" not in columns
    quantiles = {dict(labels)["quantile"] for f, labels in found if f == "mlpipe_latency_seconds"}
    assert quantiles == {"0.5", "0.95"}


@pytest.mark.parametrize("name", ['a"b', "a\\b", "a\nb", "a\\nb", "a{b}=,c", "ключ", "a\ud800b"])
def test_any_name_is_escaped(name: str) -> None:
    found = read(text(report(drift=[{**REPORT["drift"][1], "column": name}])))
    shown = name.encode("utf-8", "backslashreplace").decode()
    assert value(found, "mlpipe_drift_effect", column=shown, role="feature") == 0.3


def test_silenced_alerts_are_counted_apart() -> None:
    silence = [{"what": "*", "until": "2026-12-31", "reason": "r"}]
    found = read(text(report({"silence": silence})))
    assert value(found, "mlpipe_alerts", status="alert") == 0
    assert value(found, "mlpipe_alerts_silenced") == 6
    assert value(found, "mlpipe_monitor_status", status="ok") == 1
