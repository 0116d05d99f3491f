"""Quality before labels come, once they are in, and under concept drift: as a user sees it."""

import json
import re

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit

from mlpipe.monitor.estimate.stage import ASSUMPTION
from tests.project import mlpipe

pytestmark = pytest.mark.slow

SPEC = """\
version: 1
name: over_time
task: binary
seed: 3
columns:
  key: id
  time: day
  target: {name: bought, positive: "yes"}
  sensitive: [sex]
ingest: {path: train.csv, types: {id: string, day: date}}
split: {by: time, test: 0.2}
train: {models: {linear: {type: logistic_regression}}, folds: 3}
evaluate:
  metrics: [roc_auc]
  business: {profit: {value: {tp: "fee", fp: -8}, currency: EUR}}
  fairness: {metrics: [equal_opportunity_difference]}
monitor:
  current: {path: now.csv}
  every: month
  quality: {metric: roc_auc}
"""
LABELS = "  labels: {path: labels.csv, types: {id: string}}\n"


def rows(seed, count, start, months, turned_from=None):
    """From a day on, what is bought depends on x the other way round: concept drift, no other."""
    rng = np.random.default_rng(seed)
    day = pd.Timestamp(start) + pd.to_timedelta(np.sort(rng.random(count)) * months * 30, "D")
    x = rng.normal(size=count)
    slope = np.where(day >= turned_from, -2.0, 2.0) if turned_from else 2.0
    return pd.DataFrame(
        {
            "id": [f"{start}-{at}" for at in range(count)],
            "day": day.strftime("%Y-%m-%d"),
            "x": x.round(4),
            "fee": rng.uniform(10, 20, count).round(2),
            "sex": rng.choice(["f", "m"], count),
            "bought": np.where(rng.random(count) < expit(slope * x - 0.5), "yes", "no"),
        }
    )


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    folder = tmp_path_factory.mktemp("over_time")
    rows(1, 4000, "2025-01-01", 12).to_csv(folder / "train.csv", index=False)
    (folder / "train.yaml").write_text(SPEC.partition("monitor:")[0] + WATCHED)
    done = mlpipe(folder, "run", "train.yaml")
    assert done.returncode == 0, done.stderr
    return folder


WATCHED = "monitor: {every: month, quality: {metric: roc_auc}}\n"


def watch(folder, now, labelled):
    """Monitor three months, of which those before a day have labels; return what is seen."""
    now.drop(columns="bought").to_csv(folder / "now.csv", index=False)
    known = now[now["day"] < labelled] if labelled else now
    known[["id", "bought"]].to_csv(folder / "labels.csv", index=False)
    (folder / "watch.yaml").write_text(SPEC + (LABELS if len(known) else ""))
    done = mlpipe(folder, "monitor", "watch.yaml", "--json", "-S", "monitor.history=false")
    document = json.loads(done.stdout)
    run = sorted(folder.glob("runs/over_time/0*"))[-1]
    page = (run / "report.html").read_text()
    report = json.loads((run / "monitor" / "report.json").read_text())
    return done, document["answer"]["monitor"], report, page


def pill(page, title):
    """The word of the pill beside a title."""
    found = re.search(rf"<h[23]>{title} *\n?<span class=\"pill (\w+)\">.*?</i>([^<]+)<", page)
    assert found, title
    return found[2].strip()


def test_quiet_months_are_well_before_labels_and_after(project):
    now = rows(2, 1500, "2026-01-01", 3)
    done, told, report, page = watch(project, now, "2026-01-01")
    assert (done.returncode, report["status"]) == (0, "ok")
    assert ASSUMPTION.replace("'", "&#39;") in page
    assert any("outside it:" in line for line in told["lines"])
    assert pill(page, "Estimated without labels") == "ok"
    before = report["estimate"]["quantities"][0]["chunks"]
    done, told, report, page = watch(project, now, None)
    assert (done.returncode, report["status"], told["status"]) == (0, "ok", "ok")
    assert pill(page, "Monitor") == pill(page, "Quality") == "ok"
    assert pill(page, "Business value") == pill(page, "Fairness") == pill(page, "Decay") == "ok"
    assert "contradicted" not in page
    after = report["estimate"]["quantities"][0]["chunks"]
    assert [each["value"] for each in after] == [each["value"] for each in before]
    assert {each["status"] for each in after} == {"replaced"}  # both are shown
    assert all(each["low"] < each["realised"]["value"] < each["high"] for each in after)


def test_under_concept_drift_nothing_says_that_all_is_well_once_labels_are_in(project):
    now = rows(2, 1500, "2026-01-01", 3, turned_from=pd.Timestamp("2026-02-01"))
    _, _, report, page = watch(project, now, "2026-01-01")
    assert report["status"] == "ok"  # nothing can tell: which the page says
    assert ASSUMPTION.replace("'", "&#39;") in page
    # Labels come late: those of January and February are there, those of March are not.
    done, told, report, page = watch(project, now, "2026-03-01")
    statuses = [each["status"] for each in report["estimate"]["quantities"][0]["chunks"]]
    assert statuses == ["replaced", "contradicted", "untrusted"]
    assert report["status"] == told["status"] == pill(page, "Monitor") == "alert"
    assert pill(page, "Estimated without labels") == "warn"
    assert "untrusted" in page
    assert done.returncode == 1
    done, told, report, page = watch(project, now, None)
    assert report["status"] == pill(page, "Monitor") == pill(page, "Quality") == "alert"
    assert pill(page, "Business value") == pill(page, "Decay") == "alert"
    assert report["decay"]["since"] == "2026-02"
    assert {each["what"] for each in told["alerts"]} >= {
        "quality.roc_auc",
        "business.profit",
        "decay.loss",
        "estimate.roc_auc",
    }
    assert not any(line.startswith("ok") for line in told["lines"])
    assert done.returncode == 1
