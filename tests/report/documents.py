"""A document of a run as the run room makes it, with every section there is."""

from typing import Any

import numpy as np

FITTED = {"parts": ["train"], "rows": 7000, "stopped_by": "valid"}


def document() -> dict[str, Any]:
    return {
        "title": "churn",
        "run": {
            "id": "0007-3f9a",
            "started": "2026-06-30T09:12:44+00:00",
            "seconds": 14.2,
            "command": "mlpipe run configs/churn.yaml",
            "python": "3.11.9",
            "packages": {"pandas": "3.1.1", "scikit-learn": "1.9.1"},
            "git": {"commit": "b06469f2c0ffee", "branch": "main", "dirty": True, "diff": "-a\n+b"},
            "opened": 3,
        },
        "steps": [
            step("ingest", "reused", "the same inputs as run 0006", 0.0, "12,000 rows, 3 rejected"),
            step("train", "computed", "train.models.linear.C: 0.3 → 0.1", 9.8, "linear chosen"),
            step("evaluate", "computed", "train changed", 3.1, "roc_auc 0.8432"),
        ],
        "problems": [],
        "spec": "name: churn\ntask: binary\n",
        "ingest": ingest(),
        "quarantine": [
            {
                "source": "customers",
                "file": "customers.csv",
                "line": 402,
                "column": "contract_months",
                "reason": "'twelve' is not an integer",
                "raw": "990001,Almere,1012,2024-03-05,female,30-44,38500,twelve",
            }
        ],
        "split": {
            "by": "time",
            "rows": {"train": 7000, "valid": 2000, "test": 2000, "out": 1000},
            "folds": {"kind": "expanding", "count": 4},
            "boundaries": {"valid": "2026-01-01", "test": "2026-04-01"},
            "warnings": [],
        },
        "validate": validate(),
        "featurize": featurize(),
        "train": {
            "report": {**trained(), "fitted_on": FITTED},
            "candidates": candidates(),
        },
        "parity": parity(),
        "decide": {"threshold": 0.183, "how": "maximizes retention_profit out of fold"},
        "evaluate": {"report": evaluate(), "verdict": verdict()},
        "monitor": monitor(),
    }


def step(name: str, status: str, why: str, seconds: float, summary: str) -> dict[str, Any]:
    return {
        "step": name, "status": status, "why": why, "seconds": seconds, "key": "k" * 16,
        "path": f"artifacts/{name}/k", "summary": summary,
    }  # fmt: skip


def ingest() -> dict[str, Any]:
    files = [{"path": f"usage/2025-{month:02d}.parquet", "rows": 1000} for month in range(6, 13)]
    return {
        "rows": 12000,
        "rejected": 3,
        "columns": [
            {"name": name, "type": "number", "kind": "number"} for name in ("calls", "charges")
        ],
        "sources": {
            "usage": {"files": files, "rows": 12000, "rejected": 0, "dialect": {}},
            "customers": {
                "files": [{"path": "customers.csv", "rows": 2003}],
                "rows": 2003,
                "rejected": 3,
                "dialect": {},
            },
        },
        "warnings": ["customers: 3 rows went to quarantine"],
    }


def validate() -> dict[str, Any]:
    return {
        "status": "warned",
        "rows": 12000,
        "checks": [
            check("nullable", "charges", "passed", "error", 0, ""),
            check("in", "plan", "failed", "warn", 2, "plan: 2 of 12,000 rows are not in [basic]"),
        ],
        "profile": [
            {
                "column": "calls", "type": "int64", "nulls": 0, "distinct": 140, "min": 0,
                "max": 160, "mean": 41.9,
            },
        ],
        "findings": [
            {
                "kind": "target_copy", "columns": ["left_on"], "severity": "error",
                "status": "failed", "message": "left_on is a copy of the target 'churned'",
                "advice": "columns: {ignore: [left_on]}", "evidence": {"rows": 12000},
            },
        ],
        "doctor": {"rows": 11900, "of": 12000},
    }  # fmt: skip


def check(
    name: str, column: str, status: str, severity: str, failing: int, message: str
) -> dict[str, Any]:
    examples = [{"row": 17, "key": {"customer_id": "000017"}, "value": "flex"}] if failing else []
    return {
        "check": name, "column": column, "status": status, "severity": severity,
        "observed": failing, "expected": "one of basic, plus, pro", "mostly": 1.0,
        "failing": failing, "share": failing / 12000, "message": message, "examples": examples,
    }  # fmt: skip


