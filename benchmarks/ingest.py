"""Ingest of one CSV file against DuckDB's own COPY of it to Parquet, both in this run.

    python benchmarks/ingest.py [ROWS] [ROUNDS]

The file has 20 columns: an identifier, codes with leading zeros, integers, decimals, dates,
timestamps, words, a boolean, and missing values. One side is ``mlpipe ingest`` as a user runs it:
the file hashed, every value checked against its type, the artifact hashed, sealed and synced. The
other is DuckDB's ``COPY (FROM read_csv(…)) TO …`` in a process of its own. Both sides take turns.
"""

import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

LIMIT_RATIO, LIMIT_GIB = 1.4, 1.0

MAKE = """
COPY (
  SELECT 100000 + i AS id, format('{:06d}', (i * 7919) % 1000000) AS code,
    ['north', 'south', 'east', 'west'][1 + i % 4] AS region, 'city ' || (i * 31) % 500 AS city,
    DATE '2015-01-01' + CAST(i % 3650 AS INTEGER) AS day,
    TIMESTAMP '2020-01-01' + INTERVAL (i * 37 % 100000000) SECOND AS seen,
    round(sin(i) * 1000, 4) AS a, round(cos(i) * 50, 3) AS b, round(sin(i * 3) * 7, 6) AS c,
    round(abs(sin(i * 5)) * 100000, 2) AS d,
    CASE WHEN i % 11 <> 0 THEN round(cos(i * 7), 5) END AS e, round(sin(i / 9), 5) AS f,
    i % 97 AS n1, (i * 13) % 1009 AS n2, (i * 17) % 100003 AS n3,
    CASE WHEN i % 7 <> 0 THEN i % 5 END AS n4, i % 2 = 0 AS flag,
    ['basic', 'plus', 'pro'][1 + i % 3] AS plan,
    'note ' || (i % 1000) || ' of the customer' AS note, i % 3 AS target
  FROM range({rows}) t(i)
) TO '{path}' (HEADER)
"""
SPEC = """
name: bench
task: multiclass
columns: {key: id, target: target}
ingest: {path: data.csv, types: {code: string}}
"""
COPY = """
import sys, duckdb
con = duckdb.connect()
con.execute("SET enable_progress_bar = false")
con.execute("COPY (FROM read_csv('data.csv')) TO 'copied.parquet' (FORMAT parquet)")
"""


Side = tuple[float, float, float]


def timed(argv: list[str], folder: Path) -> Side:
    """Run a command; return its seconds, those of the processor, and its peak memory in GiB."""
    began = time.perf_counter()
    child = subprocess.Popen(argv, cwd=folder, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(child.pid, 0)
    seconds = time.perf_counter() - began
    if status:
        raise SystemExit(f"{argv} failed")
    return seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 2**20


def main(rows: int = 10_000_000, rounds: int = 3) -> int:
    """Print both sides and their ratio; return 1 where a limit is passed."""
    import duckdb

    folder = Path(tempfile.mkdtemp(prefix="mlpipe-bench-"))
    try:
        duckdb.execute(MAKE.replace("{rows}", str(rows)).replace("{path}", f"{folder}/data.csv"))
        (folder / "mlpipe.yaml").write_text(SPEC)
        size = (folder / "data.csv").stat().st_size / 2**30
        print(f"{rows:,} rows × 20 columns, {size:.2f} GiB, {os.cpu_count()} cores")
        ours, theirs = [], []
        for _ in range(rounds):
            theirs.append(timed([sys.executable, "-c", COPY], folder))
            shutil.rmtree(folder / "runs", ignore_errors=True)
            ours.append(timed([sys.executable, "-m", "mlpipe", "ingest", "-q"], folder))
        return verdict(ours, theirs)
    finally:
        shutil.rmtree(folder)


def verdict(ours: list[Side], theirs: list[Side]) -> int:
    """Print medians, ratio and peaks."""
    for name, side in (("DuckDB COPY", theirs), ("mlpipe ingest", ours)):
        wall, cpu = (statistics.median(each[at] for each in side) for at in (0, 1))
        peak = max(each[2] for each in side)
        print(f"  {name:14} {wall:7.2f} s  {cpu:7.2f} s of processor  {peak:.2f} GiB")
    wall, cpu = (
        statistics.median(mine[at] / other[at] for mine, other in zip(ours, theirs, strict=True))
        for at in (0, 1)
    )
    peak = max(each[2] for each in ours)
    print(f"  ratio {wall:.2f} (limit {LIMIT_RATIO}), of processor {cpu:.2f}; peak {peak:.2f} GiB")
    ratio = wall
    return int(ratio > LIMIT_RATIO or peak > LIMIT_GIB)


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    sys.exit(main(*(int(word.replace("_", "")) for word in sys.argv[1:])))
