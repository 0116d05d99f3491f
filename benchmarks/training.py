"""Training on 1 million rows and 30 columns: the train step against the same calls by hand.

Run it with ``python benchmarks/training.py``. Two sides by turns, each a fresh process whose
imports are not counted. Both read the same Parquet file, fit boosted trees on three folds in two
processes of one thread each, score what each fold held out, fit the final model on all of train,
measure AUC, and write the model. The train step also describes the model, measures the importance
of each column and keeps the scores of every row. Both must choose the same AUC. The budget is
1.05. Beside the time by the clock stands that of all processes: the train step fits a sole
candidate on all rows beside its folds, so that two fits share the memory of the machine for longer,
and each takes more of a processor than one that is alone.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

BUDGET = 1.05
FOLDS = 3
COLUMNS = 30

TABLE = """
SELECT i AS _row, {columns},
  CASE WHEN (hash(i, 1) % 1000) + (hash(i, 2) % 1000) + 2 * (hash(i, 99) % 1000) > 2200
    THEN 'yes' ELSE 'no' END AS y
FROM range({rows}) t(i)
"""
PARTS = """
SELECT i AS _row, 'train' AS part, (hash(i, 77) % {folds})::SMALLINT AS fold,
  (-1)::SMALLINT AS teaches
FROM range({rows}) t(i)
"""

HAND = """
import json, sys, time, resource
import joblib, numpy, pandas, skops.io, sklearn.metrics, threadpoolctl
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.metrics import roc_auc_score
folder, columns = sys.argv[1], sys.argv[2].split(",")

def one(X, y, on, out):
    with threadpoolctl.threadpool_limits(1):
        model = HistGradientBoostingClassifier(early_stopping=False, random_state=7)
        model.fit(X.iloc[on], y[on])
        return model, model.predict_proba(X.iloc[out])[:, 1] if len(out) else None

begun = time.perf_counter()
table = pandas.read_parquet(folder + "/table.parquet")
fold = pandas.read_parquet(folder + "/parts.parquet")["fold"].to_numpy()
X, y = table[columns], (table["y"] == "yes").to_numpy().astype(int)
pairs = [(numpy.flatnonzero(fold != k), numpy.flatnonzero(fold == k)) for k in range(3)]
calls = [joblib.delayed(one)(X, y, on, out) for on, out in pairs]
done = joblib.Parallel(2, max_nbytes=None)(calls)
auc = float(numpy.mean([roc_auc_score(y[out], s) for (_, out), (_, s) in zip(pairs, done)]))
final, _ = one(X, y, numpy.arange(len(y)), [])
open(folder + "/by_hand.skops", "wb").write(skops.io.dumps(final))
print(json.dumps([time.perf_counter() - begun, auc]))
"""

OURS = """
import json, sys, time
from pathlib import Path
import joblib, numpy, pandas, skops.io, sklearn.metrics, sklearn.ensemble, ibis, duckdb
from mlpipe.table.columns import Columns
from mlpipe.table.session import Session
from mlpipe.train.spec import Train
from mlpipe.train.stage import train
folder, columns = Path(sys.argv[1]), sys.argv[2].split(",")
spec = Train.read({"models": {"m": {"type": "hist_gradient_boosting", "max_iter": 100}},
                   "folds": 3, "select": "roc_auc"})
plan = json.loads((folder / "plan.json").read_text())
begun = time.perf_counter()
with Session(folder / "scratch") as session:
    out = train(spec, "binary", Columns.read({"target": {"name": "y", "positive": "yes"}}), 7, plan,
                session.read(folder / "table.parquet"), session.read(folder / "parts.parquet"),
                "crossed", 3, session)
    (folder / "ours.skops").write_bytes(out["model.skops"])
    for name in ("out_of_fold", "valid"):
        session.write(out[name], folder / (name + ".parquet"))
print(json.dumps([time.perf_counter() - begun, out["report"]["score"]]))
"""


def measured(code, folder, columns):
    """Run one side in a fresh process; return seconds, AUC, seconds of all processes, peak MiB."""
    process = subprocess.Popen(
        [sys.executable, "-c", code, folder, ",".join(columns)], stdout=subprocess.PIPE, text=True
    )
    said = process.stdout.read()
    _, status, used = os.wait4(process.pid, 0)
    if status:
        raise SystemExit("a side failed")
    seconds, auc = json.loads(said)
    return seconds, auc, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    asked = parser.parse_args()
    columns = [f"x{number}" for number in range(COLUMNS)]
    with tempfile.TemporaryDirectory() as folder:
        _prepare(Path(folder), columns, asked.rows)
        found = {"by hand": [], "mlpipe": []}
        for _ in range(asked.rounds):
            for name, code in (("by hand", HAND), ("mlpipe", OURS)):
                found[name].append(measured(code, folder, columns))
    aucs = {round(auc, 9) for each in found.values() for _, auc, *_ in each}
    if len(aucs) > 1:
        raise SystemExit(f"the sides differ: {aucs}")
    for name, each in found.items():
        wall, cores = (statistics.median(run[at] for run in each) for at in (0, 2))
        peak = max(run[3] for run in each)
        print(f"{name:>8} {wall:6.2f} s  cores {cores:6.2f} s  peak {peak:5.0f} MiB")
    ratios = [
        statistics.median(run[at] for run in found["mlpipe"])
        / statistics.median(run[at] for run in found["by hand"])
        for at in (0, 2)
    ]
    print(f"   ratio {ratios[0]:6.3f}    cores {ratios[1]:6.3f}    budget {BUDGET}")
    return int(ratios[0] > BUDGET)


def _prepare(folder, columns, rows):
    import duckdb

    from mlpipe.features.plan import FORMAT

    written = ", ".join(
        f"(hash(i, {number}) % 1000) / 1000.0::DOUBLE AS {name}"
        for number, name in enumerate(columns, start=1)
    )
    for name, query in (("table", TABLE), ("parts", PARTS)):
        text = query.format(columns=written, rows=rows, folds=FOLDS)
        duckdb.connect().execute(f"COPY ({text}) TO '{folder / name}.parquet'")
    block = {"columns": columns, "steps": [{"keep": {}}], "reason": ""}
    inputs = [{"name": name, "kind": "number", "type": "number"} for name in columns]
    plan = {
        "format": FORMAT, "task": "binary", "timezone": None, "inputs": inputs, "look_back": [],
        "python": [], "models": {"m": {"family": "trees", "blocks": [block]}},
    }  # fmt: skip
    (folder / "plan.json").write_text(json.dumps(plan))
    (folder / "scratch").mkdir()


if __name__ == "__main__":
    raise SystemExit(main())
