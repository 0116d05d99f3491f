"""Evaluation of 1 million rows: mlpipe against scikit-learn over resampled rows, in this run.

    python benchmarks/evaluation.py [ROWS] [REPETITIONS]

Ten metrics with 2,000 resamples, the same in each of twenty slices with the 500 that slices get,
and fairness across two columns. One side is the stage `evaluate` as `mlpipe run` calls it, with
its figures and the naive baseline beside. The other draws row numbers with numpy and measures
what it drew with scikit-learn, which is what one would write by hand; a few repetitions of it
are timed, and the rest is reckoned. Each side is a fresh process; time is counted once libraries
are imported and the table is made, memory is that of the whole process. The ends of the intervals
must be those of the repetitions that the other side did, as far as so few can say.

On two cores that others kept busy: 16 s, all of one core, and 0.75 GiB, against about 10,000 s for
the resampled rows.
"""

import json
import os
import subprocess
import sys
import time
from importlib import import_module
from pathlib import Path

METRICS = ["roc_auc", "average_precision", "lift_at_0.1", "brier", "log_loss", "ece", "accuracy",
           "balanced_accuracy", "f1", "matthews"]  # fmt: skip
SLICES = {"plan": 4, "region": 6, "channel": 10}
GROUPS = {"gender": 2, "age": 4}
DISPARITIES = [
    "demographic_parity_difference",
    "demographic_parity_ratio",
    "equal_opportunity_difference",
    "equalized_odds_difference",
]
TIMES, SLICE_TIMES = 2000, 500
LIMITS = (60.0, 2.0)
"""Of seconds of the processor, and of GiB."""
CLOSE = 4.5
CUT = 0.3


