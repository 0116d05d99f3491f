"""Remote sources of a pipeline: fetched each time, recomputed where they changed, never leaking."""

import json
import os
import sqlite3
from pathlib import Path
from urllib.parse import quote

import pytest

from mlpipe.cli.render import Watch
from mlpipe.run.command import build, foresee
from mlpipe.run.execute import _prepared
from mlpipe.run.gc import gc
from mlpipe.run.request import Request
from mlpipe.run.store import Store
from tests import servers
from tests.project import SPEC, mlpipe, reasons, run_json, statuses, write_project

PLANS = 'plans: {database: "sqlite:///plans.db", query: "select plan, fee from plans"}'


def _spec(plans=PLANS, more=""):
    sources = f"""ingest:
  sources:
    data: {{path: data.csv, types: {{id: string}}}}
    {plans}
  sql: select d.*, p.fee from data d left join plans p using (plan)
"""
    old = "ingest:\n  path: data.csv\n  types: {id: string}\n"
    assert old in SPEC
    return SPEC.replace(old, sources) + more


@pytest.fixture
def project(tmp_path, monkeypatch):
    """A project whose plans are in SQLite; gives a function that runs SQL on them."""
    monkeypatch.chdir(write_project(tmp_path, rows=60, spec=_spec()))

    def run(sql):
        con = sqlite3.connect(tmp_path / "plans.db")
        con.executescript(sql)
        con.close()

    run("CREATE TABLE plans (plan TEXT, fee NUMERIC)")
    run("INSERT INTO plans VALUES ('basic', 5), ('plus', 9.5), ('pro', 20)")
    return run


@pytest.fixture
def web():
    server = servers.Web()
    yield server
    server.close()


def _run(verb="ingest", **options):
    request = Request(verb, "mlpipe.yaml", **options)
    return build(request, force=(), watch=Watch(quiet=True, verbose=False))


def _step(result, name="ingest"):
    return next((done.status, done.why) for done in result.steps if done.step == name)


def _respell(spec):
    Path("mlpipe.yaml").write_text(spec)


def _record(result):
    return json.loads((Path("runs") / result.run / "run.json").read_text())


def test_unchanged_rows_rerun_nothing_and_changed_ones_say_why(project):
    assert _step(_run()) == ("computed", "first time")
    assert _step(_run()) == ("reused", "nothing it depends on changed")
    project("UPDATE plans SET fee = 6 WHERE plan = 'basic'")
    planned = foresee(Request("run", "mlpipe.yaml"), force=())
    assert (planned[0].status, planned[0].why) == ("computed", "source plans changed")
    assert _step(_run()) == ("computed", "source plans changed")
    project("UPDATE plans SET fee = 5 WHERE plan = 'basic'")
    assert _step(_run())[0] == "reused"


def test_no_receipt_answers_for_a_server(project):
    for _ in range(2):
        assert _run().exit_code == 0
    assert not list(Path("runs").glob("receipts/*"))
    project("DELETE FROM plans WHERE plan = 'pro'")
    assert _step(_run())[0] == "computed"


def test_another_order_of_the_same_rows_reruns_nothing(project):
    _run()
    project(
        "CREATE TABLE other AS SELECT * FROM plans ORDER BY fee DESC; DROP TABLE plans; "
        "ALTER TABLE other RENAME TO plans"
    )
    assert _step(_run())[0] == "reused"


def test_how_a_source_is_fetched_is_no_part_of_a_key(project):
    _run()
    _respell(_spec(PLANS.replace("}", ", timeout: 5, refresh: always}")))
    assert _step(_run())[0] == "reused"


