"""Real chunks: a month observed by itself leaves the record that it leaves in a longer window."""

import numpy as np
import pandas as pd
import pytest

from mlpipe.metrics.business import Business
from mlpipe.monitor.estimate.asked import Asked
from mlpipe.monitor.history.before import before
from mlpipe.monitor.history.judge import judge
from mlpipe.monitor.history.record import check, records
from mlpipe.monitor.model import Current, Model
from mlpipe.monitor.spec import Monitor
from mlpipe.monitor.stage import observe
from mlpipe.table.columns import ROW
from mlpipe.table.profile import profile
from tests.monitor.test_watched import AUC, COLUMNS, _quick, reference, said, world

__all__ = ["_quick", "reference"]  # fixtures

MONTHS = ["2026-01", "2026-02", "2026-03", "2026-04"]
BUSINESS = {"calls": Business.read({"value": {"tp": "fee", "fp": -5}})}
ASKED = Asked(("roc_auc", "f1"), BUSINESS, ("demographic_parity_difference",), ("sex",))
SPEC = Monitor.read(
    {"quality": {"metric": "roc_auc", "margin": 0.02}, "estimate": {"metrics": ["f1"]}}
)


@pytest.fixture
def model(session, reference):
    frame = world(0)
    kinds = {"prediction": "category", "score": "number"}
    predicted = profile(session.frame(said(frame)), COLUMNS, kinds, session)
    return Model("binary", {**reference, "predictions": predicted, "quality": AUC}, ["no", "yes"])


@pytest.fixture
def seen(session, model):
    """Observe some months of the same four."""
    whole = world(1, turned_from="2026-02-01")
    whole.loc[whole["day"] >= "2026-04-01", "y"] = None

    def seen(*months):
        frame = whole[whole["day"].dt.strftime("%Y-%m").isin(months)].reset_index(drop=True)
        frame[ROW] = np.arange(len(frame))
        current = Current(
            session.frame(frame),
            COLUMNS,
            session.frame(said(frame)),
            as_of=pd.Timestamp("2026-05-01"),
        )
        return observe(SPEC, model, current, session, asked=ASKED)

    return seen


def test_a_record_is_a_function_of_its_chunk_alone(seen):
    together = records(seen(*MONTHS))
    assert [each["chunk"] for each in together] == MONTHS
    assert [records(seen(month))[0] for month in MONTHS] == together
    names = set(together[0]["measures"])
    assert names >= {
        "drift.x", "drift.prediction", "drift.prediction.score", "quality.roc_auc",
        "decay.loss", "estimate.roc_auc", "estimate.f1", "data.rows",
        "estimate.business.calls", "business.calls", "fairness.demographic_parity_difference.sex",
    }  # fmt: skip
    for record in together:
        check(record)


def decisions(report):
    measures = report["timeline"]["measures"].items()
    parts = {row["column"]: row for row in report["drift"]} | {"quality": report["quality"]}
    told = {name: (each["status"], each["since"]) for name, each in parts.items()}
    return told | {name: (each["group"], each["status"], each["since"]) for name, each in measures}


@pytest.mark.slow
def test_nights_of_one_month_end_as_the_window_over_all(seen):
    stored = []
    for month in MONTHS:
        night = seen(month)
        last = judge(night, before(stored, records(night)))
        stored += records(night)
    whole = judge(seen(*MONTHS))
    assert decisions(last) == decisions(whole)
    assert whole["quality"]["status"] == "alert"
    assert whole["quality"]["since"] == "2026-02"
