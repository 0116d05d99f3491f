"""25 checks on 10 million rows: the validate stage against one hand-written scan.

Run it with ``python benchmarks/checks.py``. All sides read the same Parquet file in a fresh
process, by turns; the time is that of the work itself, with the libraries loaded before. The
scan computes the very counts of the 25 checks and nothing else; validate also profiles all 20
columns. The last side is the step as a run takes it, with the doctor between the parts of a split
by time; the budget is that of the checks alone. Beside the time by the clock stands that of all
cores, which says more where others share the machine.
"""

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

BUDGET = 1.3
MEMORY = 1024

TABLE = """
SELECT i AS id, (hash(i) % 500000)::BIGINT AS entity,
  TIMESTAMP '2024-01-01' + INTERVAL 1 SECOND * i AS seen,
  ['basic', 'plus', 'pro'][1 + (hash(i, 1) % 3)::INT] AS plan,
  ['north', 'south', 'east', 'west'][1 + (hash(i, 2) % 4)::INT] AS region,
  'user' || (hash(i, 3) % 100000) || '@mail.org' AS email,
  CASE WHEN hash(i, 4) % 50 > 0 THEN (hash(i, 4) % 9000) / 100.0::DOUBLE END AS charges,
  (hash(i, 5) % 1000000) / 7.0::DOUBLE AS x1, (hash(i, 6) % 1000000) / 11.0::DOUBLE AS x2,
  (hash(i, 7) % 1000000) / 13.0::DOUBLE AS x3, (hash(i, 8) % 1000000) / 17.0::DOUBLE AS x4,
  (hash(i, 9) % 600)::BIGINT AS tenure, (hash(i, 10) % 200)::BIGINT AS calls,
  (hash(i, 11) % 500)::BIGINT + 200 AS minutes,
  DATE '2020-01-01' + (hash(i, 12) % 1500)::INT AS signup, hash(i, 13) % 2 = 0 AS active,
  'note ' || (hash(i, 14) % 5000) AS note, (hash(i, 15) % 100)::BIGINT AS score,
  (hash(i, 16) % 100000) / 3.0::DOUBLE AS x5, (hash(i, 17) % 12)::INTEGER AS months
FROM range({rows}) t(i)
"""

PARTS = """
SELECT i AS _row, CASE WHEN i < 0.7 * {rows} THEN 'train' WHEN i < 0.85 * {rows} THEN 'valid'
  ELSE 'test' END AS part
FROM range({rows}) t(i)
"""

KINDS = {
    **dict.fromkeys(("plan", "region"), "category"),
    **dict.fromkeys(("email", "note"), "text"),
    **dict.fromkeys(("seen", "signup"), "date"),
    "active": "boolean",
}

SECTION = {
    "columns": {
        "id": {"nullable": False, "unique": True},
        "entity": {"min": 0},
        "seen": {"nullable": False, "min": "2020-01-01"},
        "plan": {"in": ["basic", "plus", "pro"]},
        "region": {"in": ["north", "south", "east", "west"], "nullable": False},
        "email": {"matches": "[^@]+@[^@]+", "max_length": 60},
        "charges": {"min": 0, "max": 100},
        "x1": {"min": 0, "max": 1e6},
        "x2": {"mean": {"min": 40000, "max": 50000}},
        "x3": {"quantiles": {"0.5": {"min": 30000, "max": 50000}}},
        "x4": {"nullable": False},
        "tenure": {"min": 0, "max": 600},
        "calls": {"min": 0},
        "signup": {"min": "2019-01-01"},
        "note": {"max_length": 60},
        "score": {"max": 100},
    },
    "checks": [{"rows": {"min": 1000}}, {"expression": "calls <= minutes"}],
}

BY_HAND = """
SELECT count(*), count_if(id IS NULL), count(id) - count(DISTINCT id), count_if(entity < 0),
  count_if(seen IS NULL), count_if(seen < TIMESTAMP '2020-01-01'),
  count_if(plan NOT IN ('basic', 'plus', 'pro')),
  count_if(region NOT IN ('north', 'south', 'east', 'west')), count_if(region IS NULL),
  count_if(NOT regexp_full_match(email, '[^@]+@[^@]+')), count_if(length(email) > 60),
  count_if(charges < 0), count_if(charges > 100), count_if(x1 < 0), count_if(x1 > 1e6),
  avg(x2), count_if(x3 < 30000), count_if(x3 > 50000), count_if(x4 IS NULL),
  count_if(tenure < 0), count_if(tenure > 600), count_if(calls < 0),
  count_if(signup < DATE '2019-01-01'), count_if(length(note) > 60), count_if(score > 100),
  count_if(NOT calls <= minutes)
FROM read_parquet('{path}')
"""