def made(rows: int):
    """Return the table and the predictions; the same each time."""
    import numpy as np
    import pandas as pd

    generator = np.random.default_rng(0)
    signal = generator.normal(size=rows)
    score = 1 / (1 + np.exp(1.9 - 1.3 * signal))
    frame = pd.DataFrame(
        {
            "_row": np.arange(rows),
            "part": np.where(np.arange(rows) < rows // 100, "train", "test"),
            "left": np.where(generator.random(rows) < score, "yes", "no"),
        }
    )
    for name, count in (SLICES | GROUPS).items():
        levels = np.array([f"{name}_{level}" for level in range(count)], object)
        frame[name] = levels[generator.integers(0, count, rows)]
    said = pd.DataFrame({"_row": frame["_row"], "score": score})
    return frame, said.assign(prediction=np.where(score >= CUT, "yes", "no"))


def by_mlpipe(frame, said, repetitions: int) -> tuple[dict[str, list[float]], float]:  # noqa: ARG001
    """Evaluate as the stage does: the intervals of all rows, and by what time goes up to all."""
    from mlpipe.evaluate.spec import Evaluate
    from mlpipe.evaluate.stage import evaluate
    from mlpipe.table.columns import Columns

    written = {
        "metrics": METRICS,
        "slices": list(SLICES),
        "fairness": {"across": list(GROUPS), "metrics": DISPARITIES},
    }
    found = evaluate(
        Evaluate.read(written),
        task="binary",
        columns=Columns.read({"target": {"name": "left", "positive": "yes"}}),
        seed=1,
        frame=frame,
        predictions=said,
        classes=["no", "yes"],
        positive="yes",
        times=TIMES,
    )["report"]
    assert len(found["slices"]) == sum(SLICES.values())
    assert all(one["low"] is not None for each in found["slices"] for one in each["metrics"])
    assert all(one["low"] is not None for each in found["fairness"] for one in each["metrics"])
    metrics = found["parts"]["test"]["metrics"]
    return {one["name"]: [one["value"], one["low"], one["high"]] for one in metrics}, 1.0


def by_scikit_learn(frame, said, repetitions: int) -> tuple[dict[str, list[float]], float]:
    """Draw rows a few times: the mean and deviation of each metric, and the factor to all."""
    import numpy as np

    test = (frame["part"] == "test").to_numpy()
    y = (frame["left"] == "yes").to_numpy()[test].astype(int)
    score = said["score"].to_numpy()[test]
    pred = (score >= CUT).astype(int)
    codes = {name: frame[name].astype("category").cat.codes.to_numpy()[test] for name in GROUPS}
    slices = {name: frame[name].to_numpy()[test] for name in SLICES}
    generator, drawn = np.random.default_rng(2), []
    began = time.process_time()
    for _ in range(repetitions):
        rows = generator.integers(0, len(y), len(y))
        drawn.append(every_metric(y[rows], pred[rows], score[rows]))
        for each in codes.values():
            rates(y[rows], pred[rows], each[rows])
    whole = (time.process_time() - began) / repetitions
    began = time.process_time()
    for values in slices.values():
        for level in np.unique(values):
            inside = np.flatnonzero(values == level)
            rows = inside[generator.integers(0, len(inside), len(inside))]
            every_metric(y[rows], pred[rows], score[rows])
    sliced = time.process_time() - began
    used = whole * repetitions + sliced
    factor = (TIMES * whole + SLICE_TIMES * sliced) / used
    table = np.array(drawn)
    return {
        name: [table[:, k].mean(), table[:, k].std(ddof=1)] for k, name in enumerate(METRICS)
    }, factor


def every_metric(y, pred, score) -> list[float]:
    """Measure what was drawn; lift and calibration have no function there."""
    import numpy as np
    from sklearn import metrics

    best = np.argpartition(-score, len(y) // 10)[: len(y) // 10]
    edges = np.quantile(score, np.linspace(0, 1, 11)[1:-1])
    gaps = np.bincount(np.searchsorted(edges, score), weights=score - y, minlength=10)
    return [
        metrics.roc_auc_score(y, score),
        metrics.average_precision_score(y, score),
        y[best].mean() / y.mean(),
        metrics.brier_score_loss(y, score),
        metrics.log_loss(y, score),
        float(np.abs(gaps).sum() / len(y)),
        metrics.accuracy_score(y, pred),
        metrics.balanced_accuracy_score(y, pred),
        metrics.f1_score(y, pred),
        metrics.matthews_corrcoef(y, pred),
    ]


def rates(y, pred, codes) -> list[float]:
    """Measure the gaps between groups."""
    import numpy as np

    selected = np.bincount(codes, weights=pred) / np.bincount(codes)
    found = np.bincount(codes, weights=pred * y) / np.bincount(codes, weights=y)
    alarms = np.bincount(codes, weights=pred * (1 - y)) / np.bincount(codes, weights=1 - y)
    gaps = [float(np.ptp(each)) for each in (selected, found, alarms)]
    return [gaps[0], selected.min() / selected.max(), gaps[1], max(gaps[1:])]


SIDES = {"mlpipe": by_mlpipe, "scikit-learn": by_scikit_learn}


def side(name: str, rows: str, repetitions: str) -> None:
    """Do one side in this process, and print what it took and found."""
    from resource import RUSAGE_SELF, getrusage

    for library in ("pandas", "scipy.sparse", "sklearn.metrics", "mlpipe.evaluate.stage",
                    "mlpipe.metrics.scores", "matplotlib.figure"):  # fmt: skip
        import_module(library)
    frame, said = made(int(rows))
    began, before = time.perf_counter(), getrusage(RUSAGE_SELF)
    found, factor = SIDES[name](frame, said, int(repetitions))
    wall, used = time.perf_counter() - began, getrusage(RUSAGE_SELF)
    cpu = used.ru_utime + used.ru_stime - before.ru_utime - before.ru_stime
    print(json.dumps([wall * factor, cpu * factor, highest(), found]))


def highest() -> float:
    """Return the most memory that this process has held, in GiB."""
    status = Path("/proc/self/status").read_text()
    line = next(line for line in status.splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) / 2**20


def apart(ours: dict[str, list[float]], theirs: dict[str, list[float]], repetitions: int) -> float:
    """Return by how much the widths differ at most, in errors of a deviation of so few draws."""
    far = 0.0
    for name, (_, low, high) in ours.items():
        if name == "ece":  # its interval is of another kind; see docs/statistics.md
            continue
        ratio = (high - low) / 3.92 / theirs[name][1]
        far = max(far, abs(ratio - 1) * (2 * (repetitions - 1)) ** 0.5)
    return far


def main(rows: int = 1_000_000, repetitions: int = 12) -> int:
    """Print both sides; return 1 where a limit is passed."""
    print(f"{rows:,} rows, {os.cpu_count()} cores, {repetitions} repetitions of scikit-learn")
    found = {}
    for name in SIDES:
        argv = [sys.executable, __file__, "--side", name, str(rows), str(repetitions)]
        run = subprocess.run(argv, stdout=subprocess.PIPE, check=True, text=True)
        found[name] = json.loads(run.stdout)
        wall, cpu, peak, _ = found[name]
        print(f"  {name:13} {wall:9.1f} s  {cpu:9.1f} s of processor  {peak:.2f} GiB", flush=True)
    _, cpu, peak, ours = found["mlpipe"]
    far = apart(ours, found["scikit-learn"][3], repetitions)
    times = found["scikit-learn"][1] / cpu
    print(
        f"  {times:.0f} times as fast; widths apart by {far:.1f} of their errors (limit {CLOSE}); "
        f"limits: {LIMITS[0]:.0f} s of processor, {LIMITS[1]:.0f} GiB"
    )
    return int(cpu > LIMITS[0] or peak > LIMITS[1] or far > CLOSE)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--side"]:
        side(*sys.argv[2:])
    else:
        sys.exit(main(*(int(word.replace("_", "")) for word in sys.argv[1:])))