def test_offline_uses_the_last_rows_and_says_so(project):
    _run()
    os.rename("plans.db", "gone.db")
    failed = _run()
    assert failed.exit_code == 3
    problem = failed.problems[0]
    assert problem["key"] == "ingest.sources.plans"
    assert problem["place"].startswith("mlpipe.yaml:13")
    assert "sqlite:///plans.db cannot be fetched: there is no file plans.db" in problem["message"]
    when = _record(failed)["result"]["problems"][0]["hint"]
    assert when.startswith("`--offline` uses the rows fetched on 20")
    result = _run(offline=True)
    assert (result.exit_code, _step(result)[0]) == (0, "reused")
    assert result.warnings[0].startswith("offline: plans is as it was fetched on 20")
    again = _run(offline=True)  # a receipt may answer this one, with the same warning
    assert again.warnings == result.warnings


def test_offline_needs_rows_of_an_earlier_day(project):
    result = _run(offline=True)
    assert result.exit_code == 3
    assert "nothing was fetched of it yet" in result.problems[0]["message"]
    assert "without --offline" in result.problems[0]["hint"]


def test_never_fetches_once(project):
    _respell(_spec(PLANS.replace("}", ", refresh: never}")))
    _run()
    project("UPDATE plans SET fee = 100")
    assert _step(_run())[0] == "reused"
    os.rename("plans.db", "gone.db")
    assert _step(_run())[0] == "reused"
    assert list(Path("runs").glob("receipts/*"))


def test_a_query_decides_whether_to_fetch(project):
    project("CREATE TABLE version (n INT); INSERT INTO version VALUES (1)")
    _respell(_spec(PLANS.replace("}", ', refresh: "select n from version"}')))
    _run()
    project("UPDATE plans SET fee = 100")
    assert _step(_run())[0] == "reused"
    project("UPDATE version SET n = 2")
    assert _step(_run()) == ("computed", "source plans changed")


def test_a_flipped_byte_of_a_snapshot_is_fetched_again(project):
    _respell(_spec(PLANS.replace("}", ", refresh: never}")))
    _run()
    (path,) = Path("runs/fetched").rglob("rows.parquet")
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.chmod(0o644)
    path.write_bytes(content)
    assert _run(offline=True).exit_code == 3
    os.rename("plans.db", "gone.db")
    assert _run().exit_code == 3
    os.rename("gone.db", "plans.db")
    assert _step(_run())[0] == "reused"
    assert path.read_bytes() != bytes(content)


def test_the_run_records_what_it_stands_on(project, web):
    web.file("/data.csv", Path("data.csv").read_bytes(), ETag='"v7"')
    url = web.url("/data.csv")
    _respell(
        _spec().replace(
            "{path: data.csv,", f'{{path: "{url}?token=${{secret:T}}", allow_private: true,'
        )
    )
    os.environ["T"] = "t0ken"
    try:
        record = _record(_run())
    finally:
        del os.environ["T"]
    data, plans = record["sources"]["ingest data"], record["sources"]["ingest plans"]
    assert data["url"] == f"{url}?token=***"
    assert data["files"]["data.csv"]["etag"] == '"v7"'
    assert len(data["files"]["data.csv"]["sha256"]) == 64
    assert plans["rows"] == 3
    assert plans["when"].startswith("20")
    assert "t0ken" not in json.dumps(record)


def test_an_unchanged_file_of_the_web_reruns_nothing(project, web):
    web.file("/data.csv", Path("data.csv").read_bytes(), ETag='"v1"')
    _respell(
        _spec().replace("path: data.csv", f'path: "{web.url("/data.csv")}", allow_private: true')
    )
    assert _step(_run())[0] == "computed"
    assert _step(_run())[0] == "reused"
    assert web.asked[-1][1]["If-None-Match"] == '"v1"'
    changed = Path("data.csv").read_bytes() + b"99999,30,pro,m,no\n"
    web.file("/data.csv", changed, ETag='"v2"')
    assert _step(_run()) == ("computed", "source data changed")


