"""What monitor costs: counting against a pass of histograms, long tables, and whole nights.

    python benchmarks/monitor.py [--rows 1000000] [--rounds 3] [--long 2500000,5000000,10000000]
        [--nights 1000000]

Counting: a window of 30 columns (20 numbers, 8 categories, a date and a text) against the stored
profile of as many reference rows, with all tests and the description, as `mlpipe monitor` calls
it. The other side is what one would write by hand: one query with the engine's histogram of every
number on the same bins, and one with the values of every category; it tests and describes
nothing. Once over the whole window and once by month.

Long: 100 columns and more and more rows, the same few million read again and again, so that
the disk holds them. Nights: `mlpipe monitor` as a process, with labels and estimates where there
are a million rows, and without any where there are more.

Each side is a fresh process, by turns; what is imported is not counted. Seconds are those of all
cores, with those of the clock behind them, which say little where others share the machine.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

BUDGET, MEMORY = 1.2, 512
LONG_MEMORY = 1024

DISTINCT = (3, 5, 12, 40, 100, 400, 2000, 20000)
WINDOW, REFERENCE = 7, 1
"""Seeds."""


def table_of(numbers, categories, dates=1, texts=1, seed=WINDOW):
    """Return the SQL of a table's columns over ``i``, and the kind of each."""
    columns, kinds = {}, {}
    for at in range(numbers):
        some = f"hash(i, {seed}, {at})"
        gaps = f"CASE WHEN {some} % 41 > 0 THEN ({some} % 100003) / {at + 3.0}::DOUBLE END"
        columns[f"x{at}"] = f"({some} % 1000)::BIGINT" if at % 4 == 3 else gaps
        kinds[f"x{at}"] = "number"
    for at in range(categories):
        columns[f"c{at}"] = f"'c' || (hash(i, {seed}, {at + 1000}) % {DISTINCT[at % 8]})"
        kinds[f"c{at}"] = "category"
    for at in range(dates):
        seconds = f"(hash(i, {seed}, {at + 2000}) % 15000000)::INT"
        columns[f"d{at}"] = f"TIMESTAMP '2026-01-01' + INTERVAL 1 SECOND * {seconds}"
        kinds[f"d{at}"] = "date"
    for at in range(texts):
        words = f"(hash(i, {seed}, {at + 3000}) % 5000)"
        columns[f"t{at}"] = f"'Note ' || {words} || ' of a User, ' || ({words} % 97)"
        kinds[f"t{at}"] = "text"
    return columns, kinds


def write(path, columns, rows):
    """Write a table as ingest does."""
    import duckdb

    from mlpipe.table.session import PARQUET

    listed = ", ".join(f"{sql} AS {name}" for name, sql in columns.items())
    duckdb.connect().execute(
        f"COPY (SELECT {listed} FROM range({rows}) t(i)) TO '{path}' ({PARQUET})"
    )


AROUND = """
import json, resource, sys, tempfile, time
from pathlib import Path
import duckdb, ibis, numpy, pandas, pyarrow.compute, pyarrow.parquet, scipy.stats
from mlpipe.monitor.chunks import chunked
from mlpipe.monitor.moved import calibrated, moved, ranked
from mlpipe.monitor.spec import Monitor
from mlpipe.table.columns import Columns
from mlpipe.table.profile import count, profile
from mlpipe.table.session import Session
given = json.loads(Path(sys.argv[1]).read_text())
with tempfile.TemporaryDirectory() as scratch, Session(Path(scratch)) as session:
    begun, used = time.perf_counter(), time.process_time()
{work}
    seconds, used = time.perf_counter() - begun, time.process_time() - used
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
print(json.dumps([used, seconds, peak]))
"""

PROFILE = """
    table = session.positioned(Path(given["path"]))
    columns = Columns.read({"time": "d0"}) if given["every"] else Columns()
    found = profile(table, columns, given["kinds"], session)
    Path(given["profile"]).write_text(json.dumps(found))
"""
COUNT = """
    reference = json.loads(Path(given["profile"]).read_text())
    files = ", ".join(["'" + given["path"] + "'"] * given.get("times", 1))
    table = session.query(f"SELECT * FROM read_parquet([{files}])")
    columns = Columns.read({"time": "d0"}) if given["every"] else Columns()
    found = count(reference, table, columns, session, every=given["every"])
    chunks, notes = chunked(found, given["every"] or "all", 300, {})
    rows = ranked(moved(Monitor(), calibrated(reference, given["every"])[0], chunks), {})
    assert sum(chunk.rows for chunk in chunks) == given["rows"] * given.get("times", 1)
    assert len(rows) == len(reference["bins"]) and rows[0]["words"] is not None
"""
BY_HAND = """
    for query in given["queries"]:
        session.raw.execute(query).fetchall()
"""