AROUND = """
import json, resource, tempfile, time
from pathlib import Path
import duckdb, ibis, pyarrow.parquet
{setup}
with tempfile.TemporaryDirectory() as scratch:
    begun, used = time.perf_counter(), time.process_time()
    {work}
    seconds, used = time.perf_counter() - begun, time.process_time() - used
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
print(json.dumps([seconds, used, peak]))
"""

OURS = (
    "from mlpipe.table.columns import Columns\nfrom mlpipe.table.session import Session\n"
    "from mlpipe.validate.spec import Validate\nfrom mlpipe.validate.stage import validate\n"
    "spec, columns = Validate.read(json.loads({section!r})), Columns(time='seen')",
    "session = Session(Path(scratch))\n"
    "    table = session.positioned(Path({path!r}))\n"
    "    report = validate(spec, columns, table, session)['report']\n"
    "    assert report['status'] == 'passed' and len(report['checks']) >= 25, report['status']",
)
STEP = (
    OURS[0]
    + "\nfrom mlpipe.validate.doctor.rows import Parting, Setting\n"
    + "columns = Columns.read(dict(target='active', time='seen', entity='entity', key='id'))",
    "session = Session(Path(scratch))\n"
    "    table, parts = session.positioned(Path({path!r})), session.read(Path({parts!r}))\n"
    "    kinds = {{name: {kinds!r}.get(name, 'number') for name in table.columns}}\n"
    "    told = Setting(parts, Parting('time'), 'binary', kinds)\n"
    "    report = validate(spec, columns, table, session, setting=told)['report']\n"
    "    assert report['doctor']['of'] == report['rows'], report['doctor']",
)
HAND = (
    "",
    "con = duckdb.connect(config={{'temp_directory': scratch}})\n"
    "    con.execute('SET enable_progress_bar = false')\n"
    "    con.execute({query!r}).fetchone()",
)


def measured(side, **given):
    """Run one side in a fresh process; return its seconds, those of all cores, and peak MiB."""
    setup, work = (code.format(**given) for code in side)
    code = AROUND.format(setup=setup, work=work)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=10_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path, parts = (str(Path(folder) / name) for name in ("table.parquet", "parts.parquet"))
        _write(path, TABLE, "snappy", asked.rows)
        _write(parts, PARTS, "zstd", asked.rows)
        section = json.dumps(SECTION)
        sides = {
            "by hand": lambda: measured(HAND, query=BY_HAND.format(path=path)),
            "validate": lambda: measured(OURS, path=path, section=section),
            "and doctor": lambda: measured(
                STEP, path=path, parts=parts, section=section, kinds=KINDS
            ),
        }
        found = {name: [] for name in sides}
        for _ in range(asked.rounds):
            for name, side in sides.items():
                found[name].append(side())
    wall, cores = ({name: _median(each, at) for name, each in found.items()} for at in (0, 1))
    for name, each in found.items():
        peak = max(memory for *_, memory in each)
        times = " ".join(f"{time:.2f}" for time, *_ in each)
        print(
            f"{name:>10} {wall[name]:6.2f} s  cores {cores[name]:6.2f} s  peak {peak:5.0f} MiB"
            f"  ({times})"
        )
    ratios = [each["validate"] / each["by hand"] for each in (wall, cores)]
    print(f"     ratio {ratios[0]:6.2f}    cores {ratios[1]:6.2f}    budget {BUDGET}, {MEMORY} MiB")


def _median(rounds, at):
    return statistics.median(each[at] for each in rounds)


def _write(path, query, compression, rows):
    """Write a file as its step does."""
    import duckdb

    from mlpipe.table.session import PARQUET

    options = PARQUET.replace("zstd", compression)
    duckdb.connect().execute(f"COPY ({query.format(rows=rows)}) TO '{path}' ({options})")


if __name__ == "__main__":
    main()