def test_the_rows_are_those_of_the_same_local_file(project, web, monkeypatch):
    Path("local.yaml").write_text(SPEC)
    local = build(Request("ingest", "local.yaml"), force=(), watch=Watch(quiet=True, verbose=False))
    web.file("/data.csv", Path("data.csv").read_bytes())
    _respell(
        SPEC.replace("path: data.csv", f'path: "{web.url("/data.csv")}"\n  allow_private: true')
    )
    remote = _run()
    tables = [Path(done.steps[0].path) / "table.parquet" for done in (local, remote)]
    assert tables[0] != tables[1]
    assert tables[0].read_bytes() == tables[1].read_bytes()


def test_a_private_address_ends_the_command_before_anything_is_asked(project, web):
    web.file("/data.csv", b"x")
    _respell(_spec().replace("path: data.csv", f'path: "{web.url("/data.csv")}"'))
    result = _run()
    assert result.exit_code == 2
    assert "not public" in result.problems[0]["message"]
    assert result.problems[0]["place"].startswith("mlpipe.yaml:12")
    assert web.asked == []


@pytest.mark.slow
def test_current_data_and_their_labels_may_be_remote_too(tmp_path, web):
    """A whole run: the training data is local, the month after comes from two servers."""
    more = f"""monitor:
  current: {{path: "{web.url("/may.csv")}"}}
  labels: {{database: "sqlite:///labels.db", table: labels}}
"""
    folder = write_project(tmp_path, rows=200, spec=SPEC.replace("  max_bad_rows: 2\n", "") + more)
    spec = (folder / "mlpipe.yaml").read_text()
    (folder / "mlpipe.yaml").write_text(
        spec.replace("types: {id", "allow_private: true\n  types: {id")
    )
    rows = [line.split(",") for line in (folder / "data.csv").read_text().splitlines()]
    web.file("/may.csv", "\n".join(",".join(row[:4]) for row in rows[:101]).encode(), ETag='"1"')
    con = sqlite3.connect(folder / "labels.db")
    con.execute('CREATE TABLE labels (id TEXT, "left" TEXT)')
    con.executemany("INSERT INTO labels VALUES (?, ?)", [(row[0], row[4]) for row in rows[1:]])
    con.commit()
    done = run_json(folder, "run", "--exit-zero")
    assert statuses(done)["current"] == "computed", done
    assert statuses(done)["monitor"] == "computed", done
    con.execute("UPDATE labels SET \"left\" = 'no'")
    con.commit()
    con.close()
    again = run_json(folder, "run", "--exit-zero")
    assert [s for s, status in statuses(again).items() if status == "computed"] == [
        "current", "checks", "observe",
    ]  # fmt: skip
    assert reasons(again)["current"] == "source ingest.labels changed"


def test_a_source_under_both_roles_is_fetched_once(project, web):
    web.file("/may.csv", Path("data.csv").read_bytes())
    more = f'monitor: {{current: {{sources: {{data: {{path: "{web.url("/may.csv")}"}}}}}}}}\n'
    _respell(
        _spec(more=more).replace("types: {id: string}", "types: {id: string}, allow_private: true")
    )
    with _prepared(Request("run", "mlpipe.yaml"), (), 0) as work:
        found = work.remote.of("current")
        assert sorted(found) == ["data", "plans"]
        assert work.remote.of("ingest")["plans"] is found["plans"]
        assert work.remote.of("monitor") == {}


def test_gc_keeps_the_newest_of_each_source(project):
    _run()
    project("UPDATE plans SET fee = 6")
    _run()
    assert len(list(Path("runs/fetched").rglob("rows.parquet"))) == 2
    store = Store(Path("runs"))
    assert len(gc(store, 1, dry_run=True).fetched) == 1
    assert len(list(Path("runs/fetched").rglob("rows.parquet"))) == 2
    gone = gc(store, 1)
    assert len(gone.fetched) == 1
    assert gone.size > 0
    assert len(list(Path("runs/fetched").rglob("rows.parquet"))) == 1
    assert _run(offline=True).exit_code == 0