def by_hand(path, profile, every):
    """Return what one would write: a query for all numbers, and one for all values."""
    from mlpipe.table.aspects import measured
    from mlpipe.table.columns import Columns
    from mlpipe.table.session import Session

    by = f"date_trunc('{every}', d0)" if every else "NULL"
    columns = Columns.read({"time": "d0"}) if every else Columns()
    source, bins = f"read_parquet('{path}')", profile["bins"]
    with tempfile.TemporaryDirectory() as scratch, Session(Path(scratch)) as session:
        table = session.read(Path(path))
        kinds = {name: each["kind"] for name, each in bins.items()}
        chosen = measured(table, columns, kinds, bins)
    wanted, values = [], []
    for each in chosen:
        for aspect in each.aspects:
            edges = bins[each.column]["aspects"][aspect.name]["edges"]
            listed = ", ".join(f"'{edge!r}'::DOUBLE" for edge in edges)
            wanted.append(f"histogram({aspect.sql}, [{listed}])")
        wanted.append(f"count(*) - count({each.sql})")
        if not each.aspects:
            values.append(
                f"SELECT '{each.column}', {by}, {each.sql}, count(*) FROM {source} GROUP BY ALL"
            )
    return [
        f"SELECT {by}, count(*), {', '.join(wanted)} FROM {source} GROUP BY ALL",
        " UNION ALL ".join(values),
    ]


