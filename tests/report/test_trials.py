"""The table of the best trials."""

from mlpipe.report.page import page
from mlpipe.report.trials import trials

SEARCH = {
    "method": "optuna",
    "trials": 12,
    "failed": 1,
    "best": 3,
    "note": "roc_auc 0.9000 against 0.8000 as written; optimistic",
    "top": [
        {"trial": 3, "candidate": "boosted", "params": {"learning_rate": 0.1}, "mean": 0.9,
         "std": 0.01, "low": 0.89, "high": 0.92, "seconds": 1.5},
        {"trial": 0, "candidate": "linear", "params": {}, "mean": 0.8, "std": None,
         "low": 0.8, "high": 0.8, "seconds": None},
    ],
    "spread": {"best": 0.9, "median": 0.8, "worst": 0.7},
}  # fmt: skip


def test_spans_share_one_line():
    best, other = trials(SEARCH)["top"]
    assert best["best"]
    assert not other["best"]
    assert best["span"]["value"] > best["span"]["low"] > other["span"]["value"]
    assert trials({})["top"] == []


def test_the_page_shows_them():
    train = {"report": {"chosen": "boosted"}, "candidates": {"models": [{"name": "boosted"}]}}
    shown = page({"title": "churn", "train": train, "search": SEARCH})
    assert "optuna, 12 trials" in shown
    assert "as written" in shown
    assert "optimistic" in shown
    assert "could not be fitted <b>1</b>" in shown
    assert "<h3>Search" not in page({"title": "churn", "train": train})
    hostile = {**SEARCH, "note": "<script>alert(1)</script>"}
    assert "<script>alert(1)" not in page({"title": "churn", "train": train, "search": hostile})