def test_gc_leaves_a_snapshot_that_a_running_command_reads(project):
    _run()
    with _prepared(Request("ingest", "mlpipe.yaml"), (), 0) as work:
        old = work.remote.of("ingest")["plans"].folder
        project("UPDATE plans SET fee = 7")
        _run()
        assert gc(Store(Path("runs")), 1).fetched == ()
        assert old.exists()
    assert len(gc(Store(Path("runs")), 1).fetched) == 1


@pytest.mark.parametrize(
    "plans",
    [
        'plans: {database: "postgresql://me:hunter2@host/db", table: plans}',
        'plans: {path: "https://me:hunter2@host/x.csv"}',
        'plans: {path: "https://host/x.csv?token=hunter2"}',
        'plans: {path: "s3://b/x.csv", options: {key: me, secret: hunter2}}',
        'plans: {path: "https://host/x.csv", options: {authorization: "Bearer hunter2"}}',
    ],
)
def test_a_secret_in_clear_is_refused_and_not_shown(project, plans):
    _respell(_spec(plans))
    done = mlpipe(Path.cwd(), "ingest")
    assert done.returncode == 2
    assert "a secret stands in the spec in clear" in done.stderr
    assert "mlpipe.yaml:13:" in done.stderr
    assert "hunter2" not in done.stderr + done.stdout


@pytest.fixture(scope="module")
def postgresql():
    try:
        with servers.postgresql() as port:
            yield port
    except FileNotFoundError as error:
        pytest.skip(str(error))


def _bytes_of(folder):
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def _leaks(found, secret):
    spellings = {secret, quote(secret, safe=""), json.dumps(secret)[1:-1]}
    return [name for name, text in found.items() if any(s.encode() in text for s in spellings)]


@pytest.mark.slow
@pytest.mark.parametrize("how", ["secret", "env"])
def test_a_password_is_in_no_file_and_no_output(project, postgresql, monkeypatch, how):
    import psycopg

    password = servers.PASSWORD
    monkeypatch.setenv("PLANS_PASSWORD", password if how == "secret" else quote(password, safe=""))
    dsn = f"host=127.0.0.1 port={postgresql} user=me dbname=postgres"
    with psycopg.connect(dsn, password=password, autocommit=True) as con:
        con.execute("DROP TABLE IF EXISTS plans")
        con.execute("CREATE TABLE plans AS SELECT 'pro'::text AS plan, 20::numeric(9,2) AS fee")
    url = f"postgresql://me:${{{how}:PLANS_PASSWORD}}@127.0.0.1:{postgresql}/postgres"
    _respell(_spec(f'plans: {{database: "{url}", table: plans}}'))
    said = [mlpipe(Path.cwd(), "ingest", "--json"), mlpipe(Path.cwd(), "config")]
    with psycopg.connect(dsn, password=password, autocommit=True) as con:
        con.execute("DROP TABLE plans")
    said.append(mlpipe(Path.cwd(), "ingest", "--debug"))
    wrong = password + "x"
    monkeypatch.setenv("PLANS_PASSWORD", wrong if how == "secret" else quote(wrong, safe=""))
    said.append(mlpipe(Path.cwd(), "ingest", "--debug"))
    said.append(mlpipe(Path.cwd(), "plan", "--debug"))
    monkeypatch.setenv("PLANS_PASSWORD", f"hunter2@{password}/hunter2")
    said.append(mlpipe(Path.cwd(), "plan", "--debug"))
    assert [done.returncode for done in said] == [0, 0, 2, 3, 3, 3 if how == "secret" else 2]
    assert "password authentication failed" in said[3].stderr
    found = {f"output {n}": (d.stdout + d.stderr).encode() for n, d in enumerate(said)}
    found |= _bytes_of(Path("runs"))
    assert len(found) > 10
    assert _leaks(found, password) == _leaks(found, "hunter2") == []
    # The same search does find what is there.
    assert _leaks({**found, "control": f"url: {quote(password, safe='')}".encode()}, password) == [
        "control"
    ]
    assert _leaks(found, "postgresql://me:***@127.0.0.1") != []