def featurize() -> dict[str, Any]:
    blocks = [
        {
            "columns": ["calls_difference_3"],
            "steps": [{"impute": {"strategy": "median"}}, {"scale": {}}],
            "reason": "featurize.0",
            "for": ["linear"],
        },
        {"columns": ["plan"], "steps": [{"one_hot": {"min_frequency": 20}}], "reason": "4 levels"},
    ]
    return {
        "inputs": 14,
        "models": {
            "linear": {
                "family": "linear",
                "blocks": blocks,
                "dropped": [{"column": "signup_date", "reason": "dropped by featurize.4"}],
            },
            "boosted": {"family": "trees", "blocks": blocks, "dropped": []},
        },
        "look_back": ["calls_difference_3", "calls_lag_1"],
        "python": [],
        "warnings": [],
        "trial": {"linear": {"rows": 200, "features": ["a", "b", "c"]}},
    }


def candidates() -> dict[str, Any]:
    def scores(*values: float) -> dict[str, Any]:
        folds = [{"fold": n, "rows": 900, "value": v, "why": ""} for n, v in enumerate(values, 1)]
        return {"mean": float(np.mean(values)), "std": float(np.std(values)), "folds": folds}

    return {
        "metric": "average_precision",
        "greater_is_better": True,
        "models": [
            {"name": "linear", "type": "logistic_regression", "family": "linear",
             "params": {"C": 0.1}, **scores(0.41, 0.39, 0.44, 0.40)},
            {"name": "boosted", "type": "hist_gradient_boosting", "family": "trees",
             "params": {}, **scores(0.36, 0.38, 0.35, 0.37)},
        ],
        "baseline": {"kind": "prior", **scores(0.08, 0.085, 0.082, 0.079)},
        "chosen": "linear",
        "why": "mean average_precision over 4 folds is 0.4100, against 0.3650 (boosted)",
    }  # fmt: skip


def trained() -> dict[str, Any]:
    def spread(mean: float) -> dict[str, Any]:
        return {"mean": mean, "std": 0.02, "folds": [mean - 0.01, mean + 0.01]}

    shares = ((0.1, 700, 0.6, 0.3), (0.5, 3500, 0.5, 0.38), (1.0, 7000, 0.46, 0.41))
    return {
        "chosen": "linear",
        "metric": "average_precision",
        "warnings": [],
        "fitted_on": {"parts": ["train", "valid"], "rows": 9000},
        "learning_curve": {
            "metric": "average_precision",
            "greater_is_better": True,
            "taken": "the most recent rows",
            "points": [
                {"share": share, "rows": rows, "train": spread(seen), "held_out": spread(new)}
                for share, rows, seen, new in shares
            ],
            "helps": True,
            "words": "from 50% to 100% of the rows, held-out average_precision got better by 0.03",
        },
        "importance": [
            {"column": "calls", "value": 0.08, "std": 0.01, "columns": ["calls", "calls_lag1"]},
            {"column": "plan", "value": 0.02, "std": 0.004, "columns": ["plan"]},
            {"column": "noise", "value": -0.003, "std": None, "columns": ["noise"]},
        ],
        "importance_on": "valid",
        "calibration": {
            "method": "isotonic",
            "of": "the positive class",
            "crossed": True,
            "before": reliable(0.12, 0.3),
            "after": reliable(0.09, 0.01),
        },
    }


def reliable(brier: float, ece: float) -> dict[str, Any]:
    bins = [
        {"rows": 500, "score": at / 10, "positive": at / 11, "low": at / 14, "high": at / 9}
        for at in range(1, 8)
    ]
    return {"bins": bins, "brier": brier, "ece": ece}


def parity() -> dict[str, Any]:
    return {
        "kept": True, "why": "", "rows": 2000, "part": "valid", "unusual": 200, "flipped": 0,
        "largest_difference": 2.2e-16, "allowed": 1e-6, "tolerance": 1e-6,
        "calibration": "after the graph, by the bundle",
        "inputs": [{"name": "calls"}, {"name": "month_dayofweek"}],
    }  # fmt: skip


def metric(name: str, value: float, half: float, baseline: float, greater: bool) -> dict[str, Any]:
    return {
        "name": name, "value": value, "low": value - half, "high": value + half,
        "method": "bootstrap", "why": "", "baseline": baseline, "greater_is_better": greater,
    }  # fmt: skip