def measured_in(work, given, folder):
    """Run one side in a fresh process; return seconds of all cores, of the clock, and peak MiB."""
    path = Path(folder) / "given.json"
    path.write_text(json.dumps(given))
    command = [sys.executable, "-c", AROUND.format(work=work.strip("\n")), str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(done.stderr)
    return json.loads(done.stdout)


def counting(rows, rounds, folder, *, texts):
    """Count against a pass of histograms, whole and by month."""
    tables = {seed: table_of(20, 9 - texts, 1, texts, seed) for seed in (REFERENCE, WINDOW)}
    paths = {seed: str(Path(folder) / f"{seed}.parquet") for seed in tables}
    for seed, (columns, _) in tables.items():
        write(paths[seed], columns, rows)
    title = "8 categories, a date, a text" if texts else "9 categories, a date"
    print(f"\n{rows:,} rows against {rows:,}: 20 numbers, {title}")
    for every in (None, "month"):
        stored = str(Path(folder) / "profile.json")
        given = {"kinds": tables[REFERENCE][1], "profile": stored, "every": every, "rows": rows}
        measured_in(PROFILE, {**given, "path": paths[REFERENCE]}, folder)
        queries = by_hand(paths[WINDOW], json.loads(Path(stored).read_text()), every)
        sides = {
            "by hand": (BY_HAND, {"queries": queries}),
            "monitor": (COUNT, {**given, "path": paths[WINDOW]}),
        }
        found = {name: [] for name in sides}
        for _ in range(rounds):
            for name, (work, told) in sides.items():
                found[name].append(measured_in(work, told, folder))
        _print(found, f"by {every}" if every else "whole")


def _print(found, title):
    cores, wall = ({name: _median(each, at) for name, each in found.items()} for at in (0, 1))
    for name, each in found.items():
        peak = max(memory for *_, memory in each)
        print(
            f"{title:>10} {name:>8} {cores[name]:6.2f} s of the cores"
            f" {wall[name]:6.2f} s by the clock  peak {peak:5.0f} MiB"
        )
    ratios = [each["monitor"] / each["by hand"] for each in (cores, wall)]
    print(
        f"{title:>10}    ratio {ratios[0]:6.2f} {'':>14} {ratios[1]:6.2f}"
        f" {'':>15} budget {BUDGET}, {MEMORY} MiB"
    )


def _median(rounds, at):
    return statistics.median(each[at] for each in rounds)


def long(lengths, folder):
    """Count 100 columns of more and more rows: the peak must not follow them."""
    columns, kinds = table_of(80, 16, 3, 1)
    piece, path = min(lengths), str(Path(folder) / "long.parquet")
    write(path, columns, piece)
    given = {
        "path": path,
        "profile": str(Path(folder) / "long.json"),
        "kinds": kinds,
        "rows": piece,
    }
    measured_in(PROFILE, {**given, "every": None}, folder)
    print(f"\n100 columns: 80 numbers, 16 categories, 3 dates, a text; at most {LONG_MEMORY} MiB")
    for rows in lengths:
        times = rows // piece
        used, seconds, peak = measured_in(COUNT, {**given, "every": None, "times": times}, folder)
        print(f"{rows:>12,} rows {used:7.1f} s of the cores {seconds:7.1f} s  peak {peak:5.0f} MiB")


SPEC = """
name: nights
task: binary
ingest: {{sources: {{rows: {{path: train.parquet}}}}}}
columns: {{key: id, time: d0, target: {{name: y, positive: "yes"}}}}
split: {{by: random, test: 0.2}}
validate: {{doctor: false}}
featurize:
  - {{rest: auto}}
train: {{models: {{linear: {{type: logistic_regression}}}}, folds: 3}}
evaluate: {{metrics: [roc_auc]}}
monitor:
  current: {{sources: {{rows: {{path: current.parquet}}}}}}
  {asked}
"""
ASKED = "quality: {metric: roc_auc, margin: 0.02}\n  estimate: {metrics: [f1, accuracy]}"


def nights(lengths, folder):
    """Run `mlpipe monitor` as a process over windows of 30 columns and a target."""
    columns, _ = table_of(20, 8, 1, 0)
    truth = "hash(i, 9) % 100003 < 30000 + (hash(i, 7, 0) % 40000)"
    columns = {"id": "i", **columns, "y": f"CASE WHEN {truth} THEN 'yes' ELSE 'no' END"}
    write(Path(folder) / "train.parquet", columns, 20_000)
    train = "train", "nights.yaml"
    print("\n`mlpipe monitor`: 20 numbers, 8 categories, a date and a key; logistic regression")
    for rows in lengths:
        labelled = rows <= 1_000_000
        spec = SPEC.format(asked=ASKED if labelled else "every: month")
        (Path(folder) / "nights.yaml").write_text(spec)
        child(folder, *train)
        kept = (
            columns if labelled else {name: each for name, each in columns.items() if name != "y"}
        )
        write(Path(folder) / "current.parquet", kept, rows)
        used, seconds, peak = child(folder, "monitor", "nights.yaml")
        what = "labels and estimates" if labelled else "neither labels nor estimates"
        print(
            f"{rows:>12,} rows, {what}: {used:.1f} s of the cores, {seconds:.1f} s by the clock,"
            f" peak {peak:.0f} MiB"
        )


def child(folder, *arguments):
    """Run a command; return seconds of all cores, of the clock, and the peak in MiB."""
    begun = time.perf_counter()
    command = [sys.executable, "-m", "mlpipe", *arguments]
    with (Path(folder) / "said.txt").open("w+") as said:
        running = subprocess.Popen(
            command, cwd=folder, stdout=said, stderr=subprocess.STDOUT, env=os.environ.copy()
        )
        _, status, used = os.wait4(running.pid, 0)
        running.returncode = os.waitstatus_to_exitcode(status)
        if running.returncode not in (0, 1):
            said.seek(0)
            raise SystemExit(said.read())
    seconds = used.ru_utime + used.ru_stime
    return seconds, time.perf_counter() - begun, used.ru_maxrss / 1024


def _lengths(text):
    return [int(each) for each in text.split(",") if each]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--long", type=_lengths, default="2500000,5000000,10000000")
    parser.add_argument("--nights", type=_lengths, default="1000000")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        if asked.rounds:
            for texts in (1, 0):
                counting(asked.rows, asked.rounds, folder, texts=texts)
        if asked.long:
            long(asked.long, folder)
    with tempfile.TemporaryDirectory() as folder:
        if asked.nights:
            nights(asked.nights, folder)


if __name__ == "__main__":
    main()