def evaluate() -> dict[str, Any]:
    metrics = [
        metric("roc_auc", 0.8432, 0.024, 0.5, greater=True),
        metric("average_precision", 0.4142, 0.06, 0.0870, greater=True),
        metric("brier", 0.0632, 0.006, 0.0794, greater=False),
        metric("f1", 0.4311, 0.05, 0.0, greater=True),
    ]
    rates = {"selection_rate": 0.151, "tpr": 0.61, "fpr": 0.11, "accuracy": 0.86, "roc_auc": 0.84}
    groups = [
        {
            "group": name, "rows": rows, "positives": 80, "status": "ok", "why": "",
            "rates": {rate: interval(value, 0.03) for rate, value in rates.items()},
        }
        for name, rows in (("female", 1002), ("male", 998))
    ]  # fmt: skip
    disparity = metric("demographic_parity_difference", 0.012, 0.011, 0.0, greater=False)
    return {
        "task": "binary",
        "positive": "yes",
        "classes": ["no", "yes"],
        "threshold": 0.183,
        "parts": {
            "valid": {"rows": 2000, "resampled": "customer_id", "metrics": metrics},
            "test": {"rows": 2000, "resampled": "customer_id", "metrics": metrics},
        },
        "slices": [
            slice_row("basic", 700, worse=True),
            slice_row("plus", 800, worse=False),
            {**slice_row("pro", 60, worse=False), "why": "60 rows, fewer than 100"},
        ],
        "fairness": [
            {
                "across": "gender",
                "part": "test",
                "groups": groups,
                "metrics": [{**disparity, "least": "male", "most": "female", "description": "gap"}],
                "four_fifths": {
                    **interval(0.93, 0.05),
                    "rule": 0.8,
                    "status": "pass",
                    "least": "male",
                    "most": "female",
                },
            }
        ],
        "scan": scan(),
        "cuts": ["tenure is cut at its quartiles of train: 4, 12, 32; bins: sets others"],
        "business": [worth()],
        "baseline": {"kind": "prior", "shares": [0.91, 0.09]},
        "figures": points(),
        "warnings": ["group age_band=65+ is left out of the comparison: 8 positives"],
    }


def interval(value: float, half: float) -> dict[str, Any]:
    return {
        "value": value, "low": value - half, "high": value + half, "method": "wilson", "why": "",
    }  # fmt: skip


def scan() -> dict[str, Any]:
    rows = [
        {
            "slice": {"contract_months": 0, "tenure": "< 4"}, "rows": 379, "positives": 70,
            "inside": 0.397, "outside": 0.185, "effect": 0.212, "low": 0.078, "high": 0.344,
            "p": 7e-9, "p_holm": 3e-6, "status": "worse",
        },
        {
            "slice": {"plan": "<b>pro</b>"}, "rows": 604, "positives": 86, "inside": 0.25,
            "outside": 0.22, "effect": 0.03, "low": -0.02, "high": 0.08, "p": 0.1, "p_holm": 1.0,
            "status": "unproven",
        },
    ]  # fmt: skip
    return {
        "part": "test", "metric": "log_loss", "loss": "log loss", "rows": 2000, "mean": 0.225,
        "looked_at": 415, "columns": ["plan", "tenure", "contract_months"], "worse": 1,
        "left_out": ["last_note"], "redundant": 2, "slices": rows, "notes": [],
    }  # fmt: skip


def slice_row(plan: str, rows: int, *, worse: bool) -> dict[str, Any]:
    found = {**metric("roc_auc", 0.79, 0.04, 0.5, greater=True), "worse": worse}
    return {
        "part": "test", "slice": {"plan": plan}, "rows": rows, "positives": 60, "status": "ok",
        "why": "", "metrics": [found, metric("f1", 0.4, 0.1, 0.0, greater=True)],
    }  # fmt: skip


def worth() -> dict[str, Any]:
    ends = {"value": 3120.0, "low": 2010.0, "high": 4180.0}
    return {
        "name": "retention_profit", "part": "test", "currency": "EUR", "rows": 2000,
        "rows_without_value": 0, "total": ends,
        "per_1000": {key: value / 2 for key, value in ends.items()}, "act_on_all": -1810.0,
        "act_on_none": 0.0, "uplift": ends, "uplift_per_1000": ends,
    }  # fmt: skip


def points() -> dict[str, Any]:
    at = np.linspace(0, 1, 60)
    tpr = 1 - (1 - at) ** 3.2
    recall = np.linspace(0.02, 1, 60)
    return {
        "part": "test",
        "roc": {"fpr": at.tolist(), "tpr": tpr.tolist(), "threshold": (1 - at).tolist()},
        "precision_recall": {
            "precision": (0.09 + 0.7 * (1 - recall) ** 1.4).tolist(),
            "recall": recall.tolist(),
            "threshold": (1 - recall).tolist(),
        },
        "calibration": [
            {"rows": 200, "score": s, "positive": p, "low": max(p - 0.03, 0), "high": p + 0.04}
            for s, p in zip((0.01, 0.03, 0.06, 0.1, 0.2, 0.45), (0.01, 0.02, 0.07, 0.09, 0.22, 0.4),
                            strict=True)
        ],
        "confusion": {"labels": ["no", "yes"], "matrix": [[1640, 186], [68, 106]]},
    }  # fmt: skip


def regression_points() -> dict[str, Any]:
    actual = np.linspace(0, 100, 120)
    return {
        "part": "test",
        "predicted": {"actual": actual.tolist(), "predicted": (actual * 0.9 + 3).tolist()},
        "residuals": {"edges": list(range(-15, 16)), "counts": [n % 16 for n in range(30)]},
    }


def verdict() -> dict[str, Any]:
    return {
        "status": "inconclusive",
        "gates": [
            gate("roc_auc >= 0.75", "pass", 0.8432, 0.8192, 0.8672, ">= 0.75"),
            gate("f1 >= 0.4", "inconclusive", 0.4311, 0.3811, 0.4811, ">= 0.4"),
            {**gate("average_precision better than the baseline by 0.1", "pass", 0.227, 0.17,
                    0.29, "better than the baseline by 0.1"), "versus": "baseline"},
            {**gate("demographic_parity_difference <= 0.1", "fail", 0.21, 0.16, 0.26, "<= 0.1"),
             "across": "age_band", "severity": "warn", "counts_as": "warn"},
        ],
    }  # fmt: skip


def gate(
    name: str, status: str, value: float, low: float, high: float, bound: str
) -> dict[str, Any]:
    return {
        "gate": name, "metric": name.split()[0], "part": "test", "slice": None, "across": None,
        "versus": None, "status": status,
        "counts_as": "warn" if status == "inconclusive" else status, "value": value,
        "low": low, "high": high, "method": "DeLong", "bound": bound,
        "why": f"all of {low:g} to {high:g} is on the right side", "severity": "error",
    }  # fmt: skip


def monitor() -> dict[str, Any]:
    quiet = [0.1] * 10
    return {
        "status": "alert",
        "rows": 1000,
        "every": "month",
        "drift": [
            drift("calls", "ok", 0.05, quiet, quiet),
            drift("charges", "alert", 0.52, quiet, [0.04, 0.05, 0.06, 0.08, 0.09, 0.1, 0.12, 0.13,
                                                    0.15, 0.18]),
            {**drift("plan", "alert", 0.4, [0.3, 0.34, 0.36, 0.0], [0.27, 0.31, 0.34, 0.08]),
             "kind": "category", "direction": None, "shift": None},
            drift("score", "warn", 0.16, quiet, [0.07, 0.08, 0.09, 0.1, 0.1, 0.1, 0.1, 0.11, 0.12,
                                                 0.13]),
        ],
        "quality": {
            "status": "ok", "metric": "average_precision", "greater_is_better": True,
            "reference": {"value": 0.41, "low": 0.35, "high": 0.47}, "margin": 0.05,
            "chunks": [{"chunk": "2026-06", "rows": 1000, "labelled": 1000, "value": 0.44,
                        "low": 0.35, "high": 0.53, "method": "bootstrap", "why": "",
                        "status": "ok"}],
            "notes": [],
        },
        "chunks": [{"chunk": "2026-06", "rows": 1000, "status": "alert", "alerts": ["charges"],
                    "warnings": []}],
        "notes": ["no persistence: fewer than three chunks, the latest decides"],
    }  # fmt: skip


def drift(
    column: str, status: str, effect: float, before: list[float], after: list[float]
) -> dict[str, Any]:
    names = [f"bin {n}" for n in range(len(before))]
    return {
        "column": column, "kind": "number", "role": "feature", "aspect": "value",
        "status": status, "effect": effect, "p": 1e-9, "q": 1e-8, "direction": "up",
        "shift": 0.41, "mean": {"reference": 40.1, "current": 45.3}, "psi": effect**2, "js": 0.01,
        "ks": 0.2, "wasserstein": 5.0, "missing": {"reference": 0.0, "current": 0.0},
        "unseen": None, "importance": 0.2,
        "bins": [{"bin": names[-1], "reference": before[-1], "current": after[-1]}],
        "picture": {"labels": names, "reference": before, "current": after},
    }  # fmt: skip
